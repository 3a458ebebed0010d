"""Implied and realised volatility of every underlying, for the screen."""

from collections.abc import Iterable, Mapping

import numpy as np
from msgspec import Struct

from terminal.core.units import DAY, HOUR, MINUTE, SECOND, YEAR
from terminal.engine.state import State
from terminal.market.bars import bars_of
from terminal.market.realised import Estimator, realised
from terminal.market.state import Market
from terminal.market.vol_context import atm_vol, term_structure
from terminal.market.vol_index import ExpiryQuotes, expiry_quotes, vol_index
from terminal.model.frame import ExpiryVol, RealisedVol, Track, Tracks, VolView
from terminal.model.instrument import Option, Right, coin_settled
from terminal.model.market import Quote
from terminal.pricing.rows import FloatArray
from terminal.runtime.curve_bars import curve_bars

EVERY = 15 * SECOND
"""Engine time between two looks at the chains."""

WINDOWS = (HOUR, DAY)
NEAREST = HOUR
"""Expiries closer than this are left out: their volatility is noise of the tick."""


class Quoted(Struct, frozen=True):
    """One option of a chain with a sound quote."""

    option: Option
    quote: Quote
    forward: float


class Vols:
    """Keeps the latest volatilities of each underlying."""

    def __init__(self) -> None:
        self._views: Mapping[str, VolView] = {}
        self._made_at: dict[str, int] = {}

    def of(self, state: State, tracks: Mapping[str, Tracks]) -> Mapping[str, VolView]:
        """Volatilities by underlying; the same mapping while none is due.

        One underlying at a time, the one that has waited longest: a frame must not take long.
        """
        name = min(state.desks, key=lambda each: self._made_at.get(each, 0), default="")
        if name and state.now - self._made_at.get(name, -EVERY) >= EVERY:
            self._made_at[name] = state.now
            chain = quoted(state.market, state.now).get(name, {})
            fresh = vol_view(name, chain, tracks.get(name), state.now)
            self._views = {**self._views, name: fresh}
        return self._views


def quoted(market: Market, now: int) -> dict[str, dict[int, list[Quoted]]]:
    """Options with a sound quote and a forward, by underlying and expiry."""
    chains: dict[str, dict[int, list[Quoted]]] = {}
    for key, instrument in market.instruments.items():
        if not isinstance(instrument, Option) or instrument.expiry - now < NEAREST:
            continue
        seen = market.quotes.get(key)
        if seen is None or seen.flaw or seen.quote.forward is None:
            continue
        chain = chains.setdefault(instrument.contract.base, {})
        found = Quoted(instrument, seen.quote, seen.quote.forward)
        chain.setdefault(instrument.expiry, []).append(found)
    return chains


def vol_view(
    underlying: str, chain: Mapping[int, list[Quoted]], tracks: Tracks | None, now: int
) -> VolView:
    """Volatilities of one underlying."""
    books = [_of_expiry(expiry, chain[expiry]) for expiry in sorted(chain)]
    vols = [atm_vol(each, now=now) for each in books]
    known = [(each, vol) for each, vol in zip(books, vols, strict=True) if vol is not None]
    structure = term_structure(
        [(each.expiry - now) / YEAR for each, _ in known], [vol for _, vol in known]
    )
    between = dict(zip([each.expiry for each, _ in known], structure.forward_vols, strict=True))
    index = vol_index(books, now=now)
    return VolView(
        underlying=underlying,
        expiries=tuple([
            ExpiryVol(each.expiry, each.forward, vol, between.get(each.expiry), _strikes(each))
            for each, vol in zip(books, vols, strict=True)
        ]),
        shape=structure.shape.value,
        index=index.vol,
        index_note=index.reason or ("wings are short: it reads low" if index.truncated else ""),
        realised=tuple(_realised(tracks.price if tracks else None)),
    )


def _of_expiry(expiry: int, options: Iterable[Quoted]) -> ExpiryQuotes:
    rows = [
        (
            float(each.option.strike),
            1.0 if each.option.right is Right.CALL else -1.0,
            np.nan if each.quote.bid is None else each.quote.bid * _in_usd(each),
            np.nan if each.quote.ask is None else each.quote.ask * _in_usd(each),
            each.forward,
        )
        for each in options
    ]
    strike, sign, bid, ask, forward = np.array(rows, dtype=np.float64).T
    return expiry_quotes(expiry, float(np.median(forward)), strike, sign, [bid, ask])


def _in_usd(each: Quoted) -> float:
    """USD of one unit of premium: a coin premium is worth the forward, as venues quote it."""
    return each.forward if coin_settled(each.option.contract) else 1.0


def _strikes(quotes: ExpiryQuotes) -> int:
    return int(np.count_nonzero((quotes.bid > 0.0) & (quotes.ask >= quotes.bid)))


def _realised(price: Track | None) -> Iterable[RealisedVol]:
    """Close-to-close volatility of the minutes that the price curve holds."""
    starts, prices = minutes(price) if price is not None else (np.empty(0), np.empty((4, 0)))
    for window in WINDOWS:
        if len(starts) < 2:
            yield RealisedVol(window, None, "not enough minutes of price yet")
            continue
        bars = bars_of((starts * SECOND).astype(np.int64), prices, span=MINUTE)
        found = realised(bars, Estimator.CLOSE_CLOSE, window=window)
        yield RealisedVol(window, found.vol, found.reason)


def minutes(price: Track) -> tuple[FloatArray, FloatArray]:
    """Bars of a minute from a price curve: starts (s), and open, high, low, close."""
    return curve_bars(price, MINUTE, max(WINDOWS))
