"""Tables: order by value, still under the mouse, totals last, selection by id."""

import operator
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, QObject, Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QHeaderView
from pytestqt.qtbot import QtBot

from ui.format import number
from ui.theme.tokens import load_tokens
from ui.widgets.table import ROW_HEIGHT, Column, Table
from ui.widgets.table_copy import tsv
from ui.widgets.table_model import TableModel

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)


class Row(msgspec.Struct, frozen=True):
    name: str
    delta: float | None
    total: bool = False


COLUMNS = (
    Column(title="Name", get=lambda row: row.name, show=lambda row: row.name, align="left"),
    Column(
        title="Delta",
        get=lambda row: row.delta,
        show=lambda row: number(row.delta, 2, signed=True),
        heat=lambda row: row.delta,
        role=lambda row: "up" if (row.delta or 0) > 0 else "dn",
        tooltip="Coins",
    ),
    Column(title="Note", get=lambda _: None, show=lambda _: "", sort=False),
)
THREE = (Row("a", 2.0), Row("b", None), Row("c", -10.0))
TOTAL = Row("sum", -8.0, total=True)

NAME: Callable[[Row], str] = operator.attrgetter("name")
IS_TOTAL: Callable[[Row], bool] = operator.attrgetter("total")


@pytest.fixture
def table(qtbot: QtBot) -> Table:
    made = Table(COLUMNS, NAME, is_total=IS_TOTAL, empty="No positions")
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    return made


def names(table: Table) -> list[str]:
    return [table.model.rows[place].name for place in range(table.model.rowCount())]


def let_a_second_pass(table: Table) -> None:
    table._since_sort.invalidate()


@given(
    rows=st.lists(
        st.builds(Row, st.text(), st.none() | st.floats(-1e6, 1e6), st.booleans()),
        unique_by=lambda row: row.name,
    ),
    falling=st.booleans(),
)
def test_sorted_by_value_unknown_last_totals_after_all(rows: list[Row], falling: bool) -> None:
    owner = QObject()
    model = TableModel(COLUMNS, NAME, IS_TOTAL, owner)
    model.replace_rows(rows, resort=True)
    model.sort_rows(1, falling=falling)
    assert sorted(map(NAME, model.rows)) == sorted(map(NAME, rows))
    plain = [row for row in model.rows if not row.total]
    assert model.rows[: len(plain)] == plain
    known = [row.delta for row in plain if row.delta is not None]
    assert known == sorted(known, reverse=falling)
    assert [row.delta for row in plain[: len(known)]] == known


def test_model_keeps_the_promises_of_qt(qtbot: QtBot, table: Table) -> None:
    tester = QAbstractItemModelTester(
        table.model, QAbstractItemModelTester.FailureReportingMode.Warning
    )
    table.show_rows([*THREE, TOTAL])
    table.show_rows(THREE[:1])
    table.show_rows([])
    assert tester.model() is table.model


def test_totals_stay_last_and_cannot_be_selected(table: Table) -> None:
    table.show_rows([TOTAL, *THREE])
    table.sort_by(1)
    assert names(table) == ["c", "a", "b", "sum"]
    table.sort_by(1, falling=True)
    assert names(table) == ["a", "c", "b", "sum"]
    table.view.selectRow(3)
    assert table.selected_id() is None


def test_order_rests_for_a_second(table: Table) -> None:
    table.show_rows(THREE)
    table.sort_by(1)
    table.show_rows([Row("a", -99.0), Row("c", 0.0), Row("b", None), Row("d", -500.0)])
    assert names(table) == ["c", "a", "b", "d"]
    let_a_second_pass(table)
    table.show_rows([Row("a", -99.0), Row("c", 0.0), Row("b", None), Row("d", -500.0)])
    assert names(table) == ["d", "a", "c", "b"]


def test_order_rests_under_the_mouse(table: Table) -> None:
    table.show_rows(THREE)
    table.sort_by(1)
    table.view.viewport().setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
    let_a_second_pass(table)
    table.show_rows([Row("a", -99.0), Row("c", 0.0)])
    assert names(table) == ["c", "a"]


def test_selection_follows_the_id(qtbot: QtBot, table: Table) -> None:
    table.show_rows(THREE)
    with qtbot.waitSignal(table.selected) as seen:
        table.view.selectRow(0)
    assert seen.args == ["a"]
    with qtbot.assertNotEmitted(table.selected):
        table.sort_by(1)
        let_a_second_pass(table)
        table.show_rows([*THREE, Row("e", -50.0)])
    assert table.selected_id() == "a"
    place = table.model.row_of("a")
    chosen = table.view.selectionModel().selectedRows()
    assert [index.row() for index in chosen] == [place] != [0]
    table.show_rows(THREE[1:])
    assert table.selected_id() is None
    table.select("c")
    assert table.selected_id() == "c"


def test_enter_activates(qtbot: QtBot, table: Table) -> None:
    table.show_rows([*THREE, TOTAL])
    table.view.setCurrentIndex(table.model.index(1, 0))
    with qtbot.waitSignal(table.activated) as seen:
        QTest.keyClick(table.view, Qt.Key.Key_Return)
    assert seen.args == ["b"]
    table.view.setCurrentIndex(table.model.index(3, 0))
    with qtbot.assertNotEmitted(table.activated):
        QTest.keyClick(table.view, Qt.Key.Key_Return)


def test_a_column_that_does_not_sort_leaves_the_order(table: Table) -> None:
    table.show_rows(THREE)
    table.sort_by(2)
    assert names(table) == ["a", "b", "c"]


def test_copy(qtbot: QtBot, table: Table) -> None:
    table.show_rows([Row("=cmd", -2.0), Row("b", 1.0)])
    QTest.keyClick(table.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    text = "Name\tDelta\tNote\n'=cmd\t-2.00\t\nb\t+1.00\t\n"
    assert QGuiApplication.clipboard().text() == text
    table.view.selectRow(1)
    QTest.keyClick(table.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Name\tDelta\tNote\nb\t+1.00\t\n"


@given(rows=st.lists(st.builds(Row, st.text(), st.floats(-1, 1)), max_size=5))
def test_copied_text_keeps_its_shape(rows: list[Row]) -> None:
    lines = tsv(COLUMNS, rows).removesuffix("\n").split("\n")
    assert len(lines) == len(rows) + 1
    assert {line.count("\t") for line in lines} == {len(COLUMNS) - 1}


def test_empty_text(table: Table) -> None:
    table.show_rows([])
    assert not table.view.isVisible()
    table.set_empty_text("<b>Flat</b>")
    assert table._empty.textFormat() is Qt.TextFormat.PlainText
    table.show_rows(THREE)
    assert table.view.isVisible()


def test_geometry_is_fixed(table: Table) -> None:
    table.show_rows([*THREE, TOTAL])
    assert {table.view.rowHeight(place) for place in range(4)} == {ROW_HEIGHT}
    assert QFontMetrics(table.view.font()).height() <= ROW_HEIGHT
    assert table.view.horizontalHeader().sectionResizeMode(0) is QHeaderView.ResizeMode.Interactive


def test_paints_in_every_theme(table: Table) -> None:
    table.show_rows([Row("too long a name for its column" * 3, 0.5), *THREE, TOTAL])
    table.select("a")
    pictures = set()
    for name in ("dark", "light"):
        table.retheme(load_tokens(name))
        pictures.add(table.grab().toImage().pixelColor(120, 40).name())
    assert len(pictures) == 2


def test_screen_readers_see_the_text(table: Table) -> None:
    table.setAccessibleName("Positions")
    table.show_rows(THREE)
    role = Qt.ItemDataRole
    assert table.view.accessibleName() == "Positions"
    assert table.model.data(table.model.index(0, 1), role.AccessibleTextRole) == "+2.00"
    assert table.model.data(QModelIndex()) is None
    horizontal = Qt.Orientation.Horizontal
    assert table.model.headerData(1, horizontal, role.ToolTipRole) == "Coins"
    assert table.model.headerData(0, horizontal, role.ToolTipRole) is None
    assert table.model.headerData(0, Qt.Orientation.Vertical) is None
