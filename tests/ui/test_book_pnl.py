"""The P&L page: causes, days, filters, and a residual that turns amber and says why."""

from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from terminal.core.units import DAY
from terminal.model.attribution import (
    EVER,
    EXPIRED,
    AttributionView,
    Bucket,
    Cell,
    Episode,
    Stray,
    Why,
)
from tests.ui.panel_frame import NOW, frame, pnl, split
from ui.panels.attribution_words import (
    MEANINGS,
    REASONS,
    Choice,
    chosen,
    options_of,
    residual_text,
    summed,
)
from ui.panels.book_pnl import PnlPage

TODAY = NOW // DAY


def cell(usd: float, bucket: Bucket = Bucket.GAMMA, **more: Any) -> Cell:
    plain: dict[str, Any] = {
        "day": TODAY,
        "episode": 1,
        "underlying": "BTC",
        "expiry": NOW,
        "venue": "deribit",
    }
    return Cell(**plain | more, usd={bucket: usd}, gross=abs(usd))


CELLS = (
    cell(100.0),
    cell(-40.0, Bucket.THETA, day=TODAY - 1),
    cell(-7.0, Bucket.FEES, underlying="ETH", expiry=0, venue="sim", episode=2),
    cell(3.0, Bucket.VEGA, day=EVER, expiry=EXPIRED, episode=0),
    cell(5.0, Bucket.COLLATERAL, expiry=0, venue=""),
)
EPISODES = (
    Episode("BTC", 1, NOW, "the run's opening"),
    Episode("ETH", 2, NOW, "a new UTC day, no options held"),
)
VIEW = AttributionView(cells=CELLS, episodes=EPISODES, total=61.0, at=NOW)


@pytest.fixture
def page(qtbot: QtBot) -> PnlPage:
    made = PnlPage()
    qtbot.addWidget(made)
    made.show_frame(frame(attribution=VIEW, pnl=pnl(61.0)), "")
    return made


def shown(page: PnlPage, column: int) -> list[str]:
    model = page.table.model
    return [model.columns[column].show(row) for row in model.rows]


def pick(page: PnlPage, place: int, label: str) -> None:
    box = page.filters[place]
    found = next(n for n in range(box.count()) if label in box.itemText(n))
    box.setCurrentIndex(found)
    box.activated.emit(found)


def test_causes_sum_to_the_total(page: PnlPage) -> None:
    assert shown(page, 0) == ["Gamma", "Theta", "Vega", "Collateral", "Fees", "Total"]
    assert shown(page, 1)[-1] == "+$61.00"
    assert "Gamma +$100.00" in page.bars.accessibleDescription()


def test_today_and_days(page: PnlPage) -> None:
    page.span.chosen.emit(page.span.current())
    page.span.set_current("today")
    page.span.chosen.emit("today")
    assert shown(page, 1)[-1] == "+$98.00"
    page.span.set_current("days")
    page.span.chosen.emit("days")
    assert shown(page, 1) == ["+$98.00", "−$40.00", "+$3.00", "+$61.00"]
    assert shown(page, 0)[2:] == ["earlier", "Total"]


@pytest.mark.parametrize(
    ("place", "label", "total"),
    [
        (0, "ETH", "−$7.00"),
        (1, "expired earlier", "+$3.00"),
        (1, "no expiry", "−$2.00"),
        (2, "deribit", "+$63.00"),
        (2, "account", "+$5.00"),
        (3, "ETH 2", "−$7.00"),
        (3, "BTC earlier", "+$3.00"),
    ],
)
def test_filters(page: PnlPage, place: int, label: str, total: str) -> None:
    pick(page, place, label)
    assert shown(page, 1)[-1] == total


def test_a_choice_stays_while_more_comes(page: PnlPage) -> None:
    pick(page, 0, "ETH")
    more = replace(VIEW, cells=(*CELLS, cell(1.0, underlying="SOL")), total=62.0)
    page.show_frame(frame(attribution=more), "")
    assert page.choice() == Choice(underlying="ETH")
    assert shown(page, 1)[-1] == "−$7.00"
    assert [*options_of(more)[0]] == ["", "BTC", "ETH", "SOL"]


def test_the_residual_turns_amber_and_says_why(page: PnlPage) -> None:
    assert page.residual.property("tone") == "mut"
    stray = Stray(NOW, "BTC-1", -4.0, Why.MARKS)
    bad = split({Bucket.GAMMA: 100.0, Bucket.RESIDUAL: -4.0}, worst=(stray,))
    page.show_frame(frame(attribution=bad), "")
    assert page.residual.property("tone") == "warn"
    text = page.residual.text()
    assert "4.00%" in text
    assert REASONS[Why.MARKS] in text
    assert "BTC-1 −$4.00" in text


def test_an_unknown_total_says_what_is_missing(page: PnlPage) -> None:
    page.show_frame(
        frame(attribution=replace(VIEW, total=None, missing="no value of BTC-1")), ""
    )
    assert shown(page, 1)[-1] == "–"
    assert page.residual.text().startswith("Total unknown: no value of BTC-1")
    assert page.residual.property("tone") == "warn"


def test_nothing_yet(qtbot: QtBot) -> None:
    page = PnlPage()
    qtbot.addWidget(page)
    page.show_frame(frame(), "")
    assert not page.table.model.rows
    assert page.residual.text() == "Residual: nothing has moved yet"


def test_every_cause_and_reason_has_words() -> None:
    assert set(MEANINGS) == set(Bucket)
    assert set(REASONS) == set(Why)


def test_parts_add_up_to_the_whole() -> None:
    whole = summed(CELLS)
    parts = [
        summed(chosen(CELLS, Choice(underlying=name))) for name in ("BTC", "ETH")
    ]
    assert sum(whole.values()) == pytest.approx(sum(sum(part.values()) for part in parts))
    assert residual_text((), ()) == ("Residual: nothing has moved yet", False)


def test_everything_has_a_name(page: PnlPage) -> None:
    parts: list[QWidget] = [page.table, page.span, page.bars, *page.filters]
    assert all(part.accessibleName() for part in parts)
