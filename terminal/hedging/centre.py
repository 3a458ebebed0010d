"""Where net delta belongs, and how fast price moves it away: offset, hedge ratio, settlement."""

import math

from terminal.hedging.inputs import HedgeInputs

WHOLE = 100.0


def centre(inputs: HedgeInputs) -> float:
    """Net delta that a full hedge would leave, coin.

    Notes
    -----
    With offset o, hedge ratio r, options' delta D of which E settles at an average with a part u
    still to come: o + D - r (D - (1 - u) E). The averaged part of E is fixed: price moves it no
    more, so its hedge is let go evenly instead of at once after the settlement. D is the
    Black-Scholes delta, whichever delta is hedged.
    """
    spec, fading = inputs.spec, inputs.expiring
    middle = spec.target
    if spec.ratio_pct != WHOLE:
        middle += (1.0 - spec.ratio_pct / WHOLE) * inputs.exposure.option_delta
    if fading is not None:
        middle += spec.ratio_pct / WHOLE * (1.0 - fading.left) * fading.delta
    return middle


def gamma_of(inputs: HedgeInputs) -> float:
    """Change of net delta against its centre per USD of price, coin per USD."""
    gamma, fading = inputs.exposure.total.gamma, inputs.expiring
    if fading is not None:
        gamma -= (1.0 - fading.left) * fading.gamma
    return gamma * (inputs.spec.ratio_pct / WHOLE)


def band_gamma(inputs: HedgeInputs) -> float:
    """Gamma that bands are made of: as ``gamma_of``, with every option an hour from its expiry.

    Notes
    -----
    At the strike gamma grows as 1 / sqrt(T). A band made of it would be wider than the position
    itself just when delta jumps from one side to the other.
    """
    if inputs.calm_gamma is None:
        return gamma_of(inputs)
    return inputs.calm_gamma * (inputs.spec.ratio_pct / WHOLE)


def book_vol(inputs: HedgeInputs) -> float | None:
    """Annual volatility of the book's options as one; None where gamma and theta do not say.

    Notes
    -----
    Without carry theta = -gamma S^2 sigma^2 / 2 of every option, so the ratio of the book's sums
    is its gamma-weighted mean variance. A book of both signs of gamma may have none.
    """
    total = inputs.exposure.total
    rent = -2.0 * 365.0 * total.theta_usd_day
    square = total.gamma * inputs.spot * inputs.spot
    if not rent * square > 0.0:
        return None
    vol = math.sqrt(rent / square)
    return vol if math.isfinite(vol) else None


def book_years(inputs: HedgeInputs, vol: float) -> float | None:
    """Years to expiry of the book's options as one of volatility ``vol``; None where unknown.

    Notes
    -----
    Vega = gamma S^2 sigma T of every option, vega per 1.00 of volatility.
    """
    total = inputs.exposure.total
    vega, curved = 100.0 * total.vega_usd, total.gamma * inputs.spot * inputs.spot * vol
    if not vega * curved > 0.0:
        return None
    years = vega / curved
    return years if math.isfinite(years) else None


def beyond_cap(inputs: HedgeInputs) -> bool:
    """Whether delta is so far out that no pause of a policy may hold a hedge back."""
    return abs(inputs.net_delta - centre(inputs)) * inputs.spot > inputs.profile.delta_cap_usd
