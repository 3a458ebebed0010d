"""Whether the data that hedges a coin can be believed, and for how long it could or could not.

A fault of a moment refuses a hedge of that moment; a fault that lasts locks hedging, and the lock
holds until the data have been good for a while: a feed that comes and goes must not be traded on
in between.
"""

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import BPS, from_seconds, seconds
from terminal.market.state import Seen, age, mid
from terminal.model.health import FeedWatch

CONFIRM = from_seconds(2.0)
"""A fault that lasts longer locks; a book may be crossed for the length of one message."""

DWELL = from_seconds(5.0)
"""Data must be good for this long before hedging is free again."""


class Evidence(Struct, frozen=True, kw_only=True):
    """What the data of one coin's hedge are judged by."""

    now: int
    seen: Seen | None  # book of the hedge instrument
    index_at: int | None
    index: float | None
    gap_end: int  # of the newest sequence gap of the instrument; 0: none
    clock_offset_ms: float | None  # venue minus us
    oldest: int  # ns, of the book
    collar_bps: float
    offset_limit_ms: float


def strayed(middle: float, name: str, price: float | None, collar_bps: float) -> str:
    """Say that a mid is too far from another price; empty within the collar, or without one."""
    if price is None:
        return ""
    gap = abs(middle / price - 1.0) / BPS
    return (
        f"mid is {gap:.0f} bp from the {name}, collar {collar_bps:g} bp" if gap > collar_bps else ""
    )


def fault_of(given: Evidence) -> str:
    """What is wrong with the data of a hedge; empty when nothing is."""
    seen = given.seen
    offset = given.clock_offset_ms
    if offset is not None and abs(offset) > given.offset_limit_ms:
        return f"clock is {offset:+.0f} ms off, limit {given.offset_limit_ms:g} ms"
    if seen is None or given.index is None or given.index_at is None:
        return "no book or no index price yet"
    if 0 < seen.at <= given.gap_end:
        return "sequence gap: its new book is awaited"
    if seen.flaw:
        return seen.flaw
    old = max(age(seen, given.now), given.now - given.index_at - seen.span)
    if old > given.oldest:
        return f"data are {seconds(old):.1f} s old, limit {seconds(given.oldest):g} s"
    middle = mid(seen.quote)
    if middle is None:
        return "book has one side only"
    return strayed(middle, "mark", seen.quote.mark, given.collar_bps) or strayed(
        middle, "index", given.index, given.collar_bps
    )


def watched(before: FeedWatch, fault: str, now: int) -> FeedWatch:
    """What is known of the data after one more look at them."""
    changed = bool(fault) != bool(before.fault)
    since = now if changed or not before.since else before.since
    after = replace(before, fault=fault, since=since)
    if fault:
        sudden = fault.startswith(("sequence gap", "clock"))
        if before.locked or sudden or now - since >= CONFIRM:
            at = before.locked_at if before.locked else now
            return replace(after, locked=fault, locked_at=at)
        return after
    if before.locked and now - since >= DWELL:
        return replace(after, locked="", locked_at=0)
    return after
