"""Opening what a person names: plain text, gzip, zip and parquet, each refused with one line."""

import csv
import gzip
import hashlib
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from enum import StrEnum
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, cast

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Struct

from terminal.core.errors import DataError
from terminal.journal.tape import MAGIC

MAX_UNPACKED = 4 << 30
MAX_MEMBERS = 2_000
MAX_LINE = 8 << 20
MAX_RATIO = 100
"""Market data in text shrinks 3 to 15 times; a file that grows a hundredfold is a trap."""

_RATIO_FROM = 64 << 20  # below this size any ratio is harmless


class Container(StrEnum):
    """What the first bytes of a file say it is."""

    TEXT = "text"
    GZIP = "gzip"
    ZIP = "zip"
    PARQUET = "parquet"


def container(path: Path) -> Container:
    """Tell what kind of file this is from its first bytes, whatever its name says.

    Raises
    ------
    DataError
        The path is missing, a folder, unreadable, empty, a tape, or binary of an unknown kind.
    """
    if path.is_dir():
        raise DataError(f"{path}: is a folder: name the files in it")
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise DataError(f"{path}: cannot be opened ({error.strerror}): check the name") from error
    if not head:
        raise DataError(f"{path}: is empty: fetch it again")
    if head.startswith(MAGIC[:6]):
        raise DataError(f"{path}: is a tape already: use 'tape cut' to take a part of it")
    for magic, kind in (
        (b"PAR1", Container.PARQUET),
        (b"PK\x03\x04", Container.ZIP),
        (b"\x1f\x8b", Container.GZIP),
    ):
        if head.startswith(magic):
            return kind
    if b"\0" in head:
        raise DataError(
            f"{path}: is binary of an unknown kind: give CSV, zip, gz, parquet or a websocket log"
        )
    return Container.TEXT


def sha256(path: Path) -> str:
    """Fingerprint of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def refusing(label: str) -> Iterator[None]:
    """Turn the many ways in which a damaged file fails into one line."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
        raise DataError(
            f"{label}: is cut short or damaged ({_one_line(error)}): fetch it again"
        ) from error
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{label}: cannot be read ({_one_line(error)}): fetch it again") from error


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__


class Text(Struct, frozen=True):
    """A text to read: its name for messages, its bytes, and how far its file has been read."""

    label: str
    file: IO[bytes]
    part: Callable[[], float]  # 0..1


def texts(path: Path) -> Generator[Text, None, None]:
    """Each text in a plain file, a gzip or a zip; closed after its turn."""
    kind = container(path)
    size = path.stat().st_size
    with refusing(str(path)), path.open("rb") as raw:

        def part() -> float:
            return raw.tell() / size

        match kind:
            case Container.TEXT:
                yield Text(str(path), raw, part)
            case Container.GZIP:
                with gzip.GzipFile(fileobj=raw) as unpacked:
                    yield Text(str(path), cast("IO[bytes]", unpacked), part)
            case Container.ZIP:
                with zipfile.ZipFile(raw) as archive:
                    for member in _members(path, archive):
                        with archive.open(member) as file:
                            yield Text(f"{path}/{member.filename}", file, part)
            case Container.PARQUET:
                raise DataError(f"{path}: is parquet, not text")


def head(path: Path, count: int) -> list[str]:
    """First lines of the first text in a file; at least one line.

    Raises
    ------
    DataError
        There is no line.
    """
    with closing(texts(path)) as opened:
        found = list(islice(lines(next(opened)), count))
    if not found:
        raise DataError(f"{path}: is empty: fetch it again")
    return found


def _members(path: Path, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    members = archive.infolist()
    _check_members(path, members)
    return sorted(members, key=lambda each: each.filename)


def _check_members(path: Path, members: list[zipfile.ZipInfo]) -> None:
    if not members:
        raise DataError(f"{path}: the zip is empty: fetch it again")
    if len(members) > MAX_MEMBERS:
        raise DataError(f"{path}: {len(members)} files in one zip, at most {MAX_MEMBERS}: split it")
    for member in members:
        if not member.filename.lower().endswith(".csv"):
            raise DataError(
                f"{path}: unexpected {member.filename!r} in the zip: only .csv files are read"
            )
        if member.flag_bits & 1:
            raise DataError(f"{path}: {member.filename} is locked by a password: unlock it first")
    size = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if size > MAX_UNPACKED:
        raise DataError(
            f"{path}: unpacks to {size:,} bytes, at most {MAX_UNPACKED:,}: split it into months"
        )
    if size > _RATIO_FROM and size > MAX_RATIO * packed:
        raise DataError(
            f"{path}: unpacks to {size // max(packed, 1)} times its size: this is no market data"
        )


def lines(text: Text) -> Iterator[str]:
    """Lines of text, each and all of them within bounds.

    Raises
    ------
    DataError
        A line is no UTF-8 text or endless, or the whole unpacks beyond reason.
    """
    total = 0
    label = text.label
    for number, raw in enumerate(_raw_lines(text), start=1):
        total += len(raw)
        if len(raw) == MAX_LINE or total > MAX_UNPACKED:
            raise DataError(
                f"{label}: row {number}: the text is too long ({total:,} bytes): "
                f"at most {MAX_LINE:,} a row and {MAX_UNPACKED:,} in all"
            )
        try:
            yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise DataError(
                f"{label}: row {number}: is no UTF-8 text: save the file as UTF-8"
            ) from error


def cells(
    rows: Iterable[str], label: str, delimiter: str = ",", before: int = 0
) -> Iterator[list[str]]:
    """Cells of each row of a CSV, ``before`` of which have been read already.

    Raises
    ------
    DataError
        A cell is longer than any cell can be.
    """
    row = before
    try:
        for each in csv.reader(rows, delimiter=delimiter):
            row += 1  # before the next row is read, which may fail
            yield each
    except csv.Error as error:
        raise DataError(
            f"{label}: row {row + 1}: is no row of a CSV ({error}): correct or remove it"
        ) from error


def _raw_lines(text: Text) -> Iterator[bytes]:
    with refusing(text.label):
        yield from iter(partial(text.file.readline, MAX_LINE), b"")


def parquet(path: Path) -> pq.ParquetFile:
    """Open a parquet file; DataError when it is cut short or damaged."""
    with refusing(str(path)):
        return pq.ParquetFile(path)
