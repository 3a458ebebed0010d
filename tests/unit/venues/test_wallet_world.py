"""An exchange and a Jupiter wallet under one clock: orders go to one, never to the other."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from terminal.core.errors import ConfigError
from terminal.model.account import OpenOrder
from terminal.model.messages import Disturb, DisturbanceKind, Event, LinkDown, LinkUp, Tick
from terminal.model.order import OrderIntent, OrderStatus, OrderUpdate, Side
from terminal.model.ports import LastHop, LiveWorld
from terminal.model.reconcile import Changes
from terminal.venues.event_queue import NEVER
from terminal.venues.jupiter.feed import WalletFeed
from terminal.venues.jupiter.rpc import Node
from terminal.venues.jupiter.telling import Teller
from terminal.venues.wallet_world import READ_ONLY, WalletWorld
from tests.helpers.builders import intent
from tests.unit.venues.jupiter.chain import WALLET

LONG = "SOL-LONG-SOL@jupiter"


class Exchange:
    """Remembers what it was asked, and says what it is given to say."""

    title = "Paper"

    def __init__(self) -> None:
        self.calls: list[tuple[str, object]] = []
        self.said: list[tuple[int, Event]] = []
        self.now = 100
        self.ran = False

    def submit(self, intent: OrderIntent, at: int) -> None:
        self.calls.append(("submit", intent.order_id))

    def cancel(self, order_id: str, at: int) -> None:
        self.calls.append(("cancel", order_id))

    def query(self, order_id: str, at: int) -> None:
        self.calls.append(("query", order_id))

    def ask_account(self, venue: str, at: int) -> None:
        self.calls.append(("ask", venue))

    def withdraw(self, venue: str, order: OpenOrder, at: int) -> None:
        self.calls.append(("withdraw", venue))

    def adopted(self, venue: str, changes: Changes, at: int) -> None:
        self.calls.append(("adopted", venue))

    def disturb(self, disturb: Disturb, at: int) -> None:
        raise ConfigError("real prices")

    def ask_before_orders(self, last_hop: LastHop) -> None:
        self.calls.append(("last hop", last_hop))

    def report_to(self, report: Callable[[str], None]) -> None:
        self.calls.append(("report", report))

    def doubt(self, why: str) -> None:
        self.calls.append(("doubt", why))

    def clock(self) -> int:
        return self.now

    async def run(self) -> None:
        self.ran = True
        raise LookupError("the exchange ended")

    def next_at(self) -> int | None:
        return self.said[0][0] if self.said else NEVER

    def pop(self) -> tuple[int, Event]:
        return self.said.pop(0)

    def progress(self) -> float | None:
        return None


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


@pytest.fixture
def wallet(exchange: Exchange) -> WalletFeed:
    node = Node("http://127.0.0.1:9", patience=0.1)
    return WalletFeed(node, WALLET, Teller(None, ()), exchange.clock)


@pytest.fixture
def world(exchange: Exchange, wallet: WalletFeed) -> WalletWorld:
    return WalletWorld(exchange, wallet)


def taken(world: WalletWorld) -> list[tuple[int, Event]]:
    found = []
    while (world.next_at() or 0) < NEVER:
        found.append(world.pop())
    return found


def test_it_is_a_world_of_live_data_and_names_the_wallet(world: WalletWorld) -> None:
    assert isinstance(world, LiveWorld)
    assert world.title == f"Paper with the Jupiter wallet {WALLET[:4]}…"
    assert (world.apart, world.switches, world.progress()) == (None, (), None)


def test_orders_of_the_exchange_go_there_and_those_of_jupiter_are_rejected(
    world: WalletWorld, exchange: Exchange
) -> None:
    world.submit(intent("a"), 1)
    world.submit(intent("b", key=LONG), 1)
    for order_id in "ab":
        world.query(order_id, 2)
        world.cancel(order_id, 3)
    assert exchange.calls == [("submit", "a"), ("query", "a"), ("cancel", "a")]
    refused = OrderUpdate("b", OrderStatus.REJECTED, READ_ONLY, Decimal(0))
    assert taken(world) == [(100, refused), (100, refused)]


def test_accounts_and_strangers_orders_are_asked_where_they_are(
    world: WalletWorld, exchange: Exchange
) -> None:
    order = OpenOrder(venue_id="x", key=LONG, side=Side.BUY, qty=Decimal(1))
    for venue in ("sim", "jupiter"):
        world.ask_account(venue, 5)
        world.withdraw(venue, order, 5)
        world.adopted(venue, ((LONG, Decimal(1)),), 5)
    assert exchange.calls == [("ask", "sim"), ("withdraw", "sim"), ("adopted", "sim")]


def test_events_come_in_order_of_time_and_never_go_back(
    world: WalletWorld, exchange: Exchange, wallet: WalletFeed
) -> None:
    exchange.said = [(90, Tick()), (100, LinkUp("sim")), (120, Tick())]
    wallet.say(LinkUp("jupiter"))
    exchange.now = 95
    wallet.say(LinkDown("jupiter", "late"))
    assert taken(world) == [
        (90, Tick()),
        (100, LinkUp("sim")),
        (100, LinkUp("jupiter")),
        (100, LinkDown("jupiter", "late")),
        (120, Tick()),
    ]


def test_doubt_concerns_both_sides(world: WalletWorld, exchange: Exchange) -> None:
    world.doubt("slept")
    assert exchange.calls == [("doubt", "slept")]
    assert taken(world) == [(100, LinkDown("jupiter", "slept"))]


def test_what_is_asked_of_the_exchange_is_passed_on(world: WalletWorld, exchange: Exchange) -> None:
    world.ask_before_orders(lambda _: "")
    world.report_to(print)
    assert [name for name, _ in exchange.calls] == ["last hop", "report"]
    with pytest.raises(ConfigError):
        world.disturb(Disturb(DisturbanceKind.JUMP, "", 0.1, 1.0), 1)


async def test_the_end_of_one_side_ends_both(world: WalletWorld, exchange: Exchange) -> None:
    with pytest.raises(ExceptionGroup) as ended:
        await world.run()
    assert exchange.ran
    assert ended.group_contains(LookupError)
