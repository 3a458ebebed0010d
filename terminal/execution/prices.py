"""Limits of a hedge's orders: inside the slippage cap against the price it was decided at."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from terminal.execution.at_work import Hedge, Venture
from terminal.hedging.legs import on_tick, passive_price, worst_price
from terminal.model.instrument import tick_at
from terminal.model.market import Quote
from terminal.model.order import Side
from terminal.model.risk import RiskProfile, Style

HARD_SLIPPAGE_BPS = 100.0
"""Distance from the decision's mid that no order in the coin passes, whatever a profile or a
person says; the cap of an option is its ceiling."""


def ceiling_bps(profile: RiskProfile) -> float:
    """Worst price against the decision's mid once the slippage cap has been waived, bp.

    The cap of an option is in per cent of a small price and lies above the hard distance: it is
    all that its orders ever get.
    """
    return max(min(profile.collar_bps, HARD_SLIPPAGE_BPS), profile.slippage_cap_bps)


def taking_limit(hedge: Hedge, at: Venture, middle: float, *, waived: bool) -> Decimal:
    """Limit of an order that takes, on the tick grid.

    Parameters
    ----------
    hedge : Hedge
    at : Venture
    middle : float
        Mid now.
    waived : bool
        The slippage cap against the decision's mid has been lifted to the ceiling.

    Returns
    -------
    Decimal
        Never further from the mid now than the cap, nor from the decision's than cap or ceiling;
        a marketable limit also stays within its ticks of the other touch.
    """
    cap = at.profile.slippage_cap_bps
    far = ceiling_bps(at.profile) if waived else cap
    limits = [
        worst_price(at.contract, hedge.side, middle, cap),
        worst_price(at.contract, hedge.side, hedge.decision_mid, far),
    ]
    other = _other_touch(hedge.side, at.book.quote) if at.book else None
    if hedge.plan.style is Style.MARKETABLE and not hedge.by_hand and other is not None:
        buying = hedge.side is Side.BUY
        touch = on_tick(at.contract, other, ROUND_CEILING if buying else ROUND_FLOOR)
        ticks = at.profile.pay_up_ticks * tick_at(at.contract, touch)
        limits.append(touch + ticks if buying else touch - ticks)
    return min(limits) if hedge.side is Side.BUY else max(limits)


def resting_limit(hedge: Hedge, at: Venture, quote: Quote) -> Decimal:
    """Limit of an order that rests: the own touch, or behind it when that is beyond the cap."""
    touch = passive_price(at.contract, hedge.side, quote)
    cap = at.profile.slippage_cap_bps
    worst = worst_price(at.contract, hedge.side, hedge.decision_mid, cap)
    return min(touch, worst) if hedge.side is Side.BUY else max(touch, worst)


def reaches(side: Side, limit: Decimal, quote: Quote) -> bool:
    """Whether a limit takes from the other side of a book."""
    other = _other_touch(side, quote)
    if other is None:
        return False
    return limit >= other if side is Side.BUY else limit <= other


def _other_touch(side: Side, quote: Quote) -> Decimal | None:
    price = quote.ask if side is Side.BUY else quote.bid
    return None if price is None else Decimal(repr(price))
