"""Hyperliquid's own words: listing, books, contexts, orders, fills and the account."""

from decimal import Decimal
from typing import Any

from tests.venue_servers.account import Fill, FundingPayment, Held, Order, gain_at, value
from tests.venue_servers.core import Exchange
from tests.venue_servers.listing import Terms, Unit
from tests.venue_servers.market import Print
from tests.venue_servers.plain import plain

Json = dict[str, Any]

FUNDING = "0.0000125"
HOUR_MS = 3_600_000
LEVERAGE = 20
HASH = "0x" + "ab" * 32


def listing() -> list[Terms]:
    """The perpetuals in coins, prices of five significant figures."""
    return [
        _perpetual("BTC", tick="1", decimals=5),
        _perpetual("ETH", tick="0.1", decimals=4),
        _perpetual("SOL", tick="0.01", decimals=2),
    ]


def _perpetual(base: str, *, tick: str, decimals: int) -> Terms:
    lot = Decimal(1).scaleb(-decimals)
    return Terms(
        name=base,
        base=base,
        quote="USDC",
        settle="USDC",
        unit=Unit.COIN,
        tick=Decimal(tick),
        lot=lot,
        minimum=lot,
        min_notional=Decimal(10),
    )


def universe(exchange: Exchange) -> Json:
    """Return ``meta``."""
    coins = [
        {
            "name": each.name,
            "szDecimals": -int(each.lot.as_tuple().exponent),
            "maxLeverage": 40,
            "marginTableId": 56,
        }
        for each in exchange.listed.values()
    ]
    return {"universe": coins, "marginTables": [], "collateralToken": 0}


def context(exchange: Exchange, terms: Terms) -> Json:
    """Return prices and funding (per hour) of one coin."""
    book = exchange.books[terms.name]
    bid, ask = book.best("bid"), book.best("ask")
    mark = plain(exchange.mark(terms))
    return {
        "funding": FUNDING,
        "openInterest": "27353.17682",
        "prevDayPx": mark,
        "dayNtlVlm": "1516669192.19",
        "premium": "0.0001",
        "oraclePx": plain(exchange.index(terms.base)),
        "markPx": mark,
        "midPx": plain((bid + ask) / 2),
        "impactPxs": [plain(bid), plain(ask)],
        "dayBaseVlm": "19707.77457",
    }


def book(exchange: Exchange, terms: Terms) -> Json:
    """Return a whole book: bids, then asks."""
    held = exchange.books[terms.name]
    levels = [
        [{"px": plain(price), "sz": plain(size), "n": 1} for price, size in held.levels(side)]
        for side in ("bid", "ask")
    ]
    return {"coin": terms.name, "time": exchange.now_ms(), "levels": levels}


def best(exchange: Exchange, terms: Terms) -> Json:
    """Return one message of the ``bbo`` stream."""
    told = book(exchange, terms)
    levels = [side[0] for side in told["levels"]]
    return {"coin": terms.name, "time": told["time"], "bbo": levels}


def mids(exchange: Exchange) -> dict[str, str]:
    """Return the middle of every book."""
    return {each.name: context(exchange, each)["midPx"] for each in exchange.listed.values()}


def public_trade(printed: Print) -> Json:
    """Return one public trade; side B is a buying taker."""
    return {
        "coin": printed.terms.name,
        "side": "B" if printed.side == "buy" else "A",
        "px": plain(printed.price),
        "sz": plain(printed.quantity),
        "time": printed.at_ms,
        "hash": HASH,
        "tid": printed.number,
        "users": ["0x" + "11" * 20, "0x" + "22" * 20],
    }


def order(made: Order) -> Json:
    """Return one order, in short."""
    asked = made.ask
    assert asked.price is not None
    shape: Json = {
        "coin": asked.name,
        "side": "B" if asked.side == "buy" else "A",
        "limitPx": plain(asked.price),
        "sz": plain(made.left),
        "oid": made.number,
        "timestamp": made.created_ms,
        "origSz": plain(asked.quantity),
    }
    return {**shape, "cloid": asked.client_id} if asked.client_id else shape


def whole_order(made: Order) -> Json:
    """Return one order with everything the front end shows."""
    asked = made.ask
    tif = "Alo" if asked.post_only else asked.tif.capitalize()
    return {
        **order(made),
        "cloid": asked.client_id or None,
        "triggerCondition": "N/A",
        "isTrigger": False,
        "triggerPx": "0.0",
        "children": [],
        "isPositionTpsl": False,
        "reduceOnly": asked.reduce_only,
        "orderType": "Limit",
        "tif": tif,
    }


def state(made: Order) -> str:
    """Status of an order."""
    if made.why == "immediate_or_cancel":
        return "iocCancelRejected"
    return {"open": "open", "filled": "filled", "cancelled": "canceled"}[made.status]


def order_update(made: Order) -> Json:
    """Return one entry of the ``orderUpdates`` stream."""
    return {"order": order(made), "status": state(made), "statusTimestamp": made.updated_ms}


def fill(exchange: Exchange, made: Order, done: Fill) -> Json:
    """Return one execution."""
    buys, long = done.side == "buy", done.before > 0
    opens = done.before == 0 or long == buys
    direction = f"{'Open' if opens else 'Close'} {'Long' if buys == opens else 'Short'}"
    shape: Json = {
        "coin": done.name,
        "px": plain(done.price),
        "sz": plain(done.quantity),
        "side": "B" if buys else "A",
        "time": done.at_ms,
        "startPosition": plain(done.before),
        "dir": direction,
        "closedPnl": "0.0",
        "hash": HASH,
        "oid": done.order,
        "crossed": not done.maker,
        "fee": plain(done.fee),
        "tid": done.number,
        "feeToken": exchange.listed[done.name].settle,
        "twapId": None,
    }
    return {**shape, "cloid": made.ask.client_id} if made.ask.client_id else shape


def funding(exchange: Exchange, paid: FundingPayment) -> Json:
    """Return one entry of ``userFunding``; received is positive."""
    size = exchange.account.held(paid.name).quantity
    delta = {
        "type": "funding",
        "coin": paid.name,
        "usdc": plain(paid.amount),
        "szi": plain(size),
        "fundingRate": plain(paid.rate),
        "nSamples": None,
    }
    return {"time": paid.at_ms, "hash": "0x" + "00" * 32, "delta": delta}


def position(exchange: Exchange, held: Held) -> Json:
    """Return one position; ``szi`` is signed, in coins."""
    terms = exchange.listed[held.name]
    mark = exchange.mark(terms)
    worth = abs(value(terms, held.quantity, mark))
    told = {
        "coin": held.name,
        "szi": plain(held.quantity),
        "leverage": {"type": "cross", "value": LEVERAGE},
        "entryPx": plain(held.average),
        "positionValue": plain(worth),
        "unrealizedPnl": plain(gain_at(terms, held, mark)),
        "returnOnEquity": "0.0",
        "liquidationPx": None,
        "marginUsed": plain(round(worth / LEVERAGE, 6)),
        "maxLeverage": 40,
        "cumFunding": dict.fromkeys(("allTime", "sinceOpen", "sinceChange"), "0.0"),
    }
    return {"type": "oneWay", "position": told}


def account(exchange: Exchange) -> Json:
    """Return ``clearinghouseState``."""
    held = [each for each in exchange.account.positions.values() if each.quantity]
    told = [position(exchange, each) for each in held]
    cash = exchange.account.balances["USDC"]
    gain = sum((Decimal(each["position"]["unrealizedPnl"]) for each in told), Decimal(0))
    worth = sum((Decimal(each["position"]["positionValue"]) for each in told), Decimal(0))
    used = sum((Decimal(each["position"]["marginUsed"]) for each in told), Decimal(0))
    summary = {
        "accountValue": plain(cash + gain),
        "totalNtlPos": plain(worth),
        "totalRawUsd": plain(cash),
        "totalMarginUsed": plain(used),
    }
    return {
        "marginSummary": summary,
        "crossMarginSummary": summary,
        "crossMaintenanceMarginUsed": plain(used / 2),
        "withdrawable": plain(cash + gain - used),
        "assetPositions": told,
        "time": exchange.now_ms(),
    }
