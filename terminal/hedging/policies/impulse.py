"""The band of a desk that pays for every order besides a cost that grows with size."""

from terminal.hedging.centre import band_gamma
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.policies.bands import computed, fallback, known
from terminal.model.hedge import Target
from terminal.pricing.impulse import impulse_band_scalar

RULE = "impulse"


def target(inputs: HedgeInputs) -> Target:
    """Trigger and stop that cost least when an order has a fixed price too.

    Notes
    -----
    The order cost stands for gas, a lot's rounding, rate budgets and the price of an approval.
    Without one it is Whalley-Wilmott to the edge.
    """
    gamma, order = band_gamma(inputs), inputs.spec.order_cost_usd
    aversion = inputs.profile.risk_aversion
    trigger, stop = impulse_band_scalar(inputs.one_way_cost, order, inputs.spot, gamma, aversion)
    if not (known(trigger) and known(stop)):
        return fallback(inputs, RULE, "cost or gamma is not known")
    if trigger <= 0.0:
        reason = "no gamma: the least band that can be traded"
        return computed(inputs, 0.0, inputs.spec.leave, (RULE, reason))
    reason = f"gamma {gamma:+.5f}, cost {inputs.one_way_cost * 1e4:.1f} bp and {order:g} USD"
    return computed(inputs, trigger, min(stop / trigger, 1.0), (RULE, reason))
