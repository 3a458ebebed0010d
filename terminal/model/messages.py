"""Everything that can happen (events), be asked for (commands) or be done (effects)."""

from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from terminal.model.account import AccountSnapshot, FundingPaid, OpenOrder, Settled
from terminal.model.alert import AlertSettings, Channel, Dispatch
from terminal.model.facts import Fact
from terminal.model.fits import FitEvent
from terminal.model.hedge import Ticket
from terminal.model.instrument import Instrument
from terminal.model.live import LiveAccount
from terminal.model.market import (
    Bar,
    Depth,
    Funding,
    Gap,
    Index,
    Quote,
    Stated,
    Trade,
)
from terminal.model.order import Fill, OrderIntent, OrderUpdate
from terminal.model.reconcile import Adopted
from terminal.model.risk import Autonomy, RiskProfile


class Mode(StrEnum):
    """Where records come from and where orders go."""

    SIM = "sim"
    REPLAY = "replay"
    PAPER = "paper"
    LIVE = "live"
    BACKTEST = "backtest"
    RECORDING = "recording"  # shown only: a journal seen again, whatever its run was


class StopStage(StrEnum):
    """How far a stop goes; each stage includes the ones before it."""

    FREEZE = "freeze"  # cancel what rests, send nothing new
    NEUTRALISE = "neutralise"  # then bring delta to target, reduce-only where it shrinks
    FLATTEN = "flatten"  # then close every perpetual and future; options stay


class DisturbanceKind(StrEnum):
    """What the simulated market and venue can be told to do."""

    JUMP = "jump"  # value: relative move of the underlying, 0.03 = +3 %
    DELAY = "delay"  # value: extra latency in seconds
    REJECT = "reject"  # refuse orders
    PARTIAL = "partial"  # value: fraction that fills at a time
    DROP_FEED = "drop_feed"  # send no market data
    LOSE_REPLY = "lose_reply"  # take orders, say nothing


# -- Events -----------------------------------------------------------------------------------


class Started(Struct, frozen=True, tag=True):
    """A process took over: the first record of each start."""

    run: str
    mode: Mode
    seed: int
    profile: RiskProfile
    autonomy: Autonomy
    pricing: str = "numpy"  # engine that prices from here on: decisions must replay to the digit
    accounts: tuple[LiveAccount, ...] = ()  # that a live run could send orders to, once armed
    instance: str = ""  # name of the machine and folder of a live run's journal


class Listing(Struct, frozen=True, tag=True):
    """Instruments a venue lists now, with their terms; replaces what it listed before."""

    venue: str
    instruments: tuple[Instrument, ...]


class LinkUp(Struct, frozen=True, tag=True):
    """A feed delivers."""

    venue: str


class LinkDown(Struct, frozen=True, tag=True):
    """A feed is lost."""

    venue: str
    reason: str


class ClockOffset(Struct, frozen=True, tag=True):
    """How far a venue's clock is ahead of ours, ms, as its connection measured it."""

    venue: str
    offset_ms: float


class Tick(Struct, frozen=True, tag=True, gc=False):
    """The heartbeat: time passes though markets are quiet. ``lag_ms`` is the loop's own delay."""

    lag_ms: float = 0.0


class Slept(Struct, frozen=True, tag=True):
    """Time passed that this process did not live through, or a clock was set: nothing known holds.

    ``seconds`` by the clock that moved most, never negative.
    """

    seconds: float
    reason: str


class UsePricing(Struct, frozen=True, tag=True):
    """Price with another engine from here on: a record, so that a replay prices alike."""

    engine: str


class Fault(Struct, frozen=True, tag=True):
    """The machine failed (disk, task, clock): hedging halts until a person re-arms."""

    code: str
    reason: str


# -- Commands ---------------------------------------------------------------------------------


class Approve(Struct, frozen=True, tag=True):
    """A click on the numbers of one revision; ``qty`` (contracts) may only shrink the hedge."""

    proposal_id: str
    revision: int
    qty: Decimal | None = None
    by: str = "user"


class Reject(Struct, frozen=True, tag=True):
    """A proposal turned down, with the reason."""

    proposal_id: str
    reason: str


class Requote(Struct, frozen=True, tag=True):
    """Make the numbers of a proposal anew."""

    proposal_id: str


class HedgeNow(Struct, frozen=True, tag=True):
    """Ask for a proposal to target now, whatever the band says."""

    underlying: str


class SendTickets(Struct, frozen=True, tag=True):
    """Propose these orders one after the other; each waits for an approval of its own."""

    underlying: str
    tickets: tuple[Ticket, ...]


class SetAutonomy(Struct, frozen=True, tag=True):
    """Choose who approves the hedges of one underlying."""

    underlying: str
    autonomy: Autonomy


class SetProfile(Struct, frozen=True, tag=True):
    """Use this profile from now on."""

    profile: RiskProfile


class Stop(Struct, frozen=True, tag=True):
    """Stop in stages; latched until re-armed."""

    stage: StopStage
    reason: str


class Rearm(Struct, frozen=True, tag=True):
    """Lift the stop and the halts that a person may lift."""

    reason: str


class ArmLive(Struct, frozen=True, tag=True):
    """Let orders of a live run leave: the word, and every address that is not the venue's own."""

    word: str
    typed: tuple[str, ...] = ()


class LiftFirstDays(Struct, frozen=True, tag=True):
    """Trade whole sizes on a live account before its first days are over, and say why."""

    account: str
    reason: str


class CancelOrder(Struct, frozen=True, tag=True):
    """Cancel one working order."""

    order_id: str


class CancelAll(Struct, frozen=True, tag=True):
    """Cancel every working order."""

    reason: str


class CancelForeign(Struct, frozen=True, tag=True):
    """Cancel an order that somebody else placed in the account."""

    venue: str
    venue_id: str


class AdoptVenue(Struct, frozen=True, tag=True):
    """Take over what a venue states, where it was found to differ from the books."""

    venue: str
    reason: str


class RepriceHedge(Struct, frozen=True, tag=True):
    """Rest the working hedge at a price, the own touch when None, and take control of it."""

    hedge_id: str
    limit: Decimal | None = None


class CrossHedge(Struct, frozen=True, tag=True):
    """Take what is left of a working hedge now, and take control of it."""

    hedge_id: str


class CancelHedge(Struct, frozen=True, tag=True):
    """End a working hedge: cancel its order, send nothing more of it."""

    hedge_id: str


class ReleaseHedge(Struct, frozen=True, tag=True):
    """Give a working hedge back to its rule."""

    hedge_id: str


class Disturb(Struct, frozen=True, tag=True):
    """Make the simulation misbehave for a while."""

    kind: DisturbanceKind
    underlying: str  # empty: all
    value: float
    seconds: float


class AckAlert(Struct, frozen=True, tag=True):
    """Tell an alert no more; an empty id means every alert."""

    alert_id: str


class SnoozeAlert(Struct, frozen=True, tag=True):
    """Keep an alert silent for a while."""

    alert_id: str
    seconds: float


class TryAlerts(Struct, frozen=True, tag=True):
    """Send a test by every channel that is set up."""


class SetAlerts(Struct, frozen=True, tag=True):
    """Use these rules from now on."""

    settings: AlertSettings


class Dispatched(Struct, frozen=True, tag=True):
    """What became of one dispatch on one channel, said by whoever tried it."""

    number: int
    channel: Channel
    ok: bool
    detail: str


MarketEvent: TypeAlias = Listing | Index | Quote | Trade | Depth | Funding | Bar | Gap | Stated
AccountEvent: TypeAlias = OrderUpdate | Fill | FundingPaid | Settled | AccountSnapshot
SystemEvent: TypeAlias = (
    Started | LinkUp | LinkDown | ClockOffset | Fact | Tick | Slept | UsePricing | Fault
)
AlertCommand: TypeAlias = AckAlert | SnoozeAlert | TryAlerts | SetAlerts | Dispatched
Command: TypeAlias = (
    Approve
    | Reject
    | Requote
    | HedgeNow
    | SendTickets
    | SetAutonomy
    | SetProfile
    | Stop
    | Rearm
    | ArmLive
    | LiftFirstDays
    | CancelOrder
    | CancelAll
    | CancelForeign
    | AdoptVenue
    | RepriceHedge
    | CrossHedge
    | CancelHedge
    | ReleaseHedge
    | Disturb
)
Event: TypeAlias = MarketEvent | FitEvent | AccountEvent | SystemEvent | Command | AlertCommand


class Record(Struct, frozen=True, array_like=True):
    """One numbered line of the journal; order is by ``seq``, never by clock."""

    seq: int
    at: int  # UtcNs, engine time
    source: str
    event: Event


# -- Effects ----------------------------------------------------------------------------------


class Submit(Struct, frozen=True, tag=True):
    """Send an order."""

    intent: OrderIntent


class Cancel(Struct, frozen=True, tag=True):
    """Cancel an order."""

    order_id: str


class Query(Struct, frozen=True, tag=True):
    """Ask the venue what became of an order."""

    order_id: str


class AskAccount(Struct, frozen=True, tag=True):
    """Ask a venue for the account; the answer is an AccountSnapshot."""

    venue: str


class Withdraw(Struct, frozen=True, tag=True):
    """Cancel an order of somebody else's at a venue, by the venue's own name of it."""

    venue: str
    order: OpenOrder


class Alert(Struct, frozen=True, tag=True):
    """A line for the log and the person. ``level`` is info, warn or crit."""

    level: str
    topic: str
    text: str


class Notify(Struct, frozen=True, tag=True):
    """Tell a person by the channels of a dispatch."""

    dispatch: Dispatch
    mode: Mode  # told too: nobody should run to a desk because of a simulation


class Misbehave(Struct, frozen=True, tag=True):
    """Pass a disturbance on to the simulation."""

    disturb: Disturb


Effect: TypeAlias = (
    Submit | Cancel | Query | AskAccount | Withdraw | Adopted | Alert | Notify | Misbehave
)
