"""A band for books whose delta moves by flow: perpetuals only, or gamma that crosses zero."""

import math

from terminal.core.units import MINUTE
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.memory import ENOUGH, flow_vol
from terminal.hedging.policies.bands import computed, fallback, known
from terminal.model.hedge import Target
from terminal.pricing.bands import flow_half_width_scalar

RULE = "flow band"


def target(inputs: HedgeInputs) -> Target:
    """Band H = (3 lam nu^2 / (2 risk aversion S sigma^2))^(1/3), nu measured on the book itself.

    Notes
    -----
    Nu is the exponentially weighted standard deviation of net delta without our own hedges. For
    options alone nu = |Gamma| S sigma, which gives Whalley-Wilmott back.
    """
    vol, nu = inputs.annual_vol, flow_vol(inputs.memory.samples)
    if nu is None:
        return fallback(inputs, RULE, f"flow is measured over {ENOUGH // MINUTE} min first")
    if vol is None or not vol > 0.0:
        return fallback(inputs, RULE, "no volatility is known yet")
    aversion = inputs.profile.risk_aversion
    half = flow_half_width_scalar(inputs.one_way_cost, inputs.spot, nu, vol, aversion)
    if not known(half):
        return fallback(inputs, RULE, "cost or flow is not known")
    day, bps = nu / math.sqrt(365.0), inputs.one_way_cost * 1e4
    reason = f"delta flows {day:.3g} coins a day, cost {bps:.1f} bp"
    return computed(inputs, half, inputs.spec.leave, (RULE, reason))
