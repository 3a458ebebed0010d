"""The smallest window: the price keeps its room, and the book scrolls what it cannot show."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QLabel,
    QMenu,
    QScrollArea,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from terminal.model.frame import Frame
from tests.ui.panel_frame import frame
from tests.ui.showing import show
from ui.panels.book import BookPanel, book_pages
from ui.panels.book_vols import VolsPage
from ui.panels.charts import ChartsPanel
from ui.panels.panel import Panel
from ui.theme.apply import apply_theme
from ui.theme.tokens import load_tokens
from ui.widgets.scrolled_tabs import LEAST, ScrolledTabs
from ui.window import Window

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "support raise", extend=True)

TOKENS = load_tokens("dark")
Shown: TypeAlias = tuple[Window, list[Panel]]


class Still(Panel):
    """A panel that shows nothing."""

    def __init__(self, name: str) -> None:
        super().__init__(name, name.capitalize(), TOKENS)

    def render_frame(self, frame: Frame) -> None:
        del frame

    def select(self, underlying: str) -> None:
        del underlying


def settle() -> None:
    for _ in range(6):
        QApplication.processEvents()


@pytest.fixture
def panels(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[Shown]:
    apply_theme(qapp, TOKENS)
    window = Window("sim", QSettings(str(tmp_path / "w.ini"), QSettings.Format.IniFormat), TOKENS)
    qtbot.addWidget(window, before_close_func=Window.allow_close)
    window.resize(1024, 600)
    window.show()
    charts, book = ChartsPanel(TOKENS), BookPanel(TOKENS)
    others = [Still(name) for name in ("queue", "profile", "log")]
    made: list[Panel] = [charts, *others[:2], book, others[2]]
    window.install(made)
    for page in book_pages(TOKENS):
        book.add(page)
    settle()
    yield window, made
    charts.shut()


def test_the_price_has_two_hundred_pixels(panels: Shown) -> None:
    window, (charts, *_, book, _) = panels
    show(window, frame())
    settle()
    assert (window.width(), window.height()) == (1024, 600)
    assert charts.height() >= 200
    assert book.height() >= book.minimumSizeHint().height()


def test_a_page_that_is_higher_than_its_room_scrolls(panels: Shown) -> None:
    _, (_, _, _, book, _) = panels
    assert isinstance(book, BookPanel)
    page = book.page(VolsPage)
    book.tabs.setCurrentWidget(page)
    settle()
    assert book.tabs.currentWidget() is page
    assert page.height() > book.height() - book.tabs.tabBar().height()
    area = next(each for each in book.findChildren(QScrollArea) if each.widget() is page)
    assert area.verticalScrollBar().maximum() > 0
    assert area.horizontalScrollBar().maximum() == 0


def room_button(window: Window) -> QToolButton:
    buttons = window.findChildren(QToolButton)
    return next(each for each in buttons if each.accessibleName() == "All the room for Book")


def test_the_book_takes_the_room_of_the_charts_and_gives_it_back(panels: Shown) -> None:
    window, (charts, queue, _, book, _) = panels
    before, low, wide = charts.height(), book.height(), queue.width()
    room_button(window).click()
    settle()
    assert charts.height() <= 1
    assert not charts.isEnabled()
    assert book.height() >= low + before - 12
    assert abs(queue.width() - wide) <= 1
    room_button(window).click()
    settle()
    assert charts.height() >= 200
    assert charts.isEnabled()


def test_a_window_kept_with_the_book_over_its_charts_opens_with_both(
    panels: Shown, tmp_path: Path
) -> None:
    window, (charts, *_) = panels
    room_button(window).click()
    settle()
    window.docks.keep(QSettings(str(tmp_path / "kept.ini"), QSettings.Format.IniFormat))
    settle()
    assert charts.height() >= 200


@pytest.mark.parametrize("leave", [QDockWidget.close, lambda dock: dock.setFloating(True)])
def test_a_book_that_leaves_gives_the_room_back(
    panels: Shown, leave: Callable[[QDockWidget], object]
) -> None:
    window, (charts, *_, book, _) = panels
    room_button(window).click()
    settle()
    dock = book.parent()
    assert isinstance(dock, QDockWidget)
    leave(dock)
    settle()
    assert charts.height() >= 200


def test_a_list_names_all_pages_and_opens_one(panels: Shown) -> None:
    _, (_, _, _, book, _) = panels
    assert isinstance(book, BookPanel)
    menu = book.tabs.findChild(QMenu)
    assert menu is not None
    menu.aboutToShow.emit()
    words = [action.text() for action in menu.actions()]
    assert words == [book.tabs.tabText(place) for place in range(book.tabs.count())]
    menu.actions()[5].trigger()
    assert book.tabs.currentIndex() == 5
    menu.aboutToShow.emit()
    assert [action.isChecked() for action in menu.actions()].index(True) == 5


def test_tabs_have_their_pages_by_every_name(qtbot: QtBot) -> None:
    tabs, pages = ScrolledTabs(), [QLabel("one"), QLabel("two")]
    qtbot.addWidget(tabs)
    for place, page in enumerate(pages):
        assert tabs.addTab(page, page.text()) == place
    assert [tabs.widget(place) for place in range(tabs.count())] == pages
    tabs.setCurrentWidget(pages[1])
    assert tabs.currentWidget() is pages[1]
    assert [tabs.indexOf(page) for page in (*pages, QWidget())] == [0, 1, -1]
    with pytest.raises(IndexError):
        tabs.widget(2)


def test_tabs_are_as_low_as_a_row_and_as_wide_as_their_pages(qtbot: QtBot) -> None:
    tabs, tall = ScrolledTabs(), QWidget()
    tall.setMinimumSize(300, 500)
    qtbot.addWidget(tabs)
    tabs.addTab(tall, "tall")
    least = tabs.minimumSizeHint()
    assert least.width() >= 300
    assert least.height() <= LEAST + tabs.tabBar().sizeHint().height() + 8
