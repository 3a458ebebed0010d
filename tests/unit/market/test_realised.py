"""Realised volatility: published values, laws of every estimator, and what gaps may not change."""

import math
from typing import Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.core.units import DAY, HOUR, MINUTE, YEAR
from terminal.market.bars import Bars, bars_of, between
from terminal.market.realised import Estimator, realised, rolling
from terminal.pricing.rows import FloatArray
from tests.unit.market.recorded import START, grid, walk, walked

# Ten daily bars after a close of 59900, and their annual volatility over 365 days: research values
# computed with the definitions of the R package TTR.
TABLE: Final = np.array(
    [
        [60000, 60850, 60400, 61900, 62350, 61100, 59800, 60500, 61250, 60950],
        [61200, 61500, 62100, 62800, 62900, 61600, 60900, 61700, 61800, 62400],
        [59500, 60100, 60050, 61500, 60800, 59300, 59100, 60200, 60300, 60500],
        [60900, 60350, 62000, 62300, 61050, 59700, 60450, 61300, 60900, 62250],
    ],
    dtype=np.float64,
)
EXPECTED: Final = {
    Estimator.CLOSE_CLOSE: 0.3336205351463,
    Estimator.CLOSE_CLOSE_ZERO_MEAN: 0.3249270050289,
    Estimator.PARKINSON: 0.3355948950729,
    Estimator.GARMAN_KLASS: 0.3422884986420,
    Estimator.ROGERS_SATCHELL: 0.3291464825634,
    Estimator.GARMAN_KLASS_YANG_ZHANG: 0.3429748806875,
    Estimator.YANG_ZHANG: 0.3296262195949,
}
ALL: Final = tuple(Estimator)
# These measure a move from the previous close.
ACROSS: Final = (
    Estimator.CLOSE_CLOSE,
    Estimator.CLOSE_CLOSE_ZERO_MEAN,
    Estimator.GARMAN_KLASS_YANG_ZHANG,
    Estimator.YANG_ZHANG,
)

estimators = st.sampled_from(ALL)
seeds = st.integers(0, 1000)


def vol(bars: Bars, estimator: Estimator) -> float:
    found = realised(bars, estimator)
    assert found.vol is not None, found.reason
    return found.vol


@pytest.mark.parametrize("estimator", ALL)
def test_reference_values_to_every_printed_digit(estimator: Estimator) -> None:
    bars = bars_of(grid(10, DAY), TABLE, span=DAY, previous_close=59900.0)
    assert vol(bars, estimator) == pytest.approx(EXPECTED[estimator], abs=5.1e-14)
    assert realised(bars, estimator).covered == 10 * DAY


@given(estimators, seeds, st.floats(1e-6, 1e6))
def test_the_unit_of_price_does_not_matter(estimator: Estimator, seed: int, unit: float) -> None:
    prices = walk(seed, 30)
    before = vol(bars_of(grid(30, HOUR), prices, span=HOUR), estimator)
    after = vol(bars_of(grid(30, HOUR), prices * unit, span=HOUR), estimator)
    assert after == pytest.approx(before, rel=1e-9)


@given(estimators, seeds, st.floats(0.1, 3.0))
def test_volatility_scales_with_the_logarithm_of_price(
    estimator: Estimator, seed: int, power: float
) -> None:
    prices = walk(seed, 30)
    before = vol(bars_of(grid(30, HOUR), prices, span=HOUR), estimator)
    after = vol(bars_of(grid(30, HOUR), prices**power, span=HOUR), estimator)
    assert after == pytest.approx(power * before, rel=1e-9)


@given(estimators, seeds, st.sampled_from([MINUTE, 5 * MINUTE, HOUR, 8 * HOUR, DAY]))
def test_the_clock_runs_all_year(estimator: Estimator, seed: int, span: int) -> None:
    prices = walk(seed, 30)
    daily = vol(bars_of(grid(30, DAY), prices, span=DAY), estimator)
    other = vol(bars_of(grid(30, span), prices, span=span), estimator)
    assert other == pytest.approx(daily * math.sqrt(DAY / span), rel=1e-12)


def test_every_estimator_finds_the_variance_of_a_walk() -> None:
    # Of 1440 steps a day: published ratios of variance, low because sampled highs and lows are.
    bars = bars_of(grid(2000, DAY), walk(11, 2000, step_vol=0.01, inner=1440), span=DAY)
    ratios = {
        Estimator.CLOSE_CLOSE: 0.997,
        Estimator.CLOSE_CLOSE_ZERO_MEAN: 0.997,
        Estimator.PARKINSON: 0.960,
        Estimator.GARMAN_KLASS: 0.945,
        Estimator.ROGERS_SATCHELL: 0.947,
        Estimator.GARMAN_KLASS_YANG_ZHANG: 0.945,
        Estimator.YANG_ZHANG: 0.947,
    }
    for estimator, ratio in ratios.items():
        # Two standard errors of close-close over 2000 days, in variance.
        assert vol(bars, estimator) ** 2 == pytest.approx(ratio * 1e-4 * 365.0, rel=0.065)


@given(seeds)
def test_parkinson_and_garman_klass_do_not_mind_the_order_of_bars(seed: int) -> None:
    prices = walk(seed, 25)
    mixed = prices[:, np.random.default_rng(seed).permutation(25)]
    for estimator in (Estimator.PARKINSON, Estimator.GARMAN_KLASS, Estimator.ROGERS_SATCHELL):
        before = vol(bars_of(grid(25, HOUR), prices, span=HOUR), estimator)
        assert vol(bars_of(grid(25, HOUR), mixed, span=HOUR), estimator) == pytest.approx(before)


@given(seeds, st.floats(1.0, 1.2))
def test_a_wider_range_is_never_calmer(seed: int, factor: float) -> None:
    prices = walk(seed, 20)
    wider = prices.copy()
    wider[1] *= factor
    wider[2] /= factor
    for estimator in (Estimator.PARKINSON, Estimator.GARMAN_KLASS, Estimator.ROGERS_SATCHELL):
        before = vol(bars_of(grid(20, HOUR), prices, span=HOUR), estimator)
        after = vol(bars_of(grid(20, HOUR), wider, span=HOUR), estimator)
        assert after >= before * (1.0 - 1e-12)


@given(seeds, st.floats(-0.02, 0.02))
def test_a_steady_drift_is_no_close_close_volatility(seed: int, drift: float) -> None:
    prices = walk(seed, 40) * np.exp(drift * np.arange(40))
    bars = bars_of(grid(40, DAY), prices, span=DAY)
    still = bars_of(grid(40, DAY), walk(seed, 40), span=DAY)
    found, expected = vol(bars, Estimator.CLOSE_CLOSE), vol(still, Estimator.CLOSE_CLOSE)
    assert found == pytest.approx(expected, rel=1e-9)


def holed(seed: int, holes: frozenset[int], count: int = 60) -> Bars:
    keep = np.array([each for each in range(count) if each not in holes], dtype=np.int64)
    return bars_of(grid(count, HOUR)[keep], walk(seed, count)[:, keep], span=HOUR)


holes = st.frozensets(st.integers(1, 58), max_size=25)


@given(estimators, seeds, holes, st.integers(2, 70))
def test_rolling_equals_the_direct_answer_on_every_window(
    estimator: Estimator, seed: int, missing: frozenset[int], width: int
) -> None:
    bars = holed(seed, missing)
    path = rolling(bars, estimator, window=width * HOUR)
    direct: list[float] = []
    for end in path.at.tolist():
        found = realised(between(bars, START, end), estimator, window=width * HOUR)
        direct.append(math.nan if found.vol is None else found.vol)
    assert np.allclose(path.vol, np.array(direct), rtol=1e-10, atol=1e-12, equal_nan=True)


@given(estimators, seeds, st.integers(5, 50), st.integers(2, 2000))
def test_two_parts_of_a_gapped_series_combine_to_the_whole(
    estimator: Estimator, seed: int, cut: int, hours: int
) -> None:
    prices = walk(seed, 60)
    start = grid(60, HOUR)
    start[cut:] += hours * HOUR
    bars = bars_of(start, prices, span=HOUR)
    first = bars_of(start[:cut], prices[:, :cut], span=HOUR)
    second = bars_of(start[cut:], prices[:, cut:], span=HOUR)
    found = realised(bars, estimator, least_share=1e-6)
    parts = [realised(each, estimator) for each in (first, second)]
    assert found.terms == sum(each.terms for each in parts)
    if estimator in (Estimator.CLOSE_CLOSE, Estimator.YANG_ZHANG):
        return  # a mean, or a weight by number, is taken over the whole
    squares = [each.terms * (each.vol or 0.0) ** 2 for each in parts]
    assert found.vol == pytest.approx(math.sqrt(sum(squares) / found.terms), rel=1e-12)


@given(st.sampled_from(ACROSS), seeds, st.floats(1.01, 10.0))
def test_a_move_over_a_gap_is_nobodys_volatility(
    estimator: Estimator, seed: int, jump: float
) -> None:
    prices = walk(seed, 40)
    start = grid(40, HOUR)
    start[20:] += 3 * HOUR
    moved = prices.copy()
    moved[:, 20:] *= jump
    before = realised(bars_of(start, prices, span=HOUR), estimator)
    after = realised(bars_of(start, moved, span=HOUR), estimator)
    assert before.vol is not None
    assert after.vol == pytest.approx(before.vol, rel=1e-9)
    assert (after.breaks, after.covered, after.asked) == (2, 38 * HOUR, 43 * HOUR)


def test_a_storm_long_ago_leaves_no_rounding_in_a_quiet_hour() -> None:
    calm, storm = walk(1, 500, step_vol=1e-6), walk(2, 50, step_vol=0.5)
    prices = np.concatenate((storm, calm * storm[3, -1] / 100.0), axis=1)
    bars = bars_of(grid(550, MINUTE), prices, span=MINUTE)
    path = rolling(bars, Estimator.PARKINSON, window=HOUR)
    direct = realised(bars, Estimator.PARKINSON, window=HOUR)
    assert direct.vol is not None
    assert path.vol[-1] == pytest.approx(direct.vol, rel=1e-12)


def test_too_little_says_so() -> None:
    empty = realised(bars_of([], np.empty((4, 0)), span=HOUR))
    assert (empty.vol, empty.asked, bool(empty.reason)) == (None, 0, True)
    single = realised(walked(1, 2, HOUR))
    assert single.vol is None
    assert "1 usable bars" in single.reason
    sparse = bars_of(grid(40, HOUR)[::4], walk(1, 10), span=HOUR)
    found = realised(sparse, Estimator.PARKINSON)
    assert found.vol is None
    assert "27%" in found.reason
    assert realised(sparse, Estimator.PARKINSON, least_share=0.2).vol is not None


def test_faulty_bars_are_counted_and_their_time_is_missing() -> None:
    prices = walk(4, 20)
    prices[1, 5] = np.nan
    prices[2, 19] = -1.0
    found = realised(bars_of(grid(20, HOUR), prices, span=HOUR), Estimator.YANG_ZHANG)
    assert found.vol is not None
    assert (found.faulty, found.breaks, found.terms) == (2, 2, 16)
    assert found.asked == 20 * HOUR


def test_a_market_that_stands_still_has_no_volatility() -> None:
    bars = bars_of(grid(30, HOUR), np.full((4, 30), 5.0), span=HOUR)
    for estimator in ALL:
        assert vol(bars, estimator) == 0.0
        assert rolling(bars, estimator, window=5 * HOUR).vol[-1] == 0.0


def test_rolling_over_nothing_is_nothing() -> None:
    path = rolling(bars_of([], np.empty((4, 0)), span=HOUR), window=DAY)
    assert path.vol.size == path.share.size == path.at.size == 0
    alone = rolling(walked(1, 1, HOUR), Estimator.CLOSE_CLOSE, window=DAY)
    assert np.isnan(alone.vol).all()


@given(seeds, st.integers(2, 40))
@settings(max_examples=30)
def test_share_tells_how_much_of_the_window_was_seen(seed: int, width: int) -> None:
    path = rolling(walked(seed, 50, HOUR), Estimator.PARKINSON, window=width * HOUR)
    seen: FloatArray = np.minimum(np.arange(1, 51), width) / width
    assert np.allclose(path.share, seen)
    assert np.array_equal(np.isnan(path.vol), (seen < 0.5) | (np.arange(1, 51) < 2))


@pytest.mark.parametrize("window", [0, -HOUR, HOUR - 1])
def test_a_window_below_one_bar_is_refused(window: int) -> None:
    for call in (realised, rolling):
        with pytest.raises(ValueError, match="window"):
            call(walked(1, 5, HOUR), window=window)


@pytest.mark.parametrize("share", [0.0, 1.0, math.nan])
def test_a_share_is_between_nothing_and_everything(share: float) -> None:
    with pytest.raises(ValueError, match="least_share"):
        realised(walked(1, 5, HOUR), least_share=share)
    with pytest.raises(ValueError, match="least_share"):
        rolling(walked(1, 5, HOUR), window=HOUR, least_share=share)


def test_a_year_has_365_days() -> None:
    prices = np.array([[1.0, 1.0], [math.e, math.e], [1.0, 1.0], [1.0, 1.0]])
    bars = bars_of(grid(2, YEAR), prices, span=YEAR)
    assert vol(bars, Estimator.PARKINSON) == pytest.approx(1.0 / math.sqrt(4.0 * math.log(2.0)))
