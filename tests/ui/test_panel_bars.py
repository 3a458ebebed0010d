"""Notices and status bar: a problem stands as long as it lasts, in plain words."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from terminal.core.units import MINUTE, SECOND
from terminal.model.frame import JournalHealth, Machine, Notice
from terminal.model.playback import PlaybackView
from tests.ui.queue_frames import NOW, frame
from ui.panels.notices import MOST, NoticesPanel
from ui.panels.status import StatusPanel
from ui.theme.apply import apply_theme
from ui.theme.tokens import load_tokens
from ui.widgets.notice_strip import NoticeStrip

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

JOURNAL = JournalHealth(
    path="run.journal",
    bytes=3_100_000,
    limit=2_100_000_000,
    last_seq=12_720,
    durable_seq=12_719,
    sync_ms=0.52,
    read_only=False,
    note="",
)
MACHINE = Machine(lag_ms=15.31, records_per_s=2142.4, speed=1.0, paused=False, progress=None)


def notice(cause: str, level: str = "warn", since: int = NOW) -> Notice:
    return Notice(level, cause, since, "Wait")


@pytest.fixture
def notices(qapp: QApplication, qtbot: QtBot) -> NoticesPanel:
    apply_theme(qapp, load_tokens("dark"))
    panel = NoticesPanel(load_tokens("dark"))
    qtbot.addWidget(panel)
    return panel


@pytest.fixture
def status(qapp: QApplication, qtbot: QtBot) -> StatusPanel:
    apply_theme(qapp, load_tokens("dark"))
    panel = StatusPanel(load_tokens("dark"))
    qtbot.addWidget(panel)
    panel.resize(1900, 30)
    panel.show()
    return panel


def lines(panel: NoticesPanel) -> list[str]:
    return [strip.text() for strip in panel.findChildren(NoticeStrip) if strip.text()]


def test_no_room_is_taken_without_a_notice(notices: NoticesPanel) -> None:
    notices.render_frame(frame())
    assert notices.isHidden()
    notices.render_frame(frame(notices=(notice("feed lost"),)))
    assert not notices.isHidden()
    notices.render_frame(frame())
    assert notices.isHidden()


def test_cause_age_and_next_step(notices: NoticesPanel) -> None:
    made = frame(notices=(notice("Feed lost", since=NOW - 3 * MINUTE),))
    notices.render_frame(made)
    assert lines(notices) == ["Feed lost · for 3 min · Wait"]


@pytest.mark.parametrize(("since", "words"), [(NOW + SECOND, "0 s"), (NOW - SECOND // 2, "0 s")])
def test_young_notices_count_whole_seconds(
    notices: NoticesPanel, since: int, words: str
) -> None:
    notices.render_frame(frame(notices=(notice("lost", since=since),)))
    assert lines(notices) == [f"lost · for {words} · Wait"]


def test_the_worst_comes_first_and_the_rest_is_counted(notices: NoticesPanel) -> None:
    many = (*(notice(f"w{n}") for n in range(MOST)), notice("halted", "crit"))
    notices.render_frame(frame(notices=many))
    shown = lines(notices)
    assert len(shown) == MOST
    assert shown[0].startswith("halted")
    assert shown[-1].endswith("(and 1 more)")


def test_only_what_stops_trading_offers_to_rearm(notices: NoticesPanel, qtbot: QtBot) -> None:
    notices.render_frame(frame(notices=(notice("w"), notice("c", "crit"))))
    notices.show()
    buttons = [b for b in notices.findChildren(QPushButton) if b.isVisible()]
    assert [button.text() for button in buttons] == ["Re-arm…"]
    with qtbot.waitSignal(notices.rearmAsked, timeout=1000):
        QTest.mouseClick(buttons[0], Qt.MouseButton.LeftButton)


def test_notices_cannot_be_dismissed_and_render_no_markup(notices: NoticesPanel) -> None:
    notices.render_frame(frame(notices=(notice("<b>x</b>"),)))
    label = next(e for e in notices.findChildren(QLabel) if "<b>x</b>" in e.text())
    assert label.textFormat() is Qt.TextFormat.PlainText
    notices.show()
    closers = [e for e in notices.findChildren(QToolButton) if e.isVisible()]
    assert closers == []


def status_texts(panel: StatusPanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]


def test_status_says_how_the_program_is_doing(status: StatusPanel) -> None:
    status.rate = 9.6
    status.render_frame(frame(machine=MACHINE, journal=JOURNAL))
    assert status_texts(status)[:2] == [
        "loop 15.3 ms · feed 2,142/s · screen 10/s",
        "journal 3.1 MB of 2.1 GB · record 12,719 durable · last commit 0.5 ms",
    ]


@pytest.mark.parametrize(
    ("changes", "text", "tone"),
    [
        ({}, "journal 3.1 MB", "mut"),
        ({"bytes": 1_900_000_000}, "journal 1.9 GB", "warn"),
        ({"read_only": True, "note": "the disk is full"}, "journal: the disk is full", "crit"),
        ({"limit": 0}, "no journal is kept", "mut"),
    ],
)
def test_journal_in_trouble_stands_out(
    status: StatusPanel, changes: dict[str, object], text: str, tone: str
) -> None:
    status.render_frame(frame(machine=MACHINE, journal=replace(JOURNAL, **changes)))
    label = next(e for e in status.findChildren(QLabel) if e.accessibleName() == "Journal")
    assert label.text().startswith(text)
    assert label.property("tone") == tone
    assert label.textFormat() is Qt.TextFormat.PlainText


def test_a_recording_that_is_watched_warns_of_nothing(status: StatusPanel) -> None:
    journal = replace(JOURNAL, read_only=True, limit=0, last_seq=12_345)
    watched = PlaybackView(path="run", first=1, last=2, lived="paper")
    status.render_frame(frame(machine=MACHINE, journal=journal, playback=watched))
    label = next(e for e in status.findChildren(QLabel) if e.accessibleName() == "Journal")
    assert (label.text(), label.property("tone")) == ("record 12,345", "mut")


def test_slow_loop_stands_out(status: StatusPanel) -> None:
    status.render_frame(frame(machine=replace(MACHINE, lag_ms=80.0), journal=JOURNAL))
    label = next(e for e in status.findChildren(QLabel) if e.text().startswith("loop"))
    assert label.property("tone") == "warn"


@pytest.mark.parametrize("width", [1900, 1280, 1024, 700])
def test_status_cuts_nothing(status: StatusPanel, width: int) -> None:
    status.resize(width, 30)
    status.render_frame(frame(machine=MACHINE, journal=JOURNAL))
    QApplication.processEvents()
    for label in status.findChildren(QLabel):
        if label.isVisible():
            room = QFontMetrics(label.font()).horizontalAdvance(label.text())
            assert room <= label.width() + 1, label.text()
