"""The volatility page: charts and table, and what is said where something is not known."""

from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from terminal.core.units import DAY, HOUR, SECOND
from terminal.model.frame import ExpiryVol, RealisedVol, VolView
from terminal.model.smile import CONE_LEVELS, ConeBand, SmileAt, SmilePoint, SmileView
from tests.ui.panel_frame import NOW, desk, frame, position
from ui.charts.cone import ConeChart, cone_words
from ui.charts.smile import SmileChart, columns, smile_words
from ui.charts.term import TermChart, forward_steps, term_words
from ui.panels.book_vols import CHARTS, TABLE, VolsPage
from ui.panels.vol_table import vol_lines
from ui.theme.tokens import load_tokens

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

NEAR, FAR = NOW + 4 * DAY, NOW + 30 * DAY
VIEW = VolView(
    underlying="BTC",
    expiries=(
        ExpiryVol(NEAR, 85_000.0, 0.52, 0.52, 18),
        ExpiryVol(FAR, 85_400.0, 0.55, 0.555, 18),
        ExpiryVol(NOW + 90 * DAY, 86_000.0, None, None, 0),
    ),
    shape="contango",
    index=0.551,
    index_note="",
    realised=(RealisedVol(HOUR, 0.5, ""), RealisedVol(DAY, None, "only 25% was seen")),
)
SMILE = SmileView(
    underlying="BTC",
    expiry=NEAR,
    at=NOW - 2 * SECOND,
    forward=85_000.0,
    points=(
        SmilePoint(80_000.0, 0.55, 0.57, 0.56),
        SmilePoint(85_000.0, None, 0.53, 0.52),
        SmilePoint(90_000.0, 0.54, 0.56, None),
    ),
    model=((80_000.0, 0.56), (85_000.0, 0.52), (90_000.0, 0.55)),
    model_error=0.0021,
    model_note="SVI through marks",
)
CONE = (
    ConeBand(
        horizon=HOUR, quantiles=tuple(0.3 + 0.05 * each for each in range(len(CONE_LEVELS))),
        latest=0.42, implied=None, independent=72.0,
    ),
    ConeBand(
        horizon=DAY, quantiles=tuple(0.4 + 0.02 * each for each in range(len(CONE_LEVELS))),
        latest=0.45, implied=0.52, independent=3.0,
    ),
    ConeBand(
        horizon=30 * DAY, quantiles=(), latest=None, implied=0.55, independent=0.0,
        reason="no window of this length was seen well enough",
    ),
)


def shown(*, smiles: Any = None, cones: Any = None, **views: VolView) -> Any:
    return frame(
        desks=(desk("BTC", position("BTC-1", "1")), desk("ETH")),
        vols=views, smiles=smiles or {}, cones=cones or {},
    )


def made(qtbot: QtBot) -> VolsPage:
    page = VolsPage()
    qtbot.addWidget(page)
    return page


def test_volatility_is_held_against_the_longest_window_known() -> None:
    lines = list(vol_lines(VIEW, NOW))
    assert [line.premium for line in lines[:2]] == pytest.approx([0.02, 0.05])
    assert lines[2].premium is None
    assert "no two-sided quotes" in lines[2].note
    index, hour, day = lines[3:]
    assert (index.name, index.vol, index.note) == ("30-day index", 0.551, "contango")
    assert (hour.name, hour.vol) == ("Realised 1 h", 0.5)
    assert (day.name, day.vol, day.note) == ("Realised 1 d", None, VIEW.realised[1].reason)


def test_the_table(qtbot: QtBot) -> None:
    page = made(qtbot)
    page.part.set_current(TABLE)
    page._on_part(TABLE)
    page.show_frame(shown(BTC=VIEW), "BTC")
    model = page.table.model
    texts = [[column.show(row) for column in model.columns] for row in model.rows]
    assert texts[0][3:7] == ["52.0%", "52.0%", "+2.0 vol pts", "18"]
    assert texts[2][3] == "–"
    assert texts[3][1:4] == ["30-day index", "", "55.1%"]
    page.show_frame(shown(BTC=VIEW), "ETH")
    assert not page.table.model.rows


def test_the_charts_of_a_coin(qtbot: QtBot) -> None:
    page = made(qtbot)
    page.show_frame(shown(BTC=VIEW, smiles={"BTC": {NEAR: SMILE}}, cones={"BTC": CONE}), "")
    assert [page.expiry.itemData(place) for place in range(3)] == [
        each.expiry for each in VIEW.expiries
    ]
    assert page.smile_box.title.text().startswith("Smile of BTC ")
    for box in (page.smile_box, page.term_box, page.cone_box):
        assert box.stack.currentWidget() is box.chart
    note = page.smile_box.note.text()
    assert "SVI through marks ± 0.21%" in note
    assert "2 s ago" in note
    assert page.term_box.note.text().endswith("contango")
    assert "3 windows apart" in page.cone_box.note.text()


def test_an_empty_chart_says_why(qtbot: QtBot) -> None:
    page = made(qtbot)
    page.show_frame(shown(), "")
    assert page.smile_box.reason.text() == (
        "No smile: no option of BTC is quoted with its forward."
    )
    assert page.term_box.reason.text() == "No term structure: no option of BTC is quoted."
    assert page.cone_box.reason.text() == "No cone: no prices yet."
    for box in (page.smile_box, page.term_box, page.cone_box):
        assert box.stack.currentWidget() is box.reason
    page.show_frame(shown(BTC=VIEW, cones={"BTC": CONE[2:]}), "BTC")
    assert "being looked at" in page.smile_box.reason.text()
    assert CONE[2].reason in page.cone_box.reason.text()
    blind = SmileView(
        underlying="BTC", expiry=NEAR, at=NOW, forward=1.0,
        points=(SmilePoint(80_000.0, None, None, None),),
    )
    page.show_frame(shown(BTC=VIEW, smiles={"BTC": {NEAR: blind}}), "BTC")
    assert "no quote of this expiry has an implied volatility" in page.smile_box.reason.text()


def test_it_asks_for_the_expiry_that_is_looked_at(qtbot: QtBot) -> None:
    page = made(qtbot)
    asked: list[Any] = []
    page.asked.connect(asked.append)
    page.show_frame(shown(BTC=VIEW), "BTC")
    assert not asked  # nobody sees it yet
    page.show()
    assert asked == [SmileAt("BTC", NEAR)]
    page.expiry.setCurrentIndex(1)
    page.expiry.activated.emit(1)
    assert asked[-1] == SmileAt("BTC", FAR)
    page.show_frame(shown(BTC=VIEW, smiles={}), "BTC")
    assert page.expiry.currentData() == FAR
    page.part.set_current(TABLE)
    page._on_part(TABLE)
    assert asked[-1] == SmileAt("", 0)
    page.part.set_current(CHARTS)
    page._on_part(CHARTS)
    assert asked[-1] == SmileAt("BTC", FAR)
    page.hide()
    assert asked[-1] == SmileAt("", 0)


def test_the_smile_draws_what_is_known(qtbot: QtBot) -> None:
    chart = SmileChart()
    qtbot.addWidget(chart)
    chart.show_smile(SMILE)
    strike, bid, _, _ = columns(SMILE.points)
    assert strike.tolist() == [80_000.0, 85_000.0, 90_000.0]
    assert np.isnan(bid).tolist() == [False, True, False]
    assert chart.bids.getData()[0].tolist() == [80_000.0, 90_000.0]
    assert chart.asks.getData()[1].tolist() == pytest.approx([57.0, 53.0, 56.0])
    assert chart.marks.getData()[1].tolist() == pytest.approx([56.0, 52.0])
    assert chart.model.getData()[1].tolist() == pytest.approx([56.0, 52.0, 55.0])
    assert chart.forward.value() == 85_000.0
    low, high = chart.box.viewRange()[1]
    assert low < 52.0
    assert high > 57.0
    assert "85,000: – / 53.0% / 52.0%" in smile_words(SMILE)
    chart.retheme(load_tokens("light"))


def test_the_term_structure_is_flat_between_expiries(qtbot: QtBot) -> None:
    corners = forward_steps([(4.0, 52.0, 0.52), (30.0, 55.0, 0.555), (60.0, 54.0, None)])
    assert [day for day, _ in corners] == [4.0, 30.0, 30.0, 60.0]
    assert [vol for _, vol in corners[:2]] == pytest.approx([55.5, 55.5])
    assert all(np.isnan(vol) for _, vol in corners[2:])  # falling total variance is no volatility
    chart = TermChart()
    qtbot.addWidget(chart)
    chart.show_term(VIEW, NOW)
    days, vols = chart.spot.getData()
    assert days.tolist() == pytest.approx(np.log10([4.0, 30.0]).tolist())
    assert vols.tolist() == pytest.approx([52.0, 55.0])
    assert chart.index.getData()[1].tolist() == pytest.approx([55.1])
    assert term_words(VIEW, NOW) == "4.0 d: 52.0%, 30.0 d: 55.0%, 30-day index 55.1%"
    chart.retheme(load_tokens("light"))


def test_the_cone_has_a_level_for_each_share_of_the_past(qtbot: QtBot) -> None:
    chart = ConeChart()
    qtbot.addWidget(chart)
    chart.show_cone(CONE)
    for place, item in enumerate(chart.levels):
        assert item.getData()[1].tolist() == pytest.approx(
            [100.0 * CONE[0].quantiles[place], 100.0 * CONE[1].quantiles[place]]
        )
    assert chart.now.getData()[1].tolist() == pytest.approx([42.0, 45.0])
    assert chart.implied.getData()[1].tolist() == pytest.approx([52.0, 55.0])
    words = cone_words(CONE)
    assert "1 h: now 42.0%, half of the time 40.0% to 50.0%, middle 45.0%" in words
    assert "implied 52.0%, 3 windows apart" in words
    chart.retheme(load_tokens("light"))
