"""Binance's futures: units, names, states and every trap that was measured there."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import DataError, InvariantError
from terminal.core.units import HOUR, MILLISECOND
from terminal.model.account import Balance, Position
from terminal.model.instrument import Contract, Future, Payoff, Perpetual
from terminal.model.market import Funding, Index, Trade
from terminal.model.order import Fill, OrderStatus, OrderUpdate, Side, TimeInForce
from terminal.venues.dialects.binancecoinm import BINANCECOINM
from terminal.venues.dialects.binanceusdm import BINANCEUSDM
from terminal.venues.dialects.dialect import Dialect, Directory
from terminal.venues.dialects.quote_parts import QuotePart
from tests.helpers import frames_binance as frames
from tests.helpers.frames import Frame, directory
from tests.helpers.intents import intent_on

READ = BINANCEUSDM.decoder
KNOWN = directory(READ, frames.LINEAR)
COIN = directory(BINANCECOINM.decoder, frames.INVERSE)
KEY = "BTCUSDT@binanceusdm"

each_market = pytest.mark.parametrize(
    ("dialect", "known"),
    [(BINANCEUSDM, KNOWN), (BINANCECOINM, COIN)],
    ids=lambda each: each.venue if isinstance(each, Dialect) else "",
)


def contract(known: Directory, symbol: str) -> Contract:
    return known.by_symbol[symbol].contract


def test_linear_contracts_are_coins() -> None:
    perpetual, dated = KNOWN.by_symbol["BTCUSDT"], KNOWN.by_symbol["BTCUSDT_261127"]
    assert isinstance(perpetual, Perpetual)
    assert isinstance(dated, Future)
    assert dated.expiry == frames.EXPIRY_MS * MILLISECOND
    terms = perpetual.contract
    assert (terms.payoff, terms.multiplier, terms.settle) == (Payoff.LINEAR, Decimal(1), "USDT")
    assert (terms.lot, terms.min_notional) == (Decimal("0.001"), Decimal(100))
    assert contract(KNOWN, "ETHUSDT").min_notional == 20


def test_an_interval_of_funding_that_does_not_divide_a_day_is_refused() -> None:
    row = frames.LINEAR[0] | {"fundingIntervalHours": 4}
    perpetual = READ.instrument({"info": row})
    assert isinstance(perpetual, Perpetual)
    assert perpetual.funding_interval == 4 * HOUR
    for wrong in (0, -8, 5, "4.5"):
        with pytest.raises(DataError, match="fundingIntervalHours"):
            READ.instrument({"info": row | {"fundingIntervalHours": wrong}})


def test_inverse_contracts_are_100_usd_of_bitcoin_and_10_of_the_others() -> None:
    bitcoin, ether = contract(COIN, "BTCUSD_PERP"), contract(COIN, "ETHUSD_PERP")
    assert (bitcoin.payoff, bitcoin.multiplier) == (Payoff.INVERSE, Decimal(100))
    assert (ether.multiplier, ether.settle, ether.quote) == (Decimal(10), "ETH", "USD")
    assert bitcoin.key == "BTCUSD_PERP@binancecoinm"


@pytest.mark.parametrize(
    "changes",
    [
        {"contractType": ""},
        {"contractType": None},
        {"contractType": "PERPETUAL_DELIVERING"},
        {"contractType": "TRADIFI_PERPETUAL"},
        {"contractSize": 100},
    ],
)
def test_what_is_no_linear_future_of_a_coin_is_not_ours(changes: Frame) -> None:
    assert READ.instrument({"info": frames.PERPETUAL | changes}) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"filters": []}, "filters"),
        ({"filters": frames.filters("0", "1")}, "tickSize"),
        ({"contractSize": 0}, "contractSize"),
        ({"marginAsset": ""}, "marginAsset"),
    ],
)
def test_terms_that_cannot_be_are_refused(changes: Frame, field: str) -> None:
    with pytest.raises(DataError, match=f"'{field}'"):
        BINANCECOINM.decoder.instrument({"info": frames.COIN | changes})


def test_best_prices_are_a_part_of_a_quote() -> None:
    assert READ.public(frames.touch("BTCUSDT"), KNOWN) == (
        QuotePart(key=KEY, bid=90000.0, ask=90000.1, bid_qty=2.5, ask_qty=1.5),
    )


def test_a_mark_brings_index_and_the_rate_of_the_next_payment() -> None:
    at = frames.PAID_MS * MILLISECOND
    assert READ.public(frames.mark("BTCUSDT"), KNOWN) == (
        QuotePart(key=KEY, mark=90000.05),
        Index("BTC", 90010.0),
        Funding(KEY, 0.0001, 8 * HOUR, at),
    )
    wrapped = {"stream": "btcusdt@markPrice@1s", "data": frames.mark("BTCUSDT")}
    assert READ.public(wrapped, KNOWN) == READ.public(frames.mark("BTCUSDT"), KNOWN)


def test_a_payment_at_an_odd_hour_is_of_a_shorter_interval() -> None:
    found = READ.public(frames.mark("BTCUSDT", T=frames.PAID_MS - 4 * 3_600_000), KNOWN)[2]
    assert isinstance(found, Funding)
    assert found.interval == 4 * HOUR


def test_a_dated_future_pays_no_funding_and_tells_no_index() -> None:
    for nothing in ({"r": "", "T": 0}, {"r": "0.00000000", "T": 0}):
        found = READ.public(frames.mark("BTCUSDT_261127", **nothing), KNOWN)
        assert found == (QuotePart(key="BTCUSDT_261127@binanceusdm", mark=90000.05),)


def test_one_perpetual_of_a_coin_tells_its_index() -> None:
    kinds = {type(each) for each in READ.public(frames.mark("BTCUSDC"), KNOWN)}
    assert Index not in kinds
    alone = directory(READ, (frames.USDC,))
    assert Index in {type(each) for each in READ.public(frames.mark("BTCUSDC"), alone)}


def test_a_pair_tells_the_index_of_coin_margined_contracts() -> None:
    frame = {"e": "indexPriceUpdate", "E": frames.AT_MS, "i": "ETHUSD", "p": "3000.5"}
    assert BINANCECOINM.decoder.public(frame, COIN) == (Index("ETH", 3000.5),)
    assert BINANCECOINM.decoder.public(frame | {"i": "XRPUSD"}, COIN) == ()


def test_trades_of_the_insurance_fund_are_no_market() -> None:
    assert READ.public(frames.trade("BTCUSDT"), KNOWN) == (
        Trade(KEY, 90000.1, 0.25, buyer_is_taker=True),
    )
    sold = READ.public(frames.trade("BTCUSDT", m=True, e="aggTrade"), KNOWN)
    assert sold == (Trade(KEY, 90000.1, 0.25, buyer_is_taker=False),)
    for other in ("INSURANCE_FUND", "ADL", "NA"):
        assert READ.public(frames.trade("BTCUSDT", X=other, p="0"), KNOWN) == ()


def test_all_marks_at_once_come_as_a_list() -> None:
    frame = {"data": [frames.mark("BTCUSDT"), frames.mark("XRPUSDT"), frames.mark("ETHUSDT")]}
    parts = [each for each in READ.public(frame, KNOWN) if isinstance(each, QuotePart)]
    assert [each.key for each in parts] == [KEY, "ETHUSDT@binanceusdm"]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("NEW", OrderStatus.LIVE),
        ("PARTIALLY_FILLED", OrderStatus.LIVE),
        ("FILLED", OrderStatus.FILLED),
        ("CANCELED", OrderStatus.CANCELLED),
        ("REJECTED", OrderStatus.REJECTED),
        ("EXPIRED", OrderStatus.EXPIRED),
    ],
)
def test_states_read_alike_from_reply_and_stream(word: str, status: OrderStatus) -> None:
    expected = OrderUpdate(frames.OURS, status, "", Decimal("0.2"))
    assert READ.order(frames.order(status=word), KNOWN) == expected
    assert READ.order(frames.streamed(X=word), KNOWN) == expected


def test_a_post_only_order_that_would_trade_expires_and_says_why() -> None:
    update = READ.order(frames.streamed(X="EXPIRED", x="EXPIRED", f="GTX", z="0"), KNOWN)
    assert update is not None
    assert update.status is OrderStatus.EXPIRED
    assert "post-only" in update.reason
    met = READ.order(frames.order(status="EXPIRED_IN_MATCH"), KNOWN)
    assert met is not None
    assert "same account" in met.reason


def test_foreign_orders_are_left_out_whatever_their_state() -> None:
    for foreign in ("autoclose-1234567890", "adl_autoclose", "web_abc", ""):
        assert READ.order(frames.streamed(c=foreign, X="NEW_ADL"), KNOWN) is None
    with pytest.raises(DataError, match="'X'"):
        READ.order(frames.streamed(X="NEW_ADL"), KNOWN)


def test_a_frame_of_a_trade_is_its_fill_and_then_the_order() -> None:
    assert READ.private(frames.updated(frames.streamed()), KNOWN) == (
        Fill(
            "BTCUSDT:71", frames.OURS, KEY, Side.BUY, Decimal("0.2"), Decimal(90000),
            Decimal("3.6"), "USDT", maker=True,
        ),
        OrderUpdate(frames.OURS, OrderStatus.LIVE, "", Decimal("0.2")),
    )  # fmt: skip
    placed = frames.streamed(x="NEW", X="NEW", l="0", z="0", L="0", t=0)
    assert READ.private(frames.updated(placed), KNOWN) == (
        OrderUpdate(frames.OURS, OrderStatus.LIVE, "", Decimal(0)),
    )


def test_a_fill_is_the_same_from_stream_and_reply() -> None:
    streamed, replied = READ.fill(frames.streamed(), KNOWN), READ.fill(frames.fill(), KNOWN)
    assert streamed is not None
    assert replied is not None
    assert streamed.fill_id == replied.fill_id
    assert replied.order_id == ""  # userTrades names no client id
    assert (streamed.fee, streamed.maker) == (replied.fee, replied.maker)


def test_a_forced_close_is_a_fill_of_the_account_though_not_ours() -> None:
    row = frames.streamed(x="CALCULATED", X="FILLED", c="autoclose-1", S="SELL", m=False)
    del row["n"], row["N"]
    (forced,) = READ.private(frames.updated(row), KNOWN)
    assert isinstance(forced, Fill)
    assert (forced.order_id, forced.fee, forced.fee_currency) == ("", Decimal(0), "USDT")


def test_the_quick_frame_of_a_trade_waits_for_the_one_with_the_fee() -> None:
    quick = {"e": "TRADE_LITE", "s": "BTCUSDT", "c": frames.OURS, "t": 71, "l": "0.2"}
    assert READ.private(quick, KNOWN) == ()


def test_positions_are_signed_in_contracts() -> None:
    short = Position(KEY, Decimal("-0.5"), Decimal(90000))
    assert READ.position(frames.position(), KNOWN) == short
    told = READ.private(frames.account(), KNOWN)
    assert told == (short, Balance("USDT", Decimal("10000.5")))
    inverse = frames.position("BTCUSD_PERP", positionAmt="-450")
    found = BINANCECOINM.decoder.position(inverse, COIN)
    assert found is not None
    assert found.qty * contract(COIN, "BTCUSD_PERP").multiplier == -45000  # USD
    assert READ.position(frames.position("XRPUSDT"), KNOWN) is None


@pytest.mark.parametrize("side", ["LONG", "SHORT"])
def test_hedge_mode_is_refused_with_its_remedy(side: str) -> None:
    with pytest.raises(DataError, match="one-way mode"):
        READ.position(frames.position(positionSide=side), KNOWN)
    with pytest.raises(DataError, match="one-way mode"):
        READ.private(frames.account(ps=side), KNOWN)


def test_an_order_in_its_own_words() -> None:
    perpetual = KNOWN.by_symbol["BTCUSDT"]
    sent = BINANCEUSDM.sent(
        intent_on(perpetual.contract, reduce_only=True, tif=TimeInForce.IOC), perpetual
    )
    assert (sent.symbol, sent.amount) == ("BTC/USDT:USDT", Decimal("0.001"))
    assert sent.params == {
        "clientOrderId": frames.OURS,
        "timeInForce": "IOC",
        "reduceOnly": True,
    }
    dated = COIN.by_symbol["BTCUSD_261127"]
    told = BINANCECOINM.sent(intent_on(dated.contract, qty=Decimal(7)), dated)
    assert (told.symbol, told.amount) == ("BTC/USD:BTC-261127", Decimal(7))


@each_market
@given(lots=st.integers(1, 10**7), number=st.integers(0, 10))
def test_contracts_to_amount_and_back_is_exact(
    dialect: Dialect, known: Directory, lots: int, number: int
) -> None:
    instruments = list(known.by_key.values())
    instrument = instruments[number % len(instruments)]
    terms = instrument.contract
    held = lots * terms.lot
    amount = str(dialect.sent(intent_on(terms, qty=held), instrument).amount)
    position = dialect.decoder.position(frames.position(terms.symbol, positionAmt=amount), known)
    done = dialect.decoder.fill(frames.fill(terms.symbol, qty=amount), known)
    update = dialect.decoder.order(frames.order(terms.symbol, executedQty=amount), known)
    assert position is not None
    assert done is not None
    assert update is not None
    assert position.qty == done.qty == update.filled == held


@each_market
def test_an_order_off_the_grid_is_never_sent(dialect: Dialect, known: Directory) -> None:
    instrument = next(iter(known.by_key.values()))
    for bad in ("-0.001", "0.0005", "NaN", "0"):
        with pytest.raises(InvariantError):
            dialect.sent(intent_on(instrument.contract, qty=Decimal(bad)), instrument)
