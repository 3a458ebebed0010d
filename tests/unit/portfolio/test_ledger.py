"""The ledger: every cent is explained, nothing is counted twice."""

import decimal
import random
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.errors import DataError, InvariantError
from terminal.model.account import AccountSnapshot, Balance, FundingPaid, Position
from terminal.model.instrument import Instrument, Option, Right, Spot
from terminal.model.order import Fill, signed
from terminal.portfolio.fill_ids import PAGE, PAGES, FillIds, has_seen, remember
from terminal.portfolio.holding import is_inverse
from terminal.portfolio.ledger import (
    CASH_STEP,
    Difference,
    Ledger,
    adopt,
    book_fill,
    book_funding,
    held,
    settle,
)
from tests.unit.portfolio.books import (
    fill,
    inverse_future,
    inverse_perp,
    linear_future,
    linear_perp,
    option,
    spot,
)

INSTRUMENTS: tuple[Instrument, ...] = (
    linear_perp(multiplier="0.01"),
    inverse_perp(),
    linear_future(),
    inverse_future(),
    spot(),
    option(),
    option("50000", Right.PUT, settle="USDC", multiplier="10"),
)

Row = tuple[Instrument, Decimal, Decimal, Decimal]

trades = st.tuples(
    st.sampled_from(INSTRUMENTS),
    st.decimals("-500", "500", places=3).filter(lambda qty: qty != 0),
    st.decimals("0.5", "90000", places=4),
    st.decimals("-2", "5", places=6),
)


def fills_of(rows: list[Row]) -> list[tuple[Instrument, Fill]]:
    return [
        (each, fill(each, qty, price, fee=str(fee), fill_id=f"f{number}"))
        for number, (each, qty, price, fee) in enumerate(rows)
    ]


def booked(rows: Sequence[tuple[Instrument, Fill]], ledger: Ledger | None = None) -> Ledger:
    ledger = ledger or Ledger()
    for instrument, each in rows:
        ledger = book_fill(ledger, instrument, each)
    return ledger


def worth(instrument: Instrument, position: Position, price: Fraction) -> Fraction:
    """Value of a position beside what trading it put into cash, in its own currency, exactly."""
    qty = Fraction(position.qty) * Fraction(instrument.contract.multiplier)
    if isinstance(instrument, Option):
        return qty * price
    if isinstance(instrument, Spot) or position.qty == 0:
        return Fraction(0)
    if is_inverse(instrument):
        return qty * (1 / Fraction(position.entry) - 1 / price)
    return qty * (price - Fraction(position.entry))


def earned(instrument: Instrument, each: Fill, price: Fraction) -> Fraction:
    """Profit of one fill held until ``price``, from first principles."""
    qty = Fraction(signed(each.side, each.qty)) * Fraction(instrument.contract.multiplier)
    if is_inverse(instrument):
        return qty * (1 / Fraction(each.price) - 1 / price)
    return qty * (price - Fraction(each.price))


@given(st.lists(trades, max_size=12), st.decimals("0.7", "80000", places=3))
def test_cash_plus_value_is_opening_plus_profit_at_any_price(
    rows: list[Row], last: Decimal
) -> None:
    fills = fills_of(rows)
    opening = {"BTC": Decimal("3.5"), "USDC": Decimal("100000.25")}
    snapshot = AccountSnapshot("sim", (), tuple(Balance(*pair) for pair in opening.items()))
    ledger = booked(fills, adopt(Ledger(), snapshot)[0])
    price = Fraction(last)
    for currency, start in opening.items():
        mine = [each for each in INSTRUMENTS if each.contract.settle == currency]
        have = Fraction(ledger.cash[currency])
        expected = Fraction(start)
        for each in mine:
            position = ledger.positions.get(each.contract.key)
            have += worth(each, position, price) if position else 0
        for instrument, deal in fills:
            expected -= Fraction(deal.fee) if deal.fee_currency == currency else 0
            if isinstance(instrument, Spot):
                flow = Fraction(signed(deal.side, deal.qty))
                expected += flow if currency == "BTC" else -flow * Fraction(deal.price)
            elif instrument in mine:
                expected += earned(instrument, deal, price)
        assert abs(have - expected) <= (len(fills) + 1) * Fraction(CASH_STEP)


@given(st.lists(trades, max_size=12))
def test_every_amount_of_cash_has_a_cause(
    rows: list[Row],
) -> None:
    ledger = booked(fills_of(rows))
    ledger = book_funding(ledger, FundingPaid("any", Decimal("-0.3"), "USDC", 0.0001))
    for currency, amount in ledger.cash.items():
        nothing = Decimal(0)
        causes = sum((kind.get(currency, nothing) for kind in ledger.trading.values()), nothing)
        causes += ledger.adopted.get(currency, nothing) + ledger.funding.get(currency, nothing)
        assert amount == causes - ledger.fees.get(currency, nothing)


@given(st.lists(trades, min_size=1, max_size=10), st.randoms(use_true_random=False))
def test_order_changes_no_quantity_and_no_total(rows: list[Row], chance: random.Random) -> None:
    fills = fills_of(rows)
    shuffled = list(fills)
    chance.shuffle(shuffled)
    first, second = booked(fills), booked(shuffled)
    price = Fraction(12345)
    for instrument, _ in fills:
        key = instrument.contract.key
        assert held(first, key) == held(second, key)
    assert first.fees == second.fees
    for currency in ("BTC", "USDC"):
        totals = [
            Fraction(ledger.cash.get(currency, Decimal(0)))
            + sum(
                worth(each, ledger.positions[each.contract.key], price)
                for each in INSTRUMENTS
                if each.contract.settle == currency and each.contract.key in ledger.positions
            )
            for ledger in (first, second)
        ]
        assert abs(totals[0] - totals[1]) <= 2 * len(fills) * Fraction(CASH_STEP)


@given(st.lists(trades, min_size=1, max_size=8))
def test_a_repeated_fill_changes_nothing(
    rows: list[Row],
) -> None:
    fills = fills_of(rows)
    once = booked(fills)
    assert booked(fills, once) == once


@given(st.lists(trades, min_size=1, max_size=8))
def test_the_callers_decimal_context_does_not_matter(
    rows: list[Row],
) -> None:
    fills = fills_of(rows)
    expected = booked(fills)
    with decimal.localcontext(decimal.Context(prec=5, rounding=decimal.ROUND_UP)):
        assert booked(fills) == expected


def test_linear_average_and_flip_through_zero() -> None:
    perp = linear_perp()
    rows = [("2", "100"), ("2", "200"), ("-1", "250"), ("-5", "130")]
    ledger = booked([(perp, fill(perp, *row)) for row in rows])
    position = ledger.positions[perp.contract.key]
    assert position.qty == -2
    assert position.entry == 130  # a flip opens the rest at the price that flipped it
    assert position.realised == (250 - 150) + 3 * (130 - 150)
    assert ledger.cash == {"USDC": Decimal(40)}


def test_inverse_entry_is_harmonic_and_profit_is_in_coin() -> None:
    perp = inverse_perp()  # 10 USD a contract
    rows = [("1000", "50000"), ("1000", "100000"), ("-2000", "80000")]
    ledger = booked([(perp, fill(perp, *row)) for row in rows[:2]])
    entry = ledger.positions[perp.contract.key].entry
    assert abs(entry - Decimal(200000) / 3) < Decimal("1e-20")
    ledger = booked([(perp, fill(perp, *rows[2]))], ledger)
    # 10,000 USD bought 0.2 and 0.1 coins' worth; 20,000 USD sold is worth 0.25: gain 0.05
    assert ledger.positions[perp.contract.key].realised == Decimal("0.05")
    assert ledger.cash == {"BTC": Decimal("0.05")}
    assert ledger.positions[perp.contract.key].entry == 0


def test_a_premium_moves_cash_when_it_is_paid() -> None:
    coin, dollar = option(), option(settle="USDC", multiplier="10")
    ledger = booked([(coin, fill(coin, "2", "0.05")), (dollar, fill(dollar, "-3", "400"))])
    assert ledger.cash == {"BTC": Decimal("-0.1"), "USDC": Decimal(12000)}
    assert ledger.positions[coin.contract.key].realised == 0


def test_spot_moves_two_currencies_and_remembers_its_coins() -> None:
    pair = spot()
    ledger = booked([(pair, fill(pair, "1.5", "60000", fee="0.001", fee_currency="BTC"))])
    assert ledger.cash == {"BTC": Decimal("1.499"), "USDC": Decimal(-90000)}
    assert held(ledger, pair.contract.key) == Decimal("1.5")
    assert ledger.positions == {}


@pytest.mark.parametrize(
    ("instrument", "qty", "entry", "expected"),
    [
        (option(), "2", "0.05", {"BTC": Decimal("0.3")}),  # 2 * (75k - 60k)/75k - 2 * 0.05
        (option(settle="USDC"), "1", "400", {"USDC": Decimal(14600)}),
        (option(right=Right.PUT), "-1", "0.05", {"BTC": Decimal("0.05")}),
        (linear_future(), "-2", "74000", {"USDC": Decimal(-2000)}),
        (inverse_future(), "6000", "60000", {"BTC": Decimal("0.2")}),
    ],
)
def test_settlement_pays_and_removes(
    instrument: Instrument, qty: str, entry: str, expected: dict[str, Decimal]
) -> None:
    ledger = booked([(instrument, fill(instrument, qty, entry))])
    settled = settle(ledger, instrument, Decimal(75000))
    assert settled.cash == expected
    assert settled.positions == {}
    assert settle(settled, instrument, Decimal(99000)) == settled


def test_settling_a_closed_future_moves_nothing() -> None:
    future = inverse_future()
    rows = [(future, fill(future, "5", "60000")), (future, fill(future, "-5", "60000"))]
    settled = settle(booked(rows), future, Decimal(75000))
    assert settled.cash == {"BTC": Decimal(0)}


def test_the_venue_is_the_truth() -> None:
    perp, pair = linear_perp(), spot()
    ledger = booked([(perp, fill(perp, "2", "100")), (pair, fill(pair, "1", "100"))])
    ledger = booked([(perp, fill(perp, "-1", "110"))], ledger)
    other = Position("X@other", Decimal(7), Decimal(1))
    ledger = replace(ledger, positions={**ledger.positions, other.key: other})
    snapshot = AccountSnapshot(
        "sim",
        (Position(perp.contract.key, Decimal(3), Decimal(105)),),
        (Balance("USDC", Decimal(50)), Balance("BTC", Decimal(1))),
    )
    after, differences = adopt(ledger, snapshot)
    position = after.positions[perp.contract.key]
    assert position == Position(perp.contract.key, Decimal(3), Decimal(105), Decimal(10))
    assert after.positions["X@other"] == other
    assert held(after, pair.contract.key) == 1
    assert after.cash == {"USDC": Decimal(50), "BTC": Decimal(1)}
    assert differences == (
        Difference("position", perp.contract.key, Decimal(1), Decimal(3)),
        Difference("balance", "USDC", Decimal(-90), Decimal(50)),
    )
    assert after.adopted["USDC"] == 140
    assert adopt(after, snapshot) == (after, ())


def test_what_the_snapshot_does_not_name_is_gone() -> None:
    perp = linear_perp()
    ledger = booked([(perp, fill(perp, "2", "100", fee="1"))])
    after, differences = adopt(ledger, AccountSnapshot("sim", (), ()))
    assert held(after, perp.contract.key) == 0
    assert after.cash == {"USDC": Decimal(0)}
    assert len(differences) == 2


def test_bad_fills_are_refused_by_name() -> None:
    perp = linear_perp()
    with pytest.raises(InvariantError, match="BTC-PERP@sim was booked on BTC_USDC-PERP@sim"):
        book_fill(Ledger(), perp, fill(inverse_perp(), "1", "100"))
    for broken in ({"qty": Decimal(0)}, {"price": Decimal("NaN")}, {"fee": Decimal("Infinity")}):
        with pytest.raises(DataError, match="must be positive"):
            book_fill(Ledger(), perp, replace(fill(perp, "1", "100"), **broken))
    with pytest.raises(InvariantError, match="never settles"):
        settle(Ledger(), spot(), Decimal(1))
    with pytest.raises(DataError, match="settlement price"):
        settle(Ledger(), perp, Decimal(0))


def test_the_memory_of_fills_is_bounded_and_forgets_the_oldest() -> None:
    ids = FillIds()
    count = PAGE * PAGES + 1
    for number in range(count):
        ids = remember(ids, str(number))
    assert sum(len(page) for page in ids.pages) <= PAGE * PAGES
    assert not has_seen(ids, "0")
    assert has_seen(ids, str(PAGE))
    assert has_seen(ids, str(count - 1))


def test_a_payment_with_an_id_is_booked_once() -> None:
    paid = FundingPaid("any", Decimal("-0.3"), "USDC", None, payment_id="any funding 1")
    once = book_funding(Ledger(), paid)
    assert once.cash == {"USDC": Decimal("-0.3")}
    assert book_funding(once, paid) is once
    assert book_funding(once, replace(paid, payment_id="any funding 2")).cash["USDC"] == Decimal(
        "-0.6"
    )
