"""A person's hand on a working hedge: re-price, cross, cancel, and give back to the rule.

A hedge that was re-priced or crossed by hand is detached: its rule does nothing more until it is
given back. What cannot be done now is answered with the reason, and nothing happens.
"""

from decimal import ROUND_FLOOR, Decimal
from typing import TypeAlias

from msgspec.structs import replace

from terminal.core.units import BPS
from terminal.engine.state import State, Step, with_desk
from terminal.engine.work import venture_of
from terminal.execution.at_work import Hedge, Venture, Wish
from terminal.execution.orders import asked_to_cancel
from terminal.execution.prices import ceiling_bps, reaches, taking_limit
from terminal.execution.wants import usable
from terminal.hedging.legs import on_tick
from terminal.market.state import mid
from terminal.model.instrument import tick_at
from terminal.model.messages import (
    Alert,
    Cancel,
    CancelHedge,
    CrossHedge,
    ReleaseHedge,
    RepriceHedge,
)
from terminal.model.order import OrderStatus

Hand: TypeAlias = RepriceHedge | CrossHedge | CancelHedge | ReleaseHedge


def by_hand(state: State, command: Hand) -> Step:
    """Carry out a person's command about a working hedge, or say why not."""
    found = next(
        (desk.hedge for desk in state.desks.values()
         if desk.hedge is not None and desk.hedge.hedge_id == command.hedge_id),
        None,
    )  # fmt: skip
    if found is None:
        return _refused(state, f"{command.hedge_id} is not working any more")
    venture = venture_of(state, found.underlying, found)
    if venture is None:
        return _refused(state, f"{command.hedge_id}: its instrument is not known now")
    reason = _why_not(found, venture, command)
    if reason:
        return _refused(state, f"{command.hedge_id}: {reason}")
    after, text = _obeyed(found, venture, command)
    desk = replace(state.desks[found.underlying], hedge=after)
    state = with_desk(state, found.underlying, desk)
    told = Alert("info", "HEDGE", f"{command.hedge_id}: {text}")
    order = venture.order
    live = order is not None and order.status is OrderStatus.LIVE
    if order is None or not live or not isinstance(command, CancelHedge):
        return state, (told,)
    # At once, and not only when the book is looked at anew: a cancel needs no market.
    closing = asked_to_cancel(order, state.now)
    orders = {**state.orders, found.order_id: closing}
    return replace(state, orders=orders), (told, Cancel(found.order_id))


def _refused(state: State, reason: str) -> Step:
    return state, (Alert("warn", "HEDGE", f"{reason}: nothing was done"),)


def _why_not(hedge: Hedge, at: Venture, command: Hand) -> str:
    if hedge.by == "stop":
        return "the stop works this hedge, it cannot be taken over"
    if hedge.ending:
        return "it is ending already"
    match command:
        case CancelHedge():
            return ""
        case ReleaseHedge():
            return "" if hedge.by_hand else "its rule controls it already"
        case _:
            return _not_now(hedge, at) or _no_price(hedge, at, command)


def _not_now(hedge: Hedge, at: Venture) -> str:
    """Why no order of a person's could follow now."""
    if at.stopped:
        return "trading is stopped, it can only be cancelled"
    if at.crowded:
        return at.crowded
    order = at.order
    if order is not None and order.status is OrderStatus.UNKNOWN:
        return "its order has no proven outcome yet, wait for the venue's word"
    if hedge.wish is not None:
        return "your last word is still being carried out"
    return ""


def _no_price(hedge: Hedge, at: Venture, command: RepriceHedge | CrossHedge) -> str:
    """Why the price asked for cannot be sent."""
    quote = usable(at)
    middle = mid(quote) if quote else None
    if quote is None or middle is None:
        return "its book cannot be used now"
    if isinstance(command, CrossHedge):
        limit = taking_limit(hedge, at, middle, waived=True)
        if reaches(hedge.side, limit, quote):
            return ""
        ceiling = ceiling_bps(at.profile)
        return f"the other side is beyond {ceiling:g} bp from the decision, cancel it instead"
    if command.limit is None:
        return ""
    price = command.limit
    if not price.is_finite() or price <= 0:
        return f"{price} is not a price"
    tick = tick_at(at.contract, price)
    if price % tick != 0:
        near = on_tick(at.contract, price, ROUND_FLOOR)
        return f"{price} is between ticks, the nearest below is {near}"
    if reaches(hedge.side, price, quote):
        return f"{price} would cross the book, use cross to take"
    return _too_far(price, middle, at)


def _too_far(price: Decimal, middle: float, at: Venture) -> str:
    away = abs(float(price) / middle - 1.0) / BPS
    collar = at.profile.collar_bps
    return f"{price} is {away:.0f} bp from mid, collar {collar:g} bp" if away > collar else ""


def _obeyed(hedge: Hedge, at: Venture, command: Hand) -> tuple[Hedge, str]:
    match command:
        case CancelHedge():
            return replace(hedge, ending="cancelled by hand", asking=""), "cancelled by hand"
        case ReleaseHedge():
            back = replace(
                hedge,
                by_hand=False,
                wish=None,
                said="",
                pegs=0,
                waited=False,
                passive_since=at.now if hedge.order_id else 0,
                over_since=0,
            )
            return back, "given back to its rule"
        case CrossHedge():
            wish, text = Wish(cross=True), "crosses now"
        case _:
            price = command.limit
            where = "the touch" if price is None else f"{price}"
            wish, text = Wish(cross=False, limit=price), f"re-priced to {where}"
    detached = "" if hedge.by_hand else ", your hand from here on: its rule is detached"
    return replace(hedge, by_hand=True, wish=wish, asking=""), text + detached
