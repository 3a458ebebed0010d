"""The rent meter: the reference book's numbers, and what holds on both sides of gamma."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import DAY, HOUR
from terminal.model.greeks import Sensitivity
from terminal.portfolio.rent import RentInputs, exact_moves, rent_of
from terminal.portfolio.revaluation import Holdings, LinearLeg, OptionLeg, revalue

SPOT, VOL, YEARS = 60_000.0, 0.60, 14.0 / 365.0
GAMMA, THETA = 0.0011297, -2_005.6


def straddles(count: float) -> Holdings:
    legs = [OptionLeg(count, SPOT, YEARS, VOL, sign, in_coin=False) for sign in (1.0, -1.0)]
    return Holdings(SPOT, tuple(legs))


def given_book(sign: float = 1.0, **more: Any) -> RentInputs:
    gamma = sign * GAMMA
    plain = RentInputs(
        now=20_000 * DAY + 6 * HOUR,
        spot=SPOT,
        total=Sensitivity(
            gamma=gamma, gamma_1pct_usd=gamma * SPOT * SPOT * 0.01, theta_usd_day=sign * THETA
        ),
        funding_usd=-100.0,
        fees_usd=50.0,
        banked_usd=0.0,
        open_usd=None,
        implied=VOL,
        cost=5.8e-4,
        half_width=1.4935,
        holdings=straddles(10.0 * sign),
    )
    return replace(plain, **more)


def test_the_reference_book() -> None:
    found = rent_of(given_book())
    assert found.move_usd == pytest.approx(1_884.0, abs=1.0)
    assert found.move_sigmas == pytest.approx(1.0, abs=1e-3)
    assert found.exact_up == pytest.approx(1_902.0, abs=1.0)
    assert found.exact_down == pytest.approx(-1_844.0, abs=1.0)
    assert found.vol_theta == pytest.approx(0.60, abs=1e-3)
    assert found.vol_clock == pytest.approx(0.649, abs=1e-3)
    assert found.vol_band == pytest.approx(0.608, abs=1e-3)
    assert found.rent_usd == pytest.approx(2_155.6)
    assert found.vol_rent is not None
    assert found.vol_theta is not None
    assert found.vol_rent > found.vol_theta
    assert (found.elapsed, found.left) == (0.25, 18 * HOUR)
    assert found.says == "Long gamma owes 2,156 USD today; scalps are short of it by 2,156."


def test_short_gamma_is_paid_and_costs_lower_its_break_even() -> None:
    found = rent_of(given_book(-1.0, banked_usd=-300.0))
    assert found.rent_usd == pytest.approx(-2_005.6 + 150.0)
    assert found.vol_theta == pytest.approx(0.60, abs=1e-3)
    assert found.vol_clock is not None
    assert found.vol_clock < 0.60
    assert found.exact_up == pytest.approx(1_902.0, abs=1.0)
    assert found.says == "Short gamma is paid 1,856 USD today; hedging has cost 300 of it."


@given(banked=st.floats(-1e4, 1e4))
def test_the_move_still_needed_earns_what_is_missing(banked: float) -> None:
    found = rent_of(given_book(banked_usd=banked, holdings=None))
    missing = found.rent_usd - banked
    if missing <= 0.0:
        assert found.needed_usd is None
        assert "ahead by" in found.says or missing == 0.0
    else:
        assert found.needed_usd is not None
        assert 0.5 * GAMMA * found.needed_usd**2 == pytest.approx(missing, rel=1e-9)


def test_exact_moves_bring_the_hedged_book_back_to_its_value() -> None:
    book = replace(straddles(10.0), linear=(LinearLeg(-3.0, 58_000.0),))
    up, down = exact_moves(book, 1_884.0)
    assert up is not None
    assert down is not None
    here = revalue(book, [SPOT])
    for move in (up, down):
        later = revalue(book, [SPOT + move], 0.0, 1.0)
        gain = float(later.usd[0]) - float(here.usd[0]) - float(here.delta[0]) * move
        assert gain == pytest.approx(0.0, abs=2.0)


def test_without_gamma_nothing_breaks_even() -> None:
    found = rent_of(given_book(total=Sensitivity(), holdings=None, implied=None))
    assert found.move_usd is found.vol_theta is found.vol_rent is found.vol_band is None
    assert found.needed_usd is found.day_move_usd is found.exact_up is None
    assert found.says == "No gamma: holding costs 150 USD today, scalps banked 0."


def test_gamma_and_theta_of_one_sign_have_no_break_even() -> None:
    total = Sensitivity(gamma=GAMMA, gamma_1pct_usd=40_670.0, theta_usd_day=500.0)
    found = rent_of(given_book(total=total, funding_usd=None))
    assert found.move_usd is found.exact_up is found.vol_clock is None
    assert "Long gamma is paid 450 USD" in found.says


def test_a_book_that_never_breaks_even_has_no_exact_move() -> None:
    assert exact_moves(Holdings(SPOT, (), (LinearLeg(1.0, SPOT),)), 100.0) == (None, None)
