"""Deribit: units, names, states and every trap that was measured there."""

from decimal import Decimal
from typing import Any

import ccxt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import DataError, InvariantError
from terminal.core.units import HOUR
from terminal.model.account import Balance, Position
from terminal.model.instrument import (
    Contract,
    Future,
    Instrument,
    Option,
    Payoff,
    Perpetual,
    Right,
    TickStep,
    coins,
    tick_at,
)
from terminal.model.market import Funding, Index, OpenInterest, Quote, Trade
from terminal.model.order import Fill, OrderIntent, OrderStatus, OrderUpdate, Side, TimeInForce
from terminal.venues.dialects.deribit import DERIBIT
from terminal.venues.dialects.deribit_private import qty
from tests.helpers import frames_deribit as frames
from tests.helpers.frames import Frame, directory

READ = DERIBIT.decoder
KNOWN = directory(READ, frames.MARKETS)


def contract(symbol: str) -> Contract:
    return KNOWN.by_symbol[symbol].contract


def intent(symbol: str, amount: str, limit: str, **changes: Any) -> OrderIntent:
    fields: dict[str, Any] = {
        "order_id": frames.OURS,
        "proposal_id": "BTC-1-abcd",
        "attempt": 1,
        "key": f"{symbol}@deribit",
        "side": Side.BUY,
        "qty": Decimal(amount),
        "limit": Decimal(limit),
        "tif": TimeInForce.GTC,
        "reduce_only": False,
        "decision_mid": 1.0,
    }
    return OrderIntent(**(fields | changes))


def test_terms_of_each_kind() -> None:
    perpetual, dated = KNOWN.by_symbol["BTC-PERPETUAL"], KNOWN.by_symbol["BTC-27NOV26"]
    assert isinstance(perpetual, Perpetual)
    assert perpetual.funding_interval == 0
    assert isinstance(dated, Future)
    assert dated.expiry == 1_795_766_400_000_000_000
    option, sol = KNOWN.by_symbol["BTC-27NOV26-100000-C"], KNOWN.by_symbol["SOL_USDC-27NOV26-150-P"]
    assert isinstance(option, Option)
    assert isinstance(sol, Option)
    assert (option.strike, option.right) == (Decimal(100000), Right.CALL)
    assert (sol.strike, sol.right) == (Decimal(150), Right.PUT)
    terms = {
        each.symbol: (each.payoff, each.quote, each.settle, each.multiplier, each.lot, each.min_qty)
        for each in (one.contract for one in KNOWN.by_key.values())
    }
    inverse, linear = Payoff.INVERSE, Payoff.LINEAR
    tenth, thousandth, one, ten = Decimal("0.1"), Decimal("0.001"), Decimal(1), Decimal(10)
    assert terms == {
        "BTC-PERPETUAL": (inverse, "USD", "BTC", one, ten, ten),
        "ETH-PERPETUAL": (inverse, "USD", "ETH", one, one, one),
        "BTC-27NOV26": (inverse, "USD", "BTC", one, ten, ten),
        "SOL_USDC-PERPETUAL": (linear, "USDC", "USDC", one, tenth, tenth),
        "BTC_USDC-PERPETUAL": (linear, "USDC", "USDC", one, thousandth, thousandth),
        "BTC-27NOV26-100000-C": (linear, "USD", "BTC", one, tenth, tenth),
        "SOL_USDC-27NOV26-150-P": (linear, "USDC", "USDC", ten, one, one),
    }
    assert contract("BTC-PERPETUAL").taker_bps == pytest.approx(5.0)


def test_the_price_grid_widens_with_the_price() -> None:
    terms = contract("BTC-27NOV26-100000-C")
    assert terms.ticks == (
        TickStep(Decimal(0), Decimal("0.0001")),
        TickStep(Decimal("0.005"), Decimal("0.0005")),
    )
    shuffled = [{"above_price": 5, "tick_size": 0.1}, {"above_price": 0.005, "tick_size": 0.0005}]
    other = READ.instrument({"info": frames.OPTION | {"tick_size_steps": shuffled}})
    assert other is not None
    assert tick_at(other.contract, Decimal(6)) == Decimal("0.1")
    assert tick_at(terms, Decimal("0.0049")) == Decimal("0.0001")
    assert tick_at(terms, Decimal("0.0123")) == Decimal("0.0005")


@pytest.mark.parametrize("kind", ["spot", "future_combo", "option_combo"])
def test_spot_and_combinations_are_not_ours(kind: str) -> None:
    assert READ.instrument({"info": frames.listed("X", kind=kind)}) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"contract_size": 0, "kind": "option", "settlement_period": "day"},
        {"min_trade_amount": -1},
        {"tick_size": "0"},
        {"instrument_name": ""},
        {"expiration_timestamp": None, "settlement_period": "month"},
    ],
)
def test_terms_that_cannot_be_are_refused(changes: Frame) -> None:
    with pytest.raises(DataError, match=f"'{next(iter(changes))}'"):
        READ.instrument({"info": frames.listed("BTC-PERPETUAL", **changes)})


@given(lots=st.integers(1, 10**7), number=st.integers(0, len(frames.MARKETS) - 1))
def test_contracts_to_amount_and_back_is_exact(lots: int, number: int) -> None:
    listed = list(KNOWN.by_key.values())[number]
    terms = listed.contract
    held = lots * terms.lot
    price = terms.ticks[0].tick * 1000
    sent = DERIBIT.sent(intent(terms.symbol, str(held), str(price)), listed)
    assert qty(sent.amount, terms) == held


@given(lots=st.integers(1, 10**6), price=st.floats(1_000.0, 500_000.0))
def test_an_inverse_amount_is_dollars_whatever_the_price(lots: int, price: float) -> None:
    terms = contract("BTC-PERPETUAL")
    held = lots * terms.lot
    assert coins(terms, float(held), price) * price == pytest.approx(float(held * terms.multiplier))


def test_a_short_of_half_a_bitcoin_is_minus_45000_contracts_of_a_dollar() -> None:
    # The unified position says 45,000 contracts of 10: tenfold.
    held = READ.position(frames.position(), KNOWN)
    assert held == Position("BTC-PERPETUAL@deribit", Decimal(-45000), Decimal(90000))
    assert coins(contract("BTC-PERPETUAL"), float(held.qty), 90000.0) == -0.5


def test_linear_positions_are_coins_and_options_on_sol_are_ten() -> None:
    sol = frames.position(instrument_name="SOL_USDC-PERPETUAL", size=-12.5, average_price=150.0)
    held = READ.position(sol, KNOWN)
    assert held is not None
    assert held.qty == Decimal("-12.5")
    option = frames.position(
        instrument_name="SOL_USDC-27NOV26-150-P", direction="buy", size=50.0, average_price=5.2
    )
    held = READ.position(option, KNOWN)
    assert held is not None
    assert held.qty == 5
    assert coins(contract("SOL_USDC-27NOV26-150-P"), 5.0, 150.0) == 50.0


@pytest.mark.parametrize("changes", [{"direction": "buy"}, {"direction": "zero"}, {"size": 1.0}])
def test_a_sign_that_contradicts_the_direction_is_refused(changes: Frame) -> None:
    with pytest.raises(DataError, match="'direction'"):
        READ.position(frames.position(**changes), KNOWN)


def test_a_flat_position_is_told() -> None:
    flat = frames.position(size=0.0, direction="zero", average_price=0.0)
    held = READ.position(flat, KNOWN)
    assert held == Position("BTC-PERPETUAL@deribit", Decimal(0), Decimal(0))


def test_ticker_of_a_perpetual() -> None:
    frame = frames.ticker("BTC-PERPETUAL", current_funding=0.00012, funding_8h=0.00005)
    key = "BTC-PERPETUAL@deribit"
    assert READ.public(frame, KNOWN) == (
        Quote(key, 90000.0, 90000.5, 4000.0, 250.0, mark=90000.25),
        Index("BTC", 89990.0),
        Funding(key, 0.00012, 8 * HOUR, next_at=0),
    )


def test_ticker_of_an_option_gives_iv_as_a_fraction_and_the_forward() -> None:
    (quote,) = READ.public(frames.OPTION_TICKER, KNOWN)
    assert isinstance(quote, Quote)
    assert (quote.bid, quote.ask, quote.mark) == (0.0185, 0.019, 0.0187)
    assert (quote.bid_qty, quote.forward) == (12.5, 90500.0)
    assert quote.iv == pytest.approx(0.6127)


def test_open_interest_of_options_is_counted_in_contracts_and_never_made_up() -> None:
    """Deribit tells coins; a contract of SOL_USDC is ten of them."""

    def told(name: str, **fields: object) -> list[OpenInterest]:
        found = READ.public(frames.ticker(name, **fields), KNOWN)
        return [each for each in found if isinstance(each, OpenInterest)]

    option, sol = "BTC-27NOV26-100000-C", "SOL_USDC-27NOV26-150-P"
    assert told(option, open_interest=412.5) == [OpenInterest(f"{option}@deribit", 412.5)]
    assert told(sol, open_interest=50.0) == [OpenInterest(f"{sol}@deribit", 5.0)]
    assert told(option, open_interest=0.0) == [OpenInterest(f"{option}@deribit", 0.0)]
    assert told(option) == told(option, open_interest=None) == []
    assert told("BTC-PERPETUAL", open_interest=66_128_281) == []  # USD, and no option's
    for wrong in (-1.0, "many"):
        with pytest.raises(DataError, match="open_interest"):
            told(option, open_interest=wrong)


def test_amounts_of_ten_coins_become_contracts() -> None:
    frame = frames.ticker("SOL_USDC-27NOV26-150-P", best_bid_price=5.2, best_bid_amount=50.0)
    quote = READ.public(frame, KNOWN)[0]
    assert isinstance(quote, Quote)
    assert quote.bid_qty == 5.0


def test_zero_means_no_price() -> None:
    fields = {"best_bid_price": 0.0, "best_ask_price": 0, "mark_iv": 0.0, "mark_price": 0}
    frame = frames.ticker("BTC-27NOV26-100000-C", **fields)
    (quote,) = READ.public(frame, KNOWN)
    assert isinstance(quote, Quote)
    assert (quote.bid, quote.ask, quote.iv, quote.mark) == (None, None, None, None)


def test_an_instrument_that_does_not_trade_has_no_bid_and_no_ask() -> None:
    quote = READ.public(frames.ticker("BTC-27NOV26", state="closed"), KNOWN)[0]
    assert isinstance(quote, Quote)
    assert (quote.bid, quote.ask, quote.bid_qty, quote.mark) == (None, None, 0.0, 90000.25)


def test_the_index_in_usdc_never_replaces_the_one_in_dollars() -> None:
    told = READ.public(frames.ticker("BTC_USDC-PERPETUAL"), KNOWN)
    assert not any(isinstance(each, Index) for each in told)
    alone = directory(READ, (frames.LINEAR_BTC,))
    assert Index("BTC", 89990.0) in READ.public(frames.ticker("BTC_USDC-PERPETUAL"), alone)
    assert Index("SOL", 89990.0) in READ.public(frames.ticker("SOL_USDC-PERPETUAL"), KNOWN)


def test_trades_and_index() -> None:
    frame = frames.notice("trades.BTC-PERPETUAL.raw", [frames.TRADE])
    assert READ.public(frame, KNOWN) == (
        Trade("BTC-PERPETUAL@deribit", 90000.5, 750.0, buyer_is_taker=False),
    )
    index = frames.notice("deribit_price_index.sol_usdc", {"index_name": "sol_usdc", "price": 1.5})
    assert READ.public(index, KNOWN) == (Index("SOL", 1.5),)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("open", OrderStatus.LIVE),
        ("untriggered", OrderStatus.LIVE),
        ("filled", OrderStatus.FILLED),
        ("cancelled", OrderStatus.CANCELLED),
        ("rejected", OrderStatus.REJECTED),
    ],
)
def test_states_of_orders(state: str, status: OrderStatus) -> None:
    frame = frames.notice("user.orders.any.any.raw", frames.order(order_state=state))
    assert READ.private(frame, KNOWN) == (OrderUpdate(frames.OURS, status, "", Decimal(30)),)


def test_a_state_unheard_of_is_refused() -> None:
    with pytest.raises(DataError, match="'order_state' is 'asleep'"):
        READ.order(frames.order(order_state="asleep"), KNOWN)


def test_the_filled_amount_is_in_our_contracts() -> None:
    row = frames.order(instrument_name="SOL_USDC-27NOV26-150-P", filled_amount=20.0)
    update = READ.order(row, KNOWN)
    assert update is not None
    assert update.filled == 2
    stop = frames.order(order_state="untriggered", price="market_price")
    del stop["filled_amount"]
    update = READ.order(stop, KNOWN)
    assert update is not None
    assert update.filled is None


@pytest.mark.parametrize("label", ["", None, "O-19700101-000000-001-001-1", frames.OURS[:-1]])
def test_orders_of_others_are_left_out_and_their_fills_are_marked(label: str | None) -> None:
    assert READ.order(frames.order(label=label), KNOWN) is None
    foreign = READ.fill(frames.fill(label=label), KNOWN)
    assert foreign is not None
    assert foreign.order_id == ""


def test_a_fill() -> None:
    assert READ.fill(frames.fill(), KNOWN) == Fill(
        fill_id="BTC-PERPETUAL:403691824",
        order_id=frames.OURS,
        key="BTC-PERPETUAL@deribit",
        side=Side.BUY,
        qty=Decimal(30),
        price=Decimal(90000),
        fee=Decimal("1.7E-7"),
        fee_currency="BTC",
        maker=False,
    )
    rebate = READ.fill(frames.fill(liquidity="M", fee=-2.5e-8, direction="sell"), KNOWN)
    assert rebate is not None
    assert (rebate.maker, rebate.fee, rebate.side) == (True, Decimal("-2.5E-8"), Side.SELL)


def test_trade_ids_of_two_currencies_never_meet() -> None:
    bitcoin = READ.fill(frames.fill(), KNOWN)
    ether = READ.fill(frames.fill(instrument_name="ETH-PERPETUAL"), KNOWN)
    assert bitcoin is not None
    assert ether is not None
    assert bitcoin.fill_id != ether.fill_id


def test_ten_fills_of_one_burst_are_ten() -> None:
    rows = [frames.fill(trade_id=str(number)) for number in range(10)]
    told = READ.private(frames.notice("user.trades.any.any.raw", rows), KNOWN)
    assert len({each.fill_id for each in told if isinstance(each, Fill)}) == 10


def test_cash_is_the_balance_of_one_currency() -> None:
    frame = frames.notice("user.portfolio.btc", {"currency": "btc", "balance": 1.5, "equity": 1.9})
    assert READ.private(frame, KNOWN) == (Balance("BTC", Decimal("1.5")),)


def _sent(symbol: str, amount: str, limit: str, **changes: Any) -> dict[str, object]:
    listed: Instrument = KNOWN.by_symbol[symbol]
    return dict(DERIBIT.sent(intent(symbol, amount, limit, **changes), listed).params)


def test_an_order_in_the_exchanges_words() -> None:
    order = DERIBIT.sent(intent("SOL_USDC-27NOV26-150-P", "3", "5.25"), KNOWN.by_symbol[
        "SOL_USDC-27NOV26-150-P"
    ])  # fmt: skip
    assert order.amount == 30
    assert (order.symbol, order.kind, order.side) == ("SOL/USDC:USDC-261127-150-P", "limit", "buy")
    assert order.price == Decimal("5.25")
    assert order.params == {"label": frames.OURS, "timeInForce": "GTC"}
    assert "clientOrderId" not in order.params


def test_ways_to_rest() -> None:
    perpetual = ("BTC-PERPETUAL", "10", "90000")
    assert _sent(*perpetual, tif=TimeInForce.IOC)["timeInForce"] == "IOC"
    post_only = _sent(*perpetual, tif=TimeInForce.POST_ONLY, reduce_only=True)
    assert post_only == {"label": frames.OURS, "postOnly": True, "reduceOnly": True}


@pytest.mark.parametrize(
    ("symbol", "amount", "limit"),
    [
        ("BTC-PERPETUAL", "15", "90000"),  # ccxt would cut it to 10
        ("BTC-PERPETUAL", "-10", "90000"),
        ("BTC-PERPETUAL", "0", "90000"),
        ("BTC-PERPETUAL", "NaN", "90000"),
        ("BTC-PERPETUAL", "10", "90000.3"),
        ("BTC-PERPETUAL", "10", "0"),
        ("BTC-PERPETUAL", "10", "NaN"),
        ("BTC-27NOV26-100000-C", "0.1", "0.0123"),  # ccxt would pass it on
    ],
)
def test_what_would_be_rounded_on_the_way_is_not_sent(symbol: str, amount: str, limit: str) -> None:
    with pytest.raises(InvariantError, match=frames.OURS):
        _sent(symbol, amount, limit)


def test_an_order_for_another_instrument_is_not_sent() -> None:
    with pytest.raises(InvariantError, match="ETH-PERPETUAL"):
        DERIBIT.sent(intent("BTC-PERPETUAL", "10", "90000"), KNOWN.by_symbol["ETH-PERPETUAL"])


def test_ccxt_knows_our_names_and_sends_our_amounts() -> None:
    exchange = ccxt.deribit()
    exchange.publicGetGetInstruments = lambda _: {"result": list(frames.MARKETS)}
    exchange.set_markets(exchange.fetch_markets())
    wire: list[dict[str, Any]] = []
    answer = {"result": {"order": frames.order(), "trades": []}}

    def buy(request: dict[str, Any]) -> dict[str, Any]:
        wire.append(request)
        return answer

    exchange.privateGetBuy = buy
    for symbol, listed in KNOWN.by_symbol.items():
        terms = listed.contract
        price = terms.ticks[-1].tick * 100_001
        sent = DERIBIT.sent(intent(symbol, str(terms.lot * 12_345), str(price)), listed)
        exchange.create_order(
            sent.symbol, sent.kind, sent.side, sent.amount, sent.price, dict(sent.params)
        )
        assert wire[-1]["instrument_name"] == symbol
        assert wire[-1]["label"] == frames.OURS
        assert Decimal(str(wire[-1]["amount"])) == sent.amount
        assert Decimal(str(wire[-1]["price"])) == price
