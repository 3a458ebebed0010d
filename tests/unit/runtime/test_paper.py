"""The paper world by hand: the venue waits for the clock, and an account for its prices."""

import json
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from terminal.core.errors import ConfigError
from terminal.core.units import DAY, MILLISECOND, SECOND
from terminal.model.account import AccountSnapshot, Balance, Position, Settled
from terminal.model.instrument import Right
from terminal.model.market import AssumedVol, Index, Quote
from terminal.model.messages import Disturb, DisturbanceKind, Event, LinkDown, Listing
from terminal.runtime.paper import NewAccount
from terminal.venues.event_queue import NEVER, EventQueue
from terminal.venues.live_feed import LiveFeed
from terminal.venues.paper_world import QUOTES_WITHIN, PaperAccount, PaperWorld
from terminal.venues.sim_listing import option
from terminal.venues.simulated import VenueTerms
from tests.unit.venues.makers import BY_KEY, PERP, START, fills, order, play

CALL = option("BTC", START + 30 * DAY, Decimal(85_000), Right.CALL)
CALL_KEY = CALL.contract.key
LISTED = Listing("sim", (*BY_KEY.values(), CALL))
CASH = PaperAccount((), (Balance("USDC", Decimal(1000)),))


class Stage:
    """A paper world whose clock and feed are set by hand."""

    def __init__(self, account: Any = CASH) -> None:
        self.now = START
        self.queue = EventQueue()
        self.spots: dict[str, float] = {}
        intake = SimpleNamespace(queue=self.queue, spots=self.spots)
        feed = cast(LiveFeed, SimpleNamespace(intake=intake))
        terms = VenueTerms(name="sim", seed=3)
        self.world = PaperWorld(feed, terms, lambda: self.now, title="Paper", account=account)
        self.seen: list[tuple[int, Event]] = []

    def say(self, *events: Any) -> None:
        for event in events:
            if isinstance(event, Index):
                self.spots[event.underlying] = event.price
            self.queue.put(self.now, event)

    def until(self, at: int) -> list[tuple[int, Event]]:
        """Let time pass in steps of a loop, and take what is due."""
        found: list[tuple[int, Event]] = []
        while self.now < at:
            self.now = min(self.now + 10 * MILLISECOND, at)
            found += play(self.world, self.now)
        self.seen += found
        return found

    def of(self, kind: type) -> list[Any]:
        return [event for _, event in self.seen if isinstance(event, kind)]


def perp(bid: float) -> Quote:
    return Quote(PERP, bid, bid + 1.0, 1e6, 1e6, mark=bid)


def test_a_quiet_feed_is_no_end() -> None:
    stage = Stage()
    stage.until(START + SECOND)
    assert stage.of(AccountSnapshot) == [AccountSnapshot("sim", (), CASH.balances)]
    assert stage.world.next_at() == NEVER
    assert stage.world.progress() is None


def test_an_order_meets_the_book_that_stands_when_it_arrives() -> None:
    stage = Stage()
    stage.say(LISTED, Index("BTC", 85_000.0), perp(84_999.0))
    stage.until(START + SECOND)
    stage.world.submit(order(limit="86000"), stage.now)
    assert fills(stage.until(stage.now + 10 * MILLISECOND)) == []  # it is still on its way
    stage.say(perp(85_400.0))
    (fill,) = fills(stage.until(stage.now + SECOND))
    assert Decimal(85_400) < fill.price < Decimal(86_000)


def test_times_never_go_back_and_links_pass() -> None:
    stage = Stage()
    stage.say(LISTED, LinkDown("sim", "gone"), perp(85_000.0))
    stage.world.submit(order(), stage.now)
    stage.until(START + SECOND)
    times = [at for at, _ in stage.seen]
    assert times == sorted(times)
    assert stage.of(LinkDown) == [LinkDown("sim", "gone")]


def test_what_expired_while_nobody_looked_is_settled_at_the_first_index() -> None:
    gone = option("BTC", START - DAY, Decimal(80_000), Right.CALL)
    held = Position(gone.contract.key, Decimal(2), Decimal("0.01"))
    stage = Stage(PaperAccount((held,), CASH.balances, (Listing("held", (gone,)),)))
    stage.until(START + SECOND)
    assert stage.of(Settled) == []
    stage.say(LISTED, Index("BTC", 85_000.0))
    stage.until(stage.now + SECOND)
    assert [each.key for each in stage.of(Settled)] == [gone.contract.key]


def test_real_prices_are_not_moved_but_orders_may_be_refused() -> None:
    stage = Stage()
    with pytest.raises(ConfigError, match="cannot be moved"):
        stage.world.disturb(Disturb(DisturbanceKind.JUMP, "BTC", 0.1, 0.0), START)
    stage.world.disturb(Disturb(DisturbanceKind.REJECT, "", 0.0, 5.0), START)
    stage.say(LISTED, Index("BTC", 85_000.0), perp(85_000.0))
    stage.world.submit(order(), stage.now)
    assert fills(stage.until(START + SECOND)) == []


# -- New accounts -----------------------------------------------------------------------------


def new_stage(book: Path | None = None) -> tuple[Stage, list[str]]:
    told: list[str] = []
    return Stage(NewAccount(book, 0.6, told.append)), told


def spots() -> tuple[Index, ...]:
    coins = {each.contract.base for each in BY_KEY.values()}
    return tuple(Index(coin, 85_000.0) for coin in sorted(coins))


def test_a_new_account_opens_once_what_it_holds_has_a_price() -> None:
    stage, told = new_stage()
    stage.say(LISTED)
    stage.until(START + SECOND)
    assert stage.of(AccountSnapshot) == []
    stage.say(*spots())
    stage.until(stage.now + SECOND)
    assert stage.of(AccountSnapshot) == []
    assert CALL_KEY in stage.world.wanted()
    stage.say(Quote(CALL_KEY, 0.04, 0.05, 10.0, 10.0, mark=0.0456, iv=0.6))
    stage.until(stage.now + SECOND)
    (snapshot,) = stage.of(AccountSnapshot)
    entries = {each.key: each.entry for each in snapshot.positions}
    assert entries[CALL_KEY] == Decimal("0.0456")
    described = [each for each in stage.of(Listing) if each.venue == "book"]
    assert {each.key for each in stage.of(AssumedVol)} == {
        each.contract.key for listing in described for each in listing.instruments
    }
    assert told == []
    assert stage.world.wanted() == []


def test_a_quote_that_never_comes_does_not_keep_an_account_closed() -> None:
    stage, _ = new_stage()
    stage.say(LISTED, *spots())
    stage.until(START + SECOND)
    stage.now += QUOTES_WITHIN
    stage.say(perp(85_000.0))
    stage.until(stage.now + SECOND)
    assert len(stage.of(AccountSnapshot)) == 1


def test_a_book_file_gives_the_positions_and_a_bad_one_cash_alone(tmp_path: Path) -> None:
    book = tmp_path / "book.json"
    book.write_text(json.dumps([{"instrument": "BTC-PERPETUAL", "qty": "500"}]))
    stage, told = new_stage(book)
    stage.say(LISTED, *spots(), perp(84_000.0))
    stage.until(START + SECOND)
    (snapshot,) = stage.of(AccountSnapshot)
    assert snapshot.positions == (Position(PERP, Decimal(500), Decimal(84_000)),)
    assert told == []

    book.write_text("{")
    stage, told = new_stage(book)
    stage.say(LISTED, *spots())
    stage.until(START + SECOND)
    (snapshot,) = stage.of(AccountSnapshot)
    assert snapshot.positions == ()
    assert len(snapshot.balances) == 1
    assert "cash alone" in told[0]
