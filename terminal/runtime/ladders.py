"""Hedges to come by price, for the screen: made anew when the engine has looked again."""

from collections.abc import Mapping
from functools import partial

from msgspec.structs import replace

from terminal.core.units import SECOND
from terminal.engine.context import Missing, inputs_for
from terminal.engine.state import State
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.ladder import hedge_ladder
from terminal.hedging.synthetic.arming import NAMES
from terminal.hedging.synthetic.path import Progress, foreseen
from terminal.model.hedge import HedgeLadder
from terminal.model.synthetic import SyntheticKind
from terminal.portfolio.exposure import exposure_at

EVERY = 10 * SECOND
"""Engine time between two ladders of one underlying."""

AGAIN = SECOND
"""Engine time after which one that could not be made is tried again."""


class Ladders:
    """Keeps the latest ladder of each underlying."""

    def __init__(self) -> None:
        self._ladders: Mapping[str, HedgeLadder] = {}
        self._made: dict[str, tuple[int, int]] = {}

    def of(self, state: State) -> Mapping[str, HedgeLadder]:
        """Ladders by underlying; the same mapping while none is due.

        One underlying at a time, the one that has waited longest: a frame must not take long. A
        fill makes a new one due at once.
        """
        name = min(state.desks, key=lambda each: self._made.get(each, (0, 0)), default="")
        at, fills = self._made.get(name, (-EVERY, 0))
        known = name in self._ladders and self._ladders[name].curve
        wait = EVERY if known else AGAIN
        if name and (state.now - at >= wait or state.counts.fills != fills):
            self._made[name] = state.now, state.counts.fills
            self._ladders = {**self._ladders, name: ladder_of(state, name)}
        return self._ladders


def ladder_of(state: State, underlying: str) -> HedgeLadder:
    """Ladder of one underlying; without rungs, but with the reason, while nothing is decided."""
    inputs = inputs_for(state, underlying, state.desks[underlying])
    view = (state.views or {}).get(underlying)
    if isinstance(inputs, Missing) or view is None:
        reason = inputs.reason if isinstance(inputs, Missing) else "nothing has been looked at yet"
        return HedgeLadder(underlying, (), (), (), reason)
    working, kind = inputs.exposure.working, inputs.spec.delta
    seen = partial(exposure_at, view, working=working, hedged=kind)
    progress = state.synthetics.get(underlying)
    if progress is None or progress.terms.kind is SyntheticKind.CARRY:
        return hedge_ladder(inputs, seen)
    ladder = hedge_ladder(inputs, seen, partial(_laid, progress))
    name = NAMES[progress.terms.kind]
    still = f"within reach the target of the {name} stays inside its band"
    note = "" if ladder.above or ladder.below else progress.blocked or still
    return replace(ladder, note=note, mode=name)


def _laid(progress: Progress, there: HedgeInputs) -> HedgeInputs:
    """Inputs at a price with the target that a perps-only mode has there.

    The target of now is in them already, so only the difference is put on; their exposure is the
    book's own at that price.
    """
    target, slope = foreseen(progress, there.spot, there.now)
    exposure, spec = there.exposure, there.spec
    total = replace(exposure.total, gamma=exposure.total.gamma - slope)
    return replace(
        there,
        spec=replace(spec, target=spec.target + target - progress.target),
        exposure=replace(exposure, total=total),
    )
