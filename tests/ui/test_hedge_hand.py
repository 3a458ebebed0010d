"""The orders page: how a working hedge stands, and the hand on it."""

from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from terminal.core.units import SECOND
from terminal.model.messages import (
    CancelHedge,
    CancelOrder,
    CrossHedge,
    ReleaseHedge,
    RepriceHedge,
)
from terminal.model.order import Side
from terminal.model.order_row import OrderRow, WorkingHedge
from terminal.model.risk import Style
from tests.ui.panel_frame import desk, frame
from ui.panels.book_orders import COLUMNS, OrdersPage
from ui.panels.hedge_hand import KEYS, controller, next_step
from ui.panels.menus import KEYS as ALL_KEYS

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)


def hedge(**more: Any) -> WorkingHedge:
    plain: dict[str, Any] = {
        "hedge_id": "BTC-1-abcd",
        "style": Style.POST_ONLY,
        "by_hand": False,
        "by_stop": False,
        "share": 0.25,
        "ticks_away": 3.0,
        "follows": "takes what is left",
        "follows_in": 7 * SECOND,
        "waits": "",
        "asks": "",
    }
    return WorkingHedge(**plain | more)


def row(name: str = "o1", **more: Any) -> OrderRow:
    plain: dict[str, Any] = {
        "order_id": name,
        "symbol": "BTC-PERPETUAL",
        "side": Side.SELL,
        "qty": Decimal("0.30"),
        "filled": Decimal("0.1"),
        "limit": Decimal("60000.5"),
        "status": "live",
        "age": 12 * SECOND,
        "rule": "band to target",
        "reason": "",
        "working": True,
        "hedge": hedge(),
    }
    return OrderRow(**plain | more)


class Screen:
    def __init__(self, qtbot: QtBot) -> None:
        self.page = OrdersPage()
        qtbot.addWidget(self.page)
        self.page.resize(700, 300)
        self.page.show()
        self.sent: list[object] = []
        self.page.asked.connect(self.sent.append)

    def show(self, *rows: OrderRow) -> None:
        self.page.show_frame(frame(desks=(desk("BTC"),), orders=rows), "")

    def choose(self, *rows: OrderRow) -> None:
        self.show(*rows)
        self.page.table.view.selectRow(0)

    def cell(self, title: str, place: int = 0) -> str:
        column = next(each for each in COLUMNS if each.title == title)
        return column.show(self.page.table.model.rows[place])


@pytest.fixture
def screen(qtbot: QtBot) -> Screen:
    return Screen(qtbot)


def test_a_working_hedge_says_how_it_stands(screen: Screen) -> None:
    screen.show(row())
    said = [screen.cell(each) for each in ("Ticks away", "Hedge done", "Control", "Next", "Age")]
    assert said == ["3", "25%", "rule", "takes what is left in 00:07", "12 s"]


def test_a_hedge_without_an_order_has_a_row(screen: Screen) -> None:
    idle = hedge(ticks_away=None, follows="takes its next slice", follows_in=15 * SECOND)
    screen.show(row("BTC-1-abcd", limit=None, status="no order", hedge=idle))
    assert (screen.cell("Limit"), screen.cell("Ticks away")) == ("–", "–")
    assert screen.cell("Next") == "takes its next slice in 00:15"


def test_a_hand_shades_the_row_and_says_so(screen: Screen) -> None:
    mine = hedge(by_hand=True, follows="waits for you", follows_in=None)
    screen.choose(row(hedge=mine))
    assert controller(row(hedge=mine)) == "you"
    assert next_step(row(hedge=mine)) == "waits for you"
    assert screen.page.table.model.is_shaded(row(hedge=mine))
    assert not screen.page.table.model.is_shaded(row())
    assert "rule is detached" in screen.page.hand.hint.text()
    assert screen.page.hand.release.isEnabled()


def test_each_button_asks_for_what_it_says(screen: Screen) -> None:
    screen.choose(row(hedge=hedge(by_hand=True)))
    hand = screen.page.hand
    hand.limit.setText("60,001.5")
    for button in (hand.touch, hand.reprice, hand.cross, hand.release, hand.cancel):
        button.click()
    assert screen.sent == [
        RepriceHedge("BTC-1-abcd"),
        RepriceHedge("BTC-1-abcd", Decimal("60001.5")),
        CrossHedge("BTC-1-abcd"),
        ReleaseHedge("BTC-1-abcd"),
        CancelHedge("BTC-1-abcd"),
    ]


def test_each_key_does_what_its_button_does(screen: Screen, qtbot: QtBot) -> None:
    screen.choose(row(hedge=hedge(by_hand=True)))
    view = screen.page.table.view
    screen.page.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    shift = Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(view, Qt.Key.Key_R)
    QTest.keyClick(view, Qt.Key.Key_X)
    QTest.keyClick(view, Qt.Key.Key_X, shift)
    QTest.keyClick(view, Qt.Key.Key_G)
    QTest.keyClick(view, Qt.Key.Key_Delete)
    QTest.keyClick(view, Qt.Key.Key_L)
    kinds = [type(each) for each in screen.sent]
    assert kinds == [RepriceHedge, CrossHedge, ReleaseHedge, CancelHedge]
    qtbot.waitUntil(screen.page.hand.limit.hasFocus)
    assert set(KEYS) <= set(ALL_KEYS)


@pytest.mark.parametrize("text", ["", "NaN", "inf", "-5", "1e5", "sixty", "0x10", "1,2"])
def test_what_is_no_price_is_not_sent(screen: Screen, text: str) -> None:
    screen.choose(row())
    hand = screen.page.hand
    hand.limit.setText(text)
    hand.reprice.click()
    assert screen.sent == []
    said = hand.hint.text()
    assert "nothing was sent" in said
    screen.show(row(filled=Decimal("0.2")))
    assert hand.hint.text() == said  # until it is typed anew
    hand.limit.setText("6")
    assert "nothing was sent" not in hand.hint.text()


def test_the_selection_stays_with_the_hedge_while_its_orders_change(screen: Screen) -> None:
    screen.choose(row("o1"))
    screen.page.hand.limit.setText("60000")
    screen.show(row("o2"), row("o1", working=False, status="cancelled", hedge=None))
    assert screen.page.hand.limit.text() == "60000"
    screen.page.hand.cross.click()
    assert screen.sent == [CrossHedge("BTC-1-abcd")]


def test_what_a_stop_works_and_what_has_ended_are_left_alone(screen: Screen) -> None:
    screen.choose(row(hedge=hedge(by_stop=True)))
    hand = screen.page.hand
    assert not hand.cross.isEnabled()
    assert controller(row(hedge=hedge(by_stop=True))) == "stop"
    hand.cancel.click()
    assert screen.sent == [CancelOrder("o1")]
    screen.show(row("o1", working=False, status="filled", hedge=None))
    assert not hand.cancel.isEnabled()


def test_a_question_is_asked_in_full(screen: Screen) -> None:
    asking = hedge(asks="the market is 20.0 bp from the decision: take it?", follows_in=9 * SECOND)
    screen.choose(row(hedge=asking))
    assert screen.cell("Next") == "asks you · 00:09"
    assert "20.0 bp" in screen.page.hand.hint.text()


def test_everything_has_a_name_and_fits(screen: Screen) -> None:
    hand = screen.page.hand
    for part in (*hand.findChildren(QPushButton), *hand.findChildren(QLineEdit)):
        assert part.accessibleName()
    assert hand.minimumSizeHint().width() <= 620
