"""A part of a tape as a tape of its own."""

from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from terminal.core.units import iso_utc
from terminal.journal.tape import Header, Timed, read_header, read_tape
from terminal.journal.tape_writing import write_tape
from terminal.model.market import AssumedVol, Funding, OpenInterest
from terminal.model.messages import Listing


def cut_tape(source: Path, out: Path, start: int | None, end: int | None) -> Header:
    """Write the events with ``start <= at < end`` as a tape.

    Listings, stated volatilities, open interest and funding hold until they are replaced, so the
    latest of each before ``start`` open the part. Prices do not: they would be older than they say.

    Raises
    ------
    DataError
        The source is damaged, or holds no event in that time.
    """
    whole = read_header(source)
    span = f"{iso_utc(start) if start else 'its start'} to {iso_utc(end) if end else 'its end'}"
    header = replace(whole, notes=(*whole.notes, f"cut from {source.name}: {span}"))
    return write_tape(out, header, _part(read_tape(source, end=end), start))


def _part(events: Iterator[Timed], start: int | None) -> Iterator[Timed]:
    held: dict[tuple[type, str], Timed] = {}
    opened = start is None
    for at, event in events:
        if start is not None and at < start:
            if isinstance(event, Listing):
                held[Listing, event.venue] = start, event
            elif isinstance(event, AssumedVol | Funding | OpenInterest):
                held[type(event), event.key] = start, event
            continue
        if not opened:
            yield from held.values()
            opened = True
        yield at, event
