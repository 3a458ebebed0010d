"""A tape: market events in time order in one checked, compressed file.

::

    magic  header length, crc, JSON  |  block: frame, zlib JSON  |  block ...  |  trailer

A listing is stored as positions in the header's instruments: an option chain lists a thousand of
them again and again. The trailer repeats the counts and the file's length, so a file that was cut
short is refused when it is opened; every block carries its own checksum, so a damaged one is
refused when it is read.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast

import msgspec
from msgspec import Struct

from terminal.core.errors import DataError
from terminal.model.instrument import Instrument
from terminal.model.market import Gap
from terminal.model.messages import Listing, MarketEvent

Timed: TypeAlias = tuple[int, MarketEvent]
"""An event with its instant, UtcNs."""

MAGIC = b"GDTAPE1\n"
VERSION = 1

LEAD = struct.Struct("<II")  # header bytes, header crc
FRAME = struct.Struct("<4sIIIIqq")  # mark, number, payload bytes, events, listings, first, last
CRC = struct.Struct("<I")
TRAILER = struct.Struct("<4sIQQI")  # mark, blocks, events, file bytes, crc of all checksums
BLOCK_MARK = b"BLCK"
TRAILER_MARK = b"TAIL"
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


class StoredListing(Struct, frozen=True, tag="_Listed"):
    """A Listing as it is stored."""

    venue: str
    places: tuple[int, ...]  # in the header's instruments


Stored: TypeAlias = tuple[int, MarketEvent | StoredListing]


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
    size, crc = LEAD.unpack(_exactly(file, LEAD.size, path, "its header"))
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
    file.seek(max(0, size - TRAILER.size - CRC.size))
    raw = file.read()
    if len(raw) == TRAILER.size + CRC.size:
        packed = raw[: TRAILER.size]
        mark, blocks, count, stated, crc = TRAILER.unpack(packed)
        sound = CRC.unpack(raw[TRAILER.size :])[0] == zlib.crc32(packed)
        if sound and mark == TRAILER_MARK and stated == size:
            return _Trailer(blocks, count, crc)
    raise DataError(f"{path}: is cut short or damaged at its end ({size} bytes): {_REMEDY}")


def _exactly(file: BinaryIO, size: int, path: Path, what: str) -> bytes:
    raw = file.read(size)
    if len(raw) != size:
        raise DataError(f"{path}: {what} is cut short: {_REMEDY}")
    return raw


def block_decoder() -> msgspec.json.Decoder[list[Stored]]:
    """Reader of a block's content."""
    return msgspec.json.Decoder(list[Stored])


def _events(blocks: _Blocks, start: int | None, end: int | None) -> Iterator[Timed]:
    path, trailer = blocks.path, blocks.trailer
    decoder = block_decoder()
    chain = count = 0
    with _open(path) as file:
        file.seek(blocks.offset)
        for number in range(trailer.blocks):
            what = f"block {number + 1} of {trailer.blocks}"
            frame = _exactly(file, FRAME.size, path, what)
            mark, numbered, size, events, listings, first, last = FRAME.unpack(frame)
            crc = _exactly(file, CRC.size, path, what)
            chain = zlib.crc32(crc, chain)
            count += events
            if mark != BLOCK_MARK or numbered != number or size > _MAX_PAYLOAD:
                raise DataError(f"{path}: {what} is damaged (no block starts here): {_REMEDY}")
            if start is not None and last < start:
                file.seek(size, os.SEEK_CUR)
                continue
            if end is not None and first >= end:
                return
            payload = _exactly(file, size, path, what)
            if zlib.crc32(payload, zlib.crc32(frame)) != CRC.unpack(crc)[0]:
                raise DataError(f"{path}: {what} is damaged (checksum differs): {_REMEDY}")
            stored = _block(payload, decoder, f"{path}: {what}")
            block = _listed(stored, blocks.instruments) if listings else cast("list[Timed]", stored)
            inside = (start is None or first >= start) and (end is None or last < end)
            yield from block if inside else _within(block, start, end)
    if count != trailer.count or chain ^ blocks.header_crc != trailer.crc:
        raise DataError(f"{path}: its blocks are not those it was written with: {_REMEDY}")


def _block(
    payload: bytes, decoder: msgspec.json.Decoder[list[Stored]], what: str
) -> list[Stored]:
    try:
        return decoder.decode(zlib.decompressobj().decompress(payload, _MAX_BLOCK))
    except (msgspec.DecodeError, zlib.error) as error:
        raise DataError(f"{what} cannot be read ({error}): {_REMEDY}") from error


def _listed(stored: list[Stored], instruments: tuple[Instrument, ...]) -> list[Timed]:
    """Put the instruments back into the listings."""
    return [
        (at, Listing(event.venue, tuple([instruments[place] for place in event.places])))
        if isinstance(event, StoredListing)
        else (at, event)
        for at, event in stored
    ]


def _within(block: list[Timed], start: int | None, end: int | None) -> Iterator[Timed]:
    for timed in block:
        if (start is None or timed[0] >= start) and (end is None or timed[0] < end):
            yield timed
