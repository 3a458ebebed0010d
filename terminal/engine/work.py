"""Take the hedge at work one step further, and end it."""

from decimal import Decimal

from msgspec.structs import replace

from terminal.core.units import from_seconds
from terminal.engine import costs
from terminal.engine.context import approval_context, factor_of, halts_of, with_margin
from terminal.engine.orders import latched, recorded
from terminal.engine.state import State, Step, contract_of, position, with_desk
from terminal.execution.at_work import Finished, Hedge, Venture
from terminal.execution.hedges import advance, resting
from terminal.execution.orders import asked_to_cancel, done, new_order
from terminal.execution.rates import observed
from terminal.market.state import spot
from terminal.model.instrument import Option
from terminal.model.messages import Alert, Cancel, Effect, Submit
from terminal.model.order import Order, OrderStatus
from terminal.model.risk import RiskProfile
from terminal.risk.activity import order_sent
from terminal.risk.first_days import cut
from terminal.risk.halts import bars
from terminal.risk.limits import Ask, too_many_orders, unfit
from terminal.risk.option_limits import for_options

QUIET = from_seconds(1.0)
"""Between the end of a hedge and the next decision: its last fills may still be under way."""


def work(state: State, underlying: str) -> Step:
    """Take the hedge at work one step further."""
    hedge = state.desks[underlying].hedge
    venture = venture_of(state, underlying, hedge) if hedge else None
    if hedge is None or venture is None:
        return state, ()
    order = venture.order
    if _held_up(state, underlying, hedge, venture):
        return state, ()
    # How fast an order in an option fills says nothing of one in the coin.
    if order is not None and resting(order) and done(order) and venture.spot is None:
        state = _learnt(state, venture.contract.venue, order)
    after, action = advance(hedge, venture)
    if after is not hedge:
        desk = replace(state.desks[underlying], hedge=after)
        state = with_desk(state, underlying, desk)
    asked = _question(hedge, after)
    match action:
        case Submit(intent):
            state = recorded(state, new_order(intent, state.now))
            activity = order_sent(state.activity, state.now)
            cost_book = costs.submitted(state, intent)
            return replace(state, activity=activity, costs=cost_book), (*asked, action)
        case Cancel(order_id):
            closing = asked_to_cancel(state.orders[order_id], state.now)
            return replace(state, orders={**state.orders, order_id: closing}), (*asked, action)
        case Finished(left, reason):
            return _finished(state, after, left, reason)
        case _:
            return state, asked


def venture_of(state: State, underlying: str, hedge: Hedge) -> Venture | None:
    """What the next step of a hedge depends on; None without its terms or a profile."""
    instrument = state.market.instruments.get(hedge.key)
    profile = state.profile
    if instrument is None or profile is None:
        return None
    by_stop = hedge.by == "stop"
    is_option = isinstance(instrument, Option)
    profile = for_options(profile) if is_option else profile
    return Venture(
        now=state.now,
        run=state.run,
        profile=_sized(state, profile, instrument.contract.venue, by_stop=by_stop),
        contract=instrument.contract,
        book=state.market.quotes.get(hedge.key),
        position=position(state, hedge.key),
        order=state.orders.get(hedge.order_id),
        stopped=_barred(state, underlying, hedge),
        crowded="" if by_stop else too_many_orders(profile, state.activity, state.now),
        unfit=_unfit(state, underlying, profile, hedge),
        spot=spot(state.market, underlying) if is_option else None,
    )


def _sized(state: State, profile: RiskProfile, venue: str, *, by_stop: bool) -> RiskProfile:
    """Profile whose sizes hold for an order now; a stop is never kept small."""
    return profile if by_stop else cut(profile, factor_of(state, venue))


def _unfit(state: State, underlying: str, profile: RiskProfile, hedge: Hedge) -> str:
    """Which limit of the moment stands against a further slice; others need no second look."""
    offer = hedge.offer
    if offer is None or hedge.order_id or hedge.attempt == 0:
        return ""
    context = approval_context(state, underlying, profile, hedge.key)
    if context is None:
        return "its instrument is not known"
    ask = Ask(offer, hedge.qty - hedge.filled, hedge.by, offer.revision)
    return unfit(ask, with_margin(state, context))


def _barred(state: State, underlying: str, hedge: Hedge) -> bool:
    """Whether a hedge must send nothing more: the stop's own hedges go on, others do not.

    In a live run that is not armed none goes on.
    """
    contract = contract_of(state, hedge.key)
    if contract is None or factor_of(state, contract.venue) == 0.0:
        return True
    if hedge.by == "stop":
        return False
    return state.stop is not None or any(bars(halt) for halt in halts_of(state, underlying))


def _held_up(state: State, underlying: str, hedge: Hedge, at: Venture) -> bool:
    """Whether a hedge waits with its next order: nobody knows what is held, or what it costs.

    What rests is looked after all the same, and a halt that ends the hedge ends it.
    """
    if hedge.by == "stop" or at.stopped or (at.order is not None and not done(at.order)):
        return False
    return bool(halts_of(state, underlying))


def _question(before: Hedge, after: Hedge) -> tuple[Effect, ...]:
    """The alert of a question that has just come up."""
    if not after.asking or before.asking:
        return ()
    return (Alert("warn", "ASK", f"{after.hedge_id}: {after.asking}"),)


def _learnt(state: State, venue: str, order: Order) -> State:
    """State that has learnt from a resting order how fast they fill."""
    if order.status is OrderStatus.REJECTED:
        return state  # it never rested
    rate = observed(state.fill_rates.get(venue), order)
    return replace(state, fill_rates={**state.fill_rates, venue: rate})


def _finished(state: State, hedge: Hedge, left: Decimal, reason: str) -> Step:
    underlying = hedge.underlying
    desk = state.desks[underlying]
    # A hedge that a person or a stop ends takes the parts behind it along.
    rest = None if hedge.ending else desk.rest
    ended = replace(desk, hedge=None, quiet_until=state.now + QUIET, rest=rest)
    state = costs.finished(with_desk(state, underlying, ended), hedge, reason)
    level = "info" if left == 0 else "warn"
    told = Alert(level, "HEDGE", f"{hedge.hedge_id} finished: {reason}")
    halt = costs.pause(state, hedge)
    if halt is None:
        return state, (told,)
    state, effects = latched(state, halt)
    return state, (told, *effects)
