"""Hysteresis: the way back against the last hedge begins farther out."""

from msgspec.structs import replace

from terminal.hedging.adjustments.widening import widened
from terminal.hedging.inputs import HedgeInputs
from terminal.model.hedge import Target


def hysteretic(inputs: HedgeInputs, target: Target) -> Target:
    """Target whose edge on the side that would undo the last hedge is farther out.

    Notes
    -----
    Only the trigger moves: a hedge, when it comes, stops where it would have stopped. A computed
    band does not pass its cap for this.
    """
    side = inputs.memory.side
    if side == 0:
        return target
    factor = 1.0 + inputs.spec.hysteresis_pct / 100.0
    below, above = (factor, 1.0) if side < 0 else (1.0, factor)
    wide = widened(inputs, target, below, above, "wider against the last hedge")
    return replace(wide, delta=target.delta)
