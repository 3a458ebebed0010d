"""The profile panel: nothing is sent but what was shown and confirmed, and bad values stay in."""

from typing import Any

import msgspec
import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from terminal.model.messages import SetProfile
from terminal.model.policy_words import ABOUT, READS
from terminal.model.preview import BandPreview, Draft
from terminal.model.risk import PolicyKind, RiskProfile
from tests.ui.panel_frame import PROFILE, SPEC, frame, line
from ui.dialogs.diff import Change, DiffSheet
from ui.panels.profile import ProfilePanel
from ui.panels.profile_fields import POLICY_KEYS, SECTIONS, WORDS, policy_fields
from ui.panels.profile_form import Section
from ui.theme.apply import apply_theme
from ui.theme.tokens import load_tokens

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

CAUTIOUS = msgspec.structs.replace(PROFILE, name="Cautious", max_order_usd=10_000.0)
PRESETS = {"cautious": CAUTIOUS, "balanced": PROFILE}


class Desk:
    """The panel and what it has sent."""

    def __init__(self, panel: ProfilePanel) -> None:
        self.panel = panel
        self.sent: list[object] = []
        self.drafts: list[Draft] = []
        panel.command.connect(self._take)

    def _take(self, command: object) -> None:
        if isinstance(command, Draft):
            self.drafts.append(command)
        else:
            self.sent.append(command)

    def section(self, title: str) -> Section:
        return self.panel.form.limits.get(title) or self.panel.form.policies[title]

    def entry(self, title: str, key: str) -> QWidget:
        return self.section(title).form.input(key)

    def write(self, title: str, key: str, text: str) -> None:
        entry = self.entry(title, key)
        assert isinstance(entry, QLineEdit)
        entry.selectAll()
        QTest.keyClicks(entry, text)

    def sheet(self) -> DiffSheet:
        found = self.panel.window().findChildren(DiffSheet)
        assert len(found) == 1
        return found[0]


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication) -> Desk:
    apply_theme(qapp, load_tokens("dark"))
    panel = ProfilePanel(PRESETS, load_tokens("dark"))
    qtbot.addWidget(panel)
    panel.resize(320, 600)
    panel.show()
    panel.render_frame(frame())
    return Desk(panel)


def test_every_limit_has_a_place() -> None:
    placed = [key for keys in SECTIONS.values() for key in keys]
    declared = set(RiskProfile.__struct_fields__) - {"name", "about", "policies", "synthetics"}
    assert sorted(placed) == sorted(declared)
    assert sorted(type(SPEC).__struct_fields__) == sorted(POLICY_KEYS)
    assert set(READS) == set(ABOUT) == set(PolicyKind) <= set(WORDS)


def test_coin_is_named_in_its_policy() -> None:
    units = {field.key: field.unit for field in policy_fields("SOL")}
    assert units["low"] == units["target"] == units["cap"] == "SOL"
    assert units["every_s"] == "s"


def test_profile_reads_back_unchanged(desk: Desk) -> None:
    assert desk.panel.form.result() == PROFILE
    assert desk.panel.unsaved_count() == 0
    assert desk.panel.unsaved.text() == "No unsaved changes"
    assert desk.panel.header.text() == "In use: Balanced"
    assert desk.panel.presets.current() == "balanced"
    assert not desk.panel.apply.isEnabled()


def test_edits_are_counted(desk: Desk) -> None:
    desk.write("Sizes and limits", "max_order_usd", "40000")
    assert desk.panel.unsaved.text() == "1 unsaved change"
    desk.write("Pace", "hedges_per_hour", "6")
    assert desk.panel.unsaved.text() == "2 unsaved changes"
    desk.write("Pace", "hedges_per_hour", "12")
    assert desk.panel.unsaved.text() == "1 unsaved change"
    desk.panel.revert.click()
    assert desk.panel.unsaved_count() == 0
    assert desk.panel.form.result() == PROFILE
    assert desk.sent == []


def test_the_same_value_written_differently_is_no_change(desk: Desk) -> None:
    desk.write("Execution", "urgent_bands", "3.00")
    assert desk.panel.unsaved_count() == 0


@pytest.mark.parametrize("text", ["61", "1.9", "", "abc", "nan", "1e1"])
def test_bad_value_stays_in(desk: Desk, text: str) -> None:
    entry = desk.entry("Approval", "approval_ttl_s")
    assert isinstance(entry, QLineEdit)
    entry.setText(text)
    assert desk.section("Approval").form.error("approval_ttl_s")
    assert not desk.panel.apply.isEnabled()
    assert not desk.panel.save.isEnabled()
    assert desk.panel.unsaved.text() == "1 unsaved change"
    assert desk.panel.form.result() is None
    desk.panel._open_sheet()
    assert desk.panel.window().findChildren(DiffSheet) == []


def test_range_is_told_in_words(desk: Desk) -> None:
    desk.write("Approval", "approval_ttl_s", "61")
    assert desk.section("Approval").form.error("approval_ttl_s") == "allowed: 2 to 60 s"


def test_confirmed_edits_are_sent_once(desk: Desk) -> None:
    desk.write("Sizes and limits", "max_order_usd", "40000")
    desk.write("Pace", "hedges_per_hour", "6")
    desk.panel.apply.click()
    desk.panel.apply.click()
    sheet = desk.sheet()
    assert sheet.changes == (
        Change("Sizes and limits: Largest order", "50000 USD", "40000 USD"),
        Change("Pace: Auto hedges an hour", "12", "6"),
    )
    assert desk.sent == []
    sheet.apply.click()
    expected = msgspec.structs.replace(
        PROFILE,
        name="Balanced (edited)",
        about="Edited from Balanced.",
        max_order_usd=40_000.0,
        hedges_per_hour=6,
    )
    assert desk.sent == [SetProfile(expected)]
    desk.panel.render_frame(frame(profile=expected))
    assert desk.panel.unsaved_count() == 0
    assert desk.panel.header.text() == "In use: Balanced (edited)"
    assert len(desk.sent) == 1


def apply(desk: Desk, text: str) -> None:
    desk.write("Pace", "hedges_per_hour", text)
    desk.panel.apply.click()
    desk.sheet().apply.click()


def test_refusal_of_the_engine_is_shown_where_it_was_asked(desk: Desk) -> None:
    """Limits that contradict each other are found by the engine; its word comes in the log."""
    before = (line("profile Old refused: long ago", "PROFILE", "warn"),)
    desk.panel.render_frame(frame(log=before))
    assert not desk.panel.refusal.isVisible()
    apply(desk, "6")
    refused = line("profile Balanced (edited) refused: too many", "PROFILE", "warn")
    desk.panel.render_frame(frame(log=(*before, line("quiet"), refused)))
    assert desk.panel.refusal.isVisible()
    assert desk.panel.refusal.text() == "profile Balanced (edited) refused: too many"
    assert desk.panel.unsaved_count() == 1, "what was refused can still be put right"
    desk.write("Pace", "hedges_per_hour", "5")
    assert not desk.panel.refusal.isVisible()


def test_an_accepted_profile_and_the_words_of_others_are_no_refusal(desk: Desk) -> None:
    apply(desk, "6")
    accepted = line("profile Balanced (edited): hedges_per_hour 12 to 6", "PROFILE")
    later = line("profile Other refused: from a file", "PROFILE", "warn")
    desk.panel.render_frame(frame(log=(accepted,)))
    desk.panel.render_frame(frame(log=(accepted, later)))
    assert not desk.panel.refusal.isVisible()


def test_going_back_sends_nothing(desk: Desk) -> None:
    desk.write("Pace", "hedges_per_hour", "6")
    desk.panel.apply.click()
    desk.sheet().back.click()
    assert desk.sent == []
    assert desk.panel.unsaved_count() == 1


def test_sheet_closes_when_its_before_is_no_longer_true(desk: Desk) -> None:
    desk.write("Pace", "hedges_per_hour", "6")
    desk.panel.apply.click()
    sheet = desk.sheet()
    desk.panel.render_frame(frame(profile=CAUTIOUS))
    assert not sheet.isVisible()
    assert desk.sent == []
    result = desk.panel.form.result()
    assert result is not None
    assert (result.hedges_per_hour, result.max_order_usd) == (6, 10_000.0)


def test_preset_is_an_edit_and_keeps_its_name(desk: Desk) -> None:
    desk.panel.presets._buttons["cautious"].click()
    assert desk.panel.unsaved_count() == 1
    assert desk.sent == []
    desk.panel.apply.click()
    desk.sheet().apply.click()
    assert desk.sent == [SetProfile(CAUTIOUS)]


def test_edited_preset_is_named_after_it(desk: Desk) -> None:
    desk.panel.presets._buttons["cautious"].click()
    desk.write("Pace", "hedges_per_hour", "6")
    assert desk.panel.presets.current() == ""
    made = desk.panel._result()
    assert made is not None
    assert made.name == "Cautious (edited)"


def test_band_from_a_chart_is_an_edit(desk: Desk) -> None:
    desk.panel.take_band("BTC", -0.123456, 0.25)
    result = desk.panel.form.result()
    assert result is not None
    spec = result.policies["BTC"]
    assert (spec.kind, spec.low, spec.high) == (PolicyKind.BAND_TO_TARGET, -0.1235, 0.25)
    assert result.policies["ETH"] == PROFILE.policies["ETH"]
    assert desk.panel.unsaved_count() == 3
    assert desk.sent == []
    desk.panel.take_band("DOGE", -1.0, 1.0)
    assert desk.panel.unsaved_count() == 3


def test_band_is_scrolled_to(desk: Desk) -> None:
    entry = desk.entry("ETH", "high")
    assert entry.visibleRegion().isEmpty()
    desk.panel.take_band("ETH", -4.0, 4.0)
    assert not entry.visibleRegion().isEmpty()


def test_a_fault_does_not_stay_where_nobody_can_mend_it(desk: Desk) -> None:
    choice = desk.entry("BTC", "kind")
    assert isinstance(choice, QComboBox)
    choice.setCurrentText(WORDS[PolicyKind.TIMER])
    desk.write("BTC", "every_s", "0")
    assert desk.panel.form.result() is None
    choice.setCurrentText(WORDS[PolicyKind.WHALLEY_WILMOTT])
    assert desk.panel.form.result() == PROFILE


def test_band_keeps_a_policy_that_has_one(desk: Desk) -> None:
    edge = msgspec.structs.replace(SPEC, kind=PolicyKind.BAND_TO_EDGE)
    desk.panel.render_frame(
        frame(profile=msgspec.structs.replace(PROFILE, policies={"BTC": edge}))
    )
    assert list(desk.panel.form.policies) == ["BTC"]
    desk.panel.take_band("BTC", -1.0, 1.0)
    result = desk.panel.form.result()
    assert result is not None
    assert result.policies["BTC"].kind is PolicyKind.BAND_TO_EDGE


@pytest.mark.parametrize("kind", PolicyKind)
def test_only_what_a_policy_reads_can_be_edited(desk: Desk, kind: PolicyKind) -> None:
    choice = desk.entry("BTC", "kind")
    assert isinstance(choice, QComboBox)
    choice.setCurrentText(WORDS[kind])
    enabled = {key for key in POLICY_KEYS if desk.entry("BTC", key).isEnabled()}
    assert enabled == READS[kind]
    assert desk.section("BTC").about.text() == ABOUT[kind]
    for key in POLICY_KEYS:
        told = f"{WORDS[kind]} does not read this number" in desk.entry("BTC", key).toolTip()
        assert told == (key not in enabled), "whoever cannot edit a field is told why"


def test_save_hands_over_the_form_and_load_asks(qtbot: QtBot, desk: Desk) -> None:
    desk.write("Pace", "hedges_per_hour", "6")
    with qtbot.waitSignal(desk.panel.saveAsked) as asked:
        desk.panel.save.click()
    assert asked.args is not None
    assert asked.args[0].hedges_per_hour == 6
    with qtbot.waitSignal(desk.panel.loadAsked):
        desk.panel.load.click()
    assert desk.sent == []


def test_form_fits_the_least_width(desk: Desk) -> None:
    bar = desk.panel.area.verticalScrollBar().sizeHint().width()
    assert desk.panel.form.minimumSizeHint().width() + bar <= 300


def test_every_input_has_a_name(desk: Desk) -> None:
    form = desk.panel.form
    sections = (*form.limits.values(), *form.policies.values(), *form.modes.values())
    for section in sections:
        for key in section.fields:
            assert section.form.input(key).accessibleName()
            assert section.form.input(key).accessibleDescription()


def band(**more: Any) -> BandPreview:
    plain: dict[str, Any] = {
        "underlying": "BTC",
        "kind": PolicyKind.WHALLEY_WILMOTT,
        "fault": "",
        "reason": "Whalley-Wilmott: gamma +0.00113",
        "low": -1.4935,
        "high": 1.4935,
        "stop_below": -0.7467,
        "stop_above": 0.7467,
        "below_usd": 89_610.0,
        "above_usd": 89_610.0,
        "up": 661.0,
        "down": 1_983.0,
    }
    return BandPreview(**plain | more)


def test_an_edit_asks_for_its_band_and_going_back_ends_it(desk: Desk) -> None:
    assert desk.drafts == []
    desk.write("BTC", "cap", "0.7")
    draft = desk.drafts[-1].profile
    assert draft is not None
    assert draft.policies["BTC"].cap == 0.7
    desk.panel.revert.click()
    assert desk.drafts[-1] == Draft(None)
    assert desk.sent == []


def test_band_on_the_present_book_is_shown(desk: Desk) -> None:
    shown = desk.section("BTC").preview
    assert shown.isHidden()
    desk.panel.render_frame(frame(previews={"BTC": band()}))
    assert shown.isVisibleTo(desk.panel)
    for words in ("1.49", "89,610", "0.7467", "+661 USD", "1,983 USD", "Can be armed", "gamma"):
        assert words in shown.text()
    desk.panel.render_frame(frame(previews={"BTC": band(fault="under 60 % of one lot")}))
    assert "Cannot be armed: under 60 % of one lot" in shown.text()
    assert shown.property("tone") == "warn"
    empty = BandPreview(underlying="BTC", kind=None, fault="no index price of BTC yet")
    desk.panel.render_frame(frame(previews={"BTC": empty}))
    assert shown.text() == "No band now: no index price of BTC yet"
    desk.panel.render_frame(frame(previews={"BTC": band(up=None, down=None)}))
    assert "Price alone brings no hedge" in shown.text()
    desk.panel.render_frame(frame(previews={"BTC": band(low=0.0, high=0.0)}))
    assert "Hedges now" in shown.text()
