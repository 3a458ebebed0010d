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
    if not (
        0.0 < forward < inf
        and 0.0 < strike < inf
        and -inf < years < inf
        and 0.0 <= vol < inf
        and sign * sign == 1.0
    ):
        return UNDEFINED  # comparisons are false for NaN
    gap = forward - strike
    intrinsic = max(sign * gap, 0.0)
    root_years = sqrt(years) if years > 0.0 else 0.0
    deviation = vol * root_years
    if deviation == 0.0:
        return intrinsic, _settled_delta(sign * gap, sign), 0.0, 0.0, 0.0
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
    delta = 0.5 * sign + copysign(0.5, d1) - density * near_tail
    gamma = density / forward / deviation
    return (
        intrinsic + time_value,
        delta,
        gamma,
        weight * root_years,
        -0.5 * weight * vol / root_years,
    )


def _settled_delta(signed_gap: float, sign: float) -> float:
    """Delta with no time or volatility left: 0, half or all of `sign`."""
    if signed_gap == 0.0:
        return 0.5 * sign
    return sign if signed_gap > 0.0 else 0.0
