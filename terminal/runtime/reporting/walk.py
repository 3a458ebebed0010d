"""The way through a span: where delta stood in its band, what each hour could lose and did."""

from msgspec import Struct

from terminal.core.units import DAY, HOUR, MINUTE, SECOND
from terminal.engine.alert_margins import margins
from terminal.engine.context import total_pnl
from terminal.engine.frames import at_the_money
from terminal.engine.state import DeskState, State
from terminal.market.state import spot
from terminal.market.volatility import annual_vol
from terminal.runtime.reporting.at_risk import value_at_risk
from terminal.runtime.reporting.open_delta import OpenDeltas

EVERY = 10 * SECOND
"""Time between two looks at the bands."""

SAMPLE = 5 * MINUTE
"""Time between two points of the curves."""

CONFIDENCE = 0.95
"""Of an hour's value at risk: of 99 % a day would expect a quarter of an exception."""

EDGES = (0.25, 0.5, 0.75, 1.0)
"""Parts of the half band that delta is counted by; beyond the last it is outside."""


class Point(Struct, frozen=True):
    """One coin at one moment; None is unknown."""

    at: int
    spot: float | None
    net: float | None  # coin
    low: float | None
    high: float | None


class Bend(Struct, frozen=True):
    """Curvature of one coin's book."""

    spot: float
    gamma: float  # coins per USD


class Mark(Struct, frozen=True, kw_only=True):
    """What the account was worth at the edge of an hour, and could lose within the next."""

    at: int
    pnl: float | None  # USD since the opening
    at_risk: float | None  # USD, the coins' sum
    margin: dict[str, float]  # initial margin over balance by coin, where it is known
    gammas: dict[str, Bend | None] = {}  # by coin; None is unknown


class Bands(Struct):
    """Looks at one desk's band, counted."""

    counts: list[int]  # by part of the half band, the last outside
    unknown: int = 0


class Walk:
    """Follows the states of a span."""

    def __init__(self) -> None:
        self.bands: dict[str, Bands] = {}
        self.points: dict[str, list[Point]] = {}
        self.pnl: list[tuple[int, float | None]] = []
        self.marks: list[Mark] = []
        self.left_open = OpenDeltas()
        self._look_at = self._sample_at = self._mark_at = 0

    def step(self, state: State) -> None:
        """Take the state after a record."""
        if state.now >= self._look_at:
            self._look_at = _next(state.now, EVERY)
            self._look(state)

    def close(self, state: State) -> None:
        """Take the end of the span, so that curves end at what the tables say."""
        self.left_open.look(state)
        self._sample(state)
        self._mark(state)

    def _look(self, state: State) -> None:
        for name, desk in state.desks.items():
            bands = self.bands.setdefault(name, Bands([0] * (len(EDGES) + 1)))
            part = used(desk)
            if part is None:
                bands.unknown += 1
            else:
                bands.counts[sum(part > edge for edge in EDGES)] += 1
        self.left_open.look(state)
        if state.now >= self._sample_at:
            self._sample_at = _next(state.now, SAMPLE)
            self._sample(state)
        if state.now >= self._mark_at or self._late(state):
            self._mark_at = _next(state.now, HOUR)
            self._mark(state)

    def _late(self, state: State) -> bool:
        """Whether what had no price as the hour began has one within its first minute."""
        last = self.marks[-1] if self.marks else None
        return (
            last is not None
            and last.pnl is None
            and state.now - last.at < MINUTE
            and total_pnl(state) is not None
        )

    def _sample(self, state: State) -> None:
        self.left_open.close(state.now)
        if self.pnl and self.pnl[-1][0] == state.now:
            self.pnl.pop()
            for points in self.points.values():
                if points[-1].at == state.now:
                    points.pop()
        self.pnl.append((state.now, total_pnl(state)))
        for name, desk in state.desks.items():
            target = desk.target
            low, high = (target.low, target.high) if target else (None, None)
            point = Point(state.now, spot(state.market, name), desk.net, low, high)
            self.points.setdefault(name, []).append(point)

    def _mark(self, state: State) -> None:
        if self.marks and (self.marks[-1].at == state.now or self._late(state)):
            self.marks.pop()
        profile = state.profile
        found = margins(state, profile.liquidation_pct) if profile else {}
        self.marks.append(
            Mark(
                at=state.now,
                pnl=total_pnl(state),
                at_risk=_hour_at_risk(state),
                margin={name: part for name, (part, _) in found.items()},
                gammas={name: _bend(state, name) for name in state.desks},
            )
        )


def used(desk: DeskState) -> float | None:
    """Distance of delta from the middle of its band over half the band; None while unknown."""
    target, net = desk.target, desk.net
    if target is None or net is None:
        return None
    half = 0.5 * (target.high - target.low)
    away = abs(net - 0.5 * (target.high + target.low))
    if half <= 0.0:
        return 0.0 if away == 0.0 else 2.0  # a band without width: on it, or outside
    return away / half


def _bend(state: State, name: str) -> Bend | None:
    exposure = state.exposures.get(name)
    if exposure is None or not exposure.usable or exposure.spot is None:
        return None
    return Bend(exposure.spot, exposure.total.gamma)


def _hour_at_risk(state: State) -> float | None:
    """Value at risk of the next hour: coins move together, so theirs are added."""
    found = []
    for name in state.desks:
        exposure, variance = state.exposures.get(name), state.market.variance.get(name)
        vol = at_the_money(state.market, name, state.now)
        if vol is None and variance is not None:
            vol = annual_vol(variance)
        here = value_at_risk(exposure, vol, CONFIDENCE, HOUR / DAY) if exposure else None
        if here is None:
            return None
        found.append(here)
    return sum(found) if found else None


def _next(now: int, every: int) -> int:
    return now - now % every + every
