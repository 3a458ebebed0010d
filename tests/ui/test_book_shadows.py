"""The leaderboard page: its rows, what may be pressed, and a shadow on its way into the profile."""

from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from terminal.core.units import DAY, HOUR
from terminal.model.messages import SetProfile
from terminal.model.shadow import MOST, AddShadow, DropShadow, ShadowRow, ShadowView
from tests.helpers.builders import profile, spec
from tests.ui.panel_frame import frame
from ui.dialogs.confirm import ConfirmDialog
from ui.panels.book_shadows import EDITED, LIVE, ShadowsPage, promoted, sources
from ui.panels.profile import ProfilePanel
from ui.panels.shadow_dialog import ShadowDialog
from ui.theme.tokens import load_tokens

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "support raise", extend=True)

RULES = profile()
TIGHT = replace(profile(spec(low=-0.01, high=0.01)), name="Tight", max_hedge_usd=5e6)


def row(name: str, **more: Any) -> ShadowRow:
    plain: dict[str, Any] = {
        "name": name,
        "underlying": "BTC",
        "live": False,
        "rank": None,
        "span": 3 * HOUR,
        "hedges": 12,
        "turnover_usd": 1e6,
        "cost_usd": 41.0,
        "funding_usd": -1.0,
        "gain_usd": 120.0,
        "cost_day_usd": 328.0,
        "mean_off": 0.02,
        "max_off": 0.2,
        "risk_usd": 250.0,
        "ratio": None,
        "error": None,
    }
    return ShadowRow(**(plain | more))


ROWS = (
    row("tight", rank=1, ratio=0.82, error=0.05, span=15 * DAY),
    row("live profile", live=True, rank=2, ratio=1.0, error=0.0),
    row("young", note="too early to tell: 12 of 30 hedges", ratio=0.5),
    row("broken", stopped=True, note="stopped by a fault: ValueError: x"),
    row("tight", underlying="ETH"),
)
SHADOWS = tuple(AddShadow(name, TIGHT) for name in ("tight", "young", "broken"))


def shown(**more: Any) -> Any:
    given = {"rows": ROWS, "shadows": SHADOWS, "choices": (TIGHT,)}
    return frame(profile=RULES, shadows=ShadowView(**(given | more)))


@pytest.fixture
def page(qtbot: QtBot) -> ShadowsPage:
    made = ShadowsPage()
    qtbot.addWidget(made)
    made.show_frame(shown(), "BTC")
    return made


@pytest.fixture
def panel(qtbot: QtBot) -> ProfilePanel:
    made = ProfilePanel({}, load_tokens("dark"))
    qtbot.addWidget(made)
    made.show()
    made.render_frame(shown())
    return made


def texts(page: ShadowsPage) -> list[dict[str, str]]:
    model = page.table.model
    return [{each.title: each.show(row) for each in model.columns} for row in model.rows]


def pick(page: ShadowsPage, name: str) -> None:
    page.table.select(f"{name}\nBTC")
    page.table.selected.emit(f"{name}\nBTC")


def test_every_policy_has_its_row(page: ShadowsPage) -> None:
    rows = {each["Policy"]: each for each in texts(page)}
    assert list(rows) == ["tight", "live profile", "young", "broken"]
    assert rows["tight"]["Rank"] == "1"
    assert rows["tight"]["Cost at equal risk %"] == "82% ± 5"
    assert rows["tight"]["In shadow"] == "15.0 d"
    assert rows["live profile"]["Cost at equal risk %"] == "100%"
    assert rows["young"]["Cost at equal risk %"] == "–"
    assert rows["young"]["To be read as"] == "too early to tell: 12 of 30 hedges"
    assert rows["young"]["In shadow"] == "3 h 00 min"
    assert page.count(shown(), "") == 3


def test_an_empty_board_says_what_it_is_for(page: ShadowsPage) -> None:
    page.show_frame(shown(rows=(), shadows=()), "BTC")
    assert texts(page) == []
    assert page.count(shown(rows=(), shadows=()), "") is None
    assert not page.promote.isEnabled()
    assert page.promote.toolTip() == "Select a shadow first"


def test_an_answer_and_a_fault_are_said(page: ShadowsPage) -> None:
    page.show_frame(shown(answer="There is a 'x' already.", fault="Not kept."), "BTC")
    assert page.said.text() == "There is a 'x' already. Not kept."


def test_a_sixth_cannot_be_asked_for(page: ShadowsPage) -> None:
    page.show_frame(shown(shadows=SHADOWS[:1] * MOST), "BTC")
    assert not page.add.isEnabled()
    assert page.add.toolTip() == "5 shadows are the most: drop one first"


def test_a_recording_has_no_shadows_and_says_so(page: ShadowsPage) -> None:
    page.show_frame(shown(rows=(), shadows=(), choices=(), fault="A recording has none."), "")
    assert not page.add.isEnabled()
    assert page.add.toolTip() == "A recording has none."
    assert page.table._empty.text() == "A recording has none."


def test_the_selected_shadow_is_dropped_once_it_is_confirmed(
    page: ShadowsPage, qtbot: QtBot
) -> None:
    pick(page, "young")
    page.drop.click()
    page.drop.click()
    sheet = page._sheet
    assert isinstance(sheet, ConfirmDialog)
    with qtbot.waitSignal(page.asked) as asked:
        sheet.action.click()
    assert asked.args == [DropShadow("young")]
    qtbot.waitUntil(lambda: page._sheet is None)


def test_the_live_row_can_neither_be_dropped_nor_promoted(page: ShadowsPage) -> None:
    pick(page, "live profile")
    assert not page.drop.isEnabled()
    assert not page.promote.isEnabled()


def test_a_shadow_like_the_live_profile_has_nothing_to_promote(page: ShadowsPage) -> None:
    page.show_frame(shown(shadows=(AddShadow("tight", RULES),)), "BTC")
    pick(page, "tight")
    assert not page.promote.isEnabled()
    assert "the same as the profile in use" in page.promote.toolTip()


def test_a_young_record_is_no_reason_to_promote(page: ShadowsPage) -> None:
    pick(page, "young")
    assert page.promote.toolTip().endswith("Too early to tell: 12 of 30 hedges.")
    pick(page, "tight")
    assert page.promote.toolTip().endswith("in the profile in use.")


def test_a_promotion_is_a_diff_that_moves_no_limit(page: ShadowsPage, panel: ProfilePanel) -> None:
    page.reviewed.connect(panel.review)
    pick(page, "tight")
    page.promote.click()
    sheet = panel._sheet
    assert sheet is not None
    assert [(each.label, each.before, each.after) for each in sheet.changes] == [
        ("BTC policy: Band below", "-0.1 BTC", "-0.01 BTC"),
        ("BTC policy: Band above", "0.1 BTC", "0.01 BTC"),
    ]
    sent: list[object] = []
    panel.command.connect(sent.append)
    sheet.apply.click()
    (command,) = [each for each in sent if isinstance(each, SetProfile)]
    assert command.profile.policies == TIGHT.policies
    assert command.profile.max_hedge_usd == RULES.max_hedge_usd
    assert command.profile.name.startswith("tight")


def test_what_is_promoted_is_the_live_profile_with_other_policies() -> None:
    made = promoted(RULES, SHADOWS[0])
    assert made == replace(RULES, name="tight", about=made.about, policies=TIGHT.policies)


def test_a_shadow_starts_from_a_preset_the_editor_or_the_live_profile() -> None:
    assert list(sources(shown())) == ["Tight", LIVE]
    assert list(sources(shown(edited=TIGHT))) == [EDITED, "Tight", LIVE]
    own = replace(TIGHT, risk_aversion=1e-6)
    twice = sources(shown(choices=(TIGHT, own)))
    assert list(twice) == ["Tight", "Tight (saved)", LIVE]
    assert twice["Tight (saved)"] is own


def test_a_policy_that_is_not_edited_keeps_every_digit(qtbot: QtBot) -> None:
    tuned = profile(spec(leave=0.6123456789012345))
    sheet = ShadowDialog({LIVE: tuned})
    qtbot.addWidget(sheet)
    assert sheet.profile() == tuned


def test_the_form_fits_the_smallest_window(qtbot: QtBot) -> None:
    sheet = ShadowDialog({LIVE: RULES})
    qtbot.addWidget(sheet)
    sheet.show()
    assert sheet.height() <= 560
    assert sheet.minimumHeight() <= 560


def test_a_shadow_is_made_in_the_form(page: ShadowsPage, qtbot: QtBot) -> None:
    page.add.click()
    sheet = page._sheet
    assert isinstance(sheet, ShadowDialog)
    assert sheet.label.text() == "Tight"
    sheet.source.setCurrentText(LIVE)
    sheet.label.clear()
    assert not sheet.action.isEnabled()
    sheet.label.setText(" wider ")
    entry = sheet._sections["BTC"].form.input("high")
    assert isinstance(entry, QLineEdit)
    entry.setText("nonsense")
    entry.textEdited.emit("nonsense")
    assert not sheet.action.isEnabled()
    assert sheet.problem.text() == "A number of a policy cannot be used"
    entry.setText("0.4")
    entry.textEdited.emit("0.4")
    sheet.label.setText("TIGHT")
    assert not sheet.action.isEnabled()
    assert "There is a shadow 'TIGHT' already" in sheet.problem.text()
    sheet.label.setText(" wider ")
    with qtbot.waitSignal(page.asked) as asked:
        sheet.action.click()
    assert asked.args == [AddShadow("wider", replace(RULES, policies={"BTC": spec(high=0.4)}))]
    qtbot.waitUntil(lambda: page._sheet is None)
