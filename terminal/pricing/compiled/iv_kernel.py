"""Black-76 implied volatility in compiled code, the answers of `terminal.pricing.implied`.

The work is cut into passes over a block of quotes. In one pass the chain of dependent operations
would be longer than what a processor looks ahead, which costs half the speed.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from terminal.pricing.compiled.elementary import (
    ROOT_TWO_PI,
    exact,
    exponential,
    kernel,
    log_ratio,
    mills_pair,
    piece,
    use_widest_vectors,
)
from terminal.pricing.compiled.inputs import kernel_columns
from terminal.pricing.implied import NOISE, QuoteStatus, StatusArray
from terminal.pricing.implied import implied_vol as twin
from terminal.pricing.rows import FloatArray

NAMES: Final = ("price", "forward", "strike", "years", "sign")
BLOCK: Final = 256
STEPS: Final = 2

OK: Final = int(QuoteStatus.OK)
BELOW_INTRINSIC: Final = int(QuoteStatus.BELOW_INTRINSIC)
ABOVE_MAXIMUM: Final = int(QuoteStatus.ABOVE_MAXIMUM)
NO_TIME_VALUE: Final = int(QuoteStatus.NO_TIME_VALUE)
BAD_INPUT: Final = int(QuoteStatus.BAD_INPUT)
# Solvable, but so far from ordinary numbers that it is left to the twin.
EXTREME: Final = -1
SMALLEST: Final = 1e-30
LARGEST: Final = 1e30
SMALLEST_FRACTION: Final = 1e-290

# Below this fraction 1 - c has lost digits, so ln c is iterated even above the inflection; the near
# score is then above -0.03.
SMALL_FRACTION: Final = 0.0199

# Start values, a few tenths of a percent wrong: rational fits, rising powers, of the Bachelier
# price and of the normal quantile.
BACHELIER_TOP: Final = (1.550849456864323, 2.5925987942142164, 0.26227179822398244)
BACHELIER_BOTTOM: Final = (1.0, 0.5241772655636247)
NORMAL_TOP: Final = (6.275847842975822, 5.836641321113197, 2.1770583222705118, 0.7570872031637758)
NORMAL_BOTTOM: Final = (1.0, 0.3851185958937157, 0.09634217451660584)


@exact
def _classified(
    quote: float, forward: float, strike: float, years: float, sign: float
) -> tuple[int, float]:
    """Status, and the time value as a fraction of min(F, K), compared to the bit as the twin does.

    The worst reason is written last.
    """
    intrinsic = max(sign * (forward - strike), 0.0)
    time_value = quote - intrinsic
    noise = NOISE * quote if intrinsic > 0.0 else 0.0
    nearer, farther = min(forward, strike), max(forward, strike)
    fraction = time_value / nearer
    is_moderate = (
        (fraction >= SMALLEST_FRACTION)
        & (nearer >= SMALLEST)
        & (farther <= LARGEST)
        & (years >= SMALLEST)
        & (years <= LARGEST)
    )
    status = OK if is_moderate else EXTREME
    status = ABOVE_MAXIMUM if (time_value >= nearer) | (fraction >= 1.0) else status
    status = NO_TIME_VALUE if time_value <= noise else status
    status = BELOW_INTRINSIC if time_value < -noise else status
    is_valid = (
        ((nearer > 0.0) & (farther < math.inf))
        & ((years > 0.0) & (years < math.inf))
        & ((quote >= 0.0) & (quote < math.inf))
        & (abs(sign) == 1.0)
        & (abs(forward) < math.inf)
        & (abs(strike) < math.inf)
    )
    return status if is_valid else BAD_INPUT, fraction


@piece
def _started(
    fraction: float, steepness: float, moneyness: float, inflection: float
) -> tuple[float, float, float, float]:
    """First total deviation, what to iterate on, and the bounds of its side of the inflection.

    The target is sqrt(2 pi) times the fraction c where ln c is iterated, and -sqrt(2 pi) (1 - c)
    where ln(1 - c) is; `steepness` is |F - K| / (2 time value).
    """
    half_mills, full_mills, _ = mills_pair(0.5 * inflection, inflection)
    level = 0.5 - full_mills * (1.0 / ROOT_TWO_PI)
    is_below = fraction < level
    is_low = is_below | (fraction < SMALL_FRACTION)
    tail = (1.0 - fraction) * (half_mills / (1.0 - level))
    tail *= exponential(-0.25 * moneyness) * (1.0 / ROOT_TWO_PI)

    # ln(1 + steepness) for the Bachelier fit, -ln(4 p (1 - p)) for the quantile of the tail p.
    over = 1.0 + steepness if is_low else 1.0
    log = log_ratio(over, 1.0 if is_low else 4.0 * tail * (1.0 - tail))
    log = steepness if is_low & (steepness < 1e-5) else log
    q = max(log, 1e-100)
    p, s = BACHELIER_TOP, BACHELIER_BOTTOM
    top = (p[2] * q + p[1]) * q + p[0]
    bottom = (s[1] * q + s[0]) * (q * q)
    # The larger of that and of k / sqrt(2 ln(level / c) + k / 2), which holds for small prices.
    wing = 2.0 * abs(log_ratio(level, fraction)) + 0.5 * moneyness
    is_wing = top * wing < bottom
    low_top, low_bottom = 1.0 if is_wing else top, wing if is_wing else bottom
    t, b = NORMAL_TOP, NORMAL_BOTTOM
    high_top = ((t[3] * q + t[2]) * q + t[1]) * q + t[0]
    high_bottom = (b[2] * q + b[1]) * q + b[0]
    root = math.sqrt((low_top if is_low else high_top) / (low_bottom if is_low else high_bottom))
    scale = moneyness if is_low else 1.0 - 2.0 * tail
    deviation = max(scale * root, fraction * ROOT_TWO_PI)
    return (
        min(deviation, inflection) if is_below else max(deviation, inflection),
        (fraction if is_low else fraction - 1.0) * ROOT_TWO_PI,
        0.0 if is_low else inflection,
        inflection if is_below else math.inf,
    )


@piece
def _improved(
    deviation: float, moneyness: float, target: float, lowest: float, highest: float
) -> float:
    """Householder step of order three for ln c or ln(1 - c).

    With n = -g / g' and g'' / g' = r - g', where r = near far / s = c'' / c', the products with n
    need no further division: n g' = -g.
    """
    is_low = target > 0.0
    inverse = 1.0 / deviation
    ratio = moneyness * inverse
    near, far = ratio - 0.5 * deviation, ratio + 0.5 * deviation
    near_mills, far_mills, slope = mills_pair(near if is_low else abs(near), far)
    spread = deviation * slope if is_low else near_mills + far_mills
    residual = log_ratio(spread, abs(target)) - 0.5 * near * near
    newton = residual * (-spread if is_low else spread)
    first = newton * (near * far * inverse) + residual
    ratio *= inverse
    second = first * (first + residual) - newton * newton * (3.0 * ratio * ratio + 0.25)
    step = newton * (1.0 + 0.5 * first) / (1.0 + first + second * (1.0 / 6.0))
    bounded = max(deviation + step, 0.5 * deviation, lowest)
    return min(bounded, 2.0 * deviation, highest)


@kernel("i8(UniTuple(f8[::1], 5), f8[::1], i1[::1])")
def fill(quotes: tuple[FloatArray, ...], vol: FloatArray, status: StatusArray) -> int:
    """Fill `vol` and `status`; the number of quotes left to the twin."""
    use_widest_vectors()
    price, forward, strike, years, sign = quotes
    rows = np.empty((6, BLOCK))
    fraction, steepness, moneyness = rows[0], rows[1], rows[2]
    lowest, highest, deviation = rows[3], rows[4], rows[5]
    target = fraction  # takes its place
    extreme = 0
    for first in range(0, vol.size, BLOCK):
        size = min(BLOCK, vol.size - first)
        for i in range(size):
            j = first + i
            state, part = _classified(price[j], forward[j], strike[j], years[j], sign[j])
            status[j] = state
            extreme += state == EXTREME
            # Harmless numbers stand in for a quote that has no volatility.
            one, other = forward[j] if state == OK else 1.0, strike[j] if state == OK else 1.0
            fraction[i] = part if state == OK else 0.25
            nearer = min(one, other)
            steepness[i] = 0.5 * abs(one - other) / (fraction[i] * nearer)
            moneyness[i] = log_ratio(max(one, other), nearer)
        for i in range(size):
            inflection = math.sqrt(2.0 * moneyness[i])
            start = _started(fraction[i], steepness[i], moneyness[i], inflection)
            deviation[i], target[i], lowest[i], highest[i] = start
        for _ in range(STEPS):
            for i in range(size):
                bounds = lowest[i], highest[i]
                deviation[i] = _improved(deviation[i], moneyness[i], target[i], *bounds)
        for i in range(size):
            found = deviation[i] / math.sqrt(years[first + i])
            vol[first + i] = found if status[first + i] == OK else math.nan
    return extreme


def implied_vol(
    price: npt.ArrayLike,
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    sign: npt.ArrayLike,
) -> tuple[FloatArray, StatusArray]:
    """Black-76 implied volatility: `terminal.pricing.implied.implied_vol`, compiled.

    Parameters
    ----------
    price, forward, strike, years, sign : array_like
        As there. Columns of float64 are read where they are, anything else is copied.

    Returns
    -------
    vol : ndarray
        As there, equal to 1e-12 relative.
    status : ndarray of int8
        As there, equal. Quotes with forwards, strikes or times beyond 1e-30 to 1e30, or worth
        less than 1e-290 of them, are answered by the twin itself.

    Raises
    ------
    TypeError
        An input holds anything but real numbers.
    ValueError
        The shapes do not broadcast.
    """
    quotes, shape = kernel_columns(NAMES, (price, forward, strike, years, sign))
    vol = np.empty(quotes[0].size)
    status = np.empty(vol.size, np.int8)
    if fill(quotes, vol, status):
        left = np.flatnonzero(status == EXTREME)
        vol[left], status[left] = twin(*(each[left] for each in quotes))
    return vol.reshape(shape), status.reshape(shape)
