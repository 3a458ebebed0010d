"""The page that holds the books beside the venues."""

from decimal import Decimal

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from terminal.core.units import SECOND
from terminal.model.account import OpenOrder
from terminal.model.dead_man import DeadManView
from terminal.model.messages import AdoptVenue, CancelForeign
from terminal.model.order import Side
from terminal.model.reconcile import AccountView, Discord, ForeignOrder, Subject
from tests.ui.panel_frame import NOW, frame
from ui.panels.book_reconcile import DIFFERENCES, EMPTY, FOREIGN, NOBODY, ReconcilePage

ROW = Discord(
    subject=Subject.POSITION,
    name="BTC-PERPETUAL@deribit",
    underlying="BTC",
    ours=Decimal("1.5"),
    theirs=Decimal(3),
    locks=True,
)
STRANGER = ForeignOrder(
    venue="deribit",
    order=OpenOrder(
        venue_id="v9",
        key="BTC-PERPETUAL@deribit",
        side=Side.SELL,
        qty=Decimal(2),
        limit=Decimal(70_000),
    ),
    coins=-2.0,
    why="counted as in flight",
)
ACCOUNT = AccountView(
    venue="deribit",
    asked=True,
    age=4 * SECOND,
    compared=NOW,
    rows=(ROW,),
    foreign=(STRANGER,),
    locked=("BTC: position BTC-PERPETUAL: ours 1.5, deribit 3",),
)


@pytest.fixture
def page(qtbot: QtBot) -> ReconcilePage:
    made = ReconcilePage()
    qtbot.addWidget(made)
    return made


def texts(page: ReconcilePage, part: str) -> list[list[str]]:
    model = page.tables[part].model
    return [[column.show(each) for column in model.columns] for each in model.rows]


def test_two_columns_and_why_hedging_is_locked(page: ReconcilePage) -> None:
    shown = frame(accounts=(ACCOUNT,))
    page.show_frame(shown, "")
    assert texts(page, DIFFERENCES) == [
        ["deribit", "position", "BTC-PERPETUAL", "1.5", "3", "1.5", "locks BTC"]
    ]
    assert "stated 4.0 s ago" in page.state.text()
    assert "LOCKED, BTC: position" in page.state.text()
    assert page.count(shown, "") == 2
    within = replace(ACCOUNT, rows=(replace(ROW, locks=False),), locked=())
    page.show_frame(frame(accounts=(within,)), "")
    assert texts(page, DIFFERENCES)[0][-1] == "within tolerance"
    assert "not locked" in page.state.text()


def test_adopting_needs_a_difference_and_a_reason(page: ReconcilePage, qtbot: QtBot) -> None:
    asked: list[object] = []
    page.asked.connect(asked.append)
    page.show_frame(frame(accounts=(replace(ACCOUNT, rows=()),)), "")
    page.reason.setText("no difference")
    assert not page.adopt.isEnabled()
    page.show_frame(frame(accounts=(ACCOUNT,)), "")
    page.reason.setText("  ")
    assert not page.adopt.isEnabled()
    page.reason.setText("traded by hand")
    assert page.adopt.isEnabled()
    assert page.adopt.text() == "Adopt deribit"
    page.adopt.click()
    assert asked == [AdoptVenue("deribit", "traded by hand")]
    assert not page.adopt.isEnabled()  # the reason is used up
    del qtbot


def test_of_two_venues_that_differ_a_row_chooses_one(page: ReconcilePage) -> None:
    other = replace(ACCOUNT, venue="okx")
    page.show_frame(frame(accounts=(ACCOUNT, other)), "")
    page.reason.setText("seen")
    assert not page.adopt.isEnabled()
    page.tables[DIFFERENCES].select("okx position BTC-PERPETUAL@deribit")
    page.show_frame(frame(accounts=(ACCOUNT, other), now=NOW + SECOND), "")
    assert page.adopt.text() == "Adopt okx"


def test_foreign_orders_are_listed_and_can_be_cancelled(page: ReconcilePage) -> None:
    asked: list[object] = []
    page.asked.connect(asked.append)
    page.show_frame(frame(accounts=(ACCOUNT,)), "")
    assert not page.cancel.isEnabled()
    page.choice.set_current(FOREIGN)
    assert texts(page, FOREIGN)[0][1:6] == ["BTC-PERPETUAL", "▼ SELL", "2", "70,000", "−2.0000"]
    page.tables[FOREIGN].select("deribit v9")
    page.show_frame(frame(accounts=(ACCOUNT,), now=NOW + SECOND), "")
    assert page.cancel.isEnabled()
    page.cancel.click()
    assert asked == [CancelForeign("deribit", "v9")]


def test_why_it_is_empty_is_said(page: ReconcilePage) -> None:
    page.show_frame(frame(), "")
    assert page.tables[DIFFERENCES].findChildren(type(page.state))[0].text() == NOBODY
    calm = AccountView(venue="sim", asked=False)
    page.show_frame(frame(accounts=(calm,)), "")
    assert page.tables[DIFFERENCES].findChildren(type(page.state))[0].text() == EMPTY
    assert "not asked again" in page.state.text()
    assert page.count(frame(), "") is None


def test_the_dead_mans_switch_is_shown_for_what_it_is(page: ReconcilePage) -> None:
    armed = DeadManView(venue="okx", kind="countdown", armed=True, seconds=60)
    off = DeadManView(venue="deribit", kind="on_disconnect", armed=False, why="no connection")
    page.show_frame(frame(switches=(armed, off)), "")
    assert "okx: dead-man's switch armed: the venue cancels orders 60 s" in page.state.text()
    assert "deribit: dead-man's switch NOT armed (no connection)" in page.state.text()
    page.show_frame(frame(switches=(replace(off, armed=True),), now=NOW + SECOND), "")
    assert "when the connection is lost" in page.state.text()
