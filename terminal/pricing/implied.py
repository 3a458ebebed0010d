"""Implied volatility of option quotes, to the precision the quote carries."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from terminal.pricing.mills import (
    LARGEST_CENTRE,
    ROOT_TWO_PI,
    SMALL_WIDTH,
    mills,
    mills_difference,
)
from terminal.pricing.rows import FloatArray, broadcast_rows

StatusArray = npt.NDArray[np.int8]

LOG_ROOT_TWO_PI: Final = float(np.log(ROOT_TWO_PI))
STEPS: Final = 3
# Subtracting the intrinsic value of an in-the-money quote leaves this much rounding noise.
NOISE: Final = 4.0 * float(np.finfo(np.float64).eps)
# Below this total deviation the high branch is finished with a step on the price itself.
POLISH_BELOW: Final = 0.5

# Start values only, so a few tenths of a percent do. Rational least-squares fits, coefficients in
# rising powers, the leading 1 of the denominator included.
BACHELIER_TOP: Final = (1.550849456864323, 2.5925987942142164, 0.26227179822398244)
BACHELIER_BOTTOM: Final = (1.0, 0.5241772655636247)
NORMAL_TOP: Final = (6.275847842975822, 5.836641321113197, 2.1770583222705118, 0.7570872031637758)
NORMAL_BOTTOM: Final = (1.0, 0.3851185958937157, 0.09634217451660584)


class QuoteStatus(IntEnum):
    """Why a quote has, or does not have, an implied volatility.

    Attributes
    ----------
    OK
        The volatility reproduces the price.
    BELOW_INTRINSIC
        Cheaper than exercising: stale or crossed.
    ABOVE_MAXIMUM
        At or above what the option can ever pay (the forward for a call, the strike for a put).
    NO_TIME_VALUE
        Worth its intrinsic value within rounding; any small volatility fits.
    BAD_INPUT
        NaN, infinite, negative, expired, or a sign other than +1 and -1.
    """

    OK = 0
    BELOW_INTRINSIC = 1
    ABOVE_MAXIMUM = 2
    NO_TIME_VALUE = 3
    BAD_INPUT = 4


def implied_vol(
    price: npt.ArrayLike,
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    sign: npt.ArrayLike,
) -> tuple[FloatArray, StatusArray]:
    """Black-76 implied volatility of undiscounted prices.

    Parameters
    ----------
    price : array_like
        USD per unit, in the currency of the forward, >= 0. A coin premium is multiplied by the
        forward first.
    forward, strike : array_like
        USD, > 0.
    years : array_like
        Time to expiry, ACT/365, > 0.
    sign : array_like
        +1 call, -1 put.

    Returns
    -------
    vol : ndarray
        Annual volatility as a fraction, NaN where the status is not OK.
    status : ndarray of int8
        `QuoteStatus` values.

    Raises
    ------
    ValueError
        The shapes do not broadcast.

    Notes
    -----
    The time value c, as a fraction of min(F, K), fixes the total deviation s = vol * sqrt(T).
    Third-order Householder steps on ln c below the inflection c(sqrt(2 |ln F/K|)) and on ln(1 - c)
    above it; both are nearly linear in the start variable there, in the manner of Jaeckel (2015),
    "Let's be rational". All logarithms of normal probabilities come from Mills ratios, so nothing
    underflows. Error and failure counts are in tests/unit/pricing/test_implied.py.
    """
    rows, shape = broadcast_rows(price, forward, strike, years, sign)
    with np.errstate(all="ignore"):
        status, time_value = _classify(rows)
        vol = np.full(status.shape, np.nan)
        solvable = np.flatnonzero(status == QuoteStatus.OK)
        _, forwards, strikes, tenors, _ = rows[:, solvable]
        nearer = np.minimum(forwards, strikes)
        relative_gap = np.abs(forwards - strikes) / nearer
        deviation = _total_deviation(time_value[solvable] / nearer, relative_gap)
        vol[solvable] = deviation / np.sqrt(tenors)
    return vol.reshape(shape), status.reshape(shape)


def _classify(rows: FloatArray) -> tuple[StatusArray, FloatArray]:
    """Status and time value of every quote."""
    price, forward, strike, years, sign = rows
    intrinsic = np.maximum(sign * (forward - strike), 0.0)
    time_value = price - intrinsic
    noise = np.where(intrinsic > 0.0, NOISE * price, 0.0)
    nearer = np.minimum(forward, strike)
    valid = np.isfinite(rows).all(axis=0) & (np.abs(sign) == 1.0)
    valid &= (forward > 0.0) & (strike > 0.0) & (years > 0.0) & (price >= 0.0)
    status = np.select(
        [
            ~valid,
            time_value < -noise,
            time_value <= noise,
            (time_value >= nearer) | (time_value / nearer >= 1.0),
        ],
        [
            QuoteStatus.BAD_INPUT,
            QuoteStatus.BELOW_INTRINSIC,
            QuoteStatus.NO_TIME_VALUE,
            QuoteStatus.ABOVE_MAXIMUM,
        ],
        default=QuoteStatus.OK,
    )
    return status.astype(np.int8), time_value


def _total_deviation(fraction: FloatArray, relative_gap: FloatArray) -> FloatArray:
    """Total deviation whose time value is `fraction` of min(F, K); 0 < fraction < 1."""
    moneyness = np.log1p(relative_gap)
    inflection = np.sqrt(2.0 * moneyness)
    # c at the inflection, where x = 0: 1/2 - phi(0) M(inflection).
    level = 0.5 - mills(inflection) / ROOT_TWO_PI
    deviation = np.empty_like(fraction)
    is_low = fraction < level
    low, high = np.flatnonzero(is_low), np.flatnonzero(~is_low)
    deviation[low] = _solve_low(fraction[low], relative_gap[low], moneyness[low], level[low])
    deviation[high] = _solve_high(fraction[high], moneyness[high], level[high])
    return deviation


def _solve_low(
    fraction: FloatArray, relative_gap: FloatArray, moneyness: FloatArray, level: FloatArray
) -> FloatArray:
    """Householder on ln c, from the larger of a Bachelier and a small-price start."""
    inflection = np.sqrt(2.0 * moneyness)
    q = np.log1p(0.5 * relative_gap / fraction)
    from_normal = moneyness * np.sqrt(_rational(BACHELIER_TOP, BACHELIER_BOTTOM, q)) / q
    from_tail = moneyness / np.sqrt(2.0 * np.log(level / fraction) + 0.5 * moneyness)
    deviation = np.minimum(np.fmax(from_normal, from_tail), inflection)
    target = np.log(fraction) + LOG_ROOT_TWO_PI
    for _ in range(STEPS):
        near, far = _scores(moneyness, deviation)
        spread = _low_spread(near, far, deviation)
        residual = np.log(spread) - 0.5 * near * near - target
        step = _householder(residual, 1.0 / spread, near * far / deviation, moneyness, deviation)
        deviation = np.clip(deviation + step, 0.5 * deviation, inflection)
    return deviation


def _solve_high(fraction: FloatArray, moneyness: FloatArray, level: FloatArray) -> FloatArray:
    """Householder on ln(1 - c), then a Newton step on ln c where 1 - c has lost its digits."""
    inflection = np.sqrt(2.0 * moneyness)
    tail = (1.0 - fraction) * (mills(0.5 * inflection) / (1.0 - level))
    tail *= np.exp(-0.25 * moneyness) / ROOT_TWO_PI
    start = np.maximum(_double_quantile(tail), fraction * ROOT_TWO_PI)
    deviation = np.maximum(start, inflection)
    target = np.log1p(-fraction) + LOG_ROOT_TWO_PI
    for _ in range(STEPS):
        near, far = _scores(moneyness, deviation)
        spread = mills(-near) + mills(far)
        residual = np.log(spread) - 0.5 * near * near - target
        step = _householder(residual, -1.0 / spread, near * far / deviation, moneyness, deviation)
        deviation = np.clip(deviation + step, inflection, 2.0 * deviation)
    return _polish(deviation, fraction, moneyness)


def _polish(deviation: FloatArray, fraction: FloatArray, moneyness: FloatArray) -> FloatArray:
    """One Newton step on ln c where the total deviation is small and near the money."""
    chosen = np.flatnonzero(deviation < POLISH_BELOW)
    total = deviation[chosen]
    near, far = _scores(moneyness[chosen], total)
    spread = np.exp(0.5 * near * near) * ROOT_TWO_PI - mills(np.abs(near)) - mills(far)
    small = np.flatnonzero(total < SMALL_WIDTH)
    spread[small] = mills_difference(moneyness[chosen][small] / total[small], total[small])
    residual = np.log(spread) - 0.5 * near * near - LOG_ROOT_TWO_PI - np.log(fraction[chosen])
    deviation[chosen] = total - spread * residual
    return deviation


def _scores(moneyness: FloatArray, deviation: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Scores k / s - s / 2 and k / s + s / 2, the near and the far one for k >= 0."""
    ratio = moneyness / deviation
    half = 0.5 * deviation
    return ratio - half, ratio + half


def _low_spread(near: FloatArray, far: FloatArray, deviation: FloatArray) -> FloatArray:
    """M(near) - M(far) for 0 <= near, without cancellation at small deviations."""
    spread = mills(np.maximum(near, 0.0)) - mills(far)
    small = np.flatnonzero(deviation < SMALL_WIDTH)
    if small.size:
        centre = np.minimum(0.5 * (near[small] + far[small]), LARGEST_CENTRE)
        spread[small] = mills_difference(centre, deviation[small])
    return spread


def _householder(
    residual: FloatArray,
    slope: FloatArray,
    curvature: FloatArray,
    moneyness: FloatArray,
    deviation: FloatArray,
) -> FloatArray:
    """Step of order three for g = ln c or ln(1 - c).

    With g' = slope and c'' / c' = curvature = (k^2/s^2 - s^2/4) / s, the ratios g''/g' and g'''/g'
    follow from differentiating g' = +/- c' / (c or 1 - c).
    """
    newton = -residual / slope
    second = curvature - slope
    ratio = moneyness / (deviation * deviation)
    third = curvature * (curvature - 3.0 * slope) + 2.0 * slope * slope - 3.0 * ratio * ratio - 0.25
    top = 1.0 + 0.5 * newton * second
    bottom = 1.0 + newton * (second + newton * third / 6.0)
    return newton * top / bottom


def _double_quantile(tail: FloatArray) -> FloatArray:
    """Approximate -2 Ninv(tail) for 0 < tail <= 1/2, relative error 1e-3."""
    centred = 0.5 - tail
    width = -np.log(4.0 * tail * (1.0 - tail))
    return 2.0 * centred * np.sqrt(_rational(NORMAL_TOP, NORMAL_BOTTOM, width))


def _rational(
    top: tuple[float, ...], bottom: tuple[float, ...], argument: FloatArray
) -> FloatArray:
    """Quotient of two polynomials given by rising coefficients."""
    numerator = np.full_like(argument, top[-1])
    for coefficient in reversed(top[:-1]):
        numerator = numerator * argument + coefficient
    denominator = np.full_like(argument, bottom[-1])
    for coefficient in reversed(bottom[:-1]):
        denominator = denominator * argument + coefficient
    return numerator / denominator
