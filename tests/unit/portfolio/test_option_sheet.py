"""A sheet that is kept up to date equals one made anew, whatever the market says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import DAY, SECOND
from terminal.market.state import Market, apply
from terminal.model.instrument import Option
from terminal.model.market import AssumedVol, Index
from terminal.model.messages import MarketEvent
from terminal.portfolio.books import Book, Books, refreshed
from terminal.portfolio.option_inputs import Scene
from terminal.portfolio.option_sheet import FEW, Sheet, refreshed_sheet, stale
from terminal.pricing.engines import NUMPY
from tests.unit.portfolio.books import (
    AGE,
    CALLS,
    EXPIRY,
    NOW,
    PUTS,
    SPOT,
    ledger_of,
    linear_future,
    market_of,
    quote,
    quotes,
)

HELD = (*CALLS[:6], *PUTS[:6])
assert len(HELD) > FEW


def book_of(market: Market, held: tuple[Option, ...] = HELD) -> tuple[Books, Book]:
    ledger = ledger_of(*((each, "1", "0.05") for each in held))
    books = refreshed(Books(), market.instruments, ledger)
    return books, books.by_underlying["BTC"]


def seen_from(market: Market, books: Books, now: int, spot: float = SPOT) -> Scene:
    return Scene(market, books, "BTC", spot, now, NUMPY)


def same(kept: Sheet, anew: Sheet) -> bool:
    apart = {"book", "columns", "folded", "quotes"}
    fields = [name for name in Sheet.__struct_fields__ if name not in apart]
    if any(getattr(kept, name) != getattr(anew, name) for name in fields):
        return False
    if kept.columns is None or anew.columns is None:
        return kept.columns is anew.columns
    return np.array_equal(kept.columns, anew.columns, equal_nan=True)


option_news = st.builds(
    quote,
    st.sampled_from(HELD),
    mark=st.none() | st.floats(0.01, 0.3),
    iv=st.none() | st.floats(0.1, 2.0) | st.just(-1.0),
    forward=st.none() | st.floats(50_000.0, 70_000.0),
)
news = st.one_of(
    option_news,
    st.builds(Index, st.just("BTC"), st.floats(40_000.0, 80_000.0)),
    st.builds(AssumedVol, st.sampled_from([each.contract.key for each in HELD]), st.floats(0, 2)),
    st.builds(quote, st.just(linear_future()), mark=st.floats(50_000.0, 70_000.0)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(news, st.integers(0, 40 * SECOND)), max_size=25), st.booleans())
def test_kept_up_to_date_is_made_anew(events: list[tuple[MarketEvent, int]], few: bool) -> None:
    market, now, kept = market_of(*quotes()[::2]), NOW, None
    books, book = book_of(market, HELD[:4] if few else HELD)
    for event, later in events:
        now += later
        market = apply(market, event, now)
        spot = market.index["BTC"].price
        kept = refreshed_sheet(kept, seen_from(market, books, now, spot), book)
        assert same(kept, refreshed_sheet(None, seen_from(market, books, now, spot), book))


@pytest.mark.parametrize("held", [HELD, HELD[:2]])
def test_a_tick_of_the_index_changes_nothing(held: tuple[Option, ...]) -> None:
    market = market_of(*quotes())
    books, book = book_of(market, held)
    first = refreshed_sheet(None, seen_from(market, books, NOW), book)
    moved = apply(market, Index("BTC", 61_000.0), NOW + SECOND // 2)
    scene = seen_from(moved, books, NOW + SECOND // 2, 61_000.0)
    assert refreshed_sheet(first, scene, book) is first
    later = refreshed_sheet(first, replace(scene, now=NOW + SECOND), book)
    assert later.clock == NOW + SECOND
    assert later.inputs is first.inputs


def test_an_expiry_that_passes_makes_it_anew() -> None:
    market = market_of(*quotes())
    books, book = book_of(market)
    before = refreshed_sheet(None, seen_from(market, books, EXPIRY - 1), book)
    assert before.expires == EXPIRY
    after = refreshed_sheet(before, seen_from(market, books, EXPIRY), book)
    assert {each.flag for each in after.inputs} == {"expired, waiting for settlement"}
    assert after.expires > EXPIRY + 365 * DAY
    assert not stale(after, EXPIRY, AGE)


def test_what_is_stale_is_told_option_by_option() -> None:
    market = market_of(*quotes())
    books, book = book_of(market)
    now = NOW + AGE + 3 * SECOND
    market = apply(market, quote(HELD[0], iv=0.5, forward=60_600.0), now)
    sheet = refreshed_sheet(None, seen_from(market, books, now), book)
    old = stale(sheet, now, AGE)
    fresh = book.keys.index(HELD[0].contract.key)
    assert set(old) == set(range(len(HELD))) - {fresh}
    assert set(old.values()) == {"stale 33 s"}
    assert not stale(sheet, NOW + AGE, AGE)
