"""Books and moments that hedges took, against the cheapest in hindsight."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import HOUR, SECOND
from terminal.engine.state import FillNote, State
from terminal.engine.step import step
from terminal.hedging.split import Shelf
from terminal.model.instrument import Perpetual
from terminal.model.market import Funding
from terminal.model.messages import Listing
from terminal.model.order import Fill, OrderStatus, Side
from terminal.model.risk import Style
from terminal.model.tca import HedgeCost, Sent
from terminal.runtime.reporting.books_seen import Book, BooksSeen, Sighting, sighting
from terminal.runtime.reporting.hindsight import (
    ALONE,
    BEYOND,
    RESTED,
    UNSEEN,
    Judged,
    judged_hedges,
)
from terminal.runtime.reporting.splits import split_tables, split_words
from tests.helpers.builders import NOW, PERP, SPOT, contract, depth, profile, quote
from tests.helpers.trial import Trial, submits
from tests.unit.runtime.test_report_hedging_error import hedge

OTHER = "BTC-OTHER@far"
LOT = Decimal("0.5")


def book(middle: float, *steps: tuple[float, float]) -> Book:
    return Book(symbol="", mid=middle, lot=LOT, shelf=Shelf(0.5, 1, steps))


def note(order: str, key: str, qty: str, *, maker: bool = False) -> FillNote:
    fill = Fill(
        fill_id=f"{order}-1",
        order_id=order,
        key=key,
        side=Side.BUY,
        qty=Decimal(qty),
        price=Decimal(100),
        fee=Decimal(0),
        fee_currency="USDC",
        maker=maker,
    )
    coins = float(qty)
    return FillNote(fill=fill, at=0, underlying="BTC", coins=coins, fee_usd=0.0, slippage_bps=None)


def sent(name: str, *orders: str, side: Side = Side.BUY) -> HedgeCost:
    left = tuple(Sent(each, at, 100.0, 0.5) for at, each in enumerate(orders))
    return replace(hedge(name), orders=left, side=side)


def sighted(at: int, **books: Book) -> Sighting:
    return Sighting(at=at, spot=100.0, books=books)


def only(*given: Any) -> Judged:
    (found,) = judged_hedges(*given)
    return found


def test_two_orders_of_one_book_worked_by_hand() -> None:
    """Buys 1 + 1 at moments 0 and 1; the book is 2 dearer at the second."""
    seen = {
        "a": sighted(0, P=book(100.0, (1.0, 1.5), (4.0, 1.0))),
        "b": sighted(1, P=book(102.0, (1.0, 9.0))),
    }
    notes = [note("a", "P", "1"), note("b", "P", "1")]
    found = only([sent("h", "a", "b")], notes, seen)
    assert found.done == pytest.approx(1.0 + 3.0)
    assert found.best == pytest.approx(1.5 * 1.0 + 0.5 * 3.0)
    assert found.more == pytest.approx(1.0)
    assert (found.coins, found.value, found.orders) == (2.0, 200.0, 2)
    assert found.cheapest == (("", 0, 1.5), ("", 1, 0.5))
    sold = only([sent("h", "a", "b", side=Side.SELL)], notes, seen)
    assert sold.done == pytest.approx(1.0 - 1.0)
    assert sold.best == pytest.approx(-2.0)


def test_orders_of_one_moment_share_its_book() -> None:
    at_once = {name: sighted(0, P=book(100.0, (1.0, 1.0), (4.0, 1.0))) for name in ("a", "b")}
    at_once = {
        name: replace(each, books={**each.books, "Q": book(9.0)}) for name, each in at_once.items()
    }
    found = only([sent("h", "a", "b")], [note("a", "P", "1"), note("b", "P", "1")], at_once)
    assert found.done == found.best == pytest.approx(5.0)


BOTH = {
    "a": sighted(0, P=book(100.0, (1.0, 1.0)), Q=book(50.0, (1.0, 1.0))),
}


@pytest.mark.parametrize(
    ("notes", "seen", "why"),
    [
        ([note("a", "P", "0.5"), note("a", "P", "0.5", maker=True)], BOTH, RESTED),
        ([note("a", "P", "1")], {}, UNSEEN),
        ([note("a", "elsewhere", "1")], BOTH, UNSEEN),
        ([note("a", "P", "1.5")], BOTH, BEYOND),
        ([note("a", "P", "1")], {"a": sighted(0, P=book(100.0, (1.0, 1.0)))}, ALONE),
        ([note("a", "P", "1")], BOTH, ""),
    ],
)
def test_what_cannot_be_compared_says_why(
    notes: list[FillNote], seen: dict[str, Sighting], why: str
) -> None:
    found = only([sent("h", "a")], notes, seen)
    assert found.why == why
    sums, listed = split_tables([found])
    assert len(listed.rows) == (not why)
    assert (sums.rows[0][-1] is None) == bool(why)
    assert len(list(split_words([found]))) == (not why)
    assert sum(each for each in sums.rows[0][4:8] if isinstance(each, int)) == bool(why)


def test_a_hedge_that_never_filled_and_a_book_that_came_later_are_left_out() -> None:
    assert judged_hedges([sent("h", "a")], [], BOTH) == ()
    seen = {**BOTH, "b": sighted(1, R=book(1.0, (-9.0, 9.0)))}
    found = only([sent("h", "a", "b")], [note("a", "P", "1")], seen)
    assert (found.why, found.more) == ("", 0.0)  # what R did before is unknown


levels = st.lists(st.tuples(st.floats(0.0, 50.0), st.floats(0.5, 3.0)), min_size=1, max_size=4)
drawn_books = st.tuples(st.floats(50.0, 150.0), levels).map(
    lambda each: book(each[0], *sorted(each[1]))
)


@given(
    st.lists(st.tuples(drawn_books, drawn_books), min_size=1, max_size=4),
    st.sampled_from(Side),
    st.data(),
)
def test_nothing_that_was_done_is_cheaper_than_hindsight(
    books: list[tuple[Book, Book]], side: Side, data: st.DataObject
) -> None:
    names = [str(at) for at in range(len(books))]
    seen = {
        name: sighted(at, P=one, Q=two)
        for at, (name, (one, two)) in enumerate(zip(names, books, strict=True))
    }
    notes = [
        note(name, data.draw(st.sampled_from("PQ")), data.draw(st.sampled_from(["0.5", "1"])))
        for name in names
    ]
    found = only([sent("h", *names, side=side)], notes, seen)
    if found.why:
        assert found.why == BEYOND
        return
    assert found.more >= 0.0
    assert sum(size for *_, size in found.took) == pytest.approx(found.coins)
    assert sum(size for *_, size in found.cheapest) == pytest.approx(found.coins)


def test_a_divided_hedge_whose_second_book_moved_meanwhile() -> None:
    """Sells 1 + 1 in books of half a coin a level, 50 USD apart; the second falls by 10 between.

    Done: 25 at the first book, then 0.5 x 10 + 0.5 x 60. In hindsight the best level of each
    book at each of both moments: three at 0 and one at 10 USD below.
    """
    rules = profile(split_books=2, style=Style.MARKET)
    trial = Trial(rules, held="2")
    trial.tell(Listing("far", (Perpetual(contract("BTC-OTHER", venue="far"), 8 * HOUR),)))
    for key in (PERP, OTHER):
        trial.tell(Funding(key, 0.0, 8 * HOUR, NOW + HOUR))
    trial.tell(quote(OTHER, SPOT - 0.5, SPOT + 0.5, mark=SPOT))
    for key in (PERP, OTHER):
        trial.tell(depth(key, step_usd=50.0, size=0.5))
    trial.tick()
    offer = trial.offer
    (first,) = submits(trial.approve())
    trial.now += SECOND // 4
    trial.tell(quote(OTHER, SPOT - 10.5, SPOT - 9.5, mark=SPOT))
    trial.report(first, OrderStatus.LIVE)
    trial.obey(trial.fill(first) + trial.report(first, OrderStatus.FILLED, filled=first.qty))
    seen, state = BooksSeen(State()), State()
    for record in trial.records:
        state, _ = step(state, record)
        seen.hear(state)
    found = only(state.costs.open.values(), state.fills, seen.by_order)
    assert found.hedge_id == offer.proposal_id
    assert found.orders == len(found.took) == 2
    assert found.more == pytest.approx((25.0 + 5.0 + 30.0) - 0.5 * 10.0)
    sums, listed = split_tables([found])
    assert sums.rows[0][:4] == ("BTC", 1, 1, 1)
    assert listed.rows[0][-3] == pytest.approx(55.0 / (2.0 * SPOT) * 1e4)
    assert "55.00 USD (5.50 bp) more" in next(split_words([found]))


def test_a_book_that_no_hedge_could_use_is_no_choice() -> None:
    trial = Trial(profile(style=Style.MARKET), held="2")
    trial.tell(Listing("far", (Perpetual(contract("BTC-OTHER", venue="far"), 8 * HOUR),)))
    trial.tell(quote(OTHER, SPOT - 0.5, SPOT + 0.5, mark=SPOT))
    trial.tick()
    trial.approve()
    (sent_,) = trial.state.costs.open.values()
    found = sighting(trial.state, sent_)
    assert found is not None
    assert set(found.books) == {PERP, OTHER}
    trial.tell(quote(OTHER, SPOT + 0.5, SPOT - 0.5, mark=SPOT))  # crossed
    found = sighting(trial.state, sent_)
    assert found is not None
    assert set(found.books) == {PERP}
    blind = replace(trial.state, market=replace(trial.state.market, index={}))
    assert sighting(blind, sent_) is None


def test_orders_sent_before_the_span_were_not_seen() -> None:
    trial = Trial(profile(style=Style.MARKET), held="2")
    trial.tick()
    trial.approve()
    seen = BooksSeen(trial.state)
    seen.hear(trial.state)
    assert seen.by_order == {}


def test_a_day_without_a_hedge_says_so() -> None:
    for each in split_tables(()):
        assert each.rows == ()
        assert each.empty
    assert list(split_words(())) == []
