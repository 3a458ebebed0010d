"""OKX's own words (version 5): listing, books, tickers, funding and public trades."""

from decimal import Decimal
from typing import Any
from zlib import crc32

from tests.venue_servers.books import BookChange
from tests.venue_servers.core import Exchange
from tests.venue_servers.listing import VOLATILITY, Expiry, Terms, Unit, expiries, strikes
from tests.venue_servers.market import Print
from tests.venue_servers.plain import plain

Json = dict[str, Any]

FUNDING = "0.0001"
FUNDING_MS = 8 * 3_600_000
_DEPTH_OF_CHECKSUM = 25
_STEPS = ((Decimal("0.005"), Decimal("0.0005")),)


def listing(now_ms: int) -> list[Terms]:
    """Swaps settled in USDT, one settled in coin, options settled in coin; all in contracts."""
    chain = list(expiries(now_ms, days=(7,)))
    return [
        _swap("BTC", size="0.01", tick="0.1"),
        _swap("ETH", size="0.1", tick="0.01"),
        _swap("SOL", size="1", tick="0.01"),
        _inverse("BTC", size="100", tick="0.1"),
        *(
            _option(base, size, expiry, strike, call=call)
            for base, size in (("BTC", "0.01"), ("ETH", "0.1"))
            for expiry in chain
            for strike in strikes(base)
            for call in (True, False)
        ),
    ]


def _swap(base: str, *, size: str, tick: str) -> Terms:
    return Terms(
        name=f"{base}-USDT-SWAP",
        base=base,
        quote="USDT",
        settle="USDT",
        unit=Unit.CONTRACT,
        size=Decimal(size),
        tick=Decimal(tick),
        lot=Decimal("0.01"),
        minimum=Decimal("0.01"),
    )


def _inverse(base: str, *, size: str, tick: str) -> Terms:
    return Terms(
        name=f"{base}-USD-SWAP",
        base=base,
        quote="USD",
        settle=base,
        unit=Unit.USD,
        size=Decimal(size),
        tick=Decimal(tick),
        lot=Decimal(1),
        minimum=Decimal(1),
    )


def _option(base: str, size: str, expiry: Expiry, strike: Decimal, *, call: bool) -> Terms:
    return Terms(
        name=f"{base}-USD-{expiry.text('%y%m%d')}-{strike:f}-{'C' if call else 'P'}",
        base=base,
        quote="USD",
        settle=base,
        unit=Unit.CONTRACT,
        size=Decimal(size),
        tick=Decimal("0.0001"),
        grid=_STEPS,
        lot=Decimal(1),
        minimum=Decimal(1),
        strike=strike,
        call=call,
        expiry_ms=expiry.ms,
        coin_price=True,
    )


def kind(terms: Terms) -> str:
    """OKX's name for the kind of an instrument."""
    return "OPTION" if terms.is_option else "SWAP"


def family(terms: Terms) -> str:
    """Underlying of an instrument."""
    return f"{terms.base}-{terms.quote}"


def instrument(terms: Terms, number: int) -> Json:
    """Return one entry of ``public/instruments``; options are ``ctVal`` times ``ctMult`` coins."""
    inverse = terms.settle == terms.base
    option = terms.is_option
    return {
        "instType": kind(terms),
        "instId": terms.name,
        "instIdCode": number,
        "instFamily": family(terms),
        "uly": family(terms),
        "alias": "",
        "baseCcy": "",
        "quoteCcy": "",
        "settleCcy": terms.settle,
        "category": "1",
        "ctVal": "1" if option else plain(terms.size),
        "ctMult": plain(terms.size) if option else "1",
        "ctValCcy": terms.base if option or not inverse else "USD",
        "ctType": "" if option else "inverse" if inverse else "linear",
        "optType": ("C" if terms.call else "P") if option else "",
        "stk": f"{terms.strike:f}" if terms.strike is not None else "",
        "listTime": "1573557408000",
        "expTime": str(terms.expiry_ms) if option else "",
        "lever": "" if option else "100",
        "tickSz": plain(terms.tick),
        "lotSz": plain(terms.lot),
        "minSz": plain(terms.minimum),
        "maxLmtSz": "100000000",
        "maxMktSz": "85000",
        "maxLmtAmt": "20000000",
        "maxMktAmt": "",
        "maxStopSz": "85000",
        "ruleType": "normal",
        "state": "live",
    }


def book(exchange: Exchange, terms: Terms, depth: int) -> Json:
    """Return a whole book."""
    held = exchange.books[terms.name]
    sides = {
        name: [[plain(price), plain(size), "0", "1"] for price, size in held.levels(side)[:depth]]
        for name, side in (("asks", "ask"), ("bids", "bid"))
    }
    return {**sides, "ts": str(exchange.now_ms()), "seqId": held.sequence}


def snapshot(exchange: Exchange, terms: Terms) -> Json:
    """Return the first message of the ``books`` stream."""
    told = book(exchange, terms, 400)
    return {**told, "prevSeqId": -1, "checksum": checksum(exchange, terms)}


def update(exchange: Exchange, change: BookChange) -> Json:
    """Return a further message of the ``books`` stream; size 0 deletes."""
    sides = {
        name: [[plain(e.price), plain(e.quantity), "0", "1"] for e in change.of(side)]
        for name, side in (("asks", "ask"), ("bids", "bid"))
    }
    return {
        **sides,
        "ts": str(change.at_ms),
        "prevSeqId": change.before,
        "seqId": change.after,
        "checksum": checksum(exchange, exchange.listed[change.name]),
    }


def checksum(exchange: Exchange, terms: Terms) -> int:
    """Signed CRC-32 over the best 25 levels, bid and ask in turn."""
    held = exchange.books[terms.name]
    bids, asks = held.levels("bid"), held.levels("ask")
    words: list[str] = []
    for place in range(_DEPTH_OF_CHECKSUM):
        for side in (bids, asks):
            words += [plain(each) for each in side[place]] if place < len(side) else []
    value = crc32(":".join(words).encode())
    return value - (1 << 32) if value >= 1 << 31 else value


def ticker(exchange: Exchange, terms: Terms) -> Json:
    """Return one entry of ``market/tickers`` and of the stream."""
    held = exchange.books[terms.name]
    (bid, bid_size), (ask, ask_size) = held.levels("bid")[0], held.levels("ask")[0]
    last = plain(exchange.mark(terms))
    return {
        "instType": kind(terms),
        "instId": terms.name,
        "last": last,
        "lastSz": plain(terms.lot),
        "askPx": plain(ask),
        "askSz": plain(ask_size),
        "bidPx": plain(bid),
        "bidSz": plain(bid_size),
        **dict.fromkeys(("open24h", "high24h", "low24h", "sodUtc0", "sodUtc8"), last),
        "volCcy24h": "1000",
        "vol24h": "100000",
        "ts": str(exchange.now_ms()),
    }


def mark_price(exchange: Exchange, terms: Terms) -> Json:
    """Return one entry of ``mark-price``."""
    mark, now = plain(exchange.mark(terms)), str(exchange.now_ms())
    return {"instType": kind(terms), "instId": terms.name, "markPx": mark, "ts": now}


def index(exchange: Exchange, base: str, quote: str) -> Json:
    """Return one entry of ``index-tickers``."""
    price = plain(exchange.index(base))
    day = dict.fromkeys(("open24h", "high24h", "low24h", "sodUtc0", "sodUtc8"), price)
    return {
        "instId": f"{base}-{quote}",
        "idxPx": price,
        **day,
        "ts": str(exchange.now_ms()),
    }


def funding(exchange: Exchange, terms: Terms) -> Json:
    """Return one entry of ``funding-rate``."""
    now = exchange.now_ms()
    at = (now // FUNDING_MS + 1) * FUNDING_MS
    return {
        "instType": "SWAP",
        "instId": terms.name,
        "method": "current_period",
        "formulaType": "withRate",
        "fundingRate": FUNDING,
        "fundingTime": str(at),
        "nextFundingRate": "",
        "nextFundingTime": str(at + FUNDING_MS),
        "minFundingRate": "-0.00375",
        "maxFundingRate": "0.00375",
        "settState": "settled",
        "settFundingRate": FUNDING,
        "premium": "0.0001",
        "ts": str(now),
    }


def greeks(exchange: Exchange, terms: Terms) -> Json:
    """Return one entry of ``opt-summary``.

    Names without BS are adjusted by the premium and counted in coin: with value v and forward F,
    delta is S·d(v/F)/dF = delta_BS − v/F, gamma F·d(delta)/dF, vega and theta are divided by F.
    """
    told = exchange.greeks(terms)
    forward = float(exchange.index(terms.base))
    delta = told.delta - told.price / forward
    vol = VOLATILITY[terms.base]
    return {
        "instType": "OPTION",
        "instId": terms.name,
        "uly": family(terms),
        "delta": f"{delta:.10f}",
        "gamma": f"{told.gamma * forward - delta:.10f}",
        "vega": f"{told.vega / forward:.10f}",
        "theta": f"{told.theta / forward:.10f}",
        "deltaBS": f"{told.delta:.10f}",
        "gammaBS": f"{told.gamma:.10f}",
        "vegaBS": f"{told.vega:.10f}",
        "thetaBS": f"{told.theta:.10f}",
        "lever": "10",
        "markVol": f"{vol:.4f}",
        "bidVol": f"{vol - 0.01:.4f}",
        "askVol": f"{vol + 0.01:.4f}",
        "realVol": "",
        "volLv": f"{vol:.4f}",
        "fwdPx": f"{forward:.4f}",
        "ts": str(exchange.now_ms()),
    }


def public_trade(printed: Print) -> Json:
    """Return one public trade."""
    return {
        "instId": printed.terms.name,
        "tradeId": str(printed.number),
        "px": plain(printed.price),
        "sz": plain(printed.quantity),
        "side": printed.side,
        "ts": str(printed.at_ms),
        "count": "1",
    }
