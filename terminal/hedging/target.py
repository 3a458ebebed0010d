"""The target of a policy with everything that its profile adds to it."""

from msgspec.structs import replace

from terminal.hedging.adjustments.foresight import foreseen
from terminal.hedging.adjustments.hysteresis import hysteretic
from terminal.hedging.adjustments.interval import spaced
from terminal.hedging.adjustments.patience import patient
from terminal.hedging.adjustments.regime import scaled
from terminal.hedging.adjustments.tilt import tilted
from terminal.hedging.adjustments.volatility_only import unmoved
from terminal.hedging.centre import beyond_cap
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.policies.catalogue import POLICIES
from terminal.model.hedge import Target


def target_of(inputs: HedgeInputs) -> Target:
    """Band and stopping point of the underlying's policy: the one door to all policies.

    Parameters
    ----------
    inputs : HedgeInputs

    Returns
    -------
    Target
        No number of it is NaN, and ``low <= delta <= high``.

    Notes
    -----
    Offset, hedge ratio and settlement move the centre before the policy is asked. Then the width:
    patience, regime, forecast, tilt, hysteresis; at last the holds. No hold stands beyond the delta
    cap.
    """
    spec = inputs.spec
    policy = POLICIES[spec.kind]
    target = patient(inputs, policy) if spec.patience else policy(inputs)
    if spec.regime:
        target = scaled(inputs, target)
    if spec.foresight_pct:
        target = foreseen(inputs, target)
    if spec.tilt_pct:
        target = tilted(inputs, target)
    if spec.hysteresis_pct:
        target = hysteretic(inputs, target)
    if spec.interval_s:
        target = spaced(inputs, target)
    if spec.vol_skip_pct and not target.hold and not target.low <= inputs.net_delta <= target.high:
        target = unmoved(inputs, target)
    if target.hold and beyond_cap(inputs):
        return replace(target, hold="")
    return target
