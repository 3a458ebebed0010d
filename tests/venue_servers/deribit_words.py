"""Deribit's own words: books, tickers, orders, trades, positions and account summaries."""

from decimal import Decimal
from typing import Any

from tests.venue_servers import deribit_sessions as sessions
from tests.venue_servers.account import Fill, Held, Order, coins, gain_at, value
from tests.venue_servers.books import BookChange, LevelChange
from tests.venue_servers.core import Exchange
from tests.venue_servers.deribit_listing import contract_size, index_name
from tests.venue_servers.listing import VOLATILITY, Terms
from tests.venue_servers.market import Print

Json = dict[str, Any]

USER = 96_103
FUNDING_8H = 1.742e-05
TIFS = {"gtc": "good_til_cancelled", "ioc": "immediate_or_cancel", "fok": "fill_or_kill"}


def notice(channel: str, data: Any) -> Json:
    """Return one message of a stream."""
    return {
        "jsonrpc": "2.0",
        "method": "subscription",
        "params": {"channel": channel, "data": data},
    }


def book_snapshot(exchange: Exchange, terms: Terms) -> Json:
    """Return the first message of a ``book`` stream."""
    book = exchange.books[terms.name]
    sides = {
        name: [["new", float(price), float(held)] for price, held in book.levels(side)]
        for name, side in (("bids", "bid"), ("asks", "ask"))
    }
    return {
        "type": "snapshot",
        "timestamp": exchange.now_ms(),
        "instrument_name": terms.name,
        "change_id": book.sequence,
        **sides,
    }


def book_change(change: BookChange) -> Json:
    """Return a further message of a ``book`` stream."""
    return {
        "type": "change",
        "timestamp": change.at_ms,
        "instrument_name": change.name,
        "prev_change_id": change.before,
        "change_id": change.after,
        "bids": [_level(each) for each in change.of("bid")],
        "asks": [_level(each) for each in change.of("ask")],
    }


def _level(level: LevelChange) -> list[Any]:
    if not level.quantity:
        return ["delete", float(level.price), 0.0]
    return ["change" if level.was else "new", float(level.price), float(level.quantity)]


def grouped_book(exchange: Exchange, terms: Terms) -> Json:
    """Return a message of a ``book`` stream with a fixed depth: always the whole of it."""
    told = order_book(exchange, terms)
    kept = ("timestamp", "instrument_name", "change_id", "bids", "asks")
    return {name: told[name] for name in kept}


def quote(exchange: Exchange, terms: Terms) -> Json:
    """Return a message of a ``quote`` stream."""
    book = exchange.books[terms.name]
    (bid, bid_held), (ask, ask_held) = book.levels("bid")[0], book.levels("ask")[0]
    return {
        "timestamp": exchange.now_ms(),
        "instrument_name": terms.name,
        "best_bid_price": float(bid),
        "best_bid_amount": float(bid_held),
        "best_ask_price": float(ask),
        "best_ask_amount": float(ask_held),
    }


def ticker(exchange: Exchange, terms: Terms) -> Json:
    """Return the answer of ``public/ticker`` and messages of the ``ticker`` stream."""
    mark = float(exchange.mark(terms))
    index = float(exchange.index(terms.base))
    shape: Json = {
        **quote(exchange, terms),
        "state": "open",
        "stats": {
            "high": mark,
            "low": mark,
            "price_change": 0.0,
            "volume": 1_000.0,
            "volume_usd": 1_000.0 * index,
        },
        "index_price": index,
        "estimated_delivery_price": index,
        "last_price": mark,
        "settlement_price": mark,
        "min_price": mark * 0.9,
        "max_price": mark * 1.1,
        "open_interest": 1_000_000.0,
        "mark_price": mark,
    }
    if terms.is_option:
        return {**shape, **_option_part(exchange, terms)}
    return {**shape, "current_funding": 0.0, "funding_8h": FUNDING_8H, "interest_value": 0.0028}


def _option_part(exchange: Exchange, terms: Terms) -> Json:
    greeks = exchange.greeks(terms)
    vol = VOLATILITY[terms.base] * 100
    return {
        "mark_iv": vol,
        "bid_iv": vol - 1,
        "ask_iv": vol + 1,
        "underlying_price": float(exchange.index(terms.base)),
        "underlying_index": "index_price",
        "interest_rate": 0.0,
        "greeks": {
            "delta": round(greeks.delta, 5),
            "gamma": round(greeks.gamma, 5),
            "vega": round(greeks.vega, 5),
            "theta": round(greeks.theta, 5),
            "rho": 0.0,
        },
    }


def order_book(exchange: Exchange, terms: Terms) -> Json:
    """Return the answer of ``public/get_order_book``."""
    book = exchange.books[terms.name]
    sides = {
        name: [[float(price), float(held)] for price, held in book.levels(side)]
        for name, side in (("bids", "bid"), ("asks", "ask"))
    }
    return {**ticker(exchange, terms), "change_id": book.sequence, **sides}


def summary_of_book(exchange: Exchange, terms: Terms) -> Json:
    """Return one entry of ``public/get_book_summary_by_currency``."""
    told = ticker(exchange, terms)
    shape: Json = {
        "instrument_name": terms.name,
        "base_currency": terms.base,
        "quote_currency": terms.quote,
        "bid_price": told["best_bid_price"],
        "ask_price": told["best_ask_price"],
        "mid_price": (told["best_bid_price"] + told["best_ask_price"]) / 2,
        "mark_price": told["mark_price"],
        "last": told["last_price"],
        "open_interest": told["open_interest"],
        "volume": 1_000.0,
        "volume_usd": 1_000.0 * told["index_price"],
        "estimated_delivery_price": told["index_price"],
        "creation_timestamp": exchange.now_ms(),
    }
    if not terms.is_option:
        return {**shape, "funding_8h": FUNDING_8H, "current_funding": 0.0}
    kept = ("mark_iv", "underlying_price", "underlying_index", "interest_rate")
    return {**shape, **{name: told[name] for name in kept}}


def order_id(exchange: Exchange, order: Order) -> str:
    """Deribit's id of an order."""
    return f"{exchange.listed[order.ask.name].settle}-{order.number}"


def order(exchange: Exchange, made: Order) -> Json:
    """Return one order, as everywhere."""
    terms, asked = exchange.listed[made.ask.name], made.ask
    shape: Json = {
        "order_id": order_id(exchange, made),
        "instrument_name": asked.name,
        "label": asked.client_id,
        "direction": asked.side,
        "amount": float(asked.quantity),
        "contracts": float(asked.quantity) / contract_size(terms),
        "filled_amount": float(made.filled),
        "average_price": float(made.average),
        "price": "market_price" if asked.price is None else float(asked.price),
        "order_type": "market" if asked.price is None else "limit",
        "order_state": made.status,
        "time_in_force": TIFS[asked.tif],
        "post_only": asked.post_only,
        "reject_post_only": asked.post_only,
        "reduce_only": asked.reduce_only,
        "creation_timestamp": made.created_ms,
        "last_update_timestamp": made.updated_ms,
        "user_id": USER,
        "api": True,
        "web": False,
        "mmp": False,
        "replaced": False,
        "risk_reducing": False,
        "is_liquidation": False,
    }
    return {**shape, "cancel_reason": made.why} if made.status == "cancelled" else shape


def trade(exchange: Exchange, made: Order, fill: Fill) -> Json:
    """Return one execution of the account."""
    terms = exchange.listed[fill.name]
    shape: Json = {
        "trade_id": f"{terms.settle}-{fill.number}",
        "trade_seq": fill.number,
        "order_id": order_id(exchange, made),
        "instrument_name": fill.name,
        "label": made.ask.client_id,
        "direction": fill.side,
        "price": float(fill.price),
        "amount": float(fill.quantity),
        "contracts": float(fill.quantity) / contract_size(terms),
        "fee": float(fill.fee),
        "fee_currency": terms.settle,
        "liquidity": "M" if fill.maker else "T",
        "order_type": "market" if made.ask.price is None else "limit",
        "state": made.status,
        "timestamp": fill.at_ms,
        "index_price": float(exchange.index(terms.base)),
        "mark_price": float(exchange.mark(terms)),
        "matching_id": None,
        "tick_direction": 0,
        "profit_loss": 0.0,
        "self_trade": False,
        "post_only": made.ask.post_only,
        "reduce_only": made.ask.reduce_only,
        "user_id": USER,
        "api": True,
        "mmp": False,
        "risk_reducing": False,
    }
    if not terms.is_option:
        return shape
    underlying = float(exchange.index(terms.base))
    return {**shape, "iv": VOLATILITY[terms.base] * 100, "underlying_price": underlying}


def public_trade(exchange: Exchange, printed: Print) -> Json:
    """Return one trade of a ``trades`` stream."""
    terms = printed.terms
    shape: Json = {
        "trade_id": str(printed.number),
        "trade_seq": printed.number,
        "instrument_name": terms.name,
        "direction": printed.side,
        "price": float(printed.price),
        "amount": float(printed.quantity),
        "contracts": float(printed.quantity) / contract_size(terms),
        "index_price": float(exchange.index(terms.base)),
        "mark_price": float(exchange.mark(terms)),
        "tick_direction": 0,
        "timestamp": printed.at_ms,
    }
    return {**shape, "iv": VOLATILITY[terms.base] * 100} if terms.is_option else shape


def position(exchange: Exchange, held: Held) -> Json:
    """Return one position; ``size`` is in dollars for inverse futures, else in coins."""
    terms = exchange.listed[held.name]
    mark = exchange.mark(terms)
    gain = float(gain_at(terms, held, mark))
    realised = float(held.realised)
    direction = "buy" if held.quantity > 0 else "sell" if held.quantity < 0 else "zero"
    margin = abs(float(value(terms, held.quantity, mark))) / 50
    shape: Json = {
        "instrument_name": held.name,
        "kind": "option" if terms.is_option else "future",
        "direction": direction,
        "size": float(held.quantity),
        "average_price": float(held.average),
        "mark_price": float(mark),
        "index_price": float(exchange.index(terms.base)),
        "settlement_price": float(mark),
        "floating_profit_loss": gain,
        "realized_profit_loss": realised,
        "total_profit_loss": gain,
        "delta": float(coins(terms, held.quantity, mark)),
        "initial_margin": margin,
        "maintenance_margin": margin / 2,
        "open_orders_margin": 0.0,
    }
    if not terms.is_option:
        size = float(coins(terms, held.quantity, mark))
        accrued = sessions.accrued(exchange, held.name)
        future = {"size_currency": size, "leverage": 50, "realized_funding": float(accrued)}
        return {**shape, **future, "interest_value": 0.0028, "estimated_liquidation_price": None}
    greeks, amount = exchange.greeks(terms), float(held.quantity)
    dollars = float(exchange.index(terms.base)) if terms.coin_price else 1.0
    return {
        **shape,
        "delta": round(greeks.delta * amount, 5),
        "gamma": round(greeks.gamma * amount, 5),
        "vega": round(greeks.vega * amount, 5),
        "theta": round(greeks.theta * amount, 5),
        "average_price_usd": float(held.average) * dollars,
        "floating_profit_loss_usd": gain * dollars,
    }


def summary(exchange: Exchange, currency: str) -> Json:
    """Return the account in one currency: ``get_account_summary`` and ``user.portfolio``."""
    zero = Decimal(0)
    account = exchange.account
    balance = sessions.balance(exchange, currency)
    session = float(sessions.session(exchange, currency))
    own = [each for each in account.positions.values() if _settles(exchange, each, currency)]
    futures = [each for each in own if not exchange.listed[each.name].is_option]
    gain = sessions.open_gain(exchange, currency)
    told = [position(exchange, each) for each in own if each.quantity]
    options = sum((_worth(exchange, each) for each in own if each not in futures), zero)
    margin = sum(each["initial_margin"] for each in told)
    equity = float(balance + options) + session
    delta = sum(each["delta"] for each in told)
    return {
        "currency": currency,
        "balance": float(balance),
        "equity": equity,
        "margin_balance": float(balance) + session,
        "available_funds": float(balance) + session - margin,
        "available_withdrawal_funds": float(balance),
        "initial_margin": margin,
        "maintenance_margin": margin / 2,
        "projected_initial_margin": margin,
        "projected_maintenance_margin": margin / 2,
        "delta_total": delta,
        "projected_delta_total": delta,
        "options_value": float(options),
        "session_upl": session,
        "session_rpl": 0.0,
        "futures_session_upl": session,
        "futures_session_rpl": 0.0,
        "futures_pl": float(gain),
        "options_pl": 0.0,
        "total_pl": float(gain),
        "fee_balance": 0.0,
        "locked_balance": 0.0,
        "spot_reserve": 0.0,
        "additional_reserve": 0.0,
        "margin_model": "segregated_sm",
        "portfolio_margining_enabled": False,
        "cross_collateral_enabled": False,
        **{f"options_{each}": _total(told, each) for each in ("delta", "gamma", "vega", "theta")},
    }


def _settles(exchange: Exchange, held: Held, currency: str) -> bool:
    return exchange.listed[held.name].settle == currency


def _worth(exchange: Exchange, held: Held) -> Decimal:
    terms = exchange.listed[held.name]
    return value(terms, held.quantity, exchange.mark(terms))


def _total(told: list[Json], greek: str) -> float:
    return float(sum(each[greek] for each in told if each["kind"] == "option"))


def index_of(terms: Terms) -> str:
    """Name of the index stream of an instrument."""
    return f"deribit_price_index.{index_name(terms)}"
