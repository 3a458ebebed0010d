"""A table of live rows: sorts by value, holds still under the mouse, selects by id."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QElapsedTimer, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStackedLayout,
    QTableView,
    QWidget,
)

from ui.theme.fonts import sans
from ui.theme.tokens import Tokens, current_tokens
from ui.widgets.label import plain_label
from ui.widgets.table_copy import tsv
from ui.widgets.table_model import Column, TableModel
from ui.widgets.table_paint import CellPainter

__all__ = ["Column", "Table"]

ROW_HEIGHT = 26
_RESORT_MS = 1000


class Table(QWidget):
    """Rows of one kind.

    Parameters
    ----------
    columns : sequence of Column
        What is shown, from left to right.
    row_id : callable
        Name of a row, unique and stable; selection follows it.
    is_total : callable, optional
        Tells rows that sum up others: kept at the bottom.
    is_shaded : callable, optional
        Tells rows that stand out by a darker ground.
    empty : str
        What to say while there are no rows.
    """

    activated = Signal(str)   # id of the row that was double-clicked or entered
    selected = Signal(str)   # id of the row the user selected, "" for none

    def __init__(
        self,
        columns: Sequence[Column],
        row_id: Callable[[Any], str],
        *,
        is_total: Callable[[Any], bool] | None = None,
        is_shaded: Callable[[Any], bool] | None = None,
        empty: str = "Nothing to show",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.view = _View(self)
        self.model = TableModel(columns, row_id, is_total, self, is_shaded=is_shaded)
        self._painter = CellPainter(self.model, current_tokens(), self)
        self._selected: str | None = None
        self._restoring = False
        self._since_sort = QElapsedTimer()
        self._empty = plain_label(empty, "mut", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.view)
        self._dress()
        self.setFocusProxy(self.view)

    def _dress(self) -> None:
        view = self.view
        view.setModel(self.model)
        view.setItemDelegate(self._painter)
        view.setFont(sans())
        view.copied.connect(self.copy)
        view.activated.connect(self._on_activated)
        view.selectionModel().selectionChanged.connect(self._on_selection)
        header = view.horizontalHeader()
        for place, column in enumerate(self.model.columns):
            view.setColumnWidth(place, column.width)
        header.sortIndicatorChanged.connect(self._on_header)

    def setAccessibleName(self, name: str) -> None:
        """Name the table for screen readers."""
        super().setAccessibleName(name)
        self.view.setAccessibleName(name)

    def set_empty_text(self, text: str) -> None:
        """Change what is said while there are no rows."""
        self._empty.setText(text)

    def show_rows(self, rows: Sequence[object]) -> None:
        """Show these rows in place of the ones before.

        The order is renewed at most once a second and never under the mouse; until then known rows
        keep their places and new ones follow. Selection stays with the id.
        """
        rest = self._since_sort.isValid() and self._since_sort.elapsed() < _RESORT_MS
        resort = not self.model.rows or not (rest or self.view.viewport().underMouse())
        self._restoring = True
        self.model.replace_rows(rows, resort=resort)
        if resort:
            self._since_sort.start()
        self._restore_selection()
        self._restoring = False
        self._stack.setCurrentWidget(self.view if rows else self._empty)

    def selected_id(self) -> str | None:
        """Id of the selected row, or None."""
        return self._selected

    def select(self, name: str | None) -> None:
        """Select a row by id without emitting; an unknown id clears the selection."""
        self._restoring = True
        self._selected = name
        self._restore_selection()
        self._restoring = False

    def sort_by(self, column: int, *, falling: bool = False) -> None:
        """Sort as if the header had been clicked."""
        order = Qt.SortOrder.DescendingOrder if falling else Qt.SortOrder.AscendingOrder
        self.view.horizontalHeader().setSortIndicator(column, order)

    def copy(self) -> None:
        """Put the selected row, or all rows, on the clipboard as tab separated text."""
        place = self.model.row_of(self._selected)
        rows = self.model.rows if place is None else [self.model.rows[place]]
        QGuiApplication.clipboard().setText(tsv(self.model.columns, rows))

    def retheme(self, tokens: Tokens) -> None:
        """Take over the colours and repaint."""
        self._painter.retheme(tokens)
        self.view.viewport().update()

    def _restore_selection(self) -> None:
        place = self.model.row_of(self._selected)
        selection = self.view.selectionModel()
        if place is None:
            self._selected = None
            selection.clear()
            return
        index = self.model.index(place, max(0, selection.currentIndex().column()))
        flags = QItemSelectionModel.SelectionFlag
        if not selection.isRowSelected(place, QModelIndex()):
            selection.select(index, flags.ClearAndSelect | flags.Rows)
        if selection.currentIndex().row() != place:
            selection.setCurrentIndex(index, flags.NoUpdate)

    def _on_selection(self) -> None:
        if self._restoring:
            return
        chosen = self.view.selectionModel().selectedRows()
        self._selected = self.model.row_id(self.model.rows[chosen[0].row()]) if chosen else None
        self.selected.emit(self._selected or "")

    def _on_activated(self, index: QModelIndex) -> None:
        if not self.model.is_total(index.row()):
            self.activated.emit(self.model.row_id(self.model.rows[index.row()]))

    def _on_header(self, column: int, order: Qt.SortOrder) -> None:
        if not 0 <= column < len(self.model.columns) or not self.model.columns[column].sort:
            self.view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
            return
        self._restoring = True
        self.model.sort_rows(column, falling=order is Qt.SortOrder.DescendingOrder)
        self._since_sort.start()
        self._restore_selection()
        self._restoring = False


class _View(QTableView):
    """The grid inside a table: fixed rows, one selected row, keys for copy and activate."""

    copied = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(ROW_HEIGHT)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        titles = self.horizontalHeader()
        titles.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        titles.setMinimumSectionSize(32)
        titles.setHighlightSections(False)
        titles.setSectionsClickable(True)
        titles.setSortIndicatorShown(True)
        titles.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        titles.setStretchLastSection(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy and activate from the keyboard; leave the rest to Qt."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copied.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentIndex().isValid():
                self.activated.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)
