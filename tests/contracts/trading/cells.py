"""The table of the contract: each wrong reply to each request, and what it must come to."""

import time
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from terminal.core.errors import VenueError
from terminal.venues.gateway.limiter import Turnstile
from terminal.venues.gateway.line import Line
from terminal.venues.gateway.reading import (
    read_account,
    read_balances,
    read_positions,
    read_trades,
    rows_of,
)
from tests.contracts.trading.replies import REPLIES, Reply
from tests.contracts.trading.trader import Trader
from tests.venue_servers.faults import Fault

NO_ANSWER: Final = "no answer"
"""What a wrong reply to a question must be taken for: neither an empty account nor any other."""

HANG_MS: Final = 300
"""Wait for an answer that never comes."""


class Cell(Struct, frozen=True):
    """What came of one wrong reply: the words, and how many orders the venue got for one sent."""

    outcome: str
    arrived: int = 0


async def _open_orders(line: Line) -> object:
    return await rows_of(line, line.asks.open_orders(line.known))


async def _positions(line: Line) -> object:
    """Read positions as they are, and in a statement of the whole account."""
    try:
        await read_account(line)
    except VenueError:
        _lift(line)
        return await read_positions(line)
    return ()


QUESTIONS: Final[Mapping[str, Callable[[Line], Awaitable[object]]]] = MappingProxyType(
    {
        "positions": _positions,
        "open_orders": _open_orders,
        "trades": read_trades,
        "balance": read_balances,
    }
)

REQUESTS: Final = ("create", "cancel", *QUESTIONS)


def designed(reply: Reply, request: str) -> frozenset[str]:
    """Outcomes that are right for one cell."""
    if request == "create":
        return reply.ends
    if request == "cancel":
        return frozenset({"cancelled" if reply.accepted else "live"})
    return frozenset({NO_ANSWER})


async def played(desk: Trader, reply: Reply, request: str) -> Cell:
    """Play one cell on a desk: spoil the reply, make the request, and wait for what is told."""
    if request == "create":
        return await _create(desk, reply)
    if request == "cancel":
        return await _cancel(desk, reply)
    return await _question(desk, reply, request)


async def _create(desk: Trader, reply: Reply) -> Cell:
    reply.spoil(desk.server, desk.venue.routes.create, desk.venue.no_money, times=1)
    order_id = desk.send()
    await desk.until(lambda: set(desk.statuses(order_id)[-1:]) & reply.ends)
    told = desk.statuses(order_id)
    assert told[0] in reply.begins
    return Cell(told[-1], desk.arrived(order_id))


async def _cancel(desk: Trader, reply: Reply) -> Cell:
    order_id = await desk.rests()
    reply.spoil(desk.server, desk.venue.routes.cancel, desk.venue.no_money, times=1)
    desk.gateway.cancel(order_id, 0)
    if reply.accepted:
        await desk.hears(order_id, "cancelled")
    else:
        lift(desk)
        before = desk.line.slips[order_id].words
        desk.gateway.query(order_id, 0)
        await desk.until(lambda: desk.line.slips[order_id].words > before)
    return Cell(desk.statuses(order_id)[-1], desk.arrived(order_id))


async def _question(desk: Trader, reply: Reply, request: str) -> Cell:
    if not desk.line.slips:
        await desk.rests()  # Binance is asked for the trades of a symbol that was traded
    (order_id, *_) = desk.line.slips
    reply.spoil(desk.server, getattr(desk.venue.routes, request), desk.venue.no_money)
    lift(desk)
    exchange = desk.line.wire._exchange  # type: ignore[attr-defined]  # ccxt's, under test
    patience = exchange.timeout
    if reply.fault is Fault.HANG:  # nobody means to answer: how long we wait proves nothing
        exchange.timeout = HANG_MS
    try:
        await QUESTIONS[request](desk.line)
    except VenueError:
        return Cell(NO_ANSWER, desk.arrived(order_id))
    finally:
        exchange.timeout = patience
        desk.server.faults.clear()
    return Cell("taken for an answer", desk.arrived(order_id))


def arrivals(reply: Reply, request: str) -> int:
    """How many orders the venue must have got for the one that was sent."""
    return int(reply.accepted) if request == "create" else 1


def lift(desk: Trader) -> None:
    """End a ban at once: how long it holds is tested where time can be made to pass."""
    _lift(desk.line)


def _lift(line: Line) -> None:
    line.turnstile = Turnstile(line.asks.budget, time.monotonic_ns)


EVERY: Final = tuple((reply, request) for reply in REPLIES for request in REQUESTS)
"""Twelve wrong replies to six requests."""
