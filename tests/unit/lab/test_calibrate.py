"""Calibrated worlds have the variance, jumps and memory of the bars, or say what they assume."""

import math

import numpy as np
import pytest

from terminal.core.errors import DataError
from terminal.core.units import DAY
from terminal.lab.calibrate import LEAST_DAYS, Calibration, calibrated
from terminal.lab.dynamics import Dynamics, Kind, checked, usual
from terminal.market.bars import Bars, bars_of
from terminal.pricing.rows import FloatArray
from tests.unit.lab.walks import SPAN, START, bars_from, walk

DAYS = 400


def law(found: Calibration, kind: Kind) -> Dynamics:
    return next(each for each in found.laws if each.kind is kind)


def prices(days: FloatArray, seed: int) -> FloatArray:
    """Closes of days with these annual volatilities."""
    rng = np.random.default_rng(seed)
    moves = rng.normal(size=(days.size, 288)) * days[:, None] * (288 * 365) ** -0.5
    return np.asarray(50_000.0 * np.exp(np.cumsum(moves.ravel())))


def test_a_plain_walk_has_its_volatility_and_says_what_it_cannot_tell() -> None:
    found = calibrated(bars_from(walk(1, DAYS, vol=0.6)))
    assert found.days == DAYS
    assert found.vol == pytest.approx(0.6, rel=0.02)
    assert [each.kind for each in found.laws] == list(Kind)
    assert law(found, Kind.GBM).vol == found.vol
    assert any(said.startswith("bates: too few jumps") for said in found.assumed)
    for each in found.laws:
        assert checked(each, 1.0 / (365 * 144)) == each


def test_jumps_are_told_from_the_diffusion() -> None:
    closes = prices(np.where(np.arange(DAYS) % 40 < 20, 0.5, 0.7), 2)
    rng = np.random.default_rng(3)
    at = rng.choice(np.arange(300, closes.size), 60, replace=False)
    sizes = np.zeros(closes.size)
    sizes[at] = rng.normal(-0.03, 0.004, 60)
    found = calibrated(bars_from(closes * np.exp(np.cumsum(sizes))))
    world = law(found, Kind.BATES)
    assert world.jumps == pytest.approx(60 * 365 / DAYS, rel=0.1)
    assert world.jump_mean == pytest.approx(-0.03, rel=0.1)
    assert world.vol == pytest.approx(math.sqrt(0.5 * (0.25 + 0.49)), rel=0.05)
    assert found.vol > world.vol


def test_states_and_memory_of_variance() -> None:
    found = calibrated(bars_from(prices(np.where(np.arange(DAYS) % 20 < 10, 0.4, 1.2), 4)))
    states = law(found, Kind.REGIME)
    assert states.vol == pytest.approx(0.4, rel=0.05)
    assert states.wild == pytest.approx(1.2, rel=0.05)
    assert states.to_wild == pytest.approx(365 / 10, rel=0.1)
    damped = law(found, Kind.HESTON)
    assert 2.0 <= damped.pull <= 150.0
    spread = damped.noise**2 * damped.vol**2 / (2.0 * damped.pull)
    assert 0.3 < math.sqrt(spread) / damped.vol**2 <= 1.0  # theirs is 0.8


def test_a_price_that_returns_is_seen_to() -> None:
    rng = np.random.default_rng(5)
    level, logs = 0.0, []
    for move in rng.normal(0.0, 0.6 * (288 * 365) ** -0.5, DAYS * 288):
        level += move - level * 0.2 / 288.0
        logs.append(level)
    found = calibrated(bars_from(50_000.0 * np.exp(np.array(logs))))
    assert law(found, Kind.REVERTING).revert == pytest.approx(0.2 * 365, rel=0.35)


def test_a_trend_is_seen_and_none_is_assumed_where_there_is_one() -> None:
    drift = np.repeat(np.random.default_rng(6).normal(0.0, 0.01, DAYS // 20), 20 * 288) / 288
    found = calibrated(bars_from(walk(7, DAYS, vol=0.3) * np.exp(np.cumsum(drift))))
    assert law(found, Kind.TRENDING).trend > 1.5 * usual(Kind.TRENDING).trend
    assert not any(said.startswith("trending") for said in found.assumed)


def test_days_with_gaps_are_left_out_and_too_many_refused() -> None:
    bars = bars_from(walk(8, 40))
    day = (bars.start - START) // DAY

    def without(gone: int) -> Bars:
        kept = ~((day < gone) & ((bars.start // SPAN) % 5 == 0))
        table = np.stack((bars.open, bars.high, bars.low, bars.close))[:, kept]
        return bars_of(bars.start[kept], table, span=SPAN)

    found = calibrated(without(40 - LEAST_DAYS))
    assert (found.days, found.left_out) == (LEAST_DAYS, 10)
    with pytest.raises(DataError, match=f"29 of 40 days have their bars, {LEAST_DAYS} are needed"):
        calibrated(without(11))


def test_a_day_that_hardly_trades_has_no_jumps() -> None:
    closes = walk(9, 60)
    closes[: 10 * 288] = closes[0]
    closes[5 * 288 :] *= 1.001  # one small step in ten days that stand still
    found = calibrated(bars_from(closes))
    assert any(said.startswith("bates: too few jumps") for said in found.assumed)


def test_prices_that_stand_still_are_refused() -> None:
    with pytest.raises(DataError, match="never move"):
        calibrated(bars_from(np.full(40 * 288, 100.0)))
