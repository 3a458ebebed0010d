"""A fixed, possibly asymmetric band in coin: back to its target, or only to the edge crossed.

Trading to the edge is optimal with proportional costs alone; any fixed cost of an order favours
going further back (Whalley and Wilmott 1997; Davis, Panas and Zariphopoulou 1993).
"""

from terminal.hedging.inputs import HedgeInputs
from terminal.model.hedge import Target


def to_target(inputs: HedgeInputs) -> Target:
    """Outside the band, trade back to the target."""
    spec = inputs.spec
    low, high = spec.target + spec.low, spec.target + spec.high
    return Target(spec.target, low, high, "band to target", "fixed band")


def to_edge(inputs: HedgeInputs) -> Target:
    """Outside the band, trade back to the nearer edge."""
    spec = inputs.spec
    low, high = spec.target + spec.low, spec.target + spec.high
    edge = min(max(inputs.net_delta, low), high)
    return Target(edge, low, high, "band to edge", "fixed band")
