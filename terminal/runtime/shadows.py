"""Shadow hedgers beside the engine: looked at by market time, kept in a file, never in the way."""

import logging
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from terminal.core.errors import ConfigError, DataError
from terminal.core.units import HOUR
from terminal.engine.state import State
from terminal.model.risk import RiskProfile
from terminal.model.shadow import MOST, AddShadow, DropShadow, ShadowRow, ShadowView, carried
from terminal.oracle.shadow import LOOK, Run, begun, joined, looked_at, paired, stopped
from terminal.oracle.shadow_rows import LIVE, Entrant, board
from terminal.risk.profiles import faults
from terminal.runtime.shadow_file import Kept, read_kept, write_kept

log = logging.getLogger(__name__)

NEVER = sys.maxsize
SAVE_S = 30.0
"""Wall time between two writings of the file: at most this much of a record is lost in a crash."""

LONGEST_NAME = 40


class Shadows:
    """Up to five policies on paper, and the live profile on paper to compare them with.

    Parameters
    ----------
    path : Path or None
        File that keeps them; None keeps none.
    choices : iterable of RiskProfile
        To make shadows of.
    """

    def __init__(self, path: Path | None, choices: Iterable[RiskProfile]) -> None:
        self.next_at = NEVER  # UtcNs of the next look; never while there is no shadow
        self._path = path
        self._choices = tuple(choices)
        self._shadows: tuple[AddShadow, ...] = ()
        self._runs: dict[str, dict[str, Run]] = {}
        self._live: dict[str, Run] = {}
        self._carried: dict[str, RiskProfile] = {}
        self._profile: RiskProfile | None = None
        self._view = ShadowView(choices=self._choices)
        self._stale = False
        self._answer = self._fault = ""
        self._run, self._at = "", 0  # of the engine, when it was last looked at
        self._in_use: RiskProfile | None = None
        self._saved_at = 0.0
        self._dirty = False

    def open(self, state: State) -> None:
        """Go on with what the file keeps; one of another journal, or damaged, is laid aside."""
        if self._path is None:
            return
        try:
            kept = read_kept(self._path)
        except DataError as error:
            self._lay_aside(str(error))
            return
        if kept is None:
            return
        if kept.run != state.run or kept.at > state.now + HOUR:
            self._lay_aside(f"{self._path} belongs to another journal")
            return
        self._shadows, self._runs, self._live = kept.shadows, kept.runs, kept.live
        self._stale = True
        self._set_next(state.now)

    def offer(self, more: Iterable[RiskProfile]) -> None:
        """Let shadows be made of other profiles too, such as those that a person keeps."""
        self._choices = (*self._choices, *more)
        self._stale = True

    def see(self, state: State) -> None:
        """Look once at every underlying; called when ``next_at`` is reached."""
        self.next_at = state.now + LOOK
        self._run, self._at, self._in_use = state.run, state.now, state.profile
        if state.profile is None:
            return
        if state.profile is not self._profile:
            self._profile = state.profile
            self._carried = {
                each.name: carried(state.profile, each.profile) for each in self._shadows
            }
        for underlying in state.desks:
            self._see_one(state, underlying, state.profile)
        self._stale = self._dirty = True

    def _see_one(self, state: State, underlying: str, live: RiskProfile) -> None:
        before = self._live.get(underlying)
        if before is None:
            desk = state.desks[underlying]
            before = begun(desk.memory, desk.last_hedge_at)
        after = self._looked(LIVE, before, state, underlying, live)
        self._live[underlying] = after
        for name, runs in self._runs.items():
            run = runs.get(underlying) or joined(before)
            made = self._looked(name, run, state, underlying, self._carried[name])
            started = run.seen is None
            runs[underlying] = paired(made, before, after, started=started)

    def _looked(
        self, name: str, run: Run, state: State, underlying: str, profile: RiskProfile
    ) -> Run:
        """A run after a look; one that raises is over, and everything else goes on."""
        if run.error:
            return run
        try:
            return looked_at(run, state, underlying, profile)
        except Exception as error:  # a policy on paper must never take the engine with it
            log.exception("shadow %s failed on %s", name, underlying)
            return stopped(run, f"stopped by a fault, hedging goes on: {error!r}")

    def take(self, wish: AddShadow | DropShadow, state: State) -> None:
        """Add or drop a shadow; what stands against it is in the view."""
        self._run, self._at, self._in_use = state.run, state.now, state.profile
        if isinstance(wish, DropShadow):
            self._answer = self._dropped(wish.name)
        else:
            self._answer = self._refusal(wish)
            if not self._answer:
                self._shadows = (*self._shadows, wish)
                self._runs[wish.name] = {}
        self._profile = None  # what is carried is made anew
        self._stale = self._dirty = True
        self._set_next(state.now)
        self._save()

    def _refusal(self, wish: AddShadow) -> str:
        """Why a shadow cannot be added; empty when it can."""
        name, taken = wish.name.strip(), {each.name.lower() for each in self._shadows}
        if not name or len(name) > LONGEST_NAME or name != wish.name or not name.isprintable():
            return f"Give the shadow a name of 1 to {LONGEST_NAME} characters"
        if name.lower() in taken or name.lower() == LIVE:
            return f"There is a {name!r} already: give this one another name"
        if len(self._shadows) >= MOST:
            return f"{MOST} shadows are the most there can be: drop one first"
        wrong = faults(wish.profile)
        return f"{name} cannot be tried: {wrong[0]}" if wrong else ""

    def _dropped(self, name: str) -> str:
        if name not in self._runs:
            return f"There is no shadow {name!r}"
        self._shadows = tuple(each for each in self._shadows if each.name != name)
        del self._runs[name]
        if not self._shadows:
            self._live = {}
        return ""

    def _set_next(self, now: int) -> None:
        self.next_at = now if self._shadows else NEVER

    def view(self, state: State, draft: RiskProfile | None) -> ShadowView:
        """What a screen shows; the same value until something is new."""
        if self._stale or draft is not self._view.edited:
            self._stale = False
            self._view = ShadowView(
                rows=self._rows(state),
                shadows=self._shadows,
                choices=self._choices,
                edited=draft,
                answer=self._answer,
                fault=self._fault,
            )
        if self._dirty and time.monotonic() - self._saved_at >= SAVE_S:
            self._save()
        return self._view

    def close(self) -> None:
        """Write what has not been written yet."""
        if self._dirty:
            self._save()

    def _rows(self, state: State) -> tuple[ShadowRow, ...]:
        if state.profile is None or not self._shadows:
            return ()
        live = Entrant(LIVE, state.profile, self._live)
        return board(
            live,
            [Entrant(each.name, each.profile, self._runs[each.name]) for each in self._shadows],
        )

    def _save(self) -> None:
        """Write the file; without one the shadows go on until the program ends."""
        self._saved_at, self._dirty = time.monotonic(), False
        if self._path is None or self._in_use is None:
            return
        kept = Kept(
            run=self._run,
            at=self._at,
            profile=self._in_use,
            shadows=self._shadows,
            runs=self._runs,
            live=self._live,
        )
        try:
            write_kept(self._path, kept)
            fault = ""
        except ConfigError as error:
            fault = f"the shadows' record is not kept: {error}. Free the disk"
        if fault != self._fault:
            self._fault, self._stale = fault, True
            if fault:
                log.warning("%s", fault)

    def _lay_aside(self, why: str) -> None:
        """Begin without shadows, and leave the file that cannot be used under another name."""
        path = self._path
        if path is None:
            return
        aside = path.with_name(f"{path.name}.aside")
        try:
            path.replace(aside)
            self._fault = f"the shadows begin anew: {why}. It is now {aside.name}"
        except OSError as error:
            self._path = None  # never written over
            self._fault = f"the shadows are not kept: {why}, and it cannot be moved: {error}"
        self._stale = True
        log.warning("%s", self._fault)
