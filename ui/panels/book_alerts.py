"""Alerts: what stands, to acknowledge or snooze, and what became of each telling."""

from functools import partial

from msgspec import Struct
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from terminal.core.units import SECOND
from terminal.model.alert import (
    RANK,
    AlertSettings,
    AlertView,
    Dispatch,
    Outcome,
    RaisedAlert,
    Tier,
)
from terminal.model.frame import Frame
from terminal.model.messages import AckAlert, SetAlerts, SnoozeAlert, TryAlerts
from ui.dialogs.alert_rules import AlertRulesDialog
from ui.format import UNKNOWN, age, countdown
from ui.panels.book_cells import moment_text
from ui.theme.fonts import LABEL, sans
from ui.widgets.label import plain_label
from ui.widgets.segmented import Segmented
from ui.widgets.table import Column, Table
from ui.widgets.tip import set_tip

STANDING, TOLD = "Standing", "Told"
SNOOZE_S = 600.0
ROLES = {Tier.INFO: "mut", Tier.WATCH: "tx", Tier.HIGH: "warn", Tier.CRITICAL: "crit"}


class StandingLine(Struct, frozen=True):
    """One alert at an instant."""

    alert: RaisedAlert
    now: int


class ToldLine(Struct, frozen=True):
    """One dispatch at an instant."""

    dispatch: Dispatch
    now: int


class AlertsPage(QWidget):
    """Alerts of the whole desk, whatever coin is selected.

    Emits ``asked`` with the command to acknowledge, snooze, test or use other rules, and
    ``kept`` with rules that are to be written to the person's file.
    """

    asked = Signal(object)
    kept = Signal(object)
    name = "Alerts"

    def __init__(self) -> None:
        super().__init__()
        self._drawn: tuple[AlertView, int, str] | None = None
        self._frame: Frame | None = None
        self.dialog: AlertRulesDialog | None = None
        self.setAccessibleName(self.name)
        self.tables = {
            STANDING: Table(
                _STANDING,
                row_id=lambda line: line.alert.alert_id,
                empty="No alert stands: everything that is watched is as it should be.",
            ),
            TOLD: Table(
                _TOLD,
                row_id=lambda line: str(line.dispatch.number),
                empty="Nothing has been told yet. Test shows whether alerts reach you.",
            ),
        }
        self.choice = Segmented(tuple(self.tables))
        self.choice.setAccessibleName("Part of alerts")
        self.choice.chosen.connect(self._choose)
        self.quiet = plain_label("", "mut", sans(LABEL), wrap=True)
        self.stack = QStackedWidget()
        for name, table in self.tables.items():
            table.setAccessibleName(f"Alerts: {name.lower()}")
            self.stack.addWidget(table)
        self.tables[STANDING].selected.connect(self._follow_selection)
        self._lay_out()
        self.setFocusProxy(self.choice)
        self._follow_selection()

    def _lay_out(self) -> None:
        self.acknowledge = _button("Acknowledge", "Tell the selected alert no more")
        self.snooze = _button("Snooze 10 min", "Keep the selected alert silent for ten minutes")
        self.rules = _button("Rules…", "Choose which alerts are on and how they are told")
        self.everything = _button("Acknowledge all", "Tell none of the standing alerts any more")
        self.test = _button("Test", "Send a test by every channel that is set up")
        self.acknowledge.clicked.connect(self._acknowledge)
        self.snooze.clicked.connect(self._snooze)
        self.everything.clicked.connect(partial(self.asked.emit, AckAlert("")))
        self.test.clicked.connect(partial(self.asked.emit, TryAlerts()))
        self.rules.clicked.connect(self._edit_rules)
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 4)
        head.setSpacing(8)
        head.addWidget(self.choice)
        head.addWidget(self.quiet, 1)
        for button in (self.acknowledge, self.snooze, self.everything, self.test, self.rules):
            head.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.stack, 1)

    def count(self, frame: Frame, _underlying: str) -> int:
        """How many alerts wait to be acknowledged."""
        return sum(not each.acked_at for each in frame.alerts.raised)

    def show_frame(self, frame: Frame, _underlying: str) -> None:
        """Show the alerts, unless neither they nor the second of the clock changed."""
        self._frame = frame
        view, part, second = frame.alerts, self.choice.current(), frame.now // SECOND
        if self._drawn and self._drawn == (view, second, part):
            return
        self._drawn = view, second, part
        self.quiet.setText("Quiet hours: only what is critical is told." if view.quiet else "")
        self.tables[STANDING].show_rows([StandingLine(each, frame.now) for each in view.raised])
        told = [ToldLine(each, frame.now) for each in reversed(view.dispatches)]
        self.tables[TOLD].show_rows(told)
        self.everything.setEnabled(self.count(frame, "") > 0)
        self.rules.setEnabled(view.settings is not None)
        self._follow_selection()

    def _choose(self, part: str) -> None:
        self.stack.setCurrentWidget(self.tables[part])
        if self._frame is not None:
            self.show_frame(self._frame, "")

    def _selected(self) -> RaisedAlert | None:
        """Selected alert, if it still waits to be acknowledged."""
        name = self.tables[STANDING].selected_id()
        standing = self._frame.alerts.raised if self._frame else ()
        found = (each for each in standing if each.alert_id == name and not each.acked_at)
        return next(found, None)

    def _follow_selection(self) -> None:
        waits = self._selected() is not None and self.choice.current() == STANDING
        self.acknowledge.setEnabled(waits)
        self.snooze.setEnabled(waits)

    def _acknowledge(self) -> None:
        alert = self._selected()
        if alert is not None:
            self.asked.emit(AckAlert(alert.alert_id))

    def _snooze(self) -> None:
        alert = self._selected()
        if alert is not None:
            self.asked.emit(SnoozeAlert(alert.alert_id, SNOOZE_S))

    def _edit_rules(self) -> None:
        """Open the form of the rules, once at a time."""
        view = self._frame.alerts if self._frame else None
        if view is None or view.settings is None or view.usual is None or self.dialog is not None:
            return
        self.dialog = AlertRulesDialog(view.settings, view.usual, self.window())
        self.dialog.saved.connect(self._use)
        self.dialog.finished.connect(self._closed)
        self.dialog.open()

    def _use(self, settings: AlertSettings) -> None:
        self.asked.emit(SetAlerts(settings))
        self.kept.emit(settings)

    def _closed(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
        self.dialog = None


def _button(text: str, about: str) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(about)
    set_tip(button, about)
    return button


def state_text(line: StandingLine) -> str:
    """Say how an alert stands: new, acknowledged, snoozed, or over but not acknowledged."""
    alert, now = line.alert, line.now
    if alert.acked_at:
        return "acknowledged"
    if alert.snoozed_until > now:
        return f"snoozed, {countdown(alert.snoozed_until - now)}"
    return "stands" if alert.active else "over, not acknowledged"


def outcome_text(dispatch: Dispatch) -> str:
    """Say what became of a dispatch on each of its channels."""
    known = {each.channel: each for each in dispatch.outcomes}
    if not dispatch.channels:
        return "no channel is set up"
    return "; ".join(
        f"{channel.value} {_outcome(known.get(channel))}" for channel in dispatch.channels
    )


def _outcome(outcome: Outcome | None) -> str:
    if outcome is None:
        return "has not answered"
    return f"ok ({outcome.detail})" if outcome.ok else f"FAILED ({outcome.detail})"


def _outcome_role(line: ToldLine) -> str:
    outcomes = line.dispatch.outcomes
    if any(not each.ok for each in outcomes):
        return "warn"
    return "tx" if outcomes else "mut"


_STANDING = (
    Column(
        title="Tier",
        get=lambda line: RANK[line.alert.tier],
        show=lambda line: line.alert.tier.value.upper(),
        align="left",
        width=88,
        role=lambda line: "mut" if line.alert.acked_at else ROLES[line.alert.tier],
    ),
    Column(
        title="What",
        get=lambda line: line.alert.text,
        show=lambda line: line.alert.text,
        align="left",
        width=424,
        role=lambda line: "mut" if line.alert.acked_at else "tx",
    ),
    Column(
        title="For",
        get=lambda line: line.now - line.alert.since,
        show=lambda line: age(line.now - line.alert.since),
        width=72,
        tooltip="Since the condition began",
    ),
    Column(
        title="State",
        get=state_text,
        show=state_text,
        align="left",
        width=176,
    ),
    Column(
        title="Last told UTC",
        get=lambda line: line.alert.sent_at or None,
        show=lambda line: (
            moment_text(line.alert.sent_at, line.now) if line.alert.sent_at else UNKNOWN
        ),
        width=144,
    ),
    Column(
        title="Rule",
        get=lambda line: line.alert.rule,
        show=lambda line: line.alert.rule.replace("_", " "),
        align="left",
        width=128,
        role=lambda _line: "mut",
    ),
)
_TOLD = (
    Column(
        title="#",
        get=lambda line: line.dispatch.number,
        show=lambda line: str(line.dispatch.number),
        width=48,
    ),
    Column(
        title="UTC",
        get=lambda line: line.dispatch.at,
        show=lambda line: moment_text(line.dispatch.at, line.now),
        align="left",
        width=144,
    ),
    Column(
        title="Tier",
        get=lambda line: RANK[line.dispatch.tier],
        show=lambda line: line.dispatch.tier.value.upper(),
        align="left",
        width=88,
        role=lambda line: ROLES[line.dispatch.tier],
    ),
    Column(
        title="Text",
        get=lambda line: line.dispatch.text,
        show=lambda line: line.dispatch.text,
        align="left",
        width=400,
    ),
    Column(
        title="Outcome",
        get=lambda line: outcome_text(line.dispatch),
        show=lambda line: outcome_text(line.dispatch),
        align="left",
        width=400,
        role=_outcome_role,
    ),
)
