"""The chart panel: the linked stack of one underlying, its windows and its read-out."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from terminal.core.units import SECOND
from terminal.model.frame import Desk, Frame
from ui.charts.stack import WINDOWS, ChartStack, words
from ui.format import bps, coin, countdown, number, usd
from ui.panels.panel import Panel
from ui.theme.tokens import Tokens
from ui.widgets.segmented import Segmented

TEXT_EVERY = 3
"""Frames between two renewals of the titles: text is read, curves are watched."""


class ChartsPanel(Panel):
    """Charts of the selected underlying."""

    bandDragged = Signal(str, float, float)  # noqa: N815 - underlying, offsets from target

    def __init__(self, tokens: Tokens) -> None:
        super().__init__("charts", "Charts", tokens)
        self._underlying = ""
        self._desk: Desk | None = None
        self._frames = 0
        self.stack = ChartStack(tokens)
        self.stack.bandEdited.connect(self._on_band)
        self.stack.followed.connect(self._on_followed)
        self._windows = Segmented(tuple(WINDOWS))
        self._windows.setAccessibleName("Time shown")
        self._windows.set_current("15m")
        self._windows.chosen.connect(self.stack.set_window)
        self._follow = QPushButton("Follow")
        self._follow.setCheckable(True)
        self._follow.setChecked(True)
        self._follow.setAccessibleName("Follow the newest point")
        self._follow.clicked.connect(self.stack.follow)
        self._price = QLabel("")
        self._price.setProperty("tone", "hi")
        self._readout = QLabel("")
        self._readout.setProperty("tone", "mut")
        bar = QHBoxLayout()
        bar.setContentsMargins(12, 4, 12, 4)
        bar.setSpacing(12)
        bar.addWidget(self._price)
        bar.addWidget(self._windows)
        bar.addWidget(self._follow)
        bar.addWidget(self._readout, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.stack, 1)
        self._readout.setMinimumWidth(0)

    def select(self, underlying: str) -> None:
        """Show another underlying; an empty name or All means the first desk."""
        name = "" if underlying == "All" else underlying
        if name != self._underlying:
            self._underlying = name
            self.stack.forget()
            self._frames = 0

    def render_frame(self, frame: Frame) -> None:
        """Feed and draw the curves."""
        desk = self._chosen(frame)
        if desk is None:
            return
        if not self._underlying:
            self._underlying = desk.underlying
        self._desk = desk
        tracks = frame.tracks.get(desk.underlying)
        if tracks is not None:
            self.stack.show_tracks(tracks)
        if self._frames % TEXT_EVERY == 0:
            self._texts(desk, frame.now)
        self._frames += 1
        self._readout.setText(self.stack.readout)
        self.stack.redraw(desk, frame.now / SECOND)

    def _chosen(self, frame: Frame) -> Desk | None:
        for desk in frame.desks:
            if desk.underlying == self._underlying:
                return desk
        return frame.desks[0] if frame.desks else None

    def _texts(self, desk: Desk, now: int) -> None:
        spot = desk.exposure.spot
        change = "" if desk.change_pct is None else f"  {number(desk.change_pct, 2, True)} %"
        self._price.setText(f"{desk.underlying} {number(spot, 2)}{change}")
        risk = desk.exposure.total
        known = desk.exposure.usable
        self.stack.set_titles(
            (
                f"Index, USD per {words(desk.underlying)} · ▲ hedge buy ▼ hedge sell",
                _delta_title(desk),
                (
                    f"Γ {usd(risk.gamma_1pct_usd if known else None, 0)} per 1 %"
                    f" · ν {usd(risk.vega_usd if known else None, 1)} per vol point"
                ),
                _funding_title(desk, now),
            )
        )

    def _on_band(self, low: float, high: float) -> None:
        desk = self._desk
        if desk is None or desk.target is None:
            return
        centre = 0.5 * (desk.target.low + desk.target.high)
        self.bandDragged.emit(desk.underlying, low - centre, high - centre)

    def _on_followed(self, on: bool) -> None:
        self._follow.setChecked(on)

    def retheme(self, tokens: Tokens) -> None:
        """Take other colours."""
        super().retheme(tokens)
        self.stack.retheme(tokens)


def _delta_title(desk: Desk) -> str:
    net, target = desk.net_delta, desk.target
    if net is None or target is None:
        return f"Net Δ ({words(desk.underlying)}): unknown, {words(desk.verdict)}"
    if net > target.high:
        place = "above band"
    elif net < target.low:
        place = "below band"
    else:
        place = "in band"
    return (
        f"Net Δ {coin(net, desk.underlying)} {place} ·"
        f" band {number(target.low, 3, True)} to {number(target.high, 3, True)}"
        " (drag an edge to edit)"
    )


def _funding_title(desk: Desk, now: int) -> str:
    if desk.funding_rate is None or not desk.funding_interval:
        return "Funding: none is quoted"
    rate = desk.funding_rate * 1e4 * 8 * 3600 * SECOND / desk.funding_interval
    money = desk.funding_usd_8h
    if money is None:
        flow = ""
    else:
        flow = f" · you {'receive' if money >= 0 else 'pay'} {usd(abs(money), 2)} per 8 h"
    return (
        f"Funding {bps(rate, 2, True)} per 8 h"
        f" · next in {countdown(max(desk.funding_next - now, 0))}{flow}"
    )
