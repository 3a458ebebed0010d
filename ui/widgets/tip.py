"""Tooltips that show words as they are: Qt by itself takes what looks like markup for markup."""

import html

from PySide6.QtWidgets import QWidget

from terminal.core.plain import plain


def tip_text(text: str) -> str:
    """Return what a tooltip is set to, so that it shows this text character for character.

    A tooltip has no switch for plain text: Qt guesses, by a "<" or its entity in the first line.
    A text with either is given as markup that shows the text.
    """
    shown = plain(text)
    if "<" not in shown and "&lt;" not in shown:
        return shown
    return f'<p style="white-space:pre-wrap">{html.escape(shown)}</p>'


def set_tip(widget: QWidget, text: str) -> None:
    """Give a widget a tooltip of plain text."""
    widget.setToolTip(tip_text(text))
