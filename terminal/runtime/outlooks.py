"""Forecasts of every underlying, made on the hour of all hours known; records for who uses them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from msgspec import Struct

from terminal.core.units import DAY, HOUR, SECOND
from terminal.engine.state import State
from terminal.hedging.adjustments.foresight import looks_ahead
from terminal.market.hours import STEP, Spans, hours_of, joined, latest, until
from terminal.market.outlook import MOST_HOURS, Learned, foreseen, learned, midnight
from terminal.model.forecast import ForecastView, Outlook
from terminal.model.messages import Mode
from terminal.model.risk import RiskProfile
from terminal.runtime.hour_files import HourFiles

BLOCK = 30 * DAY // HOUR
"""Old hours are dropped so many at a time: fits keep their places in the past from hour to hour."""

FAR = 1 << 62

NOTHING = hours_of(np.empty(0, np.int64), ())


class Foretold(Struct, frozen=True):
    """The latest forecasts of one underlying."""

    outlook: Outlook
    view: ForecastView


class Outlooks:
    """Takes a price every five minutes, and foretells on the hour."""

    def __init__(self) -> None:
        self.next_at = 0
        self._marks: dict[str, list[tuple[int, float]]] = {}
        self._hours: dict[str, Spans] = {}
        self._learned: dict[str, Learned] = {}  # of the days before this one
        self._made: dict[str, Foretold] = {}
        self._views: Mapping[str, ForecastView] = {}
        self._waiting: list[str] = []  # coins whose hour is over
        self._files: HourFiles | None = None

    def keep(self, folder: Path) -> None:
        """Keep hours in a folder from here on, beside what is there already."""
        self._files = HourFiles(folder)

    def remember(self, underlying: str, hours: Spans) -> None:
        """Take hours that are known from elsewhere; those of the run itself count before them."""
        self._learned.pop(underlying, None)
        self._hours[underlying] = joined(hours, self._hours.get(underlying, NOTHING))

    def views(self) -> Mapping[str, ForecastView]:
        """What a screen shows, by underlying; the same mapping until an hour is over."""
        return self._views

    def due(self, state: State) -> tuple[Outlook, ...]:
        """Take what is due at the state's time, and hand out what a policy waits for.

        Notes
        -----
        One underlying is foretold at a time, and learns once a day, in a tenth of a second: no
        record waits for all of them.
        """
        used = users(state.profile)
        if state.mode is Mode.BACKTEST and not used:
            self.next_at = FAR
            return ()
        if not state.desks:
            self.next_at = state.now + SECOND
            return ()
        mark = state.now - state.now % STEP
        if self._waiting:
            self._foretell(self._waiting.pop(0), state.now)
        elif state.now >= self.next_at:
            self._take(state, mark)
        self.next_at = state.now if self._waiting else mark + STEP
        known = state.market.outlooks
        return tuple(
            made.outlook
            for name, made in self._made.items()
            if name in used and (name not in known or known[name].at != made.outlook.at)
        )

    def _take(self, state: State, mark: int) -> None:
        """Take the prices of a mark; an hour that is over with it is foretold from."""
        for name in state.desks:
            marks = self._marks.setdefault(name, [])
            if not marks:
                self._restore(name)
            level = state.market.index.get(name)
            fresh = level is not None and state.now - level.at < STEP
            marks.append((mark, level.price if fresh and level else np.nan))
            if marks[0][0] // HOUR != mark // HOUR or name not in self._made:
                self._close(name, marks)

    def _restore(self, name: str) -> None:
        if self._files is not None:
            self.remember(name, self._files.read(name))

    def _close(self, name: str, marks: list[tuple[int, float]]) -> None:
        """Add the hours that are over, and have the coin foretold."""
        at, prices = zip(*marks, strict=True)
        fresh = hours_of(at, prices)
        if fresh.variance.size:
            older = self._hours.get(name, NOTHING)
            self._hours[name] = cut(joined(older, fresh))
            if self._files is not None:
                self._files.add(name, fresh)
        del marks[:-1]
        self._waiting.append(name)

    def _foretell(self, name: str, now: int) -> None:
        # Files may reach beyond the moment that is replayed: nothing of that is known yet.
        hours = until(self._hours.get(name, NOTHING), now)
        known = self._learned.get(name)
        if known is None or known.until != midnight(hours):
            known = self._learned[name] = learned(hours, known)
        outlook, view = foreseen(name, hours, known)
        self._made[name] = Foretold(outlook, view)
        self._views = {**self._views, name: view}


def users(profile: RiskProfile | None) -> Sequence[str]:
    """Coins whose policies let a forecast do something."""
    if profile is None:
        return ()
    return [name for name, spec in profile.policies.items() if looks_ahead(spec)]


def cut(hours: Spans) -> Spans:
    """The hours without the oldest blocks beyond what is looked at."""
    over = hours.variance.size - MOST_HOURS
    if over < BLOCK:
        return hours
    return latest(hours, hours.variance.size - over // BLOCK * BLOCK)
