"""The page that says what carries a hedge: places, reasons, splits, baskets, proxy, nothing."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from terminal.core.units import HOUR
from terminal.model.hedge import Ticket
from terminal.model.hedge_with import (
    BasketRow,
    BasketTrade,
    HedgeRow,
    HedgeWith,
    ProxyCoin,
    ProxyView,
    SplitLeg,
    SplitRow,
)
from terminal.model.messages import SendTickets
from terminal.model.order import Side
from tests.ui.panel_frame import desk, frame
from ui.panels.book_legs import LegsPage, leg_lines, proxy_lines, size_text
from ui.theme.fonts import semibold
from ui.widgets.table_paint import PADDING

ROW = HedgeRow(
    key="BTC_USDC-PERPETUAL@deribit",
    symbol="BTC_USDC-PERPETUAL",
    venue="deribit",
    kind="perpetual",
    rank=1,
    qty=Decimal("0.85"),
    coins=0.85,
    fee_bp=5.0,
    spread_bp=0.1,
    impact_bp=0.25,
    carry_bp=-1.25,
    total_bp=4.1,
    total_usd=32.8,
    margin_usd=1_600.0,
    free_usd=950_000.0,
    reason="cheapest by 1.2 bp",
)
OUT = replace(
    ROW,
    key="BTC-27MAR26@deribit",
    symbol="BTC-27MAR26",
    rank=0,
    fee_bp=None,
    spread_bp=None,
    impact_bp=None,
    carry_bp=None,
    total_bp=None,
    total_usd=None,
    margin_usd=None,
    reason="one-sided book",
)
SPLIT = SplitRow(
    legs=(
        SplitLeg("BTC_USDC-PERPETUAL", Decimal("0.5"), 0.5, "BTC_USDC-PERPETUAL@deribit"),
        SplitLeg("BTC-PERPETUAL", Decimal(2975), 0.35, "BTC-PERPETUAL@deribit"),
    ),
    coins=0.85,
    total_bp=3.3,
    total_usd=26.4,
    saves_bp=0.8,
    saves_usd=6.4,
    reason="saves 0.8 bp; shown only",
)
BASKET = BasketRow(
    name="Delta-gamma",
    trades=(
        BasketTrade("BTC-27MAR26-90000-C", Side.SELL, Decimal(2), "BTC-27MAR26-90000-C@deribit"),
    ),
    cost_usd=84.0,
    before={"delta": 0.9, "gamma_1pct_usd": -40_000.0},
    after={"delta": 0.05, "gamma_1pct_usd": -2_000.0},
    reason="",
)
VIEW = HedgeWith(
    underlying="BTC",
    side=Side.SELL,
    coins=0.85,
    occasion="the proposal",
    holding=8 * HOUR,
    rows=(ROW, OUT),
    split=SPLIT,
    baskets=(BASKET,),
)
PROXY = ProxyView(
    proxy="BTC",
    coins=(ProxyCoin("ETH", 100_000.0, 1.29, 1.28, 0.81),),
    delta_usd=129_000.0,
    hedge_coins=-1.5,
    sd_before_usd=4_000.0,
    sd_after_usd=2_300.0,
)


def shown(*views: HedgeWith, proxy: ProxyView | None = None) -> Any:
    return frame(
        desks=(desk("BTC"), desk("ETH")),
        hedge_with={view.underlying: view for view in views},
        proxy=proxy,
    )


@pytest.fixture
def page(qtbot: QtBot) -> LegsPage:
    made = LegsPage()
    qtbot.addWidget(made)
    return made


def texts(page: LegsPage) -> list[list[str]]:
    model = page.table.model
    return [[column.show(row) for column in model.columns] for row in model.rows]


def test_the_table(page: LegsPage) -> None:
    page.show_frame(shown(VIEW, proxy=PROXY), "")
    rows = texts(page)
    assert rows[0][:7] == [
        "BTC", "1", "BTC_USDC-PERPETUAL", "deribit", "▼ SELL 0.8500", "4.10", "$32.80",
    ]  # fmt: skip
    assert rows[0][7:12] == ["5.00", "0.10", "0.25", "−1.25", "$1.6K / $950.0K"]
    assert rows[0][12] == "cheapest by 1.2 bp"
    assert rows[1][1:7] == ["", "BTC-27MAR26", "deribit", "–", "–", "–"]
    assert rows[1][11:] == ["unknown", "one-sided book"]
    assert rows[2][2] == "Split over 2 books"
    assert rows[2][12] == "0.5000 BTC_USDC-PERPETUAL + 0.3500 BTC-PERPETUAL: " + SPLIT.reason
    assert rows[3][2:7] == ["Delta-gamma", "", "–", "–", "$84.00"]
    assert rows[3][12] == (
        "sell 2 BTC-27MAR26-90000-C; delta 0.9000 → 0.05000, gamma −40,000 → −2,000"
    )
    assert rows[4][2:5] == ["BTC for the whole book", "", "▼ SELL 1.500"]
    assert rows[4][12] == (
        "beta-adjusted +$129,000; one-day risk $4,000 → $2,300 stays; betas ETH 1.29"
    )
    assert page.sizes.text() == "sell 0.8500 BTC (the proposal, held about 8 h 00 min)"


def test_a_coin_without_a_ranking_says_why(page: LegsPage) -> None:
    waiting = HedgeWith(
        underlying="ETH", side=None, coins=0.0, occasion="no index price of ETH yet", holding=None
    )
    page.show_frame(shown(VIEW, waiting), "ETH")
    assert [row[12] for row in texts(page)] == ["no index price of ETH yet"]
    assert page.sizes.text() == "ETH: not ranked"
    bare = replace(VIEW, rows=(), split=None, baskets=(), basket_note="no option is quoted")
    names = [(line.name, line.why) for line in leg_lines(bare)]
    assert names == [
        ("No instrument", "no perpetual, future or spot pair of this coin is listed"),
        ("With options", "no option is quoted"),
    ]


def test_nothing_looked_at_yet_says_so(page: LegsPage) -> None:
    page.show_frame(shown(), "")
    assert not page.table.model.rows
    assert not page.sizes.isVisible()
    assert page.count(shown(), "") is None


def test_the_same_frame_is_not_drawn_twice(page: LegsPage, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    monkeypatch.setattr(page.table, "show_rows", lambda rows: drawn.append(len(rows)))
    page.show_frame(shown(VIEW), "")
    page.show_frame(shown(VIEW), "")
    assert len(drawn) == 1
    page.show_frame(shown(replace(VIEW, coins=0.9)), "")
    page.show_frame(shown(replace(VIEW, coins=0.9)), "BTC")
    assert len(drawn) == 3


def test_an_unknown_proxy_gives_its_reason() -> None:
    (line,) = proxy_lines(ProxyView(proxy="BTC", reason="12 of 48 hours of prices seen"))
    assert (line.why, line.side, line.coins) == ("12 of 48 hours of prices seen", None, None)
    assert list(proxy_lines(None)) == []


def test_one_book_alone_has_no_legs() -> None:
    alone = replace(SPLIT, legs=(), total_bp=None, total_usd=None, reason="one book is as cheap")
    line = [each for each in leg_lines(replace(VIEW, split=alone)) if each.name == "Split"]
    assert [each.why for each in line] == ["one book is as cheap"]
    assert size_text(replace(VIEW, holding=None)).endswith("(the proposal)")


def test_nothing_is_cut_off(page: LegsPage) -> None:
    large = replace(ROW, coins=123_456.7, total_usd=1_234_567.89, margin_usd=99e6, free_usd=999e6)
    page.show_frame(shown(replace(VIEW, rows=(large, OUT))), "")
    metrics = QFontMetrics(semibold())
    cut = []
    for column in page.table.model.columns[:-1]:
        written = [column.title, *(column.show(each) for each in page.table.model.rows)]
        widest = max(metrics.horizontalAdvance(text) for text in written) + 2 * PADDING
        if widest > column.width:
            cut.append((column.title, widest))
    assert cut == []


def test_everything_has_a_name(page: LegsPage) -> None:
    assert page.accessibleName() == "Hedge with"
    assert page.table.view.accessibleName() == "Hedge with"


@pytest.mark.parametrize(
    ("row", "tickets"),
    [
        ("BTC " + ROW.key, (Ticket(ROW.key, Decimal("-0.85")),)),
        ("BTC " + OUT.key, ()),
        (
            "BTC Split over 2 books",
            (
                Ticket("BTC_USDC-PERPETUAL@deribit", Decimal("-0.5")),
                Ticket("BTC-PERPETUAL@deribit", Decimal(-2975)),
            ),
        ),
        ("BTC Delta-gamma", (Ticket("BTC-27MAR26-90000-C@deribit", Decimal(-2)),)),
    ],
)
def test_the_orders_of_the_selected_row_are_sent_as_tickets(
    page: LegsPage, row: str, tickets: tuple[Ticket, ...]
) -> None:
    sent: list[Any] = []
    page.asked.connect(sent.append)
    page.show_frame(shown(VIEW), "")
    assert not page.send.isEnabled()
    page.send.click()
    place = page.table.model.row_of(row)
    assert place is not None
    page.table.view.selectRow(place)
    assert page.send.isEnabled() is bool(tickets)
    page.send.click()
    assert sent == ([SendTickets("BTC", tickets)] if tickets else [])
    page.show_frame(shown(), "")  # the row has gone, and with it what it would send
    assert not page.send.isEnabled()
