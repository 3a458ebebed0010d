"""Black-76 Greeks of a single option, without numpy's fixed cost per call."""

from __future__ import annotations

from math import copysign, exp, inf, log1p, nan, sqrt

from terminal.pricing.mills import (
    LARGEST_CENTRE,
    ROOT_TWO_PI,
    SMALL_WIDTH,
    mills_difference_scalar,
    mills_scalar,
)

ScalarGreeks = tuple[float, float, float, float, float]

UNDEFINED: ScalarGreeks = (nan, nan, nan, nan, nan)


def greeks_scalar(
    forward: float, strike: float, years: float, vol: float, sign: float
) -> ScalarGreeks:
    """Undiscounted Black-76 price and Greeks of one option.

    Parameters
    ----------
    forward, strike, years, vol, sign : float
        As in `terminal.pricing.black.greeks`.

    Returns
    -------
    tuple of float
        Price, delta, gamma, vega, theta in the units of `BlackGreeks`, with the same limits and
        NaN in every place for a bad input.

    Notes
    -----
    The formulas and Mills series of the array path, so both agree to rounding.
    """
    return of_side(shared_greeks(forward, strike, years, vol), forward - strike, sign)


def of_side(shared: ScalarGreeks, gap: float, sign: float) -> ScalarGreeks:
    """Price and Greeks of the call or the put of one strike.

    Parameters
    ----------
    shared : tuple of float
        From `shared_greeks`.
    gap : float
        Forward less strike.
    sign : float
        +1 call, -1 put; anything else gives NaN in every place.
    """
    if sign * sign != 1.0:
        return UNDEFINED
    time_value, tail, gamma, vega, theta = shared
    # 0, +1 or -1 less the tail: a small delta is the tail itself, not a difference of halves.
    delta = (0.5 * sign + copysign(0.5, tail)) - tail
    return max(sign * gap, 0.0) + time_value, delta, gamma, vega, theta


def shared_greeks(forward: float, strike: float, years: float, vol: float) -> ScalarGreeks:
    """What the call and the put of one strike have in common, by put-call parity.

    Returns
    -------
    tuple of float
        Time value, N(-|d1|) with the sign of d1, gamma, vega, theta.
    """
    if not (
        0.0 < forward < inf and 0.0 < strike < inf and -inf < years < inf and 0.0 <= vol < inf
    ):
        return UNDEFINED  # comparisons are false for NaN
    gap = forward - strike
    root_years = sqrt(years) if years > 0.0 else 0.0
    deviation = vol * root_years
    if deviation == 0.0:
        return 0.0, copysign(0.0, gap) if gap else 0.5, 0.0, 0.0, 0.0
    nearer = strike if gap > 0.0 else forward
    moneyness = copysign(log1p(abs(gap) / nearer), gap)
    d1 = moneyness / deviation + 0.5 * deviation
    d2 = moneyness / deviation - 0.5 * deviation
    density = exp(-0.5 * d1 * d1) / ROOT_TWO_PI
    weight = forward * density
    near_tail = copysign(mills_scalar(abs(d1)), d1)
    if deviation < SMALL_WIDTH:
        centre = min(abs(moneyness) / deviation, LARGEST_CENTRE)
        time_value = weight * mills_difference_scalar(centre, deviation)
    else:
        far_tail = copysign(mills_scalar(abs(d2)), d2)
        straddled = nearer if d2 < 0.0 <= d1 else 0.0
        time_value = straddled + weight * (far_tail - near_tail)
    gamma = density / forward / deviation
    vega = weight * root_years
    return time_value, density * near_tail, gamma, vega, -0.5 * weight * vol / root_years
