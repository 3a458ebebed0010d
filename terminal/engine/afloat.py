"""The orders of which more may be heard, picked out of those that are kept for the screen."""

from msgspec.structs import replace

from terminal.engine.state import Afloat, State
from terminal.execution.orders import done
from terminal.model.order import Order


def surveyed(state: State) -> State:
    """State that has picked out its undone orders; the same one while no order has changed.

    Finished orders are kept for the screen, and going through them on every record would cost
    more than everything else. Maps are replaced, never changed, so the same map is the same
    content.
    """
    if state.afloat is not None and state.afloat.orders is state.orders:
        return state
    left = tuple(each for each in state.orders.values() if not done(each))
    return replace(state, afloat=Afloat(state.orders, left))


def undone(state: State) -> tuple[Order, ...]:
    """Orders of which more may be heard, oldest first."""
    found: tuple[Order, ...] = surveyed(state).afloat.undone
    return found


def afloat_with(state: State, order: Order, orders: dict[str, Order]) -> Afloat | None:
    """The undone orders after one came or changed; None where those before are not known."""
    before = state.afloat
    if before is None or before.orders is not state.orders:
        return None
    name = order.intent.order_id
    fresh = () if done(order) else (order,)
    if name not in state.orders:
        return Afloat(orders, (*before.undone, *fresh))
    if not any(each.intent.order_id == name for each in before.undone):
        return None if fresh else Afloat(orders, before.undone)
    kept = [
        new
        for each in before.undone
        for new in (fresh if each.intent.order_id == name else (each,))
    ]
    return Afloat(orders, tuple(kept))
