"""Feed and account in one order: one link made of two, and nothing before the instruments."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from terminal.core.errors import ConfigError
from terminal.model.account import AccountSnapshot
from terminal.model.messages import (
    Disturb,
    DisturbanceKind,
    Event,
    LinkDown,
    LinkUp,
    Listing,
)
from terminal.model.ports import LiveWorld
from terminal.model.reconcile import Adopted, Changes
from terminal.runtime.perform import perform
from terminal.venues.dialects.dialect import Directory
from terminal.venues.event_queue import NEVER, EventQueue
from terminal.venues.trading_world import Links, TradingWorld
from tests.unit.venues.dialect_makers import a_dialect
from tests.unit.venues.gateway.fake_venue import KNOWN

UP, DOWN = LinkUp("v"), LinkDown("v", "gone")


class Feed:
    """A feed whose queue is all there is of it."""

    def __init__(self) -> None:
        self.dialect = a_dialect(venue="v")
        self.queue = EventQueue()
        self.intake = self
        self.doubts: list[str] = []

    def doubt(self, why: str) -> None:
        self.doubts.append(why)


class Account:
    """A gateway that only speaks."""

    def __init__(self) -> None:
        self.said: list[tuple[int, Event]] = []
        self.known = Directory({}, {})
        self.taken_over: list[tuple[Changes, int]] = []
        self.doubts: list[str] = []

    def doubt(self, why: str) -> None:
        self.doubts.append(why)

    def next_at(self) -> int | None:
        return self.said[0][0] if self.said else None

    def pop(self) -> tuple[int, Event]:
        return self.said.pop(0)

    def know(self, known: Directory) -> None:
        self.known = known

    def adopted(self, changes: Changes, at: int) -> None:
        self.taken_over.append((changes, at))


@pytest.fixture
def parts() -> tuple[Feed, Account, TradingWorld]:
    feed, account = Feed(), Account()
    clock: Callable[[], int] = lambda: 100  # noqa: E731 - a clock that stands
    world = TradingWorld(feed, account, clock, title="t")  # type: ignore[arg-type]
    return feed, account, world


def test_the_link_is_up_when_both_parts_are_and_down_when_either_is() -> None:
    links = Links("v")
    assert links.hear("feed", UP) == LinkDown("v", "connecting")
    assert links.hear("account", UP) == UP
    assert links.hear("feed", LinkDown("v", "no data")) == LinkDown("v", "no data")
    assert links.hear("account", DOWN) is None  # down already, and for the first reason
    assert links.hear("feed", UP) == LinkDown("v", "gone")
    assert links.hear("feed", UP) is None
    assert links.hear("account", UP) == UP
    assert links.hear("account", LinkDown("v", "")) == LinkDown("v", "lost")


def test_the_account_waits_for_the_instruments(
    parts: tuple[Feed, Account, TradingWorld],
) -> None:
    feed, account, world = parts
    stated = AccountSnapshot("v", (), ())
    account.said.append((5, stated))
    assert world.next_at() == NEVER
    listing = Listing("v", tuple(KNOWN.by_key.values()))
    feed.queue.put(9, listing)
    assert [world.pop(), world.pop()] == [(9, listing), (9, stated)]  # time never goes back
    assert account.known.by_key == KNOWN.by_key
    assert world.next_at() == NEVER
    with pytest.raises(LookupError):
        world.pop()


def test_links_are_told_as_one(parts: tuple[Feed, Account, TradingWorld]) -> None:
    feed, account, world = parts
    feed.queue.put(1, Listing("v", ()))
    feed.queue.put(2, UP)
    account.said += [(3, DOWN), (4, UP)]
    told = []
    while world.next_at() != NEVER:
        told.append(world.pop()[1])
    assert told[1:] == [LinkDown("v", "connecting"), DOWN, UP]


def test_a_real_market_takes_no_disturbance(parts: tuple[Feed, Account, TradingWorld]) -> None:
    with pytest.raises(ConfigError, match="takes no disturbance"):
        parts[2].disturb(Disturb(DisturbanceKind.JUMP, "BTC", 0.1, 1.0), 0)


def test_what_was_taken_over_is_told_to_the_venue_that_it_came_from(
    parts: tuple[Feed, Account, TradingWorld],
) -> None:
    _, account, world = parts
    changes = (("K@v", Decimal(3)),)
    perform(world, Adopted("v", changes), 7)
    perform(world, Adopted("elsewhere", changes), 8)
    assert account.taken_over == [(changes, 7)]


def test_a_doubt_goes_to_both_parts(parts: tuple[Feed, Account, TradingWorld]) -> None:
    feed, account, world = parts
    world.doubt("asleep")
    assert (feed.doubts, account.doubts) == (["asleep"], ["asleep"])
    assert isinstance(world, LiveWorld)
