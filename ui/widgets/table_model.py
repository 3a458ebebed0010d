"""Rows of records as a table that sorts by value, keeps totals last and remembers by id."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex

_ROOT = QModelIndex()
_ALIGN = {
    "left": Qt.AlignmentFlag.AlignLeft,
    "right": Qt.AlignmentFlag.AlignRight,
    "center": Qt.AlignmentFlag.AlignHCenter,
}


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column, declared as data.

    Every callable takes the row that was handed to ``show_rows``.
    """

    title: str
    get: Callable[[Any], Any]   # value to sort by; None is unknown and always sorts last
    show: Callable[[Any], str]   # text on the screen
    align: Literal["left", "right", "center"] = "right"
    sort: bool = True
    width: int = 88   # pixels
    heat: Callable[[Any], float | None] | None = None   # −1 (dn) … +1 (up); None paints nothing
    tooltip: str = ""
    role: Callable[[Any], str] | None = None   # colour role of the text: up, dn, warn, mut, …


class TableModel(QAbstractTableModel):
    """Rows in the order they are shown."""

    def __init__(
        self,
        columns: Sequence[Column],
        row_id: Callable[[Any], str],
        is_total: Callable[[Any], bool] | None,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.rows: list[Any] = []
        self.row_id = row_id
        self._is_total = is_total
        self._sort_by: int | None = None
        self._falling = False

    def is_total(self, row: Any) -> bool:
        """Whether a row is a sum of others: kept last, bold, not selectable."""
        return self._is_total is not None and self._is_total(row)

    def replace_rows(self, rows: Sequence[Any], *, resort: bool) -> None:
        """Show these rows; without ``resort`` the rows already there keep their places."""
        ordered = self._sorted(rows) if resort else self._kept(rows)
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

    def _sorted(self, rows: Sequence[Any]) -> list[Any]:
        plain = [row for row in rows if not self.is_total(row)]
        totals = [row for row in rows if self.is_total(row)]
        if self._sort_by is None:
            return plain + totals
        get = self.columns[self._sort_by].get
        known = [(value, row) for row in plain if (value := get(row)) is not None]
        unknown = [row for row in plain if get(row) is None]
        known.sort(key=lambda pair: pair[0], reverse=self._falling)
        return [row for _, row in known] + unknown + totals

    def _kept(self, rows: Sequence[Any]) -> list[Any]:
        places = {self.row_id(row): place for place, row in enumerate(self.rows)}
        end = len(places)
        return sorted(
            rows, key=lambda row: (self.is_total(row), places.get(self.row_id(row), end))
        )

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of rows, totals included."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self.columns)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let everything but totals be selected."""
        if not index.isValid() or self.is_total(self.rows[index.row()]):
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text for copying and for screen readers; the delegate paints on its own."""
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return column.show(self.rows[index.row()])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_ALIGN[column.align] | Qt.AlignmentFlag.AlignVCenter)
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
            return int(_ALIGN[column.align] | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ToolTipRole and column.tooltip:
            return column.tooltip
        return None
