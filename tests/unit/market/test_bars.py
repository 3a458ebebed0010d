"""Bars as quotes: the spread their tape assumes, and how long they stand."""

import pytest

from terminal.core.units import BPS, MINUTE, SECOND
from terminal.market.state import Market, age, apply, spot
from terminal.model.market import Bar
from terminal.model.messages import Listing
from tests.helpers.builders import contract, instruments

NOW = 1_700_000_000 * SECOND


def taken(close: float, half: float) -> Market:
    market = apply(Market(), Listing("deribit", instruments()), NOW)
    return apply(market, Bar(contract().key, 1.0, 2.0, 0.5, close, None, MINUTE, half), NOW)


@pytest.mark.parametrize("half", [0.0, 0.5, 20.0])
def test_a_bar_is_quoted_around_its_close_at_the_assumed_spread(half: float) -> None:
    seen = taken(50_000.0, half).quotes[contract().key]
    assert seen.quote.bid == pytest.approx(50_000.0 * (1.0 - half * BPS))
    assert seen.quote.ask == pytest.approx(50_000.0 * (1.0 + half * BPS))
    assert not seen.flaw


def test_a_bar_stands_for_its_own_span_and_then_grows_old() -> None:
    seen = taken(50_000.0, 0.5).quotes[contract().key]
    assert age(seen, NOW + MINUTE) == 0
    assert age(seen, NOW + MINUTE + SECOND) == SECOND


@pytest.mark.parametrize("close", [0.0, -1.0])
def test_an_impossible_close_is_flagged_and_moves_no_index(close: float) -> None:
    market = taken(close, 0.0)
    assert market.quotes[contract().key].flaw
    assert spot(market, "BTC") is None
