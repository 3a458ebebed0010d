"""Cones of a price curve: bars of it, a walk of known volatility, and too little of it."""

import numpy as np
import pytest

from terminal.core.units import DAY, HOUR, MINUTE, SECOND, YEAR
from terminal.model.frame import ExpiryVol, Track, VolView
from terminal.pricing.rows import FloatArray
from terminal.runtime.cones import LONG, SHORT, Cones, cone
from terminal.runtime.curve_bars import curve_bars
from tests.helpers.builders import OPTION
from tests.helpers.trial import ready

NOW = 1_767_614_400 * SECOND


def walk(days: int, vol: float = 0.6) -> Track:
    count = days * 1440
    steps = np.random.default_rng(5).normal(0.0, vol * np.sqrt(MINUTE / YEAR), count)
    times: FloatArray = NOW / SECOND - 60.0 * np.arange(count, 0.0, -1.0)
    prices: FloatArray = 60_000.0 * np.exp(np.cumsum(steps))
    return Track(times, prices)


def vols(*known: tuple[int, float | None]) -> VolView:
    return VolView(
        underlying="BTC",
        expiries=tuple([ExpiryVol(NOW + days * DAY, 6e4, vol, vol, 9) for days, vol in known]),
        shape="flat",
        index=None,
        index_note="",
        realised=(),
    )


def test_a_walk_of_known_volatility_lies_in_its_cone() -> None:
    found = cone(walk(60), vols((1, 0.5), (90, 0.5), (120, None)), NOW)
    assert [each.horizon for each in found] == [*SHORT, *LONG]
    for each in found:
        assert each.quantiles == tuple(sorted(each.quantiles))
        assert each.quantiles[0] <= 0.62
        assert each.quantiles[3] == pytest.approx(0.6, rel=0.1)
        assert each.latest is not None
        assert each.quantiles[0] <= each.latest <= each.quantiles[-1]
    widths = [each.quantiles[-1] - each.quantiles[0] for each in found]
    assert widths[0] > widths[3] > widths[-1]  # a cone: the longer, the narrower
    implied = {each.horizon: each.implied for each in found}
    assert implied[HOUR] is None  # before the first expiry
    assert implied[7 * DAY] == pytest.approx(0.5)


def test_what_was_not_seen_has_no_quantiles_but_a_reason() -> None:
    found = cone(walk(1), None, NOW)
    by = {each.horizon: each for each in found}
    assert by[HOUR].quantiles
    assert not by[30 * DAY].quantiles
    assert by[30 * DAY].reason
    assert all(each.reason for each in cone(None, None, NOW))
    nothing = Track(np.empty(0), np.empty(0))
    assert all(not each.quantiles for each in cone(nothing, None, NOW))


def test_the_bar_under_way_says_nothing_yet() -> None:
    calm = walk(3)
    begun = Track(
        np.append(calm.times, calm.times[-1] + 60.0), np.append(calm.values, 2.0 * calm.values[-1])
    )
    assert cone(begun, None, NOW) == cone(
        Track(begun.times, np.append(calm.values, calm.values[-1])), None, NOW
    )


def test_bars_open_and_close_where_the_curve_does() -> None:
    times = np.arange(0.0, 900.0, 7.0)
    values = 100.0 + np.sin(times / 50.0)
    values[3] = np.nan
    starts, (opened, high, low, close) = curve_bars(Track(times, values), 5 * MINUTE, DAY)
    assert starts.tolist() == [0.0, 300.0, 600.0]
    inside = (times >= 300.0) & (times < 600.0)
    assert (opened[1], close[1]) == (values[inside][0], values[inside][-1])
    assert (high[1], low[1]) == (values[inside].max(), values[inside].min())


def test_cones_are_renewed_once_a_minute() -> None:
    trial = ready(positions={OPTION: "1"})
    cones = Cones()
    first = cones.of(trial.state, {}, {})
    assert first["BTC"][0].reason == "not enough prices yet"
    trial.tick(3.0)
    assert cones.of(trial.state, {}, {}) is first
    trial.tick(60.0)
    assert cones.of(trial.state, {}, {}) is not first
