"""P&L of a span by cause, place and expiry, in whole cents that sum exactly."""

from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal

from msgspec import Struct

from terminal.model.attribution import AttributionView, Bucket

CENT = Decimal("0.01")
NOWHERE = ""
"""Underlying of what rounding to cents left over."""


class Place(Struct, frozen=True):
    """What an amount belongs to."""

    underlying: str
    expiry: int
    venue: str
    cause: Bucket


class Ledger(Struct, frozen=True):
    """Amounts of a span. They sum to ``total``, exactly, unless it is None: unknown."""

    amounts: Mapping[Place, Decimal]
    total: Decimal | None
    missing: str = ""  # what has no price, where the total is unknown

    def by(self, name: Callable[[Place], object]) -> dict[object, Decimal]:
        """Sums by anything that can be said of a place."""
        found: dict[object, Decimal] = {}
        for place, usd in self.amounts.items():
            found[name(place)] = found.get(name(place), Decimal(0)) + usd
        return found


def in_cents(usd: float) -> Decimal:
    """USD rounded to whole cents."""
    return Decimal(repr(usd)).quantize(CENT, ROUND_HALF_EVEN)


def ledger_of(start: AttributionView, end: AttributionView) -> Ledger:
    """Amounts that came between two views of one account.

    Parameters
    ----------
    start, end : AttributionView
        Of one run, which may have been restarted between them.

    Notes
    -----
    Every amount is rounded by itself. What is then missing to the rounded change of equity, at
    most half a cent for each of them, is a residual that belongs to no coin.
    """
    found: dict[Place, float] = {}
    for sign, view in ((1.0, end), (-1.0, start)):
        for cell in view.cells:
            for cause, usd in cell.usd.items():
                place = Place(cell.underlying, cell.expiry, cell.venue, cause)
                found[place] = found.get(place, 0.0) + sign * usd
    amounts = {place: in_cents(usd) for place, usd in sorted(found.items(), key=_order)}
    amounts = {place: usd for place, usd in amounts.items() if usd}
    missing = end.missing or _unknown_start(start)
    if end.total is None or missing:
        return Ledger(amounts, None, missing)
    total = in_cents(end.total - (start.total or 0.0))
    rest = total - _sum(amounts.values())
    if rest:
        amounts[Place(NOWHERE, 0, "", Bucket.RESIDUAL)] = rest
    return Ledger(amounts, total)


def _unknown_start(start: AttributionView) -> str:
    """Why P&L cannot be counted from the start; nothing when the account was opened later."""
    return start.missing if start.cells and start.total is None else ""


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def _order(item: tuple[Place, float]) -> tuple[str, int, str, int]:
    place = item[0]
    return place.underlying, place.expiry, place.venue, tuple(Bucket).index(place.cause)
