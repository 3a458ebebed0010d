"""What may still hide behind moves that are under way, and when a comparison has proved enough.

A statement puts the difference between a venue and the books inside a span: at a moment without
moves around it is one number, in busy times any move of its window may or may not be in the
statement. An unseen change stays as it is from statement to statement, so it lies in all of their
spans. Spans that meet in nothing were not of one and the same difference: then the last one alone
counts, and the statements are counted from there.

An account that is traded all the time, both ways, leaves a span as wide as its turnover for ever.
So the path of the books is kept as well: a venue that books the trades of one instrument in the
order in which we heard of them states one of the amounts on the way. ``BUSY`` statements in a row
that agree on that are proof too, but of innocence alone: a difference is only ever found, and only
ever ends, by a span.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal, localcontext

from msgspec import Struct

from terminal.portfolio.ledger import NOTHING, precise

BUSY = 4
"""Statements in a row whose paths must agree before they are taken for proof."""


class Span(Struct, frozen=True):
    """Least and most of what a statement may say, or of a difference."""

    low: Decimal
    high: Decimal

    def nearest(self, amount: Decimal) -> Decimal:
        """The amount itself inside, else the end that is nearer."""
        return min(max(amount, self.low), self.high)


NONE = Span(NOTHING, NOTHING)


class Doubt(Struct, frozen=True):
    """Where the difference of one name lies by every statement since it is in doubt."""

    sums: Span  # if any of the moves in a window may be missing in its statement
    path: Span  # if only the last of them may be
    looks: int  # statements in a row that can be of one difference


def differing(ours: Span, theirs: Decimal) -> Span:
    """Where the difference lies that a statement leaves, signed as theirs less ours."""
    with localcontext(precise()):
        return Span(theirs - ours.high, theirs - ours.low)


def path(now: Decimal, changes: Iterable[tuple[bool, Decimal]]) -> Span:
    """Least and most that was held from before a window to its end.

    Parameters
    ----------
    now : Decimal
        Held after the last change.
    changes : iterable of (bool, Decimal)
        Since the window began, the last one first: whether it is inside, and what it changed.
    """
    held = now
    stops = []
    with localcontext(precise()):
        for inside, change in changes:
            if inside:
                stops.append(held)
            held -= change
    return Span(min([held, *stops]), max([held, *stops]))


def narrowed(before: Doubt | None, sums: Span, along: Span) -> Doubt:
    """Doubt after one more statement."""
    if before is not None:
        met, way = _shared(before.sums, sums), _shared(before.path, along)
        if met is not None and way is not None:
            return Doubt(met, way, before.looks + 1)
        if met is not None:  # heard in another order than booked: the way is begun anew
            return Doubt(met, along, 1)
    return Doubt(sums, along, 1)


def verdict(doubt: Doubt, locks: Callable[[Decimal], bool]) -> bool | None:
    """Whether a difference locks, whatever it is within its span; None while that depends.

    Parameters
    ----------
    doubt : Doubt
    locks : callable
        Whether a difference of a size locks hedging; a larger one does if a smaller does.
    """
    said = _verdict(doubt.sums, locks)
    if said is None and doubt.looks >= BUSY and _verdict(doubt.path, locks) is False:
        return False
    return said


def _verdict(span: Span, locks: Callable[[Decimal], bool]) -> bool | None:
    near = locks(abs(span.nearest(NOTHING)))
    far = locks(max(abs(span.low), abs(span.high)))
    return near if near == far else None


def _shared(one: Span, other: Span) -> Span | None:
    low, high = max(one.low, other.low), min(one.high, other.high)
    return Span(low, high) if low <= high else None
