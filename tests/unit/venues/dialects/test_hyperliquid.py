"""Hyperliquid: units, names, states and every trap that was measured there."""

from decimal import Decimal
from functools import cache
from typing import Any

import ccxt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import DataError, InvariantError
from terminal.core.units import HOUR
from terminal.model.account import Balance, FundingPaid, Position
from terminal.model.instrument import FundedOn, Perpetual, TickStep, tick_at
from terminal.model.market import Funding, Index, Trade
from terminal.model.order import Fill, OrderIntent, OrderStatus, OrderUpdate, Side, TimeInForce
from terminal.venues.dialects.client_ids import as_hex
from terminal.venues.dialects.hyperliquid import HYPERLIQUID
from terminal.venues.dialects.hyperliquid_private import payment
from terminal.venues.dialects.hyperliquid_terms import ticks
from terminal.venues.dialects.quote_parts import QuotePart
from terminal.venues.order_words import WORDS
from tests.helpers import frames_hyperliquid as frames
from tests.helpers.frames import Frame, directory

READ = HYPERLIQUID.decoder
KNOWN = directory(READ, frames.MARKETS)
BTC = "BTC@hyperliquid"


def intent(symbol: str, amount: str, limit: str, **changes: Any) -> OrderIntent:
    fields: dict[str, Any] = {
        "order_id": frames.OURS,
        "proposal_id": "BTC-1-abcd",
        "attempt": 1,
        "key": f"{symbol}@hyperliquid",
        "side": Side.SELL,
        "qty": Decimal(amount),
        "limit": Decimal(limit),
        "tif": TimeInForce.GTC,
        "reduce_only": False,
        "decision_mid": 1.0,
    }
    return OrderIntent(**(fields | changes))


def test_terms() -> None:
    bitcoin = KNOWN.by_symbol["BTC"]
    assert isinstance(bitcoin, Perpetual)
    assert (bitcoin.funding_interval, bitcoin.funded_on) == (HOUR, FundedOn.INDEX)
    assert bitcoin.contract.multiplier == 1
    assert bitcoin.contract.lot == Decimal("0.00001")
    assert bitcoin.contract.min_notional == 10
    assert bitcoin.contract.ticks == (
        TickStep(Decimal(0), Decimal("0.1")),
        TickStep(Decimal(10_000), Decimal(1)),
    )
    assert tick_at(bitcoin.contract, Decimal(123_456)) == 1
    assert KNOWN.by_symbol["kPEPE"].contract.lot == 1


@given(digits=st.integers(0, 8), price=st.decimals(Decimal("0.000001"), 10**6, places=6))
def test_the_price_grid_is_five_figures_six_decimals_or_a_whole_number(
    digits: int, price: Decimal
) -> None:
    grid = ticks(digits)
    steps = [step.tick for step in grid if price >= step.from_price]
    on_grid = price - price % steps[-1]
    shown = on_grid.normalize()
    whole = shown == int(shown)
    figures, decimals = len(shown.as_tuple().digits), -int(shown.as_tuple().exponent)
    assert whole or (figures <= 5 and decimals <= max(0, 6 - digits))
    assert grid[0].from_price == 0
    assert list(grid) == sorted(grid, key=lambda step: step.from_price)


@pytest.mark.parametrize("name", ["km:US500", "@142", "PURR/USDC"])
def test_spot_and_markets_of_builders_are_not_ours(name: str) -> None:
    assert READ.instrument({"info": frames.listed(name, 2)}) is None


@pytest.mark.parametrize("digits", [-1, 9, 1.5, None, "x"])
def test_terms_that_cannot_be_are_refused(digits: object) -> None:
    with pytest.raises(DataError, match="'szDecimals'"):
        READ.instrument({"info": frames.listed("BTC", 0, szDecimals=digits)})


def test_best_bid_and_ask() -> None:
    touch: Frame = {"coin": "BTC", "time": 1, "bbo": frames.LEVELS}
    assert READ.public(frames.frame("bbo", touch), KNOWN) == (
        QuotePart(key=BTC, bid=90001.0, ask=90002.0, bid_qty=3.5, ask_qty=0.25),
    )
    for empty in ([frames.LEVELS[0], None], frames.LEVELS[:1]):
        (quote,) = READ.public(frames.frame("bbo", touch | {"bbo": empty}), KNOWN)
        assert quote == QuotePart(key=BTC, bid=90001.0, ask=None, bid_qty=3.5, ask_qty=0.0)
    with pytest.raises(DataError, match="'bbo'"):
        READ.public(frames.frame("bbo", touch | {"bbo": [None] * 3}), KNOWN)


def test_the_context_gives_mark_index_and_hourly_funding() -> None:
    frame = frames.frame("activeAssetCtx", {"coin": "BTC", "ctx": frames.CONTEXT})
    assert READ.public(frame, KNOWN) == (
        QuotePart(key=BTC, mark=90002.0),
        Index("BTC", 90010.0),
        Funding(BTC, 0.0000125, HOUR, next_at=0),
    )


def test_the_side_of_a_trade_is_its_takers() -> None:
    frame = frames.frame("trades", [frames.TRADE, frames.TRADE | {"side": "B"}])
    assert READ.public(frame, KNOWN) == (
        Trade(BTC, 90001.0, 0.015, buyer_is_taker=False),
        Trade(BTC, 90001.0, 0.015, buyer_is_taker=True),
    )
    with pytest.raises(DataError, match="'side'"):
        READ.public(frames.frame("trades", [frames.TRADE | {"side": "buy"}]), KNOWN)


@pytest.mark.parametrize(
    ("word", "status", "filled"),
    [
        ("open", OrderStatus.LIVE, "0.3"),
        ("triggered", OrderStatus.LIVE, "0.3"),
        ("canceled", OrderStatus.CANCELLED, "0.3"),
        ("marginCanceled", OrderStatus.CANCELLED, "0.3"),
        ("scheduledCancel", OrderStatus.CANCELLED, "0.3"),
        ("filled", OrderStatus.CANCELLED, "0.3"),  # an IOC order that ended in part
        ("iocCancelRejected", OrderStatus.CANCELLED, "0.3"),
    ],
)
def test_states_of_orders(word: str, status: OrderStatus, filled: str) -> None:
    (update,) = READ.private(frames.frame("orderUpdates", [frames.order(word)]), KNOWN)
    assert isinstance(update, OrderUpdate)
    assert (update.order_id, update.status) == (frames.OURS, status)
    assert update.filled == Decimal(filled)


@pytest.mark.parametrize("word", ["rejected", "badAloPxRejected", "iocCancelRejected"])
@pytest.mark.parametrize("left", ["0.5", "0.0"])
def test_a_rejected_order_has_filled_nothing(word: str, left: str) -> None:
    update = READ.order(frames.order(word, sz=left), KNOWN)
    assert update == OrderUpdate(frames.OURS, OrderStatus.REJECTED, word, Decimal(0))


def test_of_a_filled_order_the_history_says_that_all_is_left() -> None:
    update = READ.order(frames.order("filled", sz="0.5"), KNOWN)
    assert update == OrderUpdate(frames.OURS, OrderStatus.FILLED, "", Decimal("0.5"))


def test_what_is_left_is_not_what_is_filled() -> None:
    update = READ.order(frames.order("filled", sz="0.0"), KNOWN)
    assert update == OrderUpdate(frames.OURS, OrderStatus.FILLED, "", Decimal("0.5"))
    with pytest.raises(DataError, match="'sz'"):
        READ.order(frames.order(sz="0.6"), KNOWN)
    with pytest.raises(DataError, match="'status' is 'asleep'"):
        READ.order(frames.order("asleep"), KNOWN)


def test_an_order_is_read_from_every_answer_it_comes_in() -> None:
    inner = frames.order()["order"]
    live = OrderUpdate(frames.OURS, OrderStatus.LIVE, "", Decimal("0.3"))
    assert READ.order(inner, KNOWN) == live
    cloid = as_hex(frames.OURS)
    assert READ.order({"resting": {"oid": 1, "cloid": cloid}}, KNOWN) == OrderUpdate(
        frames.OURS, OrderStatus.LIVE
    )
    done = {"filled": {"oid": 1, "totalSz": "0.5", "avgPx": "1", "cloid": cloid}}
    # Of an immediate-or-cancel order this may be a part: its own state says whether it has ended.
    assert READ.order(done, KNOWN) == OrderUpdate(frames.OURS, OrderStatus.LIVE, "", Decimal("0.5"))
    assert READ.order({"resting": {"oid": 1}}, KNOWN) is None


@pytest.mark.parametrize("cloid", [None, "", "0xe8d5fd7ebbb4c3cff4d1803472a11463", "mine"])
def test_orders_of_others_are_left_out_and_their_fills_are_marked(cloid: str | None) -> None:
    assert READ.order(frames.order(cloid=cloid), KNOWN) is None
    foreign = READ.fill(frames.fill(cloid=cloid), KNOWN)
    assert foreign is not None
    assert foreign.order_id == ""


def test_a_fill() -> None:
    assert READ.fill(frames.fill(), KNOWN) == Fill(
        fill_id="745210434703679:7456484275",
        order_id=frames.OURS,
        key=BTC,
        side=Side.BUY,
        qty=Decimal("0.3"),
        price=Decimal(90000),
        fee=Decimal("12.15"),
        fee_currency="USDC",
        maker=False,
    )


def test_the_fee_holds_a_builders_share_already() -> None:
    shared = READ.fill(frames.fill(builderFee="2.0"), KNOWN)
    assert shared is not None
    assert shared.fee == Decimal("12.15")


def test_both_sides_of_a_trade_with_oneself_are_two_fills() -> None:
    bought = READ.fill(frames.fill(), KNOWN)
    sold = READ.fill(frames.fill(side="A", oid=1, crossed=False), KNOWN)
    assert bought is not None
    assert sold is not None
    assert bought.fill_id != sold.fill_id
    assert (sold.side, sold.maker) == (Side.SELL, True)


def test_without_the_word_on_who_crossed_there_is_no_fill() -> None:
    row = frames.fill()
    del row["crossed"]
    with pytest.raises(DataError, match="'crossed'"):
        READ.fill(row, KNOWN)


def test_history_is_not_news() -> None:
    fills: Frame = {"user": "0x0", "fills": [frames.fill()], "isSnapshot": True}
    assert READ.private(frames.frame("userFills", fills), KNOWN) == ()
    assert len(READ.private(frames.frame("userFills", fills | {"isSnapshot": False}), KNOWN)) == 1
    paid: Frame = {"user": "0x0", "fundings": [frames.PAYMENT]}
    assert READ.private(frames.frame("userFundings", paid | {"isSnapshot": True}), KNOWN) == ()
    (told,) = READ.private(frames.frame("userFundings", paid), KNOWN)
    at = frames.PAYMENT["time"]
    by_request: Frame = {"time": at, "hash": "0x0", "delta": {**frames.PAYMENT, "type": "funding"}}
    name = f"{BTC} funding {at}"
    assert told == FundingPaid(BTC, Decimal("-0.5626"), "USDC", 0.0000125, payment_id=name)
    assert payment(by_request, KNOWN) == told


def test_a_short_of_half_a_bitcoin() -> None:
    held = Position(BTC, Decimal("-0.5"), Decimal(90000))
    assert READ.position(frames.position(), KNOWN) == held
    assert READ.position(frames.position()["position"], KNOWN) == held
    with pytest.raises(DataError, match="'entryPx'"):
        READ.position(frames.position(entryPx=None), KNOWN)
    flat = READ.position(frames.position(szi="0.0", entryPx=None), KNOWN)
    assert flat == Position(BTC, Decimal(0), Decimal(0))


def test_cash_is_the_account_without_its_open_profit_and_never_the_raw_dollars() -> None:
    state: Frame = {"dex": "", "user": "0x0", "clearinghouseState": frames.STATE}
    assert READ.private(frames.frame("clearinghouseState", state), KNOWN) == (
        Position(BTC, Decimal("-0.5"), Decimal(90000)),
        Balance("USDC", Decimal(2000)),
    )
    assert READ.private(frames.frame("clearinghouseState", state | {"dex": "km"}), KNOWN) == ()


def test_an_order_in_the_exchanges_words() -> None:
    order = HYPERLIQUID.sent(
        intent("BTC", "0.5", "90000", tif=TimeInForce.IOC, reduce_only=True), KNOWN.by_symbol["BTC"]
    )
    assert (order.symbol, order.kind, order.side) == ("BTC/USDC:USDC", "limit", "sell")
    assert (order.amount, order.price) == (Decimal("0.5"), Decimal(90000))
    cloid = as_hex(frames.OURS)
    assert order.params == {"clientOrderId": cloid, "timeInForce": "IOC", "reduceOnly": True}
    post_only = HYPERLIQUID.sent(
        intent("BTC", "0.5", "90000", tif=TimeInForce.POST_ONLY), KNOWN.by_symbol["BTC"]
    )
    assert post_only.params == {"clientOrderId": cloid, "postOnly": True}


@pytest.mark.parametrize(
    ("amount", "limit"), [("0.000001", "90000"), ("0.5", "90000.5"), ("0.5", "9000.15")]
)
def test_what_would_be_rounded_on_the_way_is_not_sent(amount: str, limit: str) -> None:
    with pytest.raises(InvariantError, match=frames.OURS):
        HYPERLIQUID.sent(intent("BTC", amount, limit), KNOWN.by_symbol["BTC"])


def _ccxt(options: dict[str, Any]) -> Any:
    exchange = ccxt.hyperliquid({"options": options})
    exchange.set_markets(
        [
            exchange.parse_market(row | {"markPx": "1", "baseId": number})
            for number, row in enumerate(frames.MARKETS)
        ]
    )
    return exchange


@cache
def _plain_ccxt() -> Any:
    return _ccxt({})


@given(
    symbol=st.sampled_from(["BTC", "ETH", "SOL", "kPEPE"]),
    lots=st.integers(1, 10**6),
    steps=st.integers(1, 99_999),
)
def test_amounts_and_prices_are_sent_as_they_are(symbol: str, lots: int, steps: int) -> None:
    exchange = _plain_ccxt()
    listed = KNOWN.by_symbol[symbol]
    terms = listed.contract
    price = terms.ticks[-1].from_price + steps * terms.ticks[-1].tick
    sent = HYPERLIQUID.sent(intent(symbol, str(terms.lot * lots), str(price)), listed)
    request = exchange.create_order_request(
        sent.symbol, sent.kind, sent.side, str(sent.amount), str(sent.price), dict(sent.params)
    )
    assert Decimal(request["p"]) == sent.price
    assert Decimal(request["s"]) == sent.amount
    assert request["c"] == as_hex(frames.OURS)
    assert request["t"] == {"limit": {"tif": "Gtc"}}
    exchange.incrementing_nonce, exchange.sign_l1_action = lambda: 7, lambda action, _: action
    asked: Any = WORDS["hyperliquid"].say(exchange, sent).asked
    (order,) = asked["action"]["orders"]
    assert order == request
    assert list(order) == list(request)  # what is signed hangs on their order
    assert asked["action"] == asked["signature"]
    assert asked["nonce"] == 7


def test_no_referrer_is_signed_while_markets_load() -> None:
    exchange = _ccxt(dict(HYPERLIQUID.options))
    exchange.walletAddress, exchange.privateKey = "0x" + "1" * 40, "0x" + "2" * 64
    sent: list[object] = []
    exchange.privatePostExchange = sent.append
    exchange.set_ref()
    assert sent == []
