"""Hedge to the centre each time price has moved k daily standard deviations."""

import math

from terminal.hedging.centre import book_vol, centre
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.policies.bands import edges, fallback, known
from terminal.model.hedge import Target

RULE = "price step"


def target(inputs: HedgeInputs) -> Target:
    """Band closed at the centre once price is a step from the last fill, else the fixed one."""
    step = step_usd(inputs)
    anchor = inputs.memory.anchor
    if step is None:
        return fallback(inputs, RULE, "no volatility is known yet")
    middle = centre(inputs)
    start = anchor.spot if anchor else inputs.spot
    moved = inputs.spot - start
    if abs(moved) >= step:
        reason = f"price moved {moved:+,.0f} USD since the last fill, a step is {step:,.0f} USD"
        return Target(middle, middle, middle, RULE, reason)
    low, high = edges(inputs)
    reason = f"steps at {start - step:,.0f} and {start + step:,.0f} USD"
    return Target(middle, low, high, RULE, reason)


def step_usd(inputs: HedgeInputs) -> float | None:
    """Step of price, k S sigma / sqrt(365), USD; None while no volatility is known."""
    vol = inputs.annual_vol if known(inputs.annual_vol) else book_vol(inputs)
    if vol is None or vol <= 0.0:
        return None
    return inputs.spec.sigmas * inputs.spot * vol / math.sqrt(365.0)
