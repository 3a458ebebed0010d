"""Word from the venue: updates, fills, settlement, snapshots."""

from msgspec.structs import replace

from terminal.core.units import BPS, from_seconds
from terminal.core.words import amount
from terminal.engine import costs
from terminal.engine.afloat import afloat_with, undone
from terminal.engine.attributing import entered, fill_change, row_of_key
from terminal.engine.state import (
    KEEP_FILLS,
    KEEP_ORDERS,
    Drift,
    FillNote,
    State,
    Step,
    position,
    underlying_of,
)
from terminal.execution.orders import (
    apply_fill,
    apply_update,
    done,
    lives,
    outstanding,
    overfilled,
)
from terminal.execution.stated_orders import reach
from terminal.hedging.memory import filled
from terminal.market.state import mid, spot
from terminal.model.account import OpenOrder, Settled
from terminal.model.attribution import Bucket
from terminal.model.instrument import Contract, Option, Right, coin_settled, coins
from terminal.model.messages import Alert, Cancel, Effect, Query
from terminal.model.order import (
    Fill,
    Order,
    OrderStatus,
    OrderUpdate,
    Side,
    TimeInForce,
)
from terminal.model.reconcile import ForeignOrder
from terminal.portfolio.attribution import Change
from terminal.portfolio.ledger import book_fill, settle
from terminal.portfolio.option_deltas import option_delta
from terminal.portfolio.pnl import DOLLARS
from terminal.portfolio.scalps import with_fill, with_settlement
from terminal.risk.activity import forgiven, rejected, traded
from terminal.risk.halts import Halt, HaltCode, unknown_order

PATIENCE = from_seconds(3.0)
"""Silence after which an order's outcome counts as unknown and the venue is asked."""

ASK_EVERY = from_seconds(2.0)


def on_update(state: State, update: OrderUpdate) -> Step:
    """Take word about one of our orders; of an order that is not ours, tell the person."""
    order = state.orders.get(update.order_id)
    if order is None:
        text = f"word about an order that is not ours: {update.order_id} {update.status.value}"
        return state, (Alert("warn", "ORDER", text),)
    after = apply_update(order, update, state.now)
    if after.status is order.status:
        return _with_order(state, after), _contradiction(order, update)
    state = _with_order(state, after)
    if after.status is OrderStatus.REJECTED:
        return _on_reject(state, after)
    if after.status is OrderStatus.LIVE:
        state = costs.acked(state, after)
    return state, ()


def _contradiction(order: Order, update: OrderUpdate) -> tuple[Effect, ...]:
    """Tell the person of a reject of an order that lives, and of life after a reject."""
    if update.status is OrderStatus.REJECTED and lives(order):
        text = f"{order.intent.key}: reject of an order that lives, kept: {update.reason}"
        return (Alert("warn", "ORDER", text),)
    if order.status is OrderStatus.REJECTED and update.status is OrderStatus.LIVE:
        text = f"{order.intent.key}: the venue says that a rejected order lives: look at it there"
        return (Alert("crit", "ORDER", text),)
    return ()


def _on_reject(state: State, order: Order) -> Step:
    underlying = underlying_of(state, order.intent.key)
    activity = rejected(state.activity, underlying)
    state = replace(state, activity=activity)
    text = f"{order.intent.key} order was rejected: {order.reason}"
    effects: list[Effect] = [Alert("warn", "ORDER", text)]
    profile = state.profile
    if profile is not None and activity.paces[underlying].rejects >= profile.rejects_halt:
        count = activity.paces[underlying].rejects
        reason = f"{count} orders in a row were rejected, the last: {order.reason}"
        halt = Halt(HaltCode.REJECTS, underlying, reason, state.now, latched=True)
        state, more = latched(state, halt)
        effects += more
    return state, tuple(effects)


def latched(state: State, halt: Halt) -> Step:
    """Add a latched halt once; the log says so when it is new."""
    if any(each.code is halt.code and each.underlying == halt.underlying for each in state.halts):
        return state, ()
    where = halt.underlying or "everything"
    alert = Alert("crit", "HALT", f"{where} halted: {halt.reason}. Re-arm when it is understood.")
    return replace(state, halts=(*state.halts, halt)), (alert,)


def on_fill(state: State, fill: Fill) -> Step:
    """Book a fill once: position, order, counters, blotter."""
    instrument = state.market.instruments.get(fill.key)
    if instrument is None:
        reason = f"fill {fill.fill_id} names {fill.key}, which is not listed"
        return latched(state, Halt(HaltCode.FAULT, "", reason, state.now, latched=True))
    ledger = book_fill(state.ledger, instrument, fill)
    if ledger is state.ledger:
        return state, ()  # told before
    order = state.orders.get(fill.order_id)
    change = fill_change(state, instrument, fill, order.intent.decision_mid if order else 0.0)
    scalps = with_fill(state.scalps, instrument, fill, state.now)
    state = entered(state, replace(state, ledger=ledger, scalps=scalps), change)
    effects: tuple[Effect, ...] = ()
    if order is None:
        text = f"a fill of an order that is not ours: {fill.side.value} {fill.qty} {fill.key}"
        effects = (Alert("warn", "FILL", text),)
    else:
        after = apply_fill(order, fill, state.now)
        state = _with_order(state, after)
        if overfilled(after) or order.status is OrderStatus.REJECTED:
            asked = "a rejected order" if order.status is OrderStatus.REJECTED else "an order"
            reason = f"venue filled {after.filled} of {asked} for {order.intent.qty}: {fill.key}"
            underlying = instrument.contract.base
            halt = Halt(HaltCode.OVERFILL, underlying, reason, state.now, latched=True)
            state, effects = latched(state, halt)
    state = _remembered(_noted(state, fill, order), order)
    state, more = costs.executed(state, fill, order)
    return state, (*effects, _fill_alert(state.fills[-1]), *more)


def _noted(state: State, fill: Fill, order: Order | None) -> State:
    instrument = state.market.instruments[fill.key]
    contract = instrument.contract
    price = float(fill.price)
    amount = coins(contract, float(fill.qty), price)
    reference = order.intent.decision_mid if order else 0.0
    slippage = None
    if reference > 0.0:
        worse = price - reference if fill.side is Side.BUY else reference - price
        slippage = worse / reference / BPS
    paid_in = fill.fee_currency
    in_usd = 1.0 if paid_in in DOLLARS else spot(state.market, paid_in)
    fee_usd = float(fill.fee) * in_usd if in_usd is not None else None
    note = FillNote(
        fill=fill,
        at=state.now,
        underlying=contract.base,
        coins=amount,
        fee_usd=fee_usd,
        slippage_bps=slippage,
    )
    notional, slipped_on = amount * price, amount * price
    if isinstance(instrument, Option):
        notional, slipped_on = _of_option(state, contract, amount, reference)
    cost = (fee_usd or 0.0) + slipped_on * (slippage or 0.0) * BPS
    counts = state.counts
    drift = state.drifts.get(contract.base, Drift())
    return replace(
        state,
        fills=(*state.fills, note)[-KEEP_FILLS:],
        activity=forgiven(traded(state.activity, notional, cost), contract.base),
        counts=replace(counts, fills=counts.fills + 1, hedge_cost_usd=counts.hedge_cost_usd + cost),
        drifts={
            **state.drifts,
            contract.base: replace(drift, traded=drift.traded + amount),
        },
    )


def _of_option(
    state: State, contract: Contract, amount: float, reference: float
) -> tuple[float, float]:
    """Turnover of an option's fill, that of its coins, and the premium it was decided at, USD."""
    index = spot(state.market, contract.base) or 0.0
    unit = index if coin_settled(contract) else 1.0
    return amount * index, amount * reference * unit


def _remembered(state: State, order: Order | None) -> State:
    """Tell the policy of the latest fill: our own moves what it hedges, another is flow."""
    note = state.fills[-1]
    desk = state.desks.get(note.underlying)
    if desk is None:
        return state
    signed = note.coins if note.fill.side is Side.BUY else -note.coins
    is_option = isinstance(state.market.instruments.get(note.fill.key), Option)
    hedged = signed if order and not is_option else 0.0
    memory = filled(desk.memory, state.now, hedged, news=is_option or order is None)
    return replace(state, desks={**state.desks, note.underlying: replace(desk, memory=memory)})


def _fill_alert(note: FillNote) -> Alert:
    fill = note.fill
    fee = "fee unknown" if note.fee_usd is None else f"fee {note.fee_usd:,.2f} USD"
    text = (
        f"{fill.side.value} {amount(note.coins)} {note.underlying} at {fill.price:,}"
        f" ({fill.key.partition('@')[0]}), {fee}"
    )
    return Alert("info", "FILL", text)


def on_settled(state: State, settled: Settled) -> Step:
    """Settle an expired instrument at its price."""
    instrument = state.market.instruments.get(settled.key)
    if instrument is None or settled.key not in state.ledger.positions:
        return state, ()
    text = f"{settled.key.partition('@')[0]} settled at {settled.price:,}"
    scalps = with_settlement(state.scalps, instrument, settled.price, state.now)
    ledger = settle(state.ledger, instrument, settled.price)
    row = row_of_key(state, settled.key)
    change = Change(bucket=Bucket.SETTLEMENT, row=row, at=state.now)
    after = entered(state, replace(state, ledger=ledger, scalps=scalps), change)
    return after, (Alert("info", "EXPIRY", text),)


def chase(state: State) -> Step:
    """Ask about silent orders; an outcome unknown for too long halts its underlying.

    Only an order that may rest is left alone while it lives: one that takes liquidity ends at
    once, so its silence means that word was lost. A cancel is asked for again with each question,
    and while a stop stands for every order but its own: the first cancel may be what was lost.
    """
    effects: list[Effect] = []
    for order in undone(state):
        if state.now - order.changed_at < PATIENCE:
            continue
        if _may_rest(order) or state.now - order.asked_at < ASK_EVERY:
            continue
        status = order.status
        if status is OrderStatus.SENT:
            status = OrderStatus.UNKNOWN
            effects.append(Alert("warn", "ORDER", f"{order.intent.key}: no word, asking the venue"))
        asked = replace(order, status=status, asked_at=state.now)
        state = _with_order(state, asked)
        stopped = state.stop is not None and not order.intent.for_stop
        if stopped or status is OrderStatus.CANCEL_PENDING:
            effects.append(Cancel(order.intent.order_id))
        effects.append(Query(order.intent.order_id))
        if state.profile is not None:
            underlying = underlying_of(state, order.intent.key)
            halt = unknown_order(state.profile, underlying, order.changed_at, state.now)
            if halt is not None:
                state, more = latched(state, halt)
                effects += more
    return state, tuple(effects)


def _may_rest(order: Order) -> bool:
    return order.status is OrderStatus.LIVE and order.intent.tif is not TimeInForce.IOC


def working(state: State) -> dict[str, float]:
    """Signed coins in flight by underlying, orders of unknown outcome in full.

    An option counts by its delta, and as a whole coin while that is unknown.
    """
    flying: dict[str, float] = {}
    for order in undone(state):
        left = outstanding(order)
        instrument = state.market.instruments.get(order.intent.key)
        if left == 0 or instrument is None:
            continue
        contract = instrument.contract
        amount = coins(contract, float(left), float(order.intent.limit))
        if isinstance(instrument, Option):
            delta = option_delta(state.market, instrument, state.now)
            whole = 1.0 if instrument.right is Right.CALL else -1.0
            amount *= whole if delta is None else delta
        sign = 1.0 if order.intent.side is Side.BUY else -1.0
        flying[contract.base] = flying.get(contract.base, 0.0) + sign * amount
    for stranger in foreign(state):
        if stranger.coins is not None:
            base = underlying_of(state, stranger.order.key)
            flying[base] = flying.get(base, 0.0) + stranger.coins
    return flying


def foreign(state: State) -> tuple[ForeignOrder, ...]:
    """Orders of others in our accounts, and what they may do to delta now."""
    return tuple(
        _foreign(state, venue, order)
        for venue, order in state.strangers
        if order.order_id not in state.orders
    )


def _foreign(state: State, venue: str, order: OpenOrder) -> ForeignOrder:
    seen = state.market.quotes.get(order.key)
    coins_now, why = reach(
        order,
        state.market.instruments.get(order.key),
        held=position(state, order.key),
        middle=mid(seen.quote) if seen else None,
        collar_bps=state.profile.collar_bps if state.profile else 0.0,
    )
    return ForeignOrder(venue=venue, order=order, coins=coins_now, why=why)


def _with_order(state: State, order: Order) -> State:
    orders = {**state.orders, order.intent.order_id: order}
    if len(orders) > KEEP_ORDERS:
        oldest = next((key for key, each in orders.items() if done(each)), None)
        if oldest is not None:
            del orders[oldest]
    return replace(state, orders=orders, afloat=afloat_with(state, order, orders))


def recorded(state: State, order: Order) -> State:
    """State that knows a new order, counted as sent."""
    counts = state.counts
    return replace(_with_order(state, order), counts=replace(counts, orders=counts.orders + 1))
