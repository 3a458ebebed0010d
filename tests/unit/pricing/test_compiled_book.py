"""The compiled tick path: the numbers of its numpy twin for any book, and the same refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.pricing.book import price_book_numpy
from tests.unit.pricing.book_cases import SPOT, Array, book, one_option, outputs, running_sum

pytest.importorskip("numba", reason="the compiled kernels need the extra 'fast'")

from terminal.pricing.compiled.book_kernel import price_book, total_at


def assert_total_of_rows(spot: float, columns: Array) -> None:
    """Sums that write no row are those of the rows, to 1e-13 of what was added up."""
    out, total = outputs(columns)
    price_book(spot, columns, out, total)
    size = np.abs(out[:9]).sum(axis=1) if columns.shape[1] else np.zeros(9)
    found = np.array(total_at(spot, columns))
    assert (np.abs(found - total[:9]) <= 1e-13 * size).all()


def assert_as_the_twin(spot: float, columns: Array) -> None:
    """Equal to 1e-12, or to 1e-14 of the coins at the forward or the strike; sums exactly so."""
    found, total = outputs(columns)
    price_book(spot, columns, found, total)
    expected, other = outputs(columns)
    price_book_numpy(spot, columns, expected, other)
    assert (np.isnan(found) == np.isnan(expected)).all()
    largest = np.fmax(np.abs(spot), columns[2]) * np.fmax(np.abs(columns[0]), 1.0)
    apart = np.abs(found - expected)
    close = (apart <= 1e-12 * np.abs(expected)) | (apart <= 1e-14 * largest) | np.isnan(expected)
    assert close.all()
    assert (close | ~np.isfinite(expected))[5:7].all()
    if columns.shape[1]:
        assert np.array_equal(total, running_sum(found), equal_nan=True)
    else:
        assert total.tolist() == [0.0] * 11


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 63, 500])
def test_twin_agrees_on_books_of_any_size(size: int) -> None:
    assert_as_the_twin(SPOT, book(size))


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 63, 500])
def test_totals_need_no_rows(size: int) -> None:
    columns = book(size)
    assert_total_of_rows(SPOT, columns)
    assert_total_of_rows(0.9 * SPOT, columns)


def test_totals_know_limits_and_leave_out_what_is_unknown() -> None:
    columns = book(40)
    columns[6, [1, 5]] = 0.0, -0.1
    columns[7, [2, 6]] = 0.0
    columns[7, [0, 9, 39]] = math.nan
    columns[2, 11] = 1e-60
    assert_total_of_rows(SPOT, columns)
    columns[7] = math.nan
    assert total_at(SPOT, columns) == [0.0] * 9


def test_every_number_of_every_option() -> None:
    columns = book(60)
    out, total = outputs(columns)
    price_book(SPOT, columns, out, total)
    for i, column in enumerate(columns.T.tolist()):
        scale = 1e-14 * abs(column[0]) * SPOT
        assert out[:, i] == pytest.approx(one_option(SPOT, column), rel=1e-12, abs=scale)


@given(
    st.lists(
        st.tuples(
            st.floats(-10.0, 10.0),
            st.floats(0.0, 1.0),
            st.floats(20_000.0, 200_000.0),
            st.sampled_from([1.0, -1.0]),
            st.sampled_from([1.0, 0.0]),
            st.floats(0.8, 1.2),
            st.one_of(st.floats(1e-6, 2.0), st.sampled_from([0.0, -0.1])),
            st.one_of(st.floats(0.05, 3.0), st.sampled_from([0.0, math.nan])),
            st.one_of(st.floats(0.0, 5.0), st.just(math.nan)),
        ),
        min_size=9,  # a shorter book takes the twin's scalar path, which has fewer digits
        max_size=40,
    ),
    st.floats(30_000.0, 90_000.0),
)
def test_twin_agrees_on_any_book(legs: list[tuple[float, ...]], spot: float) -> None:
    assert_as_the_twin(spot, np.array(legs).T.copy())


@pytest.mark.parametrize("row", range(9))
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, -3.0, 0.0])
def test_bad_numbers_are_flagged_as_the_twin_flags_them(row: int, bad: float) -> None:
    columns = book(20)
    columns[row, 5] = bad
    found, total = outputs(columns)
    price_book(SPOT, columns, found, total)
    expected, other = outputs(columns)
    price_book_numpy(SPOT, columns, expected, other)
    assert (np.isfinite(found) == np.isfinite(expected)).all()
    assert (np.isfinite(total_at(SPOT, columns)) == np.isfinite(total[:9])).all()
    others = np.delete(found, 5, axis=1)
    assert np.isfinite(others).all()


@pytest.mark.parametrize("bad", [math.nan, math.inf, -1.0, 0.0])
def test_a_bad_spot_gives_no_number(bad: float) -> None:
    columns = book(12)
    columns[8] = math.nan
    out, total = outputs(columns)
    price_book(bad, columns, out, total)
    assert np.isnan(out[0]).all()
    assert np.isnan(total[0])
    assert np.isnan(total_at(bad, columns)[0])


def test_an_unknown_volatility_is_left_out_of_everything() -> None:
    columns = book(20)
    columns[7, [0, 4, 19]] = math.nan
    out, total = outputs(columns)
    price_book(SPOT, columns, out, total)
    assert (out[:, [0, 4, 19]] == 0.0).all()
    assert np.isfinite(total).all()


def test_columns_are_left_alone_and_a_whole_number_is_a_spot() -> None:
    columns = book(33)
    before = columns.copy()
    out, total = outputs(columns)
    price_book(60_000, columns, out, total)
    again, same = outputs(columns)
    price_book(60_000.0, columns, again, same)
    assert np.array_equal(columns, before, equal_nan=True)
    assert (out == again).all()
    assert (total == same).all()


def test_shapes_that_do_not_fit_are_named() -> None:
    columns = book(5)
    out, total = outputs(columns)
    for arrays in ((columns[:8].copy(), out, total), (columns, out[:, :4].copy(), total)):
        with pytest.raises(ValueError, match="columns"):
            price_book(SPOT, *arrays)
    with pytest.raises(ValueError, match="total"):
        price_book(SPOT, columns, out, np.zeros(10))
    with pytest.raises(ValueError, match="columns"):
        total_at(SPOT, columns[:8].copy())


def test_what_is_no_array_of_floats_is_refused() -> None:
    columns = book(5)
    out, total = outputs(columns)
    frozen = total.copy()
    frozen.setflags(write=False)
    wrong: list[tuple[object, ...]] = [
        ("60000", columns, out, total),
        (SPOT, columns.astype(object), out, total),
        (SPOT, columns.astype(str), out, total),
        (SPOT, columns.tolist(), out, total),
        (SPOT, np.asfortranarray(columns), out, total),
        (SPOT, columns, out.astype(np.float32), total),
        (SPOT, columns, out, frozen),
    ]
    for arguments in wrong:
        with pytest.raises(TypeError, match="contiguous float64"):
            price_book(*arguments)  # type: ignore[arg-type]
    for spot, other, *_ in wrong[:5]:
        with pytest.raises(TypeError, match="contiguous float64"):
            total_at(spot, other)  # type: ignore[arg-type]
