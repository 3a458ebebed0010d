"""Expiry dates, year fractions, basis and funding units."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.pricing.carry import (
    EXPIRY_HOUR_UTC,
    NANOSECONDS_PER_YEAR,
    annualised_basis,
    basis_bp,
    expiry_ns,
    forward_from_basis,
    funding_per_8h,
    funding_per_hour,
    funding_per_year,
    parse_expiry,
    years_between,
)

SECOND = 1_000_000_000


def nanoseconds(moment: dt.datetime) -> int:
    return int(moment.timestamp()) * SECOND


@given(st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)))
def test_every_date_of_the_century_is_read_back(date: dt.date) -> None:
    expected = dt.datetime(date.year, date.month, date.day, EXPIRY_HOUR_UTC, tzinfo=dt.UTC)
    assert expiry_ns(date) == nanoseconds(expected)
    for day in (str(date.day), f"{date.day:02d}"):
        assert parse_expiry(day + date.strftime("%b%y").upper()) == nanoseconds(expected)


def test_known_instruments() -> None:
    assert parse_expiry("27DEC24") == 1_735_286_400 * SECOND
    assert parse_expiry("5JUL19") == 1_562_313_600 * SECOND


@pytest.mark.parametrize(
    "text", ["", "27dec24", "27DEC2024", "DEC24", "BTC-27DEC24", "27DEZ24", "27DEC24 ", "0JAN25"]
)
def test_another_format_is_named_in_the_error(text: str) -> None:
    with pytest.raises(ValueError, match="not a date like 27DEC24"):
        parse_expiry(text)


@pytest.mark.parametrize("text", ["31FEB24", "29FEB23", "00JAN25", "39MAR25"])
def test_a_day_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="does not exist"):
        parse_expiry(text)


def test_years_are_365_days_and_run_continuously() -> None:
    now = nanoseconds(dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
    assert years_between(now, now + NANOSECONDS_PER_YEAR) == 1.0
    assert years_between(now, now + 60 * SECOND) == pytest.approx(60 / 31_536_000, rel=1e-15)
    assert years_between(now, now + 1) == pytest.approx(1 / NANOSECONDS_PER_YEAR, rel=1e-15)


def test_the_past_is_clamped_to_zero_for_numbers_and_arrays() -> None:
    now = nanoseconds(dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
    expiries = np.array([now - 1, now, now + NANOSECONDS_PER_YEAR], dtype=np.int64)
    assert years_between(now, now - 1) == 0.0
    assert years_between(now, expiries).tolist() == [0.0, 0.0, 1.0]
    assert [years_between(now, int(expiry)) for expiry in expiries] == [0.0, 0.0, 1.0]


@given(st.floats(1.0, 1e6), st.floats(-5000.0, 5000.0))
def test_basis_and_forward_are_inverse(spot: float, premium: float) -> None:
    forward = forward_from_basis(spot, premium)
    assert basis_bp(forward, spot) == pytest.approx(premium, abs=1e-11 * 1e4)


def test_annualised_basis_is_a_simple_rate() -> None:
    assert annualised_basis(51_000.0, 50_000.0, 0.25) == pytest.approx(0.08, rel=1e-12)
    assert annualised_basis([49_000.0, 51_000.0], 50_000.0, 0.5) == pytest.approx([-0.04, 0.04])


@pytest.mark.parametrize("spot", [0.0, -1.0, math.nan])
def test_basis_without_a_spot_is_nan(spot: float) -> None:
    assert np.isnan(basis_bp(100.0, spot))
    assert np.isnan(annualised_basis(100.0, spot, 1.0))


@pytest.mark.parametrize("years", [0.0, -0.1, math.nan])
def test_annualised_basis_without_time_is_nan(years: float) -> None:
    assert np.isnan(annualised_basis(100.0, 99.0, years))


def test_one_basis_point_per_eight_hours_in_every_unit() -> None:
    assert funding_per_8h(0.0001, 8.0) == pytest.approx(0.0001, rel=1e-15)
    assert funding_per_8h(0.0000125, 1.0) == pytest.approx(0.0001, rel=1e-15)
    assert funding_per_hour(0.0001, 8.0) == pytest.approx(0.0000125, rel=1e-15)
    assert funding_per_year(0.0001, 8.0) == pytest.approx(0.1095, rel=1e-14)
    assert funding_per_year(-0.0002, 4.0) == pytest.approx(-0.438, rel=1e-14)


@pytest.mark.parametrize("interval", [0.0, -8.0, math.nan])
def test_an_interval_that_is_no_time_is_refused(interval: float) -> None:
    for convert in (funding_per_hour, funding_per_8h, funding_per_year):
        with pytest.raises(ValueError, match="positive number of hours"):
            convert(0.0001, interval)
