"""The what-if page: legs are typed, asked about, and answered in maps and words."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from terminal.model.frame import Frame
from terminal.model.greeks import Sensitivity
from terminal.model.hedge import Ticket
from terminal.model.messages import SendTickets
from terminal.model.order import Side
from terminal.model.what_if import Candidate, SupposedLeg, WhatIf, WhatIfView
from tests.ui.queue_frames import NOW, desk, frame
from ui.panels.book_what_if import WhatIfPage, lines_of
from ui.theme.tokens import load_tokens

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

CALL, PERP = "BTC-27MAR26-90000-C@sim", "BTC-PERPETUAL@sim"
SPOTS, VOLS, DAYS = (-0.1, 0.0, 0.1), (-0.5, 0.0, 0.5), (0.0, 1.0, 3.0, 7.0, 14.0)
CUBE = np.arange(45.0).reshape(5, 3, 3) - 4.0
WITH = Sensitivity(9.0, 1.5, 1.4, 2.5, 135_000.0, 2e-4, 16_200.0, 40.0, -300.0)


def view(question: WhatIf, **changes: object) -> WhatIfView:
    made = WhatIfView(
        question=question,
        at=NOW,
        fault="",
        spot=90_000.0,
        listed=(PERP, CALL),
        spots=SPOTS,
        vols=VOLS,
        days=DAYS,
        pnl_usd=CUBE,
        delta=CUBE / 10.0,
        gamma=CUBE * 1e-6,
        before=Sensitivity(delta=0.5),
        after=WITH,
        cost_usd=12.5,
        candidates=(
            Candidate(
                PERP, "BTC-PERPETUAL", Side.SELL, Decimal(13_500), 1.5, 135_000.0, 68.0
            ),
        ),
    )
    return replace(made, **changes)


@pytest.fixture
def page(qtbot: QtBot) -> WhatIfPage:
    made = WhatIfPage(load_tokens("dark"))
    qtbot.addWidget(made)
    made.resize(900, 260)
    made.show()
    return made


def asked(page: WhatIfPage) -> list[Any]:
    found: list[Any] = []
    page.asked.connect(found.append)
    return found


def shown(question: WhatIf, **changes: object) -> Frame:
    return replace(frame(), what_if=view(question, **changes))


def ready(page: WhatIfPage) -> list[Any]:
    """Show the answer to nothing supposed, so that the instruments are listed."""
    found = asked(page)
    page.show_frame(frame(), "BTC")
    page.show_frame(shown(WhatIf("BTC")), "BTC")
    return found


def typed(page: WhatIfPage, key: str, qty: str) -> None:
    page.instrument.setCurrentText(key)
    page.qty.setText(qty)
    QTest.keyClick(page.qty, Qt.Key.Key_Return)


def test_legs_are_typed_and_asked_about(page: WhatIfPage) -> None:
    found = ready(page)
    typed(page, CALL, "−2")
    typed(page, PERP, "1,000")
    typed(page, CALL, "3")
    call, perp = SupposedLeg(CALL, Decimal(3)), SupposedLeg(PERP, Decimal(1000))
    assert found[0] == WhatIf("BTC")
    assert found[1] == WhatIf("BTC", (SupposedLeg(CALL, Decimal(-2)),))
    assert found[-1] == WhatIf("BTC", (perp, call))
    assert page.count(frame(), "BTC") == 2
    page.legs.select(PERP)
    page.remove.click()
    assert found[-1] == WhatIf("BTC", (call,))
    page.legs.select(None)
    page.remove.click()
    assert found[-1] == WhatIf("BTC")
    assert page.count(frame(), "BTC") is None


@pytest.mark.parametrize("text", ["", "two", "NaN", "0", "inf", "1e"])
def test_a_size_that_is_none_asks_nothing_and_says_so(page: WhatIfPage, text: str) -> None:
    found = ready(page)
    typed(page, CALL, text)
    assert len(found) == 1
    assert "is no number of contracts" in page.told.text()


def test_an_instrument_that_is_not_listed_is_refused(page: WhatIfPage) -> None:
    found = ready(page)
    typed(page, "DOGE-PERP", "1")
    assert len(found) == 1
    assert "DOGE-PERP is not in the list" in page.told.text()


def test_an_answer_is_shown_in_words_and_on_the_map(page: WhatIfPage) -> None:
    ready(page)
    names = [line.name for line in lines_of(view(WhatIf("BTC", (SupposedLeg(PERP, Decimal(1)),))))]
    assert names == [
        "Net Δ", "Γ $/1 %", "Vega $/pt", "Θ $/day", "Value $", "Cost to enter",
        "Hedge in BTC-PERPETUAL",
    ]
    assert page.map.cell_at(9.0, 40.0) == (2, 2)
    assert page.map.cell_at(90.0, 0.0) is None
    page.map.hovered.emit((2, 0))
    assert page.told.text() == "price -10 %, vol +50 %: P&L $ +2.00"
    page.day._buttons["1"].click()
    page.map.hovered.emit((2, 0))
    assert page.told.text().endswith("+11.00")
    page.measure._buttons["gamma"].click()
    page.map.hovered.emit((1, 1))
    assert page.told.text().endswith("Γ $/1 % +729.00")  # 9e-6 at 90,000: times S^2 / 100
    page.map.hovered.emit(None)
    assert page.told.text().startswith("priced anew in")


def test_an_old_answer_is_not_shown_for_a_new_question(page: WhatIfPage) -> None:
    ready(page)
    typed(page, CALL, "1")
    page.show_frame(shown(WhatIf("BTC"), after=None), "BTC")
    assert page.numbers.model.rows[0].after == "+1.5000 BTC"


def test_a_fault_is_said(page: WhatIfPage) -> None:
    page.show_frame(frame(), "BTC")
    blank = {"pnl_usd": None, "delta": None, "gamma": None, "before": None, "after": None}
    page.show_frame(shown(WhatIf("BTC"), fault="BTC has no price now", **blank), "BTC")
    assert page.told.text() == "BTC has no price now"
    assert page.map.cell_at(0.0, 0.0) is None


def test_another_coin_begins_anew_and_a_hidden_page_asks_nothing(page: WhatIfPage) -> None:
    found = ready(page)
    typed(page, CALL, "1")
    page.show_frame(frame(desks=(desk("BTC"), desk("ETH"))), "ETH")
    assert found[-1] == WhatIf("ETH")
    page.hide()
    assert found[-1].underlying == ""


def test_other_colours(page: WhatIfPage) -> None:
    ready(page)
    page.retheme(load_tokens("light"))
    assert page.map.cell_at(0.0, 0.0) == (1, 1)
def test_legs_and_the_selected_hedge_are_sent_as_tickets(page: WhatIfPage) -> None:
    found = ready(page)
    assert not page.send.isEnabled()
    page._on_send()
    assert found[-1] == WhatIf("BTC")
    typed(page, CALL, "2")
    assert page.send.isEnabled()
    question = found[-1]
    page.show_frame(shown(question), "BTC")
    page.numbers.select(PERP)
    page.send.click()
    tickets = (Ticket(CALL, Decimal(2)), Ticket(PERP, Decimal(-13_500)))
    assert SendTickets("BTC", tickets) in found
    assert page.count(frame(), "BTC") is None
    assert "see the proposals" in page.told.text()


def test_a_hedge_of_an_older_answer_is_not_sent(page: WhatIfPage) -> None:
    ready(page)
    page.numbers.select(PERP)
    assert page.tickets() == (Ticket(PERP, Decimal(-13_500)),)
    typed(page, CALL, "2")
    assert page.tickets() == (Ticket(CALL, Decimal(2)),)
