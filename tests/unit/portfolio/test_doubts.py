"""What statements leave open: spans that hold the truth, and verdicts that need no luck."""

from decimal import Decimal
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.portfolio.doubts import BUSY, NONE, Doubt, Span, differing, narrowed, path, verdict


def span(low: int, high: int) -> Span:
    return Span(Decimal(low), Decimal(high))


def over(limit: int, gap: Decimal) -> bool:
    return gap > limit


def said(doubt: Doubt, limit: int = 1) -> bool | None:
    return verdict(doubt, lambda gap: over(limit, gap))


CHANGES = st.lists(st.integers(-5, 5), max_size=12)


@given(before=CHANGES, inside=CHANGES, after=CHANGES, seen=st.integers(0, 12))
def test_a_path_holds_every_amount_on_the_way_and_no_more_than_the_way(
    before: list[int], inside: list[int], after: list[int], seen: int
) -> None:
    start = sum(before)
    stops = list(accumulate(inside, initial=start))
    now = Decimal(stops[-1] + sum(after))
    changes = [(False, Decimal(each)) for each in reversed(after)]
    changes += [(True, Decimal(each)) for each in reversed(inside)]
    found = path(now, changes)
    assert found == span(min(stops), max(stops))
    stated = stops[min(seen, len(inside))]
    left = differing(found, Decimal(stated + 7))  # seven that nobody told of
    assert left.low <= 7 <= left.high


@given(
    truth=st.integers(-9, 9),
    widths=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=9),
    limit=st.integers(0, 9),
)
def test_one_difference_stays_in_the_doubt_and_no_verdict_is_against_it(
    truth: int, widths: list[tuple[int, int]], limit: int
) -> None:
    doubt = None
    for down, up in widths:
        doubt = narrowed(doubt, span(truth - down, truth + up), span(truth - down, truth + up))
        assert doubt.sums.low <= truth <= doubt.sums.high
        assert said(doubt, limit) in {None, abs(truth) > limit}
    assert doubt is not None
    assert doubt.looks == len(widths)


def test_a_statement_that_contradicts_begins_the_doubt_anew() -> None:
    doubt = narrowed(narrowed(None, span(3, 3), span(3, 3)), span(-1, 1), span(0, 1))
    assert doubt == Doubt(span(-1, 1), span(0, 1), 1)


def test_a_way_that_contradicts_is_begun_anew_and_the_sums_stay() -> None:
    doubt = narrowed(Doubt(span(-1, 4), span(3, 3), 3), span(-2, 2), span(0, 1))
    assert doubt == Doubt(span(-1, 2), span(0, 1), 1)


@pytest.mark.parametrize(
    ("doubt", "locks"),
    [
        (Doubt(NONE, NONE, 1), False),
        (Doubt(span(-1, 1), NONE, 1), False),  # within the tolerance, whatever it is
        (Doubt(span(2, 9), NONE, 1), True),
        (Doubt(span(-9, -2), NONE, 1), True),
        (Doubt(span(0, 2), NONE, 1), None),
        (Doubt(span(0, 2), NONE, BUSY - 1), None),
        (Doubt(span(0, 2), NONE, BUSY), False),
        (Doubt(span(0, 2), span(0, 2), 99), None),
        (Doubt(span(0, 9), span(2, 9), 99), None),  # the way alone finds nothing
    ],
)
def test_a_verdict_holds_for_all_that_the_difference_may_be(
    doubt: Doubt, locks: bool | None
) -> None:
    assert said(doubt) is locks
