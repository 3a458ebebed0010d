"""OKX: units, names, states and every trap that was measured there."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import DataError, InvariantError
from terminal.core.units import HOUR, MILLISECOND
from terminal.model.account import Balance, Position
from terminal.model.instrument import Contract, Future, Option, Payoff, Perpetual, Right, coins
from terminal.model.market import Funding, Index, Trade
from terminal.model.order import Fill, OrderStatus, OrderUpdate, Side, TimeInForce
from terminal.venues.dialects.okx import OKX
from terminal.venues.dialects.quote_parts import QuotePart
from tests.helpers import frames_okx as frames
from tests.helpers.frames import Frame, directory
from tests.helpers.intents import intent_on

READ = OKX.decoder
KNOWN = directory(READ, frames.MARKETS)
SWAP, OPTION = "BTC-USDT-SWAP@okx", "BTC-USD-261127-100000-C@okx"


def contract(symbol: str) -> Contract:
    return KNOWN.by_symbol[symbol].contract


def test_terms_of_each_kind() -> None:
    terms = {
        each.symbol: (each.payoff, each.quote, each.settle, each.multiplier, each.lot)
        for each in (one.contract for one in KNOWN.by_key.values())
    }
    inverse, linear, number = Payoff.INVERSE, Payoff.LINEAR, Decimal
    hundredth, one = number("0.01"), number(1)
    assert terms == {
        "BTC-USDT-SWAP": (linear, "USDT", "USDT", hundredth, hundredth),
        "BTC-USD-SWAP": (inverse, "USD", "BTC", number(100), one),
        "ETH-USDT-SWAP": (linear, "USDT", "USDT", number("0.1"), hundredth),
        "BTC-USDT-261127": (linear, "USDT", "USDT", hundredth, hundredth),
        "BTC-USD-261127-100000-C": (linear, "USD", "BTC", hundredth, one),
    }
    swap, dated = KNOWN.by_symbol["BTC-USDT-SWAP"], KNOWN.by_symbol["BTC-USDT-261127"]
    option = KNOWN.by_symbol["BTC-USD-261127-100000-C"]
    assert isinstance(swap, Perpetual)
    assert isinstance(dated, Future)
    assert isinstance(option, Option)
    assert (option.strike, option.right) == (Decimal(100000), Right.CALL)
    assert option.expiry == dated.expiry == frames.EXPIRY_MS * MILLISECOND


def test_an_option_is_its_value_times_its_multiplier() -> None:
    assert coins(contract("BTC-USD-261127-100000-C"), 7.0, 90000.0) == pytest.approx(0.07)
    older = READ.instrument({"info": frames.OPTION | {"ctMult": "0.1"}})
    assert older is not None
    assert older.contract.multiplier == Decimal("0.1")


def test_short_half_a_coin_in_every_contract() -> None:
    assert coins(contract("BTC-USDT-SWAP"), -50.0, 90000.0) == pytest.approx(-0.5)
    assert coins(contract("BTC-USD-SWAP"), -450.0, 90000.0) == pytest.approx(-0.5)


@pytest.mark.parametrize(
    "changes",
    [{"instType": "SPOT"}, {"instType": "MARGIN"}, {"uly": "BTC-USD_UM", "instType": "FUTURES"}],
)
def test_spot_and_contracts_in_several_currencies_are_not_ours(changes: Frame) -> None:
    assert READ.instrument({"info": frames.SWAP | changes}) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ctVal": "0"}, "ctVal"),
        ({"ctMult": ""}, "ctMult"),
        ({"ctValCcy": "USDT"}, "ctValCcy"),
        ({"uly": "BTC"}, "ctValCcy"),
        ({"ctType": "quanto"}, "ctType"),
        ({"instType": "FUTURES"}, "expTime"),
    ],
)
def test_terms_that_cannot_be_are_refused(changes: Frame, field: str) -> None:
    with pytest.raises(DataError, match=f"'{field}'"):
        READ.instrument({"info": frames.SWAP | changes})


def test_prices_marks_and_volatilities_come_in_parts() -> None:
    touched = QuotePart(key=SWAP, bid=90000.0, ask=90000.1, bid_qty=250.0, ask_qty=150.0)
    assert READ.public(frames.ticker("BTC-USDT-SWAP"), KNOWN) == (touched,)
    assert READ.public(frames.touch("BTC-USDT-SWAP"), KNOWN) == (touched,)
    mark = frames.told("mark-price", {"instId": "BTC-USDT-SWAP", "markPx": "90000.05"})
    assert READ.public(mark, KNOWN) == (QuotePart(key=SWAP, mark=90000.05),)
    whole = READ.public(frames.summary(), KNOWN)
    assert whole == (QuotePart(key=OPTION, iv=0.51, forward=90100.0),)


def test_an_empty_side_is_no_price() -> None:
    gone = QuotePart(key=SWAP, bid=None, ask=90000.1, bid_qty=0.0, ask_qty=150.0)
    assert READ.public(frames.ticker("BTC-USDT-SWAP", bidPx="", bidSz=""), KNOWN) == (gone,)
    assert READ.public(frames.touch("BTC-USDT-SWAP", bids=[]), KNOWN) == (gone,)
    with pytest.raises(DataError, match="'bids'"):
        READ.public(frames.touch("BTC-USDT-SWAP", bids=["90000"]), KNOWN)


def test_a_volatility_that_is_not_there_is_unknown() -> None:
    assert READ.public(frames.summary(markVol=""), KNOWN) == (
        QuotePart(key=OPTION, iv=None, forward=90100.0),
    )
    for infinite in ("∞", "-∞"):  # as recorded at an expiry
        with pytest.raises(DataError, match="'markVol'"):
            READ.public(frames.summary(markVol=infinite), KNOWN)


def test_the_interval_of_funding_is_between_two_payments() -> None:
    at = frames.PAID_MS * MILLISECOND
    found = READ.public(frames.funding("BTC-USDT-SWAP"), KNOWN)
    assert found == (Funding(SWAP, 0.0001, 8 * HOUR, at, following=None),)
    hourly = frames.funding(
        "BTC-USDT-SWAP", nextFundingTime=str(frames.PAID_MS + 3_600_000), nextFundingRate="-0.0002"
    )
    assert READ.public(hourly, KNOWN) == (Funding(SWAP, 0.0001, HOUR, at, following=-0.0002),)
    alone = frames.funding("BTC-USDT-SWAP", nextFundingTime="")
    assert READ.public(alone, KNOWN) == found
    with pytest.raises(DataError, match="'nextFundingTime'"):
        READ.public(frames.funding("BTC-USDT-SWAP", nextFundingTime=str(frames.AT_MS)), KNOWN)


def test_a_rate_that_is_missing_is_not_zero() -> None:
    assert READ.public(frames.funding("BTC-USDT-SWAP", fundingRate=""), KNOWN) == ()


def test_one_pair_tells_the_index_of_a_coin() -> None:
    def told(pair: str) -> tuple[object, ...]:
        return READ.public(frames.told("index-tickers", {"instId": pair, "idxPx": "90010"}), KNOWN)

    assert told("BTC-USD") == (Index("BTC", 90010.0),)
    assert told("BTC-USDT") == ()  # its swap in USD is listed too
    assert told("ETH-USDT") == (Index("ETH", 90010.0),)
    assert told("XRP-USD") == ()


def test_trades_are_in_contracts() -> None:
    assert READ.public(frames.trade("BTC-USD-SWAP"), KNOWN) == (
        Trade("BTC-USD-SWAP@okx", 90000.1, 25.0, buyer_is_taker=False),
    )


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("live", OrderStatus.LIVE),
        ("partially_filled", OrderStatus.LIVE),
        ("filled", OrderStatus.FILLED),
        ("canceled", OrderStatus.CANCELLED),
        ("mmp_canceled", OrderStatus.CANCELLED),
    ],
)
def test_states_of_an_order(word: str, status: OrderStatus) -> None:
    row = frames.order(state=word, accFillSz="30", cancelSourceReason="why")
    assert READ.order(row, KNOWN) == OrderUpdate(frames.OURS, status, "why", Decimal(30))


def test_an_unheard_of_state_is_refused_and_a_foreign_order_left_out() -> None:
    with pytest.raises(DataError, match="'state'"):
        READ.order(frames.order(state="pondering"), KNOWN)
    assert READ.order(frames.order(clOrdId="001BTCUSDT20250106001"), KNOWN) is None
    assert READ.order(frames.order(clOrdId=""), KNOWN) is None


def test_the_frame_of_an_order_carries_its_fill_with_the_fee_of_that_fill() -> None:
    frame = frames.told("orders", frames.traded(), instType="ANY")
    assert READ.private(frame, KNOWN) == (
        Fill(
            "BTC-USDT-SWAP:71:7", frames.OURS, SWAP, Side.BUY, Decimal(20), Decimal(90000),
            Decimal(9), "USDT", maker=False,
        ),
        OrderUpdate(frames.OURS, OrderStatus.LIVE, "", Decimal(50)),
    )  # fmt: skip


def test_the_fee_of_a_whole_order_is_not_taken_for_that_of_a_fill() -> None:
    with pytest.raises(DataError, match="'fillFee'"):
        READ.fill(frames.traded(fillFee=""), KNOWN)
    only = READ.fill(frames.traded(fillFee="", accFillSz="20"), KNOWN)
    assert only is not None
    assert only.fee == Decimal("22.5")


def test_a_fill_is_the_same_from_stream_and_reply() -> None:
    assert READ.fill(frames.traded(), KNOWN) == READ.fill(frames.fill(), KNOWN)


def test_a_rebate_is_a_negative_fee_and_no_fee_is_zero() -> None:
    rebate = READ.fill(frames.fill(fee="0.5", execType="M"), KNOWN)
    assert rebate is not None
    assert (rebate.fee, rebate.maker) == (Decimal("-0.5"), True)
    free = READ.fill(frames.fill(fee="", feeCcy=""), KNOWN)
    assert free is not None
    assert (str(free.fee), free.fee_currency) == ("0", "USDT")


def test_a_forced_close_is_a_fill_of_the_account_though_not_ours() -> None:
    row = frames.traded(category="adl", clOrdId="", state="filled")
    (forced,) = READ.private(frames.told("orders", row), KNOWN)
    assert isinstance(forced, Fill)
    assert forced.order_id == ""


def test_positions_are_signed_contracts() -> None:
    assert READ.position(frames.position(), KNOWN) == Position(SWAP, Decimal(-50), Decimal(90000))
    flat = frames.position(pos="0", avgPx="")
    assert READ.position(flat, KNOWN) == Position(SWAP, Decimal(0), Decimal(0))
    assert READ.position(frames.position(instId="BTC-USDT", instType="MARGIN"), KNOWN) is None


@pytest.mark.parametrize("side", ["long", "short"])
def test_hedge_mode_is_refused_with_its_remedy(side: str) -> None:
    with pytest.raises(DataError, match="net mode"):
        READ.position(frames.position(posSide=side), KNOWN)


def test_balances_are_cash_without_open_profit() -> None:
    frame = frames.told("account", frames.CASH)
    assert READ.private(frame, KNOWN) == (Balance("USDT", Decimal("10000.5")),)


def test_an_order_in_its_own_words() -> None:
    option = KNOWN.by_symbol["BTC-USD-261127-100000-C"]
    sent = OKX.sent(
        intent_on(option.contract, qty=Decimal(7), tif=TimeInForce.POST_ONLY), option
    )  # fmt: skip
    assert (sent.symbol, sent.amount) == ("BTC/USD:BTC-261127-100000-C", Decimal(7))
    assert sent.params == {"clientOrderId": frames.OURS, "tdMode": "cross", "postOnly": True}


def test_client_ids_are_letters_and_digits_32_at_most() -> None:
    made = OKX.client_id(frames.OURS)
    assert made.isalnum()
    assert made.isascii()
    assert len(made) <= 32
    with pytest.raises(InvariantError):
        OKX.client_id("BTC-17-k3xq")


@given(lots=st.integers(1, 10**7), number=st.integers(0, len(frames.MARKETS) - 1))
def test_contracts_to_amount_and_back_is_exact(lots: int, number: int) -> None:
    instrument = list(KNOWN.by_key.values())[number]
    terms = instrument.contract
    held = lots * terms.lot
    amount = str(OKX.sent(intent_on(terms, qty=held), instrument).amount)
    position = READ.position(frames.position(instId=terms.symbol, pos=f"-{amount}"), KNOWN)
    done = READ.fill(frames.fill(instId=terms.symbol, fillSz=amount), KNOWN)
    update = READ.order(frames.order(instId=terms.symbol, accFillSz=amount), KNOWN)
    assert position is not None
    assert done is not None
    assert update is not None
    assert -position.qty == done.qty == update.filled == held


@pytest.mark.parametrize("bad", ["-1", "0.005", "NaN", "0"])
def test_an_order_off_the_grid_is_never_sent(bad: str) -> None:
    swap = KNOWN.by_symbol["BTC-USDT-SWAP"]
    with pytest.raises(InvariantError):
        OKX.sent(intent_on(swap.contract, qty=Decimal(bad)), swap)
