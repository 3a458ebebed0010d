"""A book priced in one numpy call: every number of every option, sums, what is unknown or bad."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.pricing.black import greeks
from terminal.pricing.book import price_book_numpy, price_book_with
from tests.unit.pricing.book_cases import SPOT, book, one_option, outputs, running_sum


def test_every_number_of_every_option() -> None:
    columns = book(60)
    out, total = outputs(columns)
    price_book_numpy(SPOT, columns, out, total)
    for i, column in enumerate(columns.T.tolist()):
        scale = 1e-14 * abs(column[0]) * SPOT
        assert out[:, i] == pytest.approx(one_option(SPOT, column), rel=1e-12, abs=scale)


@pytest.mark.parametrize("size", [1, 2, 9, 500])
def test_sums_run_from_the_first_option_to_the_last(size: int) -> None:
    columns = book(size)
    out, total = outputs(columns)
    price_book_numpy(SPOT, columns, out, total)
    assert total.tolist() == running_sum(out)


def test_an_empty_book_is_worth_nothing() -> None:
    columns = book(0)
    out, total = outputs(columns)
    price_book_numpy(SPOT, columns, out, total)
    assert total.tolist() == [0.0] * 11


def test_an_unknown_volatility_is_left_out_of_everything() -> None:
    columns = book(20)
    columns[7, [0, 4, 19]] = math.nan
    out, total = outputs(columns)
    price_book_numpy(SPOT, columns, out, total)
    assert (out[:, [0, 4, 19]] == 0.0).all()
    known = np.ascontiguousarray(np.delete(columns, [0, 4, 19], axis=1))
    other, rest = outputs(known)
    price_book_numpy(SPOT, known, other, rest)
    assert total == pytest.approx(rest, rel=1e-13)


def test_an_expired_option_is_worth_its_intrinsic_value() -> None:
    columns = np.array([[2.0, 0.01, 50_000.0, 1.0, 1.0, 1.0, 0.0, 0.6, math.nan]] * 12).T.copy()
    out, total = outputs(columns)
    price_book_numpy(SPOT, columns, out, total)
    assert out[9, 0] == pytest.approx((SPOT - 50_000.0) / SPOT)
    assert out[5:9, 0].tolist() == [0.0] * 4


@given(st.floats(0.5, 2.0), st.integers(1, 30))
def test_twice_the_coins_is_twice_everything_but_the_price(factor: float, size: int) -> None:
    columns = book(size)
    out, total = outputs(columns)
    price_book_numpy(SPOT * factor, columns, out, total)
    columns[0] *= 2.0
    twice, _ = outputs(columns)
    price_book_numpy(SPOT * factor, columns, twice, total)
    scales = [2.0] * 9 + [1.0, 2.0]
    for row, (one, other) in enumerate(zip(out, twice, strict=True)):
        assert (other == scales[row] * one).all()


def test_another_engine_may_supply_the_greeks() -> None:
    columns = book(30)
    out, total = outputs(columns)
    price_book_numpy(SPOT, columns, out, total)
    other, rest = outputs(columns)
    price_book_with(greeks, SPOT, columns, other, rest)
    assert (other == out).all()
    assert (rest == total).all()


@pytest.mark.parametrize("bad", [math.nan, math.inf, -1.0, 0.0])
def test_a_bad_spot_gives_no_number(bad: float) -> None:
    columns = book(12)
    columns[8] = math.nan
    out, total = outputs(columns)
    price_book_numpy(bad, columns, out, total)
    assert np.isnan(out[0]).all()
    assert np.isnan(total[0])


def test_shapes_that_do_not_fit_are_named() -> None:
    columns = book(5)
    out, total = outputs(columns)
    for arrays in ((columns[:8].copy(), out, total), (columns, out[:, :4].copy(), total)):
        with pytest.raises(ValueError, match="columns"):
            price_book_numpy(SPOT, *arrays)
    with pytest.raises(ValueError, match="total"):
        price_book_numpy(SPOT, columns, out, np.zeros(10))


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
            price_book_numpy(*arguments)  # type: ignore[arg-type]
