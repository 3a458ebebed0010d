"""Totals of a folded book are those of its rows, wherever spot went since it was folded."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.pricing.book import price_book_numpy
from terminal.pricing.book_totals import fold, total_at
from terminal.pricing.rows import FloatArray

SPOT = 60_000.0

legs = st.tuples(
    st.floats(-50.0, 50.0),  # coins
    st.floats(0.0, 5_000.0),  # entry
    st.floats(20_000.0, 180_000.0),  # strike
    st.sampled_from([-1.0, 1.0]),
    st.sampled_from([0.0, 1.0]),  # in coin
    st.floats(0.9, 1.2),  # basis
    st.sampled_from([0.0, -1.0]) | st.floats(1e-5, 3.0),  # years
    st.sampled_from([0.0, np.nan]) | st.floats(0.05, 3.0),  # vol
    st.just(np.nan) | st.floats(0.0, 0.3),  # mark
)


def rows_of(spot: float, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
    out, total = np.empty((11, columns.shape[1])), np.empty(11)
    price_book_numpy(spot, columns, out, total)
    return out, total


@settings(max_examples=150, deadline=None)
@given(st.lists(legs, min_size=1, max_size=30), st.floats(0.6, 1.6))
def test_totals_are_the_sums_of_the_rows(book: list[tuple[float, ...]], move: float) -> None:
    columns = np.ascontiguousarray(np.array(book).T)
    spot = SPOT * move
    out, total = rows_of(spot, columns)
    found = total_at(spot, fold(SPOT, columns))
    # A delta is known to 1e-15 of its option, a price to 1e-15 of its forward and its strike.
    coins = np.abs(columns[0]).sum() * 2.0
    notional = coins * (spot + columns[2].max())
    scale = [notional, *([coins + notional / spot] * 3), notional, *([0.0] * 4)]
    terms = np.abs(out[:9]).sum(axis=1)
    for ours, theirs, absolute, size in zip(found, total[:9], scale, terms, strict=True):
        assert ours == pytest.approx(theirs, abs=4e-15 * absolute + 1e-10 * size + 1e-300)


def test_an_expired_option_at_the_money_is_half_of_itself() -> None:
    columns = np.array([[2.0, 0.0, SPOT, 1.0, 0.0, 1.0, 0.0, 0.5, np.nan]]).T.copy()
    value, delta, *_ = total_at(SPOT, fold(SPOT, columns))
    assert [value, delta] == pytest.approx([0.0, 1.0], abs=1e-9)
    value, delta, *_, theta = total_at(SPOT + 1.0, fold(SPOT, columns))
    assert [value, delta, theta] == pytest.approx([2.0, 2.0, 0.0])


def test_nothing_held_is_nothing() -> None:
    assert total_at(SPOT, fold(SPOT, np.empty((9, 0)))) == [0.0] * 9


@pytest.mark.parametrize("place", [0, 2, 5])
def test_a_bad_number_is_not_hidden(place: int) -> None:
    columns = np.array([[2.0, 0.0, SPOT, 1.0, 0.0, 1.0, 0.1, 0.5, np.nan]] * 3).T.copy()
    columns[place, 1] = np.nan
    assert np.isnan(total_at(SPOT, fold(SPOT, columns))[:2]).all()
