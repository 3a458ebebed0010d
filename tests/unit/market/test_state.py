"""The market as known now: quotes, bars, indices, listings."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import MINUTE, SECOND, YEAR
from terminal.market.quality import flaw
from terminal.market.standing import standing
from terminal.market.state import Market, age, apply, mid, relisted, spot
from terminal.market.volatility import Variance, annual_vol, observe
from terminal.model.instrument import Perpetual
from terminal.model.market import AssumedVol, Bar, Depth, Funding, Gap, Index, OpenInterest, Trade
from terminal.model.messages import Listing
from tests.helpers.builders import FUTURE, NOW, OPTION, PERP, contract, instruments, quote

LISTED = apply(Market(), Listing("sim", instruments()), NOW)


@pytest.mark.parametrize(
    ("given_", "word"),
    [
        (quote(), ""),
        (quote(bid=None), ""),
        (quote(bid=None, ask=None), ""),
        (quote(bid=50_000.5), "crossed"),
        (quote(bid=50_001.0), "crossed"),
        (quote(bid=math.nan), "positive"),
        (quote(ask=math.inf), "positive"),
        (quote(bid=0.0), "positive"),
        (quote(mark=0.0), "positive"),
        (quote(mark=-1.0, iv=0.5), "positive"),
        (quote(mark=0.0, iv=0.5), ""),
        (quote(mark=math.nan, iv=0.5), "positive"),
        (quote(forward=0.0), "forward"),
        (quote(bid_qty=-1.0), "size"),
        (quote(ask_qty=math.nan), "size"),
        (quote(iv=0.0), "volatility"),
        (quote(iv=10.1), "volatility"),
        (quote(iv=math.nan), "volatility"),
    ],
)
def test_flaws_are_named(given_: object, word: str) -> None:
    found = flaw(given_)  # type: ignore[arg-type]
    assert word in found
    assert bool(found) is bool(word)


def test_a_quote_knows_when_it_came_and_the_index_then() -> None:
    market = apply(apply(LISTED, Index("BTC", 50_000.0), NOW), quote(forward=50_100.0), NOW + 5)
    seen = market.quotes[PERP]
    assert (seen.at, seen.spot, seen.flaw) == (NOW + 5, 50_000.0, "")
    assert age(seen, NOW + 25) == 20
    assert age(seen, NOW) == 0


def test_a_bar_is_a_quote_that_stands_until_the_next_and_an_index() -> None:
    bar = Bar(PERP, 1.0, 2.0, 0.5, 50_000.0, None, MINUTE, 2.0)
    market = apply(LISTED, bar, NOW)
    seen = market.quotes[PERP]
    assert (seen.quote.bid, seen.quote.ask) == (49_990.0, 50_010.0)
    assert age(seen, NOW + MINUTE) == 0
    assert age(seen, NOW + MINUTE + SECOND) == SECOND
    assert spot(market, "BTC") == 50_000.0
    option = apply(LISTED, replace(bar, key=OPTION), NOW)
    assert spot(option, "BTC") is None


@pytest.mark.parametrize("price", [0.0, -1.0, math.inf, math.nan])
def test_an_impossible_index_is_not_taken(price: float) -> None:
    before = apply(LISTED, Index("BTC", 50_000.0), NOW)
    assert apply(before, Index("BTC", price), NOW + 1) is before


def test_the_first_index_of_the_run_stays() -> None:
    market = apply(apply(LISTED, Index("BTC", 1.0), NOW), Index("BTC", 2.0), NOW + 1)
    assert (market.first["BTC"], spot(market, "BTC")) == (1.0, 2.0)


def test_nothing_is_changed_in_place() -> None:
    before = replace(LISTED)
    for event in (
        quote(),
        Index("BTC", 1.0),
        Depth(PERP, (), ()),
        Funding(PERP, 0.0, 1, 1),
        Gap(PERP, 1, 2, ""),
        AssumedVol(OPTION, 0.5),
        OpenInterest(OPTION, 3.0),
        Trade(PERP, 1.0, 1.0, buyer_is_taker=True),
        Listing("sim", ()),
    ):
        apply(LISTED, event, NOW)
        assert before == LISTED


def test_a_listing_replaces_its_own_venues_only() -> None:
    other = Perpetual(contract("X", venue="other"), 0)
    market = apply(LISTED, Listing("other", (other,)), NOW)
    assert len(market.instruments) == 4
    assert list(apply(market, Listing("sim", ()), NOW).instruments) == ["X@other"]


def test_what_is_needed_keeps_its_terms_and_the_rest_is_forgotten() -> None:
    market = LISTED
    for key in (PERP, FUTURE, OPTION):
        market = apply(market, quote(key), NOW)
    perp_only = Listing("sim", instruments()[:1])
    after = relisted(market, perp_only, (OPTION,))
    assert set(after.instruments) == set(after.quotes) == {PERP, OPTION}
    assert list(after.delisted) == [OPTION]
    elsewhere = relisted(after, Listing("other", ()), (OPTION,))
    assert list(elsewhere.delisted) == [OPTION]
    assert not relisted(after, Listing("sim", instruments()), (OPTION,)).delisted
    assert set(relisted(after, perp_only, ()).instruments) == {PERP}


def test_open_interest_stands_until_it_is_told_anew_and_goes_with_its_option() -> None:
    market = apply(apply(LISTED, OpenInterest(OPTION, 3.0), NOW), OpenInterest(OPTION, 0.0), NOW)
    assert market.interest == {OPTION: 0.0}
    assert OpenInterest(OPTION, 0.0) in tuple(standing(market))
    perp_only = Listing("sim", instruments()[:1])
    assert relisted(market, perp_only, (OPTION,)).interest == {OPTION: 0.0}
    assert relisted(market, perp_only, ()).interest == {}


def test_mid_needs_both_sides() -> None:
    assert mid(quote()) == 50_000.0
    assert mid(quote(bid=None)) is None


@given(st.floats(0.0001, 0.01))
def test_realised_volatility_of_even_moves(move: float) -> None:
    variance, price = Variance(), 50_000.0
    for minute in range(90):
        variance = observe(variance, price, NOW + minute * MINUTE)
        price *= math.exp(move if minute % 2 else -move)
    vol = annual_vol(variance)
    assert vol == pytest.approx(move * math.sqrt(YEAR / MINUTE), rel=1e-9)


def test_volatility_is_unknown_at_first_and_takes_a_price_a_minute() -> None:
    variance = observe(Variance(), 1.0, NOW)
    assert annual_vol(variance) is None
    assert observe(variance, 2.0, NOW + MINUTE - 1) is variance
    assert observe(variance, 2.0, NOW - MINUTE) is variance
