"""A lived run becomes a tape: by recording it, and from its journal afterwards."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from terminal.core.units import MINUTE
from terminal.journal.tape import read_tape
from terminal.journal.tape_cli import main as tape
from terminal.model.frame import Machine
from terminal.model.messages import Mode
from terminal.model.recording import RecordFeed
from terminal.model.shadow import AddShadow
from terminal.runtime.opening import open_replay, open_session
from terminal.runtime.profiles import presets
from terminal.runtime.runner import Runner
from terminal.runtime.settings import Settings

SETTINGS = Settings(history_hours=0.0)
MACHINE = Machine(lag_ms=0.0, records_per_s=0.0, speed=1.0, paused=False, progress=None)


@pytest.fixture
def lived(tmp_path: Path) -> tuple[Path, Path]:
    """Journal of two minutes, and the tape recorded meanwhile."""
    session = open_session(SETTINGS, tmp_path / "journal")
    runner = Runner(session, 0.0)
    recorded = tmp_path / "recorded.tape"
    runner.send(RecordFeed(str(recorded)))
    session.advance(SETTINGS.start_at + 2 * MINUTE)
    view = session.frame(MACHINE).recording
    assert view.path == str(recorded)
    assert view.events > 100
    runner.send(RecordFeed(""))
    assert session.frame(MACHINE).recording.path == ""
    session.close()
    return tmp_path / "journal", recorded


def test_recording_and_journal_tell_the_same_market(lived: tuple[Path, Path]) -> None:
    journal, recorded = lived
    made = journal.parent / "made.tape"
    assert tape(["from-journal", str(journal), str(made)]) == 0
    assert list(read_tape(made)) == list(read_tape(recorded))


def test_the_tape_of_a_run_replays(lived: tuple[Path, Path]) -> None:
    _, recorded = lived
    settings = replace(SETTINGS, mode=Mode.REPLAY, tape=recorded, speed=0.0)
    session = open_replay(settings, None)
    assert session.views.shadows is not None
    session.views.shadows.take(AddShadow("paper", presets()["Cautious"]), session.state)
    session.play()
    assert "paper" in {each.name for each in session.frame(MACHINE).shadows.rows}
    assert session.state.market.index["BTC"].price > 0
    assert not session.state.halts
    session.close()


@pytest.mark.parametrize(
    ("where", "words"), [("nothing", "there is no journal"), ("made.txt", "ends in .tape")]
)
def test_bad_input_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], where: str, words: str
) -> None:
    out = tmp_path / ("made.txt" if where == "made.txt" else "made.tape")
    assert tape(["from-journal", str(tmp_path / "nothing"), str(out)]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.logs
def test_a_recording_that_fails_leaves_the_run_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    session = open_session(SETTINGS, tmp_path / "journal")
    session.views.ears.record(str(tmp_path / "none" / "a.tape"), session.state)
    session.advance(SETTINGS.start_at + MINUTE)
    frame = session.frame(MACHINE)
    assert "ended" in frame.recording.fault
    assert any("ended" in each.cause for each in frame.notices)
    assert not session.state.halts
    session.close()
    assert "recording to a.tape ended" in caplog.text
