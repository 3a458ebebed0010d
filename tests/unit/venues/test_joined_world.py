"""Accounts at two exchanges under one clock: each has its own orders, and time never goes back."""

import asyncio
from decimal import Decimal

import pytest

from terminal.core.errors import ConfigError
from terminal.model.account import OpenOrder
from terminal.model.dead_man import DeadManView
from terminal.model.market import Index
from terminal.model.messages import Disturb, DisturbanceKind, LinkDown, LinkUp, Tick
from terminal.model.order import Side
from terminal.model.ports import LiveWorld
from terminal.model.reconcile import Changes
from terminal.venues.event_queue import NEVER
from terminal.venues.joined_world import INDEX_LASTS, JoinedWorld
from tests.helpers.builders import intent
from tests.unit.venues.test_wallet_world import Exchange

FUTURE, OPTION = "BTCUSDT@futures", "BTC-C@options"


class Account(Exchange):
    """An exchange with a switch of its own, and cancels without the loop."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.title, self.apart = name, self
        self.trouble = ""
        view = DeadManView(venue=name, kind="none", armed=False, seconds=0, why="")
        self.switches = (view,)

    def prepare(self) -> str:
        return self.trouble

    def cancel_all(self) -> str:
        self.calls.append(("apart", ""))
        return f"{self.title} done"


def joined(**at_work: str) -> tuple[JoinedWorld, Account, Account]:
    futures, options = Account("futures"), Account("options")
    return JoinedWorld({"futures": futures, "options": options}, at_work), futures, options


def test_an_order_and_all_about_it_go_where_its_instrument_is() -> None:
    world, futures, options = joined(old="options")
    assert isinstance(world, LiveWorld)
    world.submit(intent("f1", key=FUTURE), 1)
    world.submit(intent("o1", key=OPTION), 1)
    for order_id in ("f1", "o1", "old", "never heard of"):
        world.cancel(order_id, 2)
        world.query(order_id, 3)
    assert futures.calls == [("submit", "f1"), ("cancel", "f1"), ("query", "f1")]
    assert options.calls == [
        ("submit", "o1"), ("cancel", "o1"), ("query", "o1"), ("cancel", "old"), ("query", "old"),
    ]  # fmt: skip


def test_an_order_of_an_exchange_without_an_account_is_the_first_ones_to_reject() -> None:
    world, futures, options = joined(old="elsewhere")
    world.submit(intent("x", key="BTC@elsewhere"), 1)
    world.cancel("old", 2)
    assert futures.calls == [("submit", "x")]
    assert options.calls == []


def test_what_names_a_venue_reaches_it_alone() -> None:
    world, futures, options = joined()
    order = OpenOrder(
        venue_id="v1",
        key=OPTION,
        side=Side.BUY,
        qty=Decimal(1),
        limit=Decimal(5),
        order_id="",
        reduce_only=False,
    )
    changes: Changes = ((OPTION, Decimal(1)),)
    for venue in ("options", "elsewhere"):
        world.ask_account(venue, 1)
        world.withdraw(venue, order, 1)
        world.adopted(venue, changes, 1)
    assert futures.calls == []
    assert [name for name, _ in options.calls] == ["ask", "withdraw", "adopted"]


def test_what_is_said_to_all_reaches_all() -> None:
    world, *parts = joined()
    world.ask_before_orders(lambda _: "")
    world.report_to(lambda _: None)
    world.doubt("a sleep")
    for each in parts:
        assert [name for name, _ in each.calls] == ["last hop", "report", "doubt"]
    assert world.title == "futures with options"
    assert [each.venue for each in world.switches] == ["futures", "options"]
    assert world.progress() is None
    assert world.clock() == 100
    with pytest.raises(ConfigError):
        world.disturb(Disturb(DisturbanceKind.REJECT, "", 0.0, 1.0), 1)


def test_events_come_in_the_order_of_their_times_and_time_never_goes_back() -> None:
    world, futures, options = joined()
    assert world.next_at() == NEVER
    futures.said = [(5, LinkUp("futures")), (9, Tick())]
    options.said = [(7, LinkUp("options"))]
    assert world.next_at() == 5
    assert [world.pop() for _ in range(2)] == [(5, LinkUp("futures")), (7, LinkUp("options"))]
    options.said = [
        (6, LinkDown("options", "gone"))
    ]  # late: its clock is the same, its word is not
    assert world.pop() == (7, LinkDown("options", "gone"))
    assert world.pop() == (9, Tick())


def test_of_each_coin_one_exchange_tells_the_index_until_it_falls_silent() -> None:
    world, futures, options = joined()
    theirs, ours = Index("BTC", 90_010.0), Index("BTC", 90_000.0)
    options.said = [(1, theirs), (3, theirs), (4, Index("ETH", 3_000.0))]
    futures.said = [(2, ours)]
    told = [world.pop()[1] for _ in range(4)]
    assert told == [theirs, ours, Tick(), Index("ETH", 3_000.0)]
    options.said = [(2 + INDEX_LASTS, theirs), (3 + INDEX_LASTS, theirs)]
    assert [world.pop()[1] for _ in range(2)] == [theirs, theirs]
    futures.said = [(4 + INDEX_LASTS, ours)]
    options.said = [(5 + INDEX_LASTS, theirs)]
    assert [world.pop()[1] for _ in range(2)] == [ours, Tick()]


def test_cancels_apart_go_to_every_exchange_though_one_cannot() -> None:
    world, futures, options = joined()
    assert world.apart.prepare() == ""
    futures.trouble = "no route"
    assert world.apart.prepare() == "no route"
    assert world.apart.cancel_all() == "futures done; options done"
    assert futures.calls == options.calls == [("apart", "")]


async def test_the_end_of_one_ends_all() -> None:
    world, futures, options = joined()

    async def lasts() -> None:
        await asyncio.Event().wait()

    options.run = lasts  # type: ignore[method-assign]
    with pytest.raises(ExceptionGroup) as ended:
        await world.run()
    assert futures.ran
    assert isinstance(ended.value.exceptions[0], LookupError)
