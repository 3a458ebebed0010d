"""The last day under a profile that is being edited, worked out beside the loop."""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from terminal.core.units import DAY, MINUTE, SECOND
from terminal.engine.context import Missing, inputs_for
from terminal.engine.state import State
from terminal.hedging.history import STEP, Moment, applied
from terminal.model.frame import Track, Tracks
from terminal.model.instrument import Option
from terminal.model.order import Side
from terminal.model.preview import PastDay
from terminal.model.risk import RiskProfile
from terminal.pricing.rows import FloatArray
from terminal.runtime.collector import collector_off

EVERY = MINUTE
"""Engine time after which the same profile is looked at anew."""

Answers = Mapping[str, PastDay]


class PastDays:
    """Keeps the question that is open and the latest answers; the thread comes with the first."""

    def __init__(self) -> None:
        self._asked: RiskProfile | None = None
        self._made_at = 0
        self._answers: Answers = {}
        self._work: Future[Answers] | None = None
        self._worker: ThreadPoolExecutor | None = None

    def of(self, state: State, draft: RiskProfile | None, tracks: Mapping[str, Tracks]) -> Answers:
        """Latest answers, by underlying; the same mapping while nothing is new.

        Parameters
        ----------
        state : State
        draft : RiskProfile or None
            Being edited; None asks nothing, and forgets.
        tracks : mapping
            Curves of what was lived.
        """
        if draft is None:
            if self._asked is not None:
                self._asked, self._answers = None, {}
            return self._answers
        if self._work is not None and self._work.done():
            done, self._work = self._work, None
            self._answers = {} if done.exception() else done.result()
        stale = draft is not self._asked or state.now - self._made_at >= EVERY
        if self._work is None and stale:
            if draft is not self._asked:
                self._answers = {}
            self._asked, self._made_at = draft, state.now
            self._worker = self._worker or ThreadPoolExecutor(1, "past-day")
            self._work = self._worker.submit(past_days, state, draft, tracks)
        return self._answers

    def close(self) -> None:
        """Wait for what is under way and end the thread."""
        if self._worker is not None:
            self._worker.shutdown(cancel_futures=True)
            self._worker = self._work = None


def past_days(state: State, draft: RiskProfile, tracks: Mapping[str, Tracks]) -> Answers:
    """The last day of every underlying under the draft and under the profile in use."""
    found = {}
    with collector_off():
        for name, desk in state.desks.items():
            if name not in tracks or state.profile is None:
                continue
            path = lived(state, name, tracks[name])
            pair = []
            for profile in (draft, state.profile):
                if profile.policies.get(name) is None:
                    break
                supposed = inputs_for(replace(state, profile=profile), name, desk)
                made = None if isinstance(supposed, Missing) else applied(supposed, path)
                if made is not None:
                    pair.append(made)
            if len(pair) == 2:
                found[name] = PastDay(*pair)
    return found


def lived(state: State, underlying: str, tracks: Tracks) -> list[Moment]:
    """Minutes of the last day with everything known, own hedges taken out of delta."""
    end = state.now
    first = max(end - DAY, 0)
    stamps = np.arange(first - first % STEP + STEP, end + 1, STEP, dtype=np.int64)
    times = stamps / SECOND
    spot, net = _sampled(tracks.price, times), _sampled(tracks.delta, times)
    dollar = _sampled(tracks.gamma, times)
    hedged = _hedged(state, underlying, stamps)
    known = np.isfinite(spot) & np.isfinite(net) & np.isfinite(dollar) & (spot > 0.0)
    gamma = 100.0 * dollar / np.square(spot)
    return [
        Moment(int(stamps[k]), float(spot[k]), float(net[k] - hedged[k]), float(gamma[k]))
        for k in np.flatnonzero(known)
    ]


def _sampled(track: Track, times: FloatArray) -> FloatArray:
    """Value of a curve at each time, NaN where none is younger than a step."""
    if not len(track.times):
        return np.full(times.size, np.nan)
    place = np.searchsorted(track.times, times, side="right") - 1
    found = track.values[np.maximum(place, 0)].copy()
    old = times - track.times[np.maximum(place, 0)] > STEP / SECOND
    found[(place < 0) | old] = np.nan
    return found


def _hedged(state: State, underlying: str, stamps: npt.NDArray[np.int64]) -> FloatArray:
    """Coins that own fills of anything but options had added by each time."""
    total = np.zeros(stamps.size)
    for note in state.fills:
        listed = state.market.instruments.get(note.fill.key)
        if note.underlying != underlying or isinstance(listed, Option):
            continue
        sign = 1.0 if note.fill.side is Side.BUY else -1.0
        total[stamps >= note.at] += sign * note.coins
    return total
