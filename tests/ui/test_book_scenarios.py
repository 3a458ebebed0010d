"""The scenario pages: sums over coins, worst cells, and what is said without positions."""

from typing import Any

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from terminal.model.frame import ScenarioView, StressRow
from tests.ui.panel_frame import desk, frame, position
from ui.panels.book_scenarios import SPOTS, ScenariosPage, StressPage, grid_lines, stress_lines

MILD = StressRow("Mild", "2025-01-01", "measured", -0.1, 0.2, -1_000.0, 0.5)
UNBORN = StressRow("Old", "2020-03-12", "public", None, None, None, None)


def view(underlying: str, factor: float = 1.0) -> ScenarioView:
    return ScenarioView(
        underlying=underlying,
        spots=SPOTS,
        vols=(-0.2, 0.0, 0.2),
        pnl_usd=tuple(
            tuple(factor * (place - 4) * (row + 1) for place in range(len(SPOTS)))
            for row in range(3)
        ),
        delta=tuple((0.0,) * len(SPOTS) for _ in range(3)),
        stress=(MILD, UNBORN) if underlying == "SOL" else (MILD,),
        missing=(),
    )


BTC, SOL = view("BTC"), view("SOL", 2.0)


def shown(**more: Any) -> Any:
    desks = (desk("BTC", position("BTC-1", "1")), desk("SOL", position("SOL-1", "1")))
    return frame(desks=desks, scenarios={"BTC": BTC, "SOL": SOL}, **more)


def test_coins_are_added_as_if_they_moved_together() -> None:
    alone, both = list(grid_lines((BTC,))), list(grid_lines((BTC, SOL)))
    assert [line.vol for line in both] == [-0.2, 0.0, 0.2]
    for one, two in zip(alone, both, strict=True):
        assert two.pnl == pytest.approx([3 * each for each in one.pnl])
    assert both[0].scale == 3 * 4 * 3
    assert not list(grid_lines(()))


def test_days_on_which_a_coin_did_not_trade_are_left_out() -> None:
    lines = list(stress_lines((BTC, SOL)))
    names = [(line.underlying, line.row.name) for line in lines]
    assert names == [("BTC", "Mild"), ("SOL", "Mild")]
    assert {line.scale for line in lines} == {1_000.0}


def test_the_grid_on_the_screen(qtbot: QtBot) -> None:
    page = ScenariosPage()
    qtbot.addWidget(page)
    page.show_frame(shown(), "BTC")
    model = page.table.model
    assert [column.title for column in model.columns[1:]][:2] == ["−40%", "−20%"]
    texts = [[column.show(row) for column in model.columns] for row in model.rows]
    assert texts[0][:3] == ["−20%", "−$4", "−$3"]
    assert texts[1][5] == "$0"
    heats = [column.heat(model.rows[2]) for column in model.columns[1:] if column.heat]
    assert heats[0] == -1.0
    assert heats[-1] == 1.0


def test_it_is_drawn_again_only_for_news(qtbot: QtBot) -> None:
    page = ScenariosPage()
    qtbot.addWidget(page)
    drawn: list[object] = []
    page.show_frame(shown(), "")
    page.table.model.dataChanged.connect(lambda *_: drawn.append(1))
    page.show_frame(shown(), "")
    assert not drawn
    page.show_frame(replace(shown(), scenarios={"BTC": view("BTC"), "SOL": SOL}), "")
    assert drawn


def test_stress_days_on_the_screen(qtbot: QtBot) -> None:
    page = StressPage()
    qtbot.addWidget(page)
    page.show_frame(shown(), "SOL")
    row = page.table.model.rows[0]
    texts = [column.show(row) for column in page.table.model.columns]
    assert texts == ["2025-01-01 Mild", "SOL", "−10.0%", "+20%", "−$1,000", "+0.50 SOL", "measured"]


@pytest.mark.parametrize("kind", [ScenariosPage, StressPage])
def test_what_is_left_out_is_named(qtbot: QtBot, kind: type[ScenariosPage]) -> None:
    page = kind()
    qtbot.addWidget(page)
    page.show_frame(shown(), "BTC")
    assert page.left_out.isHidden()
    blind = replace(BTC, missing=("BTC-9@deribit",))
    page.show_frame(replace(shown(), scenarios={"BTC": blind, "SOL": SOL}), "BTC")
    assert not page.left_out.isHidden()
    assert "BTC-9@deribit" in page.left_out.text()


@pytest.mark.parametrize("kind", [ScenariosPage, StressPage])
def test_without_positions_it_says_so(qtbot: QtBot, kind: type[ScenariosPage]) -> None:
    page = kind()
    qtbot.addWidget(page)
    page.show_frame(frame(), "")
    assert not page.table.model.rows
    assert page.count(frame(), "") is None
