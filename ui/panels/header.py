"""The bar at the top: what this is, where its prices come from, who approves, and the stop."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QWidget

from terminal.model.frame import Desk, FeedHealth, Frame
from terminal.model.messages import Mode, SetAutonomy
from terminal.model.risk import Autonomy
from ui.dialogs.confirm import ConfirmDialog
from ui.format import age, clock, date, percent
from ui.panels.panel import Panel
from ui.theme.apply import set_property
from ui.theme.fonts import TITLE, semibold
from ui.theme.tokens import Tokens
from ui.widgets.badge import ModeBadge, Pill
from ui.widgets.icons import icon
from ui.widgets.label import plain_label
from ui.widgets.segmented import Segmented

ALL = "All"
NARROW = 1500
"""Window width below which the least needed words of the bar are left out."""
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
        self._mode_name = mode
        self._books: tuple[str, ...] = ()
        self._chosen = ALL
        self._frames = 0
        self._stopped = False
        self._paused = False
        self._sheet: ConfirmDialog | None = None
        self._mark = QLabel()
        self._name = plain_label("Gammadesk", "hi", semibold(TITLE))
        self._mode = ModeBadge(mode)
        self._title = plain_label("", "mut")
        self._book = QComboBox()
        self._book.setAccessibleName("Book shown")
        self._book.setToolTip("Underlying that the strip, charts and tables show")
        self._book.addItem(ALL)
        self._book.activated.connect(self._on_book)
        self._feeds = QHBoxLayout()
        self._feeds.setSpacing(6)
        self._pills: dict[str, Pill] = {}
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
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(10)
        left: tuple[QWidget, ...] = (self._mark, self._name, self._mode, self._book, self._title)
        for widget in left:
            row.addWidget(widget)
        row.addLayout(self._feeds)
        row.addStretch(1)
        for widget in (self._pace, self._who, self._autonomy, self._clock, self._stop):
            row.addWidget(widget)

    def render_frame(self, frame: Frame) -> None:
        """Show mode, feeds, autonomy and clock."""
        wide = self.window().width() >= NARROW
        self._mode.show_mode(frame.mode.value)
        self._fill_books(tuple(desk.underlying for desk in frame.desks))
        self._title.setVisible(wide)
        self._title.setText(frame.title)
        if self._frames % FEEDS_EVERY == 0:
            self._show_feeds(frame.feeds)
        self._frames += 1
        self._show_autonomy(self._desks(frame), wide=wide)
        self._show_pace(frame)
        self._show_clock(frame, wide=wide)
        self._show_stop(frame)

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

    def _show_autonomy(self, desks: list[Desk], *, wide: bool) -> None:
        """Show who approves; of several answers the one that does most without a click."""
        kinds = sorted({desk.autonomy for desk in desks}, key=_ORDER.index)
        self._autonomy.setEnabled(bool(kinds))
        mixed = len(kinds) > 1
        self._who.setVisible(wide or mixed)
        self._who.setText("Mixed, at most" if mixed else "Hedging")
        set_property(self._who, "tone", "warn" if mixed else "mut")
        self._who.setToolTip("\n".join(f"{d.underlying}: {d.autonomy.value}" for d in desks))
        if kinds and kinds[-1].value != self._autonomy.current():
            self._autonomy.set_current(kinds[-1].value)

    def _show_feeds(self, feeds: tuple[FeedHealth, ...]) -> None:
        for gone in self._pills.keys() - {feed.venue for feed in feeds}:
            pill = self._pills.pop(gone)
            self._feeds.removeWidget(pill)
            pill.deleteLater()
        for feed in feeds:
            self._show_feed(feed)

    def _show_feed(self, feed: FeedHealth) -> None:
        pill = self._pills.get(feed.venue)
        if pill is None:
            pill = self._pills[feed.venue] = Pill()
            self._feeds.addWidget(pill)
        text = f"● {feed.venue} {age(feed.age)}" if feed.up else f"● {feed.venue} LOST"
        pill.show_text(text, "up" if feed.up else "warn")
        pill.setToolTip(feed.detail or f"Age of the newest message from {feed.venue}")

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

    def _show_clock(self, frame: Frame, *, wide: bool) -> None:
        """Show the time of the frame, and say so where it is not the time of day."""
        own = _own_time(frame)
        day = f"{date(frame.now)} " if own and wide else ""
        market = "Market " if own and (frame.machine.paused or frame.machine.speed != 1.0) else ""
        self._clock.setText(f"{market}{day}{clock(frame.now)}")
        self._clock.setToolTip("Time of the market shown, not the time of day" if market else "")

    def _show_stop(self, frame: Frame) -> None:
        stage = frame.stop.stage
        self._stopped = stage is not None
        self._stop.setText("Stop" if stage is None else f"Stopped: {stage.value} – Re-arm…")
        name = "Stop hedging in stages" if stage is None else "Re-arm trading"
        self._stop.setAccessibleName(name)
        keys = "Freeze, neutralise or flatten" if stage is None else "A further stage"
        self._stop.setToolTip(f"{keys} (Ctrl+Shift+K)")

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
    return frame.mode in (Mode.SIM, Mode.REPLAY)
