"""Rank, term structure, cone and premium: definitions, limits, and what stays unknown."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.core.units import DAY, HOUR
from terminal.market.bars import bars_of
from terminal.market.realised import Estimator, realised
from terminal.market.vol_context import (
    Shape,
    atm_vol,
    premiums,
    rv_cone,
    standing,
    term_structure,
    vol_at,
)
from terminal.market.vol_index import ExpiryQuotes, expiry_quotes
from terminal.pricing.black import price
from tests.unit.market.recorded import grid, walk, walked

NOW = 1_700_000_000_000_000_000
vols = st.floats(0.05, 3.0)


def test_rank_and_percentile_by_definition() -> None:
    found = standing(60, np.arange(40, 81, 2))
    assert found.rank == pytest.approx(0.5)
    assert found.percentile == pytest.approx(0.5)
    assert (found.lowest, found.highest, found.observations) == (40.0, 80.0, 21)
    spiked = standing(0.6, [0.5] * 15 + [0.7] * 4 + [2.5])
    assert spiked.rank == pytest.approx(0.05)
    assert spiked.percentile == pytest.approx(0.75)


@given(st.lists(vols, min_size=20, max_size=60), vols, vols, st.floats(0.1, 10.0))
def test_standing_rises_with_the_volatility_and_not_with_the_unit(
    history: list[float], one: float, other: float, unit: float
) -> None:
    low, high = sorted((one, other))
    calm, wild = standing(low, history), standing(high, history)
    assert calm.percentile is not None
    assert wild.percentile is not None
    assert 0.0 <= calm.percentile <= wild.percentile <= 1.0
    mirrored = standing(-low, [-each for each in history])
    assert mirrored.percentile == pytest.approx(1.0 - calm.percentile)
    if max(history) - min(history) > 1e-6:
        assert calm.rank is not None
        assert wild.rank is not None
        assert calm.rank <= wild.rank
        scaled = standing(low * unit, np.array(history) * unit)
        assert scaled.rank == pytest.approx(calm.rank, abs=1e-9)


def test_standing_without_enough_history_says_so() -> None:
    assert "19 known" in standing(0.5, [0.5] * 19 + [math.nan] * 50).reason
    assert standing(math.nan, [0.5] * 30).reason == "the value of now is unknown"
    level = standing(0.5, [0.5] * 30)
    assert (level.rank, level.percentile) == (None, 0.5)
    above = standing(1.0, np.linspace(0.4, 0.8, 30))
    assert above.percentile == 1.0
    assert above.rank == pytest.approx(1.5)
    for wrong in (["a"] * 30, [None] * 30):
        with pytest.raises(TypeError, match="history"):
            standing(0.5, wrong)  # type: ignore[arg-type]


@given(st.lists(vols, min_size=1, max_size=8), st.integers(0, 100))
def test_forward_variances_add_up_to_the_total(levels: list[float], seed: int) -> None:
    years = np.cumsum(np.random.default_rng(seed).uniform(0.01, 0.3, len(levels)))
    found = term_structure(years[::-1], levels[::-1])
    total = 0.0
    for number, each in enumerate(found.forward_vols):
        start = found.years[number - 1] if number else 0.0
        expected = levels[number] ** 2 * years[number]
        if each is None:
            assert expected < total
        else:
            assert total + each**2 * (found.years[number] - start) == pytest.approx(expected)
        total = expected


def test_the_shape_is_named_as_the_desk_names_it() -> None:
    years = [7 / 365, 30 / 365, 90 / 365]
    assert term_structure(years, [0.5, 0.55, 0.6]).shape is Shape.CONTANGO
    assert term_structure(years, [0.9, 0.7, 0.6]).shape is Shape.BACKWARDATION
    assert term_structure(years, [0.6, 0.8, 0.604]).shape is Shape.FLAT
    assert term_structure(years[:1], [0.5]).shape is Shape.UNKNOWN
    assert term_structure([], []).shape is Shape.UNKNOWN


def test_expiries_without_a_volatility_are_left_out_and_counted() -> None:
    found = term_structure([0.1, 0.2, -0.1, 0.3, math.nan], [0.5, math.nan, 0.5, 0.0, 0.5])
    assert (found.years, found.vols, found.left_out) == ((0.1,), (0.5,), 4)


def test_falling_total_variance_has_no_forward_volatility() -> None:
    found = term_structure([0.1, 0.2], [1.0, 0.5])
    assert found.forward_vols[0] == pytest.approx(1.0)
    assert found.forward_vols[1] is None


@pytest.mark.parametrize(
    ("years", "levels", "error"),
    [
        ([0.1], [0.5, 0.6], ValueError),
        ([0.1, 0.1], [0.5, 0.6], ValueError),
        (["a"], [0.5], TypeError),
        ([0.1], ["b"], TypeError),
    ],
)
def test_what_is_no_term_structure_is_refused(
    years: Any, levels: Any, error: type[Exception]
) -> None:
    with pytest.raises(error, match=r"years|vols"):
        term_structure(years, levels)


@given(vols, st.floats(0.05, 0.5))
def test_a_flat_term_structure_is_flat_between_its_expiries(vol: float, years: float) -> None:
    found = vol_at(term_structure([0.05, 0.2, 0.5], [vol] * 3), years)
    assert found == pytest.approx(vol)


def test_a_volatility_is_known_between_the_expiries_only() -> None:
    structure = term_structure([0.1, 0.3], [0.8, 0.5])
    assert vol_at(structure, 0.09) is None
    assert vol_at(structure, 0.31) is None
    assert vol_at(term_structure([], []), 0.1) is None
    assert vol_at(structure, 0.2) == pytest.approx(math.sqrt((0.064 + 0.075) / 2.0 / 0.2))


def chain(slope: float, forward: float = 60_000.0) -> ExpiryQuotes:
    """Thirty days of options whose volatility is linear in the logarithm of the strike."""
    strike = np.arange(50_000.0, 70_001.0, 1_000.0)
    vol = 0.6 + slope * np.log(strike / forward)
    both = [price(forward, strike, 30 / 365, vol, sign) for sign in (1.0, -1.0)]
    mids = np.concatenate(both)
    sign = np.repeat([1.0, -1.0], strike.size)
    quotes = np.stack((mids * 0.98, mids * 1.02))
    return expiry_quotes(NOW + 30 * DAY, forward, np.tile(strike, 2), sign, quotes)


@given(st.floats(-0.5, 0.5), st.floats(51_000.0, 69_000.0))
def test_volatility_at_the_money_is_read_at_the_forward(slope: float, forward: float) -> None:
    assert atm_vol(chain(slope, forward), now=NOW) == pytest.approx(0.6, rel=1e-9)


def test_missing_and_crossed_quotes_are_stepped_over() -> None:
    quotes = chain(0.2)
    bid, ask = quotes.bid.copy(), quotes.ask.copy()
    near = np.abs(quotes.strike - 60_000.0) < 1_500.0
    bid[near] = math.nan
    ask[np.abs(quotes.strike - 62_000.0) < 1.0] = 1.0
    assert atm_vol(quotes._replace(bid=bid, ask=ask), now=NOW) == pytest.approx(0.6, rel=1e-9)
    assert atm_vol(quotes._replace(bid=np.full(bid.size, math.nan)), now=NOW) is None
    assert atm_vol(quotes, now=NOW + 31 * DAY) is None
    empty = expiry_quotes(NOW, 1.0, [], [], np.empty((2, 0)))
    assert atm_vol(empty, now=NOW - DAY) is None


@given(st.integers(0, 50), st.sampled_from(list(Estimator)))
@settings(max_examples=20)
def test_a_cone_holds_its_latest_value_and_its_quantiles_rise(
    seed: int, estimator: Estimator
) -> None:
    bars = walked(seed, 300, HOUR)
    horizons = (6 * HOUR, DAY, 5 * DAY)
    for row in rv_cone(bars, horizons, estimator=estimator):
        direct = realised(bars, estimator, window=row.horizon)
        assert row.latest == pytest.approx(direct.vol, rel=1e-9)
        assert row.latest is not None
        assert list(row.quantiles) == sorted(row.quantiles)
        assert row.quantiles[0] - 1e-12 <= row.latest <= row.quantiles[-1] + 1e-12
        assert row.independent == pytest.approx(300 * HOUR / row.horizon)


def test_the_cone_of_a_walk_narrows_with_the_horizon() -> None:
    rows = rv_cone(walked(1, 4000, HOUR), (12 * HOUR, 2 * DAY, 10 * DAY), quantiles=(0.1, 0.9))
    widths = [row.quantiles[1] - row.quantiles[0] for row in rows]
    assert widths == sorted(widths, reverse=True)
    centre = 0.01 * math.sqrt(8760.0)
    assert all(row.quantiles[0] < centre < row.quantiles[1] for row in rows)


def test_an_empty_cone_says_why() -> None:
    nothing = bars_of([], np.empty((4, 0)), span=HOUR)
    (row,) = rv_cone(nothing, [DAY])
    assert (row.quantiles, row.latest, row.windows) == ((), None, 0)
    assert row.reason
    stale = bars_of(
        np.append(grid(50, HOUR), grid(51, HOUR)[-1:] + 30 * DAY), walk(1, 51), span=HOUR
    )
    (row,) = rv_cone(stale, [DAY])
    assert row.latest is None
    assert row.windows > 0


def test_limits_of_a_cone_are_checked() -> None:
    bars = walked(1, 30, HOUR)
    for wrong in ([1.5], [-0.1], [math.nan]):
        with pytest.raises(ValueError, match="quantiles"):
            rv_cone(bars, [DAY], quantiles=wrong)
    with pytest.raises(ValueError, match="horizons"):
        rv_cone(bars, [HOUR])


def test_premiums_are_implied_minus_realised_where_both_are_known() -> None:
    bars = walked(1, 2000, HOUR)
    cone = rv_cone(bars, (7 * DAY, 30 * DAY, 60 * DAY))
    structure = term_structure([7 / 365, 60 / 365], [1.2, 1.2])
    found = premiums(cone, structure)
    for row, each in zip(cone, found, strict=True):
        assert each.horizon == row.horizon
        assert row.latest is not None
        assert each.spread == pytest.approx(1.2 - row.latest)
        assert each.ratio == pytest.approx(1.2 / row.latest)
    unknown = premiums(cone, term_structure([0.5], [1.0]))
    assert [(each.implied, each.spread, each.ratio) for each in unknown] == [(None, None, None)] * 3
    still = rv_cone(bars_of(grid(100, DAY), np.full((4, 100), 5.0), span=DAY), [10 * DAY])
    (dead,) = premiums(still, term_structure([10 / 365], [0.5]))
    assert (dead.realised, dead.spread, dead.ratio) == (0.0, 0.5, None)
