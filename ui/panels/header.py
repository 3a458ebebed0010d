"""The bar at the top: what this is, where its prices come from, who approves, and the stop."""

from functools import partial

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QWidget

from terminal.model.frame import Desk, Frame
from terminal.model.messages import Mode, SetAutonomy
from terminal.model.risk import Autonomy
from ui.dialogs.confirm import ConfirmDialog
from ui.dialogs.live_words import live_lines, live_note
from ui.format import clock, date, percent
from ui.panels.feed_pills import FULL, MERGED, SHORT, FeedPills
from ui.panels.panel import Panel
from ui.theme.apply import set_property
from ui.theme.fonts import TITLE, semibold
from ui.theme.tokens import Tokens
from ui.widgets.badge import ModeBadge
from ui.widgets.icons import icon
from ui.widgets.label import plain_label
from ui.widgets.segmented import Segmented
from ui.widgets.tip import set_tip

ALL = "All"
SPACING, MARGIN = 10, 12
LEAST_WIDTH = 900
"""What the bar can be narrowed to with its least words, pixels."""

DROPPED = ("title", "who", "date", "ages", "name", "feeds", "mark", "rearm")
"""What is left out, in this order, until the rest fits."""

REARM = " – Re-arm…"
FEEDS_EVERY = 3
"""Frames between two renewals of the feeds: their ages are read, not watched."""

_MEANING = {
    Autonomy.MANUAL: "Hedges are proposed only when asked for.",
    Autonomy.APPROVE: "Every hedge waits for a click.",
    Autonomy.AUTO: "Hedges inside the limits of the risk profile are sent without a click.",
}
_ORDER = tuple(Autonomy)


class HeaderPanel(Panel):
    """Mode, book, feeds, autonomy, clock and stop."""

    selected = Signal(str)  # underlying or All
    stopAsked = Signal()  # noqa: N815 - Qt's way
    rearmAsked = Signal()  # noqa: N815
    paceAsked = Signal(str)  # noqa: N815 - pause, resume or a speed

    def __init__(self, mode: str, tokens: Tokens) -> None:
        super().__init__("header", "Header", tokens)
        self.setProperty("kind", "bar")
        self._books: tuple[str, ...] = ()
        self._chosen = ALL
        self._frames = 0
        self._stopped = False
        self._paused = False
        self._mixed = False
        self._frame: Frame | None = None
        self._sheet: ConfirmDialog | None = None
        self._mark = plain_label()
        self._name = plain_label("Gammadesk", "hi", semibold(TITLE))
        self._mode = ModeBadge(mode)
        self._title = plain_label("", "mut")
        self._book = QComboBox()
        self._book.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._book.setAccessibleName("Book shown")
        self._book.setToolTip("Underlying that the strip, charts and tables show")
        self._book.addItem(ALL)
        self._book.activated.connect(self._on_book)
        self.feeds = FeedPills()
        self._pace = QPushButton("Pause")
        self._pace.setAccessibleName("Pause or resume market time")
        self._pace.setProperty("role", "ghost")
        self._pace.clicked.connect(self._on_pace)
        self._who = plain_label("Hedging", "mut")
        self._autonomy = Segmented({each.value: each.value.capitalize() for each in Autonomy})
        self._autonomy.setAccessibleName("Who approves hedges")
        self._autonomy.chosen.connect(self._on_autonomy)
        self._autonomy.setEnabled(False)  # nothing is known before the first frame
        self._clock = plain_label("", "hi")
        self._clock.setAccessibleName("Market time, UTC")
        self._stop = QPushButton("Stop")
        self._stop.setProperty("role", "danger")
        self._stop.setAccessibleName("Stop hedging in stages")
        self._stop.setToolTip("Freeze, neutralise or flatten (Ctrl+Shift+K)")
        self._stop.clicked.connect(self._on_stop)
        self._lay_out()
        self.retheme(tokens)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN, 8, MARGIN, 8)
        row.setSpacing(SPACING)
        left: tuple[QWidget, ...] = (self._mark, self._name, self._mode, self._book, self._title)
        for widget in (*left, self.feeds):
            row.addWidget(widget)
        row.addStretch(1)
        for widget in (self._pace, self._who, self._autonomy, self._clock, self._stop):
            row.addWidget(widget)

    def render_frame(self, frame: Frame) -> None:
        """Show mode, feeds, autonomy and clock."""
        self._frame = frame
        self._show_stop(frame)  # first: whatever else fails, this is right
        self._mode.show_mode(frame.mode.value, live_note(frame))
        self._fill_books(tuple(desk.underlying for desk in frame.desks))
        self._title.setText(frame.title)
        self._show_autonomy(self._desks(frame))
        self._show_pace(frame)
        if self._frames % FEEDS_EVERY == 0:
            self.feeds.take_feeds(frame.feeds)
        self._frames += 1
        self._fit(frame)

    def _desks(self, frame: Frame) -> list[Desk]:
        return [d for d in frame.desks if self._chosen in (ALL, d.underlying)]

    def _fill_books(self, names: tuple[str, ...]) -> None:
        if names == self._books:
            return
        self._books = names
        self._book.clear()
        self._book.addItems([ALL, *names])
        if self._chosen in names:
            self._book.setCurrentText(self._chosen)
        elif self._chosen != ALL:
            self.choose(ALL)

    def _show_autonomy(self, desks: list[Desk]) -> None:
        """Show who approves; of several answers the one that does most without a click."""
        kinds = sorted({desk.autonomy for desk in desks}, key=_ORDER.index)
        past = self._frame is not None and self._frame.playback is not None
        self._autonomy.setEnabled(bool(kinds) and not past)
        mixed = self._mixed = len(kinds) > 1
        self._who.setText("Mixed, at most" if mixed else "Hedging")
        set_property(self._who, "tone", "warn" if mixed else "mut")
        set_tip(self._who, "\n".join(f"{d.underlying}: {d.autonomy.value}" for d in desks))
        if kinds and kinds[-1].value != self._autonomy.current():
            self._autonomy.set_current(kinds[-1].value)

    def _show_pace(self, frame: Frame) -> None:
        machine = frame.machine
        self._pace.setVisible(_own_time(frame))
        speed = "max" if machine.speed == 0.0 else f"{machine.speed:g}×"
        done = "" if machine.progress is None else f" · {percent(machine.progress, 0)}"
        self._pace.setText(f"Resume {speed}{done}" if machine.paused else f"{speed}{done}")
        self._pace.setToolTip("Resume (F9)" if machine.paused else "Pause (F9)")
        if machine.paused != self._paused:
            self._paused = machine.paused
            self._draw_icons()

    def _show_clock(self, frame: Frame, *, dated: bool) -> None:
        self._clock.setText(_clock_words(frame, dated=dated))
        other = frame.playback is not None or (_own_time(frame) and not _runs_with_the_clock(frame))
        self._clock.setToolTip("Time of the market shown, not the time of day" if other else "")

    def _show_stop(self, frame: Frame) -> None:
        stage = frame.stop.stage
        self._stopped = stage is not None
        self._stop.setText("Stop" if stage is None else f"Stopped: {stage.value}{REARM}")
        name = "Stop hedging in stages" if stage is None else "Re-arm trading"
        self._stop.setAccessibleName(name)
        keys = "Freeze, neutralise or flatten" if stage is None else "A further stage"
        set_tip(self._stop, f"{keys} (Ctrl+Shift+K)")

    # -- Room ---------------------------------------------------------------------------------

    def minimumSizeHint(self) -> QSize:
        """Narrower than its words: they are left out one after another."""
        return QSize(LEAST_WIDTH, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say as much as fits."""
        super().resizeEvent(event)
        if self._frame is not None:
            self._fit(self._frame)

    def _fit(self, frame: Frame) -> None:
        """Leave out the least needed until the rest fits; a mixed autonomy is always said."""
        self._show_stop(frame)
        stopped = frame.stop.stage is not None
        metrics = QFontMetrics(self._clock.font())
        short, long = (
            metrics.horizontalAdvance(_clock_words(frame, dated=dated)) for dated in (False, True)
        )
        fixed = [self._mark, self._mode, self._book, self._autonomy, self._stop]
        fixed += [self._pace] if _own_time(frame) else []
        fixed += [self._who] if self._mixed else []
        pills = [self.feeds.width_at(level) for level in (FULL, SHORT, MERGED)]
        needs = 2 * MARGIN + 12 * SPACING + pills[MERGED] + short
        needs += sum(widget.sizeHint().width() for widget in fixed)
        room = {
            "title": self._title.sizeHint().width(),
            "who": 0 if self._mixed else self._who.sizeHint().width(),
            "date": long - short,
            "ages": pills[FULL] - pills[SHORT],
            "name": self._name.sizeHint().width(),
            "feeds": pills[SHORT] - pills[MERGED],
            "mark": self._mark.sizeHint().width(),
            "rearm": QFontMetrics(self._stop.font()).horizontalAdvance(REARM) if stopped else 0,
        }
        needs += sum(room.values()) - room["mark"] - room["rearm"]  # these two are in already
        kept = list(DROPPED)
        while kept and needs > self.width():
            needs -= room[kept.pop(0)]
        self._title.setVisible("title" in kept)
        self._who.setVisible("who" in kept or self._mixed)
        self._name.setVisible("name" in kept)
        self._mark.setVisible("mark" in kept)
        if "rearm" not in kept:
            self._stop.setText(self._stop.text().removesuffix(REARM))
        self.feeds.show_at(FULL if "ages" in kept else SHORT if "feeds" in kept else MERGED)
        self._show_clock(frame, dated="date" in kept)
        set_tip(self._mode, live_lines(frame) or frame.title)

    def _on_book(self, place: int) -> None:
        self._chosen = self._book.itemText(place)
        self.selected.emit(self._chosen)

    def choose(self, underlying: str) -> None:
        """Select a book as a click would."""
        place = self._book.findText(underlying)
        if place >= 0:
            self._book.setCurrentIndex(place)
            self._on_book(place)

    def _on_autonomy(self, value: str) -> None:
        if self._chosen == ALL:
            self._confirm(self._books, Autonomy(value))
        else:
            self._set((self._chosen,), Autonomy(value))

    def _confirm(self, names: tuple[str, ...], autonomy: Autonomy) -> None:
        """Ask once more before every book changes; the bar shows the truth until then."""
        if self._sheet is not None or not names:
            return
        title = f"{autonomy.value.capitalize()} for {', '.join(names)}?"
        action = f"Set {autonomy.value} for all"
        sheet = self._sheet = ConfirmDialog(title, _MEANING[autonomy], action, self.window())
        sheet.confirmed.connect(partial(self._set, names, autonomy))
        sheet.finished.connect(self._on_sheet_closed)
        sheet.open()

    def _on_sheet_closed(self) -> None:
        if self._sheet is not None:
            self._sheet.deleteLater()
        self._sheet = None

    def _set(self, names: tuple[str, ...], autonomy: Autonomy) -> None:
        for name in names:
            self.command.emit(SetAutonomy(name, autonomy))

    def _on_pace(self) -> None:
        self.paceAsked.emit("toggle")

    def _on_stop(self) -> None:
        if self._stopped:
            self.rearmAsked.emit()
        else:
            self.stopAsked.emit()

    def retheme(self, tokens: Tokens) -> None:
        """Take other colours."""
        super().retheme(tokens)
        self._draw_icons()

    def _draw_icons(self) -> None:
        tokens = self.tokens
        self._mark.setPixmap(icon("activity", tokens.acc, 20).pixmap(20, 20))
        self._stop.setIcon(icon("octagon-x", tokens.on_fill, 16))
        self._pace.setIcon(icon("play" if self._paused else "pause", tokens.tx, 14))


def _own_time(frame: Frame) -> bool:
    """Whether market time runs by itself and can be paused."""
    return frame.mode in (Mode.SIM, Mode.REPLAY, Mode.RECORDING)


def _runs_with_the_clock(frame: Frame) -> bool:
    return frame.machine.speed == 1.0 and not frame.machine.paused


def _clock_words(frame: Frame, *, dated: bool) -> str:
    """Time of the frame; says so where it is not the time of day."""
    own = _own_time(frame)
    day = f"{date(frame.now)} " if own and dated else ""
    market = "Market " if own and not _runs_with_the_clock(frame) else ""
    if frame.playback is not None:
        market = "Recorded "  # at its own speed, too, it is not the time of day
    return f"{market}{day}{clock(frame.now)}"
