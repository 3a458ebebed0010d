"""Tracks and frames for the tests of charts: an hour of seconds, or what a test asks for."""

from typing import Any

import numpy as np
from msgspec.structs import replace

from terminal.core.units import HOUR, SECOND
from terminal.model.frame import Desk, Frame, Marker, Track, Tracks
from terminal.model.greeks import Sensitivity
from terminal.model.hedge import Target
from terminal.model.order import Side
from tests.ui.queue_frames import NOW, desk, frame
from ui.charts.pyramid import Column

COUNT = 3600
TIMES: Column = NOW / SECOND - COUNT + 1 + np.arange(COUNT, dtype=float)
TARGET = Target(0.02, -0.2, 0.25, "band", "the rule says so")


def track(values: Column | float, times: Column = TIMES, start: int = 0) -> Track:
    """A curve; a number is held at every time."""
    return Track(times, np.broadcast_to(np.asarray(values, float), times.shape), start)


def wave(low: float, high: float) -> Column:
    """A slow wave between two values."""
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    made: Column = middle + half * np.sin(np.arange(COUNT) / 300)
    return made


def tracks(**changes: Any) -> Tracks:
    """Every curve of an hour."""
    made = Tracks(
        price=track(wave(94_000.0, 94_400.0)),
        delta=track(wave(-0.1, 0.1)),
        low=track(-0.2),
        high=track(0.25),
        gamma=track(wave(40_000.0, 41_000.0)),
        vega=track(wave(500.0, 600.0)),
        funding=Track(TIMES[::60], np.where(np.arange(60) < 50, 1.2, -0.4)),
        markers=(),
    )
    return replace(made, **changes)


def marker(seconds_ago: float, price: float, text: str = "buy 0.3") -> Marker:
    """A hedge buy."""
    return Marker(NOW - round(seconds_ago * SECOND), Side.BUY, price, 0.3, text)


def chart_desk(underlying: str = "BTC", **changes: Any) -> Desk:
    """A desk whose numbers are all known."""
    made = desk(
        underlying,
        net_delta=0.05,
        target=TARGET,
        funding_rate=0.0001,
        funding_interval=8 * HOUR,
        funding_next=NOW + HOUR,
        funding_usd_8h=-3.2,
    )
    total = Sensitivity(gamma_1pct_usd=40_123.0, vega_usd=901.0)
    exposure = replace(made.exposure, spot=94_200.0, total=total)
    return replace(replace(made, exposure=exposure), **changes)


def chart_frame(*desks: Desk, curves: Tracks | None = None, **changes: Any) -> Frame:
    """A frame of these desks, each with the same curves."""
    shown = desks or (chart_desk(),)
    each = curves or tracks()
    parts = {"desks": shown, "tracks": {desk.underlying: each for desk in shown}, **changes}
    return frame(**parts)
