"""Limit orders in the words that ccxt understands alike for many exchanges."""

from decimal import Decimal
from typing import assert_never

from terminal.model.instrument import Instrument
from terminal.model.order import OrderIntent, TimeInForce
from terminal.venues.dialects.client_ids import as_text
from terminal.venues.dialects.dialect import SentOrder
from terminal.venues.dialects.sending import on_grid
from terminal.venues.dialects.unified import unified_symbol


def limit_order(
    intent: OrderIntent, instrument: Instrument, amount: Decimal, **more: object
) -> SentOrder:
    """Limit order over ``amount`` in the exchange's own unit, under our id.

    Parameters
    ----------
    intent : OrderIntent
    instrument : Instrument
    amount : Decimal
        ``intent.qty`` in the exchange's ``AmountUnit``.
    **more : object
        Further parameters of this exchange.

    Raises
    ------
    InvariantError
        The order is off the grid of the instrument, or its id is not one of ours.
    """
    on_grid(intent, instrument.contract)
    params = {"clientOrderId": as_text(intent.order_id), **conditions(intent), **more}
    return SentOrder(
        symbol=unified_symbol(instrument),
        kind="limit",
        side=intent.side.value,
        amount=amount,
        price=intent.limit,
        params=params,
    )


def conditions(intent: OrderIntent) -> dict[str, object]:
    """Parameters of ccxt for how long an order rests and whether it may open a position."""
    params: dict[str, object] = {}
    match intent.tif:
        case TimeInForce.GTC:
            params["timeInForce"] = "GTC"
        case TimeInForce.IOC:
            params["timeInForce"] = "IOC"
        case TimeInForce.POST_ONLY:
            params["postOnly"] = True
        case _:
            assert_never(intent.tif)
    if intent.reduce_only:
        params["reduceOnly"] = True
    return params
