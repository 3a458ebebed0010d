"""Amounts by day, episode, underlying, expiry and venue, kept within bounds."""

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import DAY, utc_day
from terminal.model.attribution import (
    EARLIER,
    EVER,
    EXPIRED,
    Amounts,
    Bucket,
    Cell,
    Episode,
    LegSum,
    Stray,
    Why,
)

DAYS = 14
"""UTC days kept apart, the present one included."""

EPISODES = 12
"""Episodes of an underlying kept apart."""


class Row(Struct, frozen=True):
    """What an amount belongs to."""

    key: str  # of the instrument, or the currency
    name: str
    underlying: str
    expiry: int  # UtcNs, 0 without expiry
    venue: str  # empty for cash


class Entry(Struct, frozen=True):
    """Amounts to book. ``day`` is the one in which their step began."""

    row: Row
    usd: Amounts
    day: int
    at: int  # UtcNs, end of the step
    why: Why = Why.LARGE_MOVE


class Store(Struct, frozen=True):
    """Sums since the opening. Every amount is in one cell and in one leg."""

    cells: dict[str, Cell] = {}
    legs: dict[str, LegSum] = {}
    episodes: dict[str, tuple[Episode, ...]] = {}  # by underlying, oldest first
    worst: dict[int, Stray] = {}  # by UTC day


def booked(store: Store, entries: Iterable[Entry]) -> Store:
    """Store with more amounts, each in the present episode of its underlying."""
    cells, legs, worst = dict(store.cells), dict(store.legs), dict(store.worst)
    for entry in entries:
        if not entry.usd:
            continue
        row = entry.row
        episode = episode_of(store, row.underlying)
        _put(cells, _amended(Cell(entry.day, episode, *_place(row)), entry))
        before = legs.get(row.key) or LegSum(row.name, row.underlying, row.expiry, row.venue)
        legs[row.key] = replace(before, usd=added(before.usd, entry.usd))
        stray = entry.usd.get(Bucket.RESIDUAL, 0.0)
        last = worst.get(entry.day)
        if stray and (last is None or abs(stray) > abs(last.usd)):
            worst[entry.day] = Stray(entry.at, row.name, stray, entry.why)
    return replace(store, cells=cells, legs=legs, worst=worst)


def episode_of(store: Store, underlying: str) -> int:
    """Number of the episode that an underlying is in; EARLIER while it has none."""
    known = store.episodes.get(underlying)
    return known[-1].number if known else EARLIER


def begin_episode(store: Store, underlying: str, since: int, cause: str) -> Store:
    """Store with a new episode of an underlying."""
    known = store.episodes.get(underlying, ())
    fresh = Episode(underlying, episode_of(store, underlying) + 1, since, cause)
    kept = (*known, fresh)[-EPISODES:]
    return replace(store, episodes={**store.episodes, underlying: kept})


def tidied(store: Store, now: int, held: Mapping[str, object]) -> Store:
    """Store within its bounds.

    Parameters
    ----------
    store : Store
    now : int
        UtcNs.
    held : mapping
        By key, what is still held: the other legs are summed by expiry and venue.

    Returns
    -------
    Store
        Days and episodes beyond those kept are one each, and so are expiries long gone.
    """
    first = utc_day(now) - DAYS + 1
    cells: dict[str, Cell] = {}
    for cell in store.cells.values():
        known = store.episodes.get(cell.underlying, ())
        older = known and cell.episode < known[0].number
        moved = replace(
            cell,
            day=cell.day if cell.day >= first else EVER,
            episode=EARLIER if older else cell.episode,
            expiry=_recent(cell.expiry, now) if cell.day < first else cell.expiry,
        )
        _put(cells, moved)
    legs: dict[str, LegSum] = {}
    for key, leg in store.legs.items():
        if key in held:
            legs[key] = leg
            continue
        expiry = _recent(leg.expiry, now)
        name = f"closed {leg.underlying} {expiry} {leg.venue}"
        closed = LegSum("closed", leg.underlying, expiry, leg.venue, closed=True)
        before = legs.get(name, closed)
        legs[name] = replace(before, usd=added(before.usd, leg.usd))
    worst = {day: each for day, each in store.worst.items() if day >= first}
    return replace(store, cells=cells, legs=legs, worst=worst)


def added(first: Mapping[Bucket, float], second: Mapping[Bucket, float]) -> Amounts:
    """Sum of two sets of amounts, bucket by bucket."""
    total = dict(first)
    for bucket, amount in second.items():
        total[bucket] = total.get(bucket, 0.0) + amount
    return total


def totals(cells: Iterable[Cell]) -> Amounts:
    """Amounts of cells by bucket, every bucket in its order."""
    total: Amounts = dict.fromkeys(Bucket, 0.0)
    for cell in cells:
        for bucket, amount in cell.usd.items():
            total[bucket] += amount
    return total


def _place(row: Row) -> tuple[str, int, str]:
    return row.underlying, row.expiry, row.venue


def _amended(cell: Cell, entry: Entry) -> Cell:
    """An empty cell with the amounts of an entry."""
    stray = abs(entry.usd.get(Bucket.RESIDUAL, 0.0))
    gross = sum(abs(each) for bucket, each in entry.usd.items() if bucket is not Bucket.RESIDUAL)
    why = {entry.why: stray} if stray else {}
    return replace(cell, usd=entry.usd, gross=gross, stray=stray, why=why)


def _put(cells: dict[str, Cell], cell: Cell) -> None:
    """Add a cell to the one of the same place."""
    key = f"{cell.day}/{cell.episode}/{cell.underlying}/{cell.expiry}/{cell.venue}"
    before = cells.get(key)
    if before is None:
        cells[key] = cell
        return
    why = dict(before.why)
    for reason, amount in cell.why.items():
        why[reason] = why.get(reason, 0.0) + amount
    cells[key] = replace(
        before,
        usd=added(before.usd, cell.usd),
        gross=before.gross + cell.gross,
        stray=before.stray + cell.stray,
        why=why,
    )


def _recent(expiry: int, now: int) -> int:
    """Expiry, EXPIRED when it was longer ago than the days kept."""
    return expiry if expiry <= 0 or expiry >= now - DAYS * DAY else EXPIRED
