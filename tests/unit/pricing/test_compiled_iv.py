"""Compiled implied volatility: the answers and the reasons of its numpy twin."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.pricing.implied import QuoteStatus
from terminal.pricing.implied import implied_vol as twin
from tests.unit.pricing import mp_reference
from tests.unit.pricing.mp_reference import relative_error

pytest.importorskip("numba", reason="the compiled kernels need the extra 'fast'")

from terminal.pricing.compiled.black_kernel import greeks
from terminal.pricing.compiled.iv_kernel import BLOCK, implied_vol

HOUR = 1.0 / 8760
TENORS = (HOUR, 7 / 365, 0.25, 2.0)
VOLS = (0.05, 0.2, 0.6, 1.0, 4.0)
DEVIATIONS = (-6, -4, -2, -1, -0.3, -0.01, 0, 1e-4, 0.1, 0.7, 1.5, 3, 4.5, 6)
EPSILON = float(np.finfo(np.float64).eps)


def test_exact_prices_give_their_volatility_back() -> None:
    legs = np.array(
        [
            (60_000.0, 60_000.0 * math.exp(-z * vol * math.sqrt(years)), years, vol, sign)
            for years in TENORS
            for vol in VOLS
            for z in DEVIATIONS
            for sign in (1.0, -1.0)
        ]
    )
    forward, strike, years, vol, sign = legs.T
    exact = np.array([mp_reference.black(*leg) for leg in legs.tolist()])
    found, status = implied_vol(exact[:, 0], forward, strike, years, sign)
    expected, reasons = twin(exact[:, 0], forward, strike, years, sign)
    outside = sign * (forward - strike) <= 0.0
    assert (status == reasons).all()
    assert (status[outside] == QuoteStatus.OK).all()
    assert relative_error(found, vol)[outside].max() < 1e-13
    solved = status == QuoteStatus.OK
    # In the money the price itself is rounded to eps * max(F, K), which vega turns into volatility.
    attainable = EPSILON * np.maximum(forward, strike) / exact[:, 3]
    assert (np.abs(found - vol)[solved] <= (1e-13 * vol + 4.0 * attainable)[solved]).all()
    assert relative_error(found[solved], expected[solved]).max() < 1e-12


def test_twin_agrees_wherever_a_price_fixes_the_volatility() -> None:
    rng = np.random.default_rng(11)
    deviation = 10.0 ** rng.uniform(-4.5, 0.85, 3000)
    strike = np.exp(rng.uniform(-20.0, 20.0, 3000) * deviation)
    sign = np.where(strike >= 1.0, 1.0, -1.0)
    unit = greeks(1.0, strike, 1.0, deviation, sign)
    chosen = (unit.price > 1e-285) & (unit.price < 0.999 * np.minimum(1.0, strike))
    inputs = unit.price[chosen], 1.0, strike[chosen], 1.0, sign[chosen]
    found, status = implied_vol(*inputs)
    expected, reasons = twin(*inputs)
    assert chosen.sum() > 2000
    assert (status == QuoteStatus.OK).all()
    assert (reasons == QuoteStatus.OK).all()
    # A price near its ceiling fixes the volatility no better than its own last digit does.
    blurred = 4.0 * EPSILON * np.minimum(1.0, strike[chosen]) / unit.vega[chosen]
    blurred *= unit.price[chosen] > 0.1 * np.minimum(1.0, strike[chosen])
    assert (np.abs(found - expected) <= 1e-12 * expected + blurred).all()
    assert (np.abs(found - deviation[chosen]) <= 2e-12 * expected + blurred).all()


@given(
    st.lists(
        st.tuples(
            st.floats(0.0, 150.0),
            st.floats(50.0, 200.0),
            st.floats(1e-4, 3.0),
            st.sampled_from([1.0, -1.0]),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_reasons_are_those_of_the_twin(legs: list[tuple[float, float, float, float]]) -> None:
    price, strike, years, sign = np.array(legs).T.copy()
    found, status = implied_vol(price, 100.0, strike, years, sign)
    expected, reasons = twin(price, 100.0, strike, years, sign)
    assert (status == reasons).all()
    assert (np.isnan(found) == np.isnan(expected)).all()


ODD = st.sampled_from(
    [math.nan, math.inf, -math.inf, -1.0, 0.0, -0.0, 5e-324, 1e-308, 1e-200, 0.9, 1.0, 3.0, 1e200]
)


@given(st.lists(st.tuples(ODD, ODD, ODD, ODD, ODD), min_size=1, max_size=30))
def test_odd_quotes_are_flagged_as_the_twin_flags_them(
    legs: list[tuple[float, float, float, float, float]],
) -> None:
    inputs = np.array(legs).T.copy()
    found, status = implied_vol(*inputs)
    expected, reasons = twin(*inputs)
    assert (status == reasons).all()
    assert (np.isnan(found) == np.isnan(expected)).all()
    solved = np.isfinite(expected) & (expected > 0.0)
    assert found[solved] == pytest.approx(expected[solved], rel=1e-12)


def test_a_quote_without_volatility_spoils_no_neighbour() -> None:
    quotes = np.full(2 * BLOCK + 3, 5.0)
    quotes[7], quotes[BLOCK], quotes[-1] = math.nan, 250.0, -1.0
    vol, status = implied_vol(quotes, 100.0, 100.0, 0.5, 1.0)
    flagged = np.flatnonzero(status)
    assert flagged.tolist() == [7, BLOCK, 2 * BLOCK + 2]
    assert np.isnan(vol[flagged]).all()
    rest = np.delete(vol, flagged)
    assert (rest == rest[0]).all()
    assert greeks(100.0, 100.0, 0.5, rest[0], 1.0).price == pytest.approx(5.0, rel=1e-14)


def test_shapes_and_types() -> None:
    vol, status = implied_vol([[1.0], [2.0]], 100.0, [100.0, 101.0, 102.0], 0.5, 1.0)
    assert vol.shape == status.shape == (2, 3)
    assert status.dtype == np.int8
    empty, _ = implied_vol([], 100.0, 100.0, 0.5, 1.0)
    assert empty.shape == (0,)
    one, _ = implied_vol(5.0, 100.0, 100.0, 0.5, 1.0)
    assert one.shape == ()
    with pytest.raises(ValueError, match="broadcast"):
        implied_vol([1.0, 2.0], [100.0] * 3, 100.0, 0.5, 1.0)


@pytest.mark.parametrize("wrong", ["5", None, np.array([5.0, None]), ["a", "b"], 5j])
def test_what_is_no_number_is_named(wrong: object) -> None:
    with pytest.raises(TypeError, match="price"):
        implied_vol(wrong, 100.0, 100.0, 0.5, 1.0)  # type: ignore[arg-type]
