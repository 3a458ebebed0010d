"""A tape: market events in time order in one checked, compressed file.

::

    magic  header length, crc, JSON  |  block: frame, zlib JSON  |  block ...  |  trailer

A listing is stored as positions in the header's instruments: an option chain lists a thousand of
them again and again. The trailer repeats the counts and the file's length, so a file that was cut
short is refused when it is opened; every block carries its own checksum, so a damaged one is
refused when it is read.
"""

import os
import shutil
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from terminal.core.errors import DataError
from terminal.core.units import iso_utc
from terminal.model.instrument import Instrument
from terminal.model.market import Gap
from terminal.model.messages import Listing, MarketEvent

Timed: TypeAlias = tuple[int, MarketEvent]
"""An event with its instant, UtcNs."""

MAGIC = b"GDTAPE1\n"
VERSION = 1
BLOCK_EVENTS = 4096

_LEAD = struct.Struct("<II")  # header bytes, header crc
_FRAME = struct.Struct("<4sIIIIqq")  # mark, number, payload bytes, events, listings, first, last
_CRC = struct.Struct("<I")
_TRAILER = struct.Struct("<4sIQQI")  # mark, blocks, events, file bytes, crc of all checksums
_BLOCK_MARK = b"BLCK"
_TRAILER_MARK = b"TAIL"
_ZLIB_LEVEL = 2
_MAX_PAYLOAD = 64 << 20  # a real block has well under 2 MB; more is damage
_MAX_BLOCK = 512 << 20
_REMEDY = "copy the file again, or import its sources anew"


class Origin(Struct, frozen=True):
    """A file that a tape was made from."""

    name: str
    rows: int
    sha256: str


class Header(Struct, frozen=True, kw_only=True):
    """What a tape says about itself; the writer fills the fields from ``version`` on."""

    title: str
    origins: tuple[Origin, ...] = ()
    assumptions: tuple[str, ...] = ()  # what the sources did not say
    notes: tuple[str, ...] = ()  # what was odd in the sources and what was done about it
    version: int = VERSION
    count: int = 0
    first: int = 0  # UtcNs
    last: int = 0  # UtcNs
    instruments: tuple[Instrument, ...] = ()  # everything that is listed at some time
    gaps: tuple[Gap, ...] = ()


class _Listed(Struct, frozen=True, tag=True):
    """A Listing as it is stored."""

    venue: str
    places: tuple[int, ...]  # in the header's instruments


_Stored: TypeAlias = tuple[int, MarketEvent | _Listed]


class _Body(Struct):
    """What the writer has put into the blocks so far."""

    blocks: int = 0
    count: int = 0
    first: int = 0
    last: int = 0
    crc: int = 0
    gaps: list[Gap] = []
    places: dict[Instrument, int] = {}


class _Trailer(Struct, frozen=True):
    """What the end of the file says about the rest of it."""

    blocks: int
    count: int
    crc: int


class _Blocks(Struct, frozen=True):
    """Where the blocks of an opened tape are, and what is needed to read them."""

    path: Path
    offset: int
    instruments: tuple[Instrument, ...]
    trailer: _Trailer
    header_crc: int


# -- Writing ----------------------------------------------------------------------------------


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
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with tempfile.TemporaryFile(dir=path.parent) as body_file:
            body = _write_blocks(body_file, iter(events), path.name)
            body_file.seek(0)
            complete = _complete(header() if callable(header) else header, body)
            with part.open("xb") as file:
                _write_file(file, complete, body, body_file)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return complete


def _complete(header: Header, body: _Body) -> Header:
    return replace(
        header,
        version=VERSION,
        count=body.count,
        first=body.first,
        last=body.last,
        instruments=tuple(body.places),
        gaps=tuple(body.gaps),
    )


def _write_blocks(file: BinaryIO, events: Iterator[Timed], name: str) -> _Body:
    body = _Body()
    encoder = msgspec.json.Encoder()
    decoder = _decoder()
    while block := list(islice(events, BLOCK_EVENTS)):
        _check_order(block, body, name)
        stored, listings = _stored(block, body)
        raw = encoder.encode(stored)
        _check_survival(raw, stored, decoder, name)
        payload = zlib.compress(raw, _ZLIB_LEVEL)
        first, last = block[0][0], block[-1][0]
        counts = body.blocks, len(payload), len(block), listings
        frame = _FRAME.pack(_BLOCK_MARK, *counts, first, last)
        crc = _CRC.pack(zlib.crc32(payload, zlib.crc32(frame)))
        file.write(frame + crc + payload)
        body.first = body.first if body.blocks else first
        body.last = last
        body.blocks += 1
        body.count += len(block)
        body.crc = zlib.crc32(crc, body.crc)
        body.gaps += [event for _, event in block if isinstance(event, Gap)]
    if not body.count:
        raise DataError(f"{name}: there are no events to write: choose other files or dates")
    return body


def _check_order(block: list[Timed], body: _Body, name: str) -> None:
    last = body.last if body.blocks else block[0][0]
    for number, (at, event) in enumerate(block, start=body.count + 1):
        if at < last:
            raise DataError(
                f"{name}: event {number} ({type(event).__name__}, {iso_utc(at)}) comes before "
                f"the one in front of it ({iso_utc(last)}): sort the events by time"
            )
        last = at


def _stored(block: list[Timed], body: _Body) -> tuple[list[_Stored], int]:
    """Block with its listings as positions, and how many there are."""
    stored: list[_Stored] = []
    listings = 0
    for at, event in block:
        if isinstance(event, Listing):
            places = [body.places.setdefault(each, len(body.places)) for each in event.instruments]
            stored.append((at, _Listed(event.venue, tuple(places))))
            listings += 1
        else:
            stored.append((at, event))
    return stored, listings


def _check_survival(
    raw: bytes, block: list[_Stored], decoder: msgspec.json.Decoder[list[_Stored]], name: str
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


def _write_file(file: BinaryIO, header: Header, body: _Body, blocks: BinaryIO) -> None:
    packed = zlib.compress(msgspec.json.encode(header), _ZLIB_LEVEL)
    crc = zlib.crc32(packed)
    file.write(MAGIC + _LEAD.pack(len(packed), crc) + packed)
    shutil.copyfileobj(blocks, file)
    size = file.tell() + _TRAILER.size + _CRC.size
    trailer = _TRAILER.pack(_TRAILER_MARK, body.blocks, body.count, size, body.crc ^ crc)
    file.write(trailer + _CRC.pack(zlib.crc32(trailer)))
    file.flush()
    os.fsync(file.fileno())


# -- Reading ----------------------------------------------------------------------------------


def is_tape(path: Path) -> bool:
    """Whether a file starts like a tape, damaged or not."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def read_header(path: Path) -> Header:
    """Header of a tape, after checking that the file is whole from its start to its end.

    Raises
    ------
    DataError
        The file cannot be opened, is no tape, is of another version, or is cut short.
    """
    with _open(path) as file:
        return _opening(file, path)[0]


def read_tape(path: Path, start: int | None = None, end: int | None = None) -> Iterator[Timed]:
    """Events of a tape one by one, block after block, each block checked before it is used.

    Parameters
    ----------
    path : Path
    start, end : int, optional
        UtcNs; events with ``start <= at < end``. Blocks before ``start`` are skipped unread, so
        the listings in them are not seen: take the instruments from the header.

    Raises
    ------
    DataError
        At the call when the file is no whole tape; while reading when a block is damaged.
    """
    with _open(path) as file:
        header, trailer, crc = _opening(file, path)
        blocks = _Blocks(path, file.tell(), header.instruments, trailer, crc)
    return _events(blocks, start, end)


def _open(path: Path) -> BinaryIO:
    if path.is_dir():
        raise DataError(f"{path}: is a folder: name a .tape file in it")
    try:
        return path.open("rb")
    except OSError as error:
        raise DataError(f"{path}: cannot be opened ({error.strerror}): check the name") from error


def _opening(file: BinaryIO, path: Path) -> tuple[Header, _Trailer, int]:
    """Header, trailer and header checksum; leaves the file at the first block."""
    if (magic := file.read(len(MAGIC))) != MAGIC:
        if magic[:6] == MAGIC[:6]:
            raise DataError(f"{path}: is a tape of another version: import its sources anew")
        raise DataError(f"{path}: is no tape: make one with 'tape import'")
    trailer = _read_trailer(file, path)
    file.seek(len(MAGIC))
    size, crc = _LEAD.unpack(_exactly(file, _LEAD.size, path, "its header"))
    packed = _exactly(file, min(size, _MAX_PAYLOAD), path, "its header")
    if zlib.crc32(packed) != crc:
        raise DataError(f"{path}: its header is damaged (checksum differs): {_REMEDY}")
    try:
        header = msgspec.json.decode(zlib.decompress(packed), type=Header)
    except (msgspec.DecodeError, zlib.error) as error:
        raise DataError(f"{path}: its header cannot be read ({error}): {_REMEDY}") from error
    if header.count != trailer.count:
        raise DataError(f"{path}: its header and its end disagree: {_REMEDY}")
    return header, trailer, crc


def _read_trailer(file: BinaryIO, path: Path) -> _Trailer:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TRAILER.size - _CRC.size))
    raw = file.read()
    if len(raw) == _TRAILER.size + _CRC.size:
        packed = raw[: _TRAILER.size]
        mark, blocks, count, stated, crc = _TRAILER.unpack(packed)
        sound = _CRC.unpack(raw[_TRAILER.size :])[0] == zlib.crc32(packed)
        if sound and mark == _TRAILER_MARK and stated == size:
            return _Trailer(blocks, count, crc)
    raise DataError(f"{path}: is cut short or damaged at its end ({size} bytes): {_REMEDY}")


def _exactly(file: BinaryIO, size: int, path: Path, what: str) -> bytes:
    raw = file.read(size)
    if len(raw) != size:
        raise DataError(f"{path}: {what} is cut short: {_REMEDY}")
    return raw


def _decoder() -> msgspec.json.Decoder[list[_Stored]]:
    return msgspec.json.Decoder(list[_Stored])


def _events(blocks: _Blocks, start: int | None, end: int | None) -> Iterator[Timed]:
    path, trailer = blocks.path, blocks.trailer
    decoder = _decoder()
    chain = count = 0
    with _open(path) as file:
        file.seek(blocks.offset)
        for number in range(trailer.blocks):
            what = f"block {number + 1} of {trailer.blocks}"
            frame = _exactly(file, _FRAME.size, path, what)
            mark, numbered, size, events, listings, first, last = _FRAME.unpack(frame)
            crc = _exactly(file, _CRC.size, path, what)
            chain = zlib.crc32(crc, chain)
            count += events
            if mark != _BLOCK_MARK or numbered != number or size > _MAX_PAYLOAD:
                raise DataError(f"{path}: {what} is damaged (no block starts here): {_REMEDY}")
            if start is not None and last < start:
                file.seek(size, os.SEEK_CUR)
                continue
            if end is not None and first >= end:
                return
            payload = _exactly(file, size, path, what)
            if zlib.crc32(payload, zlib.crc32(frame)) != _CRC.unpack(crc)[0]:
                raise DataError(f"{path}: {what} is damaged (checksum differs): {_REMEDY}")
            stored = _block(payload, decoder, f"{path}: {what}")
            block = _listed(stored, blocks.instruments) if listings else cast("list[Timed]", stored)
            inside = (start is None or first >= start) and (end is None or last < end)
            yield from block if inside else _within(block, start, end)
    if count != trailer.count or chain ^ blocks.header_crc != trailer.crc:
        raise DataError(f"{path}: its blocks are not those it was written with: {_REMEDY}")


def _block(
    payload: bytes, decoder: msgspec.json.Decoder[list[_Stored]], what: str
) -> list[_Stored]:
    try:
        return decoder.decode(zlib.decompressobj().decompress(payload, _MAX_BLOCK))
    except (msgspec.DecodeError, zlib.error) as error:
        raise DataError(f"{what} cannot be read ({error}): {_REMEDY}") from error


def _listed(stored: list[_Stored], instruments: tuple[Instrument, ...]) -> list[Timed]:
    """Put the instruments back into the listings."""
    return [
        (at, Listing(event.venue, tuple([instruments[place] for place in event.places])))
        if isinstance(event, _Listed)
        else (at, event)
        for at, event in stored
    ]


def _within(block: list[Timed], start: int | None, end: int | None) -> Iterator[Timed]:
    for timed in block:
        if (start is None or timed[0] >= start) and (end is None or timed[0] < end):
            yield timed
