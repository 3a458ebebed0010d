"""The book panel: what is held adds up, says its units, and cancels only what was selected."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from terminal.core.units import DAY, HOUR, SECOND
from terminal.model.attribution import Bucket
from terminal.model.frame import ExpiryGreeks, FillRow, Frame
from terminal.model.greeks import Sensitivity
from terminal.model.messages import CancelOrder
from terminal.model.order import Side
from terminal.model.order_row import OrderRow
from tests.ui.panel_frame import NOW, desk, frame, pnl, position, sensitivity, split
from ui.panels.book import FRAMES_PER_DRAWING, BookPanel, book_pages
from ui.panels.book_cells import coin_of, coins_by_symbol, expiry_text, moment_text, price_text
from ui.panels.book_fills import FillsPage
from ui.panels.book_ladder import LadderPage
from ui.panels.book_orders import OrdersPage
from ui.panels.book_pnl import PnlPage
from ui.panels.book_positions import PositionsPage, position_lines
from ui.panels.table_page import TablePage
from ui.theme.apply import apply_theme
from ui.theme.fonts import semibold
from ui.theme.tokens import load_tokens
from ui.widgets.table import Table
from ui.widgets.table_paint import PADDING

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

CALL = position("BTC-27MAR26-60000-C", "2")
PERP = position("BTC-PERPETUAL", "-1.5", kind="perpetual", iv=None, expiry=0, entry=60_123.5)
STALE = position("ETH-27MAR26-3000-P", "-10", flag="mark is 40 s old")
TWO_DESKS = (desk("BTC", CALL, PERP), desk("ETH", STALE))


def order(name: str, symbol: str = "BTC-PERPETUAL", **more: Any) -> OrderRow:
    plain: dict[str, Any] = {
        "order_id": name,
        "symbol": symbol,
        "side": Side.SELL,
        "qty": Decimal("0.30"),
        "filled": Decimal("0.1"),
        "limit": Decimal("60000.5"),
        "status": "live",
        "age": 12 * SECOND,
        "rule": "band to target",
        "reason": "",
        "working": True,
    }
    return OrderRow(**plain | more)


def fill(name: str, symbol: str = "BTC-PERPETUAL", **more: Any) -> FillRow:
    plain: dict[str, Any] = {
        "fill_id": name,
        "at": NOW - SECOND,
        "symbol": symbol,
        "side": Side.BUY,
        "qty": Decimal("0.3"),
        "coins": 0.3,
        "price": Decimal("60000.5"),
        "fee_usd": 9.0,
        "slippage_bps": 1.25,
        "maker": False,
    }
    return FillRow(**plain | more)


@pytest.fixture
def panel(qtbot: QtBot, qapp: QApplication) -> BookPanel:
    apply_theme(qapp, load_tokens("dark"))
    made = BookPanel(load_tokens("dark"))
    for page in book_pages(load_tokens("dark")):
        made.add(page)
    qtbot.addWidget(made)
    made.resize(1280, 300)
    made.show()
    return made


def draw(panel: BookPanel, shown: Frame) -> None:
    for _ in range(FRAMES_PER_DRAWING):
        panel.render_frame(shown)


def tables_of(panel: BookPanel) -> list[Table]:
    return [
        panel.page(PositionsPage).table,
        panel.page(OrdersPage).table,
        panel.page(FillsPage).table,
        panel.page(LadderPage).table,
        panel.page(PnlPage).table,
    ]


def cells(table: Table, title: str) -> list[str]:
    column = next(each for each in table.model.columns if each.title == title)
    return [column.show(row) for row in table.model.rows]


def roles(table: Table, place: int) -> set[str]:
    row = table.model.rows[place]
    return {each.role(row) for each in table.model.columns if each.role}


@given(sizes=st.lists(st.integers(-50, 50), min_size=1, max_size=6))
def test_totals_are_those_of_the_engine(sizes: list[int]) -> None:
    rows = [position(f"BTC-{place}", str(size)) for place, size in enumerate(sizes)]
    held = desk("BTC", *rows)
    *plain, total = position_lines(held, NOW)
    assert total.position is None
    assert total.risk is held.exposure.total
    assert total.risk == sum((line.risk for line in plain), Sensitivity())
    assert total.upnl_usd == sum(line.upnl_usd for line in plain)
    assert all(line.heat is None or -1.0 <= line.heat <= 1.0 for line in plain)


def test_positions_with_their_units(panel: BookPanel) -> None:
    draw(panel, frame(desks=TWO_DESKS))
    table = panel.page(PositionsPage).table
    assert cells(table, "Instrument") == [
        "BTC-27MAR26-60000-C",
        "BTC-PERPETUAL",
        "⚠ ETH-27MAR26-3000-P",
        "Total BTC",
        "Total ETH",
    ]
    assert cells(table, "Side") == ["LONG", "SHORT", "SHORT", "", ""]
    assert cells(table, "Size")[:2] == ["2", "−1.5"]
    assert cells(table, "Entry")[:2] == ["0.0125", "60,123.50"]
    assert cells(table, "uPnL $") == ["+$10.00"] * 3 + ["+$20.00", "+$10.00"]
    btc, perp, eth, total, _ = cells(table, "Δ BS")
    assert (btc, perp, total) == ("+2.0000 BTC", "−1.5000 BTC", "+0.5000 BTC")
    assert eth.endswith(" ETH")
    assert cells(table, "Δ net")[0] == "+3.0000 BTC"
    assert cells(table, "Δ with equity")[0] == "+4.0000 BTC"
    assert cells(table, "Vega $/pt")[0] == "+$8"
    assert cells(table, "IV %")[:2] == ["52.3", ""]
    assert cells(table, "Expiry UTC")[:2] == ["2026-02-02 · 12 d", "perpetual"]
    assert panel.tabs.tabText(0) == "Positions 3"


def test_flagged_row_is_amber_and_says_why(panel: BookPanel) -> None:
    draw(panel, frame(desks=TWO_DESKS))
    table = panel.page(PositionsPage).table
    assert roles(table, 2) == {"warn"}
    assert cells(table, "Flag")[2] == "mark is 40 s old"
    heat = next(each.heat for each in table.model.columns if each.title == "Δ BS")
    assert heat is not None
    assert heat(table.model.rows[2]) is None
    assert "warn" not in roles(table, 0)


def test_what_the_desk_steers_by_is_seen_without_scrolling(panel: BookPanel) -> None:
    """In the default dock of a 1920 pixels wide window, the sign of a flagged row included."""
    columns = panel.page(PositionsPage).table.model.columns
    titles = [each.title for each in columns]
    last = titles.index("Θ $/day")
    assert {"Instrument", "Side", "Size", "Mark", "uPnL $", "Δ BS", "Γ $/1 %", "Vega $/pt"} <= set(
        titles[:last]
    )
    assert sum(each.width for each in columns[: last + 1]) <= 1020


def test_unusable_totals_say_so() -> None:
    exposure = msgspec.structs.replace(TWO_DESKS[0].exposure, usable=False)
    *_, total = position_lines(msgspec.structs.replace(TWO_DESKS[0], exposure=exposure), NOW)
    assert total.flag == "not usable for decisions"


@pytest.mark.parametrize(("name", "count"), [("BTC", 2), ("ETH", 1), ("", 3), ("All", 3)])
def test_select_filters_by_coin(panel: BookPanel, name: str, count: int) -> None:
    orders = (order("1"), order("2", "ETH-PERPETUAL"), order("3", "BTC-27MAR26-60000-C"))
    fills = (fill("1"), fill("2", "ETH-27MAR26-3000-P"), fill("3"))
    draw(panel, frame(desks=TWO_DESKS, orders=orders, fills=fills))
    panel.select("ETH")
    panel.select(name)
    titles = [panel.tabs.tabText(place) for place in range(3)]
    assert titles == [f"Positions {count}", f"Orders {count}", f"Fills {count}"]


def test_coin_of_a_symbol_nobody_holds() -> None:
    shown = frame(desks=(*TWO_DESKS, desk("B")))
    known = coins_by_symbol(shown)
    assert coin_of("BTCUSDT", known, shown) == "BTC"
    assert coin_of("XRP-PERPETUAL", known, shown) == ""


def test_working_orders_come_first(panel: BookPanel) -> None:
    done = order("old", status="filled", working=False, reason="done")
    panel.tabs.setCurrentWidget(panel.page(OrdersPage))
    draw(panel, frame(desks=TWO_DESKS, orders=(done, order("new"))))
    table = panel.page(OrdersPage).table
    assert [row.order_id for row in table.model.rows] == ["new", "old"]
    assert panel.tabs.tabText(1) == "Orders 1"
    assert cells(table, "Side")[0] == "▼ SELL"
    assert cells(table, "Size")[0] == "0.3"
    assert cells(table, "Limit")[0] == "60,000.5"
    assert cells(table, "Age")[0] == "12 s"


def test_cancel_names_the_selected_order(panel: BookPanel, qtbot: QtBot) -> None:
    panel.tabs.setCurrentWidget(panel.page(OrdersPage))
    draw(panel, frame(desks=TWO_DESKS, orders=(order("a"), order("b"))))
    sent: list[object] = []
    panel.command.connect(sent.append)
    page = panel.page(OrdersPage)
    assert not page.hand.cancel.isEnabled()
    page.hand.cancel.click()
    page.table.view.selectRow(1)
    assert page.hand.cancel.isEnabled()
    page.hand.cancel.click()
    page.table.view.selectRow(0)
    page.table.view.setFocus()
    panel.activateWindow()
    qtbot.waitUntil(page.table.view.hasFocus)
    QTest.keyClick(page.table.view, Qt.Key.Key_Delete)
    assert sent == [CancelOrder("b"), CancelOrder("a")]


@pytest.mark.parametrize(
    "ended", [order("a", status="filled", working=False), order("a", status="cancel_pending")]
)
def test_what_cannot_be_cancelled_is_not(panel: BookPanel, ended: OrderRow) -> None:
    panel.tabs.setCurrentWidget(panel.page(OrdersPage))
    draw(panel, frame(desks=TWO_DESKS, orders=(order("a"),)))
    panel.page(OrdersPage).table.view.selectRow(0)
    draw(panel, frame(desks=TWO_DESKS, orders=(ended,)))
    assert not panel.page(OrdersPage).hand.cancel.isEnabled()
    sent: list[object] = []
    panel.command.connect(sent.append)
    panel.page(OrdersPage).hand._cancel()
    assert sent == []


def test_fills(panel: BookPanel) -> None:
    rebate = fill("2", "XRP-PERPETUAL", fee_usd=-1.5, slippage_bps=None, maker=True)
    panel.tabs.setCurrentWidget(panel.page(FillsPage))
    draw(panel, frame(desks=TWO_DESKS, fills=(fill("1"), rebate)))
    table = panel.page(FillsPage).table
    assert cells(table, "Side") == ["▲ BUY", "▲ BUY"]
    assert cells(table, "Coins") == ["0.3000 BTC", "0.3000"]
    assert cells(table, "Fee $") == ["$9.00", "−$1.50"]
    assert cells(table, "Slippage bp") == ["+1.2", "–"]
    assert cells(table, "Liquidity") == ["taker", "maker"]
    assert cells(table, "Time UTC")[0] == moment_text(NOW - SECOND, NOW)


def test_ladder_adds_up(panel: BookPanel) -> None:
    steps = tuple(
        ExpiryGreeks(underlying=name, expiry=at, positions=2, risk=sensitivity(delta))
        for name, at, delta in (("BTC", 0, -1.0), ("BTC", NOW + HOUR, 3.0), ("ETH", 0, 5.0))
    )
    panel.tabs.setCurrentWidget(panel.page(LadderPage))
    draw(panel, frame(desks=TWO_DESKS, ladder=steps))
    table = panel.page(LadderPage).table
    assert cells(table, "Coin") == ["BTC", "BTC", "ETH", "Total BTC", "Total ETH"]
    assert cells(table, "Expiry UTC")[:2] == ["no expiry", "01:00:00"]
    assert cells(table, "Δ BS")[3] == "+4.0000 BTC"
    assert cells(table, "Positions")[3:] == ["4", "2"]


def test_pnl_buckets_and_figures(panel: BookPanel) -> None:
    result = pnl(20.0, day=-5.0, hedge_cost_day=3.0)
    causes = split({Bucket.GAMMA: 30.0, Bucket.FEES: -10.0})
    panel.tabs.setCurrentWidget(panel.page(PnlPage))
    draw(panel, frame(pnl=result, attribution=causes))
    assert cells(panel.page(PnlPage).table, "Cause or day") == ["Gamma", "Fees", "Total"]
    assert cells(panel.page(PnlPage).table, "USD") == ["+$30.00", "−$10.00", "+$20.00"]
    assert cells(panel.page(PnlPage).table, "Share") == ["75%", "25%", ""]
    texts = {name: label.text() for name, label in panel.page(PnlPage).figures.items()}
    assert texts == {"Day P&L": "−$5.00", "Hedge cost today": "$3.00", "Equity": "–"}
    assert panel.page(PnlPage).figures["Day P&L"].property("tone") == "dn"


def test_text_is_drawn_less_often_than_frames_come(panel: BookPanel) -> None:
    resets: list[int] = []
    panel.page(PositionsPage).table.model.dataChanged.connect(lambda *_: resets.append(1))
    for place in range(30):
        panel.render_frame(frame(desks=(desk("BTC", position("BTC-X", str(place + 1))),)))
    assert len(resets) == 30 // FRAMES_PER_DRAWING


def test_unchanged_and_hidden_parts_are_not_drawn(panel: BookPanel) -> None:
    shown = frame(desks=TWO_DESKS)
    draw(panel, shown)
    drawn: list[int] = []
    panel.page(PositionsPage).table.model.dataChanged.connect(lambda *_: drawn.append(1))
    for _ in range(3):
        draw(panel, shown)
    panel.hide()
    later = frame(desks=(desk("BTC", CALL),), now=NOW + SECOND)
    draw(panel, later)
    assert drawn == []
    panel.show()
    assert drawn == [1]
    assert panel.tabs.tabText(0) == "Positions 1"


@pytest.mark.parametrize(
    ("left", "text"),
    [(-1, "expired"), (HOUR, "01:00:00"), (DAY, "2026-01-22 · 1 d")],
)
def test_expiry(left: int, text: str) -> None:
    assert expiry_text(NOW + left, NOW) == text
    assert expiry_text(0, NOW, "perpetual") == "perpetual"


@pytest.mark.parametrize(
    ("x", "text"), [(None, "–"), (0.0, "0.00"), (60_123.456, "60,123.46"), (0.00123, "0.001230")]
)
def test_price_of_unknown_tick(x: float | None, text: str) -> None:
    assert price_text(x) == text


def test_nothing_is_cut_off(panel: BookPanel) -> None:
    """Titles and the longest figures of a large book fit their columns, bold as totals are."""
    metrics = QFontMetrics(semibold())
    coins, dollars = -9_876.5432, -1_234_567.0
    large = Sensitivity(dollars, coins, coins, coins, 10 * dollars, 0.1, dollars, dollars, dollars)
    held = position("BTC_USDC-27MAR26-150000-C", "-12345.5", entry=123_456.78, mark=123_456.78)
    row = msgspec.structs.replace(held, upnl_usd=-1_234_567.89, risk=large, flag="old mark")
    steps = (ExpiryGreeks(underlying="BTC", expiry=NOW + 99 * DAY, positions=99, risk=large),)
    shown = frame(
        desks=(desk("BTC", row),),
        orders=(order("1", "BTC_USDC-27MAR26-150000-C", status="cancel_pending"),),
        fills=(fill("1", "BTC_USDC-27MAR26-150000-C", at=NOW - 9 * DAY),),
        ladder=steps,
    )
    tables = tables_of(panel)[:4]
    cut = []
    for place, table in enumerate(tables):
        panel.tabs.setCurrentIndex(place)
        draw(panel, shown)
        for column in table.model.columns:
            texts = [column.title, *(column.show(each) for each in table.model.rows)]
            widest = max(metrics.horizontalAdvance(text) for text in texts) + 2 * PADDING
            if widest > column.width:
                cut.append((column.title, widest, texts))
    assert cut == []


NARROWEST = 710
"""What the docks leave to the book in a window 1024 wide."""


def test_no_page_is_wider_than_the_smallest_window_leaves(panel: BookPanel) -> None:
    pages = [panel.tabs.widget(place) for place in range(panel.tabs.count())]
    wide = {type(each).__name__: each.minimumSizeHint().width() for each in pages}
    assert {name: least for name, least in wide.items() if least > NARROWEST} == {}
    assert panel.minimumSizeHint().width() <= NARROWEST


def test_everything_has_a_name(panel: BookPanel) -> None:
    for table in tables_of(panel):
        assert table.accessibleName()
        assert table.view.accessibleName()
    assert all(each.accessibleName() for each in panel.tabs.findChildren(TablePage))
    assert panel.page(OrdersPage).hand.cancel.accessibleName()
