"""Costs of all hedges: those at work, those that wait for their mark-outs, and the totals.

A hedge leaves for the totals a minute after its end: by then its last mark-out is due, and a fill
that a cancel overtook has been told.
"""

from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from terminal.execution.learned_cost import Learned, learn
from terminal.execution.tca import Executed, filled, paid_over_quoted, with_fee
from terminal.model.order import Side
from terminal.model.tca import HORIZONS, HedgeCost, Mark, Marks
from terminal.model.tca_tally import Tally, tally_of

KEEP_HEDGES = 300
"""Finished hedges kept for the screen; the totals have them all."""

NEVER = 2**62

GRACE = HORIZONS[-1]
"""Time after its end that a hedge still takes fills and mark-outs, ns."""


class Pending(Struct, frozen=True):
    """A fill that waits for its next mark-out."""

    hedge_id: str
    key: str
    at: int
    price: float
    coins: float  # signed: bought is positive
    stage: int = 0  # place in HORIZONS

    @property
    def due(self) -> int:
        """When the next mark-out is due."""
        return self.at + HORIZONS[self.stage]


class CostBook(Struct, frozen=True, kw_only=True):
    """What executing has cost so far. Maps are replaced, never changed in place."""

    due: int = NEVER  # before this nothing here changes with time
    pending: tuple[Pending, ...] = ()
    open: dict[str, HedgeCost] = {}  # by hedge: not in the totals yet
    done: tuple[HedgeCost, ...] = ()  # oldest first
    tallies: dict[str, Tally] = {}  # of everything done, by cell
    learned: dict[str, Learned] = {}  # by instrument
    fees: tuple[tuple[str, Decimal], ...] = ()  # of the fills of hedges, by currency
    strays: tuple[tuple[str, Decimal], ...] = ()  # fees of every other fill


def kept(book: CostBook, record: HedgeCost) -> CostBook:
    """Book with one open hedge put in or brought up to date."""
    return _timed(replace(book, open={**book.open, record.hedge_id: record}))


def took(book: CostBook, hedge_id: str, executed: Executed) -> CostBook:
    """Book after a fill; one that belongs to no open hedge counts among the strays."""
    fill = executed.fill
    record = book.open.get(hedge_id)
    if record is None:
        return replace(book, strays=with_fee(book.strays, fill))
    sign = 1.0 if fill.side is Side.BUY else -1.0
    waits = Pending(
        hedge_id, fill.key, executed.at, float(fill.price), sign * executed.coins
    )
    book = replace(book, pending=(*book.pending, waits), fees=with_fee(book.fees, fill))
    return kept(book, filled(record, executed))


def over(book: CostBook, record: HedgeCost) -> CostBook:
    """Book after a hedge ended: what it paid teaches the cost of its instrument."""
    ratio = paid_over_quoted(record)
    if ratio is not None:
        rested = record.maker_notional / record.notional if record.notional else 0.0
        lesson = learn(book.learned.get(record.key, Learned()), ratio, rested)
        book = replace(book, learned={**book.learned, record.key: lesson})
    return kept(book, record)


def marked(book: CostBook, now: int, key: str, middle: float | None) -> CostBook:
    """Book after a quote at or after ``due``.

    Parameters
    ----------
    book : CostBook
    now : int
        When the quote came.
    key : str
        Its instrument.
    middle : float or None
        Its mid, USD; None when it is one-sided or flawed.

    Returns
    -------
    CostBook
        A mark-out is taken at the first mid of the instrument at or after it is due. One that
        comes later than twice its horizon after the fill speaks of another moment: it stays
        unknown, as after a gap, or between bars.
    """
    waiting: list[Pending] = []
    records = dict(book.open)
    for each in book.pending:
        after: Pending | None = each
        while after is not None and after.due <= now:
            late = now > each.at + 2 * HORIZONS[after.stage]
            if not late and (after.key != key or middle is None):
                break
            record = records.get(after.hedge_id)
            if record is not None and middle is not None and not late:
                records[record.hedge_id] = _with_mark(record, after, middle)
            last = after.stage + 1 == len(HORIZONS)
            after = None if last else replace(after, stage=after.stage + 1)
        if after is not None:
            waiting.append(after)
    return _retired(replace(book, pending=tuple(waiting), open=records), now)


def _with_mark(record: HedgeCost, fill: Pending, middle: float) -> HedgeCost:
    mark = Mark(fill.coins * (middle - fill.price), abs(fill.coins) * fill.price)
    marks = [*record.marks]
    marks[fill.stage] += mark
    fresh: Marks = (marks[0], marks[1], marks[2])
    return replace(record, marks=fresh)


def _retired(book: CostBook, now: int) -> CostBook:
    """Book whose hedges that are over for good are in the totals."""
    busy = {each.hedge_id: None for each in book.pending}
    leaving = [
        each
        for each in book.open.values()
        if each.ended_at and now >= each.ended_at + GRACE and each.hedge_id not in busy
    ]
    if not leaving:
        return _timed(book)
    tallies = dict(book.tallies)
    for record in leaving:
        fresh = tally_of(record)
        known = tallies.get(fresh.cell)
        tallies[fresh.cell] = known + fresh if known else fresh
    gone = {each.hedge_id for each in leaving}
    return _timed(
        replace(
            book,
            open={name: each for name, each in book.open.items() if name not in gone},
            done=(*book.done, *leaving)[-KEEP_HEDGES:],
            tallies=tallies,
        )
    )


def _timed(book: CostBook) -> CostBook:
    """Book that knows when time will next change it."""
    due = min((each.due for each in book.pending), default=NEVER)
    busy = {each.hedge_id for each in book.pending}
    for record in book.open.values():
        if record.ended_at and record.hedge_id not in busy:
            due = min(due, record.ended_at + GRACE)
    return book if due == book.due else replace(book, due=due)
