"""What is read of an account and of an order in question: whole, once, and never on a guess."""

import asyncio
from collections.abc import Callable
from decimal import Decimal

import pytest
from msgspec.structs import replace

from terminal.model.account import AccountSnapshot, Balance, FundingPaid, OpenOrder
from terminal.model.order import Fill, OrderUpdate, Side
from terminal.venues.dialects.dialect import Directory, Raw
from terminal.venues.gateway.asks import Ask, at
from terminal.venues.gateway.gateway import Earlier
from tests.unit.venues.gateway.driving import START, Driven, tell
from tests.unit.venues.gateway.fake_venue import (
    KEY,
    Decoder,
    FakeVenue,
    asks,
    dialect,
    intent,
    not_found,
    order_id,
)

MS = START // 1_000_000
STRANGER = {"cid": "theirs", "venue_id": "v9", "status": "live", "filled": "0", "qty": "5"}


def snapshots(driven: Driven) -> list[AccountSnapshot]:
    driven.take()
    return [each for each in driven.heard if isinstance(each, AccountSnapshot)]


async def took_it(honest: Callable[[], object]) -> object:
    """Accept the order, and lose the answer."""
    honest()
    raise TimeoutError("no answer")


# -- The account --------------------------------------------------------------------------------


def test_a_statement_names_what_rests_ours_and_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(raw: Raw, *, known: Directory, order_id: str) -> OpenOrder | None:
        if raw["venue_id"] == "v8":
            return None  # of an instrument that is not known
        return OpenOrder(
            venue_id=str(raw["venue_id"]),
            key=KEY,
            side=Side.BUY,
            qty=Decimal(str(raw["qty"])),
            order_id=order_id,
        )

    monkeypatch.setattr("terminal.venues.gateway.reading.READERS", {"fake": read})

    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(0.5)
        nameless = {key: each for key, each in STRANGER.items() if key != "status"}
        driven.venue.faults["open"] = [
            rows_of(driven.venue, nameless, {**nameless, "venue_id": "v8"})
        ]
        driven.gateway.ask_account(1)
        await asyncio.sleep(1)

    found = snapshots(tell(story))[-1].orders
    assert found is not None
    assert [(each.venue_id, each.order_id) for each in found] == [("v1", order_id(1)), ("v9", "")]


def rows_of(venue: FakeVenue, *more: Raw) -> object:
    """Answer with every order of the venue, and with others."""

    async def answer(_: Callable[[], object]) -> object:
        return {"rows": [*venue.orders.values(), *more]}

    return answer


def test_an_account_that_does_not_stand_still_is_stated_after_the_third_read() -> None:
    """Else one that trades all the time would never be compared."""

    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(0.5)

        async def traded(honest: Callable[[], object]) -> object:
            driven.venue.fill(order_id(1), "1", told=False)
            return honest()

        driven.venue.faults["positions"] = [traded] * 3
        before = len(snapshots(driven))
        driven.gateway.ask_account(1)
        await asyncio.sleep(1)
        assert len(snapshots(driven)) == before + 1

    driven = tell(story)
    words = [each for each in driven.heard if isinstance(each, Fill | AccountSnapshot)]
    assert [type(each) for each in words[1:]] == [Fill, Fill, Fill, AccountSnapshot]


def test_an_account_that_does_not_stand_still_is_not_opened() -> None:
    venue = FakeVenue()
    given = {"cid": order_id(7), "venue_id": "v7", "side": "buy", "qty": "100"}
    venue.orders[order_id(7)] = {**given, "status": "live", "filled": "0"}

    async def traded(honest: Callable[[], object]) -> object:
        venue.fill(order_id(7), "1", told=False)
        return honest()

    venue.faults["positions"] = [traded] * 3

    async def story(driven: Driven) -> None:
        await asyncio.sleep(0.4)
        assert snapshots(driven) == []
        await asyncio.sleep(5)

    driven = tell(story, venue=venue, earlier=(Earlier(intent(7), lived=True),), connected=False)
    (opening,) = snapshots(driven)
    assert [each.qty for each in opening.positions] == [3]
    assert len(driven.fills()) == 3


def test_a_payment_is_told_once_and_none_of_before() -> None:
    venue = FakeVenue()
    venue.payments = [
        {"id": "p0", "amount": "1", "ms": MS - 10_000_000},
        {"id": "p1", "amount": "-0.5", "ms": MS + 1},
        {"id": "none", "amount": "7", "ms": MS + 1},
    ]
    usual = asks()

    def payment(raw: Raw, known: Directory) -> FundingPaid | None:
        return None if raw["id"] == "none" else usual.payment(raw, known)

    async def story(driven: Driven) -> None:
        driven.gateway.ask_account(1)
        await asyncio.sleep(1)

    driven = tell(story, venue=venue, asked=replace(usual, payment=payment))
    paid = [each for each in driven.heard if isinstance(each, FundingPaid)]
    assert [each.payment_id for each in paid] == ["p1"]
    assert paid[0].amount == Decimal("-0.5")


def test_a_balance_that_is_none_is_passed_over() -> None:
    def balance(_: Raw) -> Balance | None:
        return None

    async def story(driven: Driven) -> None:
        await asyncio.sleep(0.1)

    assert snapshots(tell(story, asked=replace(asks(), balance=balance)))[0].balances == ()


def test_the_mode_of_the_account_is_asked_before_anything() -> None:
    modes: list[str] = []

    def mode(raw: Raw) -> None:
        modes.append(str(raw["coin"]))

    async def story(driven: Driven) -> None:
        await asyncio.sleep(0.1)

    asked = replace(asks(), modes=lambda _: (Ask("balances", (), at("rows")),), mode=mode)
    assert snapshots(tell(story, asked=asked))
    assert modes[0] == "BTC"


# -- Trades -------------------------------------------------------------------------------------


class Wordless(Decoder):
    """Makes nothing of any trade."""

    def fill(self, info: Raw, known: Directory) -> Fill | None:
        return None


def test_a_trade_that_is_none_is_passed_over() -> None:
    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(0.5)
        driven.venue.fill(order_id(1), "1", told=False)
        driven.gateway.ask_account(1)
        await asyncio.sleep(1)

    assert tell(story, spoken=replace(dialect(), decoder=Wordless())).fills() == []


def nameless(venue: FakeVenue, number: int, venue_id: str) -> None:
    """Let a trade be listed that does not name our id of its order."""
    trade = {"id": f"n{number}", "cid": "", "venue_id": venue_id, "side": "buy", "qty": "1"}
    venue.trades.append({**trade, "ms": venue.ms})
    venue.position += 1


@pytest.mark.parametrize("known", [True, False])
def test_a_trade_that_names_no_order_is_asked_about_once(*, known: bool) -> None:
    def owner(_: object, venue_id: str) -> Ask:
        return Ask("order", (order_id(1) if venue_id == "v1" else "nobody",), at("rows"))

    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(0.5)
        driven.gateway._line.by_venue_id.clear()  # as after a restart
        if not known:
            driven.venue.faults["order"] = [not_found()]
        for number in range(2):
            nameless(driven.venue, number, "v1" if known else "v7")
        driven.gateway.ask_account(1)
        await asyncio.sleep(1)
        assert driven.venue.calls.count("order") == 1

    driven = tell(story, asked=replace(asks(), owner=owner))
    owners = {each.order_id for each in driven.heard if isinstance(each, Fill)}
    assert owners == {order_id(1) if known else ""}


def test_a_trade_of_nobodys_order_is_not_asked_about_while_none_of_ours_waits() -> None:
    async def story(driven: Driven) -> None:
        nameless(driven.venue, 1, "v7")
        driven.gateway.ask_account(1)
        await asyncio.sleep(1)

    def owner(_: object, venue_id: str) -> Ask:
        raise AssertionError(venue_id)

    assert tell(story, asked=replace(asks(), owner=owner)).fills() == ["n1"]


def test_fills_that_are_stated_and_not_listed_are_looked_for_and_then_left_to_the_engine() -> None:
    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(0.5)
        order = driven.venue.orders[order_id(1)]
        order["status"], order["filled"] = "filled", "100"
        driven.venue.faults["trades"] = [OSError("503")] * 2
        before = driven.venue.calls.count("trades")
        driven.venue.say({"order": dict(order)})
        await asyncio.sleep(6)
        assert driven.venue.calls.count("trades") >= before + 3  # after 0.3, 1 and 3 s

    driven = tell(story)
    assert driven.statuses()[-1] == "filled"
    assert driven.fills() == []


# -- An order in question -----------------------------------------------------------------------


def test_an_order_is_found_among_others_where_none_can_be_asked_for_by_its_id() -> None:
    venue = FakeVenue()
    venue.faults["create"] = [took_it]

    async def story(driven: Driven) -> None:
        driven.venue.orders["theirs"] = dict(STRANGER)
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(0.1)
        driven.gateway.query(order_id(1), 0)
        driven.gateway.query(order_id(1), 0)  # one search serves both
        await asyncio.sleep(30)

    driven = tell(story, venue=venue, spoken=replace(dialect(), lookup=("open", "trades")))
    assert driven.statuses() == ["unknown", "live"]
    assert driven.venue.calls.count("order") == 0


def test_an_order_that_filled_while_it_was_looked_for_is_looked_for_again() -> None:
    venue = FakeVenue()
    venue.faults["create"] = [took_it]
    venue.listening = False

    async def meanwhile(_: Callable[[], object]) -> object:
        venue.fill(order_id(1), "40")
        del venue.orders[order_id(1)]  # ended and forgotten, as some venues do at once
        return {"rows": []}

    async def story(driven: Driven) -> None:
        venue.faults["order"] = [not_found() for _ in range(4)]
        venue.faults["open"] = [meanwhile]
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(60)

    driven = tell(story, venue=venue)
    last = [each for each in driven.heard if isinstance(each, OrderUpdate)][-1]
    assert driven.statuses() == ["unknown", "cancelled"]
    assert "not at the venue any more" in last.reason
    assert last.filled == Decimal(40)
