"""Binance's own words for the account: positions, balances, and their events."""

from decimal import Decimal

from tests.venue_servers.account import Held, gain_at, value
from tests.venue_servers.binance_words import LEVERAGE, Json
from tests.venue_servers.core import Exchange
from tests.venue_servers.plain import plain


def position(exchange: Exchange, held: Held) -> Json:
    """Return one entry of ``positionRisk``."""
    terms = exchange.listed[held.name]
    mark = exchange.mark(terms)
    worth = value(terms, held.quantity, mark)
    margin = plain(round(abs(worth) / LEVERAGE, 8))
    return {
        "symbol": held.name,
        "positionSide": "BOTH",
        "positionAmt": plain(held.quantity),
        "entryPrice": plain(held.average),
        "breakEvenPrice": plain(held.average),
        "markPrice": plain(mark),
        "unRealizedProfit": plain(gain_at(terms, held, mark)),
        "liquidationPrice": "0",
        "isolatedMargin": "0",
        "isolatedWallet": "0",
        "notional": plain(worth),
        "marginAsset": terms.settle,
        "initialMargin": margin,
        "maintMargin": margin,
        "positionInitialMargin": margin,
        "openOrderInitialMargin": "0",
        "adl": 1,
        "bidNotional": "0",
        "askNotional": "0",
        "updateTime": exchange.now_ms(),
    }


def account(exchange: Exchange) -> Json:
    """Return ``account``, as of version 2 and 3."""
    held = [each for each in exchange.account.positions.values() if each.quantity]
    wallet = exchange.account.balances["USDT"]
    gain = sum((_gain(exchange, each) for each in held), Decimal(0))
    told = [position(exchange, each) for each in held]
    margin = sum((Decimal(each["initialMargin"]) for each in told), Decimal(0))
    free = wallet + gain - margin
    whole = {
        "totalInitialMargin": margin,
        "totalMaintMargin": margin,
        "totalWalletBalance": wallet,
        "totalUnrealizedProfit": gain,
        "totalMarginBalance": wallet + gain,
        "totalCrossWalletBalance": wallet,
        "totalCrossUnPnl": gain,
        "availableBalance": free,
        "maxWithdrawAmount": free,
    }
    asset = {
        "walletBalance": wallet,
        "unrealizedProfit": gain,
        "marginBalance": wallet + gain,
        "maintMargin": margin,
        "initialMargin": margin,
        "positionInitialMargin": margin,
        "openOrderInitialMargin": Decimal(0),
        "crossWalletBalance": wallet,
        "crossUnPnl": gain,
        "availableBalance": free,
        "maxWithdrawAmount": free,
    }
    return {
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": exchange.account.withdrawals_allowed,
        "multiAssetsMargin": False,
        **_plain(whole),
        "assets": [{"asset": "USDT", **_plain(asset), "updateTime": exchange.now_ms()}],
        "positions": [
            {**each, "unrealizedProfit": each["unRealizedProfit"], "leverage": str(LEVERAGE)}
            for each in told
        ],
    }


def _gain(exchange: Exchange, held: Held) -> Decimal:
    terms = exchange.listed[held.name]
    return gain_at(terms, held, exchange.mark(terms))


def _plain(numbers: dict[str, Decimal]) -> dict[str, str]:
    return {name: plain(each) for name, each in numbers.items()}


def account_event(exchange: Exchange, name: str, reason: str) -> Json:
    """Return one ``ACCOUNT_UPDATE``: the balance, and the position that changed."""
    held, now = exchange.account.held(name), exchange.now_ms()
    wallet = plain(exchange.account.balances["USDT"])
    told = {
        "s": name,
        "pa": plain(held.quantity),
        "ep": plain(held.average),
        "bep": plain(held.average),
        "cr": plain(held.realised),
        "up": plain(_gain(exchange, held)),
        "mt": "cross",
        "iw": "0",
        "ps": "BOTH",
    }
    balance = {"a": "USDT", "wb": wallet, "cw": wallet, "bc": "0"}
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
        "enableVanillaOptions": False,
        "enableFixApiTrade": False,
        "enableFixReadOnly": False,
        "enableSpotAndMarginTrading": False,
        "enablePortfolioMarginTrading": False,
    }
