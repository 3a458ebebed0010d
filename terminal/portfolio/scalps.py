"""The scalp ledger: hedge buys paired with hedge sells, first in first out, from fills alone.

What was held before the first fill is no part of it. Pairs and open lots split the profit of the
fills and leave no remainder: realised scalps plus the open lots at the mark are what trading the
instrument has earned since, in its own currency, in steps of ``CASH_STEP``.
"""

from decimal import Decimal, localcontext

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import utc_day
from terminal.model.instrument import Instrument, Option, Spot
from terminal.model.order import Fill, signed
from terminal.portfolio.holding import average_entry, profit
from terminal.portfolio.ledger import CASH_STEP, precise

KEEP_LOTS = 400
"""Open lots of an instrument; beyond it the two oldest become one at their average price, which
changes how later scalps are split but not what they sum to."""

KEEP_SCALPS = 200
KEEP_DAYS = 60

NOTHING = Decimal(0)


class Lot(Struct, frozen=True, array_like=True, gc=False):
    """Signed contracts that no later fill has closed yet."""

    qty: Decimal
    price: Decimal
    fee: Decimal  # of these contracts, in the currency of the book
    at: int


class Scalp(Struct, frozen=True, array_like=True, gc=False):
    """A buy and a sell that belong together; ``qty`` is positive when bought first."""

    opened: int
    closed: int
    qty: Decimal  # signed contracts
    entry: Decimal
    exit: Decimal
    gross: Decimal  # profit before fees, in the currency of the book
    fees: Decimal  # of both fills, in the currency of the book

    @property
    def net(self) -> Decimal:
        """Profit after the fees of both fills."""
        return self.gross - self.fees


class Banked(Struct, frozen=True, array_like=True, gc=False):
    """Scalps of a span of time added up, in the currency of the book."""

    scalps: int = 0
    gross: Decimal = NOTHING
    fees: Decimal = NOTHING  # of the fills that are paired
    paid: Decimal = NOTHING  # fees of every fill, paired or not


class ScalpBook(Struct, frozen=True):
    """Scalps of one instrument.

    Attributes
    ----------
    lots : tuple of Lot
        Open remainder, all of one sign, oldest first.
    recent : tuple of Scalp
        The latest ``KEEP_SCALPS``, oldest first; the journal has them all.
    days : dict
        UTC day to its sums, the latest ``KEEP_DAYS`` days on which something was traded.
    total : Banked
        Everything since the first fill.
    elsewhere : dict
        Fees that were paid in another currency than the book's; no scalp is charged with them.
    """

    lots: tuple[Lot, ...] = ()
    recent: tuple[Scalp, ...] = ()
    days: dict[int, Banked] = {}
    total: Banked = Banked()
    elsewhere: dict[str, Decimal] = {}


EMPTY = ScalpBook()


def currency_of(instrument: Instrument) -> str:
    """Currency of a book: what the instrument's profit is paid in."""
    contract = instrument.contract
    return contract.quote if isinstance(instrument, Spot) else contract.settle


def with_fill(
    books: dict[str, ScalpBook], instrument: Instrument, fill: Fill, at: int
) -> dict[str, ScalpBook]:
    """Books after a fill that was not booked before.

    Parameters
    ----------
    books : dict
        By instrument key; it is left alone.
    instrument : Instrument
        Terms of ``fill.key``; options are no hedges and change nothing.
    fill : Fill
    at : int
        UtcNs, the day it counts to.
    """
    if isinstance(instrument, Option):
        return books
    book = books.get(fill.key, EMPTY)
    own = fill.fee_currency == currency_of(instrument)
    lot = Lot(signed(fill.side, fill.qty), fill.price, fill.fee if own else NOTHING, at)
    with localcontext(precise()):
        after = _traded(book, instrument, lot)
        if not own and fill.fee:
            paid = after.elsewhere.get(fill.fee_currency, NOTHING) + fill.fee
            after = replace(after, elsewhere={**after.elsewhere, fill.fee_currency: paid})
    return {**books, fill.key: after}


def with_settlement(
    books: dict[str, ScalpBook], instrument: Instrument, price: Decimal, at: int
) -> dict[str, ScalpBook]:
    """Books after an instrument expired: what is open closes at its settlement price, free."""
    key = instrument.contract.key
    book = books.get(key)
    if book is None or not book.lots:
        return books
    with localcontext(precise()):
        return {**books, key: _traded(book, instrument, Lot(-open_qty(book), price, NOTHING, at))}


def open_qty(book: ScalpBook) -> Decimal:
    """Signed contracts that are not paired yet."""
    return sum((lot.qty for lot in book.lots), NOTHING)


def open_profit(book: ScalpBook, instrument: Instrument, mark: Decimal) -> Decimal:
    """Profit of the open lots at a mark, before fees, in the currency of the book."""
    with localcontext(precise()):
        gains = (profit(instrument, lot.qty, lot.price, mark) for lot in book.lots)
        return sum((gain.quantize(CASH_STEP) for gain in gains), NOTHING)


def banked_on(book: ScalpBook, day: int) -> Banked:
    """Sums of one UTC day (days since 1970); nothing on a day without fills."""
    return book.days.get(day, Banked())


def _traded(book: ScalpBook, instrument: Instrument, new: Lot) -> ScalpBook:
    """Close the oldest lots of the other sign against a fill; what is left of it opens."""
    left, fee = new.qty, new.fee
    lots, closed, scalps = book.lots, 0, []
    while left and closed < len(lots) and (lots[closed].qty < 0) == (left > 0):
        lot = lots[closed]
        if abs(lot.qty) <= abs(left):
            part, lot_fee = lot.qty, lot.fee
            closed += 1
        else:
            part, lot_fee = -left, _share(lot.fee, -left, lot.qty)
            rest = replace(lot, qty=lot.qty - part, fee=lot.fee - lot_fee)
            lots = (rest, *lots[closed + 1 :])
            closed = 0
        own_fee = fee if part == -left else _share(fee, -part, left)
        left, fee = left + part, fee - own_fee
        gross = profit(instrument, part, lot.price, new.price).quantize(CASH_STEP)
        scalps.append(
            Scalp(lot.at, new.at, part, lot.price, new.price, gross, lot_fee + own_fee)
        )
    lots = lots[closed:]
    if left:
        lots = _bounded(instrument, (*lots, Lot(left, new.price, fee, new.at)))
    return _summed(replace(book, lots=lots), scalps, new)


def _share(fee: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    return (fee * part / whole).quantize(CASH_STEP)


def _bounded(instrument: Instrument, lots: tuple[Lot, ...]) -> tuple[Lot, ...]:
    if len(lots) <= KEEP_LOTS:
        return lots
    one, two, *rest = lots
    price = average_entry(instrument, (one.qty, one.price), (two.qty, two.price))
    return (Lot(one.qty + two.qty, price, one.fee + two.fee, one.at), *rest)


def _summed(book: ScalpBook, scalps: list[Scalp], new: Lot) -> ScalpBook:
    day = utc_day(new.at)
    gross = sum((each.gross for each in scalps), NOTHING)
    fees = sum((each.fees for each in scalps), NOTHING)
    more = Banked(len(scalps), gross, fees, new.fee)
    days = {**book.days, day: _added(banked_on(book, day), more)}
    if len(days) > KEEP_DAYS:
        del days[min(days)]
    return replace(
        book,
        recent=(*book.recent, *scalps)[-KEEP_SCALPS:] if scalps else book.recent,
        days=days,
        total=_added(book.total, more),
    )


def _added(one: Banked, two: Banked) -> Banked:
    return Banked(
        one.scalps + two.scalps, one.gross + two.gross, one.fees + two.fees, one.paid + two.paid
    )
