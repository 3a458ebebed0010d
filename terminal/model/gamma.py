"""What a gamma scalper looks at: rent, scalps, realised against implied volatility, the edge."""

from enum import StrEnum

from msgspec import Struct

from terminal.model.synthetic import SyntheticView


class RentView(Struct, frozen=True, kw_only=True):
    """What holding the gamma of one underlying costs today, against what hedging has banked.

    Amounts are of the UTC day, at present rates where the day is not over. ``rent_usd`` is theta,
    funding and fees together, positive when the book pays; a short-gamma book is paid instead.
    """

    gamma: float  # coins per USD
    gamma_1pct_usd: float
    theta_usd: float  # of the whole day, negative: paid
    funding_usd: float | None  # of the whole day, negative: paid; None: a rate is unknown
    fees_usd: float  # of today's hedges, >= 0 but for rebates
    rent_usd: float
    banked_usd: float  # today's scalps before fees
    open_usd: float | None  # hedges without a pair, at the mark
    elapsed: float  # part of the day that is over
    left: int  # ns to the end of the day
    day_move_usd: float | None  # one standard deviation of a day at implied volatility
    move_usd: float | None  # daily move that pays theta
    move_sigmas: float | None
    exact_up: float | None  # the same with every option valued anew a day later, USD
    exact_down: float | None  # negative
    needed_usd: float | None  # one move that would earn what rent exceeds scalps by
    vol_theta: float | None  # realised volatility that pays theta, annual
    vol_rent: float | None  # that pays theta, funding and fees
    vol_band: float | None  # that pays theta and hedging at the edge of the band
    vol_clock: float | None  # that pays theta and hedging every hour
    says: str  # in one sentence


class ScalpRow(Struct, frozen=True, kw_only=True):
    """One line of the scalp ledger, in USD at the present price of what it was paid in."""

    name: str  # what it sums, or the number of the scalp, counted from the start
    symbol: str
    opened: int  # UtcNs; 0 on a line that sums
    closed: int
    bought_first: bool | None  # None on a line that sums
    coins: float | None
    entry: float | None
    exit: float | None
    gross_usd: float | None  # None: no price of its currency
    fees_usd: float | None
    net_usd: float | None
    scalps: int
    summed: bool = False


class SignaturePoint(Struct, frozen=True):
    """Volatility of returns over one sampling step, annual, with its standard error."""

    step: int  # ns
    vol: float | None
    error: float | None
    returns: int
    reason: str = ""  # why there is none


class Stance(StrEnum):
    """Which side of gamma has an edge after costs."""

    NONE = "no edge"
    LONG = "long gamma"
    SHORT = "short gamma"


class Forecaster(StrEnum):
    """How a forecast of realised volatility was made."""

    HAR = "HAR"  # heterogeneous autoregression of daily variances
    PERSISTENCE = "persistence"  # it stays what it was


class EdgeView(Struct, frozen=True, kw_only=True):
    """Forecast of realised volatility against implied, annual fractions; None where unknown."""

    stance: Stance
    expiry: int  # UtcNs of the implied volatility; 0 without one
    implied: float | None
    forecast: float | None
    error: float | None  # one standard deviation of what the forecast misses by
    cost: float | None  # of buying or selling and hedging, in volatility
    window: int  # ns that the forecast was measured over
    says: str  # in words, with the rule
    model: Forecaster = Forecaster.PERSISTENCE  # that made the forecast
    fallback: str = ""  # why it was not the better one


class GammaView(Struct, frozen=True, kw_only=True):
    """Everything about the gamma of one underlying. ``note`` says what cannot be shown, and why."""

    underlying: str
    rent: RentView | None
    scalps: tuple[ScalpRow, ...]  # sums first, then the latest scalps, newest first
    signature: tuple[SignaturePoint, ...]
    span: int  # ns that the signature was measured over
    edge: EdgeView | None
    note: str
    synthetic: SyntheticView | None = None  # the perps-only mode, if there is one


