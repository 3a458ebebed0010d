"""Reading the account: trades, positions, balances, and a statement in which they agree."""

import asyncio
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final

from terminal.core.errors import VenueError
from terminal.core.units import MILLISECOND, MINUTE
from terminal.model.account import AccountSnapshot, Balance, OpenOrder, Position
from terminal.model.order import OrderUpdate
from terminal.venues.dialects.dialect import Raw
from terminal.venues.gateway.asks import Ask
from terminal.venues.gateway.fill_log import named
from terminal.venues.gateway.line import Line
from terminal.venues.gateway.resting import READERS

OVERLAP: Final = 2 * MINUTE
"""How far back trades are read again: venues list some of them late."""

_ATTEMPTS: Final = 3
_PAUSES_S: Final = (0.3, 1.0, 3.0)


async def rows_of(line: Line, asks: Iterable[Ask]) -> tuple[Raw, ...]:
    """Rows of several requests that make one answer: all of them, or an error."""
    rows: list[Raw] = []
    for ask in asks:
        rows += await line.ask(ask)
    return tuple(rows)


async def read_trades(line: Line) -> None:
    """Tell every fill that has not been told; trades are read with an overlap."""
    began = line.terms.now()
    since = (line.read_to - OVERLAP) // MILLISECOND
    for raw in await rows_of(line, line.asks.trades(line.known, _symbols(line), since)):
        fill = line.fill_of(raw)
        if fill is None:
            continue
        venue_id = line.decoded(line.asks.trade_order, raw)
        fill = named(fill, line.by_venue_id.get(venue_id, ""))
        done = line.decoded(line.asks.trade_ms, raw) * MILLISECOND
        if done < line.terms.since and fill.order_id not in line.slips:
            line.fills.pass_over(fill)
        else:
            line.book(fill)
    line.read_to = began


def _symbols(line: Line) -> tuple[str, ...]:
    """Symbols that may have traded: of orders, and of what is held."""
    keys = dict.fromkeys(each.intent.key for each in line.slips.values())
    keys |= dict.fromkeys(line.fills.held())
    known = line.known.by_key
    return tuple(known[key].contract.symbol for key in keys if key in known)


async def read_positions(line: Line) -> tuple[Position, ...]:
    """Positions that are not flat."""
    rows = await rows_of(line, line.asks.positions(line.known))
    found = (
        line.decoded(lambda row: line.dialect.decoder.position(row, line.known), raw)
        for raw in rows
    )
    return tuple(each for each in found if each is not None and each.qty != 0)


async def read_balances(line: Line) -> tuple[Balance, ...]:
    """Cash of each currency."""
    rows = await rows_of(line, line.asks.balances(line.known))
    found = (line.decoded(line.asks.balance, raw) for raw in rows)
    stated: Mapping[str, Balance] = {each.currency: each for each in found if each is not None}
    return tuple(each for each in stated.values() if each.amount != 0)


async def read_orders(line: Line) -> tuple[OpenOrder, ...] | None:
    """Orders that rest, whoever sent them; None where this venue's cannot be read."""
    read = READERS.get(line.dialect.ccxt_id)
    if read is None:
        return None
    found = []
    for raw in await rows_of(line, line.asks.open_orders(line.known)):
        update = line.update_of(raw)
        ours = update.order_id if update is not None else ""
        found.append(line.decoded(partial(read, known=line.known, order_id=ours), raw))
    return tuple(each for each in found if each is not None)


async def read_account(line: Line, *, opening: bool = True) -> AccountSnapshot:
    """Positions and balances of a moment at which every fill had been told, and no other.

    Parameters
    ----------
    line : Line
    opening : bool
        Whether fills are counted from these positions on. A later statement must not be taken
        over so: it would explain a position by a fill that nobody has told.

    Raises
    ------
    VenueError
        The venue could not be read, or fills kept coming between the reads.
    """
    for _ in range(_ATTEMPTS):
        await read_trades(line)
        count = line.fills.count
        orders = await read_orders(line)
        balances = await read_balances(line)
        positions = await read_positions(line)
        await read_trades(line)
        if line.fills.count == count:
            if opening and all(each.inquiry is None for each in line.slips.values()):
                line.fills.adopt(positions)  # else it would hide what an order in question did
            return AccountSnapshot(line.dialect.venue, positions, balances, orders)
    raise VenueError("fills keep coming: the account cannot be read at one moment")


async def chase_fills(line: Line, update: OrderUpdate) -> None:
    """Read trades until the fills of an ended order have all been told; the stream may be late."""
    for pause in _PAUSES_S:
        await asyncio.sleep(pause)
        if not line.missing(update):
            return
        try:
            await read_trades(line)
        except VenueError:
            continue
