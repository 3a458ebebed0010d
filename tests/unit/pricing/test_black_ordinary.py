"""Ordinary options told from the others, which are priced with more care, in one book."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.pricing.black import FEW, greeks, greeks_with_rho
from terminal.pricing.black_ordinary import BLOCK, extraordinary, fill_ordinary, passes
from terminal.pricing.rows import FloatArray, flat_columns
from tests.unit.pricing import mp_reference
from tests.unit.pricing.mp_reference import relative_error

Leg = tuple[float, float, float, float, float]

GOOD: Leg = (100.0, 103.0, 0.2, 0.6, 1.0)
EXTREME: list[Leg] = [
    (100.0, 103.0, 1e-5, 0.6, 1.0),  # narrow
    (100.0, 90.0, 10.0, 2.0, -1.0),  # a score far below zero
    (100.0, 100.0 * np.exp(8.0), 0.1, 0.6, 1.0),  # no density left
    (100.0, 90.0, 0.0, 0.6, 1.0),
    (100.0, 90.0, -1.0, 0.6, 1.0),
    (100.0, 90.0, 0.2, 0.0, -1.0),
    (100.0, 90.0, 0.2, -0.6, -1.0),
    (-100.0, -90.0, 0.2, 0.6, 1.0),
    (-100.0, 90.0, 0.2, 0.6, 1.0),
    (0.0, 90.0, 0.2, 0.6, 1.0),
    (100.0, 0.0, 0.2, 0.6, 1.0),
    (100.0, np.inf, 0.2, 0.6, 1.0),
    (100.0, 90.0, np.inf, 0.6, 1.0),
    (100.0, 90.0, 0.2, np.nan, 1.0),
    (100.0, 103.0, 0.2, 0.6, 0.0),
    (100.0, 103.0, 0.2, 0.6, np.nextafter(1.0, 2.0)),
    (100.0, 103.0, 0.2, 0.6, 3.0),
]


def told(legs: FloatArray) -> tuple[bool, list[int]]:
    """Whether all legs are ordinary, and which are not."""
    columns = tuple(legs.T.copy())
    with np.errstate(all="ignore"):
        ((_, scratch),) = passes(len(legs))
        are_all = fill_ordinary(scratch, columns, np.empty((5, len(legs))))
        return are_all, extraordinary(scratch, columns[4]).tolist()


@pytest.mark.parametrize("leg", EXTREME)
def test_one_that_is_not_ordinary_is_told_from_its_neighbours(leg: Leg) -> None:
    legs = np.array([GOOD, leg, (*GOOD[:4], -1.0)])
    assert told(legs) == (False, [1])


def test_ordinary_ones_pass_untold() -> None:
    assert told(np.array([GOOD, (*GOOD[:4], -1.0), (100.0, 97.0, 0.2, 0.6, -1.0)])) == (True, [])


@pytest.mark.parametrize("copies", [1, FEW + 1])
def test_a_mixed_book_is_priced_as_each_leg_alone(copies: int) -> None:
    legs = np.array([GOOD] * (FEW + 1) + EXTREME * copies)
    whole = np.array(greeks(*legs.T)).T
    alone = np.array([greeks(*leg) for leg in legs.tolist()])
    assert whole == pytest.approx(alone, rel=1e-12, abs=1e-300, nan_ok=True)
    six = greeks_with_rho(*legs.T)
    life = np.maximum(legs[:, 2], 0.0)
    with np.errstate(invalid="ignore"):
        assert six.rho == pytest.approx(-life * six.price, rel=1e-15, nan_ok=True)


@given(
    st.floats(-6.0, 6.0), st.floats(0.003, 2.0), st.floats(0.01, 4.0), st.sampled_from([1.0, -1.0])
)
def test_few_and_many_are_exact_on_both_sides_of_every_border(
    z: float, years: float, deviation: float, sign: float
) -> None:
    vol = deviation / np.sqrt(years)
    leg = (100.0, float(100.0 * np.exp(z * deviation)), years, float(vol), sign)
    exact = np.array(mp_reference.black(*leg))
    for copies in (1, FEW + 1):
        found = np.array(greeks(*np.tile(leg, (copies, 1)).T))[:, 0]
        assert relative_error(found, exact).max() < 1e-12


def test_kept_memory_is_no_answer_and_of_one_pass_at_a_time() -> None:
    rng = np.random.default_rng(3)
    books = [
        (
            rng.uniform(90.0, 110.0, size),
            rng.uniform(80.0, 120.0, size),
            rng.uniform(0.05, 1.0, size),
            rng.uniform(0.3, 0.9, size),
            rng.choice([-1.0, 1.0], size),
        )
        for size in (FEW + 1, 500, 500, BLOCK + 9, 3 * BLOCK - 5)
    ]
    alone = [np.array(greeks(*each)) for each in books]
    first = greeks(*books[1])
    kept = np.array(first)
    greeks(*books[2])  # of the same size: in the same memory
    assert np.array_equal(np.array(first), kept)
    (one,), (other,) = passes(20), passes(20)
    assert one[1] is other[1]  # taken one after the other
    outer = passes(20)
    _, taken = next(outer)
    ((_, inner),) = passes(20)  # while the first is at work
    assert not np.shares_memory(taken.gap, inner.gap)
    outer.close()
    turns = [index % len(books) for index in range(200)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda index: np.array(greeks(*books[index])), turns))
    for index, each in zip(turns, found, strict=True):
        assert np.array_equal(each, alone[index])


def test_slices_cover_a_book_and_columns_are_not_copied() -> None:
    for count in (0, 1, BLOCK, BLOCK + 1, 4 * BLOCK - 3):
        parts = [(part.start, part.stop) for part, _ in passes(count)]
        edges = [0, *(stop for _, stop in parts)]
        assert [start for start, _ in parts] == edges[:-1]
        assert edges[-1] == count
    columns, shape = flat_columns(one=(one := np.ones(3)), two=(two := np.zeros(6)[::2]))
    assert shape == (3,)
    assert columns[0] is one
    assert columns[1] is two
