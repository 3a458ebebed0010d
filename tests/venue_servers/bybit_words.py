"""Bybit's own words (version 5): listing, books, tickers and public trades."""

from decimal import Decimal
from typing import Any

from tests.venue_servers.books import BookChange
from tests.venue_servers.core import Exchange
from tests.venue_servers.listing import VOLATILITY, Expiry, Terms, Unit, expiries, strikes
from tests.venue_servers.market import Print
from tests.venue_servers.plain import plain

Json = dict[str, Any]

FUNDING = "0.0001"
FUNDING_MS = 8 * 3_600_000
_OPTIONS = {"BTC": ("5", "0.01"), "ETH": ("0.1", "0.1"), "SOL": ("0.01", "1")}


def listing(now_ms: int) -> list[Terms]:
    """Linear perpetuals in coins, inverse ones in dollars, options settled in USDT."""
    chain = list(expiries(now_ms, days=(7,)))
    return [
        _perpetual("BTC", "USDT", tick="0.1", lot="0.001"),
        _perpetual("ETH", "USDT", tick="0.01", lot="0.01"),
        _perpetual("SOL", "USDT", tick="0.01", lot="0.1"),
        _perpetual("BTC", "USD", tick="0.5", lot="1"),
        _perpetual("ETH", "USD", tick="0.05", lot="1"),
        *(
            _option(base, expiry, strike, call=call)
            for base in _OPTIONS
            for expiry in chain
            for strike in strikes(base)
            for call in (True, False)
        ),
    ]


def _perpetual(base: str, quote: str, *, tick: str, lot: str) -> Terms:
    inverse = quote == "USD"
    return Terms(
        name=f"{base}{quote}",
        base=base,
        quote=quote,
        settle=base if inverse else quote,
        unit=Unit.USD if inverse else Unit.COIN,
        tick=Decimal(tick),
        lot=Decimal(lot),
        minimum=Decimal(lot),
        min_notional=Decimal(0) if inverse else Decimal(5),
    )


def _option(base: str, expiry: Expiry, strike: Decimal, *, call: bool) -> Terms:
    tick, lot = _OPTIONS[base]
    day = f"{expiry.at.day}{expiry.text('%b%y')}"
    return Terms(
        name=f"{base}-{day}-{strike:f}-{'C' if call else 'P'}-USDT",
        base=base,
        quote="USDT",
        settle="USDT",
        unit=Unit.COIN,
        tick=Decimal(tick),
        lot=Decimal(lot),
        minimum=Decimal(lot),
        strike=strike,
        call=call,
        expiry_ms=expiry.ms,
    )


def category(terms: Terms) -> str:
    """Bybit's name for the kind of an instrument."""
    if terms.is_option:
        return "option"
    return "inverse" if terms.unit is Unit.USD else "linear"


def instrument(terms: Terms) -> Json:
    """Return one entry of ``instruments-info``."""
    shape: Json = {
        "symbol": terms.name,
        "status": "Trading",
        "baseCoin": terms.base,
        "quoteCoin": terms.quote,
        "settleCoin": terms.settle,
        "launchTime": "1584230400000",
        "deliveryTime": str(terms.expiry_ms),
        "deliveryFeeRate": "",
        "priceFilter": {
            "minPrice": plain(terms.tick),
            "maxPrice": "1999999.8",
            "tickSize": plain(terms.tick),
        },
        "lotSizeFilter": {
            "minOrderQty": plain(terms.minimum),
            "maxOrderQty": "1190",
            "qtyStep": plain(terms.lot),
        },
    }
    if terms.is_option:
        return {**shape, "optionsType": "Call" if terms.call else "Put"}
    sizes = {"maxMktOrderQty": "119", "minNotionalValue": plain(terms.min_notional)}
    inverse = terms.unit is Unit.USD
    return {
        **shape,
        "contractType": "InversePerpetual" if inverse else "LinearPerpetual",
        "priceScale": "2",
        "leverageFilter": {"minLeverage": "1", "maxLeverage": "100", "leverageStep": "0.01"},
        "lotSizeFilter": {**shape["lotSizeFilter"], **sizes},
        "unifiedMarginTrade": True,
        "fundingInterval": FUNDING_MS // 60_000,
        "copyTrading": "none",
        "upperFundingRate": "0.005",
        "lowerFundingRate": "-0.005",
        "isPreListing": False,
    }


def book(exchange: Exchange, terms: Terms, depth: int) -> Json:
    """Return a whole book."""
    held = exchange.books[terms.name]
    sides = {
        short: [[plain(price), plain(size)] for price, size in held.levels(side)[:depth]]
        for short, side in (("b", "bid"), ("a", "ask"))
    }
    return {"s": terms.name, **sides, "u": held.sequence, "seq": held.sequence * 10}


def book_delta(change: BookChange) -> Json:
    """Return what changed in a book; size 0 deletes."""
    sides = {
        short: [[plain(each.price), plain(each.quantity)] for each in change.of(side)]
        for short, side in (("b", "bid"), ("a", "ask"))
    }
    return {"s": change.name, **sides, "u": change.after, "seq": change.after * 10}


def next_funding_ms(now_ms: int) -> int:
    """Time of the next payment."""
    return (now_ms // FUNDING_MS + 1) * FUNDING_MS


def moving(exchange: Exchange, terms: Terms) -> Json:
    """Return the fields of a ticker that change with the market."""
    held = exchange.books[terms.name]
    (bid, bid_size), (ask, ask_size) = held.levels("bid")[0], held.levels("ask")[0]
    mark = plain(exchange.mark(terms))
    shape = {
        "symbol": terms.name,
        "lastPrice": mark,
        "markPrice": mark,
        "indexPrice": plain(exchange.index(terms.base)),
    }
    names = ("bidPrice", "bidSize", "askPrice", "askSize")
    if not terms.is_option:
        names = ("bid1Price", "bid1Size", "ask1Price", "ask1Size")
    best = (plain(bid), plain(bid_size), plain(ask), plain(ask_size))
    return {**shape, **dict(zip(names, best, strict=True))}


def ticker(exchange: Exchange, terms: Terms) -> Json:
    """Return a whole ticker, as the stream sends it."""
    now = exchange.now_ms()
    shape = {
        **moving(exchange, terms),
        "highPrice24h": plain(exchange.mark(terms)),
        "lowPrice24h": plain(exchange.mark(terms)),
        "turnover24h": "90000000",
        "volume24h": "1000",
        "openInterest": "50000",
    }
    if terms.is_option:
        return {**shape, **_greeks(exchange, terms)}
    return {
        **shape,
        "tickDirection": "PlusTick",
        "price24hPcnt": "0",
        "prevPrice24h": plain(exchange.mark(terms)),
        "openInterestValue": "4500000000",
        "nextFundingTime": str(next_funding_ms(now)),
        "fundingRate": FUNDING,
        "fundingIntervalHour": "8",
    }


def _greeks(exchange: Exchange, terms: Terms) -> Json:
    greeks, vol = exchange.greeks(terms), VOLATILITY[terms.base]
    return {
        "bidIv": f"{vol - 0.01:.4f}",
        "askIv": f"{vol + 0.01:.4f}",
        "markPriceIv": f"{vol:.4f}",
        "underlyingPrice": plain(exchange.index(terms.base)),
        "totalVolume": "86",
        "totalTurnover": "1437431",
        "delta": f"{greeks.delta:.8f}",
        "gamma": f"{greeks.gamma:.8f}",
        "vega": f"{greeks.vega:.8f}",
        "theta": f"{greeks.theta:.8f}",
        "predictedDeliveryPrice": "0",
        "change24h": "0",
    }


def rest_ticker(exchange: Exchange, terms: Terms) -> Json:
    """Return one entry of ``market/tickers``, where options name some fields otherwise."""
    told = ticker(exchange, terms)
    if not terms.is_option:
        return told
    renamed = {"bid1Price": "bidPrice", "bid1Size": "bidSize", "bid1Iv": "bidIv"}
    renamed |= {"ask1Price": "askPrice", "ask1Size": "askSize", "ask1Iv": "askIv"}
    renamed |= {"markIv": "markPriceIv"}
    rest = {name: each for name, each in told.items() if name not in renamed.values()}
    return {**rest, **{new: told[old] for new, old in renamed.items()}}


def public_trade(printed: Print) -> Json:
    """Return one trade of the ``publicTrade`` stream."""
    return {
        "T": printed.at_ms,
        "s": printed.terms.name,
        "S": printed.side.capitalize(),
        "v": plain(printed.quantity),
        "p": plain(printed.price),
        "L": "PlusTick",
        "i": f"{printed.number:08d}-0000-5000-8000-000000000000",
        "BT": False,
        "seq": printed.number,
    }


def rest_trade(printed: Print) -> Json:
    """Return one entry of ``market/recent-trade``."""
    told = public_trade(printed)
    return {
        "execId": told["i"],
        "symbol": told["s"],
        "price": told["p"],
        "size": told["v"],
        "side": told["S"],
        "time": str(told["T"]),
        "isBlockTrade": False,
        "seq": str(told["seq"]),
    }
