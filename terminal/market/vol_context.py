"""Volatility set in context: rank, term structure, cone, and what is implied against realised."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from terminal.core.units import YEAR
from terminal.market.arrays import LARGEST, known, numbers, whole
from terminal.market.bars import Bars
from terminal.market.realised import Estimator, rolling
from terminal.market.vol_index import ExpiryQuotes
from terminal.pricing.implied import implied_vol
from terminal.pricing.rows import FloatArray

LEAST_HISTORY: Final = 20
QUANTILES: Final = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
VOL_LIMIT: Final = 1e6
"""Annual volatility, fraction, beyond which a number is none."""
LEVEL: Final = 0.005
"""Half a volatility point: a curve that moves less from its first to its last expiry is flat."""


class Standing(Struct, frozen=True):
    """Where a volatility stands in its own history.

    Attributes
    ----------
    rank : float or None
        ``(now - lowest) / (highest - lowest)`` of the window, 0 to 1 unless now lies outside it;
        one extreme day rules it for a year. None where the window is flat.
    percentile : float or None
        Share of the window that was lower than now, equal values counted half, 0 to 1.
    lowest, highest : float or None
        Of the window.
    observations : int
        Known values in the window.
    reason : str
        Why there are no numbers; empty where there are.
    """

    rank: float | None
    percentile: float | None
    lowest: float | None
    highest: float | None
    observations: int
    reason: str = ""


class Shape(StrEnum):
    """Shape of the term structure.

    Attributes
    ----------
    CONTANGO
        The last expiry is higher than the first: calm now.
    BACKWARDATION
        The first is higher: stress now.
    FLAT
        Less than half a point between them.
    UNKNOWN
        Fewer than two expiries.
    """

    CONTANGO = "contango"
    BACKWARDATION = "backwardation"
    FLAT = "flat"
    UNKNOWN = "unknown"


class TermStructure(Struct, frozen=True):
    """At-the-money volatility by expiry.

    Attributes
    ----------
    years : tuple of float
        Time to each expiry, ACT/365, rising.
    vols : tuple of float
        Annual fractions.
    forward_vols : tuple of (float or None)
        Volatility between today and the first expiry, then from each to the next; None where
        total variance falls, which a calendar spread would arbitrage.
    shape : Shape
    left_out : int
        Expiries without a volatility, or past.
    """

    years: tuple[float, ...]
    vols: tuple[float, ...]
    forward_vols: tuple[float | None, ...]
    shape: Shape
    left_out: int


class ConeRow(Struct, frozen=True):
    """Realised volatility over one horizon, through its history.

    Attributes
    ----------
    horizon : int
        ns.
    quantiles : tuple of float
        Of the rolling volatility at the levels asked for; empty with a reason.
    latest : float or None
        Now; None where too little of the latest window was seen.
    windows : int
        Rolling windows, which overlap.
    independent : float
        How many that do not would fit into the same history.
    reason : str
        Why there are no quantiles; empty where there are.
    """

    horizon: int
    quantiles: tuple[float, ...]
    latest: float | None
    windows: int
    independent: float
    reason: str = ""


class Premium(Struct, frozen=True):
    """Implied against realised volatility over one horizon.

    Attributes
    ----------
    horizon : int
        ns.
    implied, realised : float or None
        Annual fractions; None where unknown.
    spread : float or None
        Implied minus realised: what an option seller is paid, as a fraction of volatility.
    ratio : float or None
        Implied over realised.
    """

    horizon: int
    implied: float | None
    realised: float | None
    spread: float | None
    ratio: float | None


def standing(now: float, history: npt.ArrayLike) -> Standing:
    """Rank and percentile of a volatility in a window of its past.

    Parameters
    ----------
    now : float
        Any unit, that of the history.
    history : array_like (n,)
        Window, usually a year of daily closes; NaN where missing.

    Returns
    -------
    Standing
        Without numbers, and with a reason, below 20 known values or where `now` is unknown.

    Raises
    ------
    TypeError
        Not numbers.
    """
    past = numbers("history", history)
    past = past[np.isfinite(past)]
    level = float(numbers("now", now, dimensions=0))
    if past.size < LEAST_HISTORY or not math.isfinite(level):
        count = f"{past.size} known values, at least {LEAST_HISTORY} are needed"
        why = count if math.isfinite(level) else "the value of now is unknown"
        return Standing(None, None, None, None, past.size, why)
    lowest, highest = float(past.min()), float(past.max())
    rank = (level - lowest) / (highest - lowest) if highest > lowest else None
    lower = float(np.mean(past < level) + 0.5 * np.mean(past == level))
    return Standing(rank, lower, lowest, highest, past.size)


def atm_vol(quotes: ExpiryQuotes, *, now: int) -> float | None:
    """Implied volatility at the forward, between the strikes on either side of it.

    Parameters
    ----------
    quotes : ExpiryQuotes
        Of one expiry.
    now : int
        UtcNs.

    Returns
    -------
    float or None
        Annual fraction; the two nearest out-of-the-money mids, linear in the logarithm of the
        strike. None where a side has no two-sided, uncrossed quote with an implied volatility.
    """
    usable = (quotes.bid > 0.0) & (quotes.ask >= quotes.bid)
    usable &= (quotes.ask < LARGEST) & (quotes.strike < LARGEST) & (np.abs(quotes.sign) == 1.0)
    strike, sign = quotes.strike[usable], quotes.sign[usable]
    outside = sign * (strike - quotes.forward) >= 0.0
    strike, sign = strike[outside], sign[outside]
    mid = 0.5 * (quotes.bid[usable] + quotes.ask[usable])[outside]
    vol, _ = implied_vol(mid, quotes.forward, strike, (quotes.expiry - now) / YEAR, sign)
    put = _nearest(strike, vol, sign < 0.0, quotes.forward)
    call = _nearest(strike, vol, sign > 0.0, quotes.forward)
    if put is None or call is None:
        return None
    (low, low_vol), (high, high_vol) = put, call
    if high == low:
        return 0.5 * (low_vol + high_vol)
    weight = math.log(quotes.forward / low) / math.log(high / low)
    return low_vol + weight * (high_vol - low_vol)


def term_structure(years: npt.ArrayLike, vols: npt.ArrayLike) -> TermStructure:
    """Term structure of at-the-money volatility.

    Parameters
    ----------
    years : array_like (n,)
        Time to each expiry, ACT/365, in any order.
    vols : array_like (n,)
        Annual fractions; NaN where unknown.

    Returns
    -------
    TermStructure

    Raises
    ------
    TypeError
        Not numbers.
    ValueError
        Different lengths, or an expiry named twice.
    """
    times, levels = numbers("years", years), numbers("vols", vols)
    if times.shape != levels.shape:
        raise ValueError("years and vols must have the same length")
    good = (times > 0.0) & (times < LARGEST) & (levels > 0.0) & (levels < VOL_LIMIT)
    order = np.argsort(times[good], kind="stable")
    times, levels = times[good][order], levels[good][order]
    if (np.diff(times) == 0.0).any():
        raise ValueError("years must name every expiry once")
    total = np.append(0.0, levels * levels * times)
    rate = np.diff(total) / np.diff(np.append(0.0, times))
    forwards = tuple(math.sqrt(each) if each >= 0.0 else None for each in rate.tolist())
    left_out = int(good.size - times.size)
    return TermStructure(
        tuple(times.tolist()), tuple(levels.tolist()), forwards, _shape(levels), left_out
    )


def vol_at(structure: TermStructure, years: float) -> float | None:
    """Implied volatility at a horizon, total variance linear in time.

    Parameters
    ----------
    structure : TermStructure
        From `term_structure`.
    years : float
        ACT/365.

    Returns
    -------
    float or None
        Annual fraction; None before the first expiry and after the last.
    """
    times = structure.years
    if not times or not times[0] <= years <= times[-1]:
        return None
    total = [vol * vol * time for vol, time in zip(structure.vols, times, strict=True)]
    return math.sqrt(float(np.interp(years, times, total)) / years)


def rv_cone(
    bars: Bars,
    horizons: Sequence[int],
    *,
    estimator: Estimator = Estimator.CLOSE_CLOSE_ZERO_MEAN,
    quantiles: Sequence[float] = QUANTILES,
) -> tuple[ConeRow, ...]:
    """Quantiles of rolling realised volatility by horizon.

    Parameters
    ----------
    bars : Bars
        The history.
    horizons : sequence of int
        ns, each at least two bars.
    estimator : Estimator
        As in `realised`.
    quantiles : sequence of float
        Levels, 0 to 1.

    Returns
    -------
    tuple of ConeRow
        In the order of `horizons`; without quantiles where no window was seen well enough.

    Raises
    ------
    TypeError, ValueError
        Levels out of range, or a horizon below two bars.

    Notes
    -----
    Burghardt and Lane (1990). Overlapping windows are not independent: `independent` says how
    little a long horizon knows. A window with less than half its time seen does not enter.
    """
    levels = numbers("quantiles", quantiles)
    if not ((levels >= 0.0) & (levels <= 1.0)).all():
        raise ValueError("quantiles must lie between 0 and 1")
    return tuple(_cone_row(bars, each, estimator, levels) for each in horizons)


def premiums(cone: Sequence[ConeRow], structure: TermStructure) -> tuple[Premium, ...]:
    """Implied against the latest realised volatility, for every horizon of a cone.

    Parameters
    ----------
    cone : sequence of ConeRow
        From `rv_cone`.
    structure : TermStructure
        From `term_structure`.

    Returns
    -------
    tuple of Premium
        In the order of the cone; None where either side is unknown.
    """
    rows = []
    for row in cone:
        implied, seen = vol_at(structure, row.horizon / YEAR), row.latest
        if implied is None or seen is None:
            rows.append(Premium(row.horizon, implied, seen, None, None))
            continue
        ratio = implied / seen if seen > 0.0 else None
        rows.append(Premium(row.horizon, implied, seen, implied - seen, ratio))
    return tuple(rows)


def _cone_row(bars: Bars, horizon: int, estimator: Estimator, levels: FloatArray) -> ConeRow:
    whole("horizons", horizon, 2 * bars.span)
    path = rolling(bars, estimator, window=horizon)
    seen = path.vol[np.isfinite(path.vol)]
    if seen.size == 0:
        why = "no window of this length was seen well enough"
        return ConeRow(horizon, (), None, 0, 0.0, why)
    latest = known(path.vol[-1])
    independent = max(1.0, bars.start.size * bars.span / horizon)
    return ConeRow(
        horizon, tuple(np.quantile(seen, levels).tolist()), latest, seen.size, independent
    )


def _nearest(
    strike: FloatArray, vol: FloatArray, side: npt.NDArray[np.bool_], forward: float
) -> tuple[float, float] | None:
    """Strike and volatility nearest to the forward among those of a side that have one."""
    rows = np.flatnonzero(side & np.isfinite(vol))
    if rows.size == 0:
        return None
    row = rows[np.argmin(np.abs(strike[rows] - forward))]
    return float(strike[row]), float(vol[row])


def _shape(levels: FloatArray) -> Shape:
    if levels.size < 2:
        return Shape.UNKNOWN
    slope = float(levels[-1] - levels[0])
    if abs(slope) < LEVEL:
        return Shape.FLAT
    return Shape.CONTANGO if slope > 0.0 else Shape.BACKWARDATION
