"""Carry of positions: signs, units, intervals, and what is not known."""

import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import DAY, HOUR, MINUTE
from terminal.model.account import Position
from terminal.model.instrument import CarryKind, FundedOn, Perpetual
from terminal.model.market import Funding
from terminal.portfolio.carry import Prices, carry_row, in_usd, next_stamp, payment, rates_of
from terminal.venues.account_books import AccountBooks
from tests.unit.portfolio.books import NOW, inverse_perp, linear_perp

LINEAR = linear_perp()
INVERSE = replace(inverse_perp(), funding_interval=8 * HOUR)
PRICES = Prices(50_000.0, 49_900.0)
RATES = st.floats(-0.01, 0.01)
QTYS = st.integers(-10_000, 10_000).filter(bool)


def position(key: str, qty: int) -> Position:
    return Position(key, Decimal(qty), Decimal(50_000))


def told(perpetual: Perpetual, rate: float = 1e-4, **more: Any) -> Funding:
    plain: dict[str, Any] = {"interval": 8 * HOUR, "next_at": NOW + HOUR}
    return Funding(perpetual.contract.key, rate, **plain | more)


@pytest.mark.parametrize(("hours", "times_a_year"), [(1, 8760), (4, 2190), (8, 1095)])
def test_rates_in_three_units(hours: int, times_a_year: int) -> None:
    rates = rates_of(told(LINEAR, 1e-4, interval=hours * HOUR))
    assert rates is not None
    assert rates.quoted == 1e-4
    assert rates.per_8h == pytest.approx(1e-4 * 8 / hours)
    assert rates.per_year == pytest.approx(1e-4 * times_a_year)


@given(QTYS, RATES, st.sampled_from([LINEAR, INVERSE]))
def test_the_venue_pays_what_was_foretold(qty: int, rate: float, perpetual: Perpetual) -> None:
    books = AccountBooks((), ())
    key = perpetual.contract.key
    books.positions[key] = position(key, qty)
    paid = books.fund(perpetual, Decimal(50_000), rate)
    assert paid is not None
    foretold = payment(perpetual, float(qty), 50_000.0, rate)
    assert float(paid.amount) == pytest.approx(foretold, abs=6e-9)


@given(QTYS, RATES)
def test_a_borrow_fee_is_paid_by_both_sides(qty: int, rate: float) -> None:
    borrowed = replace(LINEAR, carry=CarryKind.BORROW)
    cost = payment(borrowed, float(qty), 50_000.0, abs(rate))
    assert cost == payment(borrowed, float(-qty), 50_000.0, abs(rate)) <= 0.0
    books = AccountBooks((), ())
    key = borrowed.contract.key
    books.positions[key] = position(key, qty)
    paid = books.fund(borrowed, Decimal(50_000), abs(rate))
    assert paid is not None
    assert float(paid.amount) == pytest.approx(cost, abs=6e-9)


def test_long_pays_a_positive_rate_and_short_receives_it() -> None:
    long = carry_row(LINEAR, Decimal(2), told(LINEAR), PRICES, NOW)
    short = carry_row(LINEAR, Decimal(-2), told(LINEAR), PRICES, NOW)
    assert long.due_usd == pytest.approx(-10.0)
    assert short.due_usd == pytest.approx(10.0)
    assert long.day_usd == pytest.approx(-30.0)
    assert long.year_usd == pytest.approx(-10_950.0)
    assert (long.next_at, long.note) == (NOW + HOUR, "")


def test_an_inverse_one_pays_in_coin() -> None:
    row = carry_row(INVERSE, Decimal(10_000), told(INVERSE), PRICES, NOW)
    assert row.due == pytest.approx(-1e5 / 50_000 * 1e-4)
    assert row.settle == "BTC"
    assert row.due_usd == pytest.approx(-1e5 / 50_000 * 1e-4 * 49_900)
    assert row.notional_usd == 1e5


def test_what_accrues_has_no_stamp_and_is_reckoned_by_the_hour() -> None:
    row = carry_row(inverse_perp(), Decimal(10_000), told(INVERSE, 8e-4), PRICES, NOW)
    assert row.continuous
    assert row.next_at == 0
    assert row.due == pytest.approx(-2.0 * 1e-4)
    assert row.day_usd == pytest.approx(24 * -2.0 * 1e-4 * 49_900)


def test_a_venue_that_pays_on_its_oracle() -> None:
    oracle = replace(LINEAR, funded_on=FundedOn.INDEX)
    row = carry_row(oracle, Decimal(1), told(oracle, interval=HOUR), PRICES, NOW)
    assert row.due_usd == pytest.approx(-4.99)
    blind = carry_row(oracle, Decimal(1), told(oracle), Prices(50_000.0, None), NOW)
    assert blind.due_usd == pytest.approx(-5.0)


@given(st.integers(-3 * DAY, 3 * DAY), st.sampled_from([HOUR, 4 * HOUR, 8 * HOUR]))
def test_the_next_stamp_is_ahead_and_on_the_grid(offset: int, interval: int) -> None:
    funding = told(LINEAR, interval=interval, next_at=NOW + offset)
    stamp = next_stamp(LINEAR, funding, NOW)
    if stamp:
        assert stamp > NOW
        assert (stamp - funding.next_at) % interval == 0
        assert stamp == funding.next_at or stamp <= NOW + interval
    else:
        assert NOW - funding.next_at >= 2 * interval


def test_an_interval_changed_in_the_middle_of_a_day() -> None:
    before = carry_row(LINEAR, Decimal(1), told(LINEAR, next_at=NOW + 6 * HOUR), PRICES, NOW)
    faster = told(LINEAR, 5e-5, interval=4 * HOUR, next_at=NOW + 2 * HOUR)
    after = carry_row(LINEAR, Decimal(1), faster, PRICES, NOW)
    assert after.next_at == NOW + 2 * HOUR
    assert after.rates is not None
    assert before.rates is not None
    assert after.rates.per_8h == pytest.approx(before.rates.per_8h)
    assert after.day_usd == pytest.approx(before.day_usd)
    assert after.due_usd == pytest.approx(-2.5)


@pytest.mark.parametrize(
    ("funding", "prices", "word"),
    [
        (None, PRICES, "told no rate"),
        (told(LINEAR, interval=0), PRICES, "interval"),
        (told(LINEAR, math.nan), PRICES, "interval"),
        (told(LINEAR), Prices(None, None), "mark nor index"),
        (told(LINEAR), Prices(math.nan, -1.0), "mark nor index"),
        (told(LINEAR, next_at=NOW - 30 * HOUR), PRICES, "old"),
        (told(LINEAR, next_at=0), PRICES, "old"),
        (told(LINEAR, next_at=NOW - MINUTE), PRICES, "last stamp"),
    ],
)
def test_what_is_not_known_says_why(funding: Funding | None, prices: Prices, word: str) -> None:
    row = carry_row(LINEAR, Decimal(1), funding, prices, NOW)
    assert word in row.note
    assert row.due_usd is None or math.isfinite(row.due_usd)


def test_a_settlement_without_a_price_is_not_valued() -> None:
    odd = replace(LINEAR, contract=replace(LINEAR.contract, settle="XYZ"))
    assert in_usd(odd.contract, 1.0, PRICES) is None
    row = carry_row(odd, Decimal(1), told(odd), PRICES, NOW)
    assert row.due is not None
    assert row.due_usd is None
    assert "XYZ" in row.note
