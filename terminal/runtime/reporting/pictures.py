"""The frames at both ends of a span: what a screen would have shown then."""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from terminal.engine.frames import Surroundings, select
from terminal.engine.state import State
from terminal.model.frame import Frame, JournalHealth, Machine, Tracks
from terminal.portfolio.rows import itemised
from terminal.runtime.carries import Carries
from terminal.runtime.gammas import Gammas, Seen
from terminal.runtime.reporting.lived import Lived
from terminal.runtime.scenes import Scenes
from terminal.runtime.tca import Costs
from terminal.runtime.vols import Vols

NOBODY = Machine(lag_ms=0.0, records_per_s=0.0, speed=0.0, paused=True, progress=None)
NOWHERE = JournalHealth(
    path="", bytes=0, limit=0, last_seq=0, durable_seq=0, sync_ms=0.0, read_only=True, note=""
)


class Pictures(Struct, frozen=True):
    """Frames at the start and the end of a span; None before the first profile was taken up."""

    start: Frame | None
    end: Frame | None


def pictures(day: Lived) -> Pictures:
    """Derive what a screen shows from the states at both ends of a span."""
    return Pictures(_picture(day.opened, {}), _picture(day.state, day.tracks))


def _picture(state: State, tracks: Mapping[str, Tracks]) -> Frame | None:
    if state.profile is None:
        return None
    rows = {name: itemised(view) if view else () for name, view in (state.views or {}).items()}
    around = Surroundings(title="", tracks=tracks, log=(), journal=NOWHERE, machine=NOBODY)
    scenes, all_vols, gammas = Scenes(), Vols(), Gammas()
    parts: dict[str, object] = {}
    for _ in state.desks:  # each look makes the view of one coin
        vols = all_vols.of(state, tracks)
        parts = {
            "vols": vols,
            "scenarios": scenes.of(state),
            "gammas": gammas.of(state, Seen(rows, tracks, vols)),
        }
    made = {**parts, "rows": rows, "carry": Carries().of(state, rows), "tca": Costs().of(state)}
    return select(state, state.profile, replace(around, **made))
