"""Deribit's messages, written after its documentation, with numbers that are easy to check."""

from typing import Any

from terminal.core.ids import client_order_id
from terminal.venues.dialects.deribit import DERIBIT
from tests.helpers.frames import Corpus, Frame

OURS = client_order_id("run", "hedge", 1)


def listed(name: str, **terms: Any) -> Frame:
    """Row of ``get_instruments``: an inverse future unless told otherwise."""
    row: Frame = {
        "instrument_name": name,
        "kind": "future",
        "instrument_type": "reversed",
        "settlement_period": "perpetual",
        "base_currency": "BTC",
        "counter_currency": "USD",
        "quote_currency": "USD",
        "settlement_currency": "BTC",
        "contract_size": 10.0,
        "min_trade_amount": 10.0,
        "tick_size": 0.5,
        "tick_size_steps": [],
        "maker_commission": 0.0,
        "taker_commission": 0.0005,
        "expiration_timestamp": 32503708800000,
        "is_active": True,
    }
    return row | terms


PERPETUAL = listed("BTC-PERPETUAL")
ETHER = listed(
    "ETH-PERPETUAL", base_currency="ETH", settlement_currency="ETH", contract_size=1,
    min_trade_amount=1, tick_size=0.05,
)  # fmt: skip
DATED = listed("BTC-27NOV26", settlement_period="month", expiration_timestamp=1795766400000)
LINEAR = listed(
    "SOL_USDC-PERPETUAL", instrument_type="linear", base_currency="SOL", counter_currency="USDC",
    quote_currency="USDC", settlement_currency="USDC", contract_size=0.1, min_trade_amount=0.1,
    tick_size=0.01,
)  # fmt: skip
LINEAR_BTC = listed(
    "BTC_USDC-PERPETUAL", instrument_type="linear", counter_currency="USDC",
    quote_currency="USDC", settlement_currency="USDC", contract_size=0.0001,
    min_trade_amount=0.001, tick_size=0.5,
)  # fmt: skip
OPTION = listed(
    "BTC-27NOV26-100000-C", kind="option", option_type="call", strike=100000.0,
    settlement_period="month", expiration_timestamp=1795766400000, quote_currency="BTC",
    contract_size=1.0, min_trade_amount=0.1, tick_size=0.0001,
    tick_size_steps=[{"above_price": 0.005, "tick_size": 0.0005}], maker_commission=0.0003,
    taker_commission=0.0003,
)  # fmt: skip
SOL_OPTION = listed(
    "SOL_USDC-27NOV26-150-P", kind="option", option_type="put", strike=150.0,
    instrument_type="linear", settlement_period="month", expiration_timestamp=1795766400000,
    base_currency="SOL", counter_currency="USDC", quote_currency="USDC",
    settlement_currency="USDC", contract_size=10.0, min_trade_amount=10.0, tick_size=0.01,
    tick_size_steps=[{"above_price": 5, "tick_size": 0.05}], maker_commission=0.0003,
    taker_commission=0.0003,
)  # fmt: skip
MARKETS = (PERPETUAL, ETHER, DATED, LINEAR, LINEAR_BTC, OPTION, SOL_OPTION)


def notice(channel: str, data: Any) -> Frame:
    """Notification of a subscription."""
    params = {"channel": channel, "data": data}
    return {"jsonrpc": "2.0", "method": "subscription", "params": params}


def ticker(name: str, **fields: Any) -> Frame:
    """Ticker of an open instrument."""
    row: Frame = {
        "instrument_name": name,
        "timestamp": 1795000000000,
        "state": "open",
        "best_bid_price": 90000.0,
        "best_bid_amount": 4000.0,
        "best_ask_price": 90000.5,
        "best_ask_amount": 250.0,
        "mark_price": 90000.25,
        "index_price": 89990.0,
        "stats": {"volume": None, "low": None, "high": None},
    }
    return notice(f"ticker.{name}.raw", row | fields)


def order(**fields: Any) -> Frame:
    """Order of ours on the perpetual, partly filled."""
    row: Frame = {
        "order_id": "104819327443",
        "label": OURS,
        "instrument_name": "BTC-PERPETUAL",
        "direction": "buy",
        "price": 90000.0,
        "amount": 100.0,
        "filled_amount": 30.0,
        "average_price": 90000.0,
        "contracts": 10.0,
        "order_state": "open",
        "order_type": "limit",
        "time_in_force": "good_til_cancelled",
        "creation_timestamp": 1795000000000,
        "last_update_timestamp": 1795000000100,
    }
    return row | fields


def fill(**fields: Any) -> Frame:
    """Fill of our order."""
    row: Frame = {
        "trade_id": "403691824",
        "trade_seq": 271252854,
        "order_id": "104819327443",
        "label": OURS,
        "instrument_name": "BTC-PERPETUAL",
        "direction": "buy",
        "price": 90000.0,
        "amount": 30.0,
        "contracts": 3.0,
        "fee": 1.7e-7,
        "fee_currency": "BTC",
        "liquidity": "T",
        "state": "open",
        "timestamp": 1795000000100,
    }
    return row | fields


def position(**fields: Any) -> Frame:
    """Short of 45,000 USD on the perpetual."""
    row: Frame = {
        "instrument_name": "BTC-PERPETUAL",
        "kind": "future",
        "direction": "sell",
        "size": -45000.0,
        "size_currency": -0.5,
        "average_price": 90000.0,
        "mark_price": 90000.0,
        "realized_profit_loss": 0.01,
    }
    return row | fields


GREEKS = {"delta": 0.4, "gamma": 0.00001, "vega": 60.0, "theta": -30.0, "rho": 9.0}
OPTION_TICKER = ticker(
    "BTC-27NOV26-100000-C", best_bid_price=0.0185, best_bid_amount=12.5, best_ask_price=0.019,
    best_ask_amount=3.1, mark_price=0.0187, mark_iv=61.27, bid_iv=60.1, ask_iv=62.0,
    underlying_price=90500.0, underlying_index="BTC-27NOV26", greeks=GREEKS,
)  # fmt: skip
TRADE = {
    "instrument_name": "BTC-PERPETUAL", "trade_id": "403691824", "direction": "sell",
    "price": 90000.5, "amount": 750.0, "contracts": 75.0, "timestamp": 1795000000000,
}  # fmt: skip

CORPUS = Corpus(
    dialect=DERIBIT,
    markets=MARKETS,
    public=(
        ticker("BTC-PERPETUAL", current_funding=0.00012, funding_8h=0.00005),
        ticker("SOL_USDC-PERPETUAL", current_funding=0.0),
        OPTION_TICKER,
        notice("quote.BTC-27NOV26", {
            "instrument_name": "BTC-27NOV26", "best_bid_price": 91000.0, "best_ask_price": 91000.5,
            "best_bid_amount": 100.0, "best_ask_amount": 10.0, "timestamp": 1795000000000,
        }),
        notice("trades.BTC-PERPETUAL.raw", [TRADE, TRADE | {"direction": "buy"}]),
        notice("deribit_price_index.btc_usd", {
            "index_name": "btc_usd", "price": 89990.0, "timestamp": 1795000000000,
        }),
        {"jsonrpc": "2.0", "id": 1, "error": {"code": 10028, "message": "too_many_requests"}},
        {"jsonrpc": "2.0", "method": "heartbeat", "params": {"type": "test_request"}},
    ),
    private=(
        notice("user.orders.any.any.raw", order()),
        notice("user.orders.any.any.100ms", [order(), order(order_state="filled")]),
        notice("user.trades.any.any.raw", [fill(), fill(trade_id="403691825", liquidity="M")]),
        notice("user.portfolio.btc", {"currency": "BTC", "balance": 1.5, "equity": 1.9}),
        notice("user.changes.any.any.raw", {
            "instrument_name": "BTC-PERPETUAL", "orders": [order()], "trades": [fill()],
            "positions": [position()],
        }),
    ),
    orders=(order(), order(order_state="cancelled", cancel_reason="user_request")),
    fills=(fill(),),
    positions=(position(),),
)  # fmt: skip
