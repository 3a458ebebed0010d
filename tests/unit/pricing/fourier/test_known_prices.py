"""Published prices, each to the digits its source supports."""

from __future__ import annotations

import math

import numpy as np
import pytest

from terminal.pricing.fourier.cosine import price, price_on_spot
from terminal.pricing.fourier.models import Bates, Heston, Merton, Model
from tests.unit.pricing.fourier.lewis import call

LEWIS = Heston(0.04, 4.0, 0.25, 1.0, -0.5)
# Strike, put, call.
LEWIS_PRICES = (
    (80.0, 7.9588781132567682852, 26.774758743998854221),
    (90.0, 12.017966707346304988, 20.933349000596710388),
    (100.0, 17.055270961270109414, 16.070154917028834278),
    (110.0, 23.017825898442800539, 12.132211516709844868),
    (120.0, 29.811026202682471843, 9.0249134834578356366),
)
FANG_OOSTERLEE = Heston(0.0175, 1.5768, 0.0398, 0.5751, -0.5711)
BROADIE_KAYA_JUMPS = Bates(
    0.008836, 3.99, 0.014, 0.27, -0.79, 0.11, math.log(0.88) - 0.15**2 / 2, 0.15
)
DEEP_HEDGING = Heston(0.04, 1.0, 0.04, 2.0, -0.7)
# Strike, years, jumps a year, share of the variance that jumps make, price.
HAUG_PRICES = (
    (80.0, 0.1, 1.0, 0.25, 20.66764267),
    (80.0, 0.5, 10.0, 0.25, 23.60546195),
    (90.0, 0.5, 10.0, 0.25, 15.42172802),
    (100.0, 0.1, 1.0, 0.25, 3.424550873),
    (100.0, 0.25, 5.0, 0.5, 5.87362202),
    (100.0, 0.5, 10.0, 0.25, 9.031276597),
    (110.0, 0.25, 1.0, 0.75, 1.688245014),
    (120.0, 0.5, 5.0, 0.5, 2.233557961),
    (100.0, 0.25, 1.0, 0.75, 5.078504493),
)


@pytest.mark.parametrize(("strike", "put", "call_price"), LEWIS_PRICES)
def test_lewis_2012(strike: float, put: float, call_price: float) -> None:
    both = price_on_spot(
        LEWIS, 100.0, strike, 1.0, np.array([-1.0, 1.0]), rate=0.01, dividend_yield=0.02
    )
    np.testing.assert_allclose(both, [put, call_price], rtol=0.0, atol=1e-12)


def test_fang_and_oosterlee_2008() -> None:
    prices = price(FANG_OOSTERLEE, 100.0, 100.0, [1.0, 10.0], 1.0)
    np.testing.assert_allclose(prices, [5.7851554343761890, 22.318945791154489], rtol=0, atol=1e-11)
    # As printed, the first is wrong in its eighth decimal.
    np.testing.assert_allclose(prices, [5.785155450, 22.318945791474590], rtol=0, atol=2e-8)


@pytest.mark.parametrize(
    ("model", "years", "rate", "expected", "printed"),
    [
        (Heston(0.010201, 6.21, 0.019, 0.61, -0.70), 1.0, 0.0319, 6.806113313462, 6.8061),
        (Heston(0.09, 2.0, 0.09, 1.0, -0.3), 5.0, 0.05, 34.99975835118, 34.9998),
        (BROADIE_KAYA_JUMPS, 5.0, 0.0319, 20.16415458224, 20.1642),
    ],
)
def test_broadie_and_kaya_2006(
    model: Model, years: float, rate: float, expected: float, printed: float
) -> None:
    value = float(price_on_spot(model, 100.0, 100.0, years, 1.0, rate=rate))
    assert value == pytest.approx(expected, abs=1e-11)
    assert value == pytest.approx(printed, abs=5e-5)


def test_deep_hedging_heston() -> None:
    value = float(price(DEEP_HEDGING, 100.0, 100.0, 30.0 / 365.0, 1.0))
    assert value == pytest.approx(1.69, abs=5e-3)
    # Digits by Lewis' integral in 25-digit arithmetic: the density decays slowly here.
    assert value == pytest.approx(1.691833925110390, abs=1e-12)
    assert value == pytest.approx(call(DEEP_HEDGING, 100.0, 100.0, 30.0 / 365.0), abs=1e-9)


@pytest.mark.parametrize(("strike", "years", "jump_rate", "share", "expected"), HAUG_PRICES)
def test_merton_in_haug_1998(
    strike: float, years: float, jump_rate: float, share: float, expected: float
) -> None:
    vol = 0.25
    spread = math.sqrt(share * vol**2 / jump_rate)
    model = Merton(math.sqrt(vol**2 * (1.0 - share)), jump_rate, -0.5 * spread**2, spread)
    value = float(price_on_spot(model, 100.0, strike, years, 1.0, rate=0.08))
    assert value == pytest.approx(expected, rel=1e-9)


def test_merton_with_large_jumps() -> None:
    spread = math.sqrt(0.05)
    value = float(
        price_on_spot(Merton(spread, 1.0, -0.025, spread), 38.0, 35.0, 0.5, 1.0, rate=0.1)
    )
    assert value == pytest.approx(5.97127454394, abs=1e-11)


def test_a_day_and_a_wing_agree_with_the_integral() -> None:
    for model in (LEWIS, FANG_OOSTERLEE, BROADIE_KAYA_JUMPS):
        for strike, years in ((97.0, 7.0 / 365.0), (140.0, 0.5), (60.0, 2.0)):
            expected = call(model, 100.0, strike, years)
            assert float(price(model, 100.0, strike, years, 1.0)) == pytest.approx(
                expected, abs=1e-9
            )


def test_quantlib_agrees() -> None:
    ql = pytest.importorskip("QuantLib", reason="QuantLib is not installed")
    today = ql.Date(1, 1, 2024)
    ql.Settings.instance().evaluationDate = today
    flat = ql.YieldTermStructureHandle(ql.FlatForward(today, 0.0, ql.Actual365Fixed()))
    spot = ql.QuoteHandle(ql.SimpleQuote(100.0))
    model = Bates(0.36, 3.0, 0.5, 1.5, -0.3, 4.0, -0.03, 0.1)
    process = ql.BatesProcess(flat, flat, spot, 0.36, 3.0, 0.5, 1.5, -0.3, 4.0, -0.03, 0.1)
    engine = ql.BatesEngine(ql.BatesModel(process), 192)
    for days in (7, 30, 270):
        for strike in (70.0, 100.0, 150.0):
            option = ql.VanillaOption(
                ql.PlainVanillaPayoff(ql.Option.Put, strike), ql.EuropeanExercise(today + days)
            )
            option.setPricingEngine(engine)
            value = float(price(model, 100.0, strike, days / 365.0, -1.0))
            assert value == pytest.approx(option.NPV(), abs=1e-8)
