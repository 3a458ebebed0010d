"""What became of an order that nobody answered for: where to look, when, and what proves absence.

An order is found by any place that knows it. It is proven absent only by two complete searches
that found nothing, at least two seconds apart, after the request to place it had ended, while one
and the same private stream was live, and with a position that our fills explain in full. Where a
person has taken the position over, that may have been the order's doing: then the searches are
thirty seconds apart, and the venue must be one that can be asked for an order by its id. A search
that failed says nothing. An order is never sent again, whatever is found.
"""

from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import MILLISECOND, SECOND

APART: Final = 2 * SECOND
"""Least time between two searches that prove absence together."""

FAR_APART: Final = 30 * SECOND
"""The same where a person took over the position: it is no evidence of its own any more."""

_FIRST: Final = (250 * MILLISECOND, SECOND, 3 * SECOND)
"""Pauses before the first three looks, by client id alone."""

_THEN: Final = (2 * SECOND, 2 * SECOND, 4 * SECOND, 8 * SECOND)
_LATER: Final = 15 * SECOND


class Look(StrEnum):
    """Where to look."""

    ORDER = "order"  # at the order by its client id, where the venue can
    EVERYWHERE = "everywhere"  # there, among open orders and trades, and at the position


class Inquiry(Struct, frozen=True):
    """One order in question.

    ``absent_at`` (ns) is when the first complete search in vain began, on stream ``epoch``.
    """

    looks: int = 0
    absent_at: int | None = None
    epoch: int = -1
    absent: bool = False  # proven


def next_look(inquiry: Inquiry) -> tuple[int, Look]:
    """Pause in ns before the next look, and where it goes."""
    if inquiry.looks < len(_FIRST):
        return _FIRST[inquiry.looks], Look.ORDER
    later = inquiry.looks - len(_FIRST)
    return (_THEN[later] if later < len(_THEN) else _LATER), Look.EVERYWHERE


def looked(inquiry: Inquiry) -> Inquiry:
    """Inquiry after a look that found nothing, or failed."""
    return replace(inquiry, looks=inquiry.looks + 1)


def in_vain(
    inquiry: Inquiry, began: int, epoch: int | None, *, taken_over: bool = False
) -> Inquiry:
    """Inquiry after a complete search that found nothing.

    Parameters
    ----------
    inquiry : Inquiry
    began : int
        When the search began, ns of a monotonic clock.
    epoch : int or None
        Which connection of the private stream was live throughout; None when none was.
    taken_over : bool
        Whether the position is explained by a person's word.
    """
    if epoch is None:
        return replace(inquiry, absent_at=None, epoch=-1)
    if inquiry.absent_at is None or inquiry.epoch != epoch:
        return replace(inquiry, absent_at=began, epoch=epoch)
    apart = FAR_APART if taken_over else APART
    return replace(inquiry, absent=began - inquiry.absent_at >= apart)
