"""Where the P&L came from: amounts by cause, and by day, episode, underlying, expiry and venue."""

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct


class Bucket(StrEnum):
    """A cause of P&L, in the order in which causes are shown."""

    DELTA = "delta"  # of options; of a coin option without its premium, which is collateral
    GAMMA = "gamma"
    SPEED = "speed"
    THETA = "theta"
    VEGA = "vega"
    VANNA = "vanna"
    VOLGA = "volga"
    BASIS = "basis"  # mark or forward against the index, the index held
    PERP_DELTA = "perp_delta"
    FUTURE_DELTA = "future_delta"
    SPOT_DELTA = "spot_delta"  # coins bought as a hedge
    COLLATERAL = "collateral"  # what the index made of coins: cash, premium and profit in coin
    FUNDING = "funding"
    BORROW = "borrow"
    FEES = "fees"
    SLIPPAGE = "slippage"  # fill against the mid that was decided on
    EDGE = "edge"  # mark against that mid; without one, mark against fill
    SETTLEMENT = "settlement"  # payout against the last value
    CORRECTIONS = "corrections"  # what snapshots put right, deposits too
    RESIDUAL = "residual"


class Why(StrEnum):
    """What a residual comes from."""

    LARGE_MOVE = "large_move"  # terms beyond those of the buckets
    MARKS = "marks"  # marks moved against the model: stale volatility, or rounded
    EXPIRY = "expiry"
    UNMARKED = "unmarked"  # held or traded while its mark was unknown
    NEW_PRICE = "new_price"  # something got its first price, or its terms
    GAP = "gap"  # a step much longer than an hour


Amounts: TypeAlias = dict[Bucket, float]
"""USD by cause; a cause that moved nothing is absent."""

RESIDUAL_LIMIT = 0.02
"""Share of gross from which a residual means that something is missing or stale."""

EVER, EARLIER, EXPIRED = 0, 0, -1
"""Day of everything before the days kept; episode before those kept; expiry of what is long gone.

A perpetual, spot and cash have expiry 0.
"""


class Cell(Struct, frozen=True):
    """P&L of one underlying, expiry and venue in one day and one episode.

    ``gross`` and ``stray`` are sums of the absolute amounts of every leg and step, without and of
    the residual: their ratio is the share that is not explained.
    """

    day: int  # UTC days since 1970; EVER for those before
    episode: int  # of the underlying; EARLIER for those before
    underlying: str  # or the currency, of cash
    expiry: int  # UtcNs; 0 without, EXPIRED for those long gone
    venue: str  # empty for cash
    usd: Amounts = {}
    gross: float = 0.0
    stray: float = 0.0
    why: dict[Why, float] = {}  # stray, by reason


class LegSum(Struct, frozen=True):
    """P&L of one position since the opening; closed ones are summed by expiry and venue."""

    name: str  # symbol, or currency
    underlying: str
    expiry: int
    venue: str
    usd: Amounts = {}
    closed: bool = False


class Episode(Struct, frozen=True):
    """A stretch of hedging of one underlying against one set of options.

    It begins when the options held change, and at 00:00 UTC while there are none.
    """

    underlying: str
    number: int
    since: int  # UtcNs
    cause: str


class Stray(Struct, frozen=True):
    """The largest residual of one position in one step of a day."""

    at: int  # UtcNs, end of the step
    name: str
    usd: float
    why: Why


class AttributionView(Struct, frozen=True):
    """P&L by cause at one moment, the step under way included.

    The amounts of ``cells`` sum to ``total``, the change of equity since the opening, USD. While
    something has no price ``total`` is None, ``missing`` says what, and the cells hold what was
    known before.
    """

    cells: tuple[Cell, ...] = ()
    legs: tuple[LegSum, ...] = ()
    episodes: tuple[Episode, ...] = ()
    worst: tuple[Stray, ...] = ()  # by day
    total: float | None = None
    missing: str = ""
    at: int = 0  # UtcNs
