"""The frontier's page: what is drawn and written, what stands out, and what is said without one."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from terminal.model.frontier import ERROR, NET, frontier_of
from tests.helpers.frontiers import CHEAP, DEAR, REFERENCE, RISKS, cell, frontier_json
from tests.ui.panel_frame import desk, frame
from ui.charts.frontier import FrontierChart, frontier_words, roles_of, spread
from ui.panels.book_frontier import FrontierPage
from ui.panels.frontier_table import row_name
from ui.theme.tokens import load_tokens

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

FOUND = frontier_of(frontier_json())
HOSTILE = "<b>bold</b>\u202e\n=1+1"


@pytest.fixture
def page(qtbot: QtBot) -> FrontierPage:
    made = FrontierPage()
    qtbot.addWidget(made)
    made.resize(1200, 560)
    made.show()
    return made


def lines(page: FrontierPage) -> list[dict[str, str]]:
    model = page.table.model
    return [{each.title: each.show(row) for each in model.columns} for row in model.rows]


def test_without_a_frontier_it_says_how_to_make_one(page: FrontierPage) -> None:
    assert page.stack.currentWidget() is page.empty
    for words in ("Run…", "Open…", "python -m terminal lab frontier BARS --out FOLDER"):
        assert words in page.empty.text()
    assert not page.cancel.isVisible()
    assert not page.bar.isVisible()


def test_reference_and_equal_risk_are_told_in_words(page: FrontierPage) -> None:
    page.show_frontier(FOUND, "/f/frontier.json")
    assert page.box.title.text() == f"BTC: cost over {REFERENCE} at equal risk"
    assert REFERENCE in page.words.text()
    assert "net P&L varies as much" in page.words.text()
    assert page.said.text() == (
        "BTC, 222 windows of 2025-01-30 to 2025-09-08, 3 days left out for gaps"
    )
    page.measure.set_current(ERROR)
    page.measure.chosen.emit(ERROR)
    assert "hedging error varies as much" in page.words.text()
    assert {row.measure for row in page.table.model.rows} == {ERROR}


def test_the_table_has_every_policy_at_every_risk(page: FrontierPage) -> None:
    page.show_frontier(FOUND, "")
    rows = lines(page)
    assert [row["Policy"] for row in rows] == [DEAR, REFERENCE, CHEAP] * 2
    assert rows[2] == {
        "Policy": CHEAP,
        "Risk $": "10,000",
        "Cost ratio": "0.80",
        "95 % band": "[0.70 0.90]",
        "Cost $": "1,000",
        "Orders/d": "12.5",
        "Setting": "0.0013 1/USD",
        "To be read as": "cheaper",
    }
    notes = [row["To be read as"] for row in rows]
    assert notes[:2] == ["undecided: the band holds 1", "the reference"]
    assert notes[3] == "no setting tried carries this risk: the outermost"
    shade = page.table.model.is_shaded
    assert [shade(row) for row in page.table.model.rows] == [False, True, False] * 2


def test_lines_and_bands_are_drawn_where_the_numbers_are(page: FrontierPage) -> None:
    page.show_frontier(FOUND, "")
    drawn = page.chart.drawn
    assert list(drawn) == [DEAR, REFERENCE, CHEAP]
    across, up = drawn[CHEAP].line.getData()
    np.testing.assert_allclose(across, [math.log(risk) for _, risk in RISKS])
    np.testing.assert_allclose(up, math.log(0.8))
    np.testing.assert_allclose(drawn[CHEAP].low.getData()[1], math.log(0.7))
    np.testing.assert_allclose(drawn[CHEAP].high.getData()[1], math.log(0.9))
    assert not drawn[CHEAP].shade.path().isEmpty()
    assert drawn[DEAR].line.getData()[0].size == 1  # the other risk is reached by no setting
    for name, each in drawn.items():
        assert each.name.text() == name
        assert each.name.isVisible()
    heights = sorted(each.name.pos().y() for each in drawn.values())
    assert all(np.diff(heights) > 0.0)
    assert "10,000 USD: Zakamouline, to edge 0.80 [0.70 0.90]" in (
        page.chart.accessibleDescription()
    )


def test_the_selected_policy_stands_out(page: FrontierPage) -> None:
    page.show_frontier(FOUND, "")
    drawn = page.chart.drawn
    page.table.selected.emit(row_name(page.table.model.rows[2]))
    assert drawn[CHEAP].line.opts["pen"].width() > drawn[DEAR].line.opts["pen"].width()
    assert drawn[CHEAP].shade.brush().color().alpha() > 0
    assert drawn[DEAR].shade.brush().color().alpha() == 0
    page.table.selected.emit("")
    assert drawn[DEAR].shade.brush().color().alpha() == drawn[CHEAP].shade.brush().color().alpha()


def test_a_low_picture_names_only_what_is_selected(qtbot: QtBot) -> None:
    chart = FrontierChart()
    qtbot.addWidget(chart)
    many = [cell(f"policy {place}, to edge", ratio=1.0 + place / 9) for place in range(9)]
    found = frontier_of(frontier_json([cell(), *many]))
    chart.resize(500, 112)
    chart.show_cells(found.cells, REFERENCE)
    assert not any(each.name.isVisible() for each in chart.drawn.values())
    chart.choose(REFERENCE)
    assert [name for name, each in chart.drawn.items() if each.name.isVisible()] == [REFERENCE]
    chart.resize(500, 400)
    chart.choose("nobody")
    assert all(each.name.isVisible() for each in chart.drawn.values())


@pytest.mark.parametrize("theme", ["dark", "light", "colour_blind"])
def test_every_theme_draws_lines_apart_from_the_ground(page: FrontierPage, theme: str) -> None:
    page.show_frontier(FOUND, "")
    tokens = load_tokens(theme)
    page.retheme(tokens)
    for each in page.chart.drawn.values():
        assert each.line.opts["pen"].color().name().upper() != tokens.bg1
    styles = [each.line.opts["pen"].style() for each in page.chart.drawn.values()]
    assert styles == [Qt.PenStyle.DotLine, Qt.PenStyle.SolidLine, Qt.PenStyle.SolidLine]


def test_another_frontier_takes_the_place_of_the_first(page: FrontierPage) -> None:
    page.show_frontier(FOUND, "")
    before = len(page.chart.box.childGroup.childItems())
    page.show_frontier(frontier_of(frontier_json([cell()])), "")
    assert list(page.chart.drawn) == [REFERENCE]
    assert len(page.chart.box.childGroup.childItems()) == before - 2 * 5
    assert len(page.table.model.rows) == 1


def test_where_no_policy_reaches_a_risk_words_stand_in_the_picture(page: FrontierPage) -> None:
    page.show_frontier(frontier_of(frontier_json([cell(reached=False)])), "")
    assert page.box.stack.currentWidget() is page.box.reason
    assert "run the lab on more bars" in page.box.reason.text()
    assert len(page.table.model.rows) == 1


def test_names_of_a_file_are_only_text(page: FrontierPage) -> None:
    unknown = cell(HOSTILE, ratio=math.inf, ratio_band=(math.nan, math.inf))
    page.show_frontier(frontier_of(frontier_json([cell(), unknown])), HOSTILE)
    assert lines(page)[1]["Cost ratio"] == "–"
    page.show_frontier(frontier_of(frontier_json([cell(), cell(HOSTILE, ratio=2.0)])), HOSTILE)
    name = page.chart.drawn[HOSTILE].name.text()
    assert name.startswith("<b>bold</b>")
    assert "\u202e" not in name
    assert "<b>" not in page.said.toolTip()


def test_a_fault_is_said_and_what_was_shown_stays(page: FrontierPage) -> None:
    page.show_frontier(FOUND, "")
    page.show_fault("that is no frontier")
    assert page.said.text() == "that is no frontier"
    assert page.said.property("tone") == "warn"
    assert len(page.table.model.rows) == 6


def test_a_run_shows_how_far_it_is(page: FrontierPage, qtbot: QtBot) -> None:
    page.show_run(0.45, "gamma band")
    assert page.bar.value() == 45
    assert page.bar.isVisible()
    assert not page.run.isEnabled()
    with qtbot.waitSignal(page.cancel_asked):
        page.cancel.click()
    page.show_run(None)
    assert page.run.isEnabled()
    assert not page.bar.isVisible()


def test_buttons_ask_and_the_coin_goes_with_it(page: FrontierPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.run_asked) as asked:
        page.run.click()
    assert asked.args == [""]
    page.show_frame(frame(desks=(desk("BTC"), desk("ETH"))), "BTC")
    page.coin.setCurrentIndex(page.coin.findData("ETH"))
    page.show_frame(frame(desks=(desk("BTC"), desk("ETH"), desk("SOL"))), "BTC")
    with qtbot.waitSignal(page.run_asked) as asked:
        page.run.click()
    assert asked.args == ["ETH"]
    with qtbot.waitSignal(page.open_asked):
        page.open.click()


def test_families_share_a_colour_and_words_name_the_cheapest() -> None:
    roles = roles_of([DEAR, "fixed band, to edge", REFERENCE, CHEAP])
    assert roles[DEAR] == roles["fixed band, to edge"] != roles[REFERENCE] != roles[CHEAP]
    told = frontier_words(FOUND.of(NET), REFERENCE)
    assert told.count(CHEAP) == 2
    assert DEAR not in told


@given(st.lists(st.floats(-3.0, 3.0), max_size=12))
def test_names_keep_their_order_apart_and_inside(wanted: list[float]) -> None:
    places = spread(wanted, 0.5, (-3.0, 3.0))
    kept = [places[each] for each in sorted(range(len(wanted)), key=lambda each: wanted[each])]
    assert all(np.diff(kept) >= 0.5 - 1e-9)
    assert all(-3.0 - 1e-9 <= each <= 3.0 + 1e-9 for each in kept)
