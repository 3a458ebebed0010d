"""Binance's options on this machine: listing, marks, public trades, and an account.

A stream of marks is named after its underlying, ``btcusdt@optionMarkPrice``, and tells all its
options at once; the private stream is ``user:ORDER_TRADE_UPDATE`` and
``user:BALANCE_POSITION_UPDATE``.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from time import time_ns
from typing import Any

from tests.venue_servers import binance_options_words as words
from tests.venue_servers.account import Ask, Fill, Order
from tests.venue_servers.binance_account import restrictions
from tests.venue_servers.binance_door import ApiError, BinanceDoor
from tests.venue_servers.binance_streams import LISTEN_KEY, ORDERS
from tests.venue_servers.binance_words import pair
from tests.venue_servers.books import BookChange
from tests.venue_servers.core import Refusal
from tests.venue_servers.hosting import Json
from tests.venue_servers.listing import VOLATILITY, Expiry, Terms, Unit, expiries, strikes
from tests.venue_servers.plain import plain

ASSETS = ("BTC", "ETH")
BALANCE = "user:BALANCE_POSITION_UPDATE"
MISSING = (-2013, "Order does not exist.")

REFUSALS = {
    Refusal.INSTRUMENT: (-1121, "Invalid symbol."),
    Refusal.AMOUNT: (-4030, "Step size precision is invalid."),
    Refusal.TICK: (-4029, "Tick size precision is invalid."),
    Refusal.PRICE: (-4001, "Price less than 0."),
    Refusal.NOTIONAL: (-4004, "Quantity less than min quantity."),
    Refusal.FUNDS: (-2027, "Option margin is insufficient."),
    Refusal.POST_ONLY: (-2010, "NEW_ORDER_REJECTED"),
    Refusal.REDUCE_ONLY: (-2010, "NEW_ORDER_REJECTED"),
    Refusal.DUPLICATE: (-2010, "Duplicate clientOrderId of a pending order."),
    Refusal.NOT_FOUND: MISSING,
    Refusal.CLOSED: MISSING,
}

LISTED_MS = time_ns() // 1_000_000
"""When its options are listed: names hold their expiry, and must not change at midnight."""


class BinanceOptionsServer(BinanceDoor):
    """Binance's European options."""

    refusals = REFUSALS
    private = (ORDERS, BALANCE)

    def __init__(self) -> None:
        super().__init__(listing(LISTED_MS), {"USDT": Decimal(1_000_000)})
        self.routes = self._table()

    def _table(self) -> Mapping[str, Callable[[Json], Any]]:
        key = {"listenKey": LISTEN_KEY}
        told: dict[str, Callable[[Json], Any]] = {
            "GET time": lambda _: {"serverTime": self.exchange.now_ms()},
            "GET exchangeInfo": lambda _: self._info(),
            "GET depth": self._depth,
            "POST order": self._place,
            "GET order": lambda given: self._told(self._found(given)),
            "DELETE order": self._cancel,
            "GET openOrders": self._open_orders,
            "GET userTrades": self._trades,
            "GET position": lambda _: self._positions(),
            "GET marginAccount": lambda _: words.margin_account(self.exchange),
            "POST listenKey": lambda _: key,
            "PUT listenKey": lambda _: key,
            "DELETE listenKey": lambda _: {},
        }
        routes = {each.replace(" ", " /eapi/v1/"): do for each, do in told.items()}
        may = "GET /sapi/v1/account/apiRestrictions"
        return {**routes, may: lambda _: restrictions(self.exchange)}

    # ------------------------------------------------------------------------------------ orders

    def _place(self, given: Json) -> Json:
        if given["type"] != "LIMIT":
            raise ApiError(-1116, "Invalid orderType.")
        if given.get("timeInForce", "GTC") not in ("GTC", "IOC", "FOK"):
            raise ApiError(-1115, "Invalid timeInForce.")
        made = self.exchange.place(
            Ask(
                name=given["symbol"],
                side=given["side"].lower(),
                quantity=Decimal(given["quantity"]),
                price=Decimal(given["price"]),
                client_id=given.get("clientOrderId", ""),
                tif=given.get("timeInForce", "GTC").lower(),
                post_only=given.get("postOnly", "").lower() == "true",
                reduce_only=given.get("reduceOnly", "").lower() == "true",
            )
        )
        if given.get("newOrderRespType", "ACK") == "RESULT":
            return self._told(made)
        return words.acknowledged(self.exchange.listed[made.ask.name], made)

    def _told(self, made: Order) -> Json:
        return words.order(self.exchange.listed[made.ask.name], made)

    def _found(self, given: Json) -> Order:
        """Order of a symbol: the newest with a client id, which may come again after its end."""
        account = self.exchange.account
        if "clientOrderId" in given:
            found = account.by_client_id(given["clientOrderId"])
        else:
            number = int(given["orderId"]) - words.LEAST_ID
            found = [account.orders[number]] if number in account.orders else []
        found = [each for each in found if each.ask.name == given["symbol"]]
        if not found:
            raise ApiError(*MISSING)
        return found[-1]

    def _cancel(self, given: Json) -> Json:
        return self._told(self.exchange.cancel(self._found(given).number))

    def _open_orders(self, given: Json) -> list[Json]:
        orders = self.exchange.account.open_orders(given.get("symbol", ""))
        return [self._told(each) for each in orders]

    def _trades(self, given: Json) -> list[Json]:
        """Trades by time, oldest first, of one symbol or all."""
        start, end = int(given.get("startTime", 0)), int(given.get("endTime", 2**62))
        told = [
            words.trade(self.exchange.listed[each.name], each)
            for each in self.exchange.account.fills
            if start <= each.at_ms <= end and given.get("symbol") in (None, each.name)
        ]
        limit = min(int(given.get("limit", 100)), 1_000)
        return told[:limit] if start else told[-limit:]

    def _positions(self) -> list[Json]:
        held = self.exchange.account.positions.values()
        return [words.position(self.exchange, each) for each in held if each.quantity]

    # ------------------------------------------------------------------------------------ events

    def order_changed(self, order: Order) -> None:
        """Publish that an order is new, or over without a fill; fills are told one by one."""
        is_new = self.is_new(order) and not order.filled
        if is_new or order.status == "cancelled":
            self.publish(ORDERS, words.order_event(self.exchange, order, None))

    def filled(self, order: Order, fill: Fill) -> None:
        """Publish an execution."""
        self.publish(ORDERS, words.order_event(self.exchange, order, fill))

    def account_changed(self, terms: Terms) -> None:
        """Publish balance and position."""
        self.publish(BALANCE, words.account_event(self.exchange, terms))

    def book_changed(self, change: BookChange) -> None:
        """Publish the marks of all options on the same coin."""
        told = self.exchange.listed[change.name]
        rows = [
            self._mark(each) for each in self.exchange.listed.values() if each.base == told.base
        ]
        self.publish(f"{pair(told).lower()}@optionMarkPrice", rows)

    # ------------------------------------------------------------------------------------ market

    def _depth(self, given: Json) -> Json:
        book, count = self.exchange.books[given["symbol"]], int(given.get("limit", 100))
        sides = {
            name: [[plain(price), plain(held)] for price, held in book.levels(side)[:count]]
            for name, side in (("bids", "bid"), ("asks", "ask"))
        }
        return {"T": self.exchange.now_ms(), "u": book.sequence, **sides}

    def _info(self) -> Json:
        listed = self.exchange.listed.values()
        return {
            "timezone": "UTC",
            "serverTime": self.exchange.now_ms(),
            "optionContracts": [
                {"baseAsset": each, "quoteAsset": "USDT", "underlying": f"{each}USDT",
                 "settleAsset": "USDT"} for each in ASSETS
            ],
            "optionAssets": [{"name": "USDT"}],
            "optionSymbols": [_symbol(number, each) for number, each in enumerate(listed)],
            "rateLimits": [
                {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1,
                 "limit": 2_400},
                {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 300},
            ],
        }  # fmt: skip

    def _mark(self, terms: Terms) -> Json:
        """Row of the stream of marks: prices in USDT, volatilities as fractions."""
        book, greeks = self.exchange.books[terms.name], self.exchange.greeks(terms)
        bid, ask = book.best("bid"), book.best("ask")
        vol = VOLATILITY[terms.base]
        return {
            "s": terms.name,
            "mp": plain(self.exchange.mark(terms)),
            "E": self.exchange.now_ms(),
            "e": "markPrice",
            "i": plain(self.exchange.index(terms.base)),
            "P": "0.000",
            "bo": plain(bid),
            "ao": plain(ask),
            "bq": plain(dict(book.bids)[bid]),
            "aq": plain(dict(book.asks)[ask]),
            "b": str(vol),
            "a": str(vol),
            "hl": "100000",
            "ll": "0.1",
            "vo": str(vol),
            "rf": "0.0",
            "d": str(greeks.delta),
            "t": str(greeks.theta),
            "g": str(greeks.gamma),
            "v": str(greeks.vega),
        }


def listing(now_ms: int) -> list[Terms]:
    """A small chain on each coin, in coins, premiums in USDT."""
    return [
        _option(base, each, strike, call=call)
        for base in ASSETS
        for each in expiries(now_ms)
        for strike in strikes(base)
        for call in (True, False)
    ]


def _option(base: str, expiry: Expiry, strike: Decimal, *, call: bool) -> Terms:
    return Terms(
        name=f"{base}-{expiry.text('%y%m%d')}-{plain(strike)}-{'C' if call else 'P'}",
        base=base,
        quote="USDT",
        settle="USDT",
        unit=Unit.COIN,
        tick=Decimal(5),
        lot=Decimal("0.01"),
        minimum=Decimal("0.01"),
        strike=strike,
        call=call,
        expiry_ms=expiry.ms,
    )


def _symbol(number: int, terms: Terms) -> dict[str, Any]:
    """Row of ``optionSymbols``."""
    assert terms.strike is not None
    tick = plain(terms.tick)
    price = {"minPrice": tick, "maxPrice": "100000", "tickSize": tick}
    lot = {"minQty": plain(terms.minimum), "maxQty": "1000", "stepSize": plain(terms.lot)}
    return {
        "id": number,
        "contractId": 2,
        "expiryDate": terms.expiry_ms,
        "filters": [
            {"filterType": "PRICE_FILTER", **price},
            {"filterType": "LOT_SIZE", **lot},
        ],
        "symbol": terms.name,
        "side": "CALL" if terms.call else "PUT",
        "strikePrice": f"{terms.strike:.8f}",
        "underlying": pair(terms),
        "unit": 1,
        "makerFeeRate": "0.00024000",
        "takerFeeRate": "0.00024000",
        "minQty": plain(terms.minimum),
        "maxQty": "1000",
        "initialMargin": "0.15",
        "maintenanceMargin": "0.075",
        "priceScale": 0,
        "quantityScale": 2,
        "quoteAsset": "USDT",
        "status": "TRADING",
    }
