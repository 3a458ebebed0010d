"""The engine's whole state: one frozen value, a function of the records before it."""

from decimal import Decimal
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

from terminal.execution.at_work import Hedge
from terminal.execution.rates import FillRate
from terminal.execution.tca_book import CostBook
from terminal.hedging.memory import Memory
from terminal.hedging.synthetic.path import Progress
from terminal.market.state import Market
from terminal.model.account import OpenOrder
from terminal.model.alert import AlertSettings
from terminal.model.facts import DiskSpace, ForcedRisk, KeyChecked
from terminal.model.greeks import Exposure
from terminal.model.health import FeedWatch
from terminal.model.hedge import Approved, Proposal, Target, Ticket
from terminal.model.instrument import Contract, Instrument
from terminal.model.messages import (
    Effect,
    Mode,
    StopStage,
)
from terminal.model.order import Fill, Order
from terminal.model.risk import Autonomy, RiskProfile
from terminal.portfolio.accounts import Account
from terminal.portfolio.attribution import Attribution
from terminal.portfolio.funding_days import FundingDays
from terminal.portfolio.ledger import Ledger
from terminal.portfolio.pnl import Opening
from terminal.portfolio.scalps import ScalpBook
from terminal.risk.activity import Activity
from terminal.risk.alert_machine import AlertBook, Condition
from terminal.risk.first_days import Arming
from terminal.risk.halts import Halt

KEEP_ORDERS = 200
"""Finished orders kept for the screen; the journal has them all."""

KEEP_FILLS = 500


class TicketLine(Struct, frozen=True):
    """Tickets that wait to be put up, and until when they may."""

    tickets: tuple[Ticket, ...]
    until: int


class Remainder(Struct, frozen=True):
    """Parts of a divided hedge that wait for the one at work, and the delta they lead to."""

    parts: tuple[Approved, ...]
    goal: float  # coin


ASKED = frozenset({Mode.PAPER, Mode.LIVE})
"""Modes whose venues are asked; a simulation is its own truth, and a tape has no venue."""


class DeskState(Struct, frozen=True, kw_only=True):
    """What the engine is doing about one underlying."""

    autonomy: Autonomy
    proposal: Proposal | None = None
    number: int = 0  # proposals made so far
    hedge: Hedge | None = None
    last_hedge_at: int = 0
    quiet_until: int = 0  # no proposal before this
    asked: bool = False  # a person wants a proposal whatever the band says
    target: Target | None = None
    net: float | None = None  # delta of the hedged kind, coin
    hedge_key: str = ""
    verdict: str = "waiting for data"  # empty: delta is inside its band
    memory: Memory = Memory()
    tickets: TicketLine | None = None
    rest: Remainder | None = None


class Link(Struct, frozen=True):
    """Whether a venue's feed delivers."""

    up: bool
    reason: str
    since: int


class Latch(Struct, frozen=True, kw_only=True):
    """A stop: stays through restarts until a person re-arms."""

    stage: StopStage
    reason: str
    since: int
    number: int  # stops so far, so that the orders of each have ids of their own
    done: bool = False


class FillNote(Struct, frozen=True, kw_only=True):
    """A fill with what it meant."""

    fill: Fill
    at: int
    underlying: str
    coins: float
    fee_usd: float | None
    slippage_bps: float | None


class Counts(Struct, frozen=True, kw_only=True):
    """How much has happened in this run."""

    proposals: int = 0
    approvals: int = 0
    denials: int = 0
    orders: int = 0
    fills: int = 0
    hedge_cost_usd: float = 0.0


class Drift(Struct, frozen=True, kw_only=True):
    """How far one underlying's delta strayed in this run, coin."""

    max_abs: float = 0.0
    outside_ns: int = 0  # time outside its band
    seen_at: int = 0
    outside: bool = False
    traded: float = 0.0


class Afloat(Struct, frozen=True):
    """The orders that are not done, and the map they were picked from."""

    orders: dict[str, Order]
    undone: tuple[Order, ...]


class AlertWatch(Struct, frozen=True, kw_only=True):
    """Alerts, and what they are compared with."""

    book: AlertBook = AlertBook()
    settings: AlertSettings | None = None  # None: the defaults
    heard: tuple[tuple[Condition, int], ...] = ()  # what happened, and until when that counts
    seen_at: int = 0
    vols_at: int = 0
    vols: dict[str, float] = {}
    before: dict[str, tuple[int, float]] = {}  # when, and the volatility then
    margins: dict[str, tuple[float, float]] = {}  # by coin: part used, USD missing


class Facts(Struct, frozen=True, kw_only=True):
    """What the world around the engine last said of itself. Maps are replaced, never changed."""

    disk: DiskSpace | None = None
    keys: dict[str, KeyChecked] = {}  # by account
    forced: dict[str, ForcedRisk] = {}  # by venue


class State(Struct, frozen=True, kw_only=True):
    """Everything the engine knows. Maps are replaced, never changed in place."""

    seq: int = 0
    now: int = 0
    run: str = ""
    instance: str = ""  # of a live run: a copy of its journal has another
    mode: Mode = Mode.SIM
    pricing: str = "numpy"  # name of the pricing engine
    default_autonomy: Autonomy = Autonomy.APPROVE
    profile: RiskProfile | None = None
    market: Market = Market()
    ledger: Ledger = Ledger()
    orders: dict[str, Order] = {}
    desks: dict[str, DeskState] = {}
    exposures: dict[str, Exposure] = {}
    activity: Activity = Activity()
    halts: tuple[Halt, ...] = ()  # latched ones
    stop: Latch | None = None
    stops: int = 0
    links: dict[str, Link] = {}
    lag_ms: float = 0.0
    fills: tuple[FillNote, ...] = ()
    scalps: dict[str, ScalpBook] = {}  # by instrument key
    opening: Opening | None = None
    equity: float | None = None  # USD; None while something has no price
    attribution: Attribution | None = None
    counts: Counts = Counts()
    drifts: dict[str, Drift] = {}
    funding_days: FundingDays = FundingDays()
    costs: CostBook = CostBook()
    accounts: dict[str, Account] = {}  # by venue
    compare_at: int = 0  # UtcNs, when a statement can next be compared; 0: none waits
    ask_at: int = 0  # UtcNs, when venues are next asked for their accounts
    locks: tuple[Halt, ...] = ()  # of accounts; they end with their cause, not with a re-arm
    facts: Facts = Facts()
    clocks: dict[str, float] = {}  # venue -> its clock minus ours, ms
    feeds: dict[str, FeedWatch] = {}  # by underlying, of the data that hedge it
    feed_locks: tuple[Halt, ...] = ()
    strangers: tuple[tuple[str, OpenOrder], ...] = ()  # with their venues
    fill_rates: dict[str, FillRate] = {}  # venue -> of own resting orders
    alerts: AlertWatch = AlertWatch()
    synthetics: dict[str, Progress] = {}  # perps-only modes that run, by underlying
    arming: Arming = Arming()  # of a live run
    # Derived from the above to save time, and never saved:
    books: Any = None  # portfolio.books.Books
    views: Any = None  # portfolio.exposure.View of each exposure, by underlying
    flows: Any = None  # portfolio.pnl.Flows
    afloat: Any = None  # Afloat


Step: TypeAlias = tuple[State, tuple[Effect, ...]]


def with_desk(state: State, underlying: str, desk: DeskState) -> State:
    """State with one underlying's desk replaced."""
    return msgspec.structs.replace(state, desks={**state.desks, underlying: desk})


def contract_of(state: State, key: str) -> Contract | None:
    """Terms of an instrument by its key; None when it is not listed."""
    instrument: Instrument | None = state.market.instruments.get(key)
    return instrument.contract if instrument else None


def underlying_of(state: State, key: str) -> str:
    """Coin that an instrument follows; the key itself when it is not listed."""
    contract = contract_of(state, key)
    return contract.base if contract else key


def position(state: State, key: str) -> Decimal:
    """Signed contracts held."""
    held = state.ledger.positions.get(key)
    return held.qty if held else Decimal(0)


def saved(state: State) -> bytes:
    """State as deterministic bytes that :func:`restored` reads back."""
    plain = msgspec.structs.replace(state, books=None, views=None, flows=None, afloat=None)
    return msgspec.json.encode(plain)


def restored(content: bytes) -> State:
    """State from the bytes of :func:`saved`; raises msgspec.MsgspecError on anything else."""
    return msgspec.json.decode(content, type=State)
