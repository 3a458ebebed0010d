"""The policy's own least interval between two hedges of a coin."""

from msgspec.structs import replace

from terminal.core.units import from_seconds, seconds
from terminal.hedging.inputs import HedgeInputs
from terminal.model.hedge import Target


def spaced(inputs: HedgeInputs, target: Target) -> Target:
    """Target that holds while the last hedge is too recent."""
    left = inputs.last_hedge_at + from_seconds(inputs.spec.interval_s) - inputs.now
    if inputs.last_hedge_at == 0 or left <= 0:
        return target
    why = f"the policy keeps hedges {inputs.spec.interval_s:g} s apart: {seconds(left):.0f} s left"
    return replace(target, hold=why)
