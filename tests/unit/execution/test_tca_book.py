"""The book of costs: mark-outs at their time or never, totals, fees that tie."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import HOUR, SECOND
from terminal.execution.tca import Executed, ended
from terminal.execution.tca_book import KEEP_HEDGES, NEVER, CostBook, kept, marked, over, took
from terminal.model.order import Side
from terminal.model.tca import HedgeCost
from tests.helpers.builders import NOW, PERP, fill
from tests.unit.execution.test_tca import bought, working

AT = NOW + 2 * SECOND  # of the fills


def with_fill(side: Side = Side.BUY, name: str = "BTC-1-test") -> CostBook:
    """A book with one hedge that has filled."""
    book = kept(CostBook(), replace(working(side=side), hedge_id=name))
    return took(book, name, bought(50_000.0, side=side))


def bps(record: HedgeCost) -> list[float | None]:
    return [mark.bps for mark in record.marks]


def later(book: CostBook, *quotes: tuple[float, float]) -> CostBook:
    """The book after quotes: seconds after the fill, and mid."""
    for seconds, middle in quotes:
        now = AT + round(seconds * SECOND)
        if now >= book.due:
            book = marked(book, now, PERP, middle)
    return book


def test_mark_outs_are_at_the_first_quote_at_or_after_their_time() -> None:
    book = with_fill()
    assert book.due == AT + SECOND
    book = later(book, (0.9, 1.0), (1.0, 50_005.0), (5.0, 1.0), (10.5, 49_990.0), (60.0, 50_050.0))
    assert bps(book.open["BTC-1-test"]) == pytest.approx([1.0, -2.0, 10.0])
    assert book.pending == ()
    assert book.due == NEVER
    sold = later(with_fill(Side.SELL), (1.0, 50_005.0))
    assert bps(sold.open["BTC-1-test"]) == [pytest.approx(-1.0), None, None]


def test_after_a_gap_a_mark_out_stays_unknown() -> None:
    book = later(with_fill(), (2.1, 50_005.0))
    assert bps(book.open["BTC-1-test"]) == [None, None, None]
    assert book.due == AT + 10 * SECOND
    book = later(book, (60.0, 50_050.0))  # as on a tape of minutes
    assert bps(book.open["BTC-1-test"]) == [None, None, pytest.approx(10.0)]
    gone = later(with_fill(), (3600.0, 1.0))
    assert bps(gone.open["BTC-1-test"]) == [None, None, None]
    assert gone.pending == ()


def test_only_the_instruments_own_sound_quotes_count() -> None:
    book = with_fill()
    other = marked(book, AT + SECOND, "ETH-PERP@sim", 3000.0)
    flawed = marked(book, AT + SECOND, PERP, None)
    assert other.pending == flawed.pending == book.pending
    assert bps(marked(flawed, AT + 2 * SECOND, PERP, 50_005.0).open["BTC-1-test"])[0] == 1.0


def test_several_fills_are_marked_by_their_notional() -> None:
    book = took(with_fill(), "BTC-1-test", bought(50_000.0, "3"))
    book = later(book, (1.0, 50_005.0))
    mark = book.open["BTC-1-test"].marks[0]
    assert mark.notional == 200_000.0
    assert mark.usd == pytest.approx(20.0)


def test_a_hedge_enters_the_totals_a_minute_after_its_end() -> None:
    book = with_fill()
    book = over(book, ended(book.open["BTC-1-test"], AT + SECOND, "complete", 0.0))
    book = later(book, (1.0, 50_005.0), (10.0, 50_000.0), (60.0, 50_000.0))
    assert book.open
    assert book.due == AT + 61 * SECOND
    book = later(book, (61.0, 50_000.0))
    assert not book.open
    assert book.due == NEVER
    (record,), (tally,) = book.done, book.tallies.values()
    assert tally.hedges == 1
    assert tally.hour == AT // HOUR % 24
    assert tally.total == pytest.approx(record.paid.total)
    assert tally.marks == record.marks
    assert tally.liquidity == "taker"


def test_a_late_fill_still_counts_within_the_minute() -> None:
    book = with_fill()
    book = over(book, ended(book.open["BTC-1-test"], AT, "cancelled", 90.0))
    late = Executed(fill(2), AT + 50 * SECOND, 1.0, 1.0)
    book = took(book, "BTC-1-test", late)
    book = later(book, (60.0, 50_000.0))
    assert book.open["BTC-1-test"].filled == 2  # waits for the mark-outs of its late fill
    book = later(book, (110.0, 50_000.0))
    assert book.done[0].filled == 2


@given(fees=st.lists(st.tuples(st.booleans(), st.decimals(-9, 9, places=12)), max_size=8))
def test_fees_tie_to_every_fill(fees: list[tuple[bool, Decimal]]) -> None:
    book = kept(CostBook(), replace(working(), hedge_id="ours"))
    for mine, fee in fees:
        book = took(book, "ours" if mine else "by hand", bought(50_000.0, fee=fee))
    ours, strays = dict(book.fees), dict(book.strays)
    both = ours.get("USDC", Decimal(0)) + strays.get("USDC", Decimal(0))
    assert both == sum((fee for _, fee in fees), Decimal(0))
    assert dict(book.open["ours"].fees) == ours


def test_the_screen_keeps_the_latest_and_the_totals_all() -> None:
    book = CostBook()
    for number in range(KEEP_HEDGES + 5):
        record = replace(working(), hedge_id=f"h{number}")
        book = over(kept(book, record), ended(record, AT, "stopped", 0.0))
        book = marked(book, AT + 61 * SECOND, PERP, None)
    assert len(book.done) == KEEP_HEDGES
    assert book.done[-1].hedge_id == f"h{KEEP_HEDGES + 4}"
    (tally,) = book.tallies.values()
    assert tally.hedges == tally.unfilled == KEEP_HEDGES + 5
    assert tally.liquidity == "none"


def test_lessons_are_taught_once_and_only_by_what_is_known() -> None:
    book = with_fill()
    record = book.open["BTC-1-test"]
    taught = over(book, ended(record, AT, "complete", 0.0))
    assert taught.learned[PERP].hedges == 1
    unknown = replace(record, quoted_cost=None)
    assert over(book, ended(unknown, AT, "complete", 0.0)).learned == {}
