"""A run goes on where the last one ended."""

from pathlib import Path

from terminal.core.units import MINUTE
from terminal.engine.state import saved
from terminal.journal.journal import open_journal
from terminal.runtime.opening import open_session, recover
from terminal.runtime.settings import Settings


def test_a_journal_recovers_the_state_that_was_lived(tmp_path: Path) -> None:
    directory = tmp_path / "journal"
    session = open_session(Settings(history_hours=0.0), directory)
    session.advance(session.opens_at + MINUTE)
    lived = saved(session.state)
    session.close()
    assert session.state.seq > 100

    journal = open_journal(directory, run="test", at=0)
    found, _ = recover(journal)
    journal.close()
    assert saved(found) == lived

    again = open_session(Settings(history_hours=0.0), directory)
    again.close()
    assert again.state.seq > session.state.seq
    assert again.state.now >= session.state.now
