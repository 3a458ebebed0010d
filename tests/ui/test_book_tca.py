"""The page of execution costs: every number with its unit, unknown never as zero."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from terminal.core.units import HOUR, SECOND
from terminal.model.order import Side
from terminal.model.tca import HedgeCost, Mark, Sent, Shortfall
from terminal.model.tca_tally import Calibration, tally_of
from terminal.model.tca_view import CostBelief, TcaView
from tests.ui.panel_frame import NOW, PROFILE, desk, frame
from ui.charts.calibration import CalibrationChart
from ui.panels.book_tca import TcaPage
from ui.theme.tokens import load_tokens

HEDGE = HedgeCost(
    hedge_id="BTC-1",
    underlying="BTC",
    key="BTC-PERPETUAL@deribit",
    rule="Whalley-Wilmott",
    by="user",
    side=Side.BUY,
    asked=Decimal(10),
    asked_coins=1.0,
    decided_at=NOW,
    approved_at=NOW + 2 * SECOND,
    decision_mid=50_000.0,
    predicted_usd=25.5,
    expected_slip=0.5,
    orders=(Sent("o1", NOW + 2 * SECOND, 50_010.0, 0.5),),
    quoted_cost=5.1e-4,
    acked_at=NOW + 3 * SECOND,
    first_fill_at=NOW + 3 * SECOND,
    last_fill_at=NOW + 4 * SECOND,
    ended_at=NOW + 4 * SECOND,
    end="complete",
    filled=Decimal(10),
    coins=1.0,
    notional=50_012.0,
    paid=Shortfall(delay=10.0, spread=0.5, impact=1.5, price=12.0, fee=25.0),
    marks=(Mark(50.0, 50_000.0), Mark(-25.0, 50_000.0), Mark()),
)


def shown(*hedges: HedgeCost, **more: Any) -> Any:
    return frame(desks=(desk("BTC"), desk("ETH")), tca=TcaView(hedges=hedges, **more))


def texts(page: TcaPage) -> list[dict[str, str]]:
    model = page.table().model
    return [{each.title: each.show(row) for each in model.columns} for row in model.rows]


def made(qtbot: QtBot) -> TcaPage:
    page = TcaPage()
    qtbot.addWidget(page)
    return page


def test_a_hedge_with_its_parts(qtbot: QtBot) -> None:
    page = made(qtbot)
    page.show_frame(shown(HEDGE), "")
    (row,) = texts(page)
    assert row["Side"] == "▲ BUY"
    assert row["Decision mid $"] == "50,000.00"
    assert row["Arrival $"] == "50,010.00"
    assert row["Fill $"] == "50,012.00"
    parts = [row[f"{name} bp"] for name in ("Delay", "Spread", "Impact", "Fee", "Total")]
    assert parts == ["+2.0", "+0.1", "+0.3", "+5.0", "+7.4"]
    assert row["Total $"] == "+$37.00"
    assert row["Predicted bp"] == "+5.1"
    assert [row[f"{each} bp"] for each in ("1 s", "10 s", "60 s")] == ["+10.0", "−5.0", "–"]
    assert row["End"] == "complete"


def test_what_is_unknown_is_a_dash(qtbot: QtBot) -> None:
    page = made(qtbot)
    paid = Shortfall(delay=None, spread=None, impact=None, price=None, fee=None)
    lost = replace(HEDGE, decision_mid=None, orders=(), paid=paid, opportunity=None)
    page.show_frame(shown(lost), "")
    (row,) = texts(page)
    dashes = ("Decision mid $", "Arrival $", "Delay bp", "Fee bp", "Total bp", "Total $")
    assert [row[each] for each in dashes] == ["–"] * 6
    assert row["Missed $"] == "–"
    unfilled = replace(HEDGE, coins=0.0, notional=0.0, paid=Shortfall(), ended_at=0)
    page.show_frame(shown(unfilled), "")
    (row,) = texts(page)
    assert [row[each] for each in ("Fill $", "Total bp", "Total $")] == ["–"] * 3
    assert row["End"] == "working"


def test_one_coin_at_a_time_and_emptiness_explained(qtbot: QtBot) -> None:
    page = made(qtbot)
    page.show_frame(shown(HEDGE), "ETH")
    for title, table in page.tables.items():
        page.choice.set_current(title)
        page._choose(title)
        assert texts(page) == []
        said = [label.text() for label in table.findChildren(QLabel)]
        assert any(len(text) > 40 for text in said)
    assert "nothing to compare" in page.chart.accessibleDescription()
    page.choice.set_current("Hedges")
    page.show_frame(shown(HEDGE), "BTC")
    assert len(texts(page)) == 1


def test_totals_by_policy_sum_to_all(qtbot: QtBot) -> None:
    page = made(qtbot)
    other = replace(HEDGE, hedge_id="BTC-2", rule="timer", decided_at=NOW + HOUR)
    tallies = (tally_of(HEDGE), tally_of(other), tally_of(replace(HEDGE, coins=0.0)))
    page.show_frame(shown(HEDGE, other, tallies=tallies), "")
    page.choice.set_current("Policy")
    page._choose("Policy")
    ours, timer, whole = texts(page)
    assert [ours["Policy"], timer["Policy"], whole["Policy"]] == ["Whalley-Wilmott", "timer", "All"]
    assert (ours["Hedges"], timer["Hedges"]) == ("2", "1")
    assert whole["Hedges"] == "3"
    assert whole["Unfilled"] == "1"
    assert whole["Total $"] == "+$74.00"
    assert whole["Total bp"] == "+7.4"
    assert whole["Paid / predicted"] == "1.45 ± 0.00"
    assert "2 hedges cost 7.40 bp ($74.00), predicted 5.10 bp" in page.headline.text()
    assert "An ack takes 1.0 s, 95 of 100 1.0 s." in page.headline.text()
    page.choice.set_current("Hour")
    page._choose("Hour")
    assert [row["Hour"] for row in texts(page)] == ["12:00 UTC", "13:00 UTC", "All"]


def test_delays_by_stage(qtbot: QtBot) -> None:
    page = made(qtbot)
    page.show_frame(shown(HEDGE), "")
    page.choice.set_current("Delays")
    page._choose("Delays")
    rows = {row["Stage"]: row["Median"] for row in texts(page)}
    assert rows["Decision to approval"] == "2.0 s"
    assert rows["Sent to ack"] == "1.0 s"
    assert rows["Decision to last fill"] == "4.0 s"


def test_both_costs_are_shown_and_which_is_used(qtbot: QtBot) -> None:
    page = made(qtbot)
    belief = CostBelief(
        underlying="BTC",
        key=HEDGE.key,
        quoted=5e-4,
        factor=0.8,
        hedges=34,
        used=4.5e-4,
        rested=0.75,
    )
    page.show_frame(shown(beliefs=(belief,)), "")
    page.choice.set_current("Band cost")
    page._choose("Band cost")
    (row,) = texts(page)
    found = [row[each] for each in ("Quoted bp", "Learned bp", "Used bp", "Rested")]
    assert found == ["5.00", "4.00", "4.50", "75%"]
    assert row["Paid / quoted"] == "0.800 ×"
    assert "quoted cost: Learned cost is 0 %" in page.headline.text()
    half = replace(PROFILE, learned_cost_pct=50.0)
    page.show_frame(replace(shown(beliefs=(belief,)), profile=half), "")
    assert "corrected to 50 %" in page.headline.text()


def test_predicted_against_paid_is_drawn(qtbot: QtBot) -> None:
    chart = CalibrationChart()
    qtbot.addWidget(chart)
    cheap = replace(HEDGE, predicted_usd=10.5)
    fit = tally_of(HEDGE).fit + tally_of(cheap).fit
    chart.show_hedges((HEDGE, cheap, replace(HEDGE, decision_mid=None)), fit)
    x, y = chart.points.getData()
    assert x.tolist() == pytest.approx([5.1, 2.1])
    assert y.tolist() == pytest.approx([7.4, 7.4])
    ends = chart.fitted.getData()
    assert ends[1][-1] / ends[0][-1] == pytest.approx(fit.slope)
    assert "over 2 hedges" in chart.accessibleDescription()
    low, high = chart.box.viewRange()[1]
    assert low <= 0.0
    assert high > 7.4
    chart.show_hedges((), Calibration())
    assert not chart.fitted.isVisible()
    chart.retheme(load_tokens("light"))


def test_the_page_fits_a_small_window(qtbot: QtBot) -> None:
    page = made(qtbot)
    page.show_frame(shown(HEDGE, tallies=(tally_of(HEDGE),)), "")
    assert page.minimumSizeHint().width() <= 900
    assert page.choice.sizeHint().width() <= 900
    page.retheme(load_tokens("colour_blind"))
