"""What Bybit's unified account can be asked, by category of instrument."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from terminal.model.account import Balance
from terminal.model.instrument import Contract, Instrument, Option, Payoff
from terminal.venues.dialects.dialect import Directory, Raw
from terminal.venues.dialects.raw import decimal, text
from terminal.venues.gateway.asks import Ask, Asks, Sent, at, done, listed
from terminal.venues.gateway.limiter import Budget

_ROWS: Final = at("result", "list")


def _category(instrument: Instrument) -> dict[str, object]:
    """Category of an instrument, with the settlement coin that a linear one is asked by."""
    contract = instrument.contract
    if isinstance(instrument, Option):
        return {"category": "option"}
    if contract.payoff is Payoff.INVERSE:
        return {"category": "inverse"}
    return {"category": "linear", "settleCoin": contract.settle}


def _category_of(contract: Contract) -> str:
    """Category of an order: options are named with three dashes or more."""
    if contract.symbol.count("-") >= 3:
        return "option"
    return "inverse" if contract.payoff is Payoff.INVERSE else "linear"


def _categories(known: Directory) -> Iterator[Mapping[str, object]]:
    """Every category that something is listed in, once."""
    seen = {tuple(_category(each).items()) for each in known.by_key.values()}
    for each in sorted(seen, key=str):
        yield dict(each)


def _order(sent: Sent) -> Ask:
    asked = {
        "category": _category_of(sent.contract),
        "symbol": sent.contract.symbol,
        "orderLinkId": sent.client_id,
    }
    return Ask("privateGetV5OrderRealtime", (asked,), _ROWS)


def _cancel(sent: Sent) -> Ask:
    asked = {
        "category": _category_of(sent.contract),
        "symbol": sent.contract.symbol,
        "orderLinkId": sent.client_id,
    }
    return Ask("privatePostV5OrderCancel", (asked,), done)


def _open_orders(known: Directory) -> tuple[Ask, ...]:
    return tuple(
        Ask("privateGetV5OrderRealtime", (dict(each),), _ROWS) for each in _categories(known)
    )


def _positions(known: Directory) -> tuple[Ask, ...]:
    return tuple(
        Ask("privateGetV5PositionList", (dict(each) | {"limit": 200},), _ROWS)
        for each in _categories(known)
    )


def _trades(known: Directory, _: Sequence[str], since: int) -> tuple[Ask, ...]:
    names = sorted({str(each["category"]) for each in _categories(known)})
    more = {"startTime": since, "limit": 100, "execType": "Trade"}
    return tuple(
        Ask("privateGetV5ExecutionList", ({"category": each} | more,), _ROWS) for each in names
    )


def _balances(_: Directory) -> tuple[Ask, ...]:
    def coins(reply: object) -> tuple[Raw, ...]:
        accounts = listed(reply, "result", "list")
        return tuple(coin for account in accounts for coin in listed(account, "coin"))

    return (Ask("privateGetV5AccountWalletBalance", ({"accountType": "UNIFIED"},), coins),)


def _balance(raw: Raw) -> Balance | None:
    return Balance(text(raw, "coin"), decimal(raw, "walletBalance"))


def _trade_ms(raw: Raw) -> int:
    return int(decimal(raw, "execTime"))


def _trade_order(raw: Raw) -> str:
    return text(raw, "orderId")


def _wind(seconds: int, _: Sequence[str]) -> tuple[Ask, ...]:
    """Set how long the private socket may be gone before the exchange cancels; has no way off."""
    products = ("DERIVATIVES", "OPTIONS") if seconds else ()
    return tuple(
        Ask(
            "privatePostV5OrderDisconnectedCancelAll",
            ({"product": each, "timeWindow": seconds},),
            done,
        )
        for each in products
    )


BYBIT: Final = Asks(
    budget=Budget(per_second=10.0, burst=20.0, for_cancels=6.0, for_orders=5.0),
    order=_order,
    cancel=_cancel,
    open_orders=_open_orders,
    positions=_positions,
    trades=_trades,
    balances=_balances,
    balance=_balance,
    trade_ms=_trade_ms,
    trade_order=_trade_order,
    wind=_wind,
    watches=("watch_orders", "watch_my_trades"),
)
