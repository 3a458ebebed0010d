"""The latest fill ids, kept in small pages so that remembering one more stays cheap."""

from msgspec import Struct

PAGE = 500
PAGES = 100


class FillIds(Struct, frozen=True):
    """Ids of the last 50,000 fills at most, oldest first.

    Notes
    -----
    A venue repeats fills after a reconnect, hours back at most, so the memory may be bounded: a
    set that grows for months would slow every fill down. Pages, because a frozen value is copied
    to be changed: one flat set would copy 50,000 entries a fill, this copies one page. They are
    dicts for their order, which a set does not keep and which a replay must reproduce.
    """

    pages: tuple[dict[str, None], ...] = ()


def has_seen(ids: FillIds, fill_id: str) -> bool:
    """Whether a fill id is remembered."""
    return any(fill_id in page for page in ids.pages)


def remember(ids: FillIds, fill_id: str) -> FillIds:
    """Take one more id in; the oldest page is dropped when there are too many."""
    pages = ids.pages
    if not pages or len(pages[-1]) >= PAGE:
        return FillIds((*pages[-(PAGES - 1) :], {fill_id: None}))
    return FillIds((*pages[:-1], {**pages[-1], fill_id: None}))
