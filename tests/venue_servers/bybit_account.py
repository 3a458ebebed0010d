"""Bybit's own words for the account: orders, executions, positions and the wallet."""

from decimal import Decimal
from typing import Any

from tests.venue_servers.account import (
    FEE,
    Fill,
    FundingPayment,
    Held,
    Order,
    gain_at,
    so_far,
    value,
)
from tests.venue_servers.bybit_words import category
from tests.venue_servers.core import Exchange
from tests.venue_servers.plain import plain

Json = dict[str, Any]

LEVERAGE = 10


def order_id(number: int) -> str:
    """Bybit's id of an order."""
    return f"{number:08d}-0000-4000-8000-000000000000"


def number_of(order: str) -> int:
    """Our number of an order; -1 for an id that never was."""
    first = order.partition("-")[0]
    return int(first) if first.isdigit() else -1


def state(made: Order) -> str:
    """Status of an order."""
    if made.status == "open":
        return "PartiallyFilled" if made.filled else "New"
    if made.status == "cancelled" and made.filled and made.ask.price is None:
        return "PartiallyFilledCanceled"
    return {"filled": "Filled", "cancelled": "Cancelled"}[made.status]


def order(exchange: Exchange, made: Order) -> Json:
    """Return one order, by HTTP and by stream."""
    terms, asked = exchange.listed[made.ask.name], made.ask
    taken = made.why == "post_only"
    spent = sum((value(terms, each.quantity, each.price) for each in made.fills), Decimal(0))
    fees = sum((each.fee for each in made.fills), Decimal(0))
    open_left = made.left if made.status == "open" else Decimal(0)
    return {
        "category": category(terms),
        "symbol": asked.name,
        "orderId": order_id(made.number),
        "orderLinkId": asked.client_id,
        "blockTradeId": "",
        "side": asked.side.capitalize(),
        "positionIdx": 1 if exchange.account.two_sided else 0,
        "orderStatus": state(made),
        "cancelType": "CancelByUser" if made.why == "user_request" else "UNKNOWN",
        "rejectReason": "EC_PostOnlyWillTakeLiquidity" if taken else "EC_NoError",
        "timeInForce": "PostOnly" if asked.post_only else asked.tif.upper(),
        "isLeverage": "",
        "price": plain(asked.price or Decimal(0)),
        "qty": plain(asked.quantity),
        "avgPrice": plain(made.average) if made.filled else "",
        "leavesQty": plain(open_left),
        "leavesValue": plain(open_left * (asked.price or Decimal(0))),
        "cumExecQty": plain(made.filled),
        "cumExecValue": plain(spent),
        "cumExecFee": plain(fees),
        "orderType": "Market" if asked.price is None else "Limit",
        "stopOrderType": "",
        "orderIv": "",
        "triggerPrice": "",
        "takeProfit": "",
        "stopLoss": "",
        "triggerDirection": 0,
        "triggerBy": "",
        "lastPriceOnCreated": "",
        "reduceOnly": asked.reduce_only,
        "closeOnTrigger": False,
        "placeType": "",
        "smpType": "None",
        "smpGroup": 0,
        "smpOrderId": "",
        "tpslMode": "UNKNOWN",
        "createType": "CreateByUser",
        "createdTime": str(made.created_ms),
        "updatedTime": str(made.updated_ms),
        "feeCurrency": terms.settle,
        "cumFeeDetail": {terms.settle: plain(fees)} if fees else {},
    }


def execution(exchange: Exchange, made: Order, fill: Fill) -> Json:
    """Return one execution, by HTTP and by stream."""
    terms = exchange.listed[fill.name]
    done, _ = so_far(made, fill)
    closed = min(abs(fill.before), fill.quantity)
    reduces = fill.before * (1 if fill.side == "sell" else -1) > 0
    return {
        "category": category(terms),
        "symbol": fill.name,
        "orderId": order_id(fill.order),
        "orderLinkId": made.ask.client_id,
        "side": fill.side.capitalize(),
        "orderPrice": plain(made.ask.price or Decimal(0)),
        "orderQty": plain(made.ask.quantity),
        "leavesQty": plain(made.ask.quantity - done),
        "createType": "CreateByUser",
        "orderType": "Market" if made.ask.price is None else "Limit",
        "stopOrderType": "UNKNOWN",
        "execFee": plain(fill.fee),
        "execId": f"{fill.number:08d}-0000-5000-8000-000000000000",
        "execPrice": plain(fill.price),
        "execQty": plain(fill.quantity),
        "execType": "Trade",
        "execValue": plain(value(terms, fill.quantity, fill.price)),
        "execTime": str(fill.at_ms),
        "feeCurrency": terms.settle,
        "isMaker": fill.maker,
        "feeRate": "0" if fill.maker else plain(FEE),
        "tradeIv": "",
        "markIv": "",
        "markPrice": plain(exchange.mark(terms)),
        "indexPrice": plain(exchange.index(terms.base)),
        "underlyingPrice": "",
        "blockTradeId": "",
        "closedSize": plain(closed if reduces else Decimal(0)),
        "seq": fill.number,
    }


def funding(exchange: Exchange, paid: FundingPayment) -> Json:
    """Return a funding payment as Bybit lists it: an execution, whose fee is < 0 if received."""
    terms = exchange.listed[paid.name]
    held = exchange.account.held(paid.name).quantity
    return {
        "category": category(terms),
        "symbol": paid.name,
        "orderId": order_id(paid.number),
        "orderLinkId": "",
        "side": "Buy" if held >= 0 else "Sell",
        "execFee": plain(-paid.amount),
        "execId": f"{paid.number:08d}-0000-5000-8000-000000000000",
        "execPrice": plain(exchange.mark(terms)),
        "execQty": plain(abs(held)),
        "execType": "Funding",
        "execValue": plain(abs(value(terms, held, exchange.mark(terms)))),
        "execTime": str(paid.at_ms),
        "feeRate": plain(paid.rate),
        "isMaker": False,
    }


def position(exchange: Exchange, held: Held) -> Json:
    """Return one position; the stream calls the average price an entry price, too."""
    terms = exchange.listed[held.name]
    mark = exchange.mark(terms)
    worth = abs(value(terms, held.quantity, mark))
    side = "Buy" if held.quantity > 0 else "Sell" if held.quantity < 0 else ""
    margin = plain(round(worth / LEVERAGE, 8))
    return {
        "positionIdx": 1 if exchange.account.two_sided else 0,
        "category": category(terms),
        "tradeMode": 0,
        "riskId": 1,
        "riskLimitValue": "2000000",
        "symbol": held.name,
        "side": side,
        "size": plain(abs(held.quantity)),
        "avgPrice": plain(held.average),
        "entryPrice": plain(held.average),
        "leverage": str(LEVERAGE),
        "positionValue": plain(worth),
        "positionBalance": "0",
        "markPrice": plain(mark),
        "positionIM": margin,
        "positionMM": margin,
        "takeProfit": "",
        "stopLoss": "",
        "trailingStop": "0",
        "unrealisedPnl": plain(gain_at(terms, held, mark)),
        "cumRealisedPnl": plain(held.realised),
        "curRealisedPnl": plain(held.realised),
        "createdTime": str(exchange.now_ms()),
        "updatedTime": str(exchange.now_ms()),
        "tpslMode": "Full",
        "liqPrice": "",
        "bustPrice": "",
        "positionStatus": "Normal",
        "adlRankIndicator": 2,
        "autoAddMargin": 0,
        "isReduceOnly": False,
        "seq": exchange.books[held.name].sequence,
    }


def wallet(exchange: Exchange) -> Json:
    """Return the unified account, by HTTP and by stream."""
    coins = [_coin(exchange, each) for each in exchange.account.balances]
    whole = plain(
        sum((Decimal(each["usdValue"]) for each in coins), Decimal(0)),
    )
    names = ("totalEquity", "totalWalletBalance", "totalMarginBalance", "totalAvailableBalance")
    none = ("totalPerpUPL", "totalInitialMargin", "totalMaintenanceMargin")
    rates = ("accountIMRate", "accountMMRate", "accountLTV")
    return {
        "accountType": "UNIFIED",
        **dict.fromkeys(names, whole),
        **dict.fromkeys((*none, *rates), "0"),
        "coin": coins,
    }


def _coin(exchange: Exchange, coin: str) -> Json:
    balance = exchange.account.balances[coin]
    held = [
        (exchange.listed[name], each)
        for name, each in exchange.account.positions.items()
        if exchange.listed[name].settle == coin
    ]
    gain = sum((gain_at(t, each, exchange.mark(t)) for t, each in held), Decimal(0))
    worth = sum((abs(value(t, each.quantity, exchange.mark(t))) for t, each in held), Decimal(0))
    price = Decimal(1) if coin == "USDT" else exchange.index(coin)
    return {
        "coin": coin,
        "equity": plain(balance + gain),
        "usdValue": plain(round((balance + gain) * price, 8)),
        "walletBalance": plain(balance),
        "availableToWithdraw": "",
        "availableToBorrow": "",
        "borrowAmount": "0",
        "accruedInterest": "0",
        "totalOrderIM": "0",
        "totalPositionIM": plain(round(worth / LEVERAGE, 8)),
        "totalPositionMM": "0",
        "unrealisedPnl": plain(gain),
        "cumRealisedPnl": "0",
        "bonus": "0",
        "locked": "0",
        "spotHedgingQty": "0",
        "collateralSwitch": True,
        "marginCollateral": True,
    }


def key_information(exchange: Exchange) -> Json:
    """Return ``user/query-api``: what the key may do."""
    transfers = ["Withdraw"] if exchange.account.withdrawals_allowed else []
    permissions = {
        "ContractTrade": ["Order", "Position"],
        "Spot": ["SpotTrade"],
        "Wallet": transfers,
        "Options": ["OptionsTrade"],
        "Derivatives": ["DerivativesTrade"],
        "Exchange": [],
    }
    return {
        "id": "2208369",
        "note": "test",
        "apiKey": "test-key",
        "readOnly": 0,
        "secret": "",
        "permissions": permissions,
        "ips": ["*"],
        "type": 1,
        "deadlineDay": 83,
        "expiredAt": "2030-01-01T00:00:00Z",
        "createdAt": "2025-10-13T03:20:45Z",
        "unified": 0,
        "uta": 1,
        "userID": 1_448_939,
        "isMaster": True,
        "parentUid": "0",
    }
