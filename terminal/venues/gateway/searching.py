"""Looking for an order that nobody has answered for, until it is found or proven absent."""

import asyncio
from contextlib import suppress
from decimal import Decimal

from terminal.core.errors import VenueError
from terminal.core.units import SECOND
from terminal.model.order import OrderStatus, OrderUpdate
from terminal.venues.gateway.inquiry import Inquiry, Look, in_vain, looked, next_look
from terminal.venues.gateway.line import Line, NotThereError, Slip
from terminal.venues.gateway.reading import chase_fills, read_positions, read_trades, rows_of


async def search(line: Line, slip: Slip, *, at_once: bool = False) -> None:
    """Look until word of the order has come from anywhere; one search for one order at a time.

    Whoever asks while one goes on has it go on until there is word that is newer than the asking.

    Parameters
    ----------
    line : Line
    slip : Slip
    at_once : bool
        Whether the first look needs no pause: the engine asked, or a cancel was answered.
    """
    slip.asked_at = slip.words
    if slip.inquiry is not None:
        return
    slip.inquiry = Inquiry()
    try:
        while slip.words == slip.asked_at:
            pause, look = next_look(slip.inquiry)
            await asyncio.sleep(0.0 if at_once else pause / SECOND)
            at_once = False
            if slip.words != slip.asked_at:
                break
            slip.inquiry = looked(slip.inquiry)
            try:
                await _look(line, slip, look)
            except VenueError:
                continue  # a question that failed says nothing
    finally:
        slip.inquiry = None


async def _look(line: Line, slip: Slip, look: Look) -> None:
    began, epoch, ended = line.terms.clock(), line.epoch, slip.ended.is_set()
    if await _by_id(line, slip):
        return
    if look is Look.ORDER and "order" in line.dialect.lookup:
        return
    for raw in await rows_of(line, line.asks.open_orders(line.known)):
        if _take(line, slip, raw):
            return
    filled = line.fills.filled(slip.intent.order_id)
    await read_trades(line)
    if line.fills.filled(slip.intent.order_id) > filled:
        raise VenueError("it has filled meanwhile: look again")
    await _be_explained(line, slip)
    live = epoch if ended and line.epoch == epoch else None
    taken_over = line.fills.taken_over(slip.intent.key)
    slip.inquiry = in_vain(slip.inquiry or Inquiry(), began, live, taken_over=taken_over)
    if slip.inquiry.absent:
        line.hear(_absence(line, slip))


async def _by_id(line: Line, slip: Slip) -> bool:
    """Whether the order was found by its client id."""
    if "order" not in line.dialect.lookup:
        return False
    try:
        rows = await line.ask(line.asks.order(slip.ref))
    except NotThereError:
        return False
    return any(_take(line, slip, raw) for raw in rows)


def _take(line: Line, slip: Slip, raw: object) -> bool:
    """Whether a raw order is the one looked for; then its state is told."""
    update = line.update_of(raw)
    if update is None or update.order_id != slip.intent.order_id:
        return False
    with suppress(VenueError):  # where a row has no such id, trades name the order themselves
        line.call_it(line.decoded(line.asks.trade_order, raw), update.order_id)
    line.hear(update)
    if line.missing(update):
        line.spawn(chase_fills(line, update))
    return True


async def _be_explained(line: Line, slip: Slip) -> None:
    """Raise unless our fills explain the position: a fill nobody told of would not show else.

    What a person took over explains it too, but that may be this very order's doing: then only a
    venue that is asked for the order by its id, and says that there is none, proves anything.
    """
    key = slip.intent.key
    if line.fills.taken_over(key) and "order" not in line.dialect.lookup:
        raise VenueError(f"what was taken over in {key} may be this order's")
    held = {each.key: each.qty for each in await read_positions(line)}
    if not line.fills.explains(key, held.get(key, Decimal(0))):
        raise VenueError(f"the position in {key} is not what the fills told make of it")


def _absence(line: Line, slip: Slip) -> OrderUpdate:
    """Say that an order is not at the venue: it never came, or it has ended and is forgotten."""
    order_id, filled = slip.intent.order_id, line.fills.filled(slip.intent.order_id)
    if slip.lived:
        why = "it is not at the venue any more: looked for everywhere, twice"
        return OrderUpdate(order_id, OrderStatus.CANCELLED, why, filled)
    why = "it never arrived: looked for everywhere, twice"
    return OrderUpdate(order_id, OrderStatus.REJECTED, why, filled)
