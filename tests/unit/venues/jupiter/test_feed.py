"""A wallet kept read from a node on this machine, in the engine's books: locks and releases."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from aiohttp import web

from terminal.core.units import HOUR, SECOND
from terminal.engine.account_views import account_views
from terminal.engine.attributing import split_pnl
from terminal.engine.desk import verdict_of
from terminal.engine.frames import preview
from terminal.engine.state import State
from terminal.engine.step import step
from terminal.journal.codec import decode_record, encode_record
from terminal.model.attribution import Bucket
from terminal.model.live import LiveAccount, Network
from terminal.model.messages import (
    AdoptVenue,
    AskAccount,
    Effect,
    Event,
    LinkDown,
    LinkUp,
    Stop,
    StopStage,
)
from terminal.portfolio.rows import itemised
from terminal.runtime.carries import carry_view
from terminal.runtime.wallets import booked_of
from terminal.venues.event_queue import NEVER
from terminal.venues.jupiter.feed import STALE, WalletFeed
from terminal.venues.jupiter.program import CUSTODIES
from terminal.venues.jupiter.rpc import Node
from terminal.venues.jupiter.telling import Teller
from tests.helpers.builders import NOW
from tests.helpers.trial import Trial, alerts, submits
from tests.unit.venues.jupiter.chain import (
    LONG_BTC,
    LONG_SOL,
    PROGRAM,
    SHORT_SOL,
    WALLET,
    Chain,
    custody_bytes,
)

ACCOUNTS = (LiveAccount("sim", Network.MAIN, "main"),)


class Desk:
    """An engine with a wallet beside it, and a clock moved by hand."""

    def __init__(self, chain: Chain, trial: Trial | None = None) -> None:
        self.chain = chain
        self.trial = trial or Trial(accounts=ACCOUNTS)
        teller = Teller(booked_of(self.trial.state), ("BTC",))
        node = Node(chain.url, patience=5.0)
        self.feed = WalletFeed(node, WALLET, teller, lambda: self.trial.now)
        self.seen: list[Event] = []

    async def read(self, seconds: float = 3.0) -> None:
        """Let time pass, read, and tell the engine."""
        self.trial.now += round(seconds * SECOND)
        await self.feed.read()
        self.deliver()
        self.obey(self.trial.tick(0.0))

    def deliver(self) -> None:
        while self.feed.next_at() < NEVER:
            _, event = self.feed.pop()
            self.seen.append(event)
            self.obey(self.trial.tell(event))

    def obey(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            if isinstance(effect, AskAccount) and effect.venue == "jupiter":
                self.feed.ask_account(self.trial.now)

    def links(self) -> list[Event]:
        return [each for each in self.seen if isinstance(each, LinkUp | LinkDown)]

    def publish(self, price: int = 50_000) -> None:
        at = self.trial.now // SECOND
        for token, units in (("BTC", price), ("SOL", 160)):
            self.chain.tell(token, at, units=units * 10**8)


@pytest.fixture
async def chain() -> AsyncIterator[Chain]:
    async with Chain() as made:
        yield made


def lend(chain: Chain, hours: float) -> None:
    """Let every custody charge 5e-5 an hour, for so long."""
    total = round(hours * 50_000)
    for token, address in CUSTODIES.items():
        raw = custody_bytes(token, dbps=10, cumulative=(total, 4_000_000_000))
        chain.accounts[address] = (PROGRAM, raw)


async def opened(chain: Chain) -> Desk:
    chain.hold(LONG_BTC, price=50_000_000_000, size=100_000_000_000, collateral=20_000_000_000)
    chain.hold(SHORT_SOL)
    lend(chain, 0)
    desk = Desk(chain)
    desk.publish()
    await desk.read()
    return desk


async def test_positions_count_in_the_delta_and_are_not_hedged_with(chain: Chain) -> None:
    desk = await opened(chain)
    state = desk.trial.state
    assert state.exposures["BTC"].total.delta == pytest.approx(3.0)  # 1 at the exchange, 2 here
    assert state.exposures["SOL"].total.delta == pytest.approx(-20.0)
    assert state.exposures["SOL"].usable
    assert state.desks["BTC"].hedge_key.endswith("@sim")
    assert state.desks["SOL"].hedge_key == ""
    desk.trial.tick(0.25, price=60_000.0)
    moved = desk.trial.state.exposures["BTC"]
    assert moved.total.delta == pytest.approx(3.0)
    assert desk.links() == [LinkUp("jupiter")]


async def test_the_fee_is_booked_by_the_hour_on_both_sides_and_stays_reconciled(
    chain: Chain,
) -> None:
    desk = await opened(chain)
    for hour in range(1, 4):
        lend(chain, hour)
        desk.trial.now += HOUR - 12 * SECOND
        for _ in range(8):
            desk.publish()
            await desk.read()
    state = desk.trial.state
    assert state.accounts["jupiter"].compared is not None
    assert state.accounts["jupiter"].rows == ()
    assert not state.locks
    paid = state.ledger.funding["USD"]
    assert paid == Decimal("-15.45")  # three hours of 103,000 USD at 5e-5
    found = split_pnl(state)
    assert found is not None
    assert found.buckets[Bucket.BORROW.value] == pytest.approx(-15.45)
    assert found.buckets.get(Bucket.FUNDING.value, 0.0) == 0.0
    assert "borrow fee paid 5.00000 USD on BTC-LONG-BTC" in alerts(desk.trial.effects)


async def test_a_restart_books_what_ran_up_meanwhile(chain: Chain) -> None:
    desk = await opened(chain)
    lend(chain, 10)
    again = Desk(chain, desk.trial)
    again.trial.now += 10 * HOUR
    again.publish()
    await again.read()
    assert again.trial.state.ledger.funding["USD"] == Decimal("-51.5")
    assert again.trial.state.accounts["jupiter"].cash["USD"] == Decimal("20448.5")


async def test_a_change_at_jupiter_locks_until_it_is_adopted(chain: Chain) -> None:
    desk = await opened(chain)
    chain.hold(LONG_BTC, price=50_000_000_000, size=50_000_000_000, collateral=20_000_000_000)
    for _ in range(12):
        desk.publish()
        await desk.read()
    assert any("BTC-LONG-BTC" in each.reason for each in desk.trial.state.locks)
    desk.trial.tick()
    assert desk.trial.state.exposures["BTC"].total.delta == pytest.approx(3.0)
    desk.trial.tell(AdoptVenue("jupiter", "closed half by hand"))
    desk.trial.tick()
    assert not desk.trial.state.locks
    assert desk.trial.state.exposures["BTC"].total.delta == pytest.approx(2.0)


async def test_a_node_that_is_silent_locks_when_the_last_read_is_old(chain: Chain) -> None:
    desk = await opened(chain)
    chain.answer = lambda _: web.Response(status=502)
    await desk.read(STALE / SECOND - 1)
    assert desk.links() == [LinkUp("jupiter")]
    await desk.read(1)
    await desk.read(1)
    [_, lost] = desk.links()
    assert isinstance(lost, LinkDown)
    assert lost.reason.startswith("the wallet was last read 30 s ago: 127.0.0.1")
    assert "jupiter is lost" in desk.trial.verdict
    chain.answer = None
    desk.publish()
    await desk.read()
    assert desk.links()[2:] == [LinkUp("jupiter")]
    assert any(each.code.value == "RECONCILING" for each in desk.trial.state.locks)
    for _ in range(6):
        desk.publish()
        await desk.read()
    assert not desk.trial.state.locks


async def test_a_price_that_is_old_locks_at_once(chain: Chain) -> None:
    desk = await opened(chain)
    await desk.read(61)
    lost = desk.links()[-1]
    assert isinstance(lost, LinkDown)
    assert lost.reason == "price of BTC: 64 s old"


async def test_an_older_moment_of_another_node_is_not_taken(chain: Chain) -> None:
    desk = await opened(chain)

    def earlier(reply: dict[str, dict[str, dict[str, int]]]) -> None:
        reply["result"]["context"]["slot"] -= 1

    chain.answer = earlier
    chain.hold(LONG_SOL)
    before = len(desk.seen)
    desk.publish()
    await desk.read()
    assert len(desk.seen) == before


async def test_an_address_of_nobody_is_not_taken_for_an_empty_wallet(chain: Chain) -> None:
    del chain.accounts[WALLET]
    desk = Desk(chain)
    await desk.read()
    [lost] = desk.links()
    assert isinstance(lost, LinkDown)
    assert "mistyped" in lost.reason


async def test_doubt_holds_until_the_next_read(chain: Chain) -> None:
    desk = await opened(chain)
    desk.feed.doubt("slept")
    desk.deliver()
    assert desk.links()[-1] == LinkDown("jupiter", "slept")
    desk.publish()
    await desk.read()
    assert desk.links()[-1] == LinkUp("jupiter")
    assert desk.trial.now > NOW


async def test_the_window_shows_the_position_its_fee_and_the_age_of_the_read(chain: Chain) -> None:
    desk = await opened(chain)
    desk.trial.tick(3.0)
    state = desk.trial.state
    rows = {name: itemised(view) for name, view in state.views.items() if view is not None}
    [row] = rows["SOL"]
    assert (row.symbol, row.qty, row.mark, row.flag) == ("SOL-SHORT-USDC", Decimal(-20), 160.0, "")
    [carried] = [each for each in carry_view(state, rows).rows if each.underlying == "SOL"]
    assert carried.due_usd == pytest.approx(-20 * 160 * 5e-5)
    assert carried.note == "both sides pay this fee"
    [account] = [each for each in account_views(state) if each.venue == "jupiter"]
    assert (account.asked, account.age) == (True, 3 * SECOND)


async def test_a_stop_says_that_it_cannot_close_a_position_here(chain: Chain) -> None:
    desk = await opened(chain)
    effects = desk.trial.tell(Stop(StopStage.FLATTEN, "test"))
    for _ in range(8):
        desk.publish()
        await desk.read()
    stop = desk.trial.state.stop
    assert stop is not None
    assert not stop.done
    sent = [each.key for each in submits([*effects, *desk.trial.effects])]
    assert not [key for key in sent if key.endswith("@jupiter")]
    said = (
        "no order closes -20 SOL of SOL-SHORT-USDC at jupiter: close it there, or ask its keeper,"
        " `python -m terminal jupiter-hedge request WALLET SOL-SHORT-USDC --decrease SIZE`"
    )
    assert verdict_of(desk.trial.state, "SOL") == f"stop: {said}"
    assert said in preview(desk.trial.state, StopStage.FLATTEN)


async def test_what_was_read_replays_from_the_journal_to_the_same_state(chain: Chain) -> None:
    desk = await opened(chain)
    lend(chain, 1)
    desk.trial.now += HOUR
    desk.publish()
    await desk.read()
    state = State()
    for record in desk.trial.records:
        state, _ = step(state, decode_record(encode_record(record)))
    assert state.ledger == desk.trial.state.ledger
    assert state.accounts == desk.trial.state.accounts
    assert state.ledger.funding["USD"] < 0
