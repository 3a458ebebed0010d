"""Deltas that know the smile are derivatives of the book when the smile moves as they say."""

import numpy as np
import pytest
from msgspec.structs import replace

from terminal.core.units import YEAR
from terminal.market.state import Market, fitted
from terminal.model.greeks import DeltaKind, net_delta
from terminal.model.market import Quote, Smile, SmileSlice, StochasticVol
from terminal.portfolio.books import Books, refreshed
from terminal.portfolio.exposure import Lens, survey
from terminal.portfolio.smile_deltas import vol_slope
from terminal.pricing.black import price
from terminal.pricing.engines import NUMPY
from terminal.pricing.fourier.cosine import price as model_price
from terminal.pricing.fourier.models import Heston
from tests.helpers.builders import spec
from tests.unit.portfolio.books import (
    AGE,
    CALLS,
    EXPIRY,
    NOW,
    PUTS,
    SPOT,
    ledger_of,
    linear_perp,
    market_of,
    quotes,
)

SLICE = SmileSlice(EXPIRY, a=0.004, b=0.05, rho=-0.3, m=0.02, sigma=0.15)
YEARS = (EXPIRY - NOW) / YEAR
BASIS = 60_600.0 / SPOT
HELD = (*CALLS[4:12], *PUTS[2:6])
LEDGER = ledger_of(*((each, "2", "0.05") for each in HELD), (linear_perp(), "-1", "60000"))


def vol_at(moneyness: float) -> float:
    away = moneyness - SLICE.m
    variance = SLICE.a + SLICE.b * (SLICE.rho * away + np.hypot(away, SLICE.sigma))
    return float(np.sqrt(variance / YEARS))


def smiling_market() -> Market:
    """The usual chain, quoted off the slice."""
    strikes = {each.contract.key: float(each.strike) for each in (*CALLS, *PUTS)}
    return market_of(
        *(
            replace(event, iv=vol_at(np.log(strikes[event.key] / 60_600.0)))
            if isinstance(event, Quote) and event.key in strikes
            else event
            for event in quotes()
        )
    )


def delta_of(market: Market, kind: DeltaKind) -> float | None:
    lens = Lens(
        underlyings=["BTC"],
        now=NOW,
        working={},
        greeks_age=AGE,
        engine=NUMPY,
        policies={"BTC": spec(delta=kind)},
    )
    books = refreshed(Books(), market.instruments, LEDGER)
    return net_delta(survey(market, LEDGER, books, lens, {}).exposures["BTC"], kind)


def worth(spot: float, stickiness: float) -> float:
    """USD value of the options when the smile follows spot as ``stickiness`` says."""
    total = 0.0
    for each in HELD:
        strike, forward = float(each.strike), BASIS * spot
        seen = np.log(strike / forward)
        start = np.log(strike / (BASIS * SPOT))
        slope = float(vol_slope(SLICE, np.array([start]), YEARS)[0])
        vol = vol_at(start) + (stickiness - 1.0) * slope * (start - seen)
        sign = 1.0 if each.right.value == "call" else -1.0
        unit = float(price(forward, strike, YEARS, vol, sign))
        total += 2.0 * (unit / BASIS if each.contract.settle == "BTC" else unit)
    return total


@pytest.mark.parametrize(
    ("kind", "stickiness"), [(DeltaKind.STICKY_DELTA, 0.0), (DeltaKind.MIN_VARIANCE, 0.4)]
)
def test_it_is_the_derivative_when_the_smile_moves_so(kind: DeltaKind, stickiness: float) -> None:
    market = fitted(smiling_market(), Smile("BTC", (SLICE,), 0.4))
    step = 5.0
    slope = (worth(SPOT + step, stickiness) - worth(SPOT - step, stickiness)) / (2 * step)
    assert delta_of(market, kind) == pytest.approx(slope - 1.0, rel=1e-6)
    plain = delta_of(market, DeltaKind.BLACK_SCHOLES)
    assert plain is not None
    assert abs(plain - (slope - 1.0)) > 1e-3


def test_stickiness_one_is_black_scholes() -> None:
    market = fitted(smiling_market(), Smile("BTC", (SLICE,), 1.0))
    plain = delta_of(market, DeltaKind.BLACK_SCHOLES)
    assert delta_of(market, DeltaKind.MIN_VARIANCE) == pytest.approx(plain, rel=1e-12)


def test_the_slope_is_the_derivative_of_the_smile() -> None:
    for moneyness in (-0.4, -0.05, 0.02, 0.3):
        numeric = (vol_at(moneyness + 1e-6) - vol_at(moneyness - 1e-6)) / 2e-6
        assert vol_slope(SLICE, np.array([moneyness]), YEARS) == pytest.approx(numeric, rel=1e-7)


def test_without_a_fit_it_is_unknown() -> None:
    market = smiling_market()
    for kind in (DeltaKind.STICKY_DELTA, DeltaKind.MIN_VARIANCE, DeltaKind.STOCHASTIC_VOL):
        assert delta_of(market, kind) is None
    elsewhere = fitted(market, Smile("BTC", (replace(SLICE, expiry=EXPIRY + 1),)))
    assert delta_of(elsewhere, DeltaKind.STICKY_DELTA) is None


def test_the_model_delta_hedges_variance_too() -> None:
    fit = StochasticVol("BTC", v0=0.36, kappa=3.0, theta=0.4, xi=1.2, rho=-0.5)
    market = fitted(smiling_market(), fit)
    model = Heston(v0=0.36, kappa=3.0, theta=0.4, xi=1.2, rho=-0.5)
    total = -1.0
    for each in HELD:
        sign = 1.0 if each.right.value == "call" else -1.0
        terms = (float(each.strike), YEARS, sign)
        forward, step, bump = 60_600.0, 6.0, 1e-4

        def value(forward: float, v0: float = 0.36, terms: tuple[float, ...] = terms) -> float:
            return float(model_price(replace(model, v0=v0), forward, *terms))

        by_forward = (value(forward + step) - value(forward - step)) / (2 * step)
        by_variance = (value(forward, 0.36 + bump) - value(forward, 0.36 - bump)) / (2 * bump)
        ratio = by_forward + model.rho * model.xi / forward * by_variance
        total += 2.0 * ratio * (1.0 if each.contract.settle == "BTC" else BASIS)
    assert delta_of(market, DeltaKind.STOCHASTIC_VOL) == pytest.approx(total, rel=1e-4)
