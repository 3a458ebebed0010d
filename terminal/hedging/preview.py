"""The band of a policy on the present book, as an editor shows it."""

from msgspec.structs import replace

from terminal.hedging.centre import centre, gamma_of
from terminal.hedging.decide import band_fault
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.policies.price_step import step_usd
from terminal.hedging.target import target_of
from terminal.model.hedge import Target
from terminal.model.preview import BandPreview
from terminal.model.risk import CLOSING, PolicyKind


def preview(inputs: HedgeInputs) -> BandPreview:
    """Width, stops, steps of price to the next hedge, and whether the band can be armed.

    Parameters
    ----------
    inputs : HedgeInputs

    Notes
    -----
    Steps of price extrapolate delta with the gamma of now; a book without gamma has none.
    """
    target = target_of(inputs)
    middle, spot = centre(inputs), inputs.spot
    up, down = _steps(inputs, target)
    return BandPreview(
        underlying=inputs.underlying,
        kind=inputs.spec.kind,
        fault="" if inputs.spec.kind in CLOSING else band_fault(inputs, target),
        reason=f"{target.rule}: {target.reason}",
        low=target.low,
        high=target.high,
        stop_below=_stop(inputs, target.low, -1.0),
        stop_above=_stop(inputs, target.high, 1.0),
        below_usd=(middle - target.low) * spot,
        above_usd=(target.high - middle) * spot,
        up=up,
        down=down,
    )


def _stop(inputs: HedgeInputs, edge: float, side: float) -> float:
    """Where a hedge from just beyond an edge stops."""
    lot = float(inputs.hedge.contract.lot * inputs.hedge.contract.multiplier)
    return target_of(replace(inputs, net_delta=edge + side * lot)).delta


def _steps(inputs: HedgeInputs, target: Target) -> tuple[float | None, float | None]:
    """Moves of price up and down to the next hedge, USD, > 0; None where there is none."""
    if inputs.spec.kind is PolicyKind.PRICE_STEP:
        step, anchor = step_usd(inputs), inputs.memory.anchor
        if step is None:
            return None, None
        moved = inputs.spot - anchor.spot if anchor else 0.0
        return max(step - moved, 0.0), max(step + moved, 0.0)
    gamma, net = gamma_of(inputs), inputs.net_delta
    if gamma == 0.0 or not target.low <= net <= target.high:
        return None, None
    to_high, to_low = (target.high - net) / abs(gamma), (net - target.low) / abs(gamma)
    up, down = (to_high, to_low) if gamma > 0.0 else (to_low, to_high)
    return up, down if down < inputs.spot else None
