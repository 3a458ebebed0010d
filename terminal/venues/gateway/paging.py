"""Histories that come page by page, in the four ways in which exchanges cut them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from msgspec.structs import replace

from terminal.core.errors import VenueError
from terminal.venues.dialects.dialect import Raw
from terminal.venues.dialects.raw import decimal, name_of
from terminal.venues.gateway.asks import Ask, Rows, Span

More = Callable[[object, tuple[Raw, ...]], Ask | None]

PAGES: Final = 1_000
"""Most pages of one answer: a venue that goes on for longer repeats itself."""

DAY_MS: Final = 86_400_000

LATE_MS: Final = 3_600_000
"""How far an end in the future reaches: a venue's clock may be ahead of ours."""


def by_cursor(
    method: str,
    asked: Mapping[str, object],
    rows: Rows,
    *path: str,
    parameter: str = "cursor",
) -> Ask:
    """Request whose reply names the cursor of the next page under ``path`` (Bybit, Deribit)."""

    def more(reply: object, _: tuple[Raw, ...]) -> Ask | None:
        found: object = reply
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        if not found:
            return None
        if not isinstance(found, str | int) or found == asked.get(parameter):
            raise VenueError(f"{method}: the cursor {found!r} leads nowhere")
        return by_cursor(method, {**asked, parameter: found}, rows, *path, parameter=parameter)

    return Ask(method, (dict(asked),), rows, more)


def by_last(method: str, asked: Mapping[str, object], rows: Rows, *, full: int, name: str) -> Ask:
    """Request that goes on after the last row's ``name``: newest first, ``full`` a page (OKX)."""

    def more(_: object, page: tuple[Raw, ...]) -> Ask | None:
        if len(page) < full:
            return None
        last = name_of(page[-1], name)
        if last == asked.get("after"):
            raise VenueError(f"{method}: the page after {last} does not go on")
        return by_last(method, {**asked, "after": last}, rows, full=full, name=name)

    return Ask(method, (dict(asked),), rows, more)


def by_next_id(ask: Ask, *, full: int, field: str, symbol: str) -> Ask:
    """Request by time that goes on by the id after the last row's, without a time (Binance)."""

    def more(_: object, page: tuple[Raw, ...]) -> Ask | None:
        if len(page) < full:
            return None
        following = int(decimal(page[-1], field)) + 1
        asked = {"symbol": symbol, "fromId": following, "limit": full}
        return replace(ask, args=(asked,), more=more)

    return replace(ask, more=more)


def by_time(
    ask: Ask, *, full: int, start: str, at_ms: Callable[[Raw], int], more_of: str = ""
) -> Ask:
    """Request that goes on from the last row's own time, oldest first (Deribit, Hyperliquid).

    Rows of that very millisecond come twice: whoever reads them tells them apart by their ids.

    Parameters
    ----------
    ask : Ask
        The first page; its first argument holds ``start``.
    full : int
        Rows of a page that may have another after it.
    start : str
        Parameter that names the earliest time, ms.
    at_ms : callable
        Time of a row, ms.
    more_of : str
        Field of the reply's ``result`` that says whether there is more; a full page says so
        where there is none.
    """

    def more(reply: object, page: tuple[Raw, ...]) -> Ask | None:
        if not (_said(reply, more_of) if more_of else len(page) >= full):
            return None
        first = ask.args[0]
        last = at_ms(page[-1]) if page else 0
        if not isinstance(first, dict) or last <= int(first[start]):
            raise VenueError(f"{ask.method}: a page of one moment is followed by more")
        following = replace(ask, args=({**first, start: last}, *ask.args[1:]))
        return by_time(following, full=full, start=start, at_ms=at_ms, more_of=more_of)

    return replace(ask, more=more)


def _said(reply: object, name: str) -> bool:
    result = reply.get("result") if isinstance(reply, dict) else None
    return isinstance(result, dict) and result.get(name) is True


def windows(span: Span, days: int) -> Iterator[tuple[int, int]]:
    """Cut a span of time into pieces that a venue answers, the last with room for its clock."""
    since, end = span.since, span.until + LATE_MS
    while since < end:
        until = min(since + days * DAY_MS, end)
        yield since, until
        since = until
