"""Holdings: constant delta, a fee that both sides pay, and sides that are never netted."""

import csv
import itertools
import statistics
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import DataError
from terminal.core.units import HOUR
from terminal.model.instrument import CarryKind, Payoff
from terminal.model.order import Side
from terminal.portfolio.carry import payment, rates_of
from terminal.venues.jupiter import accounts
from terminal.venues.jupiter.accounts import Custody, HeldPosition
from terminal.venues.jupiter.borrowing import RATE, hourly_rate, owed_usd
from terminal.venues.jupiter.holdings import Holding, carry, contracts, perpetual
from terminal.venues.jupiter.program import Place, places
from tests.unit.venues.jupiter.chain import LONG_SOL, SHORT_SOL, custody_bytes

PLACE = st.sampled_from(places())
MICROS = st.integers(1, 10**15)
PRICE = st.floats(0.01, 1e6)
TOKENS = st.integers(0, 2**64 - 1)


def custody(**changed: Any) -> Custody:
    return accounts.custody(custody_bytes("SOL", **changed), "SOL")


def held(place: Place, size: int, entry: int) -> HeldPosition:
    return HeldPosition(
        place=place,
        entry=entry * accounts.MICRO,
        size_usd=size * accounts.MICRO,
        collateral_usd=Decimal(100),
        opened_at=0,
        interest_snapshot=0,
    )


@given(PLACE, MICROS, st.integers(10_000, 10**12), PRICE, PRICE)
def test_profit_between_any_two_prices_is_that_of_a_constant_number_of_coins(
    place: Place, size: int, entry: int, first: float, second: float
) -> None:
    position = contracts(held(place, size, entry))
    sign = 1.0 if place.side is Side.BUY else -1.0
    theirs = [sign * (size / 1e6) * (p - entry / 1e6) / (entry / 1e6) for p in (first, second)]
    ours = float(position.qty) * (second - first)
    scale = max(abs(theirs[0]), abs(theirs[1]), size / 1e6)
    assert theirs[1] - theirs[0] == pytest.approx(ours, rel=1e-9, abs=1e-9 * scale)


@given(PLACE, MICROS, st.integers(1, 2**64 - 1))
def test_contracts_carry_the_sign_of_the_side_and_the_size_at_entry(
    place: Place, size: int, entry: int
) -> None:
    open_one = held(place, size, entry)
    position = contracts(open_one)
    assert (position.qty > 0) is (place.side is Side.BUY)
    assert float(abs(position.qty) * position.entry) == pytest.approx(float(open_one.size_usd))


def test_long_and_short_of_one_coin_are_instruments_of_their_own() -> None:
    listed = [perpetual(each, 6.0) for each in places()]
    assert len({each.contract.key for each in listed}) == 9
    assert {each.contract.key for each in listed} == {
        contracts(held(each, 1, 1)).key for each in places()
    }
    assert all(each.carry is CarryKind.BORROW for each in listed)
    assert all(each.contract.payoff is Payoff.LINEAR for each in listed)
    assert all(each.contract.multiplier == 1 for each in listed)
    assert {each.contract.settle for each in listed} == {"USD", "USDC", "USDT"}


@given(PLACE, TOKENS, TOKENS, st.integers(0, 10**6))
def test_the_rate_is_never_negative_and_both_sides_pay_it(
    place: Place, owned: int, locked: int, dbps: int
) -> None:
    funding = carry(place, custody(owned=owned, locked=locked, dbps=dbps))
    assert funding.rate >= 0.0
    assert (funding.interval, funding.next_at) == (HOUR, 0)
    listed = perpetual(place, 6.0)
    qty = float(contracts(held(place, 10**9, 10**8)).qty)
    assert payment(listed, qty, 100.0, funding.rate) <= 0.0
    assert payment(listed, -qty, 100.0, funding.rate) <= 0.0
    rates = rates_of(funding)
    assert rates is not None
    assert rates.per_8h == pytest.approx(8 * funding.rate)


@pytest.mark.parametrize(
    ("use", "yearly_bps"),
    [(0, 1000), (400_000_000, 2250), (800_000_000, 3500), (900_000_000, 9250), (10**9, 15000)],
)
def test_the_curve_of_sol_in_october_2026(use: int, yearly_bps: int) -> None:
    found = hourly_rate(custody(owned=RATE, locked=use))
    assert found == yearly_bps * RATE // 10_000 // 8760 / RATE


def test_rates_are_rounded_as_the_program_rounds_them() -> None:
    # use 0.333333333: 1000 + ceil(1041.67) = 2042 bps a year, 23310.5 units of 1e-9 an hour
    assert hourly_rate(custody(owned=3, locked=1)) == 23_310 / RATE
    # 7 of 1e-5 an hour at full use: ceil(70000 / 3) units of 1e-9
    assert hourly_rate(custody(owned=3, locked=1, dbps=7)) == 23_334 / RATE


@given(st.integers(1, 10**18), TOKENS, TOKENS)
def test_more_use_never_costs_less(owned: int, one: int, other: int) -> None:
    less, more = sorted((one, other))
    for dbps in (0, 7):
        cheap, dear = (
            hourly_rate(custody(owned=owned, locked=each, dbps=dbps)) for each in (less, more)
        )
        assert cheap <= dear


def test_a_linear_rate_is_in_proportion_to_use() -> None:
    assert hourly_rate(custody(dbps=10)) == pytest.approx(0.5 * 10e-5)
    assert hourly_rate(custody(dbps=10, locked=0)) == 0.0
    assert hourly_rate(custody(dbps=10, owned=0)) == 0.0


def test_what_is_lent_beside_counts_as_owned_and_locked() -> None:
    plain = hourly_rate(custody(owned=1000, locked=700))
    lent = custody(owned=800, locked=500, debt=250 * RATE, interest=50 * RATE)
    assert hourly_rate(lent) == plain
    assert hourly_rate(custody(owned=1000, locked=700, debt=5, interest=9)) == plain


def test_an_empty_custody_costs_the_least_of_the_curve() -> None:
    assert hourly_rate(custody(owned=0, locked=0)) == 1000 * RATE // 10_000 // 8760 / RATE


def test_a_fee_grows_with_the_cumulative_rate_and_the_hours_since() -> None:
    short = held(SHORT_SOL, 3000 * 10**6, 150 * 10**6)
    short = msgspec.structs.replace(short, interest_snapshot=2_000_000)
    lent = custody(dbps=10, cumulative=(2_500_000, 7200))
    assert owed_usd(short, lent, 7200) == Decimal("1.5")  # 3000 USD at 0.0005 already charged up
    # an hour at full use costs 1e-4, half is lent: 3000 USD more at 5e-5
    assert owed_usd(short, lent, 10_800) == Decimal("1.65")
    assert owed_usd(short, lent, 0) == Decimal("1.5")  # a clock that is behind takes nothing back


def test_a_fee_that_ran_backwards_is_refused_by_name() -> None:
    short = msgspec.structs.replace(held(SHORT_SOL, 10**9, 10**8), interest_snapshot=5)
    with pytest.raises(DataError, match=r"SOL-SHORT-USDC: cumulativeInterestSnapshot 5"):
        owed_usd(short, custody(locked=0, curve=(0, 0, 0, 1), cumulative=(4, 0)), 0)


def test_a_holding_says_its_delta_in_coin_and_dollars_and_its_cost() -> None:
    short = held(SHORT_SOL, 3000 * 10**6, 150 * 10**6)
    found = Holding(
        perpetual=perpetual(SHORT_SOL, 6.0),
        position=contracts(short),
        funding=carry(SHORT_SOL, custody(dbps=10)),
        held=short,
        owed_usd=Decimal(1),
        price=160.0,
    )
    assert found.delta == -20.0
    assert found.delta_usd == -3200.0
    assert found.borrow_usd_hour == pytest.approx(3000 * 5e-5)
    unknown = msgspec.structs.replace(found, price=None, why_no_price="price of SOL: 90 s old")
    assert unknown.delta_usd is None
    assert unknown.delta == -20.0


def test_positions_recorded_on_two_occasions_moved_by_their_delta(shared: Path) -> None:
    """What was earned in between is size / entry times the price move, but for growing fees."""
    path = shared / "fixtures" / "jupiter" / "jupiter_perps_positions_anonymised.csv"
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    alike = ("asset_type", "position_type", "entry_price", "size")
    ratios = []
    for first, second in itertools.combinations(rows, 2):
        moved = float(second["current_price"]) - float(first["current_price"])
        if any(first[each] != second[each] for each in alike) or abs(moved) < 1.0:
            continue
        place = LONG_SOL if first["position_type"] == "LONG" else SHORT_SOL
        entry = round(float(first["entry_price"]) * 1e6)
        qty = contracts(held(place, round(float(first["size"]) * 1e6), entry)).qty
        gained = float(second["pnl_after_fees_usd"]) - float(first["pnl_after_fees_usd"])
        ratios.append(gained / (float(qty) * moved))
    assert len(ratios) == 9
    assert statistics.median(ratios) == pytest.approx(1.0, abs=0.05)
