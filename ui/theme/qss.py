"""One style sheet for the whole window; it sets colours and boxes, never fonts.

A font given in a style sheet beats the one set on the widget and drops its tabular figures, so
sizes come from ui/theme/apply.py and from the widgets themselves.
"""

from string import Template

from ui.theme.tokens import RADIUS_CARD, RADIUS_INPUT, RADIUS_PANEL, Tokens, mix, tint

_SURFACES = Template("""
QWidget { background: transparent; color: $tx; selection-background-color: $select;
  selection-color: $hi; }
QMainWindow, QDialog, QWidget[kind="window"] { background: $bg0; }
QWidget[kind="window"][mode="paper"] { border: 3px solid $paper; border-top: none; }
QWidget[kind="window"][mode="recording"] { border: 3px solid $recording; border-top: none; }
QWidget[kind="window"][mode="live"] { border: 6px solid $live; border-top: none; }
QWidget[kind="panel"], QStackedWidget[kind="panel"] { background: $bg1; border: 1px solid $line;
  border-radius: ${panel}px; }
QFrame[kind="card"] { background: $bg2; border: 1px solid $line; border-radius: ${card}px; }
QFrame[kind="card"][alert="true"] { background: $crit_tint; border: 1px solid $crit; }
QFrame[kind="card"][expiring="true"] { border: 1px solid $warn; }
QFrame[kind="card"]:focus { border: 1px solid $acc; }
QFrame[kind="bar"] { background: $bg1; border: none; border-bottom: 1px solid $line; }
QFrame[kind="status"] { background: $bg1; border: none; border-top: 1px solid $line; }
QFrame[kind="notice"] { background: $bg3; border: 1px solid $line2; border-radius: ${panel}px; }
QFrame[kind="notice"][tone="warn"] { background: $warn_tint; border-color: $warn; }
QFrame[kind="notice"][tone="crit"] { background: $crit_tint; border-color: $crit; }
QFrame[kind="notice"][tone="up"] { background: $up_tint; border-color: $up; }
QFrame[kind="rule"] { background: $line; border: none; max-height: 1px; min-height: 1px; }
QLabel { background: transparent; border: none; }
QLabel[tone="hi"] { color: $hi; } QLabel[tone="mut"] { color: $mut; }
QLabel[tone="acc"] { color: $acc; } QLabel[tone="up"] { color: $up; }
QLabel[tone="dn"] { color: $dn; } QLabel[tone="warn"] { color: $warn; }
QLabel[tone="crit"] { color: $crit; }
QLabel:disabled { color: $dis; }
QToolTip { background: $bg3; color: $hi; border: 1px solid $line2; padding: 4px 8px; }
""")

_BUTTONS = Template("""
QPushButton, QToolButton { background: $bg2; color: $tx; border: 1px solid $line2;
  border-radius: ${input}px; padding: 4px 12px; min-height: 20px; }
QToolButton { padding: 4px; } QToolButton::menu-indicator { image: none; }
QPushButton:hover, QToolButton:hover { background: $bg3; color: $hi; }
QPushButton:pressed, QToolButton:pressed { background: $line; }
QPushButton:checked, QToolButton:checked { background: $acc_tint; color: $acc;
  border-color: $acc; }
QPushButton:focus, QToolButton:focus { border-color: $acc; }
QPushButton:disabled, QToolButton:disabled { color: $dis; border-color: $line; }
QPushButton[role="primary"] { background: $fill; color: $on_fill; border-color: $fill; }
QPushButton[role="primary"]:hover { background: $fill_hover; color: $on_fill; }
QPushButton[role="primary"]:focus { border: 2px solid $hi; padding: 3px 11px; }
QPushButton[role="tonal"] { background: $acc_tint; color: $acc; border-color: $acc_edge; }
QPushButton[role="tonal"]:hover { background: $bg3; }
QPushButton[role="tonal"]:focus { border-color: $acc; }
QPushButton[role="ghost"], QToolButton[role="ghost"] { background: transparent; color: $tx;
  border-color: transparent; }
QPushButton[role="ghost"]:hover, QToolButton[role="ghost"]:hover { background: $bg3; }
QPushButton[role="ghost"]:focus, QToolButton[role="ghost"]:focus { border-color: $acc; }
QPushButton[role="danger"] { background: $danger; color: $on_fill; border-color: $danger; }
QPushButton[role="danger"]:hover { background: $danger_hover; color: $on_fill; }
QPushButton[role="danger"]:focus { border: 2px solid $hi; padding: 3px 11px; }
QPushButton[role]:disabled { background: $bg2; color: $dis; border-color: $line; }
QPushButton[segment="true"] { background: transparent; border-color: transparent;
  padding: 2px 10px; }
QPushButton[segment="true"]:hover { background: $bg3; }
QPushButton[segment="true"]:checked { background: $acc_tint; color: $acc; }
QPushButton[segment="true"]:focus { border-color: $acc; }
QFrame[kind="segments"] { background: $bg2; border: 1px solid $line2;
  border-radius: ${input}px; }
QCheckBox, QRadioButton { spacing: 8px; }
QCheckBox::indicator, QRadioButton::indicator { width: 14px; height: 14px;
  border: 1px solid $line2; background: $bg2; border-radius: 3px; }
QRadioButton::indicator { border-radius: 7px; }
QCheckBox::indicator:checked, QRadioButton::indicator:checked { background: $acc;
  border: 3px solid $bg2; width: 10px; height: 10px; outline: 1px solid $acc; }
QCheckBox:focus, QRadioButton:focus { color: $acc; }
QCheckBox:disabled, QRadioButton:disabled { color: $dis; }
""")

_INPUTS = Template("""
QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox { background: $bg2; color: $hi;
  border: 1px solid $line2; border-radius: ${input}px; padding: 3px 8px; min-height: 20px;
  placeholder-text-color: $mut; }
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover { background: $bg3; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus, QComboBox:focus {
  border-color: $acc; }
QLineEdit[invalid="true"], QAbstractSpinBox[invalid="true"], QComboBox[invalid="true"] {
  border-color: $crit; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: $dis;
  border-color: $line; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url("$chevron"); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: $bg2; border: 1px solid $line2; padding: 4px;
  outline: none; }
QComboBox QAbstractItemView::item { min-height: 24px; padding: 0 8px; }
QComboBox QAbstractItemView::item:selected { background: $select; color: $hi; }
QMenu { background: $bg2; border: 1px solid $line2; padding: 4px; }
QMenu::item { padding: 4px 24px 4px 12px; border-radius: 4px; }
QMenu::item:selected { background: $select; color: $hi; }
QMenu::item:disabled { color: $dis; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QMenuBar { background: $bg1; } QMenuBar::item { padding: 4px 8px; }
QMenuBar::item:selected { background: $bg3; color: $hi; }
QProgressBar { background: $bg3; border: none; border-radius: 2px; color: $tx; }
QProgressBar::chunk { background: $acc; border-radius: 2px; }
QSlider::groove:horizontal { background: $line; height: 4px; border-radius: 2px; }
QSlider::handle:horizontal { background: $acc; width: 14px; margin: -5px 0; border-radius: 7px; }
""")

_VIEWS = Template("""
QAbstractScrollArea { border: none; }
QTableView, QTreeView, QListView { background: $bg1; border: none; gridline-color: $line;
  outline: none; selection-background-color: $select; }
QTableView:focus, QTreeView:focus, QListView:focus { border: 1px solid $acc; }
QHeaderView { background: $bg1; border: none; }
QHeaderView::section { background: $bg1; color: $mut; border: none;
  border-bottom: 1px solid $line; padding: 0 8px; }
QHeaderView::section:hover { background: $bg3; color: $hi; }
QTableCornerButton::section { background: $bg1; border: none; }
QPlainTextEdit[kind="log"] { background: $bg1; color: $tx; border: none; }
QPlainTextEdit[kind="log"]:focus { border: 1px solid $acc; }
QTabWidget::pane { border: 1px solid $line; background: $bg1; border-radius: ${panel}px; }
QTabBar { background: transparent; }
QTabBar::tab { background: transparent; color: $mut; padding: 5px 12px; border: none;
  border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: $hi; background: $bg3; }
QTabBar::tab:selected { color: $hi; border-bottom: 2px solid $acc; }
QTabBar::tab:focus { color: $acc; }
QDockWidget { color: $tx; }
QWidget[kind="dock-title"] { background: $bg1; border: 1px solid $line; border-bottom: none;
  border-top-left-radius: ${panel}px; border-top-right-radius: ${panel}px; }
QMainWindow::separator { background: $bg0; width: 8px; height: 8px; }
QMainWindow::separator:hover { background: $acc_edge; }
QSplitter::handle { background: $bg0; } QSplitter::handle:hover { background: $acc_edge; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $line2; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 24px; } QScrollBar::handle:horizontal { min-width: 24px; }
QScrollBar::handle:hover { background: $mut; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QStatusBar { background: $bg1; color: $mut; } QStatusBar::item { border: none; }
""")


def stylesheet(tokens: Tokens, chevron: str = "") -> str:
    """Write the style sheet of a theme.

    Parameters
    ----------
    tokens : Tokens
        Colours by role.
    chevron : str
        Path of the arrow image of combo boxes, with forward slashes.

    Notes
    -----
    Dynamic properties: ``kind`` (panel, card, bar, status, rule, segments, notice, dock-title,
    log, window), ``role`` of buttons (primary, tonal, ghost, danger), ``tone`` of labels and
    notices, ``alert`` and ``expiring`` of cards, ``invalid`` of inputs.
    """
    values = {name: getattr(tokens, name) for name in tokens.__struct_fields__}
    values |= {
        "panel": str(RADIUS_PANEL),
        "card": str(RADIUS_CARD),
        "input": str(RADIUS_INPUT),
        "select": mix(tokens.acc, tokens.bg1, 0.22),
        "acc_tint": tint(tokens, "acc"),
        "acc_edge": mix(tokens.acc, tokens.bg1, 0.45),
        "crit_tint": tint(tokens, "crit"),
        "warn_tint": tint(tokens, "warn"),
        "up_tint": tint(tokens, "up"),
        "chevron": chevron,
    }
    parts = (_SURFACES, _BUTTONS, _INPUTS, _VIEWS)
    return "".join(part.substitute(values) for part in parts)


def chart_colors(tokens: Tokens) -> dict[str, str]:
    """Colours of a chart by what they draw, so that charts need no theme of their own."""
    return {
        "background": tokens.bg1,
        "axis": tokens.mut,
        "grid": tokens.line,
        "text": tokens.tx,
        "strong": tokens.hi,
        "price": tokens.tx,
        "delta": tokens.acc,
        "band": tint(tokens, "acc"),
        "band_edge": mix(tokens.acc, tokens.bg1, 0.45),
        "target": tokens.hi,
        "up": tokens.up,
        "down": tokens.dn,
        "warn": tokens.warn,
        "breach": tokens.crit,
        "muted": tokens.mut,
        "series_1": tokens.acc,
        "series_2": tokens.up,
        "series_3": tokens.dn,
        "series_4": tokens.sim,
        "series_5": tokens.warn,
    }
