"""Small journals for the tests of the journal floor."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from terminal.core.fault_points import Fault, FaultPoint, no_fault
from terminal.journal.disk import Disk
from terminal.journal.journal import Journal, open_journal
from terminal.model.market import Quote
from terminal.model.messages import Record, Tick

START = 1_700_000_000_000_000_000


def skip_commit(_what: object) -> None:
    """Let bytes stay with the operating system: enough when no power cut is tested."""


FAST = Disk(commit=skip_commit, commit_directory=skip_commit)


class Crash(BaseException):
    """The process ends here."""


def tick(seq: int) -> Record:
    return Record(seq, START + seq, "sim", Tick(float(seq)))


def quote(seq: int) -> Record:
    event = Quote("BTC-PERPETUAL@deribit", 65_000.5, 65_001.0, 10.0, 12.0, 65_000.7)
    return Record(seq, START + seq, "deribit", event)


def ticks(first: int, last: int) -> list[Record]:
    return [tick(seq) for seq in range(first, last + 1)]


@contextmanager
def opened(
    directory: Path,
    *,
    limit_bytes: int = 1 << 30,
    segment_bytes: int = 1 << 26,
    reserve_bytes: int = 0,
    disk: Disk = FAST,
    fault: Fault = no_fault,
) -> Iterator[Journal]:
    journal = open_journal(
        directory,
        run="test",
        at=START,
        limit_bytes=limit_bytes,
        segment_bytes=segment_bytes,
        reserve_bytes=reserve_bytes,
        disk=disk,
        fault=fault,
    )
    try:
        yield journal
    finally:
        journal.close()


def fill(journal: Journal, last: int) -> None:
    """Append ticks up to ``last`` and make them durable."""
    for record in ticks(journal.last_seq + 1, last):
        journal.append(record)
    journal.sync()


def state_at(seq: int) -> bytes:
    """Stand-in for an encoded engine state."""
    return f"state after {seq} \N{EURO SIGN}".encode() * 3


def write_log(directory: Path, count: int, *, per_segment: int | None = None) -> list[Path]:
    """Write ticks 1..count with a snapshot every ``per_segment``; returns the segments."""
    with opened(directory) as journal:
        for last in range(per_segment or count, count + 1, per_segment or count):
            fill(journal, last)
            if last < count:
                journal.rotate(state_at(last), at=START)
        fill(journal, count)
    return sorted(directory.glob("journal-*.seg"))


def contents(directory: Path) -> dict[str, bytes]:
    """Every segment file with its bytes."""
    return {path.name: path.read_bytes() for path in sorted(directory.glob("journal-*"))}


def flip(path: Path, offset: int, mask: int = 0x10) -> None:
    """Flip bits of one byte in place; the same flip again undoes it."""
    with path.open("r+b") as file:
        file.seek(offset)
        (byte,) = file.read(1)
        file.seek(offset)
        file.write(bytes([byte ^ mask]))


def put(path: Path, content: bytes) -> None:
    """Replace a file by a new one: ext4 commits a file that is emptied and written again."""
    path.unlink()
    path.write_bytes(content)


def strike_at(point: FaultPoint, turn: int = 1) -> Fault:
    """Crash when ``point`` is passed for the ``turn``-th time."""
    passed = 0

    def fault(here: FaultPoint) -> None:
        nonlocal passed
        passed += here is point
        if here is point and passed == turn:
            raise Crash

    return fault


def failing_write(error: int, turn: int, *, torn: int = 0) -> Disk:
    """Disk whose ``turn``-th write takes ``torn`` bytes at most and fails from then on."""
    calls = 0

    def write(fd: int, content: memoryview) -> int:
        nonlocal calls
        calls += 1
        if calls == turn and torn:
            return os.write(fd, content[:torn])
        if calls >= turn:
            raise OSError(error, os.strerror(error))
        return os.write(fd, content)

    return Disk(write=write, commit=skip_commit)
