"""Standing problems: cause, age and next step, for as long as they last."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from terminal.core.units import SECOND
from terminal.model.frame import Frame, Notice
from ui.format import age
from ui.panels.panel import Panel
from ui.theme.tokens import Tokens
from ui.widgets.notice_strip import NoticeStrip

MOST = 3
"""Strips at once; more problems are counted in the last one."""


class NoticesPanel(Panel):
    """One strip per standing problem; nothing where there is none."""

    rearmAsked = Signal()  # noqa: N815 - Qt's way

    def __init__(self, tokens: Tokens) -> None:
        super().__init__("notices", "Notices", tokens)
        self._strips = [NoticeStrip() for _ in range(MOST)]
        self._shown: tuple[tuple[str, str], ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 8, 0)
        column.setSpacing(4)
        for strip in self._strips:
            strip.acted.connect(self.rearmAsked)
            column.addWidget(strip)
        self.setVisible(False)

    def render_frame(self, frame: Frame) -> None:
        """Show the worst problems first."""
        notices = sorted(frame.notices, key=lambda each: each.level != "crit")
        texts = tuple((each.level, _words(each, frame.now)) for each in notices)
        if texts == self._shown:
            return
        self._shown = texts
        self.setVisible(bool(texts))
        more = len(texts) - MOST
        for place, strip in enumerate(self._strips):
            if place >= len(texts):
                strip.clear()
                continue
            level, text = texts[place]
            if place == MOST - 1 and more > 0:
                text = f"{text} (and {more} more)"
            if level == "crit":
                strip.show_notice(text, "crit", "Re-arm…", dismissible=False)
            else:
                strip.show_notice(text, "warn", dismissible=False)


def _words(notice: Notice, now: int) -> str:
    span = max(now - notice.since, 0)
    # Whole seconds from the start: tenths would redraw the strip with every frame.
    lasted = f"{span // SECOND} s" if span < 10 * SECOND else age(span)
    return f"{notice.cause} · for {lasted} · {notice.next_step}"
