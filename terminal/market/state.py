"""The market as known now, and how an event changes it."""

import math
from collections.abc import Collection
from typing import TypeVar, assert_never

from msgspec import Struct
from msgspec.structs import replace

from terminal.market.quality import flaw, quote_of
from terminal.market.volatility import Variance, observe
from terminal.model.fits import FitEvent
from terminal.model.forecast import Outlook
from terminal.model.instrument import Instrument, Option
from terminal.model.market import (
    AssumedVol,
    Bar,
    Depth,
    Funding,
    Gap,
    Index,
    OpenInterest,
    Quote,
    Smile,
    StochasticVol,
    Trade,
)
from terminal.model.messages import Listing, MarketEvent

Value = TypeVar("Value")

WHOLE_BPS = 1e4
"""Half spread of a bar that would leave nothing of its bid."""


class Seen(Struct, frozen=True, gc=False):
    """The latest quote of an instrument, when it came, and what is wrong with it.

    ``span`` is how long the source itself says it stands: a bar's close holds until the next bar
    is due, and only then grows old. ``spot`` is the index when it came, which keeps the basis
    of an option's forward while its next mark is awaited.
    """

    at: int
    quote: Quote
    flaw: str = ""
    span: int = 0
    spot: float | None = None


def age(seen: Seen, now: int) -> int:
    """Age of a quote beyond what its source lets it stand, ns, >= 0."""
    return max(0, now - seen.at - seen.span)


class Level(Struct, frozen=True, gc=False):
    """A price and when it came."""

    at: int
    price: float


class Market(Struct, frozen=True):
    """Everything that markets have said; maps are replaced, never changed.

    ``delisted`` names instruments whose terms are kept though their venue lists them no more,
    because something is still held in them.
    """

    instruments: dict[str, Instrument] = {}
    delisted: dict[str, None] = {}
    quotes: dict[str, Seen] = {}
    index: dict[str, Level] = {}
    first: dict[str, float] = {}  # underlying -> first index price of the run
    funding: dict[str, Funding] = {}
    depth: dict[str, Depth] = {}
    variance: dict[str, Variance] = {}  # underlying -> realised variance
    gaps: dict[str, int] = {}  # key -> end of the latest gap
    assumed: dict[str, float] = {}  # option key -> stated volatility
    smiles: dict[str, Smile] = {}  # underlying -> fitted to its options
    models: dict[str, StochasticVol] = {}
    outlooks: dict[str, Outlook] = {}  # underlying -> what is foretold of it
    interest: dict[str, float] = {}  # option key -> contracts open, as told


def apply(market: Market, event: MarketEvent, at: int) -> Market:
    """Market after one event at engine time ``at`` (UtcNs)."""
    match event:
        case Quote():
            seen = Seen(at, event, flaw(event), 0, _spot_of(market, event))
            return replace(market, quotes={**market.quotes, event.key: seen})
        case Index():
            return _index(market, event.underlying, event.price, at, market.quotes)
        case Bar():
            return _bar(market, event, at)
        case Depth():
            return replace(market, depth={**market.depth, event.key: event})
        case Funding():
            return replace(market, funding={**market.funding, event.key: event})
        case Gap():
            return replace(market, gaps={**market.gaps, event.key: event.end})
        case Listing():
            kept = {
                key: each
                for key, each in market.instruments.items()
                if each.contract.venue != event.venue
            }
            listed = {each.contract.key: each for each in event.instruments}
            return replace(market, instruments=kept | listed)
        case AssumedVol():
            return replace(market, assumed={**market.assumed, event.key: event.iv})
        case OpenInterest():
            return replace(market, interest={**market.interest, event.key: event.contracts})
        case Trade():
            return market
        case _:
            assert_never(event)


def fitted(market: Market, fit: FitEvent) -> Market:
    """Market with a newer fit."""
    if isinstance(fit, Smile):
        return replace(market, smiles={**market.smiles, fit.underlying: fit})
    if isinstance(fit, StochasticVol):
        return replace(market, models={**market.models, fit.underlying: fit})
    return replace(market, outlooks={**market.outlooks, fit.underlying: fit})


def relisted(market: Market, listing: Listing, needed: Collection[str]) -> Market:
    """Market after a listing, keeping the terms of what is needed though listed no more.

    Parameters
    ----------
    market : Market
    listing : Listing
    needed : collection of str
        Keys that are held or have orders at work: an option leaves the list before it settles,
        and without its terms it could be neither valued nor settled.

    Returns
    -------
    Market
        Nothing is remembered of the other instruments that left.
    """
    after = apply(market, listing, 0)
    gone = {key: each for key, each in market.instruments.items() if key not in after.instruments}
    kept = {key: each for key, each in gone.items() if key in needed}
    dropped = [key for key in gone if key not in kept]
    elsewhere = [
        key for key in market.delisted if market.instruments[key].contract.venue != listing.venue
    ]
    return replace(
        after,
        instruments=after.instruments | kept,
        delisted=dict.fromkeys((*elsewhere, *kept)),
        quotes=_without(market.quotes, dropped),
        depth=_without(market.depth, dropped),
        funding=_without(market.funding, dropped),
        interest=_without(market.interest, dropped),
    )


def _without(kept: dict[str, Value], dropped: Collection[str]) -> dict[str, Value]:
    if not dropped:
        return kept
    return {key: each for key, each in kept.items() if key not in dropped}


def _index(
    market: Market, underlying: str, price: float, at: int, quotes: dict[str, Seen]
) -> Market:
    if not 0.0 < price < math.inf:
        # An impossible print must not enter deltas; its age tells the rest.
        return market if quotes is market.quotes else replace(market, quotes=quotes)
    before = market.variance.get(underlying, Variance())
    first = market.first
    return replace(
        market,
        quotes=quotes,
        index={**market.index, underlying: Level(at, price)},
        variance={**market.variance, underlying: observe(before, price, at)},
        first=first if underlying in first else {**first, underlying: price},
    )


def _bar(market: Market, bar: Bar, at: int) -> Market:
    """Quote a bar's close at the spread its tape assumes; on a perpetual it is the index too."""
    quote = quote_of(bar)
    # A tape may assume no spread at all: its bid and ask are then equal, and not by mistake.
    sound = 0.0 < bar.close < math.inf and 0.0 <= bar.half_spread_bps < WHOLE_BPS
    quotes = {**market.quotes, bar.key: Seen(at, quote, "" if sound else flaw(quote), bar.span)}
    instrument = market.instruments.get(bar.key)
    if instrument is None or isinstance(instrument, Option):
        return replace(market, quotes=quotes)
    return _index(market, instrument.contract.base, bar.close, at, quotes)


def _spot_of(market: Market, quote: Quote) -> float | None:
    if quote.forward is None:
        return None
    instrument = market.instruments.get(quote.key)
    level = market.index.get(instrument.contract.base) if instrument else None
    return level.price if level else None


def spot(market: Market, underlying: str) -> float | None:
    """Index price of an underlying, USD per coin; None while unknown."""
    level = market.index.get(underlying)
    return level.price if level else None


def mid(quote: Quote) -> float | None:
    """Middle of bid and ask; None unless both sides are there."""
    if quote.bid is None or quote.ask is None:
        return None
    return 0.5 * (quote.bid + quote.ask)
