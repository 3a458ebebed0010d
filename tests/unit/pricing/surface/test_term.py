"""A surface: listed slices come back, time runs up, slopes are those of the volatility."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from terminal.pricing.carry import years_between
from terminal.pricing.surface.surface_fit import ExpiryQuotes, fit_surface
from terminal.pricing.surface.svi import RawSvi, total_variance
from terminal.pricing.surface.svi_fit import FitStatus
from terminal.pricing.surface.term import ExpirySlice, Surface, check_surface
from tests.unit.pricing.surface.slices import PLAIN, STRIKES

DAY = 86_400 * 10**9
NOW = 20_000 * DAY
NEAR = RawSvi(a=0.001, b=0.05, rho=-0.1, m=0.0, sigma=0.1)
FAR = RawSvi(a=0.03, b=0.15, rho=-0.2, m=0.0, sigma=0.2)
SURFACE = Surface(
    NOW,
    (
        ExpirySlice(NOW + 7 * DAY, 100_000.0, NEAR),
        ExpirySlice(NOW + 30 * DAY, 101_000.0, PLAIN),
        ExpirySlice(NOW + 180 * DAY, 105_000.0, FAR),
    ),
)
days = st.floats(0.01, 400.0)
log_strikes = st.floats(-0.6, 0.6)


def test_listed_slices_come_back() -> None:
    for each in SURFACE.slices:
        years = years_between(NOW, each.expiry_ns)
        found = SURFACE.total_variance(STRIKES, years)
        assert found == pytest.approx(total_variance(each.smile, STRIKES), rel=1e-12)
        strikes = each.forward * np.exp(STRIKES)
        vols = SURFACE.vol(strikes, each.expiry_ns)
        assert vols**2 * years == pytest.approx(found, rel=1e-11)
        assert SURFACE.forward(each.expiry_ns) == each.forward


@given(log_strikes, days, days)
def test_total_variance_never_falls_in_time(k: float, first: float, second: float) -> None:
    near, far = sorted((first, second))
    low, high = (float(SURFACE.total_variance(k, each / 365.0)) for each in (near, far))
    assert high >= low * (1.0 - 1e-12)


@given(log_strikes, st.floats(0.0, 1.0))
def test_forward_variance_is_flat_between_and_beyond(k: float, share: float) -> None:
    tenors = [7.0 / 365.0, 30.0 / 365.0, 180.0 / 365.0]
    near, mid, far = (float(SURFACE.total_variance(k, each)) for each in tenors)
    between = float(SURFACE.total_variance(k, tenors[0] + share * (tenors[1] - tenors[0])))
    assert between == pytest.approx(near + share * (mid - near), rel=1e-10)
    beyond = float(SURFACE.total_variance(k, tenors[2] + share * (tenors[2] - tenors[1])))
    assert beyond == pytest.approx(far + share * (far - mid), rel=1e-10)
    before = float(SURFACE.total_variance(k, share * tenors[0]))
    assert before == pytest.approx(share * near, rel=1e-10)


@given(log_strikes, days)
def test_slopes_are_those_of_the_volatility(k: float, tenor: float) -> None:
    expiry = NOW + int(tenor * DAY)
    strike = SURFACE.forward(expiry) * np.exp(k)
    step = 1e-4
    low, high = SURFACE.vol(strike * np.exp([-step, step]), expiry)
    slope = float(SURFACE.dvol_dk(strike, expiry))
    assert slope == pytest.approx((high - low) / (2.0 * step), abs=1e-5)
    assert float(SURFACE.dvol_dstrike(strike, expiry)) == pytest.approx(slope / strike)


def test_forwards_between_and_beyond() -> None:
    middle = SURFACE.forward(NOW + 105 * DAY)
    assert middle == pytest.approx(np.sqrt(101_000.0 * 105_000.0))
    assert SURFACE.forward(NOW + DAY) == 100_000.0
    assert SURFACE.forward(NOW + 900 * DAY) == 105_000.0


def test_one_slice_is_a_surface() -> None:
    alone = Surface(NOW, SURFACE.slices[1:2])
    assert alone.vol(90_000.0, NOW + 15 * DAY) == pytest.approx(
        float(alone.vol(90_000.0, NOW + 60 * DAY)), rel=1e-12
    )


def test_bad_input_gives_nan() -> None:
    vols = SURFACE.vol([1e5, 0.0, -1.0, np.nan, np.inf], NOW + 30 * DAY)
    assert np.isnan(vols).tolist() == [False, True, True, True, True]
    assert np.isnan(SURFACE.vol(1e5, NOW))
    assert np.isnan(SURFACE.dvol_dk(1e5, NOW - DAY))
    assert SURFACE.total_variance(0.0, 0.0) == 0.0
    assert np.isnan(SURFACE.total_variance(0.0, np.nan))
    assert SURFACE.vol([], NOW + DAY).shape == (0,)


def test_a_surface_lives_in_a_record() -> None:
    text = msgspec.json.encode(SURFACE)
    assert msgspec.json.decode(text, type=Surface) == SURFACE
    assert hash(SURFACE) == hash(msgspec.json.decode(text, type=Surface))


@pytest.mark.parametrize(
    ("slices", "word"),
    [
        ((), "at least one slice"),
        (SURFACE.slices[::-1], "sort the slices"),
        ((structs.replace(SURFACE.slices[0], expiry_ns=NOW),), "sort the slices"),
        ((structs.replace(SURFACE.slices[0], forward=0.0),), "must be positive"),
        ((structs.replace(SURFACE.slices[0], forward=np.nan),), "must be positive"),
        ((ExpirySlice(NOW + DAY, 1.0, structs.replace(PLAIN, sigma=0.0)),), "sigma"),
    ],
)
def test_what_is_no_surface_is_refused(slices: tuple[ExpirySlice, ...], word: str) -> None:
    check_surface(SURFACE)
    with pytest.raises(ValueError, match=word):
        check_surface(Surface(NOW, slices))


@settings(max_examples=10)
@given(st.permutations(range(3)), st.integers(0, 1000))
def test_a_fitted_surface_rises_in_time(order: list[int], seed: int) -> None:
    generator = np.random.default_rng(seed)
    quotes = []
    for index in order:
        each = SURFACE.slices[index]
        quoted = total_variance(each.smile, STRIKES) * np.exp(generator.normal(0.0, 0.1, 25))
        quotes.append(ExpiryQuotes(each.expiry_ns, each.forward, STRIKES, quoted, 1.0))
    surface, fits = fit_surface(NOW, quotes)
    assert surface is not None
    check_surface(surface)
    assert len(fits) == len(surface.slices) == 3
    k = np.linspace(-3.0, 3.0, 1001)
    before = np.zeros_like(k)
    for tenor in np.linspace(1.0, 400.0, 60):
        now = surface.total_variance(k, tenor / 365.0)
        assert (now >= before - 1e-14).all()
        before = now


def test_an_expiry_without_quotes_is_left_out() -> None:
    good = ExpiryQuotes(NOW + DAY, 1e5, STRIKES, total_variance(NEAR, STRIKES), 1.0)
    bad = ExpiryQuotes(NOW + 9 * DAY, 1e5, STRIKES[:3], 0.04, 1.0)
    surface, fits = fit_surface(NOW, [bad, good])
    assert surface is not None
    assert [each.expiry_ns for each in surface.slices] == [NOW + DAY]
    assert [each.status for each in fits] == [FitStatus.TOO_FEW_QUOTES, FitStatus.LEAST_SQUARES]
    assert fit_surface(NOW, []).surface is None
    with pytest.raises(ValueError, match="expiry twice"):
        fit_surface(NOW, [good, good])
    with pytest.raises(ValueError, match="is not after"):
        fit_surface(NOW + 2 * DAY, [good])
    with pytest.raises(ValueError, match="forward of"):
        fit_surface(NOW, [good._replace(forward=np.nan)])
