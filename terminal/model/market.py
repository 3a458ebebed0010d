"""What markets say: quotes, trades, books, funding, bars and gaps.

Unknown is ``None``. Prices are in the instrument's quote currency; a coin-settled option's price
is in coin. Quantities are contracts.
"""

from typing import TypeAlias

from msgspec import Struct


class Index(Struct, frozen=True, tag=True, gc=False):
    """Index price of an underlying, USD per coin."""

    underlying: str
    price: float


class Quote(Struct, frozen=True, tag=True, gc=False):
    """Best bid and ask of one instrument, with the venue's mark where it sends one."""

    key: str
    bid: float | None
    ask: float | None
    bid_qty: float = 0.0
    ask_qty: float = 0.0
    mark: float | None = None
    iv: float | None = None  # mark volatility of an option, fraction a year (0.65)
    forward: float | None = None  # forward an option is marked on, USD


class Trade(Struct, frozen=True, tag=True, gc=False):
    """A public trade."""

    key: str
    price: float
    qty: float
    buyer_is_taker: bool


class Depth(Struct, frozen=True, tag=True):
    """A snapshot of the book: (price, contracts), best first."""

    key: str
    bids: tuple[tuple[float, float], ...]
    asks: tuple[tuple[float, float], ...]


class Funding(Struct, frozen=True, tag=True, gc=False):
    """Funding of a perpetual; a positive rate is paid by longs to shorts."""

    key: str
    rate: float  # fraction per interval
    interval: int  # ns that the rate is quoted for
    next_at: int  # UtcNs of the next payment; 0 where it accrues continuously
    following: float | None = None  # rate the venue foresees for the interval after, where it does


class Bar(Struct, frozen=True, tag=True, gc=False):
    """A finished bar of one instrument; its record is stamped at the bar's close.

    ``half_spread_bps`` is an assumption stated by the tape: bars carry no quotes.
    """

    key: str
    open: float
    high: float
    low: float
    close: float
    volume: float | None
    span: int  # ns
    half_spread_bps: float


class Gap(Struct, frozen=True, tag=True, gc=False):
    """Data missing between two instants; never filled in. An empty key means every instrument."""

    key: str
    start: int
    end: int
    why: str


class AssumedVol(Struct, frozen=True, tag=True, gc=False):
    """A volatility that a person or a tape states for an option that has no quotes of its own."""

    key: str
    iv: float  # fraction a year


class OpenInterest(Struct, frozen=True, tag=True, gc=False):
    """Contracts of an option that are open, as its venue counts them; untold is unknown, not 0."""

    key: str
    contracts: float


Stated: TypeAlias = AssumedVol | OpenInterest
"""What is stated of an option beside its prices, and holds until it is replaced."""


class SmileSlice(Struct, frozen=True, gc=False):
    """Smile of one expiry as raw SVI.

    With k = ln(K / F), total variance is a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)); divided
    by the time to expiry it is the square of the annual volatility.
    """

    expiry: int  # UtcNs
    a: float
    b: float
    rho: float
    m: float
    sigma: float


class Smile(Struct, frozen=True, tag=True):
    """Smiles fitted to the option chain of one underlying.

    ``stickiness`` is R, how volatility follows spot: 1 stays by strike, 0 by moneyness.
    """

    underlying: str
    slices: tuple[SmileSlice, ...]  # by expiry
    stickiness: float = 1.0


class StochasticVol(Struct, frozen=True, tag=True):
    """Heston model fitted to the option chain of one underlying; annual, variances as fractions."""

    underlying: str
    v0: float
    kappa: float
    theta: float
    xi: float
    rho: float
