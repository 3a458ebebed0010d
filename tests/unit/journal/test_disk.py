"""What is asked of the system, and what becomes of a journal when it refuses."""

import errno
import os
from collections import deque
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from terminal.core.errors import JournalError
from terminal.journal.disk import Disk, claim_directory, write_private
from terminal.journal.frames import FIRST_LINK, make_frame
from terminal.journal.lock import LOCK_NAME, Lock
from terminal.journal.reserve import RESERVE_NAME, Reserve
from terminal.journal.segments import (
    HEAD,
    RECORD,
    SegmentHead,
    build_segment,
    segment_name,
    segment_paths,
)
from tests.unit.journal.logs import START, failing_write, fill, opened, state_at, ticks


@pytest.mark.skipif(not hasattr(os, "fdatasync"), reason="this system has another call for it")
def test_a_commit_asks_the_drive_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr("os.fdatasync", asked.append)
    write_private(Disk(), tmp_path / "file", b"content")
    assert len(asked) == 1
    assert (tmp_path / "file").read_bytes() == b"content"


def test_a_directory_that_stays_open_to_others_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, mode: int) -> None:
        raise PermissionError(path)

    tmp_path.chmod(0o755)
    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(JournalError, match="give it mode 0700"):
        claim_directory(Disk(), tmp_path, lambda name: True)


def test_a_lock_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).mkdir()
    with pytest.raises(JournalError, match="Give this user write access"):
        Lock.take(tmp_path, Disk())


def test_a_lock_without_a_readable_note_is_held_all_the_same(tmp_path: Path) -> None:
    held = Lock.take(tmp_path, Disk())
    (tmp_path / LOCK_NAME).write_bytes(b"no note")
    with pytest.raises(JournalError, match="in use by another instance: stop it"):
        Lock.take(tmp_path, Disk())
    held.release()


def test_a_reserve_is_written_where_no_blocks_can_be_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("terminal.journal.reserve.sys", SimpleNamespace(platform="freebsd"))
    size = (1 << 16) + 10
    Reserve(tmp_path, size, Disk()).hold()
    assert (tmp_path / RESERVE_NAME).stat().st_size == size


def test_a_disk_that_fails_while_the_reserve_is_taken_opens_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "posix_fallocate", broken, raising=False)
    with (
        pytest.raises(JournalError, match="Input/output error"),
        opened(tmp_path / "journal", reserve_bytes=4096),
    ):
        pass


def test_an_interrupt_while_a_record_is_taken_ends_the_journal(tmp_path: Path) -> None:
    def interrupted(_fd: int, _content: memoryview) -> int:
        raise KeyboardInterrupt

    with opened(tmp_path / "journal") as journal:
        assert journal._writer is not None
        journal._writer._disk = Disk(write=interrupted)
        records = iter(ticks(1, 5_000))
        with pytest.raises(KeyboardInterrupt):
            deque(map(journal.append, records))
        assert journal.read_only


def test_a_segment_that_another_program_reads_is_dropped_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(path)

    with opened(tmp_path / "journal", limit_bytes=2000, segment_bytes=1000) as journal:
        for turn in range(1, 6):
            fill(journal, 20 * turn)
            if turn == 4:
                monkeypatch.setattr(Path, "unlink", busy)
            before = len(segment_paths(journal.directory))
            journal.rotate(state_at(20 * turn), at=START)
            if turn >= 4:
                assert len(segment_paths(journal.directory)) == before + 1
        monkeypatch.undo()
        fill(journal, 120)
        journal.rotate(state_at(120), at=START)
        assert len(segment_paths(journal.directory)) == 2


def test_a_disk_that_fails_under_a_new_segment_is_no_full_disk(tmp_path: Path) -> None:
    with opened(tmp_path / "journal") as journal:
        fill(journal, 3)
        failing = replace(journal._terms, disk=failing_write(errno.EIO, 1))
        journal._terms = failing
        with pytest.raises(JournalError, match="takes nothing more"):
            journal.rotate(state_at(3), at=START)
        assert not journal.full
        assert journal.read_only


def damaged(directory: Path) -> str:
    """Reason that a directory can only be read, as its one journal says."""
    with opened(directory) as journal:
        assert journal.read_only
        return journal.blocked


def head(first_seq: int = 1, snapshot_bytes: int = 0) -> SegmentHead:
    return SegmentHead(
        number=1,
        run="test",
        epoch=1,
        first_seq=first_seq,
        created_at=START,
        snapshot_bytes=snapshot_bytes,
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (build_segment(head(first_seq=5), FIRST_LINK, b""), "cannot begin at record 5"),
        (make_frame(RECORD, 0, FIRST_LINK, b"{}")[0], "has no head"),
        (make_frame(HEAD, 0, FIRST_LINK, b'{"format":')[0], "the head cannot be read"),
        (build_segment(head(snapshot_bytes=999), FIRST_LINK, b""), "ends inside its snapshot"),
    ],
)
def test_a_first_segment_that_is_none_is_damage(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    (tmp_path / "journal").mkdir()
    (tmp_path / "journal" / segment_name(1)).write_bytes(content)
    assert reason in damaged(tmp_path / "journal")


def test_a_full_disk_that_keeps_the_reserve_too_ends_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stuck() -> bool:
        raise OSError(errno.EIO, "Input/output error")

    with opened(tmp_path / "journal") as journal:
        fill(journal, 3)
        journal._terms = replace(journal._terms, disk=failing_write(errno.ENOSPC, 1))
        monkeypatch.setattr(journal._reserve, "release", stuck)
        with pytest.raises(JournalError, match="Input/output error"):
            journal.rotate(state_at(3), at=START)
        assert journal.read_only
