"""What a market has said that holds until it is replaced."""

from collections.abc import Iterator

from terminal.market.state import Market
from terminal.model.instrument import Instrument
from terminal.model.market import AssumedVol, Index, OpenInterest
from terminal.model.messages import Listing, MarketEvent


def standing(market: Market) -> Iterator[MarketEvent]:
    """Events that would make this market known to somebody who has heard nothing.

    Listings first, then stated volatilities and open interest, funding, indices and the newest
    quotes; what is listed no more but still held comes with its venue's listing.
    """
    by_venue: dict[str, list[Instrument]] = {}
    for instrument in market.instruments.values():
        by_venue.setdefault(instrument.contract.venue, []).append(instrument)
    for venue, listed in by_venue.items():
        yield Listing(venue, tuple(listed))
    for key, vol in market.assumed.items():
        yield AssumedVol(key, vol)
    for key, contracts in market.interest.items():
        yield OpenInterest(key, contracts)
    yield from market.funding.values()
    for underlying, level in market.index.items():
        yield Index(underlying, level.price)
    for seen in market.quotes.values():
        yield seen.quote
