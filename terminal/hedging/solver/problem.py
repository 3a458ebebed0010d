"""What the hedge solver is asked, and what it answers."""

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from terminal.model.hedge import Cost
from terminal.model.order import Side

DELTA, GAMMA, VEGA = "delta", "gamma_1pct_usd", "vega_usd"
"""Greeks that carry money risk: coin, USD of delta per 1 % move, USD per volatility point."""


class Band(Struct, frozen=True):
    """Where one Greek of the underlying should be after the hedge; an infinite end is open."""

    greek: str
    low: float
    high: float


class Terms(Struct, frozen=True, kw_only=True):
    """What one side of one instrument costs, all >= 0."""

    max_qty: float  # contracts the book shows
    fee_rate: float = 0.0  # of ``fee_base``; a maker rebate counts as 0
    crosses: bool = True  # a taker pays half the spread, a maker does not
    impact: float = 0.0  # USD per contract
    convexity: float = 0.0  # USD per contract squared: the book thins out


class Candidate(Struct, frozen=True, kw_only=True):
    """One instrument that the hedge may trade. Prices and Greeks are of one contract."""

    key: str
    greeks: dict[str, float]  # per contract bought, units of ``Problem.net``
    bid: float | None  # USD per contract
    ask: float | None
    lot: Decimal  # contracts
    min_qty: Decimal = Decimal(0)
    buy: Terms
    sell: Terms
    fee_base: float | None = None  # USD per contract that fees are taken of; None: the mid
    order_cost: float = 0.0  # USD for having an order at all, >= 0
    position: Decimal = Decimal(0)  # contracts held, signed
    reduce_only: bool = False
    carry: float = 0.0  # USD that one contract long pays over the horizon; negative: is paid


class Outlook(Struct, frozen=True, kw_only=True):
    """The market that the residual risk is measured in."""

    spot: float  # USD per coin, > 0
    vol: float  # annual, > 0, as a fraction
    vol_of_vol: float  # annual, >= 0, of the logarithm of volatility
    correlation: float = 0.0  # of spot and volatility, in [-1, 1]


class Problem(Struct, frozen=True, kw_only=True):
    """Net Greeks of one underlying, the bands wanted, and what may be traded."""

    net: dict[str, float]
    bands: tuple[Band, ...]
    candidates: tuple[Candidate, ...]
    most_instruments: int = 3
    alternatives: int = 3
    most_nodes: int = 20_000  # work limit of one search
    outlook: Outlook | None = None


class Trade(Struct, frozen=True, kw_only=True):
    """One order of the hedge."""

    key: str
    side: Side
    qty: Decimal  # contracts, > 0
    cost: Cost  # USD; ``fee`` includes the fixed cost of the order
    carry: float  # USD over the horizon counted against the trade; negative: earned
    reduces: bool  # it only makes the present position smaller


class Risk(Struct, frozen=True):
    """One-day standard deviation of the profit, USD, and the parts it is made of."""

    total: float
    delta: float
    gamma: float
    vega: float


class Hedge(Struct, frozen=True, kw_only=True):
    """A set of trades, what it costs and what is left after it."""

    trades: tuple[Trade, ...]
    cost: float  # USD, as the search counts it
    after: dict[str, float]  # net Greeks
    outside: dict[str, float]  # how far each chosen Greek stays from its band, signed; 0 inside
    risk: Risk | None  # None without an outlook or without one of its three Greeks
    reason: str  # why this row is in the table


class Status(StrEnum):
    """How far an answer can be trusted."""

    OPTIMAL = "optimal"  # nothing cheaper exists
    FEASIBLE = "feasible"  # bands are met; the work limit ended the proof
    NEAREST = "nearest"  # the bands cannot all be met: least violation, then least cost
    STOPPED = "stopped"  # the work limit came before any answer was found or refuted
    REFUSED = "refused"  # the question is wrong; the reasons say where


class Answer(Struct, frozen=True, kw_only=True):
    """The best hedge, how good it provably is, and what else was on the table."""

    status: Status
    reasons: tuple[str, ...]
    hedge: Hedge | None = None
    gap: float = 0.0  # USD by which something unseen could be cheaper; 0: proven optimal
    nodes: int = 0
    limited: bool = False  # the work limit ended a search
    before: Risk | None = None
    alternatives: tuple[Hedge, ...] = ()  # cheapest first, doing nothing last
    set_aside: tuple[str, ...] = ()  # candidates that could not be used, with the reason
    words: str = ""
