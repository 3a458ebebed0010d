"""A fixed, possibly asymmetric band in coin: back to its target, half-way, or to the edge crossed.

Trading to the edge is optimal with proportional costs alone; any fixed cost of an order favours
going further back (Whalley and Wilmott 1997; Davis, Panas and Zariphopoulou 1993).
"""

from terminal.hedging.centre import centre
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.policies.bands import edges
from terminal.model.hedge import Target

HALF = 0.5


def to_target(inputs: HedgeInputs) -> Target:
    """Outside the band, trade back to the centre."""
    middle, spec = centre(inputs), inputs.spec
    return Target(middle, middle + spec.low, middle + spec.high, "band to target", "fixed band")


def to_half(inputs: HedgeInputs) -> Target:
    """Outside the band, trade half-way back from the edge crossed to the centre."""
    low, high = edges(inputs)
    middle = centre(inputs)
    crossed = high if inputs.net_delta > middle else low
    return Target(middle + HALF * (crossed - middle), low, high, "band to half", "fixed band")


def to_edge(inputs: HedgeInputs) -> Target:
    """Outside the band, trade back to the edge crossed.

    The stop is an edge wherever delta is: what is added to a band moves its stops with its edges.
    """
    low, high = edges(inputs)
    crossed = high if inputs.net_delta > centre(inputs) else low
    return Target(crossed, low, high, "band to edge", "fixed band")
