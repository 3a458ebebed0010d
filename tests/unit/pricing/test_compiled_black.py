"""Compiled Black-76: the digits of its numpy twin, of mpmath, and of its building blocks."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import mpmath as mp
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.pricing.black import FEW
from terminal.pricing.black import greeks as twin
from terminal.pricing.black import greeks_with_rho as twin_with_rho
from tests.unit.pricing import mp_reference
from tests.unit.pricing.mp_reference import relative_error

pytest.importorskip("numba", reason="the compiled kernels need the extra 'fast'")

from terminal.pricing.compiled.black_kernel import PART, fill_part, greeks, greeks_with_rho
from terminal.pricing.compiled.elementary import exponential, log_ratio, mills_pair

Array = npt.NDArray[np.float64]

FORWARD = 60_000.0
MINUTE = 1.0 / (365 * 24 * 60)
TENORS = (MINUTE, 1 / 365, 30 / 365, 1.0, 10.0)
VOLS = (0.01, 0.1, 0.6, 1.5, 5.0)
DEVIATIONS = (-36.5, -20, -8, -3, -1, -0.1, -1e-4, 0, 1e-7, 0.05, 0.5, 2, 5, 12, 28, 36.5)


def hard_grid() -> Array:
    """Rows of forward, strike, years, vol, sign with both scores inside +/- 37."""
    legs = [
        (FORWARD, FORWARD * math.exp(-z * vol * math.sqrt(years)), years, vol, sign)
        for years in TENORS
        for vol in VOLS
        for z in DEVIATIONS
        for sign in (1.0, -1.0)
    ]
    return np.array([leg for leg in legs if max(map(abs, mp_reference.scores(*leg[:4]))) <= 37.0])


def assert_equal(found: npt.ArrayLike, expected: npt.ArrayLike, scale: Array) -> None:
    """Equal to 1e-12, or to 1e-15 of a scale; not a number in the same places."""
    found, expected = np.asarray(found), np.asarray(expected)
    assert (np.isnan(found) == np.isnan(expected)).all()
    apart = np.abs(found - expected)
    close = (apart <= 1e-12 * np.abs(expected)) | (apart <= 1e-15 * scale) | (found == expected)
    assert (close | np.isnan(expected)).all()


def test_every_greek_is_exact_to_twelve_digits_on_the_hard_grid() -> None:
    legs = hard_grid()
    expected = np.array([mp_reference.black(*leg) for leg in legs.tolist()]).T
    assert len(legs) > 600
    assert relative_error(np.array(greeks(*legs.T)), expected).max() < 1e-12


def test_twin_agrees_on_the_hard_grid() -> None:
    legs = hard_grid()
    assert relative_error(np.array(greeks(*legs.T)), np.array(twin(*legs.T))).max() < 1e-12


@given(
    st.lists(
        st.tuples(
            st.floats(1e-3, 1e6),
            st.floats(0.05, 20.0),
            st.floats(1e-9, 20.0),
            st.floats(1e-3, 10.0),
            st.sampled_from([1.0, -1.0]),
        ),
        min_size=FEW + 1,  # a shorter book takes the twin's scalar path, which has fewer digits
        max_size=40,
    )
)
def test_twin_agrees_on_any_book(legs: list[tuple[float, float, float, float, float]]) -> None:
    forward, ratio, years, vol, sign = np.array(legs).T.copy()
    inputs = forward, forward * ratio, years, vol, sign
    found, expected = greeks(*inputs), twin(*inputs)
    scale = np.maximum(inputs[0], inputs[1])
    assert_equal(found.price, expected.price, scale)
    assert_equal(found.vega, expected.vega, scale)
    assert_equal(found.delta, expected.delta, np.full(scale.size, 1e-285))
    # A density below 1e-307 is nothing here, and gamma and theta may divide it by little.
    faint = expected.gamma * forward * vol * np.sqrt(years) < 1e-307
    assert_equal(found.gamma[~faint], expected.gamma[~faint], 0.0 * scale[~faint])
    assert_equal(found.theta[~faint], expected.theta[~faint], 0.0 * scale[~faint])


NUMBERS = st.sampled_from(
    [math.nan, math.inf, -math.inf, -1.0, 0.0, -0.0, 5e-324, 1e-200, 1e-31, 0.5, 1.0, 100.0, 1e200]
)


@given(st.lists(st.tuples(*[NUMBERS] * 5), min_size=FEW + 1, max_size=40))
def test_limits_and_bad_inputs_are_those_of_the_twin(
    legs: list[tuple[float, float, float, float, float]],
) -> None:
    inputs = np.array(legs).T.copy()
    with np.errstate(all="ignore"):
        scale = np.maximum(inputs[0], inputs[1])
        found, expected = greeks(*inputs), twin(*inputs)
        assert (np.isnan(found.price) == np.isnan(expected.price)).all()
        kept = np.isfinite(found.price) & (scale < 1e100)
        assert_equal(found.price[kept], expected.price[kept], scale[kept])
        assert_equal(found.delta[kept], expected.delta[kept], np.ones(kept.sum()))


@pytest.mark.parametrize(("years", "vol"), [(0.0, 0.6), (-0.01, 0.6), (0.5, 0.0), (1e-300, 1e-200)])
def test_without_time_or_volatility_only_intrinsic_is_left(years: float, vol: float) -> None:
    strikes, signs = [90.0, 110.0, 100.0] * 2, [1.0] * 3 + [-1.0] * 3
    unit = greeks_with_rho(100.0, strikes, years, vol, signs)
    assert unit.price.tolist() == [10.0, 0.0, 0.0, 0.0, 10.0, 0.0]
    assert unit.delta.tolist() == [1.0, 0.0, 0.5, 0.0, -1.0, -0.5]
    for other in (unit.gamma, unit.vega, unit.theta):
        assert other.tolist() == [0.0] * 6
    assert unit.rho.tolist() == (-max(years, 0.0) * unit.price).tolist()


@pytest.mark.parametrize("position", range(5))
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_bad_number_spoils_no_neighbour(bad: float, position: int) -> None:
    good = (100.0, 101.0, 1e-4, 0.5, 1.0)
    legs = np.array([good] * 37)
    legs[17, position] = bad
    result = np.array(greeks(*legs.T))
    assert np.isnan(result[:, 17]).all()
    others = np.delete(result, 17, axis=1)
    assert relative_error(others.T, mp_reference.black(*good)).max() < 1e-13


def test_rho_is_that_of_the_twin() -> None:
    legs = hard_grid()
    found, expected = greeks_with_rho(*legs.T), twin_with_rho(*legs.T)
    assert relative_error(found.rho, expected.rho).max() < 1e-12
    assert found.rho == pytest.approx(-legs[:, 2] * found.price, rel=1e-15)


def test_columns_scalars_and_views_give_the_same_digits() -> None:
    strikes = np.linspace(50.0, 200.0, 999)
    columns = [np.full(999, 100.0), strikes, np.full(999, 0.5), np.full(999, 0.6), np.ones(999)]
    whole = np.array(greeks(*columns))
    assert (np.array(greeks(100.0, strikes, 0.5, 0.6, 1)) == whole).all()
    views = [np.repeat(column, 2)[::2] for column in columns]
    assert (np.array(greeks(*views)) == whole).all()
    frozen = [column.copy() for column in columns]
    for column in frozen:
        column.setflags(write=False)
    assert (np.array(greeks(*frozen)) == whole).all()
    assert (columns[1] == strikes).all()


@pytest.mark.parametrize("size", [0, 1, 8, 255, 256, 257, 515])
def test_an_option_is_priced_the_same_wherever_it_stands(size: int) -> None:
    legs = hard_grid()[:size].copy()
    legs[::100, 3] = 0.0
    legs[1::100, 1] = math.nan
    whole = np.array(greeks_with_rho(*legs.T.copy()))
    alone = [np.array(greeks_with_rho(*leg)) for leg in legs]
    assert whole.shape == (6, size)
    for row, expected in zip(whole.T, alone, strict=True):
        # The end of a column takes other instructions, which may round in other places.
        assert row == pytest.approx(expected, rel=1e-13, abs=1e-300, nan_ok=True)


def test_every_call_answers_with_arrays_of_its_own() -> None:
    columns = [np.full(99, value) for value in (100.0, 90.0, 0.5, 0.6, 1.0)]
    first = greeks_with_rho(*columns)
    before = np.array(first)
    columns[1] += 20.0
    greeks_with_rho(*columns)
    assert (np.array(first) == before).all()


@pytest.mark.parametrize("position", range(5))
def test_columns_of_other_lengths_or_types_are_refused(position: int) -> None:
    columns = [np.ones(8) for _ in range(5)]
    for other in (np.ones(7), np.ones((3, 7))):
        wrong = [*columns[:position], other, *columns[position + 1 :]]
        with pytest.raises(ValueError, match="broadcast"):
            greeks(*wrong)
    columns[position] = columns[position].astype(object)
    with pytest.raises(TypeError, match="real numbers"):
        greeks(*columns)


def test_shapes_follow_broadcasting() -> None:
    unit = greeks(100.0, np.array([90.0, 100.0, 110.0]), np.array([[0.1], [0.5]]), 0.6, 1.0)
    assert all(field.shape == (2, 3) for field in unit)
    assert greeks(100.0, 100.0, 0.5, 0.6, 1.0).price.shape == ()
    assert greeks([], 100.0, 0.5, 0.6, 1.0).price.shape == (0,)
    assert greeks(*[np.empty(0)] * 5).price.shape == (0,)
    with pytest.raises(ValueError, match="broadcast"):
        greeks([1.0, 2.0], [1.0, 2.0, 3.0], 1.0, 0.5, 1.0)


@pytest.mark.parametrize("wrong", ["100", None, np.array([1.0, None]), ["a", "b"], 1j])
def test_what_is_no_number_is_named(wrong: object) -> None:
    with pytest.raises(TypeError, match="strike"):
        greeks(100.0, wrong, 1.0, 0.5, 1.0)  # type: ignore[arg-type]


def test_exponential_is_exact_to_sixteen_digits() -> None:
    arguments = np.concatenate([np.linspace(-707.9, 5.0, 301), [0.0, -1e-300, -1e-9]])
    found = [exponential(x) for x in arguments.tolist()]
    expected = [float(mp.exp(x)) for x in arguments.tolist()]
    assert relative_error(found, expected).max() < 4e-16
    assert exponential(-709.0) == exponential(-math.inf) == 0.0


def test_logarithm_is_exact_to_sixteen_digits_near_one_too() -> None:
    with mp.workdps(50):
        for over, under in [(1.0 + 2**-52, 1.0), (3.0, 2.0), (1e300, 1.0), (1e-290, 7.0)]:
            for x, y in ((over, under), (under, over)):
                expected = float(mp.log(mp.mpf(x) / mp.mpf(y)))
                assert log_ratio(x, y) == pytest.approx(expected, rel=5e-16)
    assert log_ratio(42.0, 42.0) == 0.0


def test_mills_ratios_and_their_difference_keep_their_digits() -> None:
    with mp.workdps(60):
        for near in (-0.03, -1e-9, 0.0, 1e-3, 0.7, 5.0, 38.0, 300.0):
            for width in (1e-12, 1e-6, 0.04, 1.0, 30.0):
                far = near + width if near >= 0.0 else max(near + width, -near)
                low, high = mp_reference.mills(near), mp_reference.mills(far)
                slope = (low - high) / (mp.mpf(far) - mp.mpf(near))
                found = mills_pair(near, far)
                assert relative_error(found, [float(low), float(high), float(slope)]).max() < 1e-14


@pytest.mark.parametrize("size", [PART - 1, PART, 2 * PART + 7])
def test_threads_share_many_options_and_change_none(size: int) -> None:
    legs = np.resize(hard_grid(), (size, 5))
    legs[size // 2, 3] = math.nan
    alone = np.array(greeks_with_rho(*legs.T.copy()))
    with ThreadPoolExecutor(3) as pool:
        shared = np.array(greeks_with_rho(*legs.T.copy(), spread=pool.map))
        assert np.array_equal(shared, alone, equal_nan=True)
        with pytest.raises(ValueError, match="do not broadcast"):
            greeks_with_rho(legs[:, 0].copy(), *legs[1:, 1:].T.copy(), spread=pool.map)


def test_a_part_beyond_the_options_is_left_alone() -> None:
    columns = tuple(hard_grid().T.copy())
    room = np.full((4, columns[0].size), -7.0), np.full((2, columns[0].size), -7.0)
    for begin, end in ((0, columns[0].size + 1), (5, 4)):
        assert not fill_part(columns, *room, begin, end)
    assert (room[0] == -7.0).all()
    assert (room[1] == -7.0).all()
    assert fill_part(columns, *room, 3, 5)
    assert np.flatnonzero(room[0][0] != -7.0).tolist() == [3, 4]
