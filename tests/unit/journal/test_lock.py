"""One holder at a time, known by name; copies are noticed; kill -9 loses nothing durable."""

import contextlib
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from terminal.core.errors import JournalError
from terminal.journal.journal import open_journal
from terminal.journal.lock import LOCK_NAME, Holder
from tests.unit.journal.logs import START, contents, fill, opened, ticks, write_log

_WRITER = """
import sys
from pathlib import Path
from terminal.journal.journal import open_journal
from tests.unit.journal.logs import START, state_at, tick

journal = open_journal(Path(sys.argv[1]), run="child", at=START, segment_bytes=4000)
while True:
    journal.append(tick(journal.last_seq + 1))
    if journal.last_seq % 5 == 0:
        journal.sync()
        print(journal.durable_seq, flush=True)
    if journal.needs_rotation:
        journal.rotate(state_at(journal.last_seq), at=START)
"""
_ROOT = Path(__file__).parents[3]


def start_writer(directory: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(directory)],
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def holder(directory: Path) -> Holder:
    return msgspec.json.decode((directory / LOCK_NAME).read_bytes(), type=Holder)


def test_every_open_has_a_higher_epoch(tmp_path: Path) -> None:
    epochs = []
    for _ in range(3):
        with opened(tmp_path / "journal") as journal:
            epochs.append(journal.epoch)
            assert journal.recovered.epoch == journal.epoch
            assert holder(tmp_path / "journal").pid == os.getpid()
    assert epochs == [1, 2, 3]


@pytest.mark.parametrize("text", [b"", b"{", b'{"host": 5}', b"\xff" * 512])
def test_the_epoch_grows_though_the_note_is_lost(tmp_path: Path, text: bytes) -> None:
    with opened(tmp_path / "journal"):
        pass
    with opened(tmp_path / "journal") as journal:
        fill(journal, 3)
        journal.rotate(b"state", at=START)
        assert journal.epoch == 2
    (tmp_path / "journal" / LOCK_NAME).write_bytes(text)
    with opened(tmp_path / "journal") as journal:
        assert journal.epoch == 3
    assert holder(tmp_path / "journal").epoch == 3


def test_a_second_open_in_the_same_process_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path / "journal") as journal:
        fill(journal, 3)
        with pytest.raises(JournalError, match=f"process {os.getpid()} on"):
            open_journal(tmp_path / "journal", run="second", at=START)
        fill(journal, 4)
    with opened(tmp_path / "journal") as journal:
        assert journal.last_seq == 4


def test_an_open_that_fails_gives_the_lock_back(tmp_path: Path) -> None:
    write_log(tmp_path / "journal", 3)
    (tmp_path / "journal" / "journal-00000001.seg").rename(tmp_path / "aside")
    (tmp_path / "journal" / "journal-00000001.seg").mkdir()
    with pytest.raises(JournalError, match="cannot open the journal in"):
        open_journal(tmp_path / "journal", run="test", at=START)
    (tmp_path / "journal" / "journal-00000001.seg").rmdir()
    (tmp_path / "aside").rename(tmp_path / "journal" / "journal-00000001.seg")
    with opened(tmp_path / "journal") as journal:
        assert journal.last_seq == 3


def test_a_copy_is_noticed_and_adopted(tmp_path: Path) -> None:
    write_log(tmp_path / "original", 3)
    shutil.copytree(tmp_path / "original", tmp_path / "copy")
    with opened(tmp_path / "copy") as journal:
        (note,) = journal.recovered.notes
        assert "was copied or moved" in note
        assert "Adopted as epoch 2" in note
    with opened(tmp_path / "copy") as journal:
        assert journal.recovered.notes == ()


def test_another_host_is_noticed(tmp_path: Path) -> None:
    write_log(tmp_path / "journal", 3)
    there = msgspec.structs.replace(holder(tmp_path / "journal"), host="elsewhere")
    (tmp_path / "journal" / LOCK_NAME).write_bytes(msgspec.json.encode(there))
    with opened(tmp_path / "journal") as journal:
        assert "on elsewhere" in journal.recovered.notes[0]
    assert holder(tmp_path / "journal").host == platform.node()


def test_a_second_instance_is_told_who_holds_the_journal(tmp_path: Path) -> None:
    child = start_writer(tmp_path / "journal")
    try:
        assert child.stdout is not None
        child.stdout.readline()
        with pytest.raises(JournalError) as caught:
            open_journal(tmp_path / "journal", run="second", at=START)
        text = str(caught.value)
        assert str(tmp_path / "journal") in text
        assert f"process {child.pid} on {platform.node()}, since 2023-11-14 22:13:20 UTC" in text
        assert "stop it or choose another directory" in text
    finally:
        child.kill()
        child.communicate()
    with opened(tmp_path / "journal"):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
def test_kill_9_loses_nothing_that_was_durable(tmp_path: Path) -> None:
    reached = 0
    for turn in range(4):
        child = start_writer(tmp_path / "journal")
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.03 + 0.04 * turn)
        os.kill(child.pid, signal.SIGKILL)
        printed = child.communicate()[0].split()
        durable = int(printed[-1]) if printed else reached
        with opened(tmp_path / "journal") as journal:
            recovered = journal.recovered
            assert not recovered.read_only
            assert recovered.last_seq >= durable >= reached
            assert list(journal.read()) == ticks(1, recovered.last_seq)
            reached = recovered.last_seq
    assert reached > 20


def test_closing_twice_is_closing_once(tmp_path: Path) -> None:
    with opened(tmp_path / "journal") as journal:
        fill(journal, 2)
        journal.close()
        before = contents(tmp_path / "journal")
        journal.close()
        with pytest.raises(JournalError, match="is closed: open it again"):
            journal.append(ticks(3, 3)[0])
        assert contents(tmp_path / "journal") == before
    with contextlib.closing(open_journal(tmp_path / "journal", run="x", at=START)) as journal:
        assert journal.last_seq == 2


def test_a_copy_has_another_name_and_a_restart_the_same(tmp_path: Path) -> None:
    names = []
    for _ in range(2):
        with opened(tmp_path / "original") as journal:
            names.append(journal.instance)
    shutil.copytree(tmp_path / "original", tmp_path / "copy")
    with opened(tmp_path / "copy") as journal:
        names.append(journal.instance)
    (tmp_path / "original").rename(tmp_path / "moved")
    (tmp_path / "copy").rename(tmp_path / "original")  # in the place of the original
    with opened(tmp_path / "original") as journal:
        names.append(journal.instance)
    (tmp_path / "link").symlink_to(tmp_path / "original")
    with opened(tmp_path / "link") as journal:
        names.append(journal.instance)
    assert names[0] == names[1]
    assert names[3] == names[4]
    assert len(set(names)) == 3


def test_a_holder_that_was_replaced_is_told_by_whom(tmp_path: Path) -> None:
    directory = tmp_path / "journal"
    with opened(directory) as journal:
        assert journal.replaced() == ""
        ours = holder(directory)
        later = msgspec.structs.replace(ours, epoch=ours.epoch + 1, pid=99)
        (directory / LOCK_NAME).write_bytes(msgspec.json.encode(later))
        assert f"generation {ours.epoch} was replaced by {later.epoch} (process 99" in (
            journal.replaced()
        )
        (directory / LOCK_NAME).unlink()
        assert "cannot be read any more" in journal.replaced()
        (directory / LOCK_NAME).write_bytes(msgspec.json.encode(ours))
        assert "another file than the one this process has locked" in journal.replaced()
    assert journal.replaced().endswith("is closed")
