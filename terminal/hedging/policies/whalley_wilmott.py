"""Whalley-Wilmott no-trade band, capped; a hedge stops half-way back unless told otherwise.

Half-way costs 4 to 6 % more than the edge in turnover and needs a quarter of the orders, so it
wins as soon as an order costs anything.
"""

from terminal.hedging.centre import band_gamma
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.policies.bands import computed, fallback, known
from terminal.model.hedge import Target
from terminal.pricing.bands import gamma_half_width_scalar

RULE = "Whalley-Wilmott"


def target(inputs: HedgeInputs) -> Target:
    """Band H = (1.5 lam S Gamma^2 / risk aversion)^(1/3) around the centre.

    Notes
    -----
    Whalley and Wilmott (1997). H is held between three least sizes and the policy's cap, so that
    a book without gamma keeps a band that can be traded.
    """
    gamma, cost = band_gamma(inputs), inputs.one_way_cost
    half = gamma_half_width_scalar(cost, inputs.spot, gamma, inputs.profile.risk_aversion)
    if not known(half):
        return fallback(inputs, RULE, "cost or gamma is not known")
    if gamma == 0.0:
        reason = "no gamma: the least band that can be traded"
    else:
        reason = f"gamma {gamma:+.5f}, cost {cost * 1e4:.1f} bp"
    return computed(inputs, half, inputs.spec.leave, (RULE, reason))
