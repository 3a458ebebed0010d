"""What Binance's futures can be asked: USD-margined (fapi) and coin-margined (dapi) alike."""

from collections.abc import Callable, Sequence
from typing import Final

from terminal.core.units import MILLISECOND, SECOND
from terminal.model.account import Balance
from terminal.venues.dialects.dialect import Directory, Raw
from terminal.venues.dialects.raw import decimal, name_of, text
from terminal.venues.gateway.asks import Ask, Asks, Rows, Sent, at, done, single
from terminal.venues.gateway.limiter import Budget


def _trade_ms(raw: Raw) -> int:
    return int(decimal(raw, "time"))


def _trade_order(raw: Raw) -> str:
    return name_of(raw, "orderId")


def _balance(raw: Raw) -> Balance | None:
    return Balance(text(raw, "asset"), decimal(raw, "balance"))


def futures(prefix: str, version: str) -> Asks:
    """Requests of one of Binance's two futures exchanges.

    Parameters
    ----------
    prefix : str
        ``fapi`` or ``dapi``, as ccxt's methods begin.
    version : str
        Part of ccxt's names for positions and balances: ``V3`` or empty.
    """
    private, stated = f"{prefix}Private", f"{prefix}Private{version}"

    def named(verb: str, rows: Rows) -> Callable[[Sent], Ask]:
        return lambda sent: Ask(
            f"{private}{verb}Order",
            ({"symbol": sent.contract.symbol, "origClientOrderId": sent.client_id},),
            rows,
        )

    def open_orders(_: Directory) -> tuple[Ask, ...]:
        return (Ask(f"{private}GetOpenOrders", ({},), at()),)

    def positions(_: Directory) -> tuple[Ask, ...]:
        return (Ask(f"{stated}GetPositionRisk", ({},), at()),)

    def balances(_: Directory) -> tuple[Ask, ...]:
        return (Ask(f"{stated}GetBalance", ({},), at()),)

    def trades(_: Directory, symbols: Sequence[str], since: int) -> tuple[Ask, ...]:
        return tuple(
            Ask(f"{private}GetUserTrades", ({"symbol": each, "startTime": since},), at())
            for each in symbols
        )

    def wind(seconds: int, symbols: Sequence[str]) -> tuple[Ask, ...]:
        method = f"{private}PostCountdownCancelAll"
        span = seconds * SECOND // MILLISECOND
        return tuple(
            Ask(method, ({"symbol": each, "countdownTime": span},), done) for each in symbols
        )

    return Asks(
        budget=Budget(per_second=15.0, burst=60.0, for_cancels=20.0, for_orders=20.0),
        order=named("Get", single),
        cancel=named("Delete", done),
        open_orders=open_orders,
        positions=positions,
        trades=trades,
        balances=balances,
        balance=_balance,
        trade_ms=_trade_ms,
        trade_order=_trade_order,
        wind=wind,
        watches=("watch_my_trades",),
    )


USD_MARGINED: Final = futures("fapi", "V3")
COIN_MARGINED: Final = futures("dapi", "")
