"""The stop as a file: what is found under its name stops, whatever it says."""

import errno
import os
import stat
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.journal.disk import Disk
from terminal.journal.latch import LATCH_NAME, Latched, LatchFile, further
from terminal.model.messages import StopStage

STOP = Latched(stage=StopStage.FREEZE, reason="looks wrong", at=7, by="test")
LATER = Latched(stage=StopStage.FLATTEN, reason="get out", at=8, by="test")


def test_a_latch_says_what_it_was_told(tmp_path: Path) -> None:
    file = LatchFile(tmp_path)
    assert file.read() is None
    file.pull(STOP)
    assert LatchFile(tmp_path).read() == STOP
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_only_a_later_stage_takes_the_place_of_an_earlier(tmp_path: Path) -> None:
    file = LatchFile(tmp_path)
    file.pull(STOP)
    file.pull(Latched(stage=StopStage.FREEZE, reason="again", at=9, by="test"))
    assert file.read() == STOP
    file.pull(LATER)
    file.pull(STOP)
    assert file.read() == LATER
    assert [each.name for each in tmp_path.iterdir()] == [LATCH_NAME]


@given(content=st.binary(max_size=200))
def test_whatever_stands_under_its_name_stops(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = LatchFile(tmp_path_factory.mktemp("latch"))
    file.path.write_bytes(content)
    found = file.read()
    assert found is not None
    assert found.stage in StopStage


def test_a_latch_that_cannot_be_opened_stops(tmp_path: Path) -> None:
    file = LatchFile(tmp_path)
    file.path.mkdir()
    found = file.read()
    assert found is not None
    assert "cannot be read" in found.reason


def test_an_endless_latch_stops_and_is_not_read_whole(tmp_path: Path) -> None:
    file = LatchFile(tmp_path)
    with file.path.open("wb") as taken:
        taken.truncate(1 << 30)
    found = file.read()
    assert found is not None
    assert "damaged" in found.reason


@pytest.mark.parametrize("what", ["write", "commit"])
def test_a_disk_that_is_full_leaves_a_name_that_stops(tmp_path: Path, what: str) -> None:
    def fails(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "full")

    disk = Disk(write=fails) if what == "write" else Disk(commit=fails)
    with pytest.raises(OSError, match="full"):
        LatchFile(tmp_path, disk).pull(STOP)
    found = LatchFile(tmp_path).read()
    assert found is not None
    assert found.stage is StopStage.FREEZE


def test_it_is_committed_with_its_name(tmp_path: Path) -> None:
    done: list[str] = []

    def write(fd: int, part: memoryview) -> int:
        done.append("write")
        return os.write(fd, part)

    disk = Disk(
        write=write,
        commit=lambda _: done.append("commit"),
        commit_directory=lambda _: done.append("name"),
    )
    LatchFile(tmp_path, disk).pull(STOP)
    assert done == ["write", "commit", "name"]


def test_only_what_was_answered_for_is_lifted(tmp_path: Path) -> None:
    file = LatchFile(tmp_path)
    file.lift(None)
    file.pull(STOP)
    file.pull(LATER)
    with pytest.raises(OSError, match="another stop"):
        file.lift(STOP)
    assert file.read() == LATER
    file.lift(LATER)
    assert file.read() is None


def test_the_further_of_two_stops() -> None:
    assert further(None, None) is None
    assert further(STOP, None) is further(None, STOP) is STOP
    assert further(STOP, LATER) is further(LATER, STOP) is LATER
    twin = Latched(stage=StopStage.FREEZE, reason="other", at=1, by="x")
    assert further(STOP, twin) is STOP


def test_a_latch_that_leads_nowhere_stops(tmp_path: Path) -> None:
    file = LatchFile(tmp_path)
    file.path.symlink_to(file.path)  # leads to itself
    found = file.read()
    assert found is not None
    assert found.stage is StopStage.FREEZE
