"""From where delta should be to an approved hedge."""

from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from terminal.model.order import Side
from terminal.model.risk import Style


class Target(Struct, frozen=True):
    """Where a policy wants delta (coin): inside [low, high]; ``delta`` is where a hedge stops.

    ``hold`` is why nothing should be traded yet though delta is outside; empty when it may be.
    """

    delta: float
    low: float
    high: float
    rule: str  # short name of the policy that spoke
    reason: str  # one sentence with its numbers
    hold: str = ""


class Cost(Struct, frozen=True):
    """Expected cost of a hedge, USD, each part >= 0 except a maker rebate in ``fee``."""

    fee: float
    spread: float
    impact: float

    @property
    def total(self) -> float:
        """Fee, half spread and impact together, USD."""
        return self.fee + self.spread + self.impact


class Plan(Struct, frozen=True, kw_only=True):
    """How a hedge is executed, fixed when it is proposed, and what that is expected to cost.

    Costs are USD for the whole proposal: fee, half spread and impact, less what resting saves.
    """

    style: Style = Style.POST_ONLY  # never BY_URGENCY: that is how this one was chosen
    cross_qty: Decimal = Decimal(0)  # MIX: contracts that are taken at once
    slices: int = 1  # TWAP
    span: int = 0  # TWAP: ns from the first slice to the end
    show_usd: float = 0.0  # ICEBERG
    urgency: float | None = None  # risk cost of waiting over what resting saves; None: no number
    fill_chance: float = 0.0  # that a resting order fills within its wait
    cost_usd: float | None = None
    other: Style | None = None  # what it was weighed against
    other_cost_usd: float | None = None
    why: str = ""


class ProposalStatus(StrEnum):
    """Life of a proposal; only ``OPEN`` can be approved."""

    OPEN = "open"
    REQUOTE = "requote"  # the market moved beyond the profile's tolerance
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


class Ticket(Struct, frozen=True):
    """An order that a person wants proposed: contracts of an instrument, negative to sell."""

    key: str
    qty: Decimal


class Part(Struct, frozen=True, kw_only=True):
    """What one instrument trades of a divided hedge."""

    key: str
    qty: Decimal  # contracts, > 0
    coins: float  # > 0
    usd: float  # > 0
    mid: float
    limit: Decimal
    lot: Decimal
    reduce_only: bool
    cost: Cost


class Proposal(Struct, frozen=True, kw_only=True):
    """One hedge, priced, for a person or the automatic limits to decide on.

    ``revision`` grows each time its numbers are made anew; an approval names the revision that
    was on the screen, so an old click can never send new numbers.
    """

    proposal_id: str
    revision: int
    underlying: str
    status: ProposalStatus
    key: str  # instrument that is traded
    side: Side
    qty: Decimal  # contracts, > 0
    coins: float  # > 0
    usd: float  # > 0
    mid: float
    limit: Decimal
    urgent: bool
    reduce_only: bool
    before: float  # net delta, coin
    after: float
    target: Target
    cost: Cost
    risk_removed_usd: float | None  # fall in the one-day standard deviation of P&L
    reasons: tuple[str, ...]
    data_age: int  # ns, of the oldest input
    created_at: int
    expires_at: int
    lot: Decimal = Decimal(1)  # contracts: sizes are multiples of it
    plan: Plan = Plan()
    ticket: Ticket | None = None  # what a person asked for; None: the policy did
    spot: float | None = None  # of an option, USD per coin: its own price is none; else None
    parts: tuple[Part, ...] = ()  # of a divided hedge, worked in this order; the first is its key


class Rung(Struct, frozen=True):
    """One hedge that a move of the price alone would bring."""

    price: float  # USD per coin
    side: Side
    coins: float  # > 0
    usd: float  # > 0
    before: float  # net delta, coin
    after: float


class HedgeLadder(Struct, frozen=True):
    """Hedges to come above and below the price, the nearest first, each after those before it."""

    underlying: str
    above: tuple[Rung, ...]
    below: tuple[Rung, ...]
    curve: tuple[tuple[float, float], ...]  # price and net delta without any hedge, rising
    note: str  # why there is no rung
    mode: str = ""  # perps-only mode whose target moves with the price; empty: a policy alone


class Hold(Struct, frozen=True):
    """Nothing to do, and why; without a reason, because delta is inside its band."""

    reason: str = ""


class Propose(Struct, frozen=True):
    """A hedge to propose."""

    proposal: Proposal


Decision: TypeAlias = Hold | Propose


class DenialCode(StrEnum):
    """Why an order may not leave; shown and journaled."""

    TRADING_HALTED = "TRADING_HALTED"
    STOPPED = "STOPPED"
    NOT_ARMED = "NOT_ARMED"
    DATA_STALE = "DATA_STALE"
    BOOK_CROSSED = "BOOK_CROSSED"
    SPREAD = "SPREAD"
    COLLAR = "COLLAR"
    SLIPPAGE = "SLIPPAGE"
    HEDGE_NOTIONAL = "HEDGE_NOTIONAL"
    FIRST_DAYS = "FIRST_DAYS"
    QTY_BELOW_MIN = "QTY_BELOW_MIN"
    OFF_GRID = "OFF_GRID"
    RATE = "RATE"
    GAP = "GAP"
    REPEATED_EXECUTION = "REPEATED_EXECUTION"
    FLIPS = "FLIPS"
    TURNOVER = "TURNOVER"
    COST = "COST"
    DAY_LOSS = "DAY_LOSS"
    LEVERAGE = "LEVERAGE"
    MARGIN = "MARGIN"
    LIQUIDATION = "LIQUIDATION"
    ACCOUNT_STALE = "ACCOUNT_STALE"
    WORKING = "WORKING"
    UNKNOWN_OUTSTANDING = "UNKNOWN_OUTSTANDING"
    NOT_OPEN = "NOT_OPEN"
    EXPIRED = "EXPIRED"
    REQUOTE = "REQUOTE"
    BAD_SIZE = "BAD_SIZE"


class Refused(Struct, frozen=True):
    """A refusal: the code of the control, and one sentence with its numbers and the remedy."""

    code: DenialCode
    reason: str


class Approved(Struct, frozen=True):
    """A hedge that may be executed. Made only by ``risk.limits.approve``.

    A part of a divided hedge is looked at again by ``risk.part_limits`` before it is begun.
    """

    proposal: Proposal
    qty: Decimal  # contracts, > 0
    by: str
    at: int
