"""Curves and log lines that a screen shows, gathered as records go by."""

import math
from collections import deque

import numpy as np

from terminal.core.units import HOUR, SECOND
from terminal.core.words import amount
from terminal.engine.state import FillNote, State
from terminal.market.state import spot
from terminal.model.frame import LogLine, Marker, Track, Tracks
from terminal.model.instrument import Option
from terminal.model.market import Bar, Gap
from terminal.model.messages import Alert, Record, Tick

KEEP = 200_000
"""Points kept per curve: 55 hours of seconds."""

ROOM = 1 << 14
"""Points that a curve has room for at first, four hours of seconds. Room is written to when it is
taken: memory then grows in rare steps and does not creep, by 1.2 MB an hour with three coins."""

LOG_LINES = 500
MARKERS = 500
FUNDING_EVERY = 60 * SECOND


class Curve:
    """A growing curve whose readers may hold on to what they were given."""

    def __init__(self) -> None:
        self._times, self._values = np.full(ROOM, math.nan), np.full(ROOM, math.nan)
        self._count = 0
        self._dropped = 0
        self._latest = 0.0

    def add(self, at: int, value: float | None) -> None:
        """Append a point; an unknown value interrupts the curve, whose time never goes back."""
        if self._count == len(self._times):
            self._grow()
        self._latest = max(at / SECOND, self._latest)
        self._times[self._count] = self._latest
        self._values[self._count] = math.nan if value is None else value
        self._count += 1

    def _grow(self) -> None:
        """Make room in new arrays, so that tracks already given away stay as they are."""
        keep = min(self._count, KEEP // 2) if self._count >= KEEP else self._count
        size = max(2 * keep, ROOM)
        first = self._count - keep
        for name in ("_times", "_values"):
            old = getattr(self, name)
            new = np.full(size, math.nan)
            new[:keep] = old[first : self._count]
            setattr(self, name, new)
        self._dropped += first
        self._count = keep

    def track(self) -> Track:
        """The curve so far."""
        return Track(self._times[: self._count], self._values[: self._count], self._dropped)


class Curves:
    """Every curve of one underlying."""

    def __init__(self) -> None:
        self.price, self.delta, self.low, self.high = Curve(), Curve(), Curve(), Curve()
        self.gamma, self.vega, self.funding = Curve(), Curve(), Curve()
        self.markers: deque[Marker] = deque(maxlen=MARKERS)
        self.sampled_at = 0
        self.funded_at = 0

    def tracks(self) -> Tracks:
        """All of them, as a frame carries them."""
        return Tracks(
            price=self.price.track(),
            delta=self.delta.track(),
            low=self.low.track(),
            high=self.high.track(),
            gamma=self.gamma.track(),
            vega=self.vega.track(),
            funding=self.funding.track(),
            markers=tuple(self.markers),
        )


class Recorder:
    """Watches every step and keeps what a screen draws.

    Parameters
    ----------
    draws : bool
        Whether anything will draw the curves; without, only the log is kept.
    """

    def __init__(self, *, draws: bool = True) -> None:
        self._draws = draws
        self.curves: dict[str, Curves] = {}
        self._log: deque[LogLine] = deque(maxlen=LOG_LINES)
        self._lines: tuple[LogLine, ...] = ()
        self._last_fill = ""

    def tracks(self) -> dict[str, Tracks]:
        """Curves by underlying."""
        return {name: curves.tracks() for name, curves in self.curves.items()}

    def log(self) -> tuple[LogLine, ...]:
        """The latest lines, oldest first; the same tuple until a line is added."""
        if len(self._lines) != len(self._log) or (
            self._log and self._lines[-1] is not self._log[-1]
        ):
            self._lines = tuple(self._log)
        return self._lines

    def say(self, at: int, alert: Alert) -> None:
        """Add a line to the log."""
        self._log.append(LogLine(at, alert.level, alert.topic, alert.text))

    def watch(self, state: State, record: Record) -> None:
        """Take what one record, just stepped, adds to the curves."""
        if not self._draws:
            return
        event = record.event
        if isinstance(event, Tick):
            self._sample_all(state)
        elif isinstance(event, Bar):
            self._bar(state, event)
        elif isinstance(event, Gap):
            self._gap(state, event)
        if state.fills and state.fills[-1].fill.fill_id != self._last_fill:
            self._mark(state, state.fills[-1])

    def _of(self, underlying: str) -> Curves:
        curves = self.curves.get(underlying)
        if curves is None:
            curves = self.curves[underlying] = Curves()
        return curves

    def _sample_all(self, state: State) -> None:
        for underlying in state.desks:
            curves = self._of(underlying)
            if state.now - curves.sampled_at >= SECOND:
                curves.price.add(state.now, spot(state.market, underlying))
                self._sample(state, underlying, curves)

    def _sample(self, state: State, underlying: str, curves: Curves) -> None:
        desk = state.desks[underlying]
        exposure = state.exposures.get(underlying)
        known = exposure is not None and exposure.usable
        risk = exposure.total if exposure is not None and known else None
        target = desk.target
        at = state.now
        curves.sampled_at = at
        curves.delta.add(at, desk.net)
        curves.low.add(at, target.low if target else None)
        curves.high.add(at, target.high if target else None)
        curves.gamma.add(at, risk.gamma_1pct_usd if risk else None)
        curves.vega.add(at, risk.vega_usd if risk else None)
        self._funding(state, underlying, curves)

    def _bar(self, state: State, bar: Bar) -> None:
        instrument = state.market.instruments.get(bar.key)
        if instrument is None or isinstance(instrument, Option):
            return
        underlying = instrument.contract.base
        curves = self._of(underlying)
        curves.price.add(state.now, bar.close)
        desk = state.desks.get(underlying)
        if desk is not None and desk.net is not None and state.now > curves.sampled_at:
            self._sample(state, underlying, curves)

    def _funding(self, state: State, underlying: str, curves: Curves) -> None:
        """Keep the funding of the instrument that hedges, a point a minute."""
        funding = state.market.funding.get(state.desks[underlying].hedge_key)
        if funding is None or funding.interval <= 0:
            return
        if state.now - curves.funded_at >= FUNDING_EVERY:
            curves.funded_at = state.now
            curves.funding.add(state.now, funding.rate * 1e4 * 8 * HOUR / funding.interval)

    def _gap(self, state: State, gap: Gap) -> None:
        instrument = state.market.instruments.get(gap.key)
        names = [instrument.contract.base] if instrument else list(self.curves)
        for name in names:
            curves = self._of(name)
            for curve in (curves.price, curves.delta, curves.gamma, curves.vega):
                curve.add(max(gap.start, 0) + 1, None)

    def _mark(self, state: State, note: FillNote) -> None:
        fill = note.fill
        self._last_fill = fill.fill_id
        price = float(fill.price)
        text = f"{fill.side.value} {amount(note.coins)} at {price:,.2f}"
        if isinstance(state.market.instruments.get(fill.key), Option):
            # A premium is no height on the price of the coin: it is marked where the coin was.
            index = spot(state.market, note.underlying)
            if index is None:
                return
            symbol, price = fill.key.partition("@")[0], index
            text = f"{fill.side.value} {amount(note.coins)} {symbol} at {fill.price:f}"
        marker = Marker(note.at, note.fill.side, price, note.coins, text)
        self._of(note.underlying).markers.append(marker)
