"""The application: starts on what it is given, says why it cannot, and leaves in order."""

import asyncio
import gc
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from PySide6.QtCore import QObject, QSettings, Qt
from PySide6.QtGui import QImage, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMenu,
    QTableView,
    QWidget,
)

from terminal.journal.journal import Journal, open_journal
from terminal.model.messages import SetAutonomy
from terminal.model.risk import Autonomy
from tests.ui.desktop import PATIENCE_S, Desktop, Launch
from ui.app import Application, _amain, main
from ui.options import read_options
from ui.theme.tokens import Tokens, load_tokens
from ui.widgets.notice_strip import NoticeStrip
from ui.window import Window

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "support raise", extend=True)

LEFT = Qt.MouseButton.LeftButton


def reopened(directory: Path) -> Journal:
    return open_journal(directory, run="test", at=time.time_ns())


async def finish(desktop: Desktop) -> int:
    return await asyncio.wait_for(desktop.task, PATIENCE_S)


async def leave(desktop: Desktop) -> None:
    """End within the test: between its end and a fixture's no loop runs, but timers fire."""
    desktop.application.leave()
    assert await finish(desktop) == 0


# -- Leaving ----------------------------------------------------------------------------------


async def test_closing_a_quiet_window_leaves_in_order(launch: Launch, tmp_path: Path) -> None:
    one = launch()
    await one.started()
    one.application.window.close()
    assert await finish(one) == 0
    assert not one.application.window.isVisible()
    assert gc.get_freeze_count() == 0
    journal = reopened(tmp_path / "data" / "sim")
    assert journal.recovered.notes == ()
    assert journal.last_seq == one.application.runner.session.state.seq  # type: ignore[union-attr]
    journal.close()


async def test_closing_while_starting_leaves_too(launch: Launch, tmp_path: Path) -> None:
    one = launch()
    await asyncio.sleep(0)
    one.application.window.close()
    assert await finish(one) == 0
    reopened(tmp_path / "data" / "sim").close()


async def test_orders_at_work_are_cancelled_only_when_told(launch: Launch) -> None:
    one = launch("--speed", "5")
    await one.started()
    await one.put_an_order_to_work()
    window = one.application.window
    window.close()
    QTest.mouseClick(one.sheet().stay, LEFT)
    await asyncio.sleep(0.05)
    assert window.isVisible()
    assert one.working()
    one.send(SetAutonomy("ETH", Autonomy.AUTO))
    window.close()
    QTest.mouseClick(one.sheet().leave, LEFT)
    assert await finish(one) == 0
    assert not one.working()
    assert {desk.autonomy for desk in one.frame.desks} == {Autonomy.APPROVE}


# -- Refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--size", "10x10"], "between 1024x600"),
        (["--size", "wide"], "1920x1080"),
        (["--speed", "-1"], "positive"),
        (["--speed", "nan"], "positive"),
        (["--theme", "pink"], "dark"),
        (["--mode", "replay"], "--tape"),
        (["--mode", "backtest"], "sim"),
        (["--mode", "paper", "--speed", "5"], "--speed"),
        (["--mode", "paper", "--venue", "nowhere"], "deribit"),
        (["--mode", "paper", "--endpoint", "here"], "--endpoint"),
        (["--mode", "paper", "--tape", "x.tape"], "replay"),
        (["--mode", "sim", "--tape", "x.tape"], "replay"),
        (["--seed", "x"], "--seed"),
        (["--record", "x.txt"], "x.tape"),
        (["--after", "soon"], "30s"),
        (["--unheard-of"], "--unheard-of"),
    ],
)
def test_bad_options_are_refused_in_one_line(
    options: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(options) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


Refused = Callable[..., Awaitable[str]]


@pytest_asyncio.fixture
async def refused(qapp: QApplication, capsys: pytest.CaptureFixture[str]) -> Refused:
    qapp.setQuitOnLastWindowClosed(False)

    async def run(*options: str) -> str:
        assert await _amain(read_options(options), qapp) == 2
        said = capsys.readouterr().err.replace("This plugin does not support raise()\n", "")
        lines = [line for line in said.splitlines() if not line.startswith("This plugin")]
        assert len(lines) == 1, said
        return lines[0]

    return run


async def test_a_second_instance_names_the_first(refused: Refused, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    settings.setValue("layout", "of the first")
    settings.sync()
    first = reopened(tmp_path / "sim")
    said = await refused("--data", str(tmp_path))
    first.close()
    assert "in use by another instance (process" in said
    assert QSettings(settings.fileName(), settings.format()).value("layout") == "of the first"


async def test_an_unusable_data_directory_is_named(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    assert str(tmp_path / "file") in await refused("--data", str(tmp_path / "file"))


@pytest.mark.parametrize("content", [None, b"", b"no tape at all", bytes(range(256)) * 40])
async def test_a_tape_that_cannot_be_played_is_named(
    refused: Refused, tmp_path: Path, content: bytes | None
) -> None:
    tape = tmp_path / "market.tape"
    if content is not None:
        tape.write_bytes(content)
    said = await refused("--data", str(tmp_path / "data"), "--tape", str(tape))
    assert "market.tape" in said


# -- Pictures ---------------------------------------------------------------------------------


async def test_a_picture_has_its_size_and_leaves_nothing_behind(
    launch: Launch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = tmp_path / "temporary"
    away.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(away))
    picture = tmp_path / "w.png"
    one = launch("--screenshot", str(picture), "--after", "300ms", "--size", "1100x650")
    assert await finish(one) == 0
    size = QImage(str(picture)).size()
    assert (size.width(), size.height()) == (1100, 650)
    assert list(away.iterdir()) == []
    assert not (tmp_path / "data").exists()


# -- The whole window -------------------------------------------------------------------------


CONTROLS = (QAbstractButton, QComboBox, QLineEdit, QTableView, QAbstractSpinBox)


def nameless(window: QWidget) -> list[str]:
    """Controls that a screen reader could not name; Qt's own parts belong to their control."""
    return [
        f"{type(each).__name__} {each.objectName()} in {each.parent()!r}"
        for kind in CONTROLS
        for each in window.findChildren(kind)
        if not each.accessibleName() and not each.isHidden() and not _inner(each)
    ]


def _inner(widget: QWidget) -> bool:
    owner = widget.parentWidget()
    whole = (QLineEdit, QTableView, QComboBox, QAbstractSpinBox)
    silent = isinstance(owner, NoticeStrip) and owner.isHidden()  # named when it has words
    return silent or isinstance(owner, whole) or widget.objectName().startswith(("qt_", "Scroll"))


def keys_of(window: Window) -> list[str]:
    shortcuts = [each.key() for each in window.findChildren(QShortcut)]
    menus = [window.menus, *window.menus.findChildren(QMenu)]
    actions = [each.shortcut() for menu in menus for each in menu.actions()]
    return [key.toString() for key in (*shortcuts, *actions) if not key.isEmpty()]


def old_colours(window: QWidget, name: str) -> list[str]:
    """Whatever still holds the tokens of another theme."""
    found = []
    for each in (window, *window.findChildren(QObject)):
        for field, value in vars(each).items():
            if isinstance(value, Tokens) and value.name != name:
                found.append(f"{type(each).__name__}.{field} is {value.name}")
    return found


async def test_controls_have_names_keys_and_the_colours_of_the_theme(launch: Launch) -> None:
    one = launch()
    await one.started()
    await one.put_an_order_to_work()
    window = one.application.window
    await asyncio.sleep(0.3)
    assert nameless(window) == []
    keys = keys_of(window)
    wanted = "Ctrl+Return Alt+R Ctrl+Shift+K F9 F1 F2 F3 F4 F6 Ctrl+T Ctrl+Shift+L"
    books = [f"Ctrl+{place}" for place in range(len(one.frame.desks) + 1)]
    for key in (*wanted.split(), *books):
        assert keys.count(QKeySequence(key).toString()) == 1, key
    for _ in range(3):  # once round
        window.menus.themeAsked.emit("")
        assert old_colours(window, window._theme) == []
    assert window._theme == "dark"
    assert one.application.settings.value("theme") == "dark"
    window.menus.themeAsked.emit("light")
    assert old_colours(window, "light") == []
    assert load_tokens("light").sim in window._line.styleSheet()
    await leave(one)


@pytest.mark.parametrize("text", ["theme=of the past", "theme=@Invalid()", "\x00\x01[[["])
async def test_a_theme_that_is_gone_leaves_the_default(
    qapp: QApplication, tmp_path: Path, text: str
) -> None:
    (tmp_path / "window.ini").write_text(f"[General]\n{text}\n", "latin-1")
    application = Application(read_options(["--data", str(tmp_path)]), qapp)
    assert application.window._theme == "dark"
    application.window.deleteLater()
