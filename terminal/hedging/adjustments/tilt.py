"""An asymmetric band: more room on one side of the centre, less on the other."""

from terminal.hedging.adjustments.widening import widened
from terminal.hedging.inputs import HedgeInputs
from terminal.model.hedge import Target


def tilted(inputs: HedgeInputs, target: Target) -> Target:
    """Target with a band wider above and narrower below by the policy's tilt."""
    tilt = inputs.spec.tilt_pct / 100.0
    return widened(inputs, target, 1.0 - tilt, 1.0 + tilt, f"tilted {inputs.spec.tilt_pct:+g} %")
