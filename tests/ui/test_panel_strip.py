"""The exposure strip: unknown is never shown as fine, and nothing pushes the window wide."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from terminal.core.units import HOUR
from terminal.model.frame import Desk, Frame, Pnl
from terminal.model.greeks import Exposure, Sensitivity
from terminal.model.hedge import Target
from tests.ui.queue_frames import NOW, desk, frame
from ui.panels.strip import MARGINS, StripPanel, four_deltas, place_of
from ui.theme.apply import apply_theme
from ui.theme.fonts import sans
from ui.theme.tokens import load_tokens
from ui.widgets.gauge import DeltaGauge
from ui.widgets.kpi import KpiCard

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

COINS = ("BTC", "ETH", "SOL")
BAND = Target(0.0, -0.5, 0.5, "band", "inside")
RISK = Sensitivity(
    value_usd=1e5,
    delta=0.62,
    delta_net_of_premium=0.51,
    delta_with_equity=1.42,
    delta_usd=52_700.0,
    gamma=0.001,
    gamma_1pct_usd=84_798.0,
    vega_usd=61.4,
    theta_usd_day=-3653.0,
)


def exposure(name: str, **changes: Any) -> Exposure:
    made = replace(desk(name).exposure, total=RISK)
    return replace(made, **changes)


def held(name: str, **changes: Any) -> Desk:
    plain: dict[str, Any] = {
        "exposure": exposure(name),
        "net_delta": 0.1,
        "target": BAND,
        "funding_usd_8h": -3.0,
        "funding_next": NOW + HOUR,
        "implied_vol": 0.54,
        "realised_vol": 0.41,
    }
    return desk(name, **plain | changes)


def book(*desks: Desk) -> Frame:
    pnl = Pnl(total=1234.0, day=-56.0, hedge_cost_day=7.5, equity=None)
    return frame(desks=desks, pnl=pnl)


class Strip:
    """A shown strip and its cards by title."""

    def __init__(self) -> None:
        self.panel = StripPanel(load_tokens("dark"))
        self.panel.resize(1900, 110)
        self.panel.show()

    def show(self, made: Frame, underlying: str = "All") -> None:
        self.panel.select(underlying)
        self.panel.render_frame(made)
        QApplication.processEvents()

    def card(self, title: str) -> KpiCard:
        cards = self.panel.findChildren(KpiCard)
        return next(card for card in cards if card.accessibleName().startswith(title))

    def shown(self) -> list[KpiCard]:
        return [card for card in self.panel.findChildren(KpiCard) if card.isVisible()]

    def gauges(self) -> list[DeltaGauge]:
        return [gauge for gauge in self.panel.findChildren(DeltaGauge) if gauge.isVisible()]


@pytest.fixture
def strip(qapp: QApplication, qtbot: QtBot) -> Strip:
    apply_theme(qapp, load_tokens("dark"))
    made = Strip()
    qtbot.addWidget(made.panel)
    return made


@pytest.mark.parametrize(
    ("net", "word", "alert"),
    [
        (0.51, "ABOVE BAND", "true"),
        (-0.51, "BELOW BAND", "true"),
        (0.5, "IN BAND", "false"),
        (-0.5, "IN BAND", "false"),
    ],
)
def test_net_delta_says_where_it_is(strip: Strip, net: float, word: str, alert: str) -> None:
    strip.show(book(held("BTC", net_delta=net)), "BTC")
    card = strip.card("Net delta")
    assert (card.badge_text(), card.property("alert")) == (word, alert)
    assert card.value_text() == f"{'−' if net < 0 else '+'}{abs(net):.4f} BTC"


@pytest.mark.parametrize("missing", ["net_delta", "target"])
def test_unknown_delta_is_neither_zero_nor_in_band(strip: Strip, missing: str) -> None:
    blind = held("BTC", **{missing: None, "verdict": "no fresh quote"})
    strip.show(book(blind), "BTC")
    card = strip.card("Net delta")
    assert (card.value_text(), card.badge_text()) == ("–", "UNKNOWN")
    assert card.property("alert") == "true"
    strip.show(book(held("ETH"), blind))
    assert strip.card("Net delta").badge_text() == "UNKNOWN"


def test_unusable_exposure_shows_no_greeks(strip: Strip) -> None:
    blind = exposure("BTC", usable=False, flag="BTC-27NOV26-84000-P has no mark")
    for underlying in ("BTC", "All"):
        strip.show(book(held("BTC", exposure=blind)), underlying)
        for title in ("Gamma", "Vega", "Theta", "Delta in USD"):
            assert strip.card(title).value_text() == "–"
    assert "no mark" in four_deltas(held("BTC", exposure=blind))


def test_all_counts_the_books_outside(strip: Strip) -> None:
    strip.show(book(held("BTC"), held("ETH", net_delta=9.0), held("SOL", net_delta=-9.0)))
    card = strip.card("Net delta")
    assert card.badge_text() == "2 OUTSIDE BAND"
    assert card.value_text() == "+$158,100"
    assert card.sub_text() == "BTC +0.100  ETH +9.000  SOL −9.000"


def test_all_shows_one_gauge_a_book(strip: Strip) -> None:
    strip.show(book(*map(held, COINS)))
    assert [g.accessibleName().partition(" ")[0] for g in strip.gauges()] == list(COINS)
    strip.show(book(*map(held, COINS)), "ETH")
    assert [g.accessibleName().partition(" ")[0] for g in strip.gauges()] == ["ETH"]


def test_in_band_for_all_needs_every_book(strip: Strip) -> None:
    strip.show(book(*map(held, COINS)))
    assert strip.card("Net delta").badge_text() == "IN BAND"
    strip.show(book())
    assert strip.card("Net delta").badge_text() == "UNKNOWN"


def test_deltas_are_labelled_and_never_mixed(strip: Strip) -> None:
    strip.show(book(held("BTC")), "BTC")
    words = strip.card("Net delta").toolTip()
    assert "Black-Scholes: +0.6200 BTC" in words
    assert "net of premium: +0.5100 BTC" in words
    assert "with equity: +1.4200 BTC" in words
    assert "in USD: +$52,700" in words


def test_the_delta_that_is_hedged_is_named(strip: Strip) -> None:
    made = book(held("BTC"))
    strip.show(made, "BTC")
    kind = made.profile.policies["BTC"].delta.value.replace("_", " ")
    assert strip.card("Net delta").sub_text().lower().replace("-", " ").endswith(kind)


def test_what_is_in_flight_is_said(strip: Strip) -> None:
    strip.show(book(held("BTC", exposure=exposure("BTC", working=-0.25))), "BTC")
    assert strip.card("Net delta").sub_text().startswith("−0.250 in flight")


def test_one_unknown_funding_leaves_the_sum_unknown(strip: Strip) -> None:
    strip.show(book(held("BTC"), held("ETH")))
    assert strip.card("Funding").value_text() == "−$6.00"
    strip.show(book(held("BTC"), held("ETH", funding_usd_8h=None)))
    assert strip.card("Funding").value_text() == "–"


def test_figures_and_units(strip: Strip) -> None:
    strip.show(book(held("BTC")), "BTC")
    texts = {
        title: (strip.card(title).value_text(), strip.card(title).sub_text())
        for title in ("Gamma", "Vega", "Theta", "Funding", "P&L", "Hedge cost", "Implied")
    }
    assert texts == {
        "Gamma": ("+$84,798", "delta per 1 % move"),
        "Vega": ("+$61.4", "per vol point"),
        "Theta": ("−$3,653", "per calendar day"),
        "Funding": ("−$3.00", "you pay in 1 h"),
        "P&L": ("+$1,234", "all · today −$56"),
        "Hedge cost": ("$7.50", "fees and slippage"),
        "Implied": ("54.0%", "realised 1 h 41.0%"),
    }


@pytest.mark.parametrize(("width", "least"), [(1900, 9), (1280, 6), (1024, 5), (600, 3)])
def test_cards_that_fit_are_shown_whole(strip: Strip, width: int, least: int) -> None:
    long = held("BTC", verdict="no fresh quote of BTC-PERPETUAL for 31 s " * 3, net_delta=None)
    big = replace(RISK, gamma_1pct_usd=-12_345_678.0, delta_usd=98_765_432.0)
    for made, name in (
        (book(held("BTC", exposure=exposure("BTC", total=big, working=-1234.5))), "BTC"),
        (book(long), "BTC"),
        (book(*(held(coin, exposure=exposure(coin, total=big)) for coin in COINS)), "All"),
    ):
        strip.panel.resize(width, 110)
        strip.show(made, name)
        strip.show(made, name)
        assert strip.panel.width() == width
        assert len(strip.shown()) >= least
        for label in strip.panel.findChildren(QLabel):
            if label.isVisible():
                room = QFontMetrics(label.font()).horizontalAdvance(label.text())
                assert room <= label.width() + 1, label.text()


@pytest.mark.parametrize("width", [1900, 1600, 1280, 1024])
@pytest.mark.parametrize("scale", [0.001, 1.0, -37.0, 4_321.0, -2e6])
def test_the_delta_in_usd_is_told_without_dots(strip: Strip, width: int, scale: float) -> None:
    total = replace(RISK, delta_net_of_premium=0.51 * scale, delta_with_equity=1.42 * scale)
    strip.panel.resize(width, 110)
    one = book(held("BTC", exposure=exposure("BTC", total=total)))
    strip.show(one, "BTC")
    strip.show(one, "BTC")
    card = strip.card("Delta in USD")
    words = card.sub_text()
    assert "…" not in words
    assert words.startswith("net ")
    if card.isVisible():
        assert " · eq " in words
        assert QFontMetrics(sans()).horizontalAdvance(words) <= card.width() - MARGINS
    assert "delta, with equity:" in card.toolTip()


@given(net=st.floats(-1e6, 1e6), low=st.floats(-1e6, 1e6), span=st.floats(0.0, 1e6))
def test_place_follows_the_band(net: float, low: float, span: float) -> None:
    word, outside = place_of(net, low, low + span)
    assert outside == (not low <= net <= low + span)
    assert (word == "IN BAND") != outside
