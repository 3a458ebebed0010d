"""Binance's options on this machine, as far as anybody may look: terms, marks, public trades.

There is no account here: nothing can be signed for or ordered. A stream of marks is named after
its underlying, ``btcusdt@optionMarkPrice``, and tells all its options at once.
"""

from decimal import Decimal
from time import time_ns
from typing import Any

from tests.venue_servers.binance_futures import ApiError
from tests.venue_servers.binance_streams import BinanceStreams
from tests.venue_servers.binance_words import pair
from tests.venue_servers.books import BookChange
from tests.venue_servers.faults import Fault, Planned
from tests.venue_servers.hosting import Answer, Asked, Json
from tests.venue_servers.listing import VOLATILITY, Expiry, Terms, Unit, expiries, strikes
from tests.venue_servers.plain import plain

ASSETS = ("BTC", "ETH")


class BinanceOptionsServer(BinanceStreams):
    """Binance's European options, without an account."""

    def __init__(self) -> None:
        super().__init__(listing(time_ns() // 1_000_000), {})

    def answer(self, asked: Asked) -> Answer:
        """Carry out a request."""
        match self.route(asked):
            case "GET /eapi/v1/time":
                return Answer({"serverTime": self.exchange.now_ms()})
            case "GET /eapi/v1/exchangeInfo":
                return Answer(self._info())
            case _:
                why = f"Path {asked.path}, Method {asked.verb} is invalid"
                return ApiError(-5000, why, 404).answer

    def refusal(self, planned: Planned) -> Answer:
        """Refuse as planned."""
        if planned.kind is Fault.MAINTENANCE:
            return ApiError(-1016, "This service is no longer available.", 503).answer
        return ApiError(-1003, "Too many requests.", 429).answer

    def book_changed(self, change: BookChange) -> None:
        """Publish the marks of all options on the same coin."""
        told = self.exchange.listed[change.name]
        rows = [
            self._mark(each) for each in self.exchange.listed.values() if each.base == told.base
        ]
        self.publish(f"{pair(told).lower()}@optionMarkPrice", rows)

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
            "rateLimits": [],
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
