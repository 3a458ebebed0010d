"""Leave alone a delta that volatility moved while price did not."""

from msgspec.structs import replace

from terminal.hedging.centre import book_vol, centre, gamma_of
from terminal.hedging.inputs import HedgeInputs
from terminal.model.hedge import Target

QUIET = 0.005
"""Relative change of the book's volatility below which it has not moved."""


def unmoved(inputs: HedgeInputs, target: Target) -> Target:
    """Target that holds while price alone would have left delta inside the band.

    Notes
    -----
    Since the first look after the last fill, price explains the mean gamma times its move; the
    rest is volatility's (and time's, which is why volatility must have moved too). A mark that
    jumps often comes back, and hedging it pays twice. The hold ends where the rest reaches the
    policy's part of the half-width beyond the edge, and never lasts beyond the delta cap.
    """
    anchor, vol = inputs.memory.anchor, book_vol(inputs)
    if anchor is None or anchor.vol is None or vol is None or target.low == target.high:
        return target
    if abs(vol / anchor.vol - 1.0) < QUIET:
        return target
    net = inputs.net_delta
    priced = 0.5 * (anchor.gamma + gamma_of(inputs)) * (inputs.spot - anchor.spot)
    expected = anchor.net + priced
    if not target.low <= expected <= target.high:
        return target
    edge = target.high if net > target.high else target.low
    room = inputs.spec.vol_skip_pct / 100.0 * abs(edge - centre(inputs))
    if abs(net - edge) > room:
        return target
    points = 100.0 * (vol - anchor.vol)
    return replace(target, hold=f"volatility moved delta ({points:+.1f} points), price did not")
