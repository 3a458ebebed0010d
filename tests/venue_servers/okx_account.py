"""OKX's own words for the account: orders, fills, positions and balances."""

from decimal import Decimal
from typing import Any

from tests.venue_servers.account import Fill, FundingPayment, Held, Order, gain_at, so_far, value
from tests.venue_servers.core import Exchange
from tests.venue_servers.okx_words import kind
from tests.venue_servers.plain import plain

Json = dict[str, Any]

LEVERAGE = 10
FUNDING_BILL = "8"


def order_kind(made: Order) -> str:
    """OKX's type of an order, which says how long it lasts, too."""
    asked = made.ask
    if asked.price is None:
        return "market"
    if asked.post_only:
        return "post_only"
    return "limit" if asked.tif == "gtc" else asked.tif


def order_told(exchange: Exchange, made: Order, fill: Fill | None = None) -> Json:
    """Return one order; with a fill, as it was right after it."""
    terms, asked = exchange.listed[made.ask.name], made.ask
    filled, cost = so_far(made, fill) if fill else (made.filled, made.cost)
    last = fill or (made.fills[-1] if made.fills else None)
    state = {"open": "live", "filled": "filled", "cancelled": "canceled"}[made.status]
    if fill or (state == "live" and filled):
        state = "filled" if filled == asked.quantity else "partially_filled"
    upto = [each for each in made.fills if last is not None and each.number <= last.number]
    fees = sum((each.fee for each in upto), Decimal(0))
    return {
        "instType": kind(terms),
        "instId": asked.name,
        "tgtCcy": "",
        "ccy": "",
        "ordId": str(made.number),
        "clOrdId": asked.client_id,
        "tag": "",
        "px": plain(asked.price) if asked.price is not None else "",
        "pxUsd": "",
        "pxVol": "",
        "pxType": "",
        "sz": plain(asked.quantity),
        "ordType": order_kind(made),
        "side": asked.side,
        "posSide": "long" if exchange.account.two_sided else "net",
        "tdMode": "cross",
        "accFillSz": plain(filled),
        "avgPx": plain(cost / filled) if filled else "",
        "fillPx": plain(last.price) if last else "",
        "fillSz": plain(last.quantity) if last else "0",
        "fillTime": str(last.at_ms) if last else "",
        "tradeId": str(last.number) if last else "",
        "execType": ("M" if last.maker else "T") if last else "",
        "fillFee": plain(-last.fee) if last else "0",
        "fillFeeCcy": terms.settle if last else "",
        "state": state,
        "lever": str(LEVERAGE),
        "fee": plain(-fees),
        "feeCcy": terms.settle,
        "rebate": "0",
        "rebateCcy": terms.settle,
        "pnl": "0",
        "source": "",
        "category": "normal",
        "reduceOnly": "true" if asked.reduce_only else "false",
        "cancelSource": {"user_request": "1", "post_only": "31"}.get(made.why, ""),
        "cancelSourceReason": made.why,
        "quickMgnType": "",
        "algoClOrdId": "",
        "algoId": "",
        "attachAlgoClOrdId": "",
        "attachAlgoOrds": [],
        "stpId": "",
        "stpMode": "cancel_maker",
        "isTpLimit": "false",
        "linkedAlgoOrd": {"algoId": ""},
        "uTime": str(fill.at_ms if fill else made.updated_ms),
        "cTime": str(made.created_ms),
    }


def fill_told(exchange: Exchange, made: Order, fill: Fill) -> Json:
    """Return one entry of ``trade/fills``; a fee that was paid is negative."""
    terms = exchange.listed[fill.name]
    return {
        "instType": kind(terms),
        "instId": fill.name,
        "tradeId": str(fill.number),
        "ordId": str(fill.order),
        "clOrdId": made.ask.client_id,
        "billId": str(fill.number),
        "subType": "1",
        "tag": "",
        "fillPx": plain(fill.price),
        "fillSz": plain(fill.quantity),
        "fillIdxPx": plain(exchange.index(terms.base)),
        "fillPnl": "0",
        "fillPxVol": "",
        "fillPxUsd": "",
        "fillMarkVol": "",
        "fillFwdPx": "",
        "fillMarkPx": plain(exchange.mark(terms)),
        "side": fill.side,
        "posSide": "net",
        "execType": "M" if fill.maker else "T",
        "feeCcy": terms.settle,
        "fee": plain(-fill.fee),
        "feeRate": "-0.0005",
        "fillTime": str(fill.at_ms),
        "ts": str(fill.at_ms),
    }


def bill(paid: FundingPayment) -> Json:
    """Return a funding payment as a bill; received is positive."""
    return {
        "billId": str(paid.number),
        "instId": paid.name,
        "instType": "SWAP",
        "ccy": paid.coin,
        "type": FUNDING_BILL,
        "subType": "174" if paid.amount >= 0 else "173",
        "pnl": plain(paid.amount),
        "balChg": plain(paid.amount),
        "sz": "0",
        "px": "",
        "fee": "0",
        "ts": str(paid.at_ms),
    }


def position(exchange: Exchange, held: Held) -> Json:
    """Return one position of net mode: ``pos`` is signed, in contracts."""
    terms = exchange.listed[held.name]
    mark, now = exchange.mark(terms), str(exchange.now_ms())
    worth = value(terms, held.quantity, mark)
    dollars = exchange.index(terms.base) if terms.settle == terms.base else Decimal(1)
    gain = gain_at(terms, held, mark)
    margin = plain(round(abs(worth) / LEVERAGE, 8))
    shape = {
        "instType": kind(terms),
        "instId": held.name,
        "mgnMode": "cross",
        "posId": f"30{list(exchange.listed).index(held.name)}",
        "posSide": "long" if exchange.account.two_sided else "net",
        "pos": plain(held.quantity),
        "posCcy": "",
        "availPos": "",
        "avgPx": plain(held.average) if held.quantity else "",
        "bePx": plain(held.average) if held.quantity else "",
        "markPx": plain(mark),
        "last": plain(mark),
        "idxPx": plain(exchange.index(terms.base)),
        "usdPx": "",
        "upl": plain(gain),
        "uplRatio": "0",
        "realizedPnl": plain(held.realised),
        "pnl": plain(held.realised),
        "fee": "0",
        "fundingFee": "0",
        "liqPenalty": "0",
        "lever": str(LEVERAGE),
        "liqPx": "",
        "imr": margin,
        "mmr": margin,
        "margin": "",
        "mgnRatio": "100",
        "notionalUsd": plain(round(abs(worth) * dollars, 8)),
        "optVal": plain(worth) if terms.is_option else "",
        "ccy": terms.settle,
        "adl": "1",
        "interest": "",
        "tradeId": "1",
        "cTime": now,
        "uTime": now,
        "deltaBS": "",
        "deltaPA": "",
        "gammaBS": "",
        "gammaPA": "",
        "thetaBS": "",
        "thetaPA": "",
        "vegaBS": "",
        "vegaPA": "",
    }
    return {**shape, **(_greeks(exchange, held) if terms.is_option else {})}


def _greeks(exchange: Exchange, held: Held) -> Json:
    terms = exchange.listed[held.name]
    told, coins = exchange.greeks(terms), float(held.quantity * terms.size)
    return {
        "deltaBS": f"{told.delta * coins:.10f}",
        "gammaBS": f"{told.gamma * coins:.10f}",
        "thetaBS": f"{told.theta * coins:.10f}",
        "vegaBS": f"{told.vega * coins:.10f}",
    }


def balance(exchange: Exchange) -> Json:
    """Return ``account/balance`` and messages of the ``account`` stream."""
    now = str(exchange.now_ms())
    details = [_coin(exchange, each, now) for each in exchange.account.balances]
    total = sum((Decimal(each["eqUsd"]) for each in details), Decimal(0))
    empty = ("borrowFroz", "imr", "mmr", "mgnRatio", "notionalUsd", "ordFroz", "upl", "adjEq")
    return {**dict.fromkeys(empty, ""), "totalEq": plain(total), "uTime": now, "details": details}


def _coin(exchange: Exchange, coin: str, now: str) -> Json:
    cash = exchange.account.balances[coin]
    held = [
        (exchange.listed[name], each)
        for name, each in exchange.account.positions.items()
        if exchange.listed[name].settle == coin
    ]
    gain = sum((gain_at(t, each, exchange.mark(t)) for t, each in held), Decimal(0))
    worth = sum((abs(value(t, each.quantity, exchange.mark(t))) for t, each in held), Decimal(0))
    frozen = round(worth / LEVERAGE, 8)
    price = Decimal(1) if coin == "USDT" else exchange.index(coin)
    return {
        "ccy": coin,
        "eq": plain(cash + gain),
        "cashBal": plain(cash),
        "availEq": plain(cash + gain - frozen),
        "availBal": plain(cash + gain - frozen),
        "frozenBal": plain(frozen),
        "ordFrozen": "0",
        "upl": plain(gain),
        "eqUsd": plain(round((cash + gain) * price, 8)),
        "disEq": plain(round((cash + gain) * price, 8)),
        "isoEq": "0",
        "uTime": now,
    }


def configuration(exchange: Exchange) -> Json:
    """Return ``account/config``: modes, and what the key may do."""
    allowed = ",withdraw" if exchange.account.withdrawals_allowed else ""
    return {
        "uid": "44705892343619584",
        "mainUid": "44705892343619584",
        "acctLv": "2",
        "posMode": "long_short_mode" if exchange.account.two_sided else "net_mode",
        "autoLoan": False,
        "greeksType": "BS",
        "level": "Lv1",
        "perm": f"read_only,trade{allowed}",
        "ip": "",
        "label": "test",
        "roleType": "0",
        "type": "0",
        "opAuth": "1",
    }
