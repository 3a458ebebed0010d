"""A run goes on where the last one ended."""

import time
from pathlib import Path

import pytest

from terminal.core.errors import JournalError
from terminal.core.units import MINUTE, SECOND
from terminal.engine.state import saved
from terminal.journal.journal import open_journal
from terminal.model.alert import Channel
from terminal.model.frame import Machine
from terminal.model.messages import Notify, Rearm, SetAutonomy, TryAlerts
from terminal.model.risk import Autonomy
from terminal.model.shadow import AddShadow
from terminal.runtime.notifier import Notifier
from terminal.runtime.opening import open_session, recover
from terminal.runtime.posts import PostError
from terminal.runtime.profiles import presets
from terminal.runtime.settings import Settings

MACHINE = Machine(lag_ms=0.0, records_per_s=0.0, speed=1.0, paused=False, progress=None)


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


def damaged(directory: Path) -> None:
    """Turn a byte in the middle of a journal."""
    [segment] = directory.glob("*.seg")
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 0xFF
    segment.write_bytes(bytes(content))


def test_a_damaged_journal_is_refused_or_only_shown(tmp_path: Path) -> None:
    directory = tmp_path / "journal"
    session = open_session(Settings(history_hours=0.0), directory)
    session.advance(session.opens_at + MINUTE)
    session.close()
    damaged(directory)
    kept = set(tmp_path.iterdir())
    before = {path: path.read_bytes() for path in directory.glob("*.seg")}

    with pytest.raises(JournalError, match="is damaged at byte"):
        open_session(Settings(history_hours=0.0), directory)

    shown = open_session(Settings(history_hours=0.0), directory, view_damaged=True)
    assert shown.state.ledger.positions == session.state.ledger.positions
    shown.command(Rearm("a person insists"))
    shown.command(SetAutonomy("BTC", Autonomy.AUTO))
    assert shown.views.shadows is not None
    shown.views.shadows.take(AddShadow("paper", presets()["Balanced"]), shown.state)
    shown.advance(shown.state.now + MINUTE)
    frame = shown.frame(MACHINE)
    assert {each.span for each in frame.shadows.rows} == {0}
    assert frame.journal.read_only
    assert any("is damaged at byte" in each.cause for each in frame.notices)
    assert any("not re-armed" in each.text for each in frame.log)
    assert shown.state.halts
    assert not shown.state.orders.keys() - session.state.orders.keys()
    shown.close()
    assert set(tmp_path.iterdir()) == kept
    assert {path: path.read_bytes() for path in directory.glob("*.seg")} == before


def test_a_file_of_alerts_sets_up_its_channels_and_its_address_is_not_journaled(
    tmp_path: Path,
) -> None:
    rules, directory = tmp_path / "alerts.toml", tmp_path / "journal"
    rules.write_text('[webhook]\nurl = "http://127.0.0.1:9/s3cret"\n')
    session = open_session(Settings(history_hours=0.0, alerts=rules), directory)
    session.notifier = Notifier({Channel.WEBHOOK: Deaf()}, pause_s=0.0)
    session.command(TryAlerts())
    for _ in range(1000):
        session.advance(session.state.now + SECOND)
        told = session.state.alerts.book.dispatches[0]
        if told.outcomes:
            break
        time.sleep(0.005)
    session.close()
    assert Channel.WEBHOOK in told.channels
    assert [(each.channel, each.ok) for each in told.outcomes] == [(Channel.WEBHOOK, False)]
    assert any("NOT told by webhook" in line.text for line in session.recorder.log())
    kept = b"".join(path.read_bytes() for path in directory.iterdir() if path.is_file())
    assert b"s3cret" not in kept
    assert b"Dispatched" in kept


class Deaf:
    """A post that reaches nobody."""

    def send(self, notify: Notify) -> str:
        raise PostError("nobody there", again=True)
