"""What only a screen shows of a state: derived from it per frame, a little at a time."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from terminal.engine.frames import Surroundings
from terminal.engine.state import State
from terminal.model.advice import AdviceView
from terminal.model.greeks import PositionRisk
from terminal.model.messages import Record
from terminal.model.oracle import OracleView
from terminal.model.preview import Draft
from terminal.model.shadow import ShadowView
from terminal.portfolio.exposure import View
from terminal.portfolio.rows import itemised
from terminal.runtime.advisor import Advisor
from terminal.runtime.attributions import Attributions
from terminal.runtime.carries import Carries
from terminal.runtime.comoves import Comoves
from terminal.runtime.cones import Cones
from terminal.runtime.ears import Ears
from terminal.runtime.explorer import Explorer
from terminal.runtime.fits import Fits
from terminal.runtime.gammas import Gammas, Seen
from terminal.runtime.hedge_views import HedgeViews
from terminal.runtime.ladders import Ladders
from terminal.runtime.oracle import Oracle
from terminal.runtime.previews import Previews
from terminal.runtime.recorded_decisions import RecordedDecisions
from terminal.runtime.scenes import Scenes
from terminal.runtime.shadows import Shadows
from terminal.runtime.smiles import Smiles
from terminal.runtime.tca import Costs
from terminal.runtime.vols import Vols

UNSHADOWED = ShadowView(fault="Policies hedge on paper beside a run: a recording has none.")


class Views:
    """Keeps what was made for the frames before, so that a frame does not take long."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[View | None, tuple[PositionRisk, ...]]] = {}
        self._scenes, self._vols, self._ladders = Scenes(), Vols(), Ladders()
        self._gammas, self._carries, self._costs = Gammas(), Carries(), Costs()
        self._hedges, self._attributions = HedgeViews(), Attributions()
        self._comoves, self._cones = Comoves(), Cones()
        self.explorer, self.previews, self.smiles = Explorer(), Previews(), Smiles()
        self.fits = Fits()
        self.ears = Ears()
        # Of runs whose decisions are recorded, or were:
        self.oracle: Oracle | RecordedDecisions | None = None
        self.advisor: Advisor | None = None  # of runs with a window
        self.shadows: Shadows | None = None  # of runs whose decisions are recorded
        self._kept: dict[str, Any] = {}
        self._turn = 0

    def hear(self, state: State, record: Record) -> None:
        """Show a record, just stepped, to whoever listens."""
        if self.ears.open:
            self.ears.hear(record)
        if self.oracle is not None:
            self.oracle.see(state, record)
        if self.shadows is not None and record.at >= self.shadows.next_at:
            self.shadows.see(state)

    def around(self, bare: Surroundings, state: State) -> Surroundings:
        """Surroundings with everything that is derived from a state.

        What takes long is renewed in turn, one part a frame, however fast market time runs.
        """
        rows, kept, advisor = self._itemised(state), self._kept, self.advisor
        oracle = self.oracle.view() if self.oracle else OracleView()
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
            previews=self.previews.of(state, bare.tracks),
            carry=self._carries.of(state, rows),
            tca=self._costs.of(state),
            what_if=self.explorer.of(state),
            heard=self.ears.heard(state),
            recording=self.ears.recording(),
            oracle=oracle,
            advice=advisor.of(state, bare.tracks, oracle) if advisor else AdviceView(),
            proxy=self._comoves.of(state, bare.tracks),
            forecasts=self.fits.outlooks.views(),
            shadows=self._shadowed(state),
            **kept,
        )

    def _shadowed(self, state: State) -> ShadowView:
        return self.shadows.view(state, self.previews.draft) if self.shadows else UNSHADOWED

    def anew(self) -> "Views":
        """End these and begin others for another moment, with the same questions open."""
        self.close()
        fresh = Views()
        fresh.oracle = self.oracle
        fresh.explorer.ask(self.explorer.question)
        fresh.previews.ask(Draft(self.previews.draft))
        fresh.smiles.ask(self.smiles.watched)
        return fresh

    def close(self) -> None:
        """Wait for what is worked out beside the loop."""
        self.explorer.close()
        self.previews.close()
        self.ears.close()
        if self.oracle is not None:
            self.oracle.close()
        if self.shadows is not None:
            self.shadows.close()
        self._hedges.baskets.close()
        self.smiles.close()

    def _itemised(self, state: State) -> dict[str, tuple[PositionRisk, ...]]:
        """Rows of each underlying, made anew when the engine has looked at it again."""
        for name, view in (state.views or {}).items():
            kept = self._rows.get(name)
            if kept is None or kept[0] is not view:
                self._rows[name] = view, itemised(view) if view else ()
        return {name: rows for name, (_, rows) in self._rows.items()}
