"""A fault that lasts locks, good data that last free: whatever comes in between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import SECOND, from_seconds
from terminal.market.health import CONFIRM, DWELL, Evidence, fault_of, watched
from terminal.market.state import Seen
from terminal.model.health import FeedWatch
from terminal.model.market import Quote

NOW = 1_000 * SECOND
GOOD = Evidence(
    now=NOW,
    seen=Seen(NOW - SECOND // 10, Quote("p", 99.99, 100.01, mark=100.0)),
    index_at=NOW - SECOND // 10,
    index=100.0,
    gap_end=0,
    clock_offset_ms=None,
    oldest=from_seconds(2.0),
    collar_bps=50.0,
    offset_limit_ms=500.0,
)


def seen(bid: float | None = 99.99, ask: float | None = 100.01, **more: object) -> Seen:
    made = Seen(NOW - SECOND // 10, Quote("p", bid, ask, mark=100.0))
    return replace(made, **more)


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        (GOOD, ""),
        (replace(GOOD, seen=None), "no book"),
        (replace(GOOD, index=None), "no book or no index"),
        (replace(GOOD, seen=seen(at=NOW - 3 * SECOND)), "3.0 s old, limit 2 s"),
        (replace(GOOD, seen=seen(at=NOW - 3 * SECOND, span=2 * SECOND)), ""),
        (replace(GOOD, index_at=NOW - 4 * SECOND), "4.0 s old"),
        (replace(GOOD, gap_end=NOW), "sequence gap"),
        (replace(GOOD, gap_end=NOW - SECOND), ""),
        (replace(GOOD, seen=seen(flaw="book is crossed")), "crossed"),
        (replace(GOOD, seen=seen(bid=None)), "one side"),
        (replace(GOOD, seen=seen(bid=101.0, ask=101.2)), "bp from the mark"),
        (replace(GOOD, index=99.0), "from the index"),
        (replace(GOOD, clock_offset_ms=-501.0), "clock is -501 ms off"),
        (replace(GOOD, clock_offset_ms=499.0), ""),
    ],
)
def test_every_fault_is_named(evidence: Evidence, words: str) -> None:
    found = fault_of(evidence)
    assert words in found
    assert bool(found) == bool(words)


@given(st.lists(st.tuples(st.integers(1, 4_000), st.booleans()), min_size=1, max_size=40))
def test_locks_and_frees_exactly_as_long_as_promised(looks: list[tuple[int, bool]]) -> None:
    watch, now = FeedWatch(), NOW
    bad_since: int | None = None
    good_since: int | None = None
    locked = False
    for wait, bad in looks:
        now += wait * SECOND // 1_000
        watch = watched(watch, "book is crossed" if bad else "", now)
        bad_since = (bad_since or now) if bad else None
        good_since = None if bad else (good_since or now)
        if bad_since is not None and now - bad_since >= CONFIRM:
            locked = True
        if good_since is not None and now - good_since >= DWELL:
            locked = False
        assert bool(watch.locked) == locked


@pytest.mark.parametrize("fault", ["sequence gap: its new book is awaited", "clock is +900 ms off"])
def test_a_gap_or_a_wrong_clock_locks_at_once(fault: str) -> None:
    watch = watched(FeedWatch(), fault, NOW)
    assert watch.locked == fault
    watch = watched(watch, "", NOW + 1)
    assert watch.locked
    assert not watched(watch, "", NOW + 1 + DWELL).locked
