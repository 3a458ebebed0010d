"""Realised-volatility cones of every underlying from its price curve, for the screen."""

from collections.abc import Mapping

import numpy as np

from terminal.core.units import DAY, HOUR, MINUTE, SECOND, YEAR
from terminal.engine.state import State
from terminal.market.bars import bars_of
from terminal.market.vol_context import ConeRow, rv_cone, term_structure, vol_at
from terminal.model.frame import Track, Tracks, VolView
from terminal.model.smile import CONE_LEVELS, ConeBand
from terminal.runtime.curve_bars import curve_bars

EVERY = MINUTE
"""Engine time between two cones of one underlying."""

SHORT = (HOUR, 4 * HOUR, 12 * HOUR)
LONG = (DAY, 3 * DAY, 7 * DAY, 30 * DAY)
"""Horizons: the short ones by bars of five minutes, the long ones by bars of an hour."""

SHORT_PAST, LONG_PAST = 14 * DAY, 365 * DAY
"""How far back each looks."""


class Cones:
    """Keeps the latest cone of each underlying."""

    def __init__(self) -> None:
        self._cones: Mapping[str, tuple[ConeBand, ...]] = {}
        self._made_at: dict[str, int] = {}

    def of(
        self, state: State, tracks: Mapping[str, Tracks], vols: Mapping[str, VolView]
    ) -> Mapping[str, tuple[ConeBand, ...]]:
        """Cones by underlying; the same mapping while none is due.

        One underlying at a time, the one that has waited longest: a frame must not take long.
        """
        name = min(state.desks, key=lambda each: self._made_at.get(each, 0), default="")
        if name and state.now - self._made_at.get(name, -EVERY) >= EVERY:
            self._made_at[name] = state.now
            price = tracks[name].price if name in tracks else None
            fresh = cone(price, vols.get(name), state.now)
            self._cones = {**self._cones, name: fresh}
        return self._cones


def cone(price: Track | None, vols: VolView | None, now: int) -> tuple[ConeBand, ...]:
    """Cone of a price curve, with implied volatility where two expiries enclose the horizon."""
    expiries = vols.expiries if vols else ()
    known = {each.expiry: each.vol for each in expiries if each.vol is not None}
    structure = term_structure([(each - now) / YEAR for each in known], list(known.values()))
    rows = (
        *_rows(price, 5 * MINUTE, SHORT, SHORT_PAST),
        *_rows(price, HOUR, LONG, LONG_PAST),
    )
    return tuple(
        [
            ConeBand(
                horizon=row.horizon,
                quantiles=row.quantiles,
                latest=row.latest,
                implied=vol_at(structure, row.horizon / YEAR),
                independent=row.independent,
                reason=row.reason,
            )
            for row in rows
        ]
    )


def _rows(
    price: Track | None, span: int, horizons: tuple[int, ...], past: int
) -> tuple[ConeRow, ...]:
    starts, prices = (
        curve_bars(price, span, past) if price is not None else (np.empty(0), np.empty((4, 0)))
    )
    starts, prices = starts[:-1], prices[:, :-1]  # the last bar is under way
    if len(starts) < 2:
        why = "not enough prices yet"
        return tuple([ConeRow(each, (), None, 0, 0.0, why) for each in horizons])
    bars = bars_of((starts * SECOND).astype(np.int64), prices, span=span)
    return rv_cone(bars, horizons, quantiles=CONE_LEVELS)
