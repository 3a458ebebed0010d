"""The profile panel: presets, every limit and policy, and what is about to change."""

from collections.abc import Mapping

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
)

from terminal.model.frame import Frame
from terminal.model.messages import SetProfile
from terminal.model.preview import BandPreview, Draft
from terminal.model.risk import RiskProfile
from ui.dialogs.diff import DiffSheet, changes_text
from ui.panels.panel import Panel
from ui.panels.profile_answer import ProfileAnswer
from ui.panels.profile_form import ProfileForm
from ui.theme.apply import set_property
from ui.theme.fonts import semibold
from ui.theme.tokens import Tokens
from ui.widgets.label import plain_label
from ui.widgets.segmented import Segmented
from ui.widgets.tip import set_tip

EDITED = " (edited)"
_CUSTOM = ""
"""Value of the segment that stands for a profile that is none of the presets."""


class ProfilePanel(Panel):
    """The profile in use, and a form to change it.

    Emits ``command`` with a ``SetProfile`` once a person has confirmed the changes, and with a
    ``Draft`` at each edit, whose bands on the present book come back in the frames.

    Parameters
    ----------
    presets : mapping of str to RiskProfile
        Profiles to start from, in the order of their buttons.
    tokens : Tokens
    """

    saveAsked = Signal(object)  # noqa: N815 - the profile in the form
    loadAsked = Signal()  # noqa: N815

    def __init__(self, presets: Mapping[str, RiskProfile], tokens: Tokens) -> None:
        super().__init__("profile", "Risk profile", tokens)
        self._presets = dict(presets)
        self._in_use: RiskProfile | None = None
        self._base = ""  # name of the profile that the edits started from
        self._sheet: DiffSheet | None = None
        self._answer = ProfileAnswer()
        self._previews: Mapping[str, BandPreview] = {}
        self._drafted = False
        self.setMinimumWidth(300)
        self.form = ProfileForm()
        self.form.edited.connect(self._follow_edits)
        self.header = plain_label("In use: –", "hi", semibold())
        labels = {key: profile.name for key, profile in self._presets.items()}
        self.presets = Segmented(labels | {_CUSTOM: "Custom"})
        self.presets.setAccessibleName("Presets")
        self.presets.chosen.connect(self._on_preset)
        self.presets.setEnabled(False)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(self.form)
        self.area.setAccessibleName("Limits and policies")
        self.form.setEnabled(False)
        self.refusal = plain_label("", "crit", wrap=True)
        self.refusal.setContentsMargins(12, 8, 12, 0)
        self.refusal.hide()
        self.unsaved = plain_label("No unsaved changes", "mut")
        self.save = _button("Save as…", "Save the profile in the form as a file")
        self.load = _button("Load…", "Load a profile from a file")
        self.revert = _button("Revert", "Drop the unsaved changes")
        self.apply = _button("Apply…", "Look at the unsaved changes and apply them")
        self.apply.setProperty("role", "primary")
        self.save.clicked.connect(self._on_save)
        self.load.clicked.connect(self.loadAsked)
        self.revert.clicked.connect(self.form.revert)
        self.apply.clicked.connect(self._open_sheet)
        self._lay_out()
        self._follow_edits()

    def _lay_out(self) -> None:
        top = QVBoxLayout()
        top.setContentsMargins(12, 8, 12, 8)
        top.setSpacing(8)
        files = QHBoxLayout()
        files.addWidget(self.save)
        files.addWidget(self.load)
        files.addStretch(1)
        for part in (self.header, self.presets):
            top.addWidget(part)
        top.addLayout(files)
        rule = QFrame()
        rule.setProperty("kind", "rule")
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 8, 12, 8)
        foot.setSpacing(8)
        foot.addWidget(self.unsaved, 1)
        foot.addWidget(self.revert)
        foot.addWidget(self.apply)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.area, 1)
        column.addWidget(rule)
        column.addWidget(self.refusal)
        column.addLayout(foot)

    def render_frame(self, frame: Frame) -> None:
        """Follow the profile in use; edits that differ from it stay."""
        answer = self._answer.take(frame.log)
        if answer is not None:
            self._show_refusal(answer)
        self._show_previews(frame.previews)
        profile = frame.profile
        if profile is self._in_use:
            return
        before, self._in_use = self._in_use, profile
        if profile == before:
            return
        if self._sheet is not None:
            # What it shows as "before" is no longer true.
            self._sheet.reject()
        self.form.setEnabled(True)
        self.presets.setEnabled(True)
        self.header.setText(f"In use: {profile.name}")
        set_tip(self.header, profile.about)
        self.form.follow(profile)
        self._follow_edits()

    def _show_previews(self, previews: Mapping[str, BandPreview]) -> None:
        if previews is not self._previews:
            self._previews = previews
            self.form.show_previews(previews)

    def take_band(self, underlying: str, low: float, high: float) -> None:
        """Put a band into the form as an unsaved edit and scroll to it; nothing is sent.

        Parameters
        ----------
        underlying : str
            A coin without a policy is left alone.
        low, high : float
            Edges as offsets from the target, coin.
        """
        entry = self.form.take_band(underlying, low, high)
        if entry is not None:
            self.area.ensureWidgetVisible(entry, 0, 80)

    def take_profile(self, profile: RiskProfile) -> None:
        """Put a profile, such as one that was loaded, into the form as unsaved edits."""
        self._base = profile.name
        self.form.fill(profile)

    def review(self, profile: RiskProfile) -> None:
        """Put a proposed profile into the form and open what it would change; nothing is sent."""
        self.take_profile(profile)
        self._open_sheet()

    def unsaved_count(self) -> int:
        """Number of fields that differ from the profile in use."""
        return len(self.form.changes())

    def _result(self) -> RiskProfile | None:
        """Profile in the form: a preset if it equals one, else an edited one by name."""
        made = self.form.result()
        if made is None:
            return None
        for known in self._presets.values():
            if _same(made, known):
                return known
        base = self._base or made.name
        name = base.removesuffix(EDITED) + EDITED
        about = f"Edited from {base.removesuffix(EDITED)}."
        return msgspec.structs.replace(made, name=name, about=about)

    def _follow_edits(self) -> None:
        self._show_refusal("")
        count, made = self.unsaved_count(), self.form.result()
        words = f"{count} unsaved {changes_text(count).split()[1]}" if count else ""
        self.unsaved.setText(words or "No unsaved changes")
        set_property(self.unsaved, "tone", "warn" if count else "mut")
        self.revert.setEnabled(count > 0)
        self.apply.setEnabled(count > 0 and made is not None)
        self.save.setEnabled(made is not None)
        if not count:
            self._base = ""
        self._show_preset(made)
        if made is not None and (count or self._drafted):
            self._drafted = count > 0
            self.command.emit(Draft(made if count else None))

    def _show_preset(self, made: RiskProfile | None) -> None:
        fits = (key for key, known in self._presets.items() if made and _same(made, known))
        self.presets.set_current(next(fits, _CUSTOM))

    def _on_preset(self, key: str) -> None:
        if key == _CUSTOM:
            self._show_preset(self.form.result())
        else:
            self.take_profile(self._presets[key])

    def _on_save(self) -> None:
        made = self._result()
        if made is not None:
            self.saveAsked.emit(made)

    def _open_sheet(self) -> None:
        made, changes = self._result(), self.form.changes()
        if made is None or not changes or self._sheet is not None:
            return
        self._sheet = sheet = DiffSheet(f"Change to {made.name}", changes, self.window())
        sheet.accepted.connect(lambda: self._send(made))
        sheet.finished.connect(self._forget_sheet)
        sheet.open()

    def _send(self, made: RiskProfile) -> None:
        self._show_refusal("")
        self._answer.ask()
        self.command.emit(SetProfile(made))

    def _show_refusal(self, text: str) -> None:
        """Say what the engine has against the numbers that were sent, until they are edited."""
        self.refusal.setText(text)
        self.refusal.setHidden(not text)

    def _forget_sheet(self) -> None:
        self._sheet = None


def _same(one: RiskProfile, other: RiskProfile) -> bool:
    """Whether two profiles allow the same, whatever they are called."""
    return msgspec.structs.replace(one, name=other.name, about=other.about) == other


def _button(text: str, name: str) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(name)
    set_tip(button, name)
    return button
