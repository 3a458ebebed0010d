"""A tape of a journal that was rotated, torn, or damaged."""

from pathlib import Path

import pytest

from terminal.core.errors import DataError
from terminal.engine.state import State, saved
from terminal.engine.step import step
from terminal.journal.tape import read_header, read_tape
from terminal.journal.tape_from_journal import tape_from_journal
from terminal.model.messages import Listing, Record
from tests.helpers.builders import instruments
from tests.unit.journal.logs import START, contents, flip, opened, quote


def lived(directory: Path, last: int, *, turn: int = 0) -> None:
    """A journal of a listing and quotes, begun anew with a snapshot after record ``turn``."""
    state = State()
    with opened(directory, limit_bytes=2, segment_bytes=1) as journal:
        for seq in range(1, last + 1):
            event = Listing("sim", instruments()) if seq == 1 else quote(seq).event
            record = Record(seq, START + seq, "sim", event)
            journal.append(record)
            state, _ = step(state, record)
            if turn and seq in (turn, turn + 1):
                journal.rotate(saved(state), at=START)
        journal.sync()


def test_what_stood_when_the_oldest_segment_began_opens_the_tape(tmp_path: Path) -> None:
    lived(tmp_path / "journal", 8, turn=4)
    assert len([name for name in contents(tmp_path / "journal") if name.endswith(".seg")]) == 2
    tape_from_journal(tmp_path / "journal", tmp_path / "a.tape")
    (first, listing), *rest = read_tape(tmp_path / "a.tape")
    assert isinstance(listing, Listing)
    assert first == START + 4
    assert [at for at, _ in rest][-4:] == [START + seq for seq in (5, 6, 7, 8)]


def test_a_torn_end_is_left_out_and_noted(tmp_path: Path) -> None:
    lived(tmp_path / "journal", 5)
    (path,) = (tmp_path / "journal").glob("*.seg")
    path.write_bytes(path.read_bytes()[:-3])
    tape_from_journal(tmp_path / "journal", tmp_path / "a.tape")
    header = read_header(tmp_path / "a.tape")
    assert header.count == 4
    assert any("torn end" in note for note in header.notes)


def test_a_damaged_journal_makes_no_tape(tmp_path: Path) -> None:
    lived(tmp_path / "journal", 5)
    (path,) = (tmp_path / "journal").glob("*.seg")
    flip(path, 10)
    with pytest.raises(DataError, match="is damaged at byte"):
        tape_from_journal(tmp_path / "journal", tmp_path / "a.tape")
