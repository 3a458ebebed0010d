"""Bands made wider or narrower about their centre."""

from msgspec.structs import replace

from terminal.hedging.centre import centre
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.policies.bands import least_half_width
from terminal.model.hedge import Target
from terminal.model.risk import COMPUTED


def widened(
    inputs: HedgeInputs, target: Target, below: float, above: float, why: str
) -> Target:
    """Target with each side of its band, and a stop on that side, farther out by a factor.

    Parameters
    ----------
    inputs : HedgeInputs
    target : Target
    below, above : float
        Factors of the distances from the centre, > 0.
    why : str
        Said after the reason.

    Notes
    -----
    A computed band stays between the least one that can be traded and the policy's cap. An edge
    on the centre stays there: a closed band stays closed.
    """
    middle = centre(inputs)
    low = _side(inputs, middle - target.low, below)
    high = _side(inputs, target.high - middle, above)
    stop = target.delta - middle
    stop *= above if stop > 0.0 else below
    return replace(
        target,
        delta=middle + min(max(stop, -low), high),
        low=middle - low,
        high=middle + high,
        reason=f"{target.reason}; {why}",
    )


def _side(inputs: HedgeInputs, width: float, factor: float) -> float:
    wide = width * factor
    if inputs.spec.kind not in COMPUTED or width == 0.0:
        return wide
    return min(max(wide, least_half_width(inputs)), inputs.spec.cap)
