"""The bar at the top: what this is, where its prices come from, who approves, and the stop."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QWidget

from terminal.model.frame import Desk, FeedHealth, Frame
from terminal.model.messages import Mode, SetAutonomy
from terminal.model.risk import Autonomy
from ui.format import age, clock, date, percent
from ui.panels.panel import Panel
from ui.theme.apply import set_property
from ui.theme.tokens import Tokens
from ui.widgets.badge import ModeBadge, Pill
from ui.widgets.icons import icon
from ui.widgets.segmented import Segmented

ALL = "All"
NARROW = 1500
"""Window width below which the least needed words of the bar are left out."""


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
        self._stopped = False
        self._mark = QLabel()
        self._name = QLabel("Gammadesk")
        self._name.setProperty("tone", "hi")
        self._name.setProperty("size", "title")
        self._mode = ModeBadge(mode)
        self._title = QLabel("")
        self._title.setProperty("tone", "mut")
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
        self._who = QLabel("Hedging")
        self._who.setProperty("tone", "mut")
        self._autonomy = Segmented({each.value: each.value.capitalize() for each in Autonomy})
        self._autonomy.setAccessibleName("Who approves hedges")
        self._autonomy.chosen.connect(self._on_autonomy)
        self._clock = QLabel("")
        self._clock.setProperty("tone", "hi")
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
        self._mode.show_mode(frame.mode.value)
        self._fill_books(tuple(desk.underlying for desk in frame.desks))
        wide = self.window().width() >= NARROW
        self._title.setVisible(wide)
        self._title.setText(frame.title)
        self._who.setVisible(wide)
        for feed in frame.feeds:
            self._show_feed(feed)
        kinds = {desk.autonomy for desk in self._desks(frame)}
        if len(kinds) == 1:
            self._autonomy.set_current(kinds.pop().value)
        own_time = frame.mode in (Mode.SIM, Mode.REPLAY)
        self._pace.setVisible(own_time)
        self._show_pace(frame)
        prefix = f"{date(frame.now)} " if own_time and wide else ""
        self._clock.setText(prefix + clock(frame.now))
        self._show_stop(frame)

    def _desks(self, frame: Frame) -> list[Desk]:
        return [d for d in frame.desks if self._chosen in (ALL, d.underlying)]

    def _fill_books(self, names: tuple[str, ...]) -> None:
        if names == self._books:
            return
        self._books = names
        self._book.clear()
        self._book.addItems([ALL, *names])

    def _show_feed(self, feed: FeedHealth) -> None:
        pill = self._pills.get(feed.venue)
        if pill is None:
            pill = self._pills[feed.venue] = Pill()
            self._feeds.addWidget(pill)
        text = f"● {feed.venue} {age(feed.age)}" if feed.up else f"● {feed.venue} lost"
        pill.show_text(text, "up" if feed.up else "warn")
        pill.setToolTip(feed.detail or f"Age of the newest message from {feed.venue}")

    def _show_pace(self, frame: Frame) -> None:
        machine = frame.machine
        speed = "max" if machine.speed == 0.0 else f"{machine.speed:g}×"
        done = "" if machine.progress is None else f" {percent(machine.progress, 0)}"
        self._pace.setText(f"Resume {speed}{done}" if machine.paused else f"{speed}{done}")
        self._pace.setToolTip("Resume (F9)" if machine.paused else "Pause (F9)")

    def _show_stop(self, frame: Frame) -> None:
        stage = frame.stop.stage
        self._stopped = stage is not None or any(n.level == "crit" for n in frame.notices)
        text = "Stop" if stage is None else f"Stopped: {stage.value}"
        if stage is None and self._stopped:
            text = "Halted"
        self._stop.setText(text)
        set_property(self._stop, "role", "danger")

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
        names = self._books if self._chosen == ALL else (self._chosen,)
        for name in names:
            self.command.emit(SetAutonomy(name, Autonomy(value)))

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
        self._mark.setPixmap(icon("activity", tokens.acc, 20).pixmap(20, 20))
        self._stop.setIcon(icon("octagon-x", tokens.on_fill, 16))
        self._pace.setIcon(icon("pause", tokens.tx, 14))
