"""Why a venue refuses an order before it meets the book."""

from decimal import Decimal

from terminal.model.instrument import Instrument, tick_at
from terminal.model.order import OrderIntent, Side
from terminal.venues.matching import notional_usd


def refusal(intent: OrderIntent, instrument: Instrument, index: Decimal) -> str:
    """Say why the terms of an order break those of its contract; empty when they do not.

    Parameters
    ----------
    intent : OrderIntent
    instrument : Instrument
        What the order's key names.
    index : Decimal
        Index price of the underlying, USD; values the notional of an option.
    """
    contract = instrument.contract
    if intent.qty <= 0 or intent.qty % contract.lot:
        return f"quantity {intent.qty} is not a positive multiple of the lot {contract.lot}"
    if intent.qty < contract.min_qty:
        return f"quantity {intent.qty} is below the minimum {contract.min_qty}"
    if intent.limit <= 0:
        return f"limit price {intent.limit} is not positive"
    tick = tick_at(contract, intent.limit)
    if intent.limit % tick:
        return f"limit price {intent.limit} is not a multiple of the tick {tick}"
    notional = notional_usd(instrument, intent.qty, intent.limit, index)
    if notional < contract.min_notional:
        return f"notional {notional:.2f} USD is below the minimum {contract.min_notional}"
    return ""


def reducible(intent: OrderIntent, held: Decimal) -> Decimal:
    """Contracts that an order may trade without growing or turning a position.

    Parameters
    ----------
    intent : OrderIntent
        Its own quantity when it is not reduce-only.
    held : Decimal
        Signed contracts at the venue.
    """
    if not intent.reduce_only:
        return intent.qty
    against = -held if intent.side is Side.BUY else held
    return max(min(intent.qty, against), Decimal(0))
