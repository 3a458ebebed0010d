"""Last page of giving a key: what was found of it, a line each, the gravest loud."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from terminal.model.keys import CheckRow, CheckState, KeyReport
from ui.theme.fonts import semibold
from ui.widgets.label import plain_label

_TONES = {
    CheckState.OK: ("OK", "up"),
    CheckState.WARN: ("WARN", "warn"),
    CheckState.BAD: ("BAD", "crit"),
    CheckState.UNKNOWN: ("NOT SAID", "mut"),
}
HEIGHT = 300


class ReportPage(QWidget):
    """Shows a report; a loud row must be accepted by a tick before the key is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.report: KeyReport | None = None
        self.status = plain_label("", "mut", wrap=True)
        self.accepted = QCheckBox("I have read the warning and keep this key all the same")
        self.accepted.setAccessibleName(self.accepted.text())
        self._area = QScrollArea()
        self._area.setAccessibleName("What was found")
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setMinimumHeight(HEIGHT)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for each in (self.status, self._area, self.accepted):
            column.addWidget(each)
        self.begin("")

    def begin(self, text: str) -> None:
        """Show that something is being waited for."""
        self.report = None
        self.status.setText(text)
        self.accepted.setChecked(False)
        self.accepted.setVisible(False)
        self._area.setWidget(QWidget())

    def show_report(self, report: KeyReport) -> None:
        """Show what was found."""
        self.report = report
        bad = [row for row in report.rows if row.state is CheckState.BAD]
        told = "Put right what is bad, then check again." if bad else "Nothing forbids using it."
        self.status.setText(f"The check failed: {report.failure}" if report.failure else told)
        self.accepted.setVisible(any(row.loud for row in report.rows) and not bad)
        self._area.setWidget(_rows(report.rows))

    def may_keep(self) -> bool:
        """Whether the key may be kept as things stand."""
        report = self.report
        if report is None or report.failure:
            return False
        if any(row.state is CheckState.BAD for row in report.rows):
            return False
        loud = any(row.loud for row in report.rows)
        return self.accepted.isChecked() or not loud


def _rows(rows: tuple[CheckRow, ...]) -> QWidget:
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 8, 0)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(8)
    grid.setColumnStretch(2, 1)
    for place, row in enumerate(rows):
        word, tone = _TONES[row.state]
        if row.loud:
            word, tone = "DANGER", "crit"
        text = f"{row.found}. {row.remedy}." if row.remedy else f"{row.found}."
        cells = (
            plain_label(word, tone, semibold()),
            plain_label(row.what, "hi"),
            plain_label(text, "crit" if row.loud else "tx", wrap=True),
        )
        for column, cell in enumerate(cells):
            grid.addWidget(cell, place, column, Qt.AlignmentFlag.AlignTop)
    grid.setRowStretch(len(rows), 1)
    return made
