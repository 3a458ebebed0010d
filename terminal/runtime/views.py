"""What only a screen shows of a state: derived from it per frame, a little at a time."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from terminal.engine.frames import Surroundings
from terminal.engine.state import State
from terminal.model.greeks import PositionRisk
from terminal.portfolio.exposure import View
from terminal.portfolio.rows import itemised
from terminal.runtime.attributions import Attributions
from terminal.runtime.carries import Carries
from terminal.runtime.comoves import Comoves
from terminal.runtime.cones import Cones
from terminal.runtime.ears import Ears
from terminal.runtime.explorer import Explorer
from terminal.runtime.gammas import Gammas, Seen
from terminal.runtime.hedge_views import HedgeViews
from terminal.runtime.ladders import Ladders
from terminal.runtime.previews import Previews
from terminal.runtime.scenes import Scenes
from terminal.runtime.smiles import Smiles
from terminal.runtime.tca import Costs
from terminal.runtime.vols import Vols


class Views:
    """Keeps what was made for the frames before, so that a frame does not take long."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[View | None, tuple[PositionRisk, ...]]] = {}
        self._scenes, self._vols, self._ladders = Scenes(), Vols(), Ladders()
        self._gammas, self._carries, self._costs = Gammas(), Carries(), Costs()
        self._hedges, self._attributions = HedgeViews(), Attributions()
        self._comoves, self._cones = Comoves(), Cones()
        self.explorer, self.previews, self.smiles = Explorer(), Previews(), Smiles()
        self.ears = Ears()
        self._kept: dict[str, Any] = {}
        self._turn = 0

    def around(self, bare: Surroundings, state: State) -> Surroundings:
        """Surroundings with everything that is derived from a state.

        What takes long is renewed in turn, one part a frame, however fast market time runs.
        """
        rows, kept = self._itemised(state), self._kept
        slow: dict[str, Callable[[], object]] = {
            "vols": lambda: self._vols.of(state, bare.tracks),
            "scenarios": lambda: self._scenes.of(state),
            "attribution": lambda: self._attributions.of(state),
            "hedge_ladders": lambda: self._ladders.of(state),
            "gammas": lambda: self._gammas.of(state, Seen(rows, bare.tracks, kept["vols"])),
            "hedge_with": lambda: self._hedges.of(state),
            "smiles": lambda: self.smiles.of(state),
            "cones": lambda: self._cones.of(state, bare.tracks, kept["vols"]),
        }
        names = tuple(slow)
        for name in names if not kept else (names[self._turn % len(names)],):
            kept[name] = slow[name]()
        self._turn += 1
        return replace(
            bare,
            rows=rows,
            previews=self.previews.of(state),
            carry=self._carries.of(state, rows),
            tca=self._costs.of(state),
            what_if=self.explorer.of(state),
            heard=self.ears.heard(state),
            recording=self.ears.recording(),
            proxy=self._comoves.of(state, bare.tracks),
            **kept,
        )

    def close(self) -> None:
        """Wait for what is worked out beside the loop."""
        self.explorer.close()
        self.ears.close()
        self._hedges.baskets.close()
        self.smiles.close()

    def _itemised(self, state: State) -> dict[str, tuple[PositionRisk, ...]]:
        """Rows of each underlying, made anew when the engine has looked at it again."""
        for name, view in (state.views or {}).items():
            kept = self._rows.get(name)
            if kept is None or kept[0] is not view:
                self._rows[name] = view, itemised(view) if view else ()
        return {name: rows for name, (_, rows) in self._rows.items()}
