"""Binance's own words for the account: positions, balances, and their events."""

from decimal import Decimal

from tests.venue_servers.account import Held, gain_at, value
from tests.venue_servers.binance_words import LEVERAGE, Json, inverse
from tests.venue_servers.core import Exchange
from tests.venue_servers.plain import plain


def position(exchange: Exchange, held: Held) -> Json:
    """Return one entry of ``positionRisk``: coins, or contracts where margined in coin."""
    terms = exchange.listed[held.name]
    mark = exchange.mark(terms)
    worth = value(terms, held.quantity, mark)
    shape = {
        "symbol": held.name,
        "positionSide": "LONG" if exchange.account.two_sided else "BOTH",
        "positionAmt": plain(held.quantity),
        "entryPrice": plain(held.average),
        "breakEvenPrice": plain(held.average),
        "markPrice": plain(mark),
        "unRealizedProfit": plain(gain_at(terms, held, mark)),
        "liquidationPrice": "0",
        "isolatedMargin": "0",
        "isolatedWallet": "0",
        "updateTime": exchange.now_ms(),
    }
    if inverse(terms):
        mode = {"marginType": "cross", "isAutoAddMargin": "false", "maxQty": "1000"}
        told = plain(round(worth, 8))
        return {**shape, **mode, "leverage": str(LEVERAGE), "notionalValue": told}
    margin = plain(round(abs(worth) / LEVERAGE, 8))
    names = ("initialMargin", "maintMargin", "positionInitialMargin")
    none = ("openOrderInitialMargin", "bidNotional", "askNotional")
    return {
        **shape,
        "notional": plain(worth),
        "marginAsset": terms.settle,
        "adl": 1,
        **dict.fromkeys(names, margin),
        **dict.fromkeys(none, "0"),
    }


def assets(exchange: Exchange) -> list[Json]:
    """Return the ``assets`` of ``account``."""
    return [_asset(exchange, each) for each in exchange.account.balances]


def _asset(exchange: Exchange, coin: str) -> Json:
    wallet = exchange.account.balances[coin]
    held = [
        (exchange.listed[name], each)
        for name, each in exchange.account.positions.items()
        if exchange.listed[name].settle == coin
    ]
    gain = sum((gain_at(t, each, exchange.mark(t)) for t, each in held), Decimal(0))
    worth = sum((abs(value(t, each.quantity, exchange.mark(t))) for t, each in held), Decimal(0))
    margin = round(worth / LEVERAGE, 8)
    told = {
        "walletBalance": wallet,
        "unrealizedProfit": gain,
        "marginBalance": wallet + gain,
        "maintMargin": margin,
        "initialMargin": margin,
        "positionInitialMargin": margin,
        "openOrderInitialMargin": Decimal(0),
        "crossWalletBalance": wallet,
        "crossUnPnl": gain,
        "availableBalance": wallet + gain - margin,
        "maxWithdrawAmount": wallet + gain - margin,
    }
    numbers = {name: plain(each) for name, each in told.items()}
    return {"asset": coin, **numbers, "updateTime": exchange.now_ms()}


def account(exchange: Exchange) -> Json:
    """Return ``account``, of every version."""
    told = assets(exchange)
    held = [each for each in exchange.account.positions.values() if each.quantity]
    totals = {} if len(told) > 1 else _totals(told[0])
    positions = [position(exchange, each) for each in held]
    return {
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": exchange.account.withdrawals_allowed,
        "multiAssetsMargin": False,
        **totals,
        "assets": told,
        "positions": [
            {**each, "unrealizedProfit": each["unRealizedProfit"], "leverage": str(LEVERAGE)}
            for each in positions
        ],
    }


def _totals(asset: Json) -> Json:
    """Totals of the account, which only what is margined in dollars has."""
    names = (
        "initialMargin",
        "maintMargin",
        "walletBalance",
        "unrealizedProfit",
        "marginBalance",
        "crossWalletBalance",
        "crossUnPnl",
    )
    totals = {f"total{name[0].upper()}{name[1:]}": asset[name] for name in names}
    return {**totals, **{name: asset[name] for name in ("availableBalance", "maxWithdrawAmount")}}


def balances(exchange: Exchange) -> list[Json]:
    """Return ``balance``: one entry for each coin."""
    return [
        {
            "accountAlias": "SgsR",
            "asset": each["asset"],
            "balance": each["walletBalance"],
            "withdrawAvailable": each["maxWithdrawAmount"],
            "crossWalletBalance": each["crossWalletBalance"],
            "crossUnPnl": each["crossUnPnl"],
            "availableBalance": each["availableBalance"],
            "maxWithdrawAmount": each["maxWithdrawAmount"],
            "marginAvailable": True,
            "updateTime": each["updateTime"],
        }
        for each in assets(exchange)
    ]


def account_event(exchange: Exchange, name: str, reason: str) -> Json:
    """Return one ``ACCOUNT_UPDATE``: the balance, and the position that changed."""
    held, now = exchange.account.held(name), exchange.now_ms()
    terms = exchange.listed[name]
    wallet = plain(exchange.account.balances[terms.settle])
    gain = gain_at(terms, held, exchange.mark(terms))
    told = {
        "s": name,
        "pa": plain(held.quantity),
        "ep": plain(held.average),
        "bep": plain(held.average),
        "cr": plain(held.realised),
        "up": plain(gain),
        "mt": "cross",
        "iw": "0",
        "ps": "LONG" if exchange.account.two_sided else "BOTH",
    }
    balance = {"a": terms.settle, "wb": wallet, "cw": wallet, "bc": "0"}
    part = {"m": reason, "B": [balance], "P": [told] if reason == "ORDER" else []}
    return {"e": "ACCOUNT_UPDATE", "E": now, "T": now, "a": part}


def income(exchange: Exchange, given: Json) -> list[Json]:
    """Return funding payments, as of ``income``."""
    return [
        {
            "symbol": each.name,
            "incomeType": "FUNDING_FEE",
            "income": plain(each.amount),
            "asset": each.coin,
            "info": "FUNDING_FEE",
            "time": each.at_ms,
            "tranId": each.number,
            "tradeId": "",
        }
        for each in exchange.account.fundings
        if given.get("symbol") in (None, each.name)
        and given.get("incomeType") in (None, "FUNDING_FEE")
    ]


def brackets(exchange: Exchange) -> list[Json]:
    """Return ``leverageBracket``."""
    bracket = {
        "bracket": 1,
        "initialLeverage": 125,
        "notionalCap": 50_000_000,
        "notionalFloor": 0,
        "qtyCap": 50_000_000,
        "qtyFloor": 0,
        "maintMarginRatio": 0.004,
        "cum": 0.0,
    }
    return [{"symbol": name, "brackets": [bracket]} for name in exchange.listed]


def configured(exchange: Exchange, given: Json) -> list[Json]:
    """Return ``symbolConfig``: margin mode and leverage."""
    return [
        {
            "symbol": name,
            "marginType": "CROSSED",
            "isAutoAddMargin": False,
            "leverage": LEVERAGE,
            "maxNotionalValue": "1000000",
        }
        for name in exchange.listed
        if given.get("symbol") in (None, name)
    ]


def restrictions(exchange: Exchange) -> Json:
    """Return ``apiRestrictions``: what the key may do."""
    return {
        "ipRestrict": False,
        "createTime": 1_698_645_219_000,
        "enableReading": True,
        "enableWithdrawals": exchange.account.withdrawals_allowed,
        "enableInternalTransfer": False,
        "enableMargin": False,
        "enableFutures": True,
        "permitsUniversalTransfer": False,
        "enableVanillaOptions": True,
        "enableFixApiTrade": False,
        "enableFixReadOnly": False,
        "enableSpotAndMarginTrading": False,
        "enablePortfolioMarginTrading": False,
    }
