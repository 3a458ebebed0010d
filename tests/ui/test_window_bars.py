"""The bars of the window: their words fit at every size, and a failing one stays alone."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAction, QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from terminal.core.units import HOUR, SECOND
from terminal.model.frame import Desk, FeedHealth, Frame, JournalHealth, Machine, Notice
from terminal.model.greeks import Sensitivity
from terminal.model.hedge import Target
from terminal.model.live import LiveView
from terminal.model.messages import Mode, StopStage
from terminal.model.risk import Autonomy
from tests.ui.live_frames import row
from tests.ui.queue_frames import NO_STOP, NOW, desk, frame
from tests.ui.showing import show
from ui.dialogs.stop import StopDialog
from ui.panels.menus import KEYS
from ui.panels.panel import Panel
from ui.sheets import KeysDialog
from ui.theme.apply import apply_theme
from ui.theme.tokens import Tokens, load_tokens
from ui.widgets.badge import Pill
from ui.window import Window

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "support raise", extend=True)

LEFT = Qt.MouseButton.LeftButton
SIZES = ((1024, 600), (1280, 720), (1920, 1080))


class Still(Panel):
    """A panel that only notes which book it was asked for."""

    def __init__(self, name: str, tokens: Tokens) -> None:
        super().__init__(name, name.capitalize(), tokens)
        self.selected = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def render_frame(self, frame: Frame) -> None:
        if not frame.run:
            raise ValueError("no run")

    def select(self, underlying: str) -> None:
        self.selected = underlying


@pytest.fixture
def window(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Window:
    tokens = load_tokens("dark")
    apply_theme(qapp, tokens)
    settings = QSettings(str(tmp_path / "w.ini"), QSettings.Format.IniFormat)
    made = Window("sim", settings, tokens)
    qtbot.addWidget(made, before_close_func=Window.allow_close)
    made.resize(1280, 720)
    made.show()
    made.install([Still(each, tokens) for each in ("charts", "queue", "profile", "book", "log")])
    settle()
    return made


def settle() -> None:
    for _ in range(3):
        QApplication.processEvents()


def full_desk(name: str, scale: float, **changes: object) -> Desk:
    """A desk whose every figure is known, and long."""
    total = Sensitivity(*(scale * factor for factor in (1e5, 1, -2, 3, 9e4, 1e-4, -8e3, 7e3, -6e3)))
    plain = desk(name)
    known = {
        "exposure": replace(plain.exposure, total=total, spot=94_000.0, working=-0.125 * scale),
        "net_delta": 1.25 * scale,
        "target": Target(0.05, -0.2 * scale, 0.3 * scale, "whalley-wilmott band", "calm"),
        "funding_usd_8h": -123.45 * scale,
        "funding_next": NOW + 7 * HOUR,
        "implied_vol": 0.523,
        "realised_vol": 0.481,
    }
    return replace(plain, **(known | changes))


def crowded(**changes: object) -> Frame:
    """A frame in which every bar has as much to say as it may."""
    feeds = tuple(
        FeedHealth(venue, up=place != 1, age=12 * SECOND, detail="no answer", lost=place == 1)
        for place, venue in enumerate(("deribit", "binance", "hyperliquid", "okx"))
    )
    journal = JournalHealth(
        path="journal",
        bytes=1_900_000_000,
        limit=2_147_483_648,
        last_seq=123_456_789,
        durable_seq=123_456_788,
        sync_ms=123.4,
        read_only=False,
        note="",
    )
    plain = frame(
        title="Recorded market of 25 January 2026, bars of one minute",
        desks=(
            full_desk("BTC", 12.0, autonomy=Autonomy.MANUAL),
            full_desk("ETH", 950.0, autonomy=Autonomy.AUTO),
            full_desk("SOL", -8_800.0),
        ),
        feeds=feeds,
        journal=journal,
        machine=Machine(
            lag_ms=1234.5, records_per_s=98_765.0, speed=600.0, paused=True, progress=0.42
        ),
        stop=replace(NO_STOP, stage=StopStage.NEUTRALISE, reason="by hand"),
    )
    return replace(plain, **changes)


def text_of(widget: QWidget) -> str:
    if isinstance(widget, QLabel | QPushButton | Pill):
        return widget.text()
    return ""


def cut(window: Window) -> list[str]:
    """Words of the bars that are wider than their widget, or reach out of the window."""
    found = []
    for bar in (window.header, window.strip, window.status):
        for each in bar.findChildren(QWidget):
            text = text_of(each)
            if not text or not each.isVisible():
                continue
            wide = QFontMetrics(each.font()).horizontalAdvance(text)
            right = each.mapTo(window, each.rect().topRight()).x()
            if wide > each.width() or right >= window.width():
                found.append(f"{bar.title}: {text!r} is {wide}, has {each.width()} to {right}")
    return found


def overlaps(window: Window) -> list[str]:
    """Neighbours in the header that lie upon each other."""
    parts = [each for each in window.header.children() if isinstance(each, QWidget)]
    shown = sorted((each for each in parts if each.isVisible()), key=lambda each: each.x())
    return [
        f"{text_of(one)!r} {text_of(two)!r}"
        for one, two in pairwise(shown)
        if one.geometry().right() >= two.geometry().left()
    ]


FRAMES: dict[str, Callable[[], Frame]] = {
    "crowded": crowded,
    "running": lambda: crowded(stop=NO_STOP),
    "live": lambda: crowded(mode=Mode.LIVE, stop=NO_STOP),
    "first live days": lambda: crowded(mode=Mode.LIVE, live=LiveView(armed=True, rows=(row(),))),
    "broken journal": lambda: crowded(
        journal=replace(
            crowded().journal,
            read_only=True,
            note="cannot write segment 000123 of the journal: no space left on the device"
            " that holds this user's data; free some and start again",
        )
    ),
    "unknown": frame,
    "empty": lambda: frame(desks=()),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize("book", ["All", "ETH"])
def test_no_word_is_cut_off(window: Window, size: tuple[int, int], name: str, book: str) -> None:
    shown = FRAMES[name]()
    window.resize(*size)
    window.show_frame(shown)
    window.header.choose(book)
    for _ in range(6):
        window.show_frame(shown)
    settle()
    assert (window.width(), window.height()) == size
    assert cut(window) == []
    assert overlaps(window) == []


def test_two_hundred_sizes_with_full_bars(window: Window) -> None:
    draw, frames = Random(11), [make() for make in FRAMES.values()]
    for number in range(200):
        size = draw.randint(1024, 2200), draw.randint(600, 1300)
        window.resize(*size)
        shown = draw.choice(frames)
        for _ in range(6 if number % 10 == 0 else 1):
            window.show_frame(shown)
        settle()
        assert (window.width(), window.height()) == size
        if number % 10 == 0:
            assert cut(window) == []


# -- Failure ----------------------------------------------------------------------------------


def reload_button(window: Window) -> QPushButton:
    found = [
        each
        for each in window.findChildren(QPushButton)
        if each.text() == "Reload" and each.isVisible()
    ]
    assert len(found) == 1
    return found[0]


@pytest.mark.logs
@pytest.mark.parametrize("name", ["header", "strip", "status", "notices"])
def test_a_failing_bar_says_so_and_comes_back(
    window: Window, name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    window.show_frame(crowded(stop=NO_STOP))
    bar: Panel = getattr(window, name)
    with monkeypatch.context() as broken:
        broken.setattr(bar, "render_frame", lambda _: 1 / 0)
        for _ in range(3):
            window.show_frame(crowded(stop=NO_STOP))
    assert len(caplog.records) == 1
    assert bar.isEnabled() == (name == "header")
    told = [each.text() for each in window.findChildren(QLabel) if "ZeroDivision" in each.text()]
    assert told
    assert bar.title in told[0]
    window.menus.stopAsked.emit()
    [sheet] = window.findChildren(StopDialog)
    sheet.reject()
    QTest.mouseClick(reload_button(window), LEFT)
    window.show_frame(crowded(stop=NO_STOP))
    assert bar.isEnabled()
    assert len(caplog.records) == 1


@pytest.mark.logs
@pytest.mark.usefixtures("caplog")
def test_the_stop_works_while_every_panel_has_failed(window: Window) -> None:
    window.show_frame(frame())
    window.show_frame(frame(run=""))
    button = window.header.findChildren(QPushButton)[-1]
    stop = next(
        each
        for each in window.header.findChildren(QPushButton)
        if each.accessibleName() == "Stop hedging in stages"
    )
    assert button.isEnabled()
    QTest.mouseClick(stop, LEFT)
    [sheet] = window.findChildren(StopDialog)
    sheet.reject()


@pytest.mark.logs
@pytest.mark.usefixtures("caplog")
def test_a_reloaded_panel_shows_the_book_chosen_meanwhile(window: Window) -> None:
    show(window, frame())
    show(window, frame(run=""))
    window.header.choose("SOL")
    again = [e for e in window.findChildren(QPushButton) if e.text() == "Reload" and e.isVisible()]
    for each in again:
        QTest.mouseClick(each, LEFT)
    back = [each for each in window.findChildren(Still) if each.selected]
    assert len(back) == len(again) >= 2
    assert {each.selected for each in back} == {"SOL"}


@pytest.mark.logs
def test_a_failing_sheet_stays_open_and_is_told_once(
    window: Window, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    window.show_frame(frame())
    window.menus.stopAsked.emit()
    [sheet] = window.findChildren(StopDialog)
    monkeypatch.setattr(sheet, "show_frame", lambda _: 1 / 0)
    for _ in range(3):
        window.show_frame(frame())
    assert sheet.isVisible()
    assert [each.getMessage() for each in caplog.records] == ["sheet StopDialog failed"]
    sheet.reject()


# -- Menus and keys ---------------------------------------------------------------------------


def trigger(window: Window, key: str) -> None:
    [found] = [e for e in window.findChildren(QAction) if e.shortcut().toString() == key]
    found.trigger()


@pytest.mark.parametrize(
    ("key", "name"), [("F2", "queue"), ("F3", "book"), ("F4", "profile"), ("F6", "log")]
)
def test_a_key_brings_a_panel_back_and_the_keyboard_to_it(
    window: Window, qtbot: QtBot, key: str, name: str
) -> None:
    [panel] = [each for each in window.findChildren(Still) if each.objectName() == name]
    dock = panel.parentWidget()
    assert dock is not None
    dock.close()
    trigger(window, key)
    settle()
    assert panel.isVisible()
    qtbot.waitUntil(panel.hasFocus)


def test_help_lists_the_keys_once(window: Window) -> None:
    trigger(window, "F1")
    trigger(window, "F1")
    [sheet] = window.findChildren(KeysDialog)
    words = [each.text() for each in sheet.findChildren(QLabel)]
    assert sheet.isVisible()
    assert {text for pair in KEYS for text in pair} <= set(words)
    window.show_frame(frame())
    sheet.reject()


def test_books_follow_the_desks(window: Window) -> None:
    window.show_frame(frame())
    trigger(window, "Ctrl+2")
    assert window.header._chosen == "ETH"
    window.show_frame(frame(desks=(desk("ETH"), desk("XRP"))))
    trigger(window, "Ctrl+2")
    assert window.header._chosen == "XRP"
    trigger(window, "Ctrl+0")
    assert window.header._chosen == "All"
    window.show_frame(frame(desks=tuple(desk(f"C{place}") for place in range(15))))
    assert not [e for e in window.findChildren(QAction) if e.shortcut().toString() == "Ctrl+1, 0"]


def test_line_of_each_mode_has_its_colour(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    tokens = load_tokens("dark")
    apply_theme(qapp, tokens)
    colours = set()
    for mode in ("sim", "replay", "paper", "live"):
        settings = QSettings(str(tmp_path / mode), QSettings.Format.IniFormat)
        made = Window(mode, settings, tokens)
        qtbot.addWidget(made, before_close_func=Window.allow_close)
        colours.add(made._line.styleSheet())
        assert mode.upper() in made.windowTitle()
    assert len(colours) == 4


def test_notices_take_their_room_only_while_they_stand(window: Window) -> None:
    crit = Notice("crit", "BTC halted: three rejects", NOW, "Re-arm when it is understood")
    window.show_frame(frame(notices=(crit,) * 5))
    settle()
    assert window.notices.isVisible()
    window.show_frame(frame())
    settle()
    assert not window.notices.isVisible()
