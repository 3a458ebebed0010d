"""Reading the account: trades, positions, balances, and a statement in which they agree."""

import asyncio
from collections.abc import Iterable
from decimal import Decimal
from functools import partial
from typing import Final

from terminal.core.errors import VenueError
from terminal.core.units import MILLISECOND, MINUTE
from terminal.model.account import AccountSnapshot, Balance, OpenOrder, Position
from terminal.model.order import Fill, OrderUpdate
from terminal.venues.dialects.dialect import Raw
from terminal.venues.gateway.asks import Ask, Span
from terminal.venues.gateway.fill_log import named
from terminal.venues.gateway.forced import tell_forced
from terminal.venues.gateway.line import Line, NotThereError
from terminal.venues.gateway.resting import READERS
from terminal.venues.gateway.settlements import tell_settlements

OVERLAP: Final = 2 * MINUTE
"""How far back trades are read again: venues list some of them late."""

PAID_OVERLAP: Final = 60 * MINUTE
"""The same for payments of funding, which are made at full hours."""

_ATTEMPTS: Final = 3
_PAUSES_S: Final = (0.3, 1.0, 3.0)


async def rows_of(line: Line, asks: Iterable[Ask]) -> tuple[Raw, ...]:
    """Rows of several requests that make one answer: all of them, or an error."""
    rows: list[Raw] = []
    for ask in asks:
        rows += await line.ask(ask)
    return tuple(rows)


async def read_trades(line: Line) -> None:
    """Tell every fill that has not been told; trades are read with an overlap, to the last page.

    Until the account has been stated, fills of others are left to the statement: the books then
    differ from it, and a person says whether they are to be taken over.
    """
    began = line.terms.now()
    since = (line.read_to - OVERLAP) // MILLISECOND
    span = Span(_symbols(line), since, began // MILLISECOND)
    for raw in await rows_of(line, line.asks.trades(line.known, span)):
        fill = line.fill_of(raw)
        if fill is None:
            continue
        fill = await _owned(line, fill, line.decoded(line.asks.trade_order, raw))
        done = line.decoded(line.asks.trade_ms, raw) * MILLISECOND
        strange = not line.opened and not fill.order_id  # done while nobody was here to see it
        if strange or (done < line.terms.since and fill.order_id not in line.slips):
            line.fills.pass_over(fill)
        else:
            line.book(fill)
    line.read_to = began


async def _owned(line: Line, fill: Fill, venue_id: str) -> Fill:
    """Fill under our id of its order; a venue whose trades do not name it is asked, once.

    A fill told as a stranger's is never told again: an order of ours that it belongs to would
    wait for it for ever. So where the question fails, no trade is told until it is answered.
    """
    if fill.order_id or line.fills.told(fill) or line.asks.owner is None:
        return named(fill, line.by_venue_id.get(venue_id, ""))
    waits = any(each.intent.key == fill.key and not each.final for each in line.slips.values())
    if venue_id not in line.by_venue_id and waits:
        instrument = line.known.by_key[fill.key]
        try:
            rows = await line.ask(line.asks.owner(instrument.contract, venue_id))
        except NotThereError:
            rows = ()
        found = [update for raw in rows if (update := line.update_of(raw)) is not None]
        line.call_it(venue_id, found[0].order_id if found else "")
    return named(fill, line.by_venue_id.get(venue_id, ""))


def _symbols(line: Line) -> tuple[str, ...]:
    """Symbols that may have traded: of orders, and of what is held."""
    keys = dict.fromkeys(each.intent.key for each in line.slips.values())
    keys |= dict.fromkeys(line.fills.held())
    known = line.known.by_key
    return tuple(known[key].contract.symbol for key in keys if key in known)


async def check_mode(line: Line) -> None:
    """Make sure that the account is in one-way mode.

    Raises
    ------
    VenueError
        It is in hedge mode, or nobody knows.
    """
    for raw in await rows_of(line, line.asks.modes(line.known)):
        line.decoded(line.asks.mode, raw)
    line.two_sides = ""


async def read_positions(line: Line) -> tuple[Position, ...]:
    """Positions that are not flat."""
    rows = await rows_of(line, line.asks.positions(line.known))
    found = [
        (line.decoded(lambda row: line.dialect.decoder.position(row, line.known), raw), raw)
        for raw in rows
    ]
    held = [(each, raw) for each, raw in found if each is not None and each.qty != 0]
    tell_forced(line, [(each.key, raw) for each, raw in held])
    return tuple([each for each, _ in held])


async def read_balances(line: Line) -> tuple[Balance, ...]:
    """Cash of each currency, the sum of what the rows say of it."""
    rows = await rows_of(line, line.asks.balances(line.known))
    found = (line.decoded(line.asks.balance, raw) for raw in rows)
    stated: dict[str, Balance] = {}
    for each in found:
        if each is not None:
            known = stated.get(each.currency, Balance(each.currency, Decimal(0)))
            amount, within = known.amount + each.amount, known.within + each.within
            stated[each.currency] = Balance(each.currency, amount, within)
    return tuple(each for each in stated.values() if each.amount != 0)


async def read_payments(line: Line) -> None:
    """Tell every payment of funding that has not been told; venues list some of them late."""
    began = line.terms.now()
    since = max(line.paid_to - PAID_OVERLAP, line.terms.paid_since)
    span = Span((), since // MILLISECOND, began // MILLISECOND)
    for raw in await rows_of(line, line.asks.payments(line.known, span)):
        paid = line.decoded(lambda row: line.asks.payment(row, line.known), raw)
        if paid is not None and line.decoded(line.asks.payment_ms, raw) * MILLISECOND >= since:
            line.pay(paid)
    line.paid_to = began


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

    Of an account in which fills never cease there is no such moment. A later statement is told
    all the same: whoever compares it knows that moves of its time may or may not be in it.

    Parameters
    ----------
    line : Line
    opening : bool
        Whether fills are counted from these positions on. A later statement must not be taken
        over so: it would explain a position by a fill that nobody has told.

    Raises
    ------
    VenueError
        The venue could not be read, or fills kept coming while the account was to be opened.
    """
    for attempt in range(_ATTEMPTS):
        await read_trades(line)
        count = line.fills.count
        orders = await read_orders(line)
        balances = await read_balances(line)
        await read_payments(line)  # after the balances: none that is in them is left untold
        positions = await read_positions(line)
        await read_trades(line)
        still = line.fills.count == count
        if still:
            await tell_settlements(line, positions)
            still = line.fills.count == count
        if still and opening and all(each.inquiry is None for each in line.slips.values()):
            line.fills.adopt(positions)  # else it would hide what an order in question did
        if still or (not opening and attempt == _ATTEMPTS - 1):
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
