"""Implied volatility of option quotes, to the precision the quote carries."""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from terminal.pricing.mills import (
    LARGEST_CENTRE,
    POWER_ROWS,
    RATIO_MATRIX,
    ROOT_TWO_PI,
    SMALL_WIDTH,
    Quotient,
    divided,
    fill_powers,
    mills,
    mills_difference,
    quotient_in,
)
from terminal.pricing.rows import FloatArray, flat_columns

StatusArray = npt.NDArray[np.int8]

LOG_ROOT_TWO_PI: Final = float(np.log(ROOT_TWO_PI))
# Quotes per pass: the fixed cost of the numpy calls is spread thin, the rows stay in cache.
BLOCK: Final = 2048
# For every step of the iteration the total deviation below which the difference of two Mills ratios
# is taken from a Taylor series: the first step need not be exact, its error is corrected.
TAYLOR_BELOW: Final = (1e-4, SMALL_WIDTH)
# The error after a step of this relative size is its fourth power: no digit is left to gain. Larger
# ones, met only where the total deviation exceeds ten, are followed by another.
LAST_STEP: Final = 1e-4
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
    TypeError
        An input holds something else than real numbers.
    ValueError
        The shapes do not broadcast.

    Notes
    -----
    The time value c, as a fraction of min(F, K), fixes the total deviation s = vol * sqrt(T). Two
    third-order Householder steps on ln c below the inflection c(sqrt(2 |ln F/K|)) and on ln(1 - c)
    above it; both are nearly linear in s there, in the manner of Jaeckel (2015), "Let's be
    rational". All logarithms of normal probabilities come from Mills ratios, so nothing underflows.
    Error and failure counts are in tests/unit/pricing/test_implied.py.
    """
    columns, shape = flat_columns(
        price=price, forward=forward, strike=strike, years=years, sign=sign
    )
    count = columns[0].size
    vol, status = np.empty(count), np.empty(count, np.int8)
    with np.errstate(all="ignore"):
        for start in range(0, count, BLOCK):
            part = slice(start, start + BLOCK)
            rows = np.array([column[part] for column in columns])
            _solve(rows, vol[part], status[part])
    return vol.reshape(shape), status.reshape(shape)


def _solve(rows: FloatArray, vol: FloatArray, status: StatusArray) -> None:
    """Fill volatility and status of the quotes in `rows` (5, n)."""
    price, forward, strike, years, sign = rows
    gap = forward - strike
    intrinsic = np.maximum(sign * gap, 0.0)
    time_value = price - intrinsic
    nearer = np.minimum(forward, strike)
    fraction = time_value / nearer
    noise = NOISE * price * (intrinsic > 0.0)
    valid = _valid(rows)
    is_ok = valid & (time_value > noise) & (fraction < 1.0)
    solvable = np.flatnonzero(is_ok)
    status.fill(QuoteStatus.OK)
    if solvable.size < status.size:
        refused = np.flatnonzero(~is_ok)
        status[refused] = _refusal(valid[refused], time_value[refused], noise[refused])
        vol[refused] = np.nan
        if not solvable.size:
            return
        gap, nearer, fraction = gap[solvable], nearer[solvable], fraction[solvable]
        vol[solvable] = _total_deviation(fraction, np.abs(gap) / nearer) / np.sqrt(years[solvable])
    else:
        np.divide(_total_deviation(fraction, np.abs(gap) / nearer), np.sqrt(years), vol)


def _valid(rows: FloatArray) -> npt.NDArray[np.bool_]:
    """Whether all numbers of a quote are usable."""
    price, _, _, _, sign = rows
    valid: npt.NDArray[np.bool_] = np.minimum.reduce(rows[1:4]) > 0.0
    valid &= np.maximum.reduce(rows) < np.inf
    valid &= price >= 0.0
    valid &= sign * sign == 1.0
    return valid


def _refusal(
    valid: npt.NDArray[np.bool_], time_value: FloatArray, noise: FloatArray
) -> npt.NDArray[np.int64]:
    """Status of quotes that have no volatility."""
    reasons = [QuoteStatus.BAD_INPUT, QuoteStatus.BELOW_INTRINSIC, QuoteStatus.NO_TIME_VALUE]
    return np.select(
        [~valid, time_value < -noise, time_value <= noise],
        [int(reason) for reason in reasons],
        default=int(QuoteStatus.ABOVE_MAXIMUM),
    )


class _Problem(NamedTuple):
    """Equations ln c(s) = target, or ln(1 - c(s)) = target above the inflection, for n quotes.

    Attributes
    ----------
    moneyness : ndarray (n,)
        |ln F/K|.
    is_low, side : ndarray (n,)
        Whether the solution lies below the inflection of c(s), and that as +1 or -1.
    target : ndarray (n,)
        Logarithm of the quote's c or 1 - c, times sqrt(2 pi).
    """

    moneyness: FloatArray
    is_low: npt.NDArray[np.bool_]
    side: FloatArray
    target: FloatArray


def _total_deviation(fraction: FloatArray, relative_gap: FloatArray) -> FloatArray:
    """Total deviation whose time value is `fraction` of min(F, K); 0 < fraction < 1."""
    moneyness = np.log1p(relative_gap)
    # c at its inflection s = sqrt(2 k), where x = 0: 1/2 - phi(0) M(s).
    level = 0.5 - mills(np.sqrt(2.0 * moneyness)) / ROOT_TWO_PI
    is_low = fraction < level
    side = np.where(is_low, 1.0, -1.0)
    target = np.log(np.where(is_low, fraction, 1.0 - fraction)) + LOG_ROOT_TWO_PI
    deviation = np.empty_like(fraction)
    low, high = np.flatnonzero(is_low), np.flatnonzero(~is_low)
    deviation[low] = _start_low(fraction[low], relative_gap[low], moneyness[low], level[low])
    deviation[high] = _start_high(fraction[high], moneyness[high], level[high])
    problem = _Problem(moneyness, is_low, side, target)
    both = 2 * side.size
    memory = quotient_in(np.empty((POWER_ROWS, both)), np.empty((4, both)))
    for taylor_below in TAYLOR_BELOW:
        previous = deviation
        deviation = _improve(problem, deviation, taylor_below, memory)
    if np.fmax.reduce(np.abs(deviation - previous) - LAST_STEP * deviation) > 0.0:
        deviation = _improve(problem, deviation, SMALL_WIDTH, memory)
    _polish(deviation, fraction, problem)
    return deviation


def _start_low(
    fraction: FloatArray, relative_gap: FloatArray, moneyness: FloatArray, level: FloatArray
) -> FloatArray:
    """Start below the inflection: the larger of a Bachelier and a small-price estimate."""
    q = np.log1p(0.5 * relative_gap / fraction)
    from_normal = moneyness * np.sqrt(_rational(BACHELIER_TOP, BACHELIER_BOTTOM, q)) / q
    from_tail = moneyness / np.sqrt(2.0 * np.log(level / fraction) + 0.5 * moneyness)
    return np.minimum(np.fmax(from_normal, from_tail), np.sqrt(2.0 * moneyness))


def _start_high(fraction: FloatArray, moneyness: FloatArray, level: FloatArray) -> FloatArray:
    """Start above the inflection, from the normal quantile that fits c there and at infinity."""
    inflection = np.sqrt(2.0 * moneyness)
    tail = (1.0 - fraction) * (mills(0.5 * inflection) / (1.0 - level))
    tail *= np.exp(-0.25 * moneyness) / ROOT_TWO_PI
    start = np.maximum(_double_quantile(tail), fraction * ROOT_TWO_PI)
    return np.maximum(start, inflection)


def _improve(
    problem: _Problem,
    deviation: FloatArray,
    taylor_below: float,
    memory: Quotient,
) -> FloatArray:
    """One step towards the solution.

    With x = k/s - s/2 and y = k/s + s/2, c = phi(x) [M(x) - M(y)] below the inflection and
    1 - c = phi(x) [M(-x) + M(y)] above it.
    """
    moneyness, is_low, side, target = problem
    near, far = scores = memory.score.reshape(2, -1)
    ratio = moneyness / deviation
    half = 0.5 * deviation
    np.subtract(ratio, half, near)
    np.add(ratio, half, far)
    signed = near.copy()
    product = near * far
    np.absolute(scores, scores)
    np.minimum(scores, LARGEST_CENTRE, out=scores)
    np.square(memory.score, memory.square)
    fill_powers(memory)
    near_tail, far_tail = divided(RATIO_MATRIX, memory).reshape(2, -1)
    far_tail *= side
    spread = np.subtract(near_tail, far_tail, near_tail)
    if np.fmin.reduce(deviation) < taylor_below:
        small = np.flatnonzero((deviation < taylor_below) & is_low)
        centre = np.minimum(ratio[small], LARGEST_CENTRE)
        spread[small] = mills_difference(centre, deviation[small])
    residual = np.log(spread)
    signed *= signed
    signed *= 0.5
    residual -= signed
    residual -= target
    step = _householder(residual, side / spread, product / deviation, ratio / deviation)
    step += deviation
    return step


def _householder(
    residual: FloatArray, slope: FloatArray, curvature: FloatArray, ratio: FloatArray
) -> FloatArray:
    """Step of order three for g = ln c or ln(1 - c).

    With g' = slope, ratio = k / s^2 and curvature = (k^2/s^2 - s^2/4) / s, the second derivative of
    c over its first, those of g follow from differentiating g' = +/- c' / (c or 1 - c).
    """
    newton = residual / slope
    np.negative(newton, newton)
    second = curvature - slope
    third = curvature * (curvature - 3.0 * slope) + 2.0 * slope * slope - 3.0 * ratio * ratio - 0.25
    third *= newton
    third /= 6.0
    third += second
    third *= newton
    third += 1.0
    second *= newton
    second *= 0.5
    second += 1.0
    newton *= second
    newton /= third
    return newton


def _polish(deviation: FloatArray, fraction: FloatArray, problem: _Problem) -> None:
    """Newton step on ln c near the money, where 1 - c has lost the digits of a small c."""
    chosen = np.flatnonzero((deviation < POLISH_BELOW) & ~problem.is_low)
    if not chosen.size:
        return
    total, moneyness = deviation[chosen], problem.moneyness[chosen]
    near, far = moneyness / total - 0.5 * total, moneyness / total + 0.5 * total
    spread = np.exp(0.5 * near * near) * ROOT_TWO_PI - mills(np.abs(near)) - mills(far)
    small = np.flatnonzero(total < SMALL_WIDTH)
    spread[small] = mills_difference(moneyness[small] / total[small], total[small])
    residual = np.log(spread) - 0.5 * near * near - LOG_ROOT_TWO_PI - np.log(fraction[chosen])
    deviation[chosen] = total - spread * residual


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
