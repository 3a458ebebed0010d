"""Paint the cells of a table: heat, text, selection and the line above totals."""

import functools

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from terminal.core.plain import one_line
from ui.theme.fonts import sans, semibold
from ui.theme.tokens import Tokens, mix, role_color
from ui.widgets.table_model import ALIGNMENT, TableModel

PADDING = 8
_HEAT_STEPS = 32
_FIGURES = "0123456789,.+−– "


class CellPainter(QStyledItemDelegate):
    """Fills and draws each cell itself: four times cheaper than the default delegate."""

    def __init__(self, model: TableModel, tokens: Tokens, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self.retheme(tokens)

    def retheme(self, tokens: Tokens) -> None:
        """Mix the colours of a theme and measure its typeface once."""
        self._plain, self._bold = sans(), semibold()
        self._metrics = QFontMetrics(self._plain), QFontMetrics(self._bold)
        self._figure = max(
            metrics.horizontalAdvance(each) for metrics in self._metrics for each in _FIGURES
        )
        self._tokens = tokens
        self._select = QColor(mix(tokens.acc, tokens.bg1, 0.22))
        self._total = QColor(tokens.bg2)
        self._line = QColor(tokens.line)
        self._heat = _ramp(tokens)
        self._color = functools.cache(lambda role: QColor(role_color(tokens, role)))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw one cell."""
        rect = option.rect
        place = index.row()
        row = self._model.rows[place]
        column = self._model.columns[index.column()]
        total = self._model.is_total(place)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, self._select)
        elif total:
            painter.fillRect(rect, self._total)
            painter.fillRect(QRect(rect.x(), rect.y(), rect.width(), 1), self._line)
        elif self._model.is_shaded(row):
            painter.fillRect(rect, self._total)
        elif column.heat is not None:
            share = column.heat(row)
            if share is not None:
                step = round(max(-1.0, min(1.0, share)) * _HEAT_STEPS)
                painter.fillRect(rect, self._heat[step + _HEAT_STEPS])
        text = one_line(column.show(row))
        if not text:
            return
        room = rect.width() - 2 * PADDING
        # Half a number is a wrong number: an ellipsis says that something is missing. Measuring is
        # a quarter of the cost of a cell, and figures are all of one width.
        if text.strip(_FIGURES) or len(text) * self._figure > room:
            text = self._metrics[total].elidedText(text, Qt.TextElideMode.ElideRight, room)
        if total:
            painter.setFont(self._bold)
        painter.setPen(self._color(column.role(row) if column.role else "hi" if total else "tx"))
        painter.drawText(
            rect.x() + PADDING, rect.y(), room, rect.height(), ALIGNMENT[column.align], text
        )
        if total:
            painter.setFont(self._plain)


def _ramp(tokens: Tokens) -> list[QColor]:
    falling = [
        QColor(mix(tokens.dn, tokens.bg1, 0.3 * step / _HEAT_STEPS))
        for step in range(_HEAT_STEPS, 0, -1)
    ]
    rising = [
        QColor(mix(tokens.up, tokens.bg1, 0.3 * step / _HEAT_STEPS))
        for step in range(_HEAT_STEPS + 1)
    ]
    return falling + rising
