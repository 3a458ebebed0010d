"""What happens to the book at known instants: payments, expiries and the daily settlement."""

from collections.abc import Iterable, Iterator, Mapping

from terminal.core.units import DAY, HOUR
from terminal.model.carry import CarryRow, CarryStamp
from terminal.model.greeks import PositionRisk

SETTLES_AT = 8 * HOUR
"""Time of day (UTC) at which options and futures expire and accounts are settled."""


def stamps(
    held: Iterable[CarryRow], positions: Mapping[str, tuple[PositionRisk, ...]], now: int
) -> tuple[CarryStamp, ...]:
    """Everything to come, by time.

    Parameters
    ----------
    held : iterable of CarryRow
        Perpetuals.
    positions : mapping
        Rows of the book by underlying.
    now : int
        UtcNs.

    Returns
    -------
    tuple of CarryStamp
        The next daily settlement; each coin's funding, summed where stamps coincide (None while
        one of the payments is unknown); each coin's expiries with the delta (Black-Scholes, coin)
        that ends with them.
    """
    daily = CarryStamp(at=next_settlement(now), underlying="", what="daily settlement")
    return tuple(sorted((daily, *_payments(held), *_expiries(positions, now)), key=_at))


def next_settlement(now: int) -> int:
    """Next 08:00 UTC after ``now``, UtcNs."""
    today = now - now % DAY + SETTLES_AT
    return today if today > now else today + DAY


def _at(stamp: CarryStamp) -> int:
    return stamp.at


def _payments(held: Iterable[CarryRow]) -> Iterator[CarryStamp]:
    due: dict[tuple[str, int], list[float | None]] = {}
    for row in held:
        if row.next_at:
            due.setdefault((row.underlying, row.next_at), []).append(row.due_usd)
    for (coin, at), amounts in due.items():
        known = [amount for amount in amounts if amount is not None]
        usd = sum(known) if len(known) == len(amounts) else None
        yield CarryStamp(at=at, underlying=coin, what="funding", usd=usd)


def _expiries(
    positions: Mapping[str, tuple[PositionRisk, ...]], now: int
) -> Iterator[CarryStamp]:
    for coin, rows in positions.items():
        ending: dict[int, list[PositionRisk]] = {}
        for row in rows:
            if row.expiry > now and row.qty:
                ending.setdefault(row.expiry, []).append(row)
        for expiry, legs in ending.items():
            kinds = sorted({leg.kind for leg in legs})
            what = f"expiry: {len(legs)} × {' and '.join(kinds)}"
            gone = sum(leg.risk.delta for leg in legs)
            yield CarryStamp(at=expiry, underlying=coin, what=what, delta=gone)
