"""What a book is exposed to, per position and per underlying, in stated units."""

from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from msgspec import Struct


class Sensitivity(Struct, frozen=True, gc=False):
    """Sensitivities of one holding, in the units of the desk.

    Four deltas, never mixed: ``delta`` is Black-Scholes on the forward, coin; ``delta_usd`` is the
    same times spot; ``delta_net_of_premium`` is the coin-numeraire delta; ``delta_with_equity``
    is the derivative of the USD value of everything held, coin collateral and coin profit
    included. Coin collateral appears in the last one only: it is equity, not a position.
    """

    value_usd: float = 0.0
    delta: float = 0.0
    delta_net_of_premium: float = 0.0
    delta_with_equity: float = 0.0
    delta_usd: float = 0.0
    gamma: float = 0.0  # coin per USD
    gamma_1pct_usd: float = 0.0  # USD of delta per 1 % move
    vega_usd: float = 0.0  # USD per volatility point
    theta_usd_day: float = 0.0  # USD per calendar day, negative when long options

    def __add__(self, other: "Sensitivity") -> "Sensitivity":
        """Sum of two holdings of the same underlying."""
        return Sensitivity(
            self.value_usd + other.value_usd,
            self.delta + other.delta,
            self.delta_net_of_premium + other.delta_net_of_premium,
            self.delta_with_equity + other.delta_with_equity,
            self.delta_usd + other.delta_usd,
            self.gamma + other.gamma,
            self.gamma_1pct_usd + other.gamma_1pct_usd,
            self.vega_usd + other.vega_usd,
            self.theta_usd_day + other.theta_usd_day,
        )


class PositionRisk(Struct, frozen=True, kw_only=True, gc=False):
    """One row of the book. ``flag`` is empty, or says why a number cannot be trusted."""

    key: str
    symbol: str
    kind: str  # option, perpetual, future, spot, collateral
    qty: Decimal  # contracts (coins for spot and collateral)
    coins: float
    entry: float | None
    mark: float | None
    iv: float | None
    upnl_usd: float
    expiry: int  # UtcNs, 0 without expiry
    risk: Sensitivity
    flag: str = ""


class Exposure(Struct, frozen=True, kw_only=True):
    """Everything one underlying stands for. The rows of a frame sum to ``total``, to rounding.

    ``working`` is the delta (coin) of orders in flight, those of unknown outcome in full; it
    counts toward ``net_delta`` so that a hedge is never sent twice.
    """

    underlying: str
    spot: float | None
    total: Sensitivity
    working: float
    option_delta: float
    hedge_delta: float  # perpetuals, futures and spot
    values: dict[str, float] = {}  # USD by kind of position, which cash is not
    unpriced: str = ""  # a position without any value; empty when all have one
    smile_delta: dict[str, float] = {}  # coin that a smile-aware delta adds, by kind, where known
    usable: bool  # False: some number is unknown, so nothing may be decided on it
    flag: str = ""


class DeltaKind(StrEnum):
    """Which of the labelled deltas a desk keeps inside its band (all in coin)."""

    BLACK_SCHOLES = "black_scholes"
    NET_OF_PREMIUM = "net_of_premium"
    WITH_EQUITY = "with_equity"
    STICKY_DELTA = "sticky_delta"  # the smile moves with spot
    MIN_VARIANCE = "min_variance"  # the smile moves as it lately has
    STOCHASTIC_VOL = "stochastic_vol"  # minimum variance in a Heston model of the chain


SMILE_AWARE = (DeltaKind.STICKY_DELTA, DeltaKind.MIN_VARIANCE, DeltaKind.STOCHASTIC_VOL)
"""Deltas that need a fit to the option chain."""


def net_delta(exposure: Exposure, kind: DeltaKind) -> float | None:
    """Delta that a desk hedges, including what is in flight, coin; None while no fit gives it."""
    match kind:
        case DeltaKind.BLACK_SCHOLES:
            held = exposure.total.delta
        case DeltaKind.NET_OF_PREMIUM:
            held = exposure.total.delta_net_of_premium
        case DeltaKind.WITH_EQUITY:
            held = exposure.total.delta_with_equity
        case DeltaKind.STICKY_DELTA | DeltaKind.MIN_VARIANCE | DeltaKind.STOCHASTIC_VOL:
            more = exposure.smile_delta.get(kind)
            if more is None:
                return None
            held = exposure.total.delta + more
        case _:
            assert_never(kind)
    return held + exposure.working
