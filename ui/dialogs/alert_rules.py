"""The rules of alerts: which are on, how loud each is, and how often it is told."""

from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from terminal.model.alert import RANK, AlertRule, AlertSettings, Channel, Tier
from terminal.model.frame import Frame
from ui.dialogs.diff import Change, DiffSheet, changes_text
from ui.dialogs.sheet import Sheet
from ui.format import number
from ui.theme.fonts import semibold
from ui.widgets.form import Field, Form, Value
from ui.widgets.label import plain_label
from ui.widgets.table import Column, Table

INTRO = (
    "Pick a rule to change it. What you change is your own version of it, kept in alerts.toml;"
    " without one the default holds. Each rule is a fact that the engine knows, so rules cannot be"
    " made up: one that does not interest you is switched off."
)
FIELDS = (
    Field(key="on", label="Watched", kind="flag", help="Off: never told, whatever happens."),
    Field(
        key="tier", label="Tier", kind="choice", choices=tuple(each.value for each in Tier),
        help="Critical repeats until acknowledged, quiet hours or not.",
    ),
    Field(
        key="dwell_s", label="Dwell", unit="s", low=0.0, high=86_400.0,
        help="The condition must hold this long before it is told.",
    ),
    Field(
        key="cooldown_s", label="Cooldown", unit="s", low=0.0, high=86_400.0,
        help="At least this long between two tellings of one alert.",
    ),
    Field(
        key="limit", label="Limit", low=0.0, high=1e9,
        help="In the unit that the rule names; rules without a number ignore it.",
    ),
    *(
        Field(key=each.value, label=f"By {each.value}", kind="flag", help=f"Tell by {each.value}.")
        for each in Channel
    ),
)  # fmt: skip


class RuleLine(Struct, frozen=True):
    """One rule as it would be, and whether it differs from its default."""

    name: str
    rule: AlertRule
    own: bool


class AlertRulesDialog(Sheet):
    """A table of the rules and a form for the one selected; open it with ``open``.

    ``saved`` is emitted with the settings once the changes have been looked at and applied.

    Parameters
    ----------
    settings, usual : AlertSettings
        In use, and without a person's changes.
    parent : QWidget or None
    """

    saved = Signal(object)

    def __init__(
        self, settings: AlertSettings, usual: AlertSettings, parent: QWidget | None = None
    ) -> None:
        super().__init__("Rules of alerts", parent, width=880)
        self._settings, self._usual = settings, usual
        self._draft = dict(settings.rules)
        self._name = ""
        self.sheet: DiffSheet | None = None
        self.add_text(INTRO, "mut")
        self.table = Table(_RULES, row_id=lambda line: str(line.name))
        self.table.setAccessibleName("Rules of alerts")
        self.table.setMinimumSize(520, 260)
        self.about = plain_label("", "hi", semibold(), wrap=True)
        self.form = Form(FIELDS)
        self.form.setAccessibleName("Selected rule")
        self.missing = plain_label("", "warn", wrap=True)
        self._lay_out()
        self.default = self.add_button("Delete own version", "ghost", self._to_default)
        self.add_button("Close", "ghost", self.reject)
        self.review = self.add_button("Review changes", "primary", self._review)
        self.table.selected.connect(self._select)
        self.form.edited.connect(self._on_edit)
        self._show_table()
        self.table.select(next(iter(self._draft), None))
        self._select(self.table.selected_id() or "")

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(8)
        for part in (self.about, self.form, self.missing):
            right.addWidget(part)
        right.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.table, 3)
        row.addLayout(right, 2)
        self.body.addLayout(row, 1)

    def show_frame(self, frame: Frame) -> None:
        """Rules that are being edited do not follow frames."""

    def changes(self) -> tuple[Change, ...]:
        """Differences of the draft from what is in use, rule by rule."""
        before = self._settings.rules
        return tuple(
            Change(f"{shown(name)}: {what}", old, new)
            for name, rule in self._draft.items()
            for what, old, new in differences(before[name], rule)
        )

    def _select(self, name: str) -> None:
        rule = self._draft.get(name)
        if rule is None:
            return
        self._name = name
        self.about.setText(rule.about)
        self.form.set_values(values_of(rule))
        self._follow()

    def _on_edit(self) -> None:
        given = self.form.values()
        if given is not None and self._name:
            self._draft[self._name] = edited(self._draft[self._name], given)
            self._show_table()
        self._follow()

    def _to_default(self) -> None:
        if self._name:
            self._draft[self._name] = self._usual.rules[self._name]
            self._show_table()
            self._select(self._name)

    def _follow(self) -> None:
        """Say what can be done now."""
        count = len(self.changes())
        sound = self.form.values() is not None
        self.review.setEnabled(sound and count > 0)
        self.review.setText(f"Review {changes_text(count)}" if count else "Review changes")
        rule = self._draft.get(self._name)
        self.default.setEnabled(rule is not None and rule != self._usual.rules[self._name])
        outside = (Channel.WEBHOOK, Channel.TELEGRAM)
        lost = [
            each.value
            for each in (rule.channels if rule else ())
            if each in outside and each not in self._settings.outside
        ]
        words = f"Not set up in alerts.toml, so nothing goes there: {', '.join(lost)}."
        self.missing.setText(words if lost else "")

    def _show_table(self) -> None:
        usual = self._usual.rules
        self.table.show_rows([
            RuleLine(name, rule, rule != usual[name]) for name, rule in self._draft.items()
        ])  # fmt: skip

    def _review(self) -> None:
        found = self.changes()
        if not found:
            return
        self.sheet = DiffSheet("Change the rules of alerts", found, self)
        self.sheet.accepted.connect(self._apply)
        self.sheet.open()

    def _apply(self) -> None:
        self.saved.emit(replace(self._settings, rules=dict(self._draft)))
        self.accept()


def shown(name: str) -> str:
    """Write the name of a rule."""
    return name.replace("_", " ")


def values_of(rule: AlertRule) -> dict[str, Value]:
    """Answers of the form that describe a rule."""
    plain: dict[str, Value] = {
        "on": rule.on,
        "tier": rule.tier.value,
        "dwell_s": rule.dwell_s,
        "cooldown_s": rule.cooldown_s,
        "limit": rule.limit,
    }
    return plain | {each.value: each in rule.channels for each in Channel}


def edited(rule: AlertRule, given: dict[str, Value]) -> AlertRule:
    """Rule with the answers of the form; ``given`` has been checked by it."""
    return replace(
        rule,
        on=bool(given["on"]),
        tier=Tier(str(given["tier"])),
        dwell_s=_float(given["dwell_s"]),
        cooldown_s=_float(given["cooldown_s"]),
        limit=_float(given["limit"]),
        channels=tuple(each for each in Channel if given[each.value]),
    )


def _float(value: Value) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def differences(before: AlertRule, after: AlertRule) -> list[tuple[str, str, str]]:
    """Fields that differ: label, before, after."""
    rows = zip(_words(before), _words(after), strict=True)
    return [(label, old, new) for (label, old), (_, new) in rows if old != new]


def _words(rule: AlertRule) -> tuple[tuple[str, str], ...]:
    return (
        ("watched", "on" if rule.on else "off"),
        ("tier", rule.tier.value),
        ("dwell", f"{_plain(rule.dwell_s)} s"),
        ("cooldown", f"{_plain(rule.cooldown_s)} s"),
        ("limit", _plain(rule.limit)),
        ("channels", channels_text(rule)),
    )


def _plain(value: float) -> str:
    return f"{value:g}" if value < 1e6 else number(value, 0)


def channels_text(rule: AlertRule) -> str:
    """Write the channels of a rule in one order, whatever theirs is."""
    return ", ".join(each.value for each in Channel if each in rule.channels) or "log only"


_RULES = (
    Column(title="Rule", get=lambda line: line.name, show=lambda line: shown(line.name),
           align="left", width=128),
    Column(title="Watched", get=lambda line: line.rule.on,
           show=lambda line: "on" if line.rule.on else "off", align="left", width=76,
           role=lambda line: "tx" if line.rule.on else "mut"),
    Column(title="Tier", get=lambda line: RANK[line.rule.tier],
           show=lambda line: line.rule.tier.value, align="left", width=72),
    Column(title="Limit", get=lambda line: line.rule.limit,
           show=lambda line: _plain(line.rule.limit) if line.rule.limit else "", width=64),
    Column(title="Told by", get=lambda line: channels_text(line.rule),
           show=lambda line: channels_text(line.rule), align="left", width=216),
    Column(title="Version", get=lambda line: line.own,
           show=lambda line: "own" if line.own else "default", align="left", width=76,
           role=lambda line: "acc" if line.own else "mut"),
)  # fmt: skip
