"""A failing disk: errors latch, a full disk leaves room to stop, short writes are finished."""

import errno
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import ConfigError, JournalError
from terminal.journal.disk import Disk, JournalFull, no_room, write_all
from terminal.journal.journal import LOW_DISK_BYTES, Journal, open_journal
from terminal.journal.reserve import RESERVE_BYTES, RESERVE_NAME
from tests.unit.journal.logs import (
    FAST,
    START,
    failing_write,
    fill,
    opened,
    skip_commit,
    state_at,
    tick,
    ticks,
    write_log,
)


class SmallDisk:
    """A disk with a given number of free bytes; the reserve's are freed by its removal."""

    def __init__(self, directory: Path, room: int) -> None:
        self.room = room
        self.disk = Disk(write=self.write, commit=skip_commit)
        self._reserve = directory / RESERVE_NAME
        self._reserved = False

    def write(self, fd: int, content: memoryview) -> int:
        if self._reserved and not self._reserve.exists():
            self.room += 4096
        self._reserved = self._reserve.exists()
        if self.room == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = os.write(fd, content[: self.room])
        self.room -= taken
        return taken


def append_durably(journal: Journal, last: int, durable: list[int]) -> None:
    """Append and sync one by one; ``durable`` collects what was confirmed."""
    for record in ticks(journal.last_seq + 1, last):
        journal.append(record)
        journal.sync()
        durable.append(record.seq)


@given(st.binary(min_size=1, max_size=200), st.integers(1, 7))
def test_short_writes_are_finished(content: bytes, part: int) -> None:
    got = bytearray()

    def write(_fd: int, rest: memoryview) -> int:
        got.extend(rest[:part])
        return min(part, len(rest))

    write_all(Disk(write=write), 0, content, no_room)
    assert bytes(got) == content


def test_a_disk_that_takes_nothing_is_an_error_not_a_loop() -> None:
    with pytest.raises(OSError, match="took no bytes"):
        write_all(Disk(write=lambda _fd, _rest: 0), 0, b"x", no_room)


def test_every_failing_write_latches_and_the_next_start_has_a_prefix(tmp_path: Path) -> None:
    for turn in range(1, 12):
        directory = tmp_path / str(turn)
        write_log(directory, 3)
        durable = [3]
        disk = failing_write(errno.EIO, turn, torn=30)
        with (
            pytest.raises(JournalError, match="Input/output error"),
            opened(directory, disk=disk) as journal,
        ):
            append_durably(journal, 40, durable)
        with opened(directory) as journal:
            assert list(journal.recovered.records) == ticks(1, durable[-1])


def test_a_rotation_whose_name_is_not_durable_latches(tmp_path: Path) -> None:
    def commit_directory(_directory: Path) -> None:
        if (tmp_path / "journal" / "journal-00000002.seg").exists():
            raise OSError(errno.EIO, "Input/output error")

    disk = Disk(commit=skip_commit, commit_directory=commit_directory)
    with opened(tmp_path / "journal", disk=disk) as journal:
        fill(journal, 10)
        with pytest.raises(JournalError, match="failed after record 10"):
            journal.rotate(state_at(10), at=START)
        assert journal.read_only
    with opened(tmp_path / "journal") as journal:
        assert journal.recovered.snapshot == state_at(10)
        assert list(journal.read()) == ticks(1, 10)


@pytest.mark.parametrize("how", ["write", "commit"])
def test_after_a_failure_nothing_is_tried_again(tmp_path: Path, how: str) -> None:
    broken = False

    def commit(_fd: int) -> None:
        if broken and how == "commit":
            raise OSError(errno.EIO, "Input/output error")

    def write(fd: int, content: memoryview) -> int:
        if broken and how == "write":
            raise OSError(errno.EIO, "Input/output error")
        return os.write(fd, content)

    with opened(tmp_path / "journal", disk=Disk(write=write, commit=commit)) as journal:
        fill(journal, 5)
        journal.append(tick(6))
        broken = True
        with pytest.raises(JournalError, match="failed after record 5"):
            journal.sync()
        broken = False  # the disk claims to be well again
        for _ in range(2):
            with pytest.raises(JournalError, match="takes nothing more"):
                journal.append(tick(7))
            with pytest.raises(JournalError, match="Check the disk"):
                journal.sync()
        with pytest.raises(JournalError):
            journal.rotate(b"state", at=START)
        assert journal.read_only
        assert journal.durable_seq == 5
        assert list(journal.read())[:5] == ticks(1, 5)
        journal.close()
        with pytest.raises(JournalError, match="failed after record 5"):
            journal.sync()


def test_an_interrupt_in_a_write_latches_too(tmp_path: Path) -> None:
    def write(_fd: int, _content: memoryview) -> int:
        raise KeyboardInterrupt

    write_log(tmp_path / "journal", 3)
    disk = Disk(write=os.write, commit=skip_commit)
    with opened(tmp_path / "journal", disk=disk) as journal:
        journal.append(tick(4))
        assert journal._writer is not None
        journal._writer._disk = Disk(write=write)
        with pytest.raises(KeyboardInterrupt):
            journal.sync()
        assert journal.read_only


def test_a_full_disk_is_told_once_and_leaves_room_for_the_stop(tmp_path: Path) -> None:
    directory = tmp_path / "journal"
    small = SmallDisk(directory, 3000)
    with opened(directory, reserve_bytes=4096, disk=small.disk) as journal:
        told_at = 0
        for seq in range(1, 200):
            journal.append(tick(seq))
            try:
                journal.sync()
            except JournalFull:
                assert not told_at
                told_at = seq
                assert journal.durable_seq == seq
                assert journal.full
            except JournalError:
                break
        assert told_at
        assert seq - told_at > 20  # the reserve took these
        assert not (directory / RESERVE_NAME).exists()
        assert not journal.needs_rotation
        with pytest.raises(JournalError, match="No space left"):
            journal.append(tick(seq + 1))
    with opened(directory, reserve_bytes=4096) as journal:
        assert list(journal.recovered.records) == ticks(1, seq - 1)
        assert (directory / RESERVE_NAME).stat().st_size == 4096
        assert not journal.full


def test_a_full_disk_in_a_burst_is_told_by_append(tmp_path: Path) -> None:
    directory = tmp_path / "journal"
    small = SmallDisk(directory, 60_000)
    with opened(directory, reserve_bytes=4096, disk=small.disk) as journal:
        small.room = 65_000  # less than the first piece that is written
        told = 0
        for record in ticks(1, 740):
            try:
                journal.append(record)
            except JournalFull:
                told += 1
        assert told == 1
        assert journal.last_seq == 740


def test_a_disk_too_full_for_a_new_segment_keeps_the_present_one(tmp_path: Path) -> None:
    directory = tmp_path / "journal"
    small = SmallDisk(directory, 5000)
    with opened(directory, segment_bytes=100, reserve_bytes=4096, disk=small.disk) as journal:
        fill(journal, 10)
        assert journal.needs_rotation
        with pytest.raises(JournalFull):
            journal.rotate(bytes(9000), at=START)
        assert (journal.full, journal.read_only) == (True, False)
        assert not list(directory.glob("*.new"))
        assert not journal.blocked
        small.room = 9000
        fill(journal, 20)
        with pytest.raises(JournalFull):
            journal.rotate(state_at(20), at=START)
    with opened(directory) as journal:
        assert list(journal.recovered.records) == ticks(1, 20)


def test_a_start_without_room_for_the_reserve_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def allocate(_fd: int, _offset: int, _size: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", allocate)
    with opened(tmp_path / "journal", reserve_bytes=4096) as journal:
        assert journal.full
        assert "no room for the journal's reserve" in journal.recovered.notes[0]
        fill(journal, 3)


def test_the_reserve_takes_real_blocks(tmp_path: Path) -> None:
    with opened(tmp_path / "journal", reserve_bytes=RESERVE_BYTES):
        status = (tmp_path / "journal" / RESERVE_NAME).stat()
        assert status.st_size == RESERVE_BYTES
        assert status.st_blocks * 512 >= RESERVE_BYTES


def test_free_space_is_known(tmp_path: Path) -> None:
    disk = Disk(free=lambda _directory: LOW_DISK_BYTES - 1, commit=skip_commit)
    with opened(tmp_path / "journal", disk=disk) as journal:
        assert journal.free_bytes() < LOW_DISK_BYTES
    with opened(tmp_path / "journal") as journal:
        assert journal.free_bytes() > 0


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_nobody_else_can_read_a_journal(tmp_path: Path) -> None:
    directory = tmp_path / "deep" / "journal"
    write_log(directory, 20, per_segment=10)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    with opened(directory, reserve_bytes=4096):
        modes = {stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()}
        assert modes == {0o600}
    directory.chmod(0o755)
    with opened(directory) as journal:
        assert "was open to other users (0755): closed" in journal.recovered.notes[0]
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_a_directory_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    tmp_path.chmod(0o755)
    with pytest.raises(JournalError, match="holds other files: name an empty"), opened(tmp_path):
        pass
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_a_path_that_cannot_be_a_directory_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(JournalError, match="file is a file: name a directory"), opened(file):
        pass
    with (
        pytest.raises(JournalError, match="Choose one that you may write to"),
        opened(file / "below"),
    ):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_without_write_access_is_named(tmp_path: Path) -> None:
    write_log(tmp_path / "journal", 1)
    (tmp_path / "journal" / "journal.lock").chmod(0o400)
    with (
        pytest.raises(JournalError, match="Give this user write access"),
        opened(tmp_path / "journal"),
    ):
        pass


@pytest.mark.parametrize(
    ("limit", "segment", "reserve", "named"),
    [(10, 0, 0, "segment_bytes"), (10, 6, 0, "limit_bytes"), (10, 5, -1, "reserve_bytes")],
)
def test_sizes_that_cannot_work_are_refused(
    tmp_path: Path, limit: int, segment: int, reserve: int, named: str
) -> None:
    with pytest.raises(ConfigError, match=named):
        open_journal(
            tmp_path / "journal",
            run="test",
            at=START,
            limit_bytes=limit,
            segment_bytes=segment,
            reserve_bytes=reserve,
            disk=FAST,
        )
    assert not (tmp_path / "journal").exists()
