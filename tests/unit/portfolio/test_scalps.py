"""The scalp ledger: first in first out, and nothing lost between it and the trading P&L."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.units import DAY, utc_day
from terminal.model.instrument import Instrument, Option, Perpetual, Right, Spot
from terminal.model.order import Fill, Side
from terminal.portfolio import scalps
from terminal.portfolio.holding import kind_of, profit
from terminal.portfolio.ledger import Ledger, book_fill
from terminal.portfolio.scalps import (
    Banked,
    ScalpBook,
    banked_on,
    currency_of,
    open_profit,
    open_qty,
    with_fill,
    with_settlement,
)
from tests.helpers.builders import EXPIRY, INVERSE, NOW, PERP, contract, fill, inverse_contract

LINEAR = Perpetual(contract(), 0)
COIN = Perpetual(inverse_contract(), 0)
COINS = Spot(contract("BTC_USDC"))

trades = st.lists(
    st.tuples(
        st.sampled_from(Side),
        st.integers(1, 40),
        st.decimals(20_000, 80_000, places=1),
        st.decimals(-1, 5, places=6),
    ),
    min_size=1,
    max_size=40,
)


def fills(
    instrument: Instrument, rows: list[tuple[Side, int, Decimal, Decimal]]
) -> list[Fill]:
    key, paid_in = instrument.contract.key, currency_of(instrument)
    return [
        fill(
            number, str(qty), key=key, side=side, price=price, fee=fee, fee_currency=paid_in
        )
        for number, (side, qty, price, fee) in enumerate(rows)
    ]


def booked(instrument: Instrument, told: list[Fill]) -> tuple[Ledger, ScalpBook]:
    books: dict[str, ScalpBook] = {}
    ledger = Ledger()
    for number, each in enumerate(told):
        ledger = book_fill(ledger, instrument, each)
        books = with_fill(books, instrument, each, NOW + number * DAY // 7)
    return ledger, books[instrument.contract.key]


def worth_of_trading(ledger: Ledger, instrument: Instrument, mark: Decimal) -> Decimal:
    """Cash that trading moved and the position at the mark, in the currency of the book."""
    cash = ledger.trading[kind_of(instrument)].get(currency_of(instrument), Decimal(0))
    if isinstance(instrument, Spot):
        return cash + ledger.spot[instrument.contract.key].qty * mark
    held = ledger.positions[instrument.contract.key]
    return cash + (profit(instrument, held.qty, held.entry, mark) if held.qty else Decimal(0))


@pytest.mark.parametrize("instrument", [LINEAR, COIN, COINS], ids=["linear", "inverse", "spot"])
@given(rows=trades, mark=st.decimals(20_000, 80_000, places=1))
def test_scalps_and_open_lots_are_the_trading_result(
    instrument: Instrument, rows: list[tuple[Side, int, Decimal, Decimal]], mark: Decimal
) -> None:
    ledger, book = booked(instrument, fills(instrument, rows))
    ours = book.total.gross + open_profit(book, instrument, mark)
    cent = Decimal("1e-2") / (mark if instrument is COIN else 1)
    assert abs(ours - worth_of_trading(ledger, instrument, mark)) < cent / 1000
    assert book.total.paid == ledger.fees[currency_of(instrument)]
    assert book.total.fees + sum(lot.fee for lot in book.lots) == book.total.paid
    assert sum(each.gross for each in book.days.values()) == book.total.gross
    signs = {lot.qty > 0 for lot in book.lots}
    assert len(signs) <= 1


def test_the_oldest_lot_is_closed_first_and_fees_follow_the_size() -> None:
    rows = [
        (Side.BUY, 2, Decimal(100), Decimal("0.2")),
        (Side.BUY, 1, Decimal(90), Decimal("0.1")),
        (Side.SELL, 1, Decimal(110), Decimal("0.3")),
        (Side.SELL, 4, Decimal(95), Decimal("0.4")),
    ]
    _, book = booked(LINEAR, fills(LINEAR, rows))
    found = [(each.qty, each.entry, each.exit, each.gross, each.fees) for each in book.recent]
    assert found == [
        tuple(map(Decimal, row.split()))
        for row in ("1 100 110 10 0.4", "1 100 95 -5 0.2", "1 90 95 5 0.2")
    ]
    left = [(lot.qty, lot.price, lot.fee) for lot in book.lots]
    assert left == [(Decimal(-2), Decimal(95), Decimal("0.2"))]
    assert book.recent[0].net == Decimal("9.6")
    assert book.total == Banked(3, Decimal(10), Decimal("0.8"), Decimal("1.0"))


def test_inverse_pairs_pay_in_coin() -> None:
    rows = [
        (Side.SELL, 10, Decimal(50_000), Decimal(0)),
        (Side.BUY, 10, Decimal(40_000), Decimal(0)),
    ]
    _, book = booked(COIN, fills(COIN, rows))
    # 100 USD short: 100 / 40,000 - 100 / 50,000 coins
    assert book.total.gross == Decimal("0.0005")
    assert book.lots == ()


def test_days_are_kept_apart_and_the_oldest_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scalps, "KEEP_DAYS", 2)
    books: dict[str, ScalpBook] = {}
    for day in range(3):
        for side, price in ((Side.BUY, 100), (Side.SELL, 101 + day)):
            name = fill(10 * day + price, "1", side=side, price=Decimal(price))
            books = with_fill(books, LINEAR, name, NOW + day * DAY)
    book, today = books[PERP], utc_day(NOW) + 2
    assert sorted(book.days) == [today - 1, today]
    assert banked_on(book, today) == Banked(1, Decimal(3), Decimal(2), Decimal(2))
    assert banked_on(book, today + 1) == Banked()
    assert book.total.gross == 6


@given(rows=trades, keep=st.integers(1, 4))
@pytest.mark.parametrize("instrument", [LINEAR, COIN], ids=["linear", "inverse"])
def test_what_is_kept_is_bounded_and_nothing_of_the_sum_is_lost(
    instrument: Instrument, rows: list[tuple[Side, int, Decimal, Decimal]], keep: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scalps, "KEEP_LOTS", keep)
        patch.setattr(scalps, "KEEP_SCALPS", keep)
        ledger, book = booked(instrument, fills(instrument, rows))
    assert max(len(book.lots), len(book.recent)) <= keep
    mark = Decimal(50_000)
    ours = book.total.gross + open_profit(book, instrument, mark)
    assert abs(ours - worth_of_trading(ledger, instrument, mark)) < Decimal("1e-8")
    assert open_qty(book) == ledger.positions[instrument.contract.key].qty


def test_fees_in_another_currency_are_kept_apart() -> None:
    books = with_fill({}, LINEAR, fill(1, fee=Decimal("0.01"), fee_currency="BNB"), NOW)
    assert books[PERP].elsewhere == {"BNB": Decimal("0.01")}
    assert books[PERP].total.paid == 0


def test_options_are_no_hedges() -> None:
    option = Option(contract("BTC-30000-C"), EXPIRY, Decimal(30_000), Right.CALL)
    assert with_fill({}, option, fill(1, key=option.contract.key), NOW) == {}


def test_settlement_closes_what_is_open() -> None:
    books = with_fill({}, COIN, fill(1, "4", key=INVERSE, fee_currency="BTC"), NOW)
    after = with_settlement(books, COIN, Decimal(60_000), NOW + DAY)
    assert after[INVERSE].lots == ()
    gain = profit(COIN, Decimal(4), Decimal(50_000), Decimal(60_000))
    assert after[INVERSE].total.gross == gain.quantize(Decimal("1e-12"))
    assert with_settlement(after, COIN, Decimal(60_000), NOW + DAY) is after
    assert with_settlement({}, COIN, Decimal(60_000), NOW) == {}


def test_the_callers_decimal_context_changes_nothing() -> None:
    rows = [
        (Side.BUY, 3, Decimal("51234.5"), Decimal("0.000001")),
        (Side.SELL, 7, Decimal("49876.5"), Decimal("0.000003")),
    ]
    told = fills(COIN, rows)
    expected = booked(COIN, told)[1]
    with localcontext() as context:
        context.prec = 5
        assert booked(COIN, told)[1] == expected
