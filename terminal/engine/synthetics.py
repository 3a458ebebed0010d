"""Perps-only modes at work: the price moves the target, the desk hedges to it as to any other."""

from msgspec.structs import replace

from terminal.core.words import delta
from terminal.engine.state import State
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.synthetic.arming import NAMES, unsound
from terminal.hedging.synthetic.path import advanced
from terminal.market.state import spot
from terminal.model.synthetic import Synthetic, SyntheticKind


def mode_of(state: State, underlying: str) -> Synthetic | None:
    """Perps-only mode of an underlying; None while there is none or it is off."""
    terms = state.profile.synthetics.get(underlying) if state.profile else None
    return None if terms is None or terms.kind is SyntheticKind.OFF else terms


def mode_fault(state: State, underlying: str) -> str:
    """Why the mode of an underlying cannot be armed; empty when it can, or there is none."""
    terms = mode_of(state, underlying)
    return unsound(terms, state.exposures.get(underlying)) if terms else ""


def followed(state: State, underlying: str) -> State:
    """State whose mode has seen the present price; one that may not run forgets where it was."""
    terms, price = mode_of(state, underlying), spot(state.market, underlying)
    if terms is None or mode_fault(state, underlying):
        if underlying not in state.synthetics:
            return state
        rest = {key: each for key, each in state.synthetics.items() if key != underlying}
        return replace(state, synthetics=rest)
    if price is None:
        return state
    after = advanced(state.synthetics.get(underlying), terms, price, state.now)
    return replace(state, synthetics={**state.synthetics, underlying: after})


def overlaid(state: State, inputs: HedgeInputs) -> HedgeInputs | str:
    """Inputs with the mode's target added to the policy's, or why nothing may be hedged.

    Notes
    -----
    A target that moves by ``slope`` per USD makes net delta drift from it as gamma of ``-slope``
    would, so that is the gamma by which a policy finds its band.
    """
    underlying = inputs.underlying
    terms = mode_of(state, underlying)
    if terms is None:
        return inputs
    fault = mode_fault(state, underlying)
    if fault:
        return f"{fault}: nothing is hedged until then"
    progress = state.synthetics.get(underlying)
    if progress is None:
        return f"{NAMES[terms.kind]} has not begun yet"
    if terms.kind is SyntheticKind.CARRY:
        return inputs
    exposure, spec = inputs.exposure, inputs.spec
    total = replace(exposure.total, gamma=exposure.total.gamma - progress.slope)
    held_back = f", {progress.blocked}" if progress.blocked else ""
    return replace(
        inputs,
        spec=replace(spec, target=spec.target + progress.target),
        exposure=replace(exposure, total=total),
        note=f"Target {delta(progress.target)} {underlying} is of the {NAMES[terms.kind]}"
        f"{held_back}.",
    )
