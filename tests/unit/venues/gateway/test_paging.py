"""Pages are followed to the last one, and a history that does not go on is no answer."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import VenueError
from terminal.venues.dialects.dialect import Raw
from terminal.venues.gateway.asks import Ask, Span, at
from terminal.venues.gateway.paging import (
    DAY_MS,
    LATE_MS,
    by_cursor,
    by_last,
    by_next_id,
    by_time,
    windows,
)

ROWS = at("list")


def at_ms(row: Raw) -> int:
    return int(str(row["ms"]))


def asked(ask: Ask) -> dict[str, object]:
    first = ask.args[0]
    assert isinstance(first, dict)
    return first


def page(*numbers: int) -> tuple[Raw, ...]:
    return tuple({"id": each, "ms": each} for each in numbers)


def following(ask: Ask, reply: object, rows: tuple[Raw, ...] = ()) -> Ask | None:
    assert ask.more is not None
    return ask.more(reply, rows)


def test_a_cursor_is_followed_until_there_is_none() -> None:
    first = by_cursor("get", {"limit": 2}, ROWS, "result", "next")
    second = following(first, {"result": {"next": "a"}})
    assert second is not None
    assert asked(second) == {"limit": 2, "cursor": "a"}
    assert following(second, {"result": {"next": ""}}) is None
    assert following(second, {}) is None
    with pytest.raises(VenueError, match="leads nowhere"):
        following(second, {"result": {"next": "a"}})


def test_a_full_page_is_followed_by_the_one_after_its_last_row() -> None:
    first = by_last("get", {}, ROWS, full=2, name="id")
    assert following(first, {}, page(9)) is None
    second = following(first, {}, page(9, 8))
    assert second is not None
    assert asked(second) == {"after": "8"}
    with pytest.raises(VenueError, match="does not go on"):
        following(second, {}, page(9, 8))


def test_ids_go_on_without_the_time_that_the_first_page_was_asked_by() -> None:
    plain = Ask("get", ({"symbol": "B", "startTime": 5},), ROWS)
    first = by_next_id(plain, full=2, field="id", symbol="B")
    second = following(first, {}, page(7, 8))
    assert second is not None
    assert asked(second) == {"symbol": "B", "fromId": 9, "limit": 2}
    third = following(second, {}, page(9, 10))
    assert third is not None
    assert asked(third)["fromId"] == 11
    assert following(third, {}, page(11)) is None


def test_times_go_on_from_the_last_row_and_never_stand_still() -> None:
    first = by_time(Ask("get", ({"since": 5},), ROWS), full=2, start="since", at_ms=at_ms)
    second = following(first, {}, page(5, 9))
    assert second is not None
    assert asked(second) == {"since": 9}
    assert following(second, {}, page(9)) is None
    with pytest.raises(VenueError, match="one moment"):
        following(second, {}, page(9, 9))


def test_a_reply_that_says_whether_there_is_more_is_believed() -> None:
    plain = Ask("get", ({"since": 5},), ROWS)
    first = by_time(plain, full=1, start="since", at_ms=at_ms, more_of="has_more")
    assert following(first, {"result": {"has_more": False}}, page(6)) is None
    assert following(first, {"result": {"has_more": True}}, page(6)) is not None


@given(
    since=st.integers(0, 10**13),
    days=st.integers(0, 400),
    most=st.sampled_from((3, 7)),
    rest=st.integers(0, DAY_MS),
)
def test_windows_leave_no_hole_and_none_is_too_long(
    since: int, days: int, most: int, rest: int
) -> None:
    span = Span((), since, since + days * DAY_MS + rest)
    cut = list(windows(span, most))
    assert cut[0][0] == since
    assert cut[-1][1] == span.until + LATE_MS
    assert all(before[1] == after[0] for before, after in pairwise(cut))
    assert all(0 < end - start <= most * DAY_MS for start, end in cut)
