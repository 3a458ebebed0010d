"""The controls of a recording: play it, go to a moment, step from hedge to hedge."""

from bisect import bisect_left, bisect_right

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from terminal.core.errors import ConfigError
from terminal.core.moment import read_moment
from terminal.core.units import DAY, SECOND
from terminal.model.frame import Frame
from terminal.model.playback import PlaybackView, Seek
from ui.format import clock, date
from ui.panels.panel import Panel
from ui.theme.apply import set_property
from ui.theme.tokens import Tokens
from ui.widgets.icons import icon
from ui.widgets.label import plain_label
from ui.widgets.segmented import Segmented
from ui.widgets.time_line import TimeLine
from ui.widgets.tip import set_tip

SPEEDS = ("1", "5", "20", "60")
ICON = 14


class TransportPanel(Panel):
    """Hidden but for recordings; emits ``command`` with a `Seek`."""

    paceAsked = Signal(str)  # noqa: N815 - Qt's way: pause, resume or a speed

    def __init__(self, tokens: Tokens) -> None:
        super().__init__("transport", "Recording", tokens)
        self.setProperty("kind", "bar")
        self._view: PlaybackView | None = None
        self._now = 0
        self._paused = False
        self._times: tuple[int, ...] = ()
        self._wrong = ""
        self._before = self._button("Hedge before", "Go to the hedge before this moment")
        self._play = self._button("Pause", "Hold the recording, or let it go on (F9)")
        self._after = self._button("Hedge after", "Go to the hedge after this moment")
        self._before.clicked.connect(self._go_before)
        self._play.clicked.connect(lambda: self.paceAsked.emit("toggle"))
        self._after.clicked.connect(self._go_after)
        self._speeds = Segmented({each: f"{each}×" for each in SPEEDS})
        self._speeds.setAccessibleName("Speed of the recording")
        self._speeds.chosen.connect(self.paceAsked)
        self._line = TimeLine()
        self._line.moved.connect(self._go)
        self._line.sliderMoved.connect(self._dragged)
        self._moment = QLineEdit()
        self._moment.setAccessibleName("Moment to go to, UTC")
        self._moment.setPlaceholderText("03:12")
        self._moment.setMaximumWidth(150)
        set_tip(self._moment, "A time of the day shown, or 2026-01-05T03:12; Enter goes there")
        self._moment.returnPressed.connect(self._on_moment)
        self._words = plain_label("", "mut")
        self._words.setAccessibleName("About the recording")
        self._words.setMinimumWidth(1)
        self._lay_out()
        self.retheme(tokens)
        self.hide()

    def _button(self, name: str, tip: str) -> QPushButton:
        button = QPushButton(name)
        button.setProperty("role", "ghost")
        button.setAccessibleName(name)
        set_tip(button, tip)
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        parts: tuple[QWidget, ...] = (self._before, self._play, self._after, self._speeds)
        for widget in (*parts, self._moment):
            row.addWidget(widget)
        row.addWidget(self._words, 1)
        column = QVBoxLayout(self)  # the line has the whole width: a pixel of it is a minute
        column.setContentsMargins(12, 4, 12, 4)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self._line)

    def render_frame(self, frame: Frame) -> None:
        """Show where the recording is; hidden where there is none."""
        view = frame.playback
        self.setVisible(view is not None)
        if view is None:
            return
        if self._view is None or (view.first, view.last, view.marks) != (
            self._view.first,
            self._view.last,
            self._view.marks,
        ):
            self._times = tuple(each.at for each in view.marks)
            self._line.show_span(view.first, view.last, self._times)
        self._view, self._now = view, frame.now
        self._line.show_moment(view.seeking or frame.now)
        speed = f"{frame.machine.speed:g}"
        if speed in SPEEDS and speed != self._speeds.current():
            self._speeds.set_current(speed)
        if frame.machine.paused != self._paused:
            self._paused = frame.machine.paused
            self._play.setText("Play" if self._paused else "Pause")
            self._draw_icons()
        self._before.setEnabled(bool(self._times) and self._times[0] < frame.now)
        self._after.setEnabled(bool(self._times) and self._times[-1] > frame.now)
        if not self._line.isSliderDown():
            self._tell(view, frame.now)

    def _tell(self, view: PlaybackView, now: int) -> None:
        """What matters most of: a mistake, a refusal, where it goes, what was decided last."""
        last = bisect_right(self._times, now) - 1
        if self._wrong:
            words = self._wrong
        elif view.seeking:
            words = f"going to {date(view.seeking)} {clock(view.seeking)}…"
        elif view.refused:
            words = view.refused
        elif last >= 0:
            mark = view.marks[last]
            words = f"{clock(mark.at)} {mark.text}"
        else:
            words = "no hedge was decided before this moment"
        tone = "warn" if self._wrong or view.refused else "mut"
        set_property(self._words, "tone", tone)
        metrics = QFontMetrics(self._words.font())
        room = self._words.width()
        self._words.setText(metrics.elidedText(words, Qt.TextElideMode.ElideRight, room))
        span = f"{date(view.first)} {clock(view.first)} to {date(view.last)} {clock(view.last)} UTC"
        tip = (words, f"Recording of a {view.lived} run, {span}", view.path, view.note)
        set_tip(self._words, "\n".join(each for each in tip if each))

    def _dragged(self) -> None:
        """Say the moment under the hand before it lets go."""
        at = self._line.moment()
        self._words.setText(f"{date(at)} {clock(at)} UTC")

    def _go(self, at: int) -> None:
        self._wrong = ""
        self.command.emit(Seek(at))

    def _go_before(self) -> None:
        """To the last hedge but the one that has only just been shown."""
        place = bisect_left(self._times, self._now - SECOND) - 1
        if place >= 0:
            self._go(self._times[place])

    def _go_after(self) -> None:
        place = bisect_right(self._times, self._now)
        if place < len(self._times):
            self._go(self._times[place])

    def _on_moment(self) -> None:
        view, text = self._view, self._moment.text().strip()
        if view is None or not text:
            return
        try:
            at = read_moment(text, self._now - self._now % DAY + DAY - SECOND)
        except ConfigError:
            self._wrong = f"{text!r} is no time: write 03:12 or 2026-01-05T03:12"
            return
        if at < view.first and "-" not in text:
            at += DAY  # a time of day before the recording began is one of the day after
        if not view.first <= at <= view.last:
            span = f"{date(view.first)} {clock(view.first)} to {date(view.last)} {clock(view.last)}"
            self._wrong = f"{text} is not in this recording: it holds {span}"
            return
        self._moment.clear()
        self._go(at)

    def retheme(self, tokens: Tokens) -> None:
        """Take other colours."""
        super().retheme(tokens)
        self._line.retheme(tokens)
        self._draw_icons()

    def _draw_icons(self) -> None:
        tokens = self.tokens
        self._before.setIcon(icon("chevron-left", tokens.tx, ICON))
        self._after.setIcon(icon("chevron-right", tokens.tx, ICON))
        self._play.setIcon(icon("play" if self._paused else "pause", tokens.tx, ICON))
