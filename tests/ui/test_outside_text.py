"""Whatever an exchange, a file or a model writes, the window shows it as words and stays usable."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from terminal.core.plain import LONGEST, plain
from terminal.core.units import SECOND
from terminal.model.alert import Tier
from terminal.model.frame import Frame
from terminal.model.live import LiveAccount, LiveView, Network
from terminal.model.messages import Mode
from terminal.model.risk import Autonomy
from terminal.runtime.opening import open_session
from terminal.runtime.profiles import presets
from terminal.runtime.settings import Settings
from tests.ui.live_frames import row
from tests.ui.panel_frame import frame as small_frame
from tests.ui.showing import show
from ui.dialogs.arm import ArmDialog
from ui.panels.book import BookPanel, book_pages
from ui.panels.charts import ChartsPanel
from ui.panels.log import LogPanel
from ui.panels.profile import ProfilePanel
from ui.panels.queue import QueuePanel
from ui.theme.apply import apply_theme
from ui.theme.tokens import load_tokens
from ui.voices import message_text
from ui.widgets.notice_strip import NoticeStrip
from ui.widgets.panel_fault import PanelFault
from ui.widgets.tip import set_tip, tip_text
from ui.window import Window

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "support raise", extend=True)

TOKENS = load_tokens("dark")
MARKUP = "<img src=http://x/y.png><b>bold</b> &amp; <a href=x>click</a>"
HIDDEN = "\u202e0001\u2066\u200b\x00\x07\x1b[31m\r\nnext\ud800"
LONG = "<b>" + "W" * 10_000

WORDS = frozenset(
    {
        *("title", "symbol", "hedge_symbol", "reason", "reasons", "why", "verdict", "halted"),
        *("hold", "text", "topic", "detail", "note", "name", "about", "path", "says", "fallback"),
        *("headline", "guard", "cause", "what", "source", "date", "occasion", "fault", "label"),
        *("margin_note", "basket_note", "previews", "missing", "action", "proposes"),
    }
)
"""Fields of a frame whose text is written by somebody, not chosen from a list."""


def poisoned(value: Any, poison: str, *, field: str = "") -> Any:
    """Return a frame with something behind each of its texts."""
    if isinstance(value, msgspec.Struct):
        names = value.__struct_fields__
        changed = {each: poisoned(getattr(value, each), poison, field=each) for each in names}
        return replace(value, **changed)
    if type(value) is tuple:
        return tuple(poisoned(each, poison, field=field) for each in value)
    if isinstance(value, Mapping):
        return {key: poisoned(each, poison, field=field) for key, each in value.items()}
    return value + poison if type(value) is str and field in WORDS else value


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Frame:
    """A frame of a desk at work: proposals of one run, fills and orders of another."""
    shown = []
    for autonomy in (Autonomy.AUTO, Autonomy.APPROVE):
        settings = Settings(history_hours=0.0, autonomy=autonomy)
        session = open_session(settings, tmp_path_factory.mktemp("run") / "journal")
        session.advance(session.opens_at + 120 * SECOND)
        shown.append(session.frame(small_frame().machine))
        session.close()
    traded, asked = shown
    assert traded.fills
    assert asked.proposals
    account = LiveAccount("deribit", Network.MAIN, "main")
    return replace(
        asked, fills=traded.fills, orders=traded.orders, live=LiveView(True, (row(account),))
    )


@pytest.fixture
def window(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[Window]:
    apply_theme(qapp, TOKENS)
    made = Window("sim", QSettings(str(tmp_path / "w.ini"), QSettings.Format.IniFormat), TOKENS)
    qtbot.addWidget(made, before_close_func=Window.allow_close)
    made.resize(1280, 720)
    made.show()
    charts, book = ChartsPanel(TOKENS), BookPanel(TOKENS)
    made.install(
        [charts, QueuePanel(TOKENS), ProfilePanel(presets(), TOKENS), book, LogPanel(TOKENS)]
    )
    for page in book_pages(TOKENS):
        book.add(page)
    yield made
    charts.shut()


def wrong_labels(widget: QWidget) -> list[str]:
    """Labels that could render markup, or show what cannot be read."""
    return [
        label.text()[:80]
        for label in widget.findChildren(QLabel)
        if label.metaObject().className() != "QTipLabel"
        and (
            label.textFormat() is not Qt.TextFormat.PlainText
            or label.text() != plain(label.text(), LONGEST)
        )
    ]


def wrong_tips(widget: QWidget) -> list[str]:
    """Tooltips that would render what was written for them."""
    tips = (each.toolTip() for each in [widget, *widget.findChildren(QWidget)])
    return [each[:80] for each in tips if "<img" in each or "<b>" in each or "\u202e" in each]


@pytest.mark.parametrize("poison", [MARKUP + HIDDEN, LONG], ids=["hostile", "long"])
def test_a_window_full_of_hostile_words_shows_them(
    window: Window, lived: Frame, poison: str
) -> None:
    book = window.findChildren(BookPanel)[0]
    show(window, poisoned(lived, poison))
    seen = 0
    for place in range(book.tabs.count()):
        book.tabs.setCurrentIndex(place)
        show(window, poisoned(lived, poison))
        window.grab()
        assert wrong_labels(window) == []
        assert wrong_tips(window) == []
        labels = window.findChildren(QLabel)
        seen += sum("<b>" in label.text() for label in labels if label.isVisible())
    assert seen > book.tabs.count(), "the words were not shown"
    assert (window.width(), window.height()) == (1280, 720)
    log = window.findChildren(LogPanel)[0].view.toPlainText()
    assert "<b>" in log
    assert "\x1b" not in log
    assert "\u202e" not in log


def test_dialogs_and_notices_show_words(qtbot: QtBot, lived: Frame) -> None:
    account = LiveAccount("deribit", Network.MAIN, MARKUP, "http://" + MARKUP)
    frame = replace(lived, mode=Mode.LIVE, live=LiveView(False, (row(account),)))
    dialog, notice = ArmDialog(frame, None), NoticeStrip()
    fault = PanelFault(MARKUP, MARKUP + HIDDEN)
    for each in (dialog, notice, fault):
        qtbot.addWidget(each)
    notice.show_notice(MARKUP + HIDDEN, "crit")
    for each in (dialog, notice, fault):
        assert wrong_labels(each) == []
        assert wrong_tips(each) == []
    assert MARKUP in notice.text()


@pytest.mark.parametrize("text", ["plain", "two\nlines", "a > b", "1 & 2"])
def test_an_ordinary_tip_is_its_text(text: str) -> None:
    assert tip_text(text) == text


def test_a_tip_that_looks_like_markup_is_escaped(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    set_tip(widget, MARKUP + HIDDEN)
    assert "&lt;img src" in widget.toolTip()
    assert "\u202e" not in widget.toolTip()
    set_tip(widget, LONG)
    assert len(widget.toolTip()) < 2 * LONGEST


def test_a_message_of_the_desktop_holds_no_markup() -> None:
    """Message servers render some: bold, links, pictures."""
    for text in (MARKUP, HIDDEN, LONG, f"{Tier.CRITICAL.value} <b>"):
        shown = message_text(text)
        assert not set(shown) & set("<>\0\x1b\n\u202e")
        assert len(shown) <= 200
