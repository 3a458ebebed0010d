"""The page of execution costs: every number with its unit, unknown never as zero."""

from decimal import Decimal
from typing import Any

from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from terminal.core.units import SECOND
from terminal.model.order import Side
from terminal.model.tca import HedgeCost, Mark, Sent, Shortfall
from terminal.model.tca_view import TcaView
from tests.ui.panel_frame import NOW, desk, frame
from ui.panels.book_tca import TcaPage

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
    predicted_fee=25.0,
    predicted_spread=0.5,
    predicted_impact=0.0,
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
    model = page.table.model
    return [{each.title: each.show(row) for each in model.columns} for row in model.rows]


def test_a_hedge_with_its_parts(qtbot: QtBot) -> None:
    page = TcaPage()
    qtbot.addWidget(page)
    page.show_frame(shown(HEDGE), "")
    (row,) = texts(page)
    assert row["Side"] == "▲ BUY"
    assert row["Decision mid $"] == "50,000.00"
    assert row["Arrival $"] == "50,010.00"
    assert row["Fill $"] == "50,012.00"
    parts = [row[f"{name} bp"] for name in ("Delay", "Spread", "Impact", "Fee", "Total")]
    assert parts == ["+2.0", "+0.1", "+0.3", "+5.0", "+7.4"]
    assert row["Total $"] == "$37.00"
    assert row["Predicted bp"] == "+5.1"
    assert [row[f"{each} bp"] for each in ("1 s", "10 s", "60 s")] == ["+10.0", "−5.0", "–"]


def test_what_is_unknown_is_a_dash(qtbot: QtBot) -> None:
    page = TcaPage()
    qtbot.addWidget(page)
    paid = Shortfall(delay=None, spread=None, impact=None, price=None, fee=None)
    page.show_frame(shown(replace(HEDGE, decision_mid=None, orders=(), paid=paid)), "")
    (row,) = texts(page)
    dashes = ("Decision mid $", "Arrival $", "Delay bp", "Fee bp", "Total bp", "Total $")
    assert [row[each] for each in dashes] == ["–"] * 6


def test_one_coin_at_a_time_and_nothing_said_so(qtbot: QtBot) -> None:
    page = TcaPage()
    qtbot.addWidget(page)
    page.show_frame(shown(HEDGE), "ETH")
    assert texts(page) == []
    page.show_frame(shown(HEDGE), "BTC")
    assert len(texts(page)) == 1
