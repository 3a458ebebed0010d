"""The volatility page: expiries, the index and realised windows, and what is not known."""

from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from terminal.core.units import DAY, HOUR
from terminal.model.frame import ExpiryVol, RealisedVol, VolView
from tests.ui.panel_frame import NOW, desk, frame, position
from ui.panels.book_vols import VolsPage, vol_lines

VIEW = VolView(
    underlying="BTC",
    expiries=(
        ExpiryVol(NOW + 4 * DAY, 85_000.0, 0.52, 0.52, 18),
        ExpiryVol(NOW + 30 * DAY, 85_400.0, 0.55, 0.555, 18),
        ExpiryVol(NOW + 90 * DAY, 86_000.0, None, None, 0),
    ),
    shape="contango",
    index=0.551,
    index_note="",
    realised=(RealisedVol(HOUR, 0.5, ""), RealisedVol(DAY, None, "only 25% was seen")),
)


def shown(**views: VolView) -> Any:
    return frame(desks=(desk("BTC", position("BTC-1", "1")), desk("ETH")), vols=views)


def test_volatility_is_held_against_the_longest_window_known() -> None:
    lines = list(vol_lines(VIEW, NOW))
    assert [line.premium for line in lines[:2]] == pytest.approx([0.02, 0.05])
    assert lines[2].premium is None
    assert "no two-sided quotes" in lines[2].note
    index, hour, day = lines[3:]
    assert (index.name, index.vol, index.note) == ("30-day index", 0.551, "contango")
    assert (hour.name, hour.vol) == ("Realised 1 h", 0.5)
    assert (day.name, day.vol, day.note) == ("Realised 1 d", None, VIEW.realised[1].reason)


def test_the_page(qtbot: QtBot) -> None:
    page = VolsPage()
    qtbot.addWidget(page)
    page.show_frame(shown(BTC=VIEW), "BTC")
    model = page.table.model
    texts = [[column.show(row) for column in model.columns] for row in model.rows]
    assert texts[0][3:7] == ["52.0%", "52.0%", "+2.0 vol pts", "18"]
    assert texts[2][3] == "–"
    assert texts[3][1:4] == ["30-day index", "", "55.1%"]
    page.show_frame(shown(BTC=VIEW), "ETH")
    assert not page.table.model.rows
    assert page.count(frame(), "") is None


def test_nothing_quoted_says_so(qtbot: QtBot) -> None:
    page = VolsPage()
    qtbot.addWidget(page)
    page.show_frame(shown(), "")
    assert not page.table.model.rows
