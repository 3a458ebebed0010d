"""Quotes, depth and trades of simulated perpetuals and dated futures."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from msgspec import Struct

from terminal.core.units import BPS, MILLISECOND, SECOND, YEAR
from terminal.model.instrument import Future, Instrument, Payoff, Perpetual
from terminal.model.market import Depth, Quote, Trade
from terminal.model.messages import MarketEvent
from terminal.venues.sim_paths import COINS, Array, Factor, PathBlock, Times

LEVELS: Final = 10
LEVEL_GAP_BPS: Final = 0.35
PERPETUAL_PERIOD: Final = 200 * MILLISECOND
FUTURE_PERIOD: Final = SECOND
DEPTH_EVERY: Final = 5
"""Quotes of a perpetual between two snapshots of its depth; a future's come with every quote."""

TRADES_PER_SECOND: Final = 2.5
_SAME_SIDE: Final = 0.8
"""Chance that the next trade has the side of the last: orders are worked in pieces."""

SPREAD_BPS: Final = (0.25, 0.45, 2.0)
TOUCH_USD: Final = (150_000.0, 100_000.0, 40_000.0)
TRADE_USD: Final = (9_000.0, 6_000.0, 3_000.0)
_FUTURE_SPREAD: Final = 4.0
_NOISE: Final = 0.08 * BPS


class Line(Struct, frozen=True):
    """One perpetual or future laid out for vectorised quoting."""

    key: str
    coin: int
    expiry: int  # 0 for a perpetual
    inverse: bool
    multiplier: float
    tick: float
    decimals: int
    lot: float
    lot_decimals: int
    phase: int

    @property
    def period(self) -> int:
        """Time between two quotes."""
        return FUTURE_PERIOD if self.expiry else PERPETUAL_PERIOD

    def contracts(self, usd: Array, spot: Array) -> Array:
        """Contracts worth ``usd``, in whole lots and one at least."""
        per_contract = self.multiplier if self.inverse else self.multiplier * spot
        lots = np.maximum(np.round(usd / per_contract / self.lot), 1.0)
        return np.asarray(np.round(lots * self.lot, self.lot_decimals))


def lines(instruments: Sequence[Instrument]) -> tuple[Line, ...]:
    """Lay out every perpetual and future of a listing, each with its own phase."""
    chosen = [each for each in instruments if isinstance(each, Perpetual | Future)]
    return tuple(_line(each, number) for number, each in enumerate(chosen))


def _line(instrument: Perpetual | Future, number: int) -> Line:
    contract = instrument.contract
    tick, lot = contract.ticks[0].tick, contract.lot
    return Line(
        key=contract.key,
        coin=COINS.index(contract.base),
        expiry=instrument.expiry if isinstance(instrument, Future) else 0,
        inverse=contract.payoff is Payoff.INVERSE,
        multiplier=float(contract.multiplier),
        tick=float(tick),
        decimals=max(0, -int(tick.as_tuple().exponent)),
        lot=float(lot),
        lot_decimals=max(0, -int(lot.as_tuple().exponent)),
        phase=(17 * MILLISECOND * (1 + number)) % PERPETUAL_PERIOD,
    )


def fair(line: Line, block: PathBlock, times: Times) -> Array:
    """Price that a line is quoted around, USD: index and premium, or index and carry."""
    spot = block.price(line.coin, times)
    if line.expiry:
        carry = block.factor(Factor.CARRY, line.coin, times)
        return np.asarray(spot * np.exp(carry * (line.expiry - times) / YEAR))
    premium = block.factor(Factor.PREMIUM, line.coin, times)
    basis = block.factor(Factor.BASIS, line.coin, times)
    return np.asarray(spot * (1.0 + premium + basis))


def book_events(
    line: Line, block: PathBlock, rng: np.random.Generator, *, first: bool
) -> tuple[Times, list[MarketEvent]]:
    """Quotes, depth and trades of one line inside a block.

    Parameters
    ----------
    line : Line
    block : PathBlock
    rng : Generator
        The number of its draws does not depend on prices.
    first : bool
        Quote at the start of the block as well.

    Returns
    -------
    times : ndarray (n,)
        UtcNs, each kind ascending.
    events : list, length n
        A depth follows the quote it agrees with.
    """
    times = grid(block, line.period, line.phase, first=first)
    count = times.size
    mark = fair(line, block, times)
    mid = mark * (1.0 + _NOISE * rng.standard_normal(count))
    calm = SPREAD_BPS[line.coin] * (_FUTURE_SPREAD if line.expiry else 1.0) * BPS
    shape = np.exp(rng.normal(0.0, 0.35, count)) * (1.0 + block.stressed(line.coin, times))
    width = np.maximum(np.round(mid * calm * shape / line.tick), 1.0)
    lowest = np.maximum(np.round(mid / line.tick - 0.5 * width), 1.0)
    bids = np.round(lowest * line.tick, line.decimals)
    asks = np.round((lowest + width) * line.tick, line.decimals)
    touch = TOUCH_USD[line.coin] * (0.3 if line.expiry else 1.0)
    sizes = line.contracts(touch * np.exp(rng.normal(0.0, 0.8, (2, count))), mark)
    columns = (bids, asks, sizes[0], sizes[1], np.round(mark, 4))
    events: list[MarketEvent] = [
        Quote(line.key, bid, ask, bid_qty, ask_qty, value)
        for bid, ask, bid_qty, ask_qty, value in zip(*(c.tolist() for c in columns), strict=True)
    ]
    quotes = _Touch(times, bids, asks, sizes, mark)
    depth_times, depths = _depths(line, quotes, rng)
    trade_times, trades = _trades(line, block, quotes, rng)
    return np.concatenate((times, depth_times, trade_times)), events + depths + trades


class _Touch(Struct, frozen=True):
    """The touch at each quote."""

    times: Times
    bids: Array
    asks: Array
    sizes: Array  # (2, n): bid, ask
    mark: Array


def grid(block: PathBlock, period: int, phase: int, *, first: bool = False) -> Times:
    """Instants ``phase`` after whole periods of absolute time inside a block."""
    begin = -(-(block.start - phase) // period) * period + phase
    times = np.arange(begin, block.end, period, dtype=np.int64)
    if first and not (times.size and times[0] == block.start):
        times = np.concatenate((np.array([block.start], dtype=np.int64), times))
    return times


def _depths(
    line: Line, quotes: _Touch, rng: np.random.Generator
) -> tuple[Times, list[MarketEvent]]:
    """Ten levels a side whose best is the touch, with more size the deeper."""
    chosen = np.arange(0, quotes.times.size, 1 if line.expiry else DEPTH_EVERY)
    mark = quotes.mark[chosen]
    step = np.maximum(np.round(mark * LEVEL_GAP_BPS * BPS / line.tick), 1.0) * line.tick
    away = step[:, None] * np.arange(LEVELS)
    usd = TOUCH_USD[line.coin] * (0.8 + 0.35 * np.arange(LEVELS))
    noise = np.exp(rng.normal(0.0, 0.4, (2, chosen.size, LEVELS)))
    sizes = line.contracts(np.asarray(usd * noise, dtype=np.float64), mark[:, None])
    sizes[:, :, 0] = quotes.sizes[:, chosen]
    bids = np.round(np.maximum(quotes.bids[chosen, None] - away, line.tick), line.decimals)
    asks = np.round(quotes.asks[chosen, None] + away, line.decimals)
    columns = (bids.tolist(), asks.tolist(), sizes[0].tolist(), sizes[1].tolist())
    depths: list[MarketEvent] = [
        Depth(
            line.key,
            tuple(zip(bid, bid_qty, strict=True)),
            tuple(zip(ask, ask_qty, strict=True)),
        )
        for bid, ask, bid_qty, ask_qty in zip(*columns, strict=True)
    ]
    return quotes.times[chosen], depths


def _trades(
    line: Line, block: PathBlock, quotes: _Touch, rng: np.random.Generator
) -> tuple[Times, list[MarketEvent]]:
    """Trades at the touch; runs of the same side, sizes with a heavy tail."""
    rate = TRADES_PER_SECOND * (0.1 if line.expiry else 1.0)
    count = int(rng.poisson(rate * (block.end - block.start) / SECOND))
    times = np.sort(rng.integers(block.start, block.end, count))
    turns = rng.random(count) > _SAME_SIDE
    buys = (np.cumsum(turns) + int(rng.integers(2))) % 2 == 0
    usd = TRADE_USD[line.coin] * np.exp(rng.normal(0.0, 1.3, count))
    if not quotes.times.size:
        return times[:0], []
    at = np.maximum(np.searchsorted(quotes.times, times, side="right") - 1, 0)
    prices = np.where(buys, quotes.asks[at], quotes.bids[at])
    sizes = line.contracts(usd, quotes.mark[at])
    trades: list[MarketEvent] = [
        Trade(line.key, price, qty, buy)
        for price, qty, buy in zip(prices.tolist(), sizes.tolist(), buys.tolist(), strict=True)
    ]
    return times, trades
