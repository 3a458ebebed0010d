"""A band as wide as gamma makes delta move in k daily standard deviations of price."""

import math

from terminal.hedging.centre import band_gamma, book_vol
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.policies.bands import computed, fallback, known
from terminal.model.hedge import Target

RULE = "gamma band"


def target(inputs: HedgeInputs) -> Target:
    """Band H = |Gamma| S k sigma / sqrt(365) around the centre.

    Notes
    -----
    Sigma is the realised volatility of the last hour, or that of the book's options while no
    price has been watched long enough. Traded to the edge it costs within 6 % of Whalley-Wilmott
    at equal risk, which makes k the one number to think in.
    """
    vol = inputs.annual_vol if known(inputs.annual_vol) else book_vol(inputs)
    gamma, k = band_gamma(inputs), inputs.spec.sigmas
    if vol is None or not known(gamma):
        return fallback(inputs, RULE, "no volatility is known yet")
    half = abs(gamma) * inputs.spot * k * vol / math.sqrt(365.0)
    if gamma == 0.0:
        reason = "no gamma: the least band that can be traded"
    else:
        reason = f"gamma {gamma:+.5f} over {k:g} days' sigma of {100.0 * vol:.0f} % a year"
    return computed(inputs, half, inputs.spec.leave, (RULE, reason))
