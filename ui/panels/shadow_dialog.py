"""Add a shadow: a profile to start from, a name, and the policy of each coin."""

from collections.abc import Collection, Mapping

from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QWidget,
)

from terminal.model.risk import RiskProfile
from terminal.model.shadow import AddShadow
from ui.dialogs.sheet import Sheet
from ui.panels.profile_fields import policy_fields, policy_values, read_policy
from ui.panels.profile_form import Section, follow_kind


class ShadowDialog(Sheet):
    """Emits ``asked`` with the shadow to add; limits are not shown, a shadow has the live ones.

    Parameters
    ----------
    sources : mapping of str to RiskProfile
        What to start from, by the words of the choice; not empty.
    taken : collection of str
        Names that other shadows have.
    parent : QWidget or None
        Window that waits for the dialog.
    """

    asked = Signal(object)

    def __init__(
        self,
        sources: Mapping[str, RiskProfile],
        taken: Collection[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Add a shadow", parent, width=460)
        self._sources = dict(sources)
        self._taken = {each.lower() for each in taken}
        self._sections: dict[str, Section] = {}
        self.add_text(
            "It sees what the engine sees and decides by the same code, on paper. Limits, stops and"
            " sizes are always the live profile's. Profiles saved since the program began are"
            " offered from its next start; until then, load one into the editor.",
            "mut",
        )
        self.source, self.coin, self.label = QComboBox(), QComboBox(), QLineEdit()
        self.source.addItems(list(self._sources))
        self.source.setAccessibleName("Profile to start from")
        self.label.setMaxLength(40)
        self.label.setPlaceholderText("Such as: wider at night")
        self.label.setAccessibleName("Name of the shadow")
        self.coin.setAccessibleName("Coin whose policy is shown")
        rows = QFormLayout()
        rows.addRow("Start from", self.source)
        rows.addRow("Name", self.label)
        rows.addRow("Coin", self.coin)
        self.body.addLayout(rows)
        self.stack = QStackedWidget()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(self.stack)
        area.setMinimumHeight(200)
        # Its own wish would be higher than the smallest window.
        area.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        area.setAccessibleName("Policy of the coin")
        self.body.addWidget(area, 1)
        self.problem = self.add_text("", "warn")
        self.add_button("Cancel", "ghost", self.reject)
        self.action = self.add_button("Add shadow", "primary", self._on_action)
        self.source.currentTextChanged.connect(self._on_source)
        self.coin.currentIndexChanged.connect(self.stack.setCurrentIndex)
        self.label.textChanged.connect(self._check)
        self._on_source(self.source.currentText())

    def profile(self) -> RiskProfile | None:
        """The profile to start from with the policies in the form; None while one is not valid."""
        base = self._sources[self.source.currentText()]
        policies = dict(base.policies)
        for underlying, section in self._sections.items():
            values = section.form.values()
            if values is None:
                return None
            if section.changed():  # a form writes fewer digits than a tuned policy may have
                policies[underlying] = read_policy(values)
        return replace(base, policies=policies)

    def _on_source(self, words: str) -> None:
        """Show the policies of another profile; what was edited is gone with the one before."""
        for section in self._sections.values():
            self.stack.removeWidget(section)
            section.deleteLater()
        self._sections = {}
        self.coin.clear()
        for underlying, spec in self._sources[words].policies.items():
            section = Section(f"{underlying} policy", policy_fields(underlying))
            section.follow(policy_values(spec))
            follow_kind(section)
            section.form.edited.connect(self._on_edit)
            self._sections[underlying] = section
            self.stack.addWidget(section)
            self.coin.addItem(underlying)
        if not self.label.isModified():
            self.label.setText(words)
        self._check()

    def _on_edit(self) -> None:
        for section in self._sections.values():
            follow_kind(section)
        self._check()

    def _check(self) -> None:
        name = self.label.text().strip()
        problem = "" if self.profile() else "A number of a policy cannot be used"
        if name.lower() in self._taken:
            problem = f"There is a shadow {name!r} already: give this one another name"
        self.write(self.problem, problem)
        self.action.setEnabled(bool(name) and not problem)

    def _on_action(self) -> None:
        made = self.profile()
        if made is not None:
            self.asked.emit(AddShadow(self.label.text().strip(), made))
            self.accept()
