"""Any damage to a journal is recovered from or refused: what comes back was lived, to the byte."""

import errno
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from terminal.engine.state import State, saved
from terminal.journal.disk import Disk
from terminal.runtime.guard import guarded_step
from terminal.runtime.opening import recover
from tests.unit.journal.logs import skip_commit
from tests.unit.runtime.test_failing_disk import Cycle, Sick, opened

Hurt = Callable[[list[Path], int], None]


def _flipped(paths: list[Path], place: int) -> None:
    path, content = _where(paths, place)
    at = place % len(content)
    content[at] ^= 1 << (place % 8)
    path.write_bytes(content)


def _truncated(paths: list[Path], place: int) -> None:
    path, content = _where(paths, place)
    path.write_bytes(content[: place % len(content)])


def _zeroed(paths: list[Path], place: int) -> None:
    """Zeros from some byte on: what a power cut leaves where only the size was durable."""
    path, content = _where(paths, place)
    at = place % len(content)
    path.write_bytes(content[:at] + bytes(len(content) - at))


def _removed(paths: list[Path], place: int) -> None:
    paths[place % len(paths)].unlink()


def _doubled(paths: list[Path], place: int) -> None:
    """The tail once more: a write that was repeated below."""
    path, content = _where(paths, place)
    path.write_bytes(content + content[-(place % len(content)) or -1 :])


def _swapped(paths: list[Path], place: int) -> None:
    one, other = paths[place % len(paths)], paths[(place + 1) % len(paths)]
    mine, theirs = one.read_bytes(), other.read_bytes()
    one.write_bytes(theirs)
    other.write_bytes(mine)


def _where(paths: list[Path], place: int) -> tuple[Path, bytearray]:
    path = paths[(place // 7) % len(paths)]
    return path, bytearray(path.read_bytes())


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a journal of several segments, as a crash leaves it."""
    cycle = Cycle(tmp_path_factory.mktemp("lived") / "journal", Sick(0, errno.EIO))
    cycle.live()
    return cycle.directory


@pytest.fixture(scope="module")
def states(lived: Path) -> tuple[bytes, ...]:
    """State after every record that was lived, the beginning included."""
    state, found = State(), [saved(State())]
    journal = opened(lived, Disk(commit=skip_commit, commit_directory=skip_commit))
    for record in journal.read():
        state, _ = guarded_step(state, record)
        found.append(saved(state))
    journal.close()
    return tuple(found)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    hurt=st.sampled_from([_flipped, _truncated, _zeroed, _removed, _doubled, _swapped]),
    place=st.integers(0, 10**6),
)
def test_what_is_recovered_was_lived_or_the_damage_is_named(
    lived: Path, states: tuple[bytes, ...], tmp_path: Path, hurt: Hurt, place: int
) -> None:
    copy = tmp_path / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(lived, copy)
    hurt(sorted(copy.glob("journal-*.seg")), place)
    journal = opened(copy, Disk(commit=skip_commit, commit_directory=skip_commit))
    try:
        state = saved(recover(journal)[0])
        assert state in states
        if journal.read_only:
            assert "read-only" in journal.blocked
            assert "Copy the directory" in journal.blocked
            assert str(copy) in journal.blocked
        elif state != states[-1]:
            assert journal.recovered.notes  # it was closed in order, so what is missing is known
    finally:
        journal.close()
