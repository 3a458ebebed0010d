"""Words over a pane."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QGraphicsRectItem, QStyleOptionGraphicsItem
from pytestqt.qtbot import QtBot

from ui.charts.overlay import TITLE_PX, Title
from ui.theme.qss import chart_colors
from ui.theme.tokens import load_tokens


def test_no_line_crosses_the_words_of_a_title(qtbot: QtBot) -> None:
    colors = chart_colors(load_tokens("dark"))
    below = QGraphicsRectItem()
    title = Title(below)
    title.retheme(colors)
    title.place(QRectF(0, 0, 200, TITLE_PX))
    title.say((("Index", "muted"),))
    image = QImage(200, TITLE_PX, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    painter = QPainter(image)
    title.paint(painter, QStyleOptionGraphicsItem())
    painter.end()
    assert image.pixelColor(6, TITLE_PX // 2) == QColor(colors["background"])
    assert image.pixelColor(190, TITLE_PX // 2) == QColor(Qt.GlobalColor.red)
