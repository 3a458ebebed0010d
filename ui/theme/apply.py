"""Put a theme on the running application, now and on every widget that is already there."""

from typing import Protocol, runtime_checkable

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from ui.theme.fonts import BODY, CONTROL, LABEL, load_fonts, sans
from ui.theme.qss import stylesheet
from ui.theme.tokens import RESOURCES, Tokens, mix, remember_theme


@runtime_checkable
class Themed(Protocol):
    """A widget that paints itself and wants to know the colours."""

    def retheme(self, tokens: Tokens) -> None:
        """Take over the colours and repaint."""


def apply_theme(app: QApplication, tokens: Tokens) -> None:
    """Set style, palette, fonts and style sheet, and ``retheme`` what paints itself."""
    load_fonts()
    remember_theme(app, tokens)
    app.setStyle("Fusion")
    app.setPalette(palette(tokens))
    app.setFont(sans(BODY))
    # PySide's stubs ask for bytes where only str is taken.
    for kind in ("QPushButton", "QToolButton", "QLineEdit", "QAbstractSpinBox", "QComboBox"):
        app.setFont(sans(CONTROL), kind)  # type: ignore[arg-type]
    for kind in ("QHeaderView", "QToolTip"):
        app.setFont(sans(LABEL), kind)  # type: ignore[arg-type]
    chevron = (RESOURCES / "icons" / "combo-arrow.svg").as_posix()
    app.setStyleSheet(stylesheet(tokens, chevron))
    for widget in app.allWidgets():
        if isinstance(widget, Themed):
            widget.retheme(tokens)


def palette(tokens: Tokens) -> QPalette:
    """Qt's palette for what the style sheet does not reach."""
    roles = QPalette.ColorRole
    colors = {
        roles.Window: tokens.bg0,
        roles.Base: tokens.bg1,
        roles.AlternateBase: tokens.bg2,
        roles.Button: tokens.bg2,
        roles.WindowText: tokens.tx,
        roles.Text: tokens.tx,
        roles.ButtonText: tokens.tx,
        roles.BrightText: tokens.hi,
        roles.PlaceholderText: tokens.mut,
        roles.ToolTipBase: tokens.bg3,
        roles.ToolTipText: tokens.hi,
        roles.Highlight: mix(tokens.acc, tokens.bg1, 0.22),
        roles.HighlightedText: tokens.hi,
        roles.Link: tokens.acc,
        roles.Mid: tokens.line,
    }
    result = QPalette()
    for role, color in colors.items():
        result.setColor(role, QColor(color))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.dis))
    return result


def set_property(widget: QWidget, name: str, value: object) -> None:
    """Change a dynamic property that the style sheet reads, and polish only if it changed."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
