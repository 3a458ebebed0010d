"""P&L by cause, for the screen: made anew once a second."""

from terminal.core.units import SECOND
from terminal.engine.attributing import attribution_view
from terminal.engine.state import State
from terminal.model.attribution import AttributionView

EVERY = SECOND
"""Engine time between two views; text that changes more often cannot be read."""


class Attributions:
    """Keeps the latest view."""

    def __init__(self) -> None:
        self._view = AttributionView()
        self._seq = -1

    def of(self, state: State) -> AttributionView:
        """View of the state; the same one while none is due."""
        if self._seq < 0 or (state.seq != self._seq and state.now - self._view.at >= EVERY):
            self._view, self._seq = attribution_view(state), state.seq
        return self._view
