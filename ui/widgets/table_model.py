"""Rows of records as a table that sorts by value, keeps totals last and remembers by id."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from terminal.core.plain import plain
from ui.widgets.tip import tip_text

Index = QModelIndex | QPersistentModelIndex

_ROOT = QModelIndex()
ALIGNMENT = {
    "left": int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter),
    "right": int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter),
    "center": int(Qt.AlignmentFlag.AlignCenter),
}
# Joining flags costs more than painting a cell, so the joined ones are kept.
_NONE = Qt.ItemFlag.NoItemFlags
_FIXED = Qt.ItemFlag.ItemIsEnabled
_SELECTABLE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column, declared as data.

    Every callable takes the row that was handed to ``show_rows``.
    """

    title: str
    get: Callable[[Any], Any]  # value to sort by; None is unknown and always sorts last
    show: Callable[[Any], str]  # text on the screen
    align: Literal["left", "right", "center"] = "right"
    sort: bool = True
    width: int = 88  # pixels
    heat: Callable[[Any], float | None] | None = None  # −1 (dn) … +1 (up); None paints nothing
    tooltip: str = ""
    role: Callable[[Any], str] | None = None  # colour role of the text: up, dn, warn, mut, …


class TableModel(QAbstractTableModel):
    """Rows in the order they are shown."""

    def __init__(
        self,
        columns: Sequence[Column],
        row_id: Callable[[Any], str],
        is_total: Callable[[Any], bool] | None,
        parent: QObject,
        *,
        is_shaded: Callable[[Any], bool] | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.rows: list[Any] = []
        self.row_id = row_id
        self._is_total = is_total
        self._is_shaded = is_shaded
        self._first_total = 0
        self._sort_by: int | None = None
        self._falling = False

    def is_total(self, place: int) -> bool:
        """Whether the row at a place is a sum of others: kept last, bold, not selectable."""
        return place >= self._first_total

    def is_shaded(self, row: object) -> bool:
        """Whether a row stands out from the others by its ground."""
        return self._is_shaded is not None and self._is_shaded(row)

    def replace_rows(self, rows: Sequence[Any], *, resort: bool) -> None:
        """Show these rows; without ``resort`` the rows already there keep their places."""
        plain, totals = self._split(rows)
        ordered = (self._sorted(plain) if resort else self._kept(plain)) + totals
        self._first_total = len(plain)
        old, new = len(self.rows), len(ordered)
        if new > old:
            self.beginInsertRows(_ROOT, old, new - 1)
            self.rows = ordered
            self.endInsertRows()
        elif new < old:
            self.beginRemoveRows(_ROOT, new, old - 1)
            self.rows = ordered
            self.endRemoveRows()
        self.rows = ordered
        if ordered:
            self.dataChanged.emit(self.index(0, 0), self.index(new - 1, len(self.columns) - 1))

    def sort_rows(self, column: int, *, falling: bool) -> None:
        """Sort by a column now and whenever rows are sorted again."""
        self._sort_by, self._falling = column, falling
        self.replace_rows(self.rows, resort=True)

    def row_of(self, name: str | None) -> int | None:
        """Place of a row by its id."""
        if name is None:
            return None
        places = (place for place, row in enumerate(self.rows) if self.row_id(row) == name)
        return next(places, None)

    def _split(self, rows: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        if self._is_total is None:
            return list(rows), []
        plain: list[Any] = []
        totals: list[Any] = []
        for row in rows:
            (totals if self._is_total(row) else plain).append(row)
        return plain, totals

    def _sorted(self, rows: list[Any]) -> list[Any]:
        if self._sort_by is None:
            return rows
        get = self.columns[self._sort_by].get
        valued = [(get(row), row) for row in rows]
        known = [pair for pair in valued if pair[0] is not None]
        known.sort(key=lambda pair: pair[0], reverse=self._falling)
        return [row for _, row in known] + [row for value, row in valued if value is None]

    def _kept(self, rows: list[Any]) -> list[Any]:
        places = {self.row_id(row): place for place, row in enumerate(self.rows)}
        end = len(places)
        return sorted(rows, key=lambda row: places.get(self.row_id(row), end))

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of rows, totals included."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self.columns)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let everything but totals be selected."""
        if not index.isValid():
            return _NONE
        return _FIXED if self.is_total(index.row()) else _SELECTABLE

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text for copying and for screen readers; the delegate paints on its own."""
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return plain(column.show(self.rows[index.row()]))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return ALIGNMENT[column.align]
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Titles, their alignment and their explanations."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return ALIGNMENT[column.align]
        if role == Qt.ItemDataRole.ToolTipRole and column.tooltip:
            return tip_text(column.tooltip)
        return None
