"""The funding ledger of days equals the account's ledger to the last digit, and stays small."""

from decimal import Decimal, localcontext

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.units import DAY, HOUR
from terminal.model.account import FundingPaid
from terminal.model.carry import Realised
from terminal.portfolio.funding_days import KEEP, FundingDays, noted, realised
from terminal.portfolio.ledger import Ledger, book_funding
from tests.unit.portfolio.books import NOW

PAYMENTS = st.lists(
    st.builds(
        FundingPaid,
        st.sampled_from(["A@sim", "B@sim", "A@other"]),
        st.decimals("-1e6", "1e6", allow_nan=False, allow_infinity=False, places=14),
        st.sampled_from(["BTC", "USDC"]),
        st.just(1e-4),
    ),
    max_size=60,
)


def taken(payments: list[FundingPaid], step: int) -> Realised:
    book, ledger = FundingDays(), Ledger()
    for number, paid in enumerate(payments):
        book = noted(book, paid, NOW + number * step, 50_000.0)
        ledger = book_funding(ledger, paid)
    return realised(book, ledger)


@given(PAYMENTS, st.sampled_from([HOUR, 5 * HOUR, DAY]))
def test_it_sums_to_the_accounts_ledger(payments: list[FundingPaid], step: int) -> None:
    found = taken(payments, step)
    assert found.ties
    assert sum(each.payments for each in found.days) == len(payments)
    names = [(each.day, each.key, each.currency) for each in found.days]
    assert len(set(names)) == len(names)
    assert [each.day for each in found.days] == sorted((each[0] for each in names), reverse=True)


def test_old_days_go_into_one_sum() -> None:
    count = KEEP + 25
    paid = FundingPaid("A@sim", Decimal("-0.000000000001"), "BTC", 1e-4)
    with localcontext(prec=5):  # whatever the caller rounds to
        found = taken([paid] * count, DAY)
        assert found.ties
    assert len(found.days) == KEEP
    assert found.earlier == (("BTC", Decimal(-25) * Decimal("1e-12")),)


def test_a_payment_that_the_days_missed_shows() -> None:
    paid = FundingPaid("A@sim", Decimal(1), "BTC", 1e-4)
    assert not realised(FundingDays(), book_funding(Ledger(), paid)).ties


def test_one_line_a_day_instrument_and_currency() -> None:
    one = FundingPaid("A@sim", Decimal("1.5"), "BTC", 1e-4)
    two = FundingPaid("A@sim", Decimal("-0.5"), "BTC", 1e-4)
    (line,) = taken([one, two], HOUR).days
    assert (line.amount, line.payments) == (Decimal("1.0"), 2)
    assert line.usd == pytest.approx(5e4)
    unpriced = noted(noted(FundingDays(), one, NOW, None), two, NOW, 1.0)
    assert unpriced.days[0].usd is None


def test_it_survives_being_saved() -> None:
    book = noted(FundingDays(), FundingPaid("A@sim", Decimal("1.50"), "BTC", 0.0), NOW, None)
    assert msgspec.json.decode(msgspec.json.encode(book), type=FundingDays) == book
