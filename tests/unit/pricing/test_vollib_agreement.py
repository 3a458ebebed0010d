"""An independent implementation, option by option."""

from __future__ import annotations

import numpy as np
import pytest
from vollib.black import black
from vollib.black.greeks import analytical
from vollib.black.implied_volatility import implied_volatility

from terminal.pricing.black import greeks
from terminal.pricing.implied import implied_vol

FORWARD = 60_000.0
LEGS = [
    (FORWARD * ratio, years, vol, sign)
    for ratio in (0.6, 0.9, 1.0, 1.05, 1.7)
    for years in (1 / 365, 14 / 365, 0.5, 2.0)
    for vol in (0.3, 0.8, 2.0)
    for sign in (1.0, -1.0)
]


def flag(sign: float) -> str:
    return "c" if sign > 0 else "p"


def test_price_and_greeks() -> None:
    strikes, years, vols, signs = np.array(LEGS).T
    ours = greeks(FORWARD, strikes, years, vols, signs)
    for index, (strike, tenor, vol, sign) in enumerate(LEGS):
        option = (flag(sign), FORWARD, strike, tenor, 0.0, vol)
        assert ours.price[index] == pytest.approx(
            black(flag(sign), FORWARD, strike, tenor, 0.0, vol), rel=1e-11, abs=1e-11
        )
        assert ours.delta[index] == pytest.approx(analytical.delta(*option), rel=1e-9, abs=1e-15)
        assert ours.gamma[index] == pytest.approx(analytical.gamma(*option), rel=1e-9)
        # Their vega is per volatility point, their theta per calendar day.
        assert ours.vega[index] / 100.0 == pytest.approx(analytical.vega(*option), rel=1e-9)
        assert ours.theta[index] / 365.0 == pytest.approx(analytical.theta(*option), rel=1e-9)


def test_implied_volatility() -> None:
    strikes, years, vols, signs = np.array(LEGS).T
    outside = signs * (FORWARD - strikes) <= 0.0
    quotes = greeks(FORWARD, strikes, years, vols, signs).price
    quotable = outside & (quotes > 1e-6)
    assert quotable.sum() > 40
    ours, _ = implied_vol(quotes, FORWARD, strikes, years, signs)
    for index in np.flatnonzero(quotable):
        strike, tenor, _, sign = LEGS[index]
        theirs = implied_volatility(quotes[index], FORWARD, strike, 0.0, tenor, flag(sign))
        assert ours[index] == pytest.approx(theirs, rel=1e-11)
