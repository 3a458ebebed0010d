"""Bybit: units, names, states and every trap that was measured there."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.errors import DataError, InvariantError
from terminal.core.units import HOUR, MILLISECOND
from terminal.model.account import Balance, FundingPaid, Position
from terminal.model.instrument import Contract, Future, Option, Payoff, Perpetual, Right
from terminal.model.market import Funding, Index, OpenInterest, Quote, Trade
from terminal.model.order import Fill, OrderIntent, OrderStatus, OrderUpdate, Side, TimeInForce
from terminal.venues.dialects.bybit import BYBIT
from terminal.venues.dialects.quote_parts import QuotePart
from tests.helpers import frames_bybit as frames
from tests.helpers.frames import Frame, directory
from tests.helpers.intents import intent_on

READ = BYBIT.decoder
KNOWN = directory(READ, frames.MARKETS)
OPTION = "BTC-27NOV26-100000-C-USDT"


def contract(symbol: str) -> Contract:
    return KNOWN.by_symbol[symbol].contract


def intent(symbol: str, **changes: Any) -> OrderIntent:
    return intent_on(contract(symbol), **changes)


def test_terms_of_each_kind() -> None:
    terms = {
        each.symbol: (each.payoff, each.quote, each.settle, each.multiplier, each.lot, each.min_qty)
        for each in (one.contract for one in KNOWN.by_key.values())
    }
    inverse, linear, number = Payoff.INVERSE, Payoff.LINEAR, Decimal
    one = number(1)
    assert terms == {
        "BTCUSDT": (linear, "USDT", "USDT", one, number("0.001"), number("0.001")),
        "ETHUSDT": (linear, "USDT", "USDT", one, number("0.001"), number("0.001")),
        "BTCPERP": (linear, "USDC", "USDC", one, number("0.001"), number("0.001")),
        "BTCUSD": (inverse, "USD", "BTC", one, one, number(10)),
        "BTCUSDX26": (inverse, "USD", "BTC", one, one, one),
        OPTION: (linear, "USDT", "USDT", one, number("0.01"), number("0.01")),
        "ETH-27NOV26-3000-P": (linear, "USDC", "USDC", one, number("0.01"), number("0.01")),
    }
    assert contract("BTCUSDT").min_notional == 5
    kinds = {symbol: type(each) for symbol, each in KNOWN.by_symbol.items()}
    assert kinds["BTCUSD"] is Perpetual
    assert kinds["BTCUSDX26"] is Future
    put = KNOWN.by_symbol["ETH-27NOV26-3000-P"]
    assert isinstance(put, Option)
    assert (put.strike, put.right) == (Decimal(3000), Right.PUT)
    assert put.expiry == frames.EXPIRY_MS * MILLISECOND


def test_the_interval_of_funding_is_in_minutes_and_by_instrument() -> None:
    intervals = {
        symbol: each.funding_interval
        for symbol, each in KNOWN.by_symbol.items()
        if isinstance(each, Perpetual)
    }
    assert intervals["BTCUSDT"] == 8 * HOUR
    assert intervals["ETHUSDT"] == 4 * HOUR
    with pytest.raises(DataError, match="'fundingInterval'"):
        READ.instrument({"info": frames.listed("BTCUSDT", fundingInterval=8)})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"contractType": "Cubic"}, "contractType"),
        ({"priceFilter": {"tickSize": "0"}}, "tickSize"),
        ({"lotSizeFilter": {"qtyStep": "1"}}, "minOrderQty"),
        ({"baseCoin": ""}, "baseCoin"),
        ({"optionsType": "Call"}, "symbol"),
        ({"symbol": "BTC-1JAN27-5-P", "optionsType": "Call"}, "symbol"),
    ],
)
def test_terms_that_cannot_be_are_refused(changes: Frame, field: str) -> None:
    with pytest.raises(DataError, match=f"'{field}'"):
        READ.instrument({"info": frames.PERPETUAL | changes})


def test_spot_is_not_ours_though_it_bears_the_name_of_a_perpetual() -> None:
    row = {"symbol": "BTCUSDT", "baseCoin": "BTC", "quoteCoin": "USDT", "lotSizeFilter": {}}
    assert READ.instrument({"info": row}) is None
    assert READ.fill(frames.fill(category="spot"), KNOWN) is None
    assert READ.private(frames.told("execution", frames.fill(category="spot")), KNOWN) == ()


def test_a_whole_ticker_is_quote_index_and_funding() -> None:
    assert READ.public(frames.ticker("BTCUSD"), KNOWN) == (
        Quote("BTCUSD@bybit", 90000.0, 90000.1, 2.5, 1.5, mark=90000.05),
        Index("BTC", 90010.0),
        Funding("BTCUSD@bybit", 0.0001, 8 * HOUR, (frames.AT_MS + 3_600_000) * MILLISECOND),
    )


def test_a_change_leaves_alone_what_it_does_not_name() -> None:
    part = frames.ticker("BTCUSDT", "delta", bid1Price="", bid1Size="0", markPrice="90001")
    key = "BTCUSDT@bybit"
    assert READ.public(part, KNOWN) == (QuotePart(key=key, bid=None, bid_qty=0.0, mark=90001.0),)


def test_a_change_of_the_rate_alone_is_paid_at_the_next_boundary() -> None:
    found = READ.public(frames.ticker("ETHUSDT", "delta", fundingRate="-0.0002"), KNOWN)
    assert found[1] == Funding(
        "ETHUSDT@bybit", -0.0002, 4 * HOUR, (frames.AT_MS + 3_600_000) * MILLISECOND
    )
    hourly = frames.ticker("ETHUSDT", "delta", fundingRate="0", fundingIntervalHour="1")
    assert READ.public(hourly, KNOWN)[1] == Funding(
        "ETHUSDT@bybit", 0.0, HOUR, (frames.AT_MS + 3_600_000) * MILLISECOND
    )


def test_one_perpetual_of_a_coin_tells_its_index_the_one_in_usd() -> None:
    def told(symbol: str, rows: tuple[Frame, ...]) -> bool:
        found = READ.public(frames.ticker(symbol), directory(READ, rows))
        return any(isinstance(each, Index) for each in found)

    assert told("BTCUSD", frames.MARKETS)
    assert not told("BTCUSDT", frames.MARKETS)
    assert told("BTCUSDT", (frames.PERPETUAL, frames.USDC))
    assert told("BTCPERP", (frames.USDC,))
    assert not told("BTCUSDX26", frames.MARKETS)


def test_an_option_brings_its_forward_and_volatility_as_a_fraction() -> None:
    assert READ.public(frames.option_ticker(), KNOWN) == (
        Quote(
            f"{OPTION}@bybit", 1500.0, 1520.0, 3.0, 4.0, mark=1510.5, iv=0.51, forward=90100.0
        ),
    )  # fmt: skip
    empty = frames.option_ticker(bidPrice="0", bidSize="0", askPrice="0", askSize="0")
    assert READ.public(empty, KNOWN) == (
        Quote(f"{OPTION}@bybit", None, None, mark=1510.5, iv=0.51, forward=90100.0),
    )


def test_open_interest_of_an_option_is_told_as_it_is_or_not_at_all() -> None:
    told = READ.public(frames.option_ticker(openInterest="20"), KNOWN)[1:]
    assert told == (OpenInterest(f"{OPTION}@bybit", 20.0),)
    assert READ.public(frames.option_ticker(openInterest=""), KNOWN)[1:] == ()
    with pytest.raises(DataError, match="openInterest"):
        READ.public(frames.option_ticker(openInterest="-1"), KNOWN)


def test_trades_in_usd_are_contracts() -> None:
    assert READ.public(frames.trade(s="BTCUSD", S="Sell", v="5823"), KNOWN) == (
        Trade("BTCUSD@bybit", 90000.1, 5823.0, buyer_is_taker=False),
    )
    with pytest.raises(DataError, match="'S'"):
        READ.public(frames.trade(S="Both"), KNOWN)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("New", OrderStatus.LIVE),
        ("PartiallyFilled", OrderStatus.LIVE),
        ("Untriggered", OrderStatus.LIVE),
        ("Filled", OrderStatus.FILLED),
        ("Cancelled", OrderStatus.CANCELLED),
        ("PartiallyFilledCanceled", OrderStatus.CANCELLED),
        ("Deactivated", OrderStatus.CANCELLED),
    ],
)
def test_states_of_an_order(word: str, status: OrderStatus) -> None:
    update = READ.order(frames.order(orderStatus=word), KNOWN)
    assert update == OrderUpdate(frames.OURS, status, "", Decimal("0.2"))


def test_a_rejected_order_that_has_traded_is_a_cancelled_one() -> None:
    row = frames.order(orderStatus="Rejected", rejectReason="EC_PostOnlyWillTakeLiquidity")
    update = READ.order(row, KNOWN)
    assert update is not None
    assert (update.status, update.filled) == (OrderStatus.CANCELLED, Decimal("0.2"))
    plain = READ.order(row | {"cumExecQty": "0"}, KNOWN)
    assert plain is not None
    assert (plain.status, plain.reason) == (OrderStatus.REJECTED, "EC_PostOnlyWillTakeLiquidity")


def test_an_unheard_of_state_is_refused_and_a_foreign_order_left_out() -> None:
    with pytest.raises(DataError, match="'orderStatus'"):
        READ.order(frames.order(orderStatus="Pondering"), KNOWN)
    assert READ.order(frames.order(orderLinkId="client-open-1"), KNOWN) is None
    assert READ.order(frames.order(orderLinkId=""), KNOWN) is None


def test_a_fill_is_charged_in_what_it_settles_in() -> None:
    assert READ.fill(frames.fill(symbol="BTCUSD", execQty="100", execFee="-0.00001"), KNOWN) == (
        Fill(
            "e-1", frames.OURS, "BTCUSD@bybit", Side.BUY, Decimal(100), Decimal(90000),
            Decimal("-0.00001"), "BTC", maker=False,
        )
    )  # fmt: skip
    foreign = READ.fill(frames.fill(orderLinkId="by-hand"), KNOWN)
    assert foreign is not None
    assert (foreign.order_id, foreign.fee_currency) == ("", "USDT")


def test_funding_comes_as_an_execution_and_is_no_fill() -> None:
    key = "BTCUSDT@bybit"
    paid = FundingPaid(key, Decimal("4.5"), "USDT", -0.0001, payment_id=f"{key} funding e-1")
    assert READ.private(frames.told("execution", frames.FUNDING), KNOWN) == (paid,)
    assert READ.fill(frames.FUNDING, KNOWN) is None
    assert READ.fill(frames.fill(execType="Settle"), KNOWN) is None
    deleveraged = READ.fill(frames.fill(execType="AdlTrade", orderLinkId=""), KNOWN)
    assert deleveraged is not None


def test_rows_without_fees_are_left_to_the_stream_that_has_them() -> None:
    bare = {"category": "linear", "symbol": "BTCUSDT", "execId": "e-1"}
    for topic in ("execution.fast", "execution.fast.linear"):
        assert READ.private(frames.told(topic, bare), KNOWN) == ()


def test_positions_get_their_sign_from_the_side() -> None:
    key = "BTCUSDT@bybit"
    held = Position(key, Decimal("-0.5"), Decimal(90000))
    assert READ.position(frames.position(), KNOWN) == held
    assert READ.position(frames.STREAM_POSITION, KNOWN) == held
    flat = frames.position(side="", size="0", avgPrice="0")
    assert READ.position(flat, KNOWN) == Position(key, Decimal(0), Decimal(0))
    with pytest.raises(DataError, match="'side'"):
        READ.position(frames.position(side=""), KNOWN)


@pytest.mark.parametrize("index", [1, 2])
def test_hedge_mode_is_refused_with_its_remedy(index: int) -> None:
    with pytest.raises(DataError, match="one-way mode"):
        READ.position(frames.position(positionIdx=index), KNOWN)


def test_the_wallet_is_cash_without_open_profit() -> None:
    frame = frames.told("wallet", frames.WALLET)
    assert READ.private(frame, KNOWN) == (Balance("USDT", Decimal("10000.5")),)


def test_an_order_in_its_own_words() -> None:
    sent = BYBIT.sent(
        intent("BTCUSD", qty=Decimal(4500), side=Side.SELL), KNOWN.by_symbol["BTCUSD"]
    )
    assert (sent.symbol, sent.kind, sent.side) == ("BTC/USD:BTC", "limit", "sell")
    assert sent.amount == 4500  # USD
    assert sent.params == {"clientOrderId": frames.OURS, "positionIdx": 0, "timeInForce": "GTC"}
    option = BYBIT.sent(
        intent(OPTION, tif=TimeInForce.POST_ONLY, reduce_only=True), KNOWN.by_symbol[OPTION]
    )
    assert option.symbol == "BTC/USDT:USDT-261127-100000-C"
    assert option.params["postOnly"] is True
    assert option.params["reduceOnly"] is True
    assert "timeInForce" not in option.params
    dated = BYBIT.sent(intent("BTCUSDX26", tif=TimeInForce.IOC), KNOWN.by_symbol["BTCUSDX26"])
    assert dated.symbol == "BTC/USD:BTC-261127"
    assert dated.params["timeInForce"] == "IOC"


def test_an_order_off_the_grid_is_never_sent() -> None:
    perpetual = KNOWN.by_symbol["BTCUSDT"]
    good = intent("BTCUSDT")
    for bad in ("-0.001", "0.0005", "NaN", "0"):
        with pytest.raises(InvariantError):
            BYBIT.sent(replace(good, qty=Decimal(bad)), perpetual)
    with pytest.raises(InvariantError):
        BYBIT.sent(replace(good, limit=Decimal("100.05")), perpetual)
    with pytest.raises(InvariantError):
        BYBIT.sent(replace(good, order_id="client-open-1"), perpetual)


@given(lots=st.integers(1, 10**7), number=st.integers(0, len(frames.MARKETS) - 1))
def test_contracts_to_amount_and_back_is_exact(lots: int, number: int) -> None:
    instrument = list(KNOWN.by_key.values())[number]
    terms = instrument.contract
    held = lots * terms.lot
    sent = BYBIT.sent(intent_on(terms, qty=held), instrument)
    row = frames.position(symbol=terms.symbol, size=str(sent.amount), side="Buy")
    found = READ.position(row, KNOWN)
    assert found is not None
    assert found.qty == held
    done = READ.fill(frames.fill(symbol=terms.symbol, execQty=str(sent.amount)), KNOWN)
    assert done is not None
    assert done.qty == held
