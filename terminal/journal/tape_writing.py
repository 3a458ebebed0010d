"""Writing a tape: all at once from events in order, or block by block as they come."""

import os
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from terminal.core.errors import DataError
from terminal.core.units import iso_utc
from terminal.journal.tape import (
    BLOCK_MARK,
    CRC,
    FRAME,
    LEAD,
    MAGIC,
    TRAILER,
    TRAILER_MARK,
    VERSION,
    Header,
    Stored,
    StoredListing,
    Timed,
    block_decoder,
)
from terminal.model.instrument import Instrument
from terminal.model.market import Gap
from terminal.model.messages import Listing

BLOCK_EVENTS = 4096
_ZLIB_LEVEL = 2


class Written(Struct):
    """What has been put into the blocks so far."""

    blocks: int = 0
    count: int = 0
    first: int = 0
    last: int = 0
    crc: int = 0
    gaps: list[Gap] = []
    places: dict[Instrument, int] = {}


class Spool:
    """Blocks of a tape that is not finished: its header, which stands first, says how many.

    Parameters
    ----------
    file : BinaryIO
        Takes the blocks.
    name : str
        Of the tape, for messages.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.file = file
        self.written = Written()
        self._name = name
        self._encoder = msgspec.json.Encoder()
        self._decoder = block_decoder()

    def put(self, block: list[Timed]) -> None:
        """Add a block.

        Raises
        ------
        DataError
            An instant before the one in front of it, or an event that does not survive.
        OSError
            The disk refuses.
        """
        written = self.written
        _check_order(block, written, self._name)
        stored, listings = _stored(block, written)
        raw = self._encoder.encode(stored)
        _check_survival(raw, stored, self._decoder, self._name)
        payload = zlib.compress(raw, _ZLIB_LEVEL)
        first, last = block[0][0], block[-1][0]
        counts = written.blocks, len(payload), len(block), listings
        frame = FRAME.pack(BLOCK_MARK, *counts, first, last)
        crc = CRC.pack(zlib.crc32(payload, zlib.crc32(frame)))
        self.file.write(frame + crc + payload)
        written.first = written.first if written.blocks else first
        written.last = last
        written.blocks += 1
        written.count += len(block)
        written.crc = zlib.crc32(crc, written.crc)
        written.gaps += [event for _, event in block if isinstance(event, Gap)]

    def finish(self, path: Path, header: Header) -> Header:
        """Write the whole tape under its name, or nothing.

        Raises
        ------
        DataError
            There are no events.
        OSError
            The disk refuses.
        """
        if not self.written.count:
            msg = f"{path.name}: there are no events to write: choose other files or dates"
            raise DataError(msg)
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        complete = _complete(header, self.written)
        self.file.seek(0)
        try:
            with part.open("xb") as file:
                _write_file(file, complete, self.written, self.file)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return complete


def write_tape(
    path: Path, header: Header | Callable[[], Header], events: Iterable[Timed]
) -> Header:
    """Write a tape; either the whole file appears under its name, or nothing.

    Parameters
    ----------
    path : Path
        Replaced when it exists.
    header : Header or callable
        A callable is asked after the last event, when the sources have been read to their end.
        Version, count, first, last, instruments and gaps are filled in from the events.
    events : iterable of (int, event)
        Instants in UtcNs, never falling.

    Returns
    -------
    Header
        As written.

    Raises
    ------
    DataError
        No events, an instant before the one in front of it, or an event that does not survive
        being written (a number that is not finite).
    OSError
        The disk refuses.
    """
    coming = iter(events)
    with tempfile.TemporaryFile(dir=path.parent) as file:
        spool = Spool(file, path.name)
        while block := list(islice(coming, BLOCK_EVENTS)):
            spool.put(block)
        return spool.finish(path, header() if callable(header) else header)


def _complete(header: Header, body: Written) -> Header:
    return replace(
        header,
        version=VERSION,
        count=body.count,
        first=body.first,
        last=body.last,
        instruments=tuple(body.places),
        gaps=tuple(body.gaps),
    )


def _check_order(block: list[Timed], body: Written, name: str) -> None:
    last = body.last if body.blocks else block[0][0]
    for number, (at, event) in enumerate(block, start=body.count + 1):
        if at < last:
            raise DataError(
                f"{name}: event {number} ({type(event).__name__}, {iso_utc(at)}) comes before "
                f"the one in front of it ({iso_utc(last)}): sort the events by time"
            )
        last = at


def _stored(block: list[Timed], body: Written) -> tuple[list[Stored], int]:
    """Block with its listings as positions, and how many there are."""
    stored: list[Stored] = []
    listings = 0
    for at, event in block:
        if isinstance(event, Listing):
            places = [body.places.setdefault(each, len(body.places)) for each in event.instruments]
            stored.append((at, StoredListing(event.venue, tuple(places))))
            listings += 1
        else:
            stored.append((at, event))
    return stored, listings


def _check_survival(
    raw: bytes, block: list[Stored], decoder: msgspec.json.Decoder[list[Stored]], name: str
) -> None:
    """Read the block back: JSON has no NaN, and a tape that cannot be read must not be written."""
    try:
        if decoder.decode(raw) == block:
            return
    except msgspec.ValidationError as error:
        raise DataError(f"{name}: an event cannot be written: {error}") from error
    raise DataError(
        f"{name}: an event between {iso_utc(block[0][0])} and {iso_utc(block[-1][0])} holds a "
        "number that is not finite: use None for unknown"
    )


def _write_file(file: BinaryIO, header: Header, body: Written, blocks: BinaryIO) -> None:
    packed = zlib.compress(msgspec.json.encode(header), _ZLIB_LEVEL)
    crc = zlib.crc32(packed)
    file.write(MAGIC + LEAD.pack(len(packed), crc) + packed)
    shutil.copyfileobj(blocks, file)
    size = file.tell() + TRAILER.size + CRC.size
    trailer = TRAILER.pack(TRAILER_MARK, body.blocks, body.count, size, body.crc ^ crc)
    file.write(trailer + CRC.pack(zlib.crc32(trailer)))
    file.flush()
    os.fsync(file.fileno())
