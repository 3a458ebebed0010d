"""Sizing: which instrument, how many contracts, at what price, at what cost.

This is the one file where float decisions become Decimal orders.
"""

import math
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal

from msgspec import Struct

from terminal.core.units import BPS
from terminal.core.words import amount
from terminal.hedging.inputs import Instrumental
from terminal.market.state import mid
from terminal.model.hedge import Cost
from terminal.model.instrument import Contract, coins, contracts_for, tick_at
from terminal.model.market import Depth, Quote
from terminal.model.order import Side

FEASIBLE_LOTS = 0.6
"""A band narrower than this many lots from target to edge would be crossed by rounding alone."""


class Size(Struct, frozen=True):
    """A size that the venue takes: contracts, coins, USD."""

    qty: Decimal
    coins: float
    usd: float


def one_way_cost(contract: Contract, quote: Quote) -> float | None:
    """Taker fee plus half the spread as a fraction of notional; None without a two-sided book."""
    bid, ask = quote.bid, quote.ask
    if bid is None or ask is None:
        return None
    return contract.taker_bps * BPS + (ask - bid) / (ask + bid)


def size(contract: Contract, amount: float, price: float) -> Size:
    """Contracts for ``amount`` coins (its sign is dropped), rounded toward zero to the lot.

    Notes
    -----
    Rounding down never trades past the target; what is left is carried to the next hedge.
    """
    wanted = abs(contracts_for(contract, amount, price))
    if not math.isfinite(wanted):
        return Size(Decimal(0), 0.0, 0.0)
    # Half a billionth of a lot of slack: 0.3 / 0.1 must be three lots, not two.
    lots = (Decimal(wanted) / contract.lot + Decimal("5e-10")).to_integral_value(ROUND_DOWN)
    qty = lots * contract.lot
    held = abs(coins(contract, float(qty), price))
    return Size(qty, held, held * price)


def too_small(contract: Contract, chosen: Size) -> str:
    """Say why the venue would not take this size; empty when it would."""
    if chosen.qty <= 0:
        return "below one lot"
    if chosen.qty < contract.min_qty:
        return f"below the venue's least size of {contract.min_qty} contracts"
    if Decimal(chosen.usd) < contract.min_notional:
        return f"below the venue's least notional of {contract.min_notional} USD"
    return ""


def infeasible(contract: Contract, half_width: float, price: float) -> str:
    """Say why a band of this half-width (coin) cannot be armed; empty when it can."""
    lot = abs(coins(contract, float(contract.lot), price))
    if half_width >= FEASIBLE_LOTS * lot:
        return ""
    return (
        f"band {amount(half_width)} {contract.base} is under 60 % of one lot"
        f" ({amount(lot)} {contract.base}) of {contract.symbol}: widen it"
    )


def worst_price(contract: Contract, side: Side, middle: float, cap_bps: float) -> Decimal:
    """Limit of a marketable order: ``cap_bps`` beyond mid, rounded inside to the tick."""
    reach = middle * cap_bps * BPS
    price = Decimal(middle + reach if side is Side.BUY else middle - reach)
    rounding = ROUND_FLOOR if side is Side.BUY else ROUND_CEILING
    return on_tick(contract, price, rounding)


def passive_price(contract: Contract, side: Side, quote: Quote) -> Decimal:
    """Limit that joins the own side of the book.

    Raises
    ------
    ValueError
        The book has no such side; callers check the book first.
    """
    touch = quote.bid if side is Side.BUY else quote.ask
    if touch is None:
        msg = f"{quote.key} has no {side} side to join"
        raise ValueError(msg)
    rounding = ROUND_FLOOR if side is Side.BUY else ROUND_CEILING
    return on_tick(contract, Decimal(repr(touch)), rounding)


def on_tick(contract: Contract, price: Decimal, rounding: str) -> Decimal:
    """Price on the venue's grid."""
    tick = tick_at(contract, price)
    return (price / tick).to_integral_value(rounding) * tick


def cost(hedge: Instrumental, side: Side, chosen: Size) -> Cost:
    """Cost of taking the size now: taker fee, half spread, and impact from the book shown.

    Notes
    -----
    Impact is the average price of walking the last snapshot of the book, against its touch;
    without a snapshot it is unknown and counted as zero, which the proposal's reasons say.
    """
    contract, quote = hedge.contract, hedge.book.quote
    middle = mid(quote) or 0.0
    half = 0.5 * ((quote.ask or middle) - (quote.bid or middle))
    walked = _walk(hedge.depth, side, float(chosen.qty)) if hedge.depth else 0.0
    return Cost(
        fee=chosen.usd * contract.taker_bps * BPS,
        spread=half * chosen.coins,
        impact=walked * chosen.coins,
    )


def _walk(depth: Depth, side: Side, qty: float) -> float:
    """Average distance from the touch of ``qty`` contracts, USD per coin, >= 0."""
    levels = depth.asks if side is Side.BUY else depth.bids
    if not levels:
        return 0.0
    touch, left, paid = levels[0][0], qty, 0.0
    for price, available in levels:
        taken = min(left, available)
        paid += taken * abs(price - touch)
        left -= taken
        if left <= 0.0:
            break
    paid += max(left, 0.0) * abs(levels[-1][0] - touch)  # beyond what is shown: at its end
    return paid / qty if qty > 0.0 else 0.0

