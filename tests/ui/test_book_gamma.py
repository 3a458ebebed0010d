"""The gamma page: meter, edge, signature and ledger, and what it says when something is missing."""

from typing import Any

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from terminal.core.units import DAY, HOUR, MINUTE, SECOND
from terminal.market.edge import VolGuess, edge_of
from terminal.model.gamma import GammaView, RentView, ScalpRow, SignaturePoint
from terminal.model.synthetic import SyntheticKind, SyntheticView
from tests.ui.panel_frame import NOW, desk, frame, position
from ui.charts.signature import SignatureChart, signature_words, step_text
from ui.charts.trend_loss import TrendLossChart, trend_words
from ui.panels.book_gamma import GammaPage, ledger_lines, most_gamma
from ui.panels.gamma_mode import facts
from ui.panels.gamma_words import FIGURES, NO_SCALPS, NO_VIEW
from ui.theme.tokens import load_tokens
from ui.widgets.rent_bar import RentBar

RENT = RentView(
    gamma=0.0011,
    gamma_1pct_usd=40_670.0,
    theta_usd=-2_006.0,
    funding_usd=-100.0,
    fees_usd=50.0,
    rent_usd=2_156.0,
    banked_usd=812.5,
    open_usd=10.0,
    elapsed=0.25,
    left=18 * HOUR,
    day_move_usd=1_884.0,
    move_usd=1_884.0,
    move_sigmas=1.0,
    exact_up=1_902.0,
    exact_down=-1_844.0,
    needed_usd=1_542.0,
    vol_theta=0.6,
    vol_rent=0.622,
    vol_band=0.608,
    vol_clock=0.649,
    says="Long gamma owes 2,156 USD today; scalps are short of it by 1,344.",
)


def row(name: str = "#1", **more: Any) -> ScalpRow:
    plain: dict[str, Any] = {
        "symbol": "BTC-PERPETUAL",
        "opened": NOW - MINUTE,
        "closed": NOW,
        "bought_first": False,
        "coins": 0.25,
        "entry": 60_100.0,
        "exit": 60_000.0,
        "gross_usd": 25.0,
        "fees_usd": 3.0,
        "net_usd": 22.0,
        "scalps": 1,
    }
    return ScalpRow(name=name, **plain | more)


VIEW = GammaView(
    underlying="BTC",
    rent=RENT,
    scalps=(
        row("Today", bought_first=None, coins=None, entry=None, closed=0, summed=True),
        row("#2"),
        row("#1", closed=NOW - HOUR),
    ),
    signature=(
        SignaturePoint(5 * SECOND, 0.52, 0.01, 5_000),
        SignaturePoint(5 * MINUTE, 0.5, 0.03, 80),
        SignaturePoint(DAY, None, None, 2, "2 returns, at least 8 are needed"),
    ),
    span=7 * HOUR,
    edge=edge_of(VolGuess(0.57, 0.2, DAY), 0.6, 0.025, NOW + DAY),
    note="",
)


def shown(view: GammaView | None = VIEW) -> Any:
    desks = (desk("ETH"), desk("BTC", position("BTC-1", "1")))
    return frame(desks=desks, gammas={"BTC": view} if view else {})


def made(qtbot: QtBot) -> GammaPage:
    page = GammaPage()
    qtbot.addWidget(page)
    return page


def test_the_page_shows_meter_edge_signature_and_ledger(qtbot: QtBot) -> None:
    page = made(qtbot)
    page.show_frame(shown(), "BTC")
    assert page.heading.text() == f"BTC: {RENT.says}"
    texts = {name: figure.text() for name, figure in page.figures.items()}
    assert texts["Break-even move"] == "±$1,884 · 1.00 σ"
    assert texts["Valued anew"] == "+$1,902 / −$1,844"
    assert texts["Hedged hourly"] == "64.9%"
    assert texts["Fees today"] == "−$50.00"
    assert texts["Day ends in"] == "18:00:00"
    assert page.edge.text().startswith("No edge: the forecast is 3.0 vol points below implied")
    assert not page.note.isVisibleTo(page)
    assert "7 h 00 min" in page.measured.text()
    model = page.table.model
    rows = [[column.show(line) for column in model.columns] for line in model.rows]
    assert [cells[0] for cells in rows] == ["Today", "#2", "#1"]
    assert rows[1][2:9] == [
        "▼ sold first", "0.2500", "60,100.00", "60,000.00", "+$25.00", "$3.00", "+$22.00"
    ]
    assert set(texts) == set(FIGURES)


def test_all_coins_show_the_one_with_the_most_gamma(qtbot: QtBot) -> None:
    page = made(qtbot)
    assert most_gamma(shown()) == "BTC"
    page.show_frame(shown(), "")
    assert page.heading.text().startswith("BTC: ")
    assert [line.row.name for line in ledger_lines(shown(), "ETH")] == []
    assert most_gamma(frame()) == ""


def test_nothing_known_says_so(qtbot: QtBot) -> None:
    page = made(qtbot)
    page.show_frame(shown(None), "ETH")
    assert page.heading.text() == NO_VIEW
    assert all(figure.text() == "–" for figure in page.figures.values())
    assert page.bar.accessibleDescription() == "unknown"
    assert not page.table.model.rows
    assert NO_SCALPS


def test_a_book_without_options_says_what_it_can_show(qtbot: QtBot) -> None:
    page = made(qtbot)
    note = "No options in the book"
    page.show_frame(shown(replace(VIEW, note=note)), "BTC")
    assert page.note.text() == note
    assert page.note.isVisibleTo(page)
    page.show_frame(shown(replace(VIEW, rent=None, note=note)), "BTC")
    assert page.heading.text() == f"BTC: {note}"


def test_an_edge_stands_out(qtbot: QtBot) -> None:
    page = made(qtbot)
    edge = edge_of(VolGuess(0.9, 0.1, DAY), 0.6, 0.0, NOW)
    page.show_frame(shown(replace(VIEW, edge=edge)), "BTC")
    assert page.edge.property("tone") == "acc"


def test_the_same_frame_is_not_drawn_twice(qtbot: QtBot) -> None:
    page = made(qtbot)
    given = shown()
    page.show_frame(given, "BTC")
    page.heading.setText("kept")
    page.show_frame(given, "BTC")
    assert page.heading.text() == "kept"


@pytest.mark.parametrize(
    ("banked", "rent", "at", "words"),
    [
        (500.0, 2_000.0, 0.25, "scalps +$500 of rent $2,000, 50% of the day is over"),
        (-300.0, -1_200.0, 0.25, "scalps −$300 of received $1,200, 50% of the day is over"),
        (4_000.0, 2_000.0, 1.0, "scalps +$4,000 of rent $2,000, 50% of the day is over"),
        (0.0, 0.0, 0.0, "scalps $0 of rent $0, 50% of the day is over"),
    ],
)
def test_the_bar_fills_with_scalps(
    qtbot: QtBot, banked: float, rent: float, at: float, words: str
) -> None:
    bar = RentBar()
    qtbot.addWidget(bar)
    assert bar.share(1.0) == 0.0
    bar.show_rent(banked, rent, 0.5)
    assert bar.share(banked) == at
    assert bar.accessibleDescription() == words
    bar.resize(bar.sizeHint())
    assert not bar.grab().isNull()
    bar.retheme(load_tokens("light"))
    bar.show_rent(None, None, 0.0)
    assert not bar.grab().isNull()


def test_the_signature_is_drawn_with_its_errors(qtbot: QtBot) -> None:
    chart = SignatureChart()
    qtbot.addWidget(chart)
    chart.show_signature(VIEW.signature, 0.6)
    assert chart.curve.yData.tolist() == [52.0, 50.0]
    assert chart.errors.opts["height"].tolist() == pytest.approx([2.0, 6.0])
    assert chart.line.value() == 60.0
    low, high = chart.box.viewRange()[1]
    assert low < 47.0
    assert high > 60.0
    assert chart.accessibleDescription() == (
        "5 s: 52.0% ± 1.0%, 5 m: 50.0% ± 3.0%, implied 60.0% (dashed)"
    )
    chart.show_signature((), None)
    assert not chart.line.isVisible()
    assert signature_words((), None) == "No signature yet: no prices yet"
    chart.retheme(load_tokens("light"))


def test_steps_read_short() -> None:
    assert [step_text(each) for each in (5 * SECOND, MINUTE, 4 * HOUR, DAY, 7)] == [
        "5 s", "1 m", "4 h", "1 d", "7 ns",
    ]


MODE = SyntheticView(
    kind=SyntheticKind.FADE_GRID,
    label="Synthetic short gamma: sells rallies, buys dips, loses in trends.",
    sign=-1,
    gamma_1pct_usd=-40_670.0,
    centre=60_000.0,
    target=-0.4,
    max_inventory=2.0,
    trend=1.2,
    trend_limit=2.0,
    blocked="",
    fault="",
    moves=(-0.1, 0.0, 0.1),
    trend_pnl_usd=(-20_335.0, 0.0, -20_335.0),
    day_pnl_usd=(-18_329.0, 2_006.0, -18_329.0),
    says="A straight 10 % move loses 20,335 USD.",
)


def test_a_perps_only_mode_shows_its_label_sign_and_curve(qtbot: QtBot) -> None:
    page = made(qtbot)
    page.show_frame(shown(), "BTC")
    assert not page.mode.isVisibleTo(page)
    page.show_frame(shown(replace(VIEW, synthetic=MODE)), "BTC")
    assert page.mode.isVisibleTo(page)
    assert page.mode.label.text() == MODE.label
    assert page.mode.says.text() == MODE.says
    assert page.mode.state.text() == "Follows the price."
    texts = {name: figure.text() for name, figure in page.mode.facts.items()}
    assert texts == {
        "Convexity": "▼ negative",
        "Effective gamma": "−$40,670",
        "Target added": "−0.4000 BTC",
        "Max inventory": "2.0000 BTC",
        "Trend": "+1.2 of 2.0 σ",
        "Centre": "60,000.00",
    }
    assert page.mode.chart.trend.yData.tolist() == [-20_335.0, 0.0, -20_335.0]
    assert page.mode.chart.box.viewRange()[1][0] < -20_335.0
    assert "+10%: −$20,335 (−$18,329 with a day's variance)" in trend_words(MODE)


def test_what_is_missing_to_arm_it_is_said(qtbot: QtBot) -> None:
    page = made(qtbot)
    box = page.mode
    fault = "fade grid has no trend filter: set the drift, in sigmas, that counts as a trend"
    unset = replace(MODE, fault=fault, trend_limit=0.0, max_inventory=0.0, trend=None)
    box.show_mode(unset, "BTC")
    assert box.state.text() == f"Cannot be armed: {fault}."
    assert box.state.property("tone") == "crit"
    assert facts(unset, "BTC")["Trend"] == facts(unset, "BTC")["Max inventory"] == "not set"
    box.show_mode(replace(MODE, blocked="no trend"), "BTC")
    assert box.state.text() == "Nothing is added now: no trend."
    box.retheme(load_tokens("light"))


def test_without_a_size_there_is_no_curve(qtbot: QtBot) -> None:
    chart = TrendLossChart()
    qtbot.addWidget(chart)
    chart.show_mode(replace(MODE, moves=(), trend_pnl_usd=(), day_pnl_usd=()))
    assert chart.accessibleDescription().startswith("No curve")
    chart.show_mode(MODE)
    assert "day's variance" not in trend_words(replace(MODE, day_pnl_usd=()))
    described = chart.accessibleDescription()
    chart.show_mode(replace(MODE, trend=0.0))
    assert chart.accessibleDescription() == described
