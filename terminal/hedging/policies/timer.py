"""Hedge to target every so often, whatever the delta."""

from terminal.core.units import from_seconds
from terminal.hedging.inputs import HedgeInputs
from terminal.model.hedge import Target


def target(inputs: HedgeInputs) -> Target:
    """Band closed at the target when the period is over, open to the policy's edges before."""
    spec = inputs.spec
    due = inputs.now - inputs.last_hedge_at >= from_seconds(spec.every_s)
    if due:
        reason = f"{spec.every_s:g} s since the last hedge"
        return Target(spec.target, spec.target, spec.target, "timer", reason)
    low, high = spec.target + spec.low, spec.target + spec.high
    return Target(spec.target, low, high, "timer", f"next hedge every {spec.every_s:g} s")
