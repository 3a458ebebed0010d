"""Sessions on worlds and journals that do what a test tells them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import cast

from terminal.core.units import HOUR, SECOND
from terminal.engine.state import State
from terminal.journal.codec import decode_record, encode_record
from terminal.journal.journal import Journal
from terminal.model.account import AccountSnapshot, Balance, OpenOrder, Position
from terminal.model.market import Index
from terminal.model.messages import (
    Command,
    Disturb,
    Event,
    Listing,
    Mode,
    Record,
    Started,
    Stop,
    StopStage,
)
from terminal.model.order import OrderIntent, OrderStatus, OrderUpdate
from terminal.model.reconcile import Changes
from terminal.model.risk import Autonomy, RiskProfile
from terminal.runtime.session import Session
from terminal.venues.demo_book import demo_book
from terminal.venues.sim_listing import listing
from terminal.venues.sim_market import DEFAULT_SPOTS
from terminal.venues.sim_world import SimWorld
from tests.helpers.builders import FUTURE, NOW, PERP, SPOT, instruments, profile, quote

BEGIN = 1_767_614_400 * SECOND


class Logbook:
    """A journal that keeps records as bytes and fails when it is told to."""

    def __init__(self) -> None:
        self.rows: list[bytes] = []
        self.appends = self.syncs = 0
        self.append_fault: tuple[int, Exception] | None = None
        self.sync_fault: tuple[int, Exception] | None = None
        self.taken_though_full = False
        self.closed = False
        self.last_seq = self.durable_seq = 0
        self.last_sync_ms = 0.0
        self.bytes_used = self.limit = 0
        self.needs_rotation = self.read_only = False

    def append(self, record: Record) -> None:
        self.appends += 1
        at, error = self.append_fault or (0, None)
        if error is not None and self.appends == at:
            if self.taken_though_full:
                self.rows.append(encode_record(record))
            raise error
        self.rows.append(encode_record(record))
        self.last_seq = record.seq

    def sync(self) -> None:
        self.syncs += 1
        at, error = self.sync_fault or (0, None)
        if error is not None and self.syncs == at:
            raise error
        self.durable_seq = self.last_seq

    def rotate(self, snapshot: bytes, *, at: int) -> None:
        del snapshot, at

    def read(self, after: int = 0) -> Iterator[Record]:
        found = (decode_record(row) for row in self.rows)
        return (record for record in found if record.seq > after)

    def close(self) -> None:
        self.closed = True


class Stage:
    """A world of scripted events that remembers what it was asked to do."""

    title = "stage"

    def __init__(self, *events: tuple[int, Event]) -> None:
        self.events = list(events)
        self.sent: list[OrderIntent] = []
        self.cancelled: list[str] = []
        self.asked: list[str] = []
        self.accounts: list[str] = []
        self.withdrawn: list[OpenOrder] = []
        self.adoptions: list[tuple[str, Changes]] = []
        self.disturbed: list[Disturb] = []

    def next_at(self) -> int | None:
        return self.events[0][0] if self.events else None

    def pop(self) -> tuple[int, Event]:
        return self.events.pop(0)

    def submit(self, intent: OrderIntent, at: int) -> None:
        self.sent.append(intent)
        self.events.insert(0, (at, OrderUpdate(intent.order_id, OrderStatus.LIVE)))

    def cancel(self, order_id: str, at: int) -> None:
        del at
        self.cancelled.append(order_id)

    def query(self, order_id: str, at: int) -> None:
        del at
        self.asked.append(order_id)

    def ask_account(self, venue: str, at: int) -> None:
        del at
        self.accounts.append(venue)

    def withdraw(self, venue: str, order: OpenOrder, at: int) -> None:
        del venue, at
        self.withdrawn.append(order)

    def adopted(self, venue: str, changes: Changes, at: int) -> None:
        del at
        self.adoptions.append((venue, changes))

    def disturb(self, disturb: Disturb, at: int) -> None:
        del at
        self.disturbed.append(disturb)

    def progress(self) -> float | None:
        return None


def market(at: int) -> tuple[tuple[int, Event], ...]:
    """Make a moment's prices of the usual instruments."""
    events: tuple[Event, ...] = (
        Index("BTC", SPOT),
        *(quote(key, mark=SPOT) for key in (PERP, FUTURE)),
    )
    return tuple((at, event) for event in events)


def script(seconds: int) -> tuple[tuple[int, Event], ...]:
    """Make a listing, an account with a coin in futures, and prices four times a second."""
    account = AccountSnapshot(
        "sim",
        (Position(FUTURE, Decimal(1), Decimal(50_000)),),
        (Balance("USDC", Decimal(1_000_000)),),
    )
    events: list[tuple[int, Event]] = [(NOW, Listing("sim", instruments())), (NOW, account)]
    for quarter in range(4 * seconds):
        events += market(NOW + quarter * SECOND // 4)
    return tuple(events)


def on_stage(
    book: Logbook, rules: RiskProfile | None = None, autonomy: Autonomy = Autonomy.APPROVE
) -> tuple[Session, Stage]:
    """Make a session on a stage with a minute of script."""
    stage = Stage(*script(60))
    chosen = rules or profile()
    session = Session(stage, cast("Journal", book), State(), chosen)
    session.process(NOW, "runtime", Started("test", Mode.SIM, 1, chosen, autonomy))
    return session, stage


def simulated(
    book: Logbook, rules: RiskProfile, *, seed: int = 7, autonomy: Autonomy = Autonomy.AUTO
) -> Session:
    """Make a session of the demo book on the simulated market."""
    opening = listing(BEGIN, DEFAULT_SPOTS)
    positions, balances = demo_book(opening, DEFAULT_SPOTS, BEGIN)
    world = SimWorld(seed=seed, start_at=BEGIN, positions=positions, balances=balances)
    session = Session(world, cast("Journal", book), State(), rules)
    session.process(BEGIN - HOUR, "runtime", Started("test", Mode.SIM, seed, rules, autonomy))
    return session


def freeze() -> Command:
    return Stop(StopStage.FREEZE, "test")
