"""Binance's own words for its futures: listing, books, orders, trades and their events."""

from decimal import Decimal
from typing import Any

from tests.venue_servers.account import Fill, Order, so_far, value
from tests.venue_servers.books import BookChange
from tests.venue_servers.core import Exchange
from tests.venue_servers.listing import Terms, Unit
from tests.venue_servers.market import Print
from tests.venue_servers.plain import plain

Json = dict[str, Any]

PERPETUAL_MS = 4_133_404_800_000
FUNDING = "0.00010000"
FUNDING_MS = 8 * 3_600_000
STATES = {"open": "NEW", "filled": "FILLED", "cancelled": "CANCELED"}
LEVERAGE = 20


def exchange_info(exchange: Exchange) -> Json:
    """Return ``exchangeInfo``."""
    symbols = [_symbol(each) for each in exchange.listed.values()]
    coins = sorted({each.settle for each in exchange.listed.values()})
    assets = [{"asset": each, "marginAvailable": True, "autoAssetExchange": "0"} for each in coins]
    limits = [{"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1}]
    return {
        "timezone": "UTC",
        "serverTime": exchange.now_ms(),
        "futuresType": "COIN_MARGINED" if "USDT" not in coins else "U_MARGINED",
        "rateLimits": [{**each, "limit": 2_400} for each in limits],
        "exchangeFilters": [],
        "assets": assets,
        "symbols": symbols,
    }


def inverse(terms: Terms) -> bool:
    """Whether an instrument is margined in its coin, and counted in contracts of dollars."""
    return terms.unit is Unit.USD


def pair(terms: Terms) -> str:
    """Coin and currency of an instrument."""
    return f"{terms.base}{terms.quote}"


def _symbol(terms: Terms) -> Json:
    lot = {"stepSize": plain(terms.lot), "minQty": plain(terms.minimum)}
    least = {"filterType": "MIN_NOTIONAL", "notional": plain(terms.min_notional)}
    price = {"minPrice": plain(terms.tick), "maxPrice": "4529764", "tickSize": plain(terms.tick)}
    state: Json = {"status": "TRADING"}
    if inverse(terms):
        state = {"contractStatus": "TRADING", "contractSize": int(terms.size)}
    return {
        "symbol": terms.name,
        "pair": pair(terms),
        "contractType": "PERPETUAL",
        "deliveryDate": PERPETUAL_MS,
        "onboardDate": 1_569_398_400_000,
        **state,
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": terms.base,
        "quoteAsset": terms.quote,
        "marginAsset": terms.settle,
        "pricePrecision": 2,
        "quantityPrecision": 0 if inverse(terms) else 3,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "filters": [
            {"filterType": "PRICE_FILTER", **price},
            {"filterType": "LOT_SIZE", "maxQty": "1000000", **lot},
            {"filterType": "MARKET_LOT_SIZE", "maxQty": "60000", **lot},
            {"filterType": "MAX_NUM_ORDERS", "limit": 200},
            *([] if inverse(terms) else [least]),
        ],
        "orderTypes": ["LIMIT", "MARKET", "STOP", "STOP_MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
    }


def depth(exchange: Exchange, terms: Terms, limit: int) -> Json:
    """Return the snapshot that the stream of changes is put on."""
    book, now = exchange.books[terms.name], exchange.now_ms()
    sides = {
        name: [[plain(price), plain(held)] for price, held in book.levels(side)[:limit]]
        for name, side in (("bids", "bid"), ("asks", "ask"))
    }
    return {"lastUpdateId": book.sequence, "E": now, "T": now, **sides}


def depth_update(change: BookChange) -> Json:
    """Return one event of the ``depth`` stream."""
    return {
        "e": "depthUpdate",
        "E": change.at_ms,
        "T": change.at_ms,
        "s": change.name,
        "ps": change.name.partition("_")[0],
        "U": change.before + 1,
        "u": change.after,
        "pu": change.before,
        "b": [[plain(each.price), plain(each.quantity)] for each in change.of("bid")],
        "a": [[plain(each.price), plain(each.quantity)] for each in change.of("ask")],
    }


def book_ticker(exchange: Exchange, terms: Terms) -> Json:
    """Return one event of the ``bookTicker`` stream."""
    book, now = exchange.books[terms.name], exchange.now_ms()
    (bid, bid_held), (ask, ask_held) = book.levels("bid")[0], book.levels("ask")[0]
    return {
        "e": "bookTicker",
        "u": book.sequence,
        "E": now,
        "T": now,
        "s": terms.name,
        "b": plain(bid),
        "B": plain(bid_held),
        "a": plain(ask),
        "A": plain(ask_held),
    }


def next_funding_ms(now_ms: int) -> int:
    """Time of the next payment."""
    return (now_ms // FUNDING_MS + 1) * FUNDING_MS


def mark_price(exchange: Exchange, terms: Terms) -> Json:
    """Return one event of the ``markPrice`` stream."""
    now = exchange.now_ms()
    return {
        "e": "markPriceUpdate",
        "E": now,
        "s": terms.name,
        "p": plain(exchange.mark(terms)),
        "i": plain(exchange.index(terms.base)),
        "P": plain(exchange.mark(terms)),
        "r": FUNDING,
        "T": next_funding_ms(now),
    }


def premium_index(exchange: Exchange, terms: Terms) -> Json:
    """Return one entry of ``premiumIndex``."""
    now = exchange.now_ms()
    return {
        "symbol": terms.name,
        "pair": pair(terms),
        "markPrice": plain(exchange.mark(terms)),
        "indexPrice": plain(exchange.index(terms.base)),
        "estimatedSettlePrice": plain(exchange.index(terms.base)),
        "lastFundingRate": FUNDING,
        "interestRate": FUNDING,
        "nextFundingTime": next_funding_ms(now),
        "time": now,
    }


def ticker(exchange: Exchange, terms: Terms) -> Json:
    """Return one entry of ``ticker/24hr``."""
    last, now = plain(exchange.mark(terms)), exchange.now_ms()
    day = dict.fromkeys(("lastPrice", "openPrice", "highPrice", "lowPrice", "weightedAvgPrice"))
    return {
        "symbol": terms.name,
        **dict.fromkeys(day, last),
        "priceChange": "0",
        "priceChangePercent": "0",
        "lastQty": plain(terms.lot),
        "volume": "1000",
        "quoteVolume": "90000000",
        "openTime": now - 86_400_000,
        "closeTime": now,
        "firstId": 1,
        "lastId": 2,
        "count": 2,
    }


def ticker_event(exchange: Exchange, terms: Terms) -> Json:
    """Return one event of the ``ticker`` stream."""
    told, now = ticker(exchange, terms), exchange.now_ms()
    names = {"c": "lastPrice", "o": "openPrice", "h": "highPrice", "l": "lowPrice", "v": "volume"}
    last = {short: told[name] for short, name in names.items()}
    return {"e": "24hrTicker", "E": now, "s": terms.name, **last, "q": told["quoteVolume"]}


def public_trade(printed: Print) -> Json:
    """Return one event of the ``trade`` stream; ``m``: the buyer was there first."""
    return {
        "e": "trade",
        "E": printed.at_ms,
        "T": printed.at_ms,
        "s": printed.terms.name,
        "t": printed.number,
        "p": plain(printed.price),
        "q": plain(printed.quantity),
        "X": "MARKET",
        "m": printed.side == "sell",
    }


def state(made: Order) -> str:
    """Status of an order."""
    if made.status == "open" and made.filled:
        return "PARTIALLY_FILLED"
    if made.status == "cancelled" and made.why != "user_request":
        return "EXPIRED"
    return STATES[made.status]


def order(terms: Terms, made: Order) -> Json:
    """Return one order, as everywhere by HTTP."""
    asked = made.ask
    kind = "MARKET" if asked.price is None else "LIMIT"
    return {
        "orderId": made.number,
        "symbol": asked.name,
        "status": state(made),
        "clientOrderId": asked.client_id,
        "price": plain(asked.price or Decimal(0)),
        "avgPrice": plain(made.average),
        "origQty": plain(asked.quantity),
        "executedQty": plain(made.filled),
        "cumQty": plain(made.filled),
        **_spent(terms, made),
        "timeInForce": "GTX" if asked.post_only else asked.tif.upper(),
        "type": kind,
        "origType": kind,
        "reduceOnly": asked.reduce_only,
        "closePosition": False,
        "side": asked.side.upper(),
        "positionSide": "BOTH",
        "stopPrice": "0",
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        "priceMatch": "NONE",
        "selfTradePreventionMode": "NONE",
        "goodTillDate": 0,
        "time": made.created_ms,
        "updateTime": made.updated_ms,
    }


def _spent(terms: Terms, made: Order) -> Json:
    if not inverse(terms):
        return {"cumQuote": plain(made.cost)}
    coins = sum((value(terms, each.quantity, each.price) for each in made.fills), Decimal(0))
    return {"cumBase": plain(round(coins, 8)), "pair": pair(terms)}


def trade(terms: Terms, fill: Fill) -> Json:
    """Return one entry of ``userTrades``."""
    return {
        "symbol": fill.name,
        "id": fill.number,
        "orderId": fill.order,
        "side": fill.side.upper(),
        "positionSide": "BOTH",
        "price": plain(fill.price),
        "qty": plain(fill.quantity),
        **_traded(terms, fill),
        "realizedPnl": "0",
        "commission": plain(fill.fee),
        "commissionAsset": terms.settle,
        "buyer": fill.side == "buy",
        "maker": fill.maker,
        "time": fill.at_ms,
    }


def _traded(terms: Terms, fill: Fill) -> Json:
    worth = plain(round(value(terms, fill.quantity, fill.price), 8))
    if inverse(terms):
        return {"baseQty": worth, "pair": pair(terms), "marginAsset": terms.settle}
    return {"quoteQty": worth}


def order_event(exchange: Exchange, made: Order, fill: Fill | None, kind: str) -> Json:
    """Return one ``ORDER_TRADE_UPDATE``; ``kind`` is its execution type."""
    asked, now = made.ask, exchange.now_ms()
    filled, cost = so_far(made, fill) if fill else (made.filled, made.cost)
    if kind == "NEW":
        filled = cost = Decimal(0)
    status = kind
    if fill:
        status = "FILLED" if filled == asked.quantity else "PARTIALLY_FILLED"
    told: Json = {
        "s": asked.name,
        "c": asked.client_id,
        "S": asked.side.upper(),
        "o": "MARKET" if asked.price is None else "LIMIT",
        "f": "GTX" if asked.post_only else asked.tif.upper(),
        "q": plain(asked.quantity),
        "p": plain(asked.price or Decimal(0)),
        "ap": plain(cost / filled) if filled else "0",
        "sp": "0",
        "x": kind,
        "X": status,
        "i": made.number,
        "l": plain(fill.quantity) if fill else "0",
        "z": plain(filled),
        "L": plain(fill.price) if fill else "0",
        "T": fill.at_ms if fill else made.updated_ms,
        "t": fill.number if fill else 0,
        "b": "0",
        "a": "0",
        "m": fill.maker if fill else False,
        "R": asked.reduce_only,
        "wt": "CONTRACT_PRICE",
        "ot": "MARKET" if asked.price is None else "LIMIT",
        "ps": "BOTH",
        "cp": False,
        "rp": "0",
        "pP": False,
        "si": 0,
        "ss": 0,
        "V": "NONE",
        "pm": "NONE",
        "gtd": 0,
    }
    terms = exchange.listed[asked.name]
    fee = {"N": terms.settle, "n": plain(fill.fee)} if fill else {}
    if inverse(terms):
        fee["ma"] = terms.settle
    return {"e": "ORDER_TRADE_UPDATE", "E": now, "T": now, "o": {**told, **fee}}
