"""What is checked of every order before an exchange's library may touch it."""

from terminal.core.errors import InvariantError
from terminal.model.instrument import Contract, Instrument, tick_at
from terminal.model.order import OrderIntent
from terminal.venues.dialects.dialect import SentOrder


def on_grid(intent: OrderIntent, contract: Contract) -> OrderIntent:
    """Return ``intent``, having made sure that nobody further down has to round it.

    Parameters
    ----------
    intent : OrderIntent
    contract : Contract
        Terms that the order was made for.

    Raises
    ------
    InvariantError
        Not a positive number of whole lots, or a limit that is not positive or off the price
        grid: the engine rounds before it sends, so one of its promises is broken.

    Notes
    -----
    Measured on ccxt 4.5.90: an amount of 15 is silently cut to 10, a price between two steps of a
    grid that widens is passed on, a negative amount and a NaN price reach the wire.
    """
    qty, limit = intent.qty, intent.limit
    if intent.key != contract.key:
        raise InvariantError(f"order {intent.order_id} is for {intent.key}, not {contract.key}")
    if not qty.is_finite() or qty <= 0 or qty % contract.lot:
        raise InvariantError(
            f"order {intent.order_id}: {qty} is no whole number of lots of {contract.lot} "
            f"({contract.key})"
        )
    if not limit.is_finite() or limit <= 0 or limit % tick_at(contract, limit):
        raise InvariantError(
            f"order {intent.order_id}: the limit {limit} is not on the price grid of {contract.key}"
        )
    return intent


def read_only(intent: OrderIntent, instrument: Instrument) -> SentOrder:
    """Stand in for ``sent`` where an exchange is not traded on.

    Raises
    ------
    InvariantError
        Always.
    """
    venue = instrument.contract.venue
    raise InvariantError(f"order {intent.order_id}: {venue} is read-only, nothing is sent to it")
