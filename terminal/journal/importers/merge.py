"""Many feeds as one stream of events in time order, with listings where instruments appear."""

import heapq
from collections.abc import Iterator
from operator import itemgetter

from terminal.core.units import DAY
from terminal.journal.importers.feed import Feed
from terminal.journal.tape import Timed
from terminal.model.instrument import Future, Instrument, Option
from terminal.model.messages import Listing, MarketEvent

LISTED_AFTER_EXPIRY = DAY
"""A settlement must still find its terms, so an instrument stays listed a day longer."""

_Tagged = tuple[int, MarketEvent, bool]  # instant, event, whether its feed follows the others


class Listings:
    """Instruments by venue, and which venues have to be told anew."""

    def __init__(self) -> None:
        self.instruments: dict[str, Instrument] = {}
        self._changed: dict[str, None] = {}

    def add(self, instruments: tuple[Instrument, ...]) -> None:
        """Take instruments that are new."""
        for each in instruments:
            self.instruments[each.contract.key] = each
            self._changed[each.contract.venue] = None

    def news(self, at: int) -> Iterator[Timed]:
        """Full listing, at ``at``, of every venue that has something new."""
        for venue in self._changed:
            listed = tuple(
                each
                for each in self.instruments.values()
                if each.contract.venue == venue and not _gone(each, at)
            )
            yield at, Listing(venue, listed)
        self._changed.clear()


def _gone(instrument: Instrument, at: int) -> bool:
    if not isinstance(instrument, Option | Future):
        return False
    return at > instrument.expiry + LISTED_AFTER_EXPIRY


def merged(
    feeds: list[Feed], listings: Listings, start: int | None, end: int | None
) -> Iterator[Timed]:
    """Events of all feeds with ``start <= at < end``; at one instant in the order of the feeds.

    Parameters
    ----------
    feeds : list of Feed
    listings : Listings
        Filled with every instrument that is seen.
    start, end : int or None
        UtcNs.
    """
    for feed in feeds:
        listings.add(feed.instruments)
    held: list[Timed] = []  # events of following feeds, until another event shows they are inside
    begun = False
    for at, event, follows in heapq.merge(*map(_tagged, feeds), key=itemgetter(0)):
        if isinstance(event, Listing):
            listings.add(event.instruments)
            continue
        if start is not None and at < start:
            continue
        if end is not None and at >= end:
            return
        if follows:
            if begun:
                held.append((at, event))
            continue
        begun = True
        if held:
            yield from held
            held.clear()
        yield from listings.news(at)
        yield at, event


def _tagged(feed: Feed) -> Iterator[_Tagged]:
    follows = feed.follows
    return ((at, event, follows) for at, event in feed.events)
