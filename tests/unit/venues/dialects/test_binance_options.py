"""Binance's options: terms, marks, orders, and what differs from its futures."""

from decimal import Decimal

import pytest

from terminal.core.errors import DataError
from terminal.core.units import MILLISECOND
from terminal.model.account import Balance, Position
from terminal.model.instrument import Option, Right
from terminal.model.market import Index, Quote, Trade
from terminal.model.order import Fill, OrderStatus, OrderUpdate, Side
from terminal.venues.dialects.binance_options import BINANCE_OPTIONS
from terminal.venues.dialects.quote_parts import QuotePart
from tests.helpers import frames_binance_options as frames
from tests.helpers.frames import directory
from tests.helpers.frames_binance import AT_MS, EXPIRY_MS, OURS, listed, touch, trade
from tests.helpers.intents import intent_on

READ = BINANCE_OPTIONS.decoder
KNOWN = directory(READ, frames.MARKETS)
KEY = f"{frames.NAME}@binanceoptions"


def test_terms_are_in_coins_and_premiums_in_usdt() -> None:
    call, put = KNOWN.by_symbol[frames.NAME], KNOWN.by_symbol["SOL-261127-150-P"]
    assert isinstance(call, Option)
    assert isinstance(put, Option)
    assert str(call.strike) == "100000"
    assert (call.strike, call.right, call.expiry) == (
        Decimal(100000), Right.CALL, EXPIRY_MS * MILLISECOND,
    )  # fmt: skip
    terms = call.contract
    assert (terms.base, terms.quote, terms.settle) == ("BTC", "USDT", "USDT")
    assert (terms.multiplier, terms.lot, terms.taker_bps) == (Decimal(1), Decimal("0.01"), 2.4)
    assert (put.contract.base, put.right) == ("SOL", Right.PUT)
    assert READ.instrument({"info": listed("BTCUSDT")}) is None
    with pytest.raises(DataError, match="'underlying'"):
        READ.instrument({"info": frames.OPTION | {"underlying": "BTCUSDC"}})


def test_a_mark_brings_prices_volatility_and_index() -> None:
    assert READ.public(frames.mark(), KNOWN) == (
        Quote(KEY, 1500.0, 1520.0, 3.0, 4.0, mark=1510.5, iv=0.51),
        Index("BTC", 90010.0),
    )


def test_an_empty_book_has_no_prices_and_its_volatility_of_minus_one_is_not_read() -> None:
    empty = frames.mark(bo="0.0000", ao="0.0000", bq="0", aq="0", b="-1.0", a="-1.0")
    assert READ.public(empty, KNOWN)[0] == Quote(KEY, None, None, mark=1510.5, iv=0.51)
    with pytest.raises(DataError, match="'vo'"):
        READ.public(frames.mark(vo="-1.0"), KNOWN)


def test_marks_alone_and_best_prices_are_parts() -> None:
    alone = {"stream": "BTC@markPrice", "data": [{"e": "markPrice", "s": frames.NAME, "mp": "9"}]}
    assert READ.public(alone, KNOWN) == (QuotePart(key=KEY, mark=9.0),)
    touched = READ.public(touch(frames.NAME, b="0", B="0"), KNOWN)
    assert touched == (QuotePart(key=KEY, bid=None, ask=90000.1, bid_qty=0.0, ask_qty=1.5),)


def test_the_index_is_that_of_listed_underlyings() -> None:
    frame = {"e": "index", "E": AT_MS, "s": "SOLUSDT", "p": "150.5"}
    assert READ.public(frame, KNOWN) == (Index("SOL", 150.5),)
    assert READ.public(frame | {"s": "XRPUSDT"}, KNOWN) == ()


def test_old_trades_say_their_side_by_sign() -> None:
    old = trade(frames.NAME, S="-1")
    del old["m"], old["X"]
    assert READ.public(old, KNOWN) == (Trade(KEY, 90000.1, 0.25, buyer_is_taker=False),)


def test_a_frame_of_orders_is_their_fills_and_states() -> None:
    frame = frames.updated(frames.streamed(frames.done()), frames.streamed(s="UNKNOWN", c=""))
    assert READ.private(frame, KNOWN) == (
        Fill(
            f"{frames.NAME}:73", OURS, KEY, Side.SELL, Decimal("0.4"), Decimal(1500),
            Decimal("9.5"), "USDT", maker=False,
        ),
        OrderUpdate(OURS, OrderStatus.LIVE, "", Decimal("0.4")),
    )  # fmt: skip


def test_a_fill_in_a_reply_is_the_same_without_our_id() -> None:
    found = READ.fill(frames.fill(), KNOWN)
    assert found is not None
    assert (found.fill_id, found.side, found.qty) == (
        f"{frames.NAME}:73", Side.SELL, Decimal("0.4"),
    )  # fmt: skip
    assert (found.order_id, found.fee, found.maker) == ("", Decimal("9.5"), True)
    for bad in ({"side": "BUY"}, {"quantity": "0"}):
        with pytest.raises(DataError, match="'quantity'"):
            READ.fill(frames.fill(**bad), KNOWN)


def test_long_and_short_are_signs_and_no_hedge_mode() -> None:
    short = Position(KEY, Decimal("-0.4"), Decimal(1500))
    assert READ.position(frames.position(), KNOWN) == short
    assert READ.position(frames.position(quantity="0.40"), KNOWN) == short
    assert READ.private(frames.ACCOUNT, KNOWN) == (short, Balance("USDT", Decimal("10000.5")))


def test_an_order_in_its_own_words() -> None:
    call = KNOWN.by_symbol[frames.NAME]
    sent = BINANCE_OPTIONS.sent(intent_on(call.contract), call)
    assert sent.symbol == "BTC/USDT:USDT-261127-100000-C"
    assert sent.amount == Decimal("0.01")
