"""The chart panel: the linked stack of one underlying, its windows and its read-out."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout

from terminal.core.units import SECOND
from terminal.model.frame import Desk, Frame
from terminal.model.hedge import HedgeLadder
from terminal.model.risk import PolicySpec
from ui.charts.stack import ChartStack
from ui.charts.time_window import WINDOWS
from ui.format import number
from ui.panels.charts_words import reading_words, titles
from ui.panels.panel import Panel
from ui.theme.tokens import Tokens
from ui.widgets.label import plain_label
from ui.widgets.segmented import Segmented
from ui.widgets.tip import set_tip

LADDER = (
    "Prices at which the book will trade if only the price moves, the whole book priced anew; "
    "drag the nearest ones to edit the band"
)
TEXT_EVERY = 3
"""Frames between two renewals of the titles: text is read, curves are watched."""


class ChartsPanel(Panel):
    """Charts of the selected underlying."""

    bandDragged = Signal(str, float, float)  # noqa: N815 - underlying, offsets from target

    def __init__(self, tokens: Tokens) -> None:
        super().__init__("charts", "Charts", tokens)
        self._asked = ""
        self._desk: Desk | None = None
        self._policies: Mapping[str, PolicySpec] = {}
        self._frames = 0
        self.stack = ChartStack(tokens)
        self.stack.bandEdited.connect(self._on_band)
        self.stack.followed.connect(self._on_followed)
        self.stack.hovered.connect(self._on_hover)
        self.windows = Segmented(tuple(WINDOWS))
        self.windows.setAccessibleName("Time shown")
        self.windows.set_current("15m")
        self.windows.chosen.connect(self.stack.set_window)
        self.follow = QPushButton("Follow")
        self.follow.setCheckable(True)
        self.follow.setChecked(True)
        self.follow.setAccessibleName("Follow the newest point")
        self.follow.setToolTip("Keep the newest point in the picture (End)")
        self.follow.clicked.connect(self.stack.follow)
        self.ladder = QPushButton("Ladder")
        self.ladder.setCheckable(True)
        self.ladder.setChecked(True)
        self.ladder.setAccessibleName("Show the hedges to come on the price")
        self.ladder.toggled.connect(lambda on: self.stack.picture.rungs.ask(shown=on))
        self.price = plain_label(tone="hi")
        self.readout = plain_label(tone="mut")
        self._lay_out()

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(12, 4, 12, 4)
        bar.setSpacing(12)
        for part in (self.price, self.windows, self.follow, self.ladder):
            bar.addWidget(part)
        bar.addWidget(self.readout, 1)
        # However long its words are, the read-out asks for no room of its own.
        self.readout.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.stack, 1)

    @property
    def underlying(self) -> str:
        """What is shown; empty before the first frame."""
        return self._desk.underlying if self._desk is not None else ""

    def show_window(self, name: str) -> None:
        """Show this much time, as a click on its button does."""
        self.windows.set_current(name)
        self.stack.set_window(name)

    def select(self, underlying: str) -> None:
        """Show another underlying from the next frame on; All means the first desk."""
        self._asked = "" if underlying == "All" else underlying

    def render_frame(self, frame: Frame) -> None:
        """Feed and draw the curves."""
        desk = self._chosen(frame)
        if desk is None:
            return
        if desk.underlying != self.underlying:
            self.stack.forget()
            self._frames = 0
        self._desk, self._policies = desk, frame.profile.policies
        tracks = frame.tracks.get(desk.underlying)
        if tracks is not None:
            self.stack.show_tracks(tracks)
        if self._frames % TEXT_EVERY == 0:
            self._texts(desk, frame.hedge_ladders.get(desk.underlying), frame.now)
        self._frames += 1
        self.stack.redraw(desk, frame.now / SECOND)

    def redraw_now(self) -> None:
        """Draw again without a new frame; costs next to nothing when nothing has moved."""
        self.stack.redraw_now()

    def _chosen(self, frame: Frame) -> Desk | None:
        for desk in frame.desks:
            if desk.underlying == self._asked:
                return desk
        return frame.desks[0] if frame.desks else None

    def _texts(self, desk: Desk, ladder: HedgeLadder | None, now: int) -> None:
        change = "" if desk.change_pct is None else f"  {number(desk.change_pct, 2, True)} %"
        self.price.setText(f"{desk.underlying} {number(desk.exposure.spot, 2)}{change}")
        self.stack.set_titles(titles(desk, ladder, now))
        self.stack.show_ladder(ladder, desk.target)
        set_tip(self.ladder, (ladder.note if ladder else "") or LADDER)

    def _on_band(self, low: float, high: float) -> None:
        """Ask for a band as the profile writes it.

        Its edges count from the target of the policy: the middle of a band that is not even, or
        where the next hedge stops, would move the edge that nobody touched.
        """
        policy = self._policies.get(self.underlying)
        if policy is not None:
            self.bandDragged.emit(self.underlying, low - policy.target, high - policy.target)

    def _on_followed(self, on: bool) -> None:
        self.follow.setChecked(on)

    def _on_hover(self, time: float | None) -> None:
        known = time is not None and self._desk is not None
        reading = self.stack.picture.curves.at(time) if known and time is not None else None
        self.readout.setText(
            "" if reading is None or time is None else reading_words(time, reading, self.underlying)
        )

    def retheme(self, tokens: Tokens) -> None:
        """Take other colours."""
        super().retheme(tokens)
        self.stack.retheme(tokens)

    def shut(self) -> None:
        """Close the view: pyqtgraph complains at exit about views left open."""
        self.stack.close()
