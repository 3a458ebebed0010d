"""The hedge ladder on the price: lines where the book will trade, and bands drawn with them."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from terminal.model.frame import Frame
from terminal.model.hedge import HedgeLadder, Rung
from terminal.model.order import Side
from tests.ui.chart_frames import chart_frame
from ui.charts.heights import PRICE
from ui.panels.charts import LADDER, ChartsPanel
from ui.theme.tokens import load_tokens

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

SPOT = 94_200.0
CURVE = tuple((SPOT + 100.0 * step, 0.05 + 0.02 * step) for step in range(-20, 21))
RUNGS = (
    Rung(SPOT + 1500.0, Side.SELL, 0.2, 19_000.0, 0.25, 0.05),
    Rung(SPOT + 1000.0, Side.SELL, 0.2, 19_000.0, 0.25, 0.05),
    Rung(SPOT - 1250.0, Side.BUY, 0.2, 18_600.0, -0.2, 0.0),
)


def laddered(*rungs: Rung, note: str = "") -> Frame:
    above = tuple(rung for rung in reversed(rungs) if rung.price > SPOT)
    below = tuple(rung for rung in rungs if rung.price <= SPOT)
    ladder = HedgeLadder("BTC", above, below, CURVE, note)
    return replace(chart_frame(), hedge_ladders={"BTC": ladder})


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[ChartsPanel]:
    made = ChartsPanel(load_tokens("dark"))
    qtbot.addWidget(made)
    made.resize(1000, 640)
    made.show()
    yield made
    made.shut()


def test_each_rung_is_a_line_with_its_words(panel: ChartsPanel) -> None:
    panel.render_frame(laddered(*RUNGS))
    lines = panel.stack.picture.rungs.lines
    assert [line.value() for line in lines] == [rung.price for rung in RUNGS]
    assert lines[0].label.toPlainText() == "▼ SELL 0.2000 at 95,700.00"
    assert [line.movable for line in lines] == [False, True, True]
    title = panel.stack.panes[PRICE].title.text
    assert title.endswith("next ▼ sell 0.200 at 95,200.00 · ▲ buy 0.200 at 92,950.00")


def test_an_empty_ladder_says_why(panel: ChartsPanel) -> None:
    panel.render_frame(laddered(note="gamma is flat"))
    assert panel.stack.picture.rungs.lines == []
    assert panel.ladder.toolTip() == "gamma is flat"


def test_the_ladder_can_be_left_out(panel: ChartsPanel) -> None:
    panel.render_frame(laddered(*RUNGS))
    assert panel.ladder.toolTip() == LADDER
    panel.ladder.click()
    assert panel.stack.picture.rungs.lines == []
    panel.ladder.click()
    assert len(panel.stack.picture.rungs.lines) == len(RUNGS)


@pytest.mark.parametrize(
    ("index", "price", "low", "high"),
    [(1, SPOT + 500.0, -0.2, 0.15), (2, SPOT - 500.0, -0.05, 0.25)],
)
def test_a_dragged_rung_asks_for_the_band_that_puts_it_there(
    panel: ChartsPanel, index: int, price: float, low: float, high: float
) -> None:
    panel.render_frame(laddered(*RUNGS))
    asked: list[tuple[str, float, float]] = []
    panel.bandDragged.connect(lambda *band: asked.append(band))
    line = panel.stack.picture.rungs.lines[index]
    line.sigDragged.emit(line)
    line.setValue(price)
    for _ in range(3):  # frames do not take a line out of the hand
        panel.render_frame(laddered(*RUNGS[:1]))
    assert line.value() == price
    line.sigPositionChangeFinished.emit(line)
    [(coin, *band)] = asked
    assert coin == "BTC"
    assert band == pytest.approx([low, high])


def test_a_rung_dragged_past_the_other_edge_asks_for_nothing(panel: ChartsPanel) -> None:
    panel.render_frame(laddered(*RUNGS))
    asked: list[tuple[str, float, float]] = []
    panel.bandDragged.connect(lambda *band: asked.append(band))
    line = panel.stack.picture.rungs.lines[1]
    line.sigDragged.emit(line)
    line.setValue(SPOT - 1900.0)
    line.sigPositionChangeFinished.emit(line)
    assert asked == []
    assert line.value() == RUNGS[1].price


def test_rungs_of_a_perps_only_mode_say_so_and_cannot_be_dragged(panel: ChartsPanel) -> None:
    frame = laddered(*RUNGS)
    fading = replace(frame.hedge_ladders["BTC"], mode="fade grid")
    panel.render_frame(replace(frame, hedge_ladders={"BTC": fading}))
    lines = panel.stack.picture.rungs.lines
    assert lines[0].label.toPlainText() == "fade grid · ▼ SELL 0.2000 at 95,700.00"
    assert not any(line.movable for line in lines)
