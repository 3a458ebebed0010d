"""Reports from the menu: one at a time, in a process of its own, and every end of it is said."""

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from ui.reports import Reports
from ui.theme.tokens import load_tokens
from ui.window import Window

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for Python is a script"),
    pytest.mark.qt_log_ignore("propagateSizeHints", "support raise", extend=True),
]


def stand_in(folder: Path, report: str, pdf: str = "exit 0") -> str:
    """A script in the place of Python, with what the verb and what the PDF's program do."""
    path = folder / "python"
    path.write_text(
        f'#!/bin/sh\ncase "$2" in\nterminal) {report};;\nui.report_pdf) {pdf};;\nesac\n', "utf-8"
    )
    path.chmod(0o700)
    return str(path)


class Desk:
    """Reports of a stand-in, and what they said."""

    def __init__(self, qtbot: QtBot, python: str) -> None:
        parent = QWidget()
        qtbot.addWidget(parent)
        self._parent = parent
        self.said: list[str] = []
        self.reports = Reports(Path("out"), self.said.append, parent, python=python)


def test_a_report_is_written_then_printed_then_said(qtbot: QtBot, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    told = f'echo "$@" >> {seen}; echo \'{{"folder": "/f"}}\''
    desk = Desk(qtbot, stand_in(tmp_path, told, f'echo "$@" >> {seen}'))
    with qtbot.waitSignal(desk.reports.done, timeout=10_000) as done:
        desk.reports.ask("handover", "/j", "2026-01-05")
        desk.reports.ask("end", "/j", "2026-01-05")
    assert done.args == ["/f"]
    assert seen.read_text("utf-8").splitlines() == [
        "-m terminal report --journal /j --kind handover --day 2026-01-05 --out out --json",
        "-m ui.report_pdf /f",
    ]
    assert "already" in desk.said[1]
    assert desk.said[-1] == "report written: /f"
    assert len(desk.said) == 3


@pytest.mark.parametrize(
    ("does", "words", "folder"),
    [
        (("echo no day >&2; exit 2",), "no report: no day", ""),
        (("exit 3",), "no report: the program ended with 3", ""),
        (("exit 0",), "no report: the program said nothing", ""),
        (("echo '[]'",), "no report: []", ""),
        (('echo \'{"folder": "/f"}\'', "echo full >&2; exit 1"), "/f, but no PDF: full", "/f"),
    ],
)
def test_what_fails_is_said_and_another_may_be_asked_for(
    qtbot: QtBot, tmp_path: Path, does: tuple[str, ...], words: str, folder: str
) -> None:
    desk = Desk(qtbot, stand_in(tmp_path, *does))
    for _ in range(2):
        with qtbot.waitSignal(desk.reports.done, timeout=10_000) as done:
            desk.reports.ask("end", "/j", "2026-01-05")
        assert words in desk.said[-1]
        assert done.args == [folder]


def test_a_run_without_a_journal_says_so(qtbot: QtBot, tmp_path: Path) -> None:
    desk = Desk(qtbot, stand_in(tmp_path, "exit 0"))
    desk.reports.ask("end", "", "2026-01-05")
    assert "keeps no journal" in desk.said[0]


def test_a_window_that_closes_ends_its_child_and_says_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    desk = Desk(qtbot, stand_in(tmp_path, "exec sleep 60"))
    desk.reports.ask("end", "/j", "2026-01-05")
    desk.reports.close()
    desk.reports.close()
    assert len(desk.said) == 1


def test_each_kind_can_be_asked_for_from_the_menu(qtbot: QtBot, tmp_path: Path) -> None:
    window = Window(
        "sim", QSettings(str(tmp_path / "w.ini"), QSettings.Format.IniFormat), load_tokens("dark")
    )
    qtbot.addWidget(window)
    actions = [each for menu in window.menus.findChildren(QMenu) for each in menu.actions()]
    for title, kind in (
        ("Start of day", "start"),
        ("End of day, so far", "end"),
        ("Hand-over note", "handover"),
    ):
        with qtbot.waitSignal(window.menus.reportAsked) as asked:
            next(each for each in actions if each.text() == title).trigger()
        assert asked.args == [kind]
