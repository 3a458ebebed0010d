"""The carry page: who pays, when, where it is best, and what has been paid."""

from decimal import Decimal
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from terminal.core.units import DAY, HOUR, SECOND
from terminal.model.carry import (
    CarryCoin,
    CarryQuote,
    CarryRow,
    CarryStamp,
    CarryView,
    FundingDay,
    Rates,
    Realised,
)
from terminal.model.instrument import CarryKind
from tests.ui.panel_frame import NOW, desk, frame
from ui.panels.book_carry import CLOCK, HELD, MATRIX, PAID, CarryPage
from ui.panels.carry_words import headline, next_text, quoted_text, side_words

RATES = Rates(1e-4, 8 * HOUR, 1e-4, 0.1095)


def row(symbol: str = "BTC-PERP", due: float | None = -12.4, **more: Any) -> CarryRow:
    plain: dict[str, Any] = {
        "key": f"{symbol}@sim",
        "symbol": symbol,
        "venue": "sim",
        "underlying": symbol[:3],
        "kind": CarryKind.FUNDING,
        "qty": Decimal(1),
        "notional_usd": 124_000.0,
        "rates": RATES,
        "continuous": False,
        "next_at": NOW + 41 * SECOND,
        "settle": "USDC",
        "due": due,
        "due_usd": due,
        "day_usd": None if due is None else 3 * due,
        "year_usd": None if due is None else 1095 * due,
    }
    return CarryRow(**plain | more)


def quote(venue: str, year: float, **more: Any) -> CarryQuote:
    plain: dict[str, Any] = {
        "key": f"BTC-PERP@{venue}",
        "symbol": "BTC-PERP",
        "venue": venue,
        "underlying": "BTC",
        "settle": "USDC",
        "kind": CarryKind.FUNDING,
        "rates": Rates(year / 1095, 8 * HOUR, year / 1095, year),
        "continuous": False,
        "next_at": NOW + HOUR,
    }
    return CarryQuote(**plain | more)


NEAR, FAR = quote("a", 0.1095), quote("b", -0.2, kind=CarryKind.BORROW)
COIN = CarryCoin(
    underlying="BTC",
    cells=(NEAR, FAR, None),
    best_long=FAR,
    worst_long=NEAR,
    best_short=NEAR,
    worst_short=FAR,
)
DAYS = (
    FundingDay(
        day=NOW // DAY, key="BTC-PERP@sim", currency="BTC", amount=Decimal("-0.001"), usd=-60.0,
        payments=3,
    ),
    FundingDay(
        day=NOW // DAY - 1, key="ETH-PERP@sim", currency="USDC", amount=Decimal("2.5"), usd=2.5,
        payments=1,
    ),
)  # fmt: skip
VIEW = CarryView(
    rows=(row(), row("ETH-PERP", 3.0, next_at=NOW + HOUR)),
    columns=("a USDC", "b USDC", "c USDC"),
    coins=(COIN,),
    realised=Realised(
        days=DAYS,
        earlier=(("BTC", Decimal("0.5")),),
        booked=(("BTC", Decimal("0.499")), ("USDC", Decimal("2.5"))),
    ),
    stamps=(
        CarryStamp(at=NOW + 41 * SECOND, underlying="BTC", what="funding", usd=-12.4),
        CarryStamp(at=NOW + 2 * DAY, underlying="ETH", what="expiry: 2 × option", delta=-1.5),
    ),
)


@pytest.fixture
def page(qtbot: QtBot) -> CarryPage:
    made = CarryPage()
    qtbot.addWidget(made)
    return made


def shown(view: CarryView = VIEW, now: int = NOW) -> Any:
    return frame(desks=(desk("BTC"), desk("ETH")), carry=view, now=now)


def texts(page: CarryPage) -> list[list[str]]:
    model = page.table().model
    return [[column.show(each) for column in model.columns] for each in model.rows]


def choose(page: CarryPage, part: str) -> None:
    page.choice.set_current(part)
    page._choose(part)


def test_the_next_payment_in_words_counts_down(page: CarryPage) -> None:
    page.show_frame(shown(), "")
    assert page.headline.text() == (
        "You PAY 12.40 USD in 00:41; at these rates −28.20 USD a day."
    )
    assert page.headline.property("tone") == "dn"
    assert texts(page)[0][1] == "you PAY 12.40 USD in 00:41"
    page.show_frame(shown(now=NOW + SECOND), "")
    assert texts(page)[0][1] == "you PAY 12.40 USD in 00:40"
    page.show_frame(shown(), "ETH")
    assert "RECEIVE 3.00 USD in 01:00:00" in page.headline.text()
    assert len(texts(page)) == 1


def test_rates_in_three_units(page: CarryPage) -> None:
    page.show_frame(shown(), "BTC")
    assert texts(page)[0][4:7] == ["+0.0100% / 8 h", "+1.00 bps", "+10.9%"]
    assert quoted_text(Rates(1e-4, HOUR, 8e-4, 0.876)) == "+0.0100% / 1 h"
    assert quoted_text(Rates(1e-4, HOUR // 2, 8e-4, 0.876)) == "+0.0100% / 30 min"


def test_the_matrix_has_the_venues_that_are_listed(page: CarryPage) -> None:
    choose(page, MATRIX)
    page.show_frame(shown(), "")
    titles = [column.title for column in page.table().model.columns]
    assert titles[:4] == ["Coin", "a USDC", "b USDC", "c USDC"]
    cells = texts(page)[0]
    assert cells[1] == "+1.00 bps · +10.9%"
    assert cells[2].endswith("fee")
    assert cells[3] == ""
    assert cells[4] == side_words(FAR, 0.2) == "BTC-PERP@b, earns 20.0%"
    assert page.note.isHidden()
    page.show_frame(shown(CarryView(columns=("a USDC",), coins=())), "")
    assert "no other venue" in page.note.text()
    assert page.table().accessibleName()


def test_the_ledger_ties(page: CarryPage) -> None:
    choose(page, PAID)
    page.show_frame(shown(), "")
    lines = texts(page)
    assert lines[0][:5] == [
        "2026-01-21", "BTC-PERP", "sim", "−0.001", "BTC",
    ]  # fmt: skip
    totals = [each for each in lines if each[0].startswith(("Earlier", "Total"))]
    assert [(each[0], each[3], each[5]) for each in totals] == [
        ("Earlier BTC", "0.5", "–"),
        ("Total BTC", "0.499", "–"),
        ("Total USDC", "2.5", "+$2.50"),
    ]
    assert "to the last digit" in page.note.text()
    page.show_frame(shown(), "ETH")
    assert [each[1] for each in texts(page)] == ["ETH-PERP", ""]
    loose = Realised(days=DAYS, booked=(("BTC", Decimal(9)),), ties=False)
    page.show_frame(shown(CarryView(realised=loose)), "")
    assert "Does not sum" in page.note.text()


def test_the_clock_says_what_ends(page: CarryPage) -> None:
    choose(page, CLOCK)
    page.show_frame(shown(), "")
    funding, expiry = texts(page)
    assert (funding[0], funding[5]) == ("00:41", "you PAY 12.40 USD")
    assert expiry[0] == "2 d 00:00"
    assert expiry[4:] == ["−1.500 ETH", "this delta disappears"]


def test_empty_says_why(page: CarryPage) -> None:
    page.show_frame(shown(CarryView()), "")
    assert "No perpetual is held" in page.headline.text()
    for part in (HELD, MATRIX, PAID, CLOCK):
        choose(page, part)
        assert texts(page) == []
    assert page.count(shown(), "") is None


def test_what_is_unknown_or_accrues_reads_so() -> None:
    assert next_text(row(due=None), NOW) == "–"
    assert next_text(row(next_at=0), NOW) == "–"
    hourly = row(continuous=True, next_at=0)
    assert next_text(hourly, NOW) == "you PAY 12.40 USD an hour, all the time"
    assert headline([hourly], NOW) == (
        "No stamp to come; at these rates −37.20 USD a day.",
        None,
    )
    assert "amount is unknown" in headline([row(due=None)], NOW)[0]
