"""What a book would be with positions that it does not have: the question and its answer."""

from decimal import Decimal

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from terminal.model.greeks import Sensitivity
from terminal.model.order import Side


class SupposedLeg(Struct, frozen=True):
    """A position to be supposed: contracts of an instrument, negative for short."""

    key: str
    qty: Decimal


class WhatIf(Struct, frozen=True):
    """A question about one underlying; without one, nothing more is asked."""

    underlying: str
    legs: tuple[SupposedLeg, ...] = ()


class Candidate(Struct, frozen=True):
    """One order that would bring delta to the middle of its band."""

    key: str
    symbol: str
    side: Side
    qty: Decimal  # contracts
    coins: float
    usd: float
    cost_usd: float | None  # fee, half spread and impact; None without a two-sided book


class WhatIfView(Struct, frozen=True, kw_only=True):
    """Greeks before and after the supposed positions, and a map of what price could do.

    The maps have the shape (days, volatility moves, price moves). P&L is against the present, with
    the supposed positions entered at their marks; crossing their spreads costs ``cost_usd`` more.
    """

    question: WhatIf
    at: int  # UtcNs
    fault: str  # why there is no answer; empty when there is one
    spot: float | None = None  # index, USD per coin
    listed: tuple[str, ...] = ()  # keys of what could be supposed
    spots: tuple[float, ...] = ()  # relative moves
    vols: tuple[float, ...] = ()  # relative moves of a 30-day volatility
    days: tuple[float, ...] = ()  # ahead
    pnl_usd: NDArray[np.float64] | None = None
    delta: NDArray[np.float64] | None = None  # coin
    gamma: NDArray[np.float64] | None = None  # coin per USD
    before: Sensitivity | None = None
    after: Sensitivity | None = None
    cost_usd: float | None = None  # fees and half spreads of the supposed legs; None: unknown
    candidates: tuple[Candidate, ...] = ()  # cheapest first
    missing: tuple[str, ...] = ()  # positions left out of the maps, a number is unknown
    took_ms: float = 0.0
