"""Hedge to target every so often, whatever the delta."""

from terminal.core.units import from_seconds
from terminal.hedging.centre import centre
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.policies.bands import edges
from terminal.model.hedge import Target


def target(inputs: HedgeInputs) -> Target:
    """Band closed at the centre when the period is over, open to the policy's edges before."""
    spec, middle = inputs.spec, centre(inputs)
    due = inputs.now - inputs.last_hedge_at >= from_seconds(spec.every_s)
    if due:
        reason = f"{spec.every_s:g} s since the last hedge"
        return Target(middle, middle, middle, "timer", reason)
    low, high = edges(inputs)
    return Target(middle, low, high, "timer", f"next hedge every {spec.every_s:g} s")
