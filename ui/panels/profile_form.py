"""The form of a profile: sections of limits, and one policy for each coin."""

from collections.abc import Iterator, Mapping

import msgspec
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from terminal.model.policy_words import ABOUT, READS
from terminal.model.preview import BandPreview
from terminal.model.risk import COMPUTED, PolicyKind, RiskProfile
from terminal.model.synthetic import Synthetic
from ui.dialogs.diff import Change
from ui.panels.profile_fields import (
    POLICY_KEYS,
    WORDS,
    kind_of,
    limit_values,
    policy_fields,
    policy_values,
    profile_sections,
    read_limits,
    read_policy,
)
from ui.panels.profile_modes import (
    MODE_ABOUT,
    MODE_KEYS,
    MODE_READS,
    MODE_WORDS,
    mode_fields,
    mode_of,
    mode_values,
    read_mode,
)
from ui.panels.profile_preview import preview_text, preview_tone
from ui.theme.apply import set_property
from ui.theme.fonts import LABEL, sans, semibold
from ui.widgets.form import Form
from ui.widgets.form_fields import Field, Value, write
from ui.widgets.label import plain_label
from ui.widgets.tip import set_tip


class Section(QWidget):
    """A title with a form below it."""

    def __init__(self, title: str, fields: tuple[Field, ...]) -> None:
        super().__init__()
        self.title = title
        self.fields = {field.key: field for field in fields}
        self.saved: dict[str, Value] = {}
        self.form = Form(fields)
        self.form.setAccessibleName(title)
        self._hints = {key: self.form.input(key).toolTip() for key in self.fields}
        self.about = plain_label("", "mut", sans(LABEL), wrap=True)
        self.about.hide()
        self.preview = plain_label("", "tx", sans(LABEL), wrap=True)
        self.preview.setAccessibleName(f"{title}: band on the present book")
        self.preview.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 4)
        column.setSpacing(8)
        column.addWidget(plain_label(title, "hi", semibold()))
        column.addWidget(self.about)
        column.addWidget(self.preview)
        column.addWidget(self.form)

    def follow(self, values: dict[str, Value]) -> None:
        """Take values as saved; what the user has changed stays as an edit."""
        edits = {key: self.form.text(key) for key in self.changed()}
        self.saved = values
        self.form.set_values(values)
        for key, text in edits.items():
            self.fill(key, text)

    def allow(self, key: str, why_not: str) -> None:
        """Let a field be edited, or say why it cannot be; an empty reason allows."""
        entry = self.form.input(key)
        entry.setEnabled(not why_not)
        set_tip(entry, why_not or self._hints[key])
        entry.setAccessibleDescription(why_not or self._hints[key])

    def fill(self, key: str, text: str) -> None:
        """Write into a field as an edit."""
        entry = self.form.input(key)
        if isinstance(entry, QLineEdit):
            entry.setText(text)
        elif isinstance(entry, QComboBox):
            entry.setCurrentIndex(entry.findText(text))

    def fill_values(self, values: dict[str, Value]) -> None:
        """Write values into their fields as edits."""
        for key, value in values.items():
            self.fill(key, write(self.fields[key], value))

    def show_preview(self, text: str, tone: str) -> None:
        """Show what the policy would do with the present book."""
        if text != self.preview.text():
            self.preview.setText(text)
            set_property(self.preview, "tone", tone)
        self.preview.setVisible(bool(text))

    def changed(self) -> tuple[str, ...]:
        """Keys whose value differs from the saved one, or cannot be read."""
        if not self.saved:
            return ()
        values = self.form.values()
        dirty = self.form.dirty_keys()
        # Only the text differs in 0.50 for 0.5; while something is wrong the text has to do.
        return dirty if values is None else tuple(k for k in dirty if values[k] != self.saved[k])

    def changes(self) -> Iterator[Change]:
        """Edits in words."""
        for key in self.changed():
            field = self.fields[key]
            unit = f" {field.unit}" if field.unit else ""
            before = write(field, self.saved[key])
            after = self.form.text(key).strip()
            yield Change(f"{self.title}: {field.label}", f"{before}{unit}", f"{after}{unit}")


class ProfileForm(QWidget):
    """All numbers of a profile."""

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Risk profile")
        self._saved: RiskProfile | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 8)
        self._column.setSpacing(0)
        self.limits = {
            title: Section(title, fields) for title, fields in profile_sections().items()
        }
        self.policies: dict[str, Section] = {}
        self.modes: dict[str, Section] = {}  # perps-only, by underlying
        for section in self.limits.values():
            self._add(section)
        self._column.addStretch(1)

    def follow(self, profile: RiskProfile) -> None:
        """Take a profile as saved; what the user has changed stays as an edit."""
        self._saved = profile
        self._arrange(profile)
        with QSignalBlocker(self):
            for section in self.limits.values():
                section.follow(limit_values(profile, tuple(section.fields.values())))
            for underlying, section in self.policies.items():
                section.follow(policy_values(profile.policies[underlying]))
                follow_kind(section)
            for underlying, section in self.modes.items():
                section.follow(mode_values(profile.synthetics.get(underlying)))
                _follow_mode(section)

    def show_previews(self, previews: Mapping[str, BandPreview]) -> None:
        """Show the band of each policy on the present book."""
        for underlying, section in self.policies.items():
            found = previews.get(underlying)
            if found is None:
                section.show_preview("", "tx")
            else:
                section.show_preview(preview_text(found), preview_tone(found))

    def fill(self, profile: RiskProfile) -> None:
        """Write a profile into the form as edits; coins without a policy here stay out."""
        with QSignalBlocker(self):
            for section in self.limits.values():
                section.fill_values(limit_values(profile, tuple(section.fields.values())))
            for underlying, section in self.policies.items():
                if underlying in profile.policies:
                    section.fill_values(policy_values(profile.policies[underlying]))
            for underlying, section in self.modes.items():
                section.fill_values(mode_values(profile.synthetics.get(underlying)))
        self.edited.emit()

    def revert(self) -> None:
        """Go back to the saved values."""
        for section in self._sections():
            section.form.revert()
        for section in self.policies.values():
            follow_kind(section)
        for section in self.modes.values():
            _follow_mode(section)
        self.edited.emit()

    def result(self) -> RiskProfile | None:
        """Saved profile with the edits; None while a field is not valid."""
        if self._saved is None:
            return None
        limits: dict[str, Value] = {}
        for section in self.limits.values():
            values = section.form.values()
            if values is None:
                return None
            limits |= read_limits(values)
        policies = dict(self._saved.policies)
        for underlying, section in self.policies.items():
            values = section.form.values()
            if values is None:
                return None
            policies[underlying] = read_policy(values)
        modes = self._read_modes()
        if modes is None:
            return None
        return msgspec.structs.replace(self._saved, policies=policies, synthetics=modes, **limits)

    def _read_modes(self) -> dict[str, Synthetic] | None:
        """Perps-only modes with the edits; None while a field is not valid."""
        modes = {}
        for underlying, section in self.modes.items():
            values = section.form.values()
            if values is None:
                return None
            terms = read_mode(values)
            if terms is not None:
                modes[underlying] = terms
        return modes

    def changes(self) -> tuple[Change, ...]:
        """Every edit in words, from top to bottom."""
        return tuple(change for section in self._sections() for change in section.changes())

    def take_band(self, underlying: str, low: float, high: float) -> QWidget | None:
        """Write the edges of a band as edits; the field that was written, None without a policy.

        A policy that finds its band by itself becomes one that holds this band.
        """
        section = self.policies.get(underlying)
        if section is None:
            return None
        if kind_of(section.form.text("kind")) in COMPUTED:
            section.fill("kind", WORDS[PolicyKind.BAND_TO_TARGET])
        for key, edge in (("low", low), ("high", high)):
            # A hand on a chart is not more exact than this, and all digits would not be readable.
            section.fill(key, write(section.fields[key], float(f"{edge:.4g}")))
        return section.form.input("high")

    def _sections(self) -> tuple[Section, ...]:
        return (*self.limits.values(), *self.policies.values(), *self.modes.values())

    def _arrange(self, profile: RiskProfile) -> None:
        for underlying in [each for each in self.policies if each not in profile.policies]:
            for gone in (self.policies.pop(underlying), self.modes.pop(underlying)):
                self._column.removeWidget(gone)
                gone.deleteLater()
        for underlying in profile.policies:
            if underlying not in self.policies:
                section = Section(f"{underlying} policy", policy_fields(underlying))
                self.policies[underlying] = section
                self._add(section)
                mode = Section(f"{underlying} perps-only mode", mode_fields(underlying))
                self.modes[underlying] = mode
                self._add(mode)

    def _add(self, section: Section) -> None:
        places = self._column.count()
        self._column.insertWidget(places - 1 if self.policies else places, section)
        section.form.edited.connect(lambda: self._on_edit(section))

    def _on_edit(self, section: Section) -> None:
        if section in self.policies.values():
            follow_kind(section)
        elif section in self.modes.values():
            _follow_mode(section)
        self.edited.emit()


def follow_kind(section: Section) -> None:
    """Say what the chosen policy is, and let only the numbers that it reads be edited."""
    kind = kind_of(section.form.text("kind"))
    section.about.setText(ABOUT[kind])
    section.about.show()
    for key in POLICY_KEYS:
        used = key in READS[kind]
        section.allow(key, "" if used else f"{WORDS[kind]} does not read this number")
        if not used and section.form.error(key):
            # Nobody could put it right while it is out of reach.
            section.fill(key, write(section.fields[key], section.saved[key]))


def _follow_mode(section: Section) -> None:
    """Say what the chosen mode is, and let only the numbers that it reads be edited."""
    kind = mode_of(section.form.text("kind"))
    section.about.setText(MODE_ABOUT[kind])
    section.about.show()
    for key in MODE_KEYS:
        used = key == "kind" or key in MODE_READS[kind]
        section.allow(key, "" if used else f"{MODE_WORDS[kind]} does not read this number")
        if not used and section.form.error(key):
            section.fill(key, write(section.fields[key], section.saved[key]))
