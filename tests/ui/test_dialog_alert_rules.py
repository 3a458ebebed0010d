"""The form of the rules of alerts: edit, switch off, go back to the default, look and apply."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from terminal.model.alert import AlertView, Channel, Tier
from terminal.model.messages import SetAlerts
from terminal.risk.alert_rules import defaults, read_alerts
from tests.ui.panel_frame import frame
from ui.assembly import AlertFiles
from ui.dialogs.alert_rules import AlertRulesDialog
from ui.panels.book import BookPanel
from ui.panels.book_alerts import AlertsPage
from ui.theme.tokens import load_tokens

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

USUAL = defaults()


@pytest.fixture
def dialog(qtbot: QtBot) -> AlertRulesDialog:
    made = AlertRulesDialog(USUAL, USUAL)
    qtbot.addWidget(made)
    return made


def write(dialog: AlertRulesDialog, key: str, text: str) -> None:
    entry = dialog.form.input(key)
    match entry:
        case QLineEdit():
            entry.setText(text)
        case QComboBox():
            entry.setCurrentText(text)
        case QCheckBox():
            entry.setChecked(text == "true")


def pick(dialog: AlertRulesDialog, name: str) -> None:
    dialog.table.select(name)
    dialog._select(name)


def test_every_rule_is_there_with_its_numbers(dialog: AlertRulesDialog) -> None:
    assert [line.name for line in dialog.table.model.rows] == list(USUAL.rules)
    pick(dialog, "settlement")
    assert dialog.about.text() == USUAL.rules["settlement"].about
    assert (dialog.form.text("limit"), dialog.form.text("tier")) == ("30", "watch")
    assert not dialog.review.isEnabled()
    assert not dialog.default.isEnabled()


def test_changes_are_shown_before_they_are_applied(dialog: AlertRulesDialog) -> None:
    pick(dialog, "settlement")
    write(dialog, "limit", "5")
    write(dialog, "tier", "high")
    pick(dialog, "iv_jump")
    write(dialog, "on", "false")
    write(dialog, "telegram", "true")
    assert dialog.review.text() == "Review 4 changes"
    saved: list[Any] = []
    dialog.saved.connect(saved.append)
    dialog.review.click()
    sheet = dialog.sheet
    assert sheet is not None
    assert [(each.label, each.before, each.after) for each in sheet.changes] == [
        ("settlement: tier", "watch", "high"),
        ("settlement: limit", "30", "5"),
        ("iv jump: watched", "on", "off"),
        ("iv jump: channels", "log only", "telegram"),
    ]
    assert not saved
    sheet.apply.click()
    (settings,) = saved
    assert settings.rules["settlement"].limit == 5.0
    assert settings.rules["settlement"].tier is Tier.HIGH
    assert not settings.rules["iv_jump"].on
    assert settings.rules["iv_jump"].channels == (Channel.TELEGRAM,)
    assert settings.rules["hard_cap"] == USUAL.rules["hard_cap"]


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("dwell_s", "-1", "allowed: 0 to 86400 s"),
        ("cooldown_s", "soon", "write a number"),
        ("limit", "", "write a value"),
    ],
)
def test_a_wrong_number_is_said_and_nothing_can_be_applied(
    dialog: AlertRulesDialog, key: str, text: str, words: str
) -> None:
    pick(dialog, "hard_cap")
    write(dialog, "on", "false")
    assert dialog.review.isEnabled()
    write(dialog, key, text)
    assert words in dialog.form.error(key)
    assert not dialog.review.isEnabled()


def test_an_own_version_can_be_deleted(qtbot: QtBot) -> None:
    own = replace(USUAL.rules["hard_cap"], on=False, dwell_s=9.0)
    made = AlertRulesDialog(replace(USUAL, rules=USUAL.rules | {"hard_cap": own}), USUAL)
    qtbot.addWidget(made)
    line = next(each for each in made.table.model.rows if each.name == "hard_cap")
    assert line.own
    pick(made, "hard_cap")
    assert made.default.isEnabled()
    made.default.click()
    assert made.form.text("on") == "true"
    assert not made.default.isEnabled()
    assert [each.after for each in made.changes()] == ["on", "2 s"]


def test_a_channel_that_is_not_set_up_is_said(dialog: AlertRulesDialog) -> None:
    pick(dialog, "hard_cap")
    assert "webhook" in dialog.missing.text()
    write(dialog, "webhook", "false")
    assert dialog.missing.text() == ""


def open_on(page: AlertsPage) -> AlertRulesDialog | None:
    return page.dialog


def test_the_page_opens_it_once_and_asks_for_the_new_rules(qtbot: QtBot) -> None:
    page = AlertsPage()
    qtbot.addWidget(page)
    asked: list[Any] = []
    kept: list[Any] = []
    page.asked.connect(asked.append)
    page.kept.connect(kept.append)
    page.rules.click()
    assert open_on(page) is None  # no frame yet
    page.show_frame(frame(alerts=AlertView(settings=USUAL, usual=USUAL)), "")
    page.rules.click()
    first = open_on(page)
    page.rules.click()
    assert open_on(page) is first
    assert first is not None
    pick(first, "hard_cap")
    write(first, "on", "false")
    first._apply()
    assert open_on(page) is None
    (settings,) = kept
    assert asked == [SetAlerts(settings)]
    assert not settings.rules["hard_cap"].on


def test_new_rules_are_written_to_the_file_and_said(qtbot: QtBot, tmp_path: Path) -> None:
    said: list[str] = []
    window = QWidget()
    qtbot.addWidget(window)
    files = AlertFiles(tmp_path / "alerts.toml", window, said.append)
    own = replace(USUAL.rules["hard_cap"], on=False)
    settings = replace(USUAL, rules=USUAL.rules | {"hard_cap": own})
    files.save(settings)
    assert read_alerts((tmp_path / "alerts.toml").read_text(), "x")[0].rules == settings.rules
    (tmp_path / "alerts.toml").write_text("nonsense")
    files.save(settings)
    assert said[0] == "rules of alerts saved: alerts.toml"
    assert said[1].startswith("the rules hold until the next start only")


def test_the_book_passes_on_what_is_to_be_kept(qtbot: QtBot) -> None:
    book, page = BookPanel(load_tokens("dark")), AlertsPage()
    book.add(page)
    qtbot.addWidget(book)
    with qtbot.waitSignal(book.kept) as passed:
        page.kept.emit(USUAL)
    assert passed.args == [USUAL]
