"""Placing and cancelling orders: one request each, and what its outcome proves."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from terminal.core.errors import VenueError
from terminal.core.fault_points import FaultPoint
from terminal.model.account import OpenOrder
from terminal.model.order import OrderStatus, OrderUpdate, TimeInForce
from terminal.venues.dialects.dialect import Outcome
from terminal.venues.dialects.outcomes import outcome_of
from terminal.venues.gateway.asks import Ask, done
from terminal.venues.gateway.limiter import Priority
from terminal.venues.gateway.line import Line, Slip
from terminal.venues.gateway.reading import chase_fills
from terminal.venues.gateway.searching import search
from terminal.venues.gateway.wire import NotSentError

PATIENCE_S: Final = 1.0
"""Longest wait of an order for the rate limit: a later one would be sent on an old price."""

CLOSING: Final = "the connection was closed while the order was under way"


async def place(line: Line, slip: Slip) -> None:
    """Send an order, once, and say what is proven of it."""
    order_id = slip.intent.order_id
    if not await line.turnstile.enter(Priority.ORDER, PATIENCE_S):
        slip.ended.set()
        why = f"not sent: the rate limit of {line.dialect.title} left no room for it"
        line.hear(OrderUpdate(order_id, OrderStatus.REJECTED, why))
        return
    barred = line.last_hop(slip.intent)  # after the wait for the rate limit: nothing is between
    if barred:
        slip.ended.set()
        line.hear(OrderUpdate(order_id, OrderStatus.REJECTED, f"not sent: {barred}"))
        return
    line.terms.fault(FaultPoint.BEFORE_REQUEST)
    try:
        reply = await line.wire.create(slip.sent)
    except asyncio.CancelledError:
        slip.ended.set()
        line.tell(OrderUpdate(order_id, OrderStatus.UNKNOWN, CLOSING))
        raise
    except Exception as error:  # noqa: BLE001 - every class is judged, none is let through
        slip.ended.set()
        _failed(line, slip, error)
    else:
        slip.ended.set()
        line.terms.fault(FaultPoint.REPLY_READ)
        _answered(line, slip, reply)


def _failed(line: Line, slip: Slip, error: Exception) -> None:
    words = line.failed(error)
    if any(each in words for each in line.asks.mode_errors):
        line.doubt_mode(words)
    if isinstance(error, NotSentError) or outcome_of(error) is Outcome.REFUSED:
        line.hear(OrderUpdate(slip.intent.order_id, OrderStatus.REJECTED, words))
    else:
        _unknown(line, slip, words)


def _unknown(line: Line, slip: Slip, words: str) -> None:
    """Say that nothing is proven, and look."""
    if not slip.words:  # the stream may have told of it already
        line.tell(OrderUpdate(slip.intent.order_id, OrderStatus.UNKNOWN, words))
    line.spawn(search(line, slip))


def _answered(line: Line, slip: Slip, reply: Mapping[str, object]) -> None:
    """Take the reply to an order: it must name an order, and ours where it names a client id."""
    venue_id, echo = reply.get("id"), reply.get("clientOrderId")
    named = isinstance(venue_id, str) and venue_id
    foreign = isinstance(echo, str) and echo and echo.lower() != slip.ref.client_id.lower()
    if not named or foreign:
        _unknown(line, slip, "the reply names no order of ours")
        return
    line.call_it(str(venue_id), slip.intent.order_id)
    try:
        update = line.update_of(reply.get("info"))
    except VenueError:
        update = None
    if update is None or update.order_id != slip.intent.order_id:
        line.spawn(search(line, slip))  # taken, but the reply does not say how it stands
        return
    line.hear(update)
    if line.missing(update):
        line.spawn(chase_fills(line, update))
    elif slip.intent.tif is TimeInForce.IOC and not slip.final:
        line.spawn(search(line, slip))  # it cannot rest: its end may have been told and lost


async def cancel(line: Line, slip: Slip) -> None:
    """Ask for a cancel, whatever is known of the order, and see what became of it.

    Neither a yes nor a no is taken for the end of the order: a yes may come before the last fill,
    and a no may mean that it was filled. Its own state is, by stream or by question.
    """
    early = not slip.ended.is_set()
    await _ask_to_cancel(line, slip)
    if early:  # the cancel may have overtaken the order
        await slip.ended.wait()
        await _ask_to_cancel(line, slip)
    if not slip.final:
        await search(line, slip, at_once=True)


async def _ask_to_cancel(line: Line, slip: Slip) -> None:
    if not slip.final:
        with suppress(VenueError):
            await line.ask(line.asks.cancel(slip.ref), Priority.CANCEL)
        line.terms.fault(FaultPoint.CANCEL_ANSWERED)


async def withdraw(line: Line, order: OpenOrder) -> None:
    """Cancel an order that is not ours, by the venue's own name of it.

    Raises
    ------
    VenueError
        The venue did not take the cancel, or the instrument has no symbol here.
    """
    symbol = line.symbols.get(order.key)
    if symbol is None:
        raise VenueError(f"{order.key} has no symbol at {line.dialect.title}")
    await line.ask(Ask("cancel_order", (order.venue_id, symbol), done), Priority.CANCEL)
