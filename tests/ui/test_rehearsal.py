"""Rehearsing from the menu: one at a time, said in the log, shown where the stop is."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QLabel, QMenu, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.queue_frames import frame
from ui.dialogs.stop import StopDialog
from ui.rehearsal import Rehearsal
from ui.theme.tokens import load_tokens
from ui.window import Window

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "support raise", extend=True)


async def test_it_is_asked_for_once_and_said_line_by_line(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    said: list[str] = []
    done: list[str] = []
    answers: list[tuple[str, ...] | OSError] = [
        ("freeze: safe", "flatten: safe"),
        OSError("no room"),
    ]
    heard = asyncio.Event()

    def rehearse() -> tuple[str, ...]:
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer

    rehearsal = Rehearsal(rehearse, said.append, parent)
    rehearsal.done.connect(done.append)
    rehearsal.done.connect(lambda _: heard.set())
    serving = asyncio.ensure_future(rehearsal.serve())
    rehearsal.ask()
    rehearsal.ask()
    await heard.wait()
    assert said[1:] == ["freeze: safe", "flatten: safe"]
    assert done == ["freeze: safe\nflatten: safe"]
    await asyncio.sleep(0)
    heard.clear()
    rehearsal.ask()
    await heard.wait()
    assert "the rehearsal failed: OSError: no room" in said
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving


def test_the_menu_asks_and_the_stop_sheet_shows_how_it_went(qtbot: QtBot, tmp_path: Path) -> None:
    window = Window(
        "live", QSettings(str(tmp_path / "w.ini"), QSettings.Format.IniFormat), load_tokens("dark")
    )
    qtbot.addWidget(window)
    actions = [each for menu in window.menus.findChildren(QMenu) for each in menu.actions()]
    with qtbot.waitSignal(window.menus.rehearseAsked):
        next(each for each in actions if each.text() == "Rehearse a stop").trigger()
    window.show_frame(frame())
    for lines, shown in (("", "never"), ("freeze: safe", "freeze: safe")):
        window.sheets.show_rehearsal(lines)
        window.sheets.stop()
        sheet = next(each for each in window.findChildren(StopDialog) if each.isVisible())
        assert any(shown in each.text() for each in sheet.findChildren(QLabel))
        sheet.reject()
