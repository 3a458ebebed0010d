"""Line icons in any colour, drawn from the shipped vector files."""

import functools

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ui.theme.tokens import RESOURCES

_SCALE = 2   # sharp on screens of double density


def icon_names() -> tuple[str, ...]:
    """Names of all icons, sorted."""
    return tuple(sorted(path.stem for path in (RESOURCES / "icons").glob("*.svg")))


def icon(name: str, color: str, size: int = 16) -> QIcon:
    """Draw an icon.

    Parameters
    ----------
    name : str
        File name in resources/icons without its ending.
    color : str
        ``#RRGGBB``.
    size : int
        Edge in pixels.

    Raises
    ------
    LookupError
        There is no icon of this name.
    """
    return QIcon(pixmap(name, color, size))


def pixmap(name: str, color: str, size: int = 16) -> QPixmap:
    """Draw an icon as a picture, for labels."""
    picture = QPixmap(size * _SCALE, size * _SCALE)
    picture.fill(Qt.GlobalColor.transparent)
    drawing = QSvgRenderer(QByteArray(_source(name).replace("currentColor", color).encode()))
    painter = QPainter(picture)
    drawing.render(painter)
    painter.end()
    picture.setDevicePixelRatio(_SCALE)
    return picture


@functools.cache
def _source(name: str) -> str:
    path = RESOURCES / "icons" / f"{name}.svg"
    if not path.is_file():
        raise LookupError(f"there is no icon {name!r} in {path.parent.name}")
    return path.read_text("utf-8")
