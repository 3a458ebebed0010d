"""Orders and working hedges as a screen shows them."""

from decimal import Decimal

from terminal.engine.state import State
from terminal.engine.work import venture_of
from terminal.execution.at_work import Hedge, Venture
from terminal.execution.orders import done
from terminal.execution.wants import Aim, Want, wanted
from terminal.model.frame import Notice
from terminal.model.instrument import tick_at
from terminal.model.order import FINAL, Order, Side
from terminal.model.order_row import OrderRow, WorkingHedge


def order_rows(state: State) -> tuple[OrderRow, ...]:
    """Every order kept, newest first, after the hedges that are at work without one."""
    hedges = [desk.hedge for desk in state.desks.values() if desk.hedge is not None]
    stands = {hedge.hedge_id: _stand(state, hedge) for hedge in hedges}
    idle = [
        _idle(hedge, stands[hedge.hedge_id], state.now) for hedge in hedges if not hedge.order_id
    ]
    working = {hedge.order_id: hedge for hedge in hedges if hedge.order_id}
    rules = {hedge.hedge_id: hedge.rule for hedge in hedges}
    rows = []
    for order in reversed(state.orders.values()):
        intent = order.intent
        hedge = working.get(intent.order_id)
        ended = order.changed_at if order.status in FINAL else state.now
        rows.append(
            OrderRow(
                order_id=intent.order_id,
                symbol=intent.key.partition("@")[0],
                side=intent.side,
                qty=intent.qty,
                filled=order.filled,
                limit=intent.limit,
                status=order.status.value,
                age=ended - order.created_at,
                rule=rules.get(intent.proposal_id, intent.proposal_id),
                reason=order.reason,
                working=not done(order),
                hedge=stands[hedge.hedge_id] if hedge else None,
            )
        )
    return (*idle, *rows)


def questions(state: State) -> tuple[Notice, ...]:
    """What working hedges ask a person."""
    return tuple(
        Notice(
            "warn",
            f"{hedge.hedge_id} asks: {hedge.asking}",
            hedge.over_since,
            "Answer it under Orders",
        )
        for hedge in (desk.hedge for desk in state.desks.values())
        if hedge is not None and hedge.asking
    )


def _idle(hedge: Hedge, stand: WorkingHedge, now: int) -> OrderRow:
    """A hedge between two orders."""
    return OrderRow(
        order_id=hedge.hedge_id,
        symbol=hedge.key.partition("@")[0],
        side=hedge.side,
        qty=hedge.qty,
        filled=hedge.filled,
        limit=None,
        status="no order",
        age=now - hedge.started_at,
        rule=hedge.rule,
        reason=stand.waits,
        working=True,
        hedge=stand,
    )


def _stand(state: State, hedge: Hedge) -> WorkingHedge:
    venture = venture_of(state, hedge.underlying, hedge)
    order = venture.order if venture else None
    filled = hedge.filled + (order.filled if order else Decimal(0))
    want = wanted(hedge, venture) if venture else Want(aim=Aim.WAIT, reason="no market to see")
    return WorkingHedge(
        hedge_id=hedge.hedge_id,
        style=hedge.plan.style,
        by_hand=hedge.by_hand,
        by_stop=hedge.by == "stop",
        share=float(filled / hedge.qty),
        ticks_away=_ticks_away(venture, order) if venture and order else None,
        follows="cancels, then ends" if want.aim is Aim.END else want.follows,
        follows_in=None if want.at is None else max(want.at - state.now, 0),
        waits=want.reason,
        asks=hedge.asking,
    )


def _ticks_away(at: Venture, order: Order) -> float | None:
    """Ticks from the own touch: above 0 behind it, below 0 inside the spread or beyond it."""
    if order.status in FINAL or at.book is None:
        return None
    buying = order.intent.side is Side.BUY
    touch = at.book.quote.bid if buying else at.book.quote.ask
    if touch is None:
        return None
    limit = order.intent.limit
    gap = touch - float(limit) if buying else float(limit) - touch
    return gap / float(tick_at(at.contract, limit))
