"""Smile deltas: finite differences of revalued options, fits that find what made the data."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from terminal.pricing.black import greeks, price
from terminal.pricing.rows import FloatArray
from terminal.pricing.surface.smile_delta import (
    LOCAL_VOL,
    STICKY_DELTA,
    STICKY_STRIKE,
    HullWhite,
    Moves,
    StickinessFit,
    error_ratio,
    fit_hull_white,
    fit_stickiness,
    is_active,
    minimum_variance_delta,
    shrunk,
    stickiness_delta,
)
from terminal.pricing.surface.svi import derivatives, total_variance
from tests.unit.pricing.surface.slices import PLAIN

YEARS = 0.1
FORWARD = 90_000.0


def smile_vol(k: npt.ArrayLike) -> FloatArray:
    return np.sqrt(total_variance(PLAIN, k) / YEARS)


def smile_slope(k: npt.ArrayLike) -> FloatArray:
    found = derivatives(PLAIN, k)
    return 0.5 * found.slope / np.sqrt(found.value * YEARS)


@given(
    st.floats(-0.4, 0.4),
    st.sampled_from([1.0, -1.0]),
    st.sampled_from([STICKY_STRIKE, STICKY_DELTA, LOCAL_VOL, 0.4]),
)
def test_delta_is_the_slope_of_the_revalued_option(k: float, sign: float, r: float) -> None:
    strike = FORWARD * np.exp(k)
    at_money = greeks(FORWARD, strike, YEARS, smile_vol(k), sign)
    found = stickiness_delta(
        at_money.delta, at_money.vega, smile_slope(k), FORWARD, stickiness=r
    )
    # R moves the smile so that dvol / dF = (R - 1) f'(k) / F at a fixed strike.
    forwards = FORWARD * np.exp([-1e-5, 1e-5])
    vols = smile_vol(k + (r - 1.0) * np.log(forwards / FORWARD))
    low, high = price(forwards, strike, YEARS, vols, sign)
    assert float(found) == pytest.approx((high - low) / (forwards[1] - forwards[0]), abs=2e-6)


def test_sticky_delta_is_a_function_of_moneyness() -> None:
    strike = 100_000.0
    k = np.log(strike / FORWARD)
    base = greeks(FORWARD, strike, YEARS, smile_vol(k), 1.0)
    found = stickiness_delta(base.delta, base.vega, smile_slope(k), FORWARD, stickiness=0.0)
    # Homogeneous of degree one: C = F dC/dF + K dC/dK.
    strikes = strike * np.exp([-1e-5, 1e-5])
    low, high = price(FORWARD, strikes, YEARS, smile_vol(np.log(strikes / FORWARD)), 1.0)
    dual = (high - low) / (strikes[1] - strikes[0])
    assert float(found) == pytest.approx(float(base.price - strike * dual) / FORWARD, abs=1e-7)


def world(r: float, model: HullWhite, count: int = 400, noise: float = 0.0) -> Moves:
    """Observations of options whose volatility follows the forward as told."""
    generator = np.random.default_rng(11)
    k = generator.uniform(-0.3, 0.3, count)
    years = generator.uniform(0.05, 0.5, count)
    slope = generator.normal(0.0, 0.3, count)
    sign = np.where(k > 0.0, 1.0, -1.0)
    found = greeks(FORWARD, FORWARD * np.exp(k), years, 0.5, sign)
    dforward = generator.normal(0.0, 0.01, count) * FORWARD
    bend = model.a + model.b * found.delta + model.c * found.delta**2
    dvol = dforward / FORWARD * ((r - 1.0) * slope + bend / np.sqrt(years))
    dvol += generator.normal(0.0, noise, count) if noise else 0.0
    decay = np.full(count, -12.0)
    dvalue = found.delta * dforward + decay + found.vega * dvol
    columns = (
        dvalue, dforward, decay, found.delta, found.vega, slope, np.full(count, FORWARD), years
    )
    return Moves(*(tuple(column.tolist()) for column in columns))


NOTHING = HullWhite(0.0, 0.0, 0.0, 0)


@given(st.floats(-1.0, 3.0))
def test_stickiness_is_found_again(r: float) -> None:
    fit = fit_stickiness(world(r, NOTHING))
    assert fit is not None
    assert fit.stickiness == pytest.approx(r, abs=1e-9)
    assert fit.count == 400


def test_hull_white_coefficients_are_found_again() -> None:
    moves = world(1.0, HullWhite(-0.2, 0.3, -0.1, 0))
    fit = fit_hull_white(moves)
    assert fit is not None
    assert (fit.a, fit.b, fit.c, fit.count) == pytest.approx((-0.2, 0.3, -0.1, 400))
    delta = minimum_variance_delta(
        moves.delta, moves.vega, moves.forward, moves.years, model=fit
    )
    ratio = error_ratio(moves, delta)
    assert ratio == pytest.approx(0.0, abs=1e-12)
    assert is_active(ratio)


def test_stickiness_is_drawn_to_sticky_strike() -> None:
    assert shrunk(StickinessFit(0.2, 2000)) == pytest.approx(0.6)
    assert shrunk(StickinessFit(0.2, 0)) == 1.0
    assert shrunk(StickinessFit(1.8, 10**9)) == pytest.approx(1.8, abs=1e-5)


def test_only_a_better_delta_is_active() -> None:
    moves = world(0.5, NOTHING, noise=0.05)
    assert error_ratio(moves, moves.delta) == 1.0
    assert [is_active(ratio) for ratio in (0.979, 0.98, 1.0, None, np.nan)] == [
        True, False, False, False, False,
    ]


def test_unusable_observations_are_left_out() -> None:
    moves = world(0.3, NOTHING)
    broken = structs.replace(
        moves,
        vega=(0.0, *moves.vega[1:]),
        slope=(moves.slope[0], np.nan, *moves.slope[2:]),
        forward=(*moves.forward[:2], -1.0, *moves.forward[3:]),
    )
    fit = fit_stickiness(broken)
    assert fit is not None
    assert fit.count == 397
    assert fit.stickiness == pytest.approx(0.3, abs=1e-9)
    none = Moves(*((),) * 8)
    assert fit_stickiness(none) is None
    assert fit_hull_white(none) is None
    assert error_ratio(none, ()) is None
    flat = structs.replace(moves, dforward=(0.0,) * 400)
    assert fit_hull_white(flat) is None


def test_bad_input() -> None:
    assert np.isnan(stickiness_delta(0.5, 1.0, 0.1, [0.0, -1.0, np.nan], stickiness=0.0)).all()
    model = HullWhite(0.1, 0.1, 0.1, 5)
    assert np.isnan(minimum_variance_delta(0.5, 1.0, [1.0, 0.0], [0.0, 1.0], model=model)).all()
    with pytest.raises(ValueError, match="stickiness must be finite"):
        stickiness_delta(0.5, 1.0, 0.1, 1.0, stickiness=np.nan)
    with pytest.raises(TypeError, match="vega must hold real numbers"):
        stickiness_delta(0.5, "x", 0.1, 1.0, stickiness=0.0)
    with pytest.raises(ValueError, match="shapes do not broadcast"):
        minimum_variance_delta([0.5, 0.4], [1.0, 1.0, 1.0], 1.0, 1.0, model=model)
    with pytest.raises(ValueError, match="differ in length"):
        fit_stickiness(structs.replace(world(1.0, NOTHING), vega=(1.0,)))
    with pytest.raises(ValueError, match="delta must have shape"):
        error_ratio(world(1.0, NOTHING), [0.5])
