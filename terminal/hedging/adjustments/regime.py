"""Scaling by the regime of volatility: narrower when it is high, wider when it is calm."""

import math

from terminal.hedging.adjustments.widening import widened
from terminal.hedging.inputs import HedgeInputs
from terminal.model.hedge import Target

BOUNDS = (0.5, 2.0)
"""A band between half and twice the best one costs less than twice as much; beyond, it may not."""


def scaled(inputs: HedgeInputs, target: Target) -> Target:
    """Target wider by (usual volatility / volatility now)^exponent, from half to twice.

    Notes
    -----
    The best band of a book of flows falls with volatility to the power 2/3. That of options does
    not: risk and turnover both grow, and gamma has the volatility in it already.
    """
    samples, now = inputs.memory.samples, inputs.annual_vol
    usual = samples.vol if samples else None
    if usual is None or now is None or not (usual > 0.0 and now > 0.0):
        return target
    # By logarithms: a power of an extreme ratio overflows before it is bounded.
    power = inputs.spec.regime * (math.log(usual) - math.log(now))
    factor = math.exp(min(max(power, math.log(BOUNDS[0])), math.log(BOUNDS[1])))
    why = f"volatility is {now / usual:.2f} times the usual: {factor:.2f} times as wide"
    return widened(inputs, target, factor, factor, why)
