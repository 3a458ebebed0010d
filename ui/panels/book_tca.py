"""What hedges cost to execute: each against its decision, its arrival and its prediction."""

from collections.abc import Callable, Iterable
from functools import reduce
from operator import add

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from terminal.core.units import MINUTE
from terminal.model.frame import Frame
from terminal.model.risk import RiskProfile
from terminal.model.tca import HedgeCost
from terminal.model.tca_tally import Tally
from terminal.model.tca_view import TcaView, delays
from ui.charts.calibration import CalibrationChart
from ui.format import count, duration, number, usd
from ui.panels.tca_tables import (
    GroupLine,
    HedgeLine,
    belief_table,
    delay_table,
    group_table,
    hedge_table,
)
from ui.theme.tokens import Tokens
from ui.widgets.label import plain_label
from ui.widgets.segmented import Segmented
from ui.widgets.table import Table

HEDGES, DELAYS, BELIEFS = "Hedges", "Delays", "Band cost"

GROUPS: dict[str, Callable[[Tally], str]] = {
    "Policy": lambda tally: tally.rule,
    "Venue": lambda tally: tally.venue,
    "Hour": lambda tally: f"{tally.hour:02d}:00 UTC",
    "Coin": lambda tally: tally.underlying,
    "Liquidity": lambda tally: tally.liquidity,
    "Profile": lambda tally: tally.persona or "not told then",
}
"""What totals can be put together by."""


class TcaPage(QWidget):
    """One of several tables, under the whole in words and beside predicted against paid."""

    name = "TCA"

    def __init__(self) -> None:
        super().__init__()
        self._drawn: tuple[object, ...] | None = None
        self._frame: tuple[Frame, str] | None = None
        self.setAccessibleName(self.name)
        self.tables = {HEDGES: hedge_table()}
        self.tables |= {title: group_table(title) for title in GROUPS}
        self.tables |= {DELAYS: delay_table(), BELIEFS: belief_table()}
        self.choice = Segmented(tuple(self.tables))
        self.choice.setAccessibleName("Part of execution costs")
        self.choice.chosen.connect(self._choose)
        self.headline = plain_label("", "tx", wrap=True)
        self.chart = CalibrationChart()
        self.stack = QStackedWidget()
        for title, table in self.tables.items():
            table.setAccessibleName(f"Execution costs: {title.lower()}")
            self.stack.addWidget(table)
        self._lay_out()
        self.setFocusProxy(self.choice)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 4)
        head.addWidget(self.choice)
        head.addStretch(1)
        self.headline.setContentsMargins(8, 0, 8, 4)
        body = QHBoxLayout()
        body.setSpacing(4)
        body.addWidget(self.stack, 3)
        body.addWidget(self.chart, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.headline)
        column.addLayout(body, 1)

    def count(self, _frame: Frame, _underlying: str) -> None:
        """No number: nothing here waits for someone."""
        return

    def show_frame(self, frame: Frame, underlying: str) -> None:
        """Show the costs, unless neither they nor the minute of the clock changed."""
        self._frame = frame, underlying
        view, part = frame.tca, self.choice.current()
        minute, share = frame.now // MINUTE, frame.profile.learned_cost_pct
        drawn = (view, underlying, minute, part, share)
        before = self._drawn
        if before and before[0] is view and before[1:] == drawn[1:]:
            return
        self._drawn = drawn
        hedges = hedges_of(view, underlying)
        tallies = [each for each in view.tallies if underlying in ("", each.underlying)]
        whole = reduce(add, tallies, Tally())
        if part == HEDGES:
            self.table().show_rows([HedgeLine(each, frame.now) for each in hedges])
        elif part == DELAYS:
            self.table().show_rows(delays(hedges))
        elif part == BELIEFS:
            beliefs = [each for each in view.beliefs if underlying in ("", each.underlying)]
            self.table().show_rows(beliefs)
        else:
            self.table().show_rows(group_lines(tallies, GROUPS[part]))
        banded = part == BELIEFS
        said = belief_words(frame.profile) if banded else headline(whole, hedges)
        self.headline.setText(said)
        self.chart.show_hedges(hedges, whole.fit)

    def retheme(self, tokens: Tokens) -> None:
        """Take over the colours of the plot; the book's tables get theirs from it."""
        self.chart.retheme(tokens)

    def table(self) -> Table:
        """Return the table that is shown."""
        return self.tables[self.choice.current()]

    def _choose(self, part: str) -> None:
        self.stack.setCurrentWidget(self.tables[part])
        if self._frame is not None:
            self.show_frame(*self._frame)


def hedges_of(view: TcaView, underlying: str) -> tuple[HedgeCost, ...]:
    """Hedges of one coin, or all of them if ``underlying`` is empty."""
    return tuple(each for each in view.hedges if underlying in ("", each.underlying))


def group_lines(tallies: Iterable[Tally], name_of: Callable[[Tally], str]) -> list[GroupLine]:
    """Totals by name in the order of names, then all of them together."""
    groups: dict[str, Tally] = {}
    for each in tallies:
        name = name_of(each)
        groups[name] = groups[name] + each if name in groups else each
    lines = [GroupLine(name, groups[name], whole=False) for name in sorted(groups)]
    if lines:
        lines.append(GroupLine("All", reduce(add, groups.values()), whole=True))
    return lines


def headline(whole: Tally, hedges: Iterable[HedgeCost]) -> str:
    """Say what executing has cost, whether it was foreseen, and how long an ack takes."""
    ack = next((each for each in delays(hedges) if each.stage == "sent to ack"), None)
    acks = f" An ack takes {duration(ack.median)}, 95 of 100 {duration(ack.high)}." if ack else ""
    if not whole.value:
        return f"No finished hedge with a known cost yet.{acks}"
    fit = whole.fit
    error = "" if fit.error is None else f" ± {number(fit.error, 2)}"
    return (
        f"{count(fit.count)} hedges cost {number(whole.bps(whole.total), 2)} bp"
        f" ({usd(whole.total)}), predicted {number(whole.bps(whole.predicted), 2)} bp:"
        f" {number(fit.slope, 2)}{error} paid per predicted.{acks}"
    )


def belief_words(profile: RiskProfile) -> str:
    """Say which cost the bands use, and where to change it."""
    share = f"{profile.learned_cost_pct:g} %"
    if profile.learned_cost_pct == 0.0:
        return "Bands use the quoted cost: Learned cost is 0 % (profile, Execution)."
    return (
        f"Bands use the quoted cost corrected to {share} by what hedges really paid,"
        " never beyond half or double (profile, Execution: Learned cost)."
    )
