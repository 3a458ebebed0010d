"""Marks and quotes of simulated options off a smile that moves."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from msgspec import Struct

from terminal.core.units import SECOND, YEAR
from terminal.model.instrument import Instrument, Option, Right, coin_settled
from terminal.model.market import Quote
from terminal.model.messages import MarketEvent
from terminal.pricing.black import price
from terminal.venues.sim_paths import (
    ANNUAL_VOL,
    COINS,
    FACTOR_MEAN,
    Array,
    Factor,
    PathBlock,
    Times,
)

PERIOD: Final = 5 * SECOND
"""Each option is quoted once in this span."""

RISK_PREMIUM: Final = 1.05
"""At-the-money implied over the long-run realised volatility."""

HALF_SPREAD: Final = 0.012
"""Half of an option's spread as a fraction of its mark, before it is widened to a tick."""

_LEANS: Final = 0.08
"""Logarithm of strike over price at which most calls are open; of puts below it."""

_LONG_TENOR: Final = 0.1
"""Years over which the short end's volatility and skew fade into the long end's."""

_LOWEST_VOL, _HIGHEST_VOL = 0.05, 4.0
_MARK_DECIMALS: Final = 8


def open_interest(option: Option, spot: float) -> float:
    """Contracts that are open in a simulated option; they stand as long as it is listed.

    Calls lie above the price at the start and puts below, and round strikes hold more: assumed.
    """
    strike = float(option.strike)
    away = math.log(strike / spot) - (_LEANS if option.right is Right.CALL else -_LEANS)
    is_round = strike % 10.0 ** math.floor(math.log10(strike)) == 0.0
    return float(round((3.0 if is_round else 1.0) * 1_000.0 * math.exp(-50.0 * away * away)))


class Smile(Struct, frozen=True):
    """What the smile of one coin depends on at some instants: arrays of one shape."""

    level: Array  # log of volatility over its long-run level
    skew_short: Array
    skew_long: Array
    curvature: Array

    def vol(self, base: float, forward: Array, strike: Array, years: Array) -> Array:
        """Implied volatility, fraction a year, rounded as venues send it.

        Notes
        -----
        sigma(z) = atm (1 + skew z + curvature z^2) with z = ln(K/F) / (atm sqrt T) cut at 3.5
        standard deviations, where the parabola would leave the no-arbitrage region.
        """
        near = np.exp(-years / _LONG_TENOR)
        atm = base * RISK_PREMIUM * np.exp(self.level * (0.35 + 0.65 * near))
        score = np.log(strike / forward) / (atm * np.sqrt(np.maximum(years, 1e-6)))
        score = np.clip(score, -3.5, 3.5)
        skew = self.skew_short * near + self.skew_long * (1.0 - near)
        shape = 1.0 + skew * score + self.curvature * np.square(score)
        return np.asarray(np.round(np.clip(atm * shape, _LOWEST_VOL, _HIGHEST_VOL), 4))


_MOVING: Final = (
    Factor.VOL_SLOW,
    Factor.SKEW_SHORT,
    Factor.SKEW_LONG,
    Factor.CURVATURE,
    Factor.CARRY,
)


def _smile(factors: Mapping[Factor, Array]) -> Smile:
    return Smile(
        factors[Factor.VOL_SLOW],
        factors[Factor.SKEW_SHORT],
        factors[Factor.SKEW_LONG],
        factors[Factor.CURVATURE],
    )


class OptionBook(Struct, frozen=True):
    """Options of one coin laid out for vectorised quoting, a call and a put per strike."""

    coin: int
    keys: tuple[str, ...]
    expiry: Times
    strike: Array
    sign: Array
    phase: Times
    in_coin: bool
    lot: float
    multiplier: float
    tick_low: float
    tick_high: float
    tick_from: float


def option_book(coin: str, instruments: Sequence[Instrument]) -> OptionBook:
    """Lay out the options of ``coin``; there must be some."""
    chosen = [
        each for each in instruments if isinstance(each, Option) and each.contract.base == coin
    ]
    contract = chosen[0].contract
    pairs: dict[tuple[int, object], int] = {}
    rank = [pairs.setdefault((each.expiry, each.strike), len(pairs)) for each in chosen]
    # pairs of all coins share the period: the offset keeps them off each other's instants
    offset = COINS.index(coin) * PERIOD // (len(COINS) * len(pairs))
    phase = offset + np.array(rank, dtype=np.int64) * PERIOD // len(pairs)
    return OptionBook(
        coin=COINS.index(coin),
        keys=tuple(each.contract.key for each in chosen),
        expiry=np.array([each.expiry for each in chosen], dtype=np.int64),
        strike=np.array([float(each.strike) for each in chosen]),
        sign=np.array([1.0 if each.right is Right.CALL else -1.0 for each in chosen]),
        phase=phase,
        in_coin=coin_settled(contract),
        lot=float(contract.lot),
        multiplier=float(contract.multiplier),
        tick_low=float(contract.ticks[0].tick),
        tick_high=float(contract.ticks[-1].tick),
        tick_from=float(contract.ticks[-1].from_price),
    )


def opening_marks(
    instruments: Sequence[Instrument], spots: Mapping[str, float], at: int
) -> dict[str, Quote]:
    """Marks of options when every factor stands at its mean: those of a market that opens.

    Parameters
    ----------
    instruments : sequence of Instrument
        Only the options among them are marked.
    spots : mapping of str to float
        Index price by coin, USD.
    at : int
        UtcNs.

    Returns
    -------
    dict of str to Quote
        By key, with mark (in coin where the option is), iv and forward; bid and ask are None.
    """
    marks: dict[str, Quote] = {}
    for index, coin in enumerate(COINS):
        book = option_book(coin, instruments)
        mean = {factor: np.full(len(book.keys), FACTOR_MEAN[factor, index]) for factor in Factor}
        smile = _smile(mean)
        years = (book.expiry - at) / YEAR
        forward = np.round(spots[coin] * np.exp(mean[Factor.CARRY] * years), 4)
        vol = smile.vol(ANNUAL_VOL[index], forward, book.strike, years)
        mark = _mark(book, slice(None), forward, years, vol)
        marks.update(
            (key, Quote(key, None, None, mark=value, iv=iv, forward=fwd))
            for key, value, iv, fwd in zip(
                book.keys, mark.tolist(), vol.tolist(), forward.tolist(), strict=True
            )
        )
    return marks


def option_quotes(
    book: OptionBook, block: PathBlock, rng: np.random.Generator, *, listed_at: int | None
) -> tuple[Times, list[MarketEvent]]:
    """Quotes of one coin's options inside a block.

    Parameters
    ----------
    book : OptionBook
    block : PathBlock
    rng : Generator
        Draws sizes; their number does not depend on prices.
    listed_at : int or None
        Where a listing comes inside the block: every option is quoted then, none before.

    Returns
    -------
    times : ndarray (n,)
        UtcNs.
    events : list of Quote, length n
    """
    rows, times = _schedule(book.phase, block, listed_at)
    forward, years, vol = _surface(book, block, rows, times)
    mark = _mark(book, rows, forward, years, vol)
    bid, ask = _touch(book, mark, 1.0 + block.stressed(book.coin, times))
    sizes = np.round(np.ceil(np.exp(rng.normal(2.3, 0.8, (2, rows.size)))) * book.lot, 1)
    sizes[0, bid <= 0.0] = 0.0
    keys = book.keys
    columns = (rows, bid, ask, sizes[0], sizes[1], mark, vol, forward)
    events: list[MarketEvent] = [
        Quote(keys[row], b if b > 0.0 else None, a, bq, aq, m, iv, f)
        for row, b, a, bq, aq, m, iv, f in zip(*(c.tolist() for c in columns), strict=True)
    ]
    return times, events


def _touch(book: OptionBook, mark: Array, widening: Array) -> tuple[Array, Array]:
    """Bid (0 where there is none) and ask on the tick grid, a tick apart at least."""
    half = np.maximum(mark * HALF_SPREAD * widening, 0.5 * book.tick_low)
    low, high = np.maximum(mark - half, 0.0), mark + half
    below = np.where(low >= book.tick_from, book.tick_high, book.tick_low)
    above = np.where(high >= book.tick_from, book.tick_high, book.tick_low)
    digits = 4 if book.in_coin else 2
    bid = np.round(np.floor(low / below + 1e-9) * below, digits)
    ask = np.round(np.maximum(np.ceil(high / above - 1e-9) * above, bid + below), digits)
    return bid, ask


def _schedule(
    phase: Times, block: PathBlock, listed_at: int | None
) -> tuple[Times, Times]:
    """Rows of the book and the instants they are quoted at, on a grid of absolute time."""
    begin = -(-(block.start - phase) // PERIOD) * PERIOD + phase
    rounds = -(-(block.end - block.start) // PERIOD)
    times = begin[:, None] + PERIOD * np.arange(rounds, dtype=np.int64)
    rows = np.broadcast_to(np.arange(phase.size, dtype=np.int64)[:, None], times.shape)
    inside = times < block.end
    if listed_at is None:
        return rows[inside], times[inside]
    inside &= times > listed_at
    every = np.arange(phase.size, dtype=np.int64)
    now = np.full(phase.size, listed_at, dtype=np.int64)
    return np.concatenate((every, rows[inside])), np.concatenate((now, times[inside]))


def _surface(
    book: OptionBook, block: PathBlock, rows: Times, times: Times
) -> tuple[Array, Array, Array]:
    """Forward, years to expiry and volatility of each quote."""
    coin = book.coin
    now = {factor: block.factor(factor, coin, times) for factor in _MOVING}
    years = (book.expiry[rows] - times) / YEAR
    forward = np.round(block.price(coin, times) * np.exp(now[Factor.CARRY] * years), 4)
    return forward, years, _smile(now).vol(ANNUAL_VOL[coin], forward, book.strike[rows], years)


def _mark(
    book: OptionBook, rows: Times | slice, forward: Array, years: Array, vol: Array
) -> Array:
    """Mark in coin (over the forward, as Deribit does) or in USD, one tick of it at least."""
    value = price(forward, book.strike[rows], years, vol, book.sign[rows])
    mark = value / forward if book.in_coin else value
    return np.asarray(np.maximum(np.round(mark, _MARK_DECIMALS), 10.0**-_MARK_DECIMALS))
