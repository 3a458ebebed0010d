"""The whole window on a journal: labelled, wound, refused to trade, its journal never written."""

import hashlib
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from terminal.core.units import MINUTE, SECOND
from terminal.model.alert import AlertSettings
from terminal.model.messages import Mode, Stop, StopStage
from terminal.model.risk import Autonomy
from terminal.runtime.opening import open_session
from terminal.runtime.settings import Settings
from tests.ui.desktop import Desktop, Launch
from ui.panels.book import BookPanel
from ui.panels.book_oracle import OraclePage

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "support raise", extend=True)

START = 1_795_305_600 * SECOND  # 2026-11-22T00:00


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("recorded") / "sim"
    settings = Settings(
        data=directory, seed=11, start_at=START, autonomy=Autonomy.AUTO, history_hours=0.0
    )
    session = open_session(settings, directory)
    session.play(START + 3 * MINUTE)
    session.close()
    return directory


def digests(folder: Path) -> dict[str, str]:
    files = (each for each in folder.rglob("*") if each.is_file())
    return {str(each): hashlib.sha256(each.read_bytes()).hexdigest() for each in files}


async def shown_at(desktop: Desktop, at: int) -> None:
    """Wait until the window has come to a moment."""

    def there() -> bool:
        frame = desktop.application.window._frame
        view = frame.playback if frame else None
        return frame is not None and view is not None and not view.seeking and frame.now == at

    await desktop.until(there)


async def test_the_window_on_a_recording_is_labelled_wound_and_harmless(
    launch: Launch, journal: Path, tmp_path: Path
) -> None:
    before = digests(journal.parent)
    one = launch("--recording", str(journal), "--at", "2026-11-22T00:01")
    await shown_at(one, START + MINUTE)
    window = one.application.window
    badge, clock = window.header._mode, window.header._clock
    assert one.frame.mode is Mode.RECORDING
    assert "RECORDING" in window.windowTitle()
    assert (badge.text(), badge.tone()) == ("RECORDING", "recording")
    assert clock.text().startswith("Recorded ")
    assert "00:01:00" in clock.text()
    assert not window.header._autonomy.isEnabled()
    assert one.frame.machine.paused  # to look at that moment

    hint = window.minimumSizeHint()
    assert hint.width() <= 1024
    assert hint.height() <= 600
    stood = one.frame.seq
    one.send(Stop(StopStage.FREEZE, "a test"))
    assert (one.frame.seq, one.frame.stop.stage) == (stood, None)
    assert any("nothing can be sent" in each.cause for each in one.frame.notices)
    await one.until(lambda: bool(window.findChildren(OraclePage)))
    [book] = window.findChildren(BookPanel)
    book.kept.emit(AlertSettings(rules={}))
    assert not (tmp_path / "data" / "alerts.toml").exists()  # which the next run would read

    [field] = window.transport.findChildren(QLineEdit)
    QTest.keyClicks(field, "00:02:30")
    QTest.keyClick(field, Qt.Key.Key_Return)
    await shown_at(one, START + 150 * SECOND)
    decided = one.frame.oracle.recent[-1].decision
    [page] = window.findChildren(OraclePage)
    page.show_frame(one.frame, decided.underlying)
    assert decided.at <= one.frame.now
    assert decided.headline in page.headline.text()

    window.transport.paceAsked.emit("60")
    window.transport.paceAsked.emit("toggle")
    await one.until(lambda: one.frame.now > START + 160 * SECOND)
    assert one.frame.machine.speed == 60.0
    window.close()  # asks nothing: orders of the past are no reason to stay
    assert await one.task == 0
    assert digests(journal.parent) == before


async def test_a_recording_that_cannot_be_shown_says_why(launch: Launch, tmp_path: Path) -> None:
    one = launch("--recording", str(tmp_path / "nowhere"))
    assert await one.task == 2
    assert "name the folder of a run" in one.application.failure
