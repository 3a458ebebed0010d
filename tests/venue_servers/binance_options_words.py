"""Binance's own words for the account at its options: orders, trades, positions, their events."""

from decimal import Decimal

from tests.venue_servers.account import Fill, Held, Order, gain_at, so_far
from tests.venue_servers.core import Exchange
from tests.venue_servers.hosting import Json
from tests.venue_servers.listing import Terms
from tests.venue_servers.plain import plain

STATES = {"open": "ACCEPTED", "filled": "FILLED", "cancelled": "CANCELLED"}
LEAST_ID = 4_611_875_134_400_000_000
"""Order ids are this large, beyond what a double holds exactly."""


def order_id(number: int) -> int:
    """Id of an order."""
    return LEAST_ID + number


def state(made: Order) -> str:
    """Status of an order."""
    if made.status == "open" and made.filled:
        return "PARTIALLY_FILLED"
    return STATES[made.status]


def acknowledged(terms: Terms, made: Order) -> Json:
    """Return the short reply to an order, which says nothing of its state."""
    asked = made.ask
    return {
        "orderId": order_id(made.number),
        "symbol": terms.name,
        "price": plain(asked.price or Decimal(0)),
        "quantity": plain(asked.quantity),
        "side": asked.side.upper(),
        "type": "LIMIT",
        "createDate": made.created_ms,
        "reduceOnly": asked.reduce_only,
        "postOnly": asked.post_only,
        "mmp": False,
    }


def order(terms: Terms, made: Order) -> Json:
    """Return one order, as everywhere else by HTTP."""
    asked = made.ask
    fees = sum((each.fee for each in made.fills), Decimal(0))
    return {
        **acknowledged(terms, made),
        "executedQty": plain(made.filled),
        "fee": plain(fees),
        "timeInForce": asked.tif.upper(),
        "createTime": made.created_ms,
        "updateTime": made.updated_ms,
        "status": state(made),
        "avgPrice": plain(made.average),
        "source": "API",
        "clientOrderId": asked.client_id,
        "priceScale": 0,
        "quantityScale": 2,
        "optionSide": "CALL" if terms.call else "PUT",
        "quoteAsset": terms.quote,
    }


def trade(terms: Terms, fill: Fill) -> Json:
    """Return one entry of ``userTrades``; what was sold has a sign."""
    return {
        "id": LEAST_ID + fill.number,
        "tradeId": fill.number,
        "orderId": order_id(fill.order),
        "symbol": terms.name,
        "price": plain(fill.price),
        "quantity": plain(_signed(fill.side, fill.quantity)),
        "fee": plain(fill.fee),
        "realizedProfit": "0.00000000",
        "side": fill.side.upper(),
        "type": "LIMIT",
        "volatility": "0.55",
        "liquidity": "MAKER" if fill.maker else "TAKER",
        "quoteAsset": terms.quote,
        "time": fill.at_ms,
        "priceScale": 0,
        "quantityScale": 2,
        "optionSide": "CALL" if terms.call else "PUT",
    }


def position(exchange: Exchange, held: Held) -> Json:
    """Return one entry of ``position``."""
    terms = exchange.listed[held.name]
    mark = exchange.mark(terms)
    return {
        "symbol": held.name,
        "side": "LONG" if held.quantity > 0 else "SHORT",
        "quantity": plain(held.quantity),
        "reducibleQty": plain(abs(held.quantity)),
        "entryPrice": plain(held.average),
        "markPrice": plain(mark),
        "markValue": plain(held.quantity * mark),
        "unrealizedPNL": plain(gain_at(terms, held, mark)),
        "ror": "0.0",
        "positionCost": plain(held.quantity * held.average),
        "strikePrice": plain(terms.strike or Decimal(0)),
        "expiryDate": terms.expiry_ms,
        "priceScale": 0,
        "quantityScale": 2,
        "optionSide": "CALL" if terms.call else "PUT",
        "quoteAsset": terms.quote,
    }


def margin_account(exchange: Exchange) -> Json:
    """Return ``marginAccount``: money, and what the open positions are worth beside it."""
    return {
        "asset": [_asset(exchange, coin) for coin in exchange.account.balances],
        "greek": [],
        "time": exchange.now_ms(),
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": exchange.account.withdrawals_allowed,
    }


def _asset(exchange: Exchange, coin: str) -> Json:
    money = exchange.account.balances[coin]
    held = [each for each in exchange.account.positions.values() if each.quantity]
    marks = {each.name: exchange.mark(exchange.listed[each.name]) for each in held}
    worth = sum((each.quantity * marks[each.name] for each in held), Decimal(0))
    gain = sum(
        (gain_at(exchange.listed[each.name], each, marks[each.name]) for each in held), Decimal(0)
    )
    return {
        "asset": coin,
        "marginBalance": plain(money),
        "equity": plain(money + worth),
        "available": plain(money),
        "initialMargin": "0",
        "maintMargin": "0",
        "unrealizedPNL": plain(gain),
    }


def order_event(exchange: Exchange, made: Order, fill: Fill | None) -> Json:
    """Return one ``ORDER_TRADE_UPDATE``: a list of one order, with its fill where it has one."""
    asked, now = made.ask, exchange.now_ms()
    filled, cost = so_far(made, fill) if fill else (made.filled, made.cost)
    status = state(made)
    if fill and filled < asked.quantity:
        status = "PARTIALLY_FILLED"
    told: Json = {
        "T": made.created_ms,
        "t": fill.at_ms if fill else made.updated_ms,
        "s": asked.name,
        "c": asked.client_id,
        "oid": str(order_id(made.number)),
        "p": plain(asked.price or Decimal(0)),
        "q": plain(_signed(asked.side, asked.quantity)),
        "stp": 0,
        "r": asked.reduce_only,
        "po": asked.post_only,
        "S": status,
        "e": plain(filled),
        "ec": plain(cost),
        "f": "0",
        "tif": asked.tif.upper(),
        "oty": "LIMIT",
        "fi": [_filled(fill)] if fill else [],
    }
    return {"e": "ORDER_TRADE_UPDATE", "E": now, "o": [told]}


def _filled(fill: Fill) -> Json:
    return {
        "t": str(fill.number),
        "p": plain(fill.price),
        "q": plain(fill.quantity),
        "T": fill.at_ms,
        "m": "MAKER" if fill.maker else "TAKER",
        "f": plain(fill.fee),
    }


def account_event(exchange: Exchange, terms: Terms) -> Json:
    """Return one ``BALANCE_POSITION_UPDATE``: the balance, and the position that changed."""
    held, now = exchange.account.held(terms.name), exchange.now_ms()
    money = plain(exchange.account.balances[terms.settle])
    changed = {
        "s": terms.name,
        "c": plain(held.quantity),
        "p": plain(held.quantity * held.average),
        "a": plain(held.average),
    }
    return {
        "e": "BALANCE_POSITION_UPDATE",
        "E": now,
        "T": now,
        "m": "ORDER",
        "B": [{"a": terms.settle, "b": money, "bc": "0"}],
        "P": [changed],
    }


def _signed(side: str, quantity: Decimal) -> Decimal:
    return quantity if side == "buy" else -quantity
