"""One hedge over several books: near the best whole lots, and the published example."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.hedging.split import Shelf, capacity, merged, shares, taken
from tests.bench.split import BOOKS, UNIT, gap, question

VENUES = ((6.04, 0.166), (6.04, 0.166), (5.0, 0.592))
"""First cost and slope in bp (per coin) of three venues that give the published results: the
parameters behind them are not published, these solve for them."""


def linear(first: float, slope: float, most: float = 20.0, lot: float = 0.01) -> Shelf:
    """A book whose marginal cost rises evenly, in levels of one lot."""
    count = round(most / lot)
    rates = first + slope * lot * (np.arange(count) + 0.5)
    return Shelf(lot, 1, tuple([(rate, lot) for rate in rates.tolist()]))


def test_the_published_example() -> None:
    """20 BTC over three venues: 8 / 8 / 4 at 6.60 bp; 7.70 best single, 6.72 in equal parts."""
    shelves = [linear(*each) for each in VENUES]
    found = shares(shelves, 20.0)
    sizes = [count * each.lot for count, each in zip(found.lots, shelves, strict=True)]
    assert sizes == pytest.approx([8.0, 8.0, 4.0], abs=0.011)
    assert found.usd / 20.0 == pytest.approx(6.60, abs=0.005)
    assert min(taken(each, 20.0) for each in shelves) / 20.0 == pytest.approx(7.70, abs=0.005)
    equal = sum(taken(each, 20.0 / 3.0) for each in shelves) / 20.0
    assert equal == pytest.approx(6.72, abs=0.005)


def test_within_one_lot_of_the_optimum_on_a_thousand_random_books() -> None:
    gaps = [gap(seed) for seed in range(BOOKS)]
    assert min(each.cost for each in gaps) > -1e-9  # the reference is the optimum
    assert max(each.cost for each in gaps) < 1e-9
    assert max(each.lots for each in gaps) < 1.0 + 1e-9  # equal costs may have several sizes


@given(st.integers(0, 10_000))
def test_lots_leasts_and_books_are_respected(seed: int) -> None:
    shelves, units = question(seed)
    found = shares(shelves, units * UNIT)
    assert found.coins <= units * UNIT + 1e-9
    assert found.coins + found.left == pytest.approx(units * UNIT)
    for count, each in zip(found.lots, shelves, strict=True):
        assert count == 0 or each.least <= count <= capacity(each)
    assert math.isfinite(found.usd)


@given(st.integers(0, 2000))
def test_the_next_lot_costs_no_less_anywhere_else(seed: int) -> None:
    """Equal marginal cost: on equal lots no book would have given the last coin cheaper."""
    drawn, units = question(seed)
    shelves = [Shelf(UNIT, 1, each.steps) for each in drawn]
    found = shares(shelves, units * UNIT)
    pairs = list(zip(found.lots, shelves, strict=True))
    last = [taken(each, n * UNIT) - taken(each, (n - 1) * UNIT) for n, each in pairs if n]
    following = [
        taken(each, (n + 1) * UNIT) - taken(each, n * UNIT) for n, each in pairs
        if n < capacity(each)
    ]
    assert max(last) <= min(following, default=math.inf) + 1e-9


def test_a_size_that_no_book_takes_finds_nothing() -> None:
    big = Shelf(1.0, 5, ((10.0, 4.0),))
    assert shares([big, big], 8.0).lots == (0, 0)
    assert shares([Shelf(0.1, 1, ()), Shelf(0.1, 1, ())], 1.0).left == 1.0
    assert shares([linear(1.0, 1.0), linear(1.0, 1.0)], 0.0).coins == 0.0


def test_free_books_are_filled_all_the_same() -> None:
    free = Shelf(0.1, 1, ((0.0, 1.0),))
    assert shares([free, free], 1.5).coins == pytest.approx(1.5)


def test_more_than_all_books_show_is_left() -> None:
    found = shares([linear(1.0, 0.1, most=2.0), linear(1.0, 0.1, most=1.0)], 5.0)
    assert found.coins == pytest.approx(3.0)
    assert found.left == pytest.approx(2.0)


def test_beyond_what_is_shown_has_no_price() -> None:
    assert taken(linear(1.0, 1.0, most=1.0), 1.5) == math.inf


def test_levels_merge_by_price_whatever_the_lots() -> None:
    """By hand: 1 at 2, 1 at 3, then half of the level at 5."""
    shelves = [Shelf(1.0, 3, ((2.0, 1.0), (5.0, 4.0))), Shelf(2.0, 1, ((3.0, 1.0), (9.0, 1.0)))]
    assert merged(shelves, 2.5) == ((1.5, 1.0), 7.5)
    assert merged(shelves, 0.0) == ((0.0, 0.0), 0.0)
    assert merged(shelves, 7.0)[1] == pytest.approx(34.0)
    assert merged(shelves, 7.1)[1] == math.inf
    assert merged([], 1.0) == ((), math.inf)


@given(st.integers(0, 2000))
def test_no_whole_lots_are_cheaper_than_merged_levels(seed: int) -> None:
    shelves, units = question(seed)
    lots = shares(shelves, units * UNIT)
    sizes, usd = merged(shelves, lots.coins)
    assert sum(sizes) == pytest.approx(lots.coins)
    assert usd <= lots.usd + 1e-9 * (1.0 + abs(lots.usd))
    apart = sum(taken(each, size) for each, size in zip(shelves, sizes, strict=True))
    assert usd == pytest.approx(apart, rel=1e-9, abs=1e-9)
