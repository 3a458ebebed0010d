"""The Oracle: what was decided, why, what else could be done, and what would change it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from terminal.model.frame import Frame
from terminal.model.oracle import ADVISE_ONLY, Decision, Sealed
from ui.format import clock, number
from ui.panels.oracle_forecast import forecast_rows, forecast_table, said_of
from ui.panels.oracle_tables import (
    NO_CHANGES,
    NO_DECISION,
    changes,
    choices_table,
    log_table,
    looked_at,
    regret_table,
    row_name,
    rules_table,
    said_table,
)
from ui.panels.oracle_words import WordsRow
from ui.theme.fonts import semibold
from ui.widgets.label import plain_label
from ui.widgets.segmented import Segmented
from ui.widgets.table import Table

CHOICES, RULES, CHANGES, INPUTS, LOG, REGRET = (
    "Choices",
    "Rules",
    "Changes",
    "Inputs",
    "Log",
    "Regret",
)
FORECAST = "Forecast"


class OraclePage(QWidget):
    """One decision in four tables, and the log of those before."""

    name = "Oracle"
    asked = Signal(object)  # a wish for the advisor
    reviewed = Signal(object)  # a profile to look at as a change

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.name)
        self._drawn: tuple[object, ...] = ()
        self._frame: tuple[Frame, str] | None = None
        self._past: Sealed | None = None  # looked back at; None: the latest
        self.tables = {
            CHOICES: choices_table(),
            RULES: rules_table(),
            CHANGES: said_table(NO_CHANGES),
            INPUTS: said_table(NO_DECISION),
            FORECAST: forecast_table(),
            LOG: log_table(),
            REGRET: regret_table(),
        }
        self.choice = Segmented(tuple(self.tables))
        self.choice.setAccessibleName("Part of the decision")
        self.choice.chosen.connect(self._choose)
        self.headline = plain_label(NO_DECISION, "hi", semibold(), wrap=True)
        self.why = plain_label("", "mut", wrap=True)
        self.forecast = plain_label("", "mut", wrap=True)
        self.words = WordsRow()
        self.words.asked.connect(self.asked)
        self.words.reviewed.connect(self.reviewed)
        self.trust = plain_label("", "tx")
        self.back = QPushButton("Back to now")
        self.back.setAutoDefault(False)
        self.back.clicked.connect(self._back)
        self.tables[LOG].activated.connect(self._look_back)
        self.stack = QStackedWidget()
        for title, table in self.tables.items():
            table.setAccessibleName(f"Oracle: {title.lower()}")
            self.stack.addWidget(table)
        self._lay_out()
        self.setFocusProxy(self.choice)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 4)
        head.setSpacing(12)
        head.addWidget(self.choice)
        head.addStretch(1)
        head.addWidget(self.trust)
        head.addWidget(self.back)
        self.back.hide()
        self.headline.setContentsMargins(8, 0, 8, 0)
        self.why.setContentsMargins(8, 0, 8, 4)
        self.forecast.setContentsMargins(8, 0, 8, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.headline)
        column.addWidget(self.why)
        column.addWidget(self.forecast)
        column.addWidget(self.words)
        column.addWidget(self.stack, 1)

    def count(self, _frame: Frame, _underlying: str) -> int | None:
        """No number: nothing here waits for someone."""
        return None

    def show_frame(self, frame: Frame, underlying: str) -> None:
        """Show the latest decision of a coin, of the newest one where none is selected."""
        self._frame = frame, underlying
        self.words.show_frame(frame, underlying)
        view, part = frame.oracle, self.choice.current()
        entry = self._past or latest(view.recent, underlying)
        coin = entry.decision.underlying if entry else underlying
        foretold = frame.forecasts.get(coin)
        drawn = (
            *(entry.seal if entry else "", part, underlying, len(view.recent), view.fault),
            foretold,
        )
        if drawn == self._drawn and (part not in (LOG, REGRET) or not view.recent):
            return
        self._drawn = drawn
        self._head(entry, view.fault)
        self.forecast.setText(said_of(foretold, entry.decision.forecast if entry else None))
        if part == FORECAST:
            self.tables[FORECAST].show_rows(forecast_rows(foretold))
        elif part == LOG:
            rows = [each for each in view.recent if underlying in ("", each.decision.underlying)]
            self.tables[LOG].show_rows(rows[::-1])
        elif part == REGRET:
            self.tables[REGRET].show_rows(view.regret)
        elif entry is not None:
            self._fill(part, entry.decision)

    def _head(self, entry: Sealed | None, fault: str) -> None:
        self.back.setVisible(self._past is not None)
        if entry is None:
            self.headline.setText(fault or NO_DECISION)
            return
        found = entry.decision
        self.headline.setText(f"{clock(found.at)}  {found.headline}")
        lines = [*found.why[:3], fault]
        if found.guard:
            lines.insert(0, f"Stands against it: {found.guard}")
        self.why.setText(" ".join(filter(None, lines)))
        self.trust.setText(trust(found))

    def _fill(self, part: str, found: Decision) -> None:
        table = self.tables[part]
        if part == CHOICES:
            table.show_rows(found.candidates)
        elif part == RULES:
            table.show_rows(found.findings)
        elif part == CHANGES:
            table.show_rows(changes(found))
        else:
            table.show_rows(looked_at(found))

    def table(self) -> Table:
        """Return the table that is shown."""
        return self.tables[self.choice.current()]

    def _choose(self, part: str) -> None:
        self.stack.setCurrentWidget(self.tables[part])
        self._again()

    def _look_back(self, name: str) -> None:
        if self._frame is None:
            return
        recent = self._frame[0].oracle.recent
        self._past = next((each for each in recent if row_name(each) == name), None)
        self.choice.set_current(CHOICES)
        self._choose(CHOICES)

    def _back(self) -> None:
        self._past = None
        self._again()

    def _again(self) -> None:
        if self._frame is not None:
            self.show_frame(*self._frame)


def latest(recent: tuple[Sealed, ...], underlying: str) -> Sealed | None:
    """Newest decision of a coin, or of any if ``underlying`` is empty."""
    return next(
        (each for each in reversed(recent) if underlying in ("", each.decision.underlying)), None
    )


def trust(decision: Decision) -> str:
    """Confidence in words."""
    value = decision.confidence
    if value is None:
        return "Confidence –"
    advice = ": advice only" if value < ADVISE_ONLY else ""
    return f"Confidence {number(value, 2)}{advice}"
