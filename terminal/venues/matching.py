"""What an order that takes liquidity meets, and at which prices it fills."""

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from terminal.core.units import BPS
from terminal.market.quality import quote_of
from terminal.model.instrument import Contract, Instrument, Option, Payoff, coins, tick_at
from terminal.model.market import Bar, Depth, Quote
from terminal.model.order import Side

IMPACT_BPS_PER_COIN: Final[Mapping[str, float]] = MappingProxyType(
    {"BTC": 0.08, "ETH": 0.008, "SOL": 0.0005}
)
"""Average cost against the touch in basis points per coin taken, where no depth is known.

BTC and ETH from the book costs of hedging.md 3.7 (20 BTC 1.2 bp, 400 ETH 2.8 bp); SOL is an
assumption: per USD a third more than ETH.
"""

_NEVER: Final = float("inf")
_TINY: Final = 1e-9


class BookView:
    """The latest quote and depth of one instrument, and what our own orders took from it."""

    __slots__ = ("_latest", "depth", "taken")

    def __init__(self) -> None:
        self._latest: Quote | Bar | None = None
        self.depth: Depth | None = None
        self.taken: dict[Side, float] = {}

    def show(self, update: Quote | Depth | Bar) -> None:
        """Take newer market data; what was taken from the older is forgotten."""
        if isinstance(update, Depth):
            self.depth = update
        else:
            self._latest = update
        if self.taken:
            self.taken = {}

    @property
    def quote(self) -> Quote | None:
        """The latest quote; a bar is made into one when it is first asked for."""
        if isinstance(self._latest, Bar):
            self._latest = quote_of(self._latest)
        return self._latest

    def touch(self, side: Side) -> float | None:
        """Best price that an order of ``side`` can take; None when that side is empty."""
        if self.quote is not None:
            return self.quote.ask if side is Side.BUY else self.quote.bid
        if self.depth is None:
            return None
        levels = self.depth.asks if side is Side.BUY else self.depth.bids
        return levels[0][0] if levels else None

    def levels(self, side: Side) -> tuple[tuple[float, float], ...]:
        """Price and contracts that an order of ``side`` meets, best first.

        Notes
        -----
        A quote newer than the depth moves all of it: levels keep their distance from the touch.
        """
        touch = self.touch(side)
        if touch is None:
            return ()
        depth: tuple[tuple[float, float], ...] = ()
        if self.depth is not None:
            depth = self.depth.asks if side is Side.BUY else self.depth.bids
        size = 0.0
        if self.quote is not None:
            size = self.quote.ask_qty if side is Side.BUY else self.quote.bid_qty
        if not depth:
            return ((touch, size),) if size > 0.0 else ()
        shift = touch - depth[0][0]
        best = (touch, size if size > 0.0 else depth[0][1])
        return (best, *((price + shift, qty) for price, qty in depth[1:]))

    def shown_at(self, side: Side, price: float, tick: float) -> float:
        """Contracts shown at a price on the side where an order of ``side`` would rest.

        Inside the spread nothing is ahead; behind the last known level, as much as at that level.
        """
        levels = self.levels(Side.SELL if side is Side.BUY else Side.BUY)
        sign = 1.0 if side is Side.BUY else -1.0
        near = 0.5 * tick
        for level, qty in levels:
            if abs(level - price) < near:
                return qty
            if sign * (price - level) > 0.0:
                return 0.0 if level == levels[0][0] else qty
        return levels[-1][1] if levels else 0.0


class Execution(Struct, frozen=True):
    """Contracts (> 0) at one price."""

    price: Decimal
    qty: Decimal


class Taker(Struct, frozen=True):
    """An order that takes: at most ``qty`` contracts, no worse than ``limit``."""

    instrument: Instrument
    side: Side
    qty: Decimal
    limit: Decimal


def crosses(side: Side, limit: Decimal, touch: float | None) -> bool:
    """Whether a limit reaches the other side's best price."""
    if touch is None:
        return False
    return float(limit) >= touch - _TINY if side is Side.BUY else float(limit) <= touch + _TINY


def take(
    book: BookView, order: Taker, impact: Mapping[str, float] = IMPACT_BPS_PER_COIN
) -> list[Execution]:
    """Fill an order level by level, and past a lone quote at a price that worsens linearly.

    Parameters
    ----------
    book : BookView
        Remembers what is taken until the market shows newer data.
    order : Taker
    impact : mapping of str to float
        Basis points of average cost per coin, used where no depth is known; a coin that is missing
        costs nothing beyond the touch. Options fill against shown size only.

    Returns
    -------
    list of Execution
        Best price first, together at most the order's quantity, none past its limit.
    """
    levels = book.levels(order.side)
    taken = book.taken.get(order.side, 0.0)
    left, skip = order.qty, taken
    executions: list[Execution] = []
    for price, shown in levels:
        at = _on_grid(order, price)
        if not left or not _within(order, at):
            break
        open_qty = _whole_lots(order.instrument.contract, shown - skip)
        skip = max(0.0, skip - shown)
        if open_qty > 0:
            executions.append(Execution(at, min(left, open_qty)))
            left -= executions[-1].qty
    touch = book.touch(order.side)
    known = book.depth is not None and bool(levels)
    if left and touch is not None and not known and not isinstance(order.instrument, Option):
        executions.extend(_beyond(order, left, touch, skip, impact))
    filled = sum((each.qty for each in executions), Decimal(0))
    book.taken[order.side] = taken + float(filled)
    return executions


def _beyond(
    order: Taker, left: Decimal, touch: float, before: float, impact: Mapping[str, float]
) -> list[Execution]:
    """Fill past what is shown; the average price is linear in the coins taken.

    With average cost k x the next coin costs 2 k x, so y coins after x cost k (2 x + y) each.
    """
    contract = order.instrument.contract
    slope = impact.get(contract.base, 0.0) * BPS
    sign = 1.0 if order.side is Side.BUY else -1.0
    room = sign * (float(order.limit) / touch - 1.0)
    if room < -_TINY:
        return []
    already = abs(coins(contract, before, touch))
    most = (max(room, 0.0) / slope - 2.0 * already) if slope > 0.0 else _NEVER
    per_contract = abs(coins(contract, 1.0, touch))
    qty = left if most == _NEVER else min(left, _whole_lots(contract, most / per_contract))
    if qty <= 0:
        return []
    average = touch * (1.0 + sign * slope * (2.0 * already + float(qty) * per_contract))
    price = _on_grid(order, average)
    worst = min if order.side is Side.BUY else max
    return [Execution(worst(price, order.limit), qty)]


def _within(order: Taker, price: Decimal) -> bool:
    return price <= order.limit if order.side is Side.BUY else price >= order.limit


def _on_grid(order: Taker, price: float) -> Decimal:
    """Price on the tick grid, never better for the taker than ``price``."""
    exact = Decimal(repr(round(price, 9)))
    tick = tick_at(order.instrument.contract, exact)
    rounding = ROUND_CEILING if order.side is Side.BUY else ROUND_FLOOR
    return (exact / tick).to_integral_value(rounding) * tick


def _whole_lots(contract: Contract, qty: float) -> Decimal:
    """Contracts rounded down to whole lots, >= 0."""
    lot = float(contract.lot)
    return max(int(qty / lot + 1e-6), 0) * contract.lot


def notional_usd(instrument: Instrument, qty: Decimal, price: Decimal, index: Decimal) -> Decimal:
    """USD that ``qty`` contracts stand for; options count the underlying at ``index``."""
    contract = instrument.contract
    units = qty * contract.multiplier
    if contract.payoff is Payoff.INVERSE:
        return units
    return units * (index if isinstance(instrument, Option) else price)
