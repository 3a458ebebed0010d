"""Rates that venues make from a premium: published formulas, and the laws they keep."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.pricing.funding import clamped_rate, damped_rate

PREMIUMS = st.floats(-0.05, 0.05)


@pytest.mark.parametrize(
    ("premium", "rate"),
    [  # Deribit: max(0.025 %, p) + min(-0.025 %, p)
        (0.0, 0.0),
        (0.00025, 0.0),
        (-0.0002, 0.0),
        (0.0006, 0.00035),
        (-0.001, -0.00075),
    ],
)
def test_deribits_damper(premium: float, rate: float) -> None:
    assert damped_rate(premium) == pytest.approx(rate, abs=1e-18)


def test_the_older_damper_and_a_cap() -> None:
    assert damped_rate(0.0006, 0.0005) == pytest.approx(0.0001)
    assert damped_rate(0.05, cap=0.005) == 0.005
    assert damped_rate(-0.05, cap=0.005) == -0.005


@given(PREMIUMS)
def test_damping_is_odd_and_takes_the_damper_off(premium: float) -> None:
    rate = damped_rate(premium)
    assert rate == pytest.approx(-damped_rate(-premium), abs=1e-18)
    assert abs(rate) == pytest.approx(max(0.0, abs(premium) - 0.00025), abs=1e-15)


@given(PREMIUMS)
def test_a_clamped_rate_is_interest_near_it_and_at_most_the_clamp_off_the_premium(
    premium: float,
) -> None:
    rate = clamped_rate(premium)
    assert abs(rate - premium) <= 0.0005 + 1e-15
    if abs(premium - 0.0001) <= 0.0005:
        assert rate == pytest.approx(0.0001, abs=1e-15)


def test_hyperliquid_pays_an_eighth_every_hour() -> None:
    assert clamped_rate(0.0001) / 8.0 == pytest.approx(0.0000125)


def test_negative_parameters_are_refused() -> None:
    with pytest.raises(ValueError, match="damper"):
        damped_rate(0.0, -0.1)
    with pytest.raises(ValueError, match="cap"):
        damped_rate(0.0, cap=-0.1)
    with pytest.raises(ValueError, match="clamp"):
        clamped_rate(0.0, clamp=-0.1)
