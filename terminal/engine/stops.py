"""The staged stop: freeze, neutralise, flatten; latched until a person re-arms."""

from decimal import Decimal
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.ids import proposal_id
from terminal.core.units import from_seconds
from terminal.engine.context import Missing, approval_context, inputs_for, through
from terminal.engine.desk import begin
from terminal.engine.state import (
    ASKED,
    DeskState,
    Latch,
    State,
    Step,
    position,
    underlying_of,
    with_desk,
)
from terminal.execution.hedges import start
from terminal.execution.orders import asked_to_cancel, done
from terminal.hedging.decide import blocked, decide
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.style import taken_now
from terminal.model.hedge import Hold, Proposal, Refused, Target
from terminal.model.instrument import CarryKind, Future, Perpetual, coins
from terminal.model.messages import Alert, AskAccount, Cancel, Effect, Rearm, Stop, StopStage
from terminal.model.order import FINAL
from terminal.risk.activity import risen_anew
from terminal.risk.limits import Ask, approve

RETRY = from_seconds(1.0)

NEAR = 0.01
"""Of the delta cap: gamma moves delta off its centre again at once, and coins are never all there
in the same instant. A stop that wanted it exactly would trade for ever."""


class Clear(Struct, frozen=True):
    """A stage has nothing left to do in one underlying."""

    reason: str


class Blocked(Struct, frozen=True):
    """A stage cannot act, or cannot see whether it must, until the market is back."""

    reason: str


Closing: TypeAlias = Proposal | Clear | Blocked

_ORDER = (StopStage.FREEZE, StopStage.NEUTRALISE, StopStage.FLATTEN)


def on_stop(state: State, stop: Stop) -> Step:
    """Latch a stop; a further stop may only go to a later stage."""
    stage = stop.stage
    if state.stop is not None and _ORDER.index(state.stop.stage) >= _ORDER.index(stage):
        return state, ()
    latch = Latch(stage=stage, reason=stop.reason, since=state.now, number=state.stops + 1)
    state = replace(state, stop=latch, stops=latch.number)
    for underlying, desk in state.desks.items():
        calm = replace(desk, proposal=None, asked=False, quiet_until=0, tickets=None, rest=None)
        state = with_desk(state, underlying, calm)
    state, effects = cancel_all(state)
    told = Alert("crit", "STOP", f"{stage.value}: {stop.reason}")
    return state, (told, *effects, *_questions(state))


def _questions(state: State) -> tuple[Effect, ...]:
    """Ask what every account holds now: without an answer of after the stop none re-arms."""
    if state.mode not in ASKED:
        return ()
    return tuple(AskAccount(venue) for venue, each in state.accounts.items() if each.opened)


def _not_compared(state: State, stop: Latch) -> str:
    """Venue whose account has not been compared since a stop; empty when all have been."""
    if state.mode not in ASKED:
        return ""
    for venue, account in state.accounts.items():
        compared = account.compared
        fresh = compared is not None and compared.since >= stop.since and not account.linked_at
        if account.opened and not fresh:
            return venue
    return ""


def on_rearm(state: State, rearm: Rearm) -> Step:
    """Lift the stop and the latched halts; a reason and a comparison since are required."""
    if not rearm.reason.strip():
        return state, (Alert("warn", "STOP", "re-arming needs a reason: nothing changed"),)
    if state.stop is None and not state.halts:
        return state, ()
    unproven = _not_compared(state, state.stop) if state.stop is not None else ""
    if unproven:
        text = f"not re-armed: {unproven} has not told what it holds since the stop, asking again"
        return state, (Alert("warn", "STOP", text), *_questions(state))
    paces = state.activity.paces
    activity = replace(
        risen_anew(state.activity),
        paces={key: replace(pace, rejects=0, slips=0) for key, pace in paces.items()},
    )
    state = replace(state, stop=None, halts=(), activity=activity)
    return state, (Alert("info", "STOP", f"re-armed: {rearm.reason}"),)


def cancel_all(state: State) -> Step:
    """Ask for the cancel of everything that may still fill."""
    effects: list[Effect] = []
    orders = dict(state.orders)
    for order_id, order in state.orders.items():
        if order.status not in FINAL:
            orders[order_id] = asked_to_cancel(order, state.now)
            effects.append(Cancel(order_id))
    return replace(state, orders=orders), tuple(effects)


def pursue(state: State, underlying: str) -> Step:
    """Take the stop one step further in one underlying, when nothing of it is in flight."""
    stop = state.stop
    desk = state.desks[underlying]
    idle = desk.hedge is None and state.now >= desk.quiet_until
    if stop is None or stop.done or stop.stage is StopStage.FREEZE or not idle:
        return state, ()
    if _in_flight(state, underlying):
        return state, ()
    proposal = closing(state, underlying, desk, stop.stage)
    if not isinstance(proposal, Proposal):
        said = f"stop: {proposal.reason}"
        return with_desk(state, underlying, replace(desk, verdict=said)), ()
    desk = replace(desk, number=desk.number + 1, proposal=proposal)
    state = with_desk(state, underlying, desk)
    context = approval_context(state, underlying, state.profile) if state.profile else None
    ask = Ask(proposal, proposal.qty, "stop", proposal.revision)
    verdict = approve(ask, context) if context else None
    if verdict is None or isinstance(verdict, Refused):
        reason = verdict.reason if verdict else "no risk profile"
        waiting = replace(
            desk, proposal=None, quiet_until=state.now + RETRY, verdict=f"stop waits: {reason}"
        )
        return with_desk(state, underlying, waiting), ()
    return begin(state, underlying, start(verdict, state.now))


def settled(state: State) -> State:
    """Mark the stop done when every underlying has nothing left to do for it."""
    stop = state.stop
    if stop is None or stop.done:
        return state
    for underlying, desk in state.desks.items():
        if desk.hedge is not None or _in_flight(state, underlying):
            return state
        if stop.stage is not StopStage.FREEZE and not isinstance(
            closing(state, underlying, desk, stop.stage), Clear
        ):
            return state
    return replace(state, stop=replace(stop, done=True))


def closing(state: State, underlying: str, desk: DeskState, stage: StopStage) -> Closing:
    """Next hedge that a stage needs in one underlying, or why there is none."""
    inputs = inputs_for(state, underlying, desk)
    name = proposal_id(state.run, underlying, desk.number + 1)
    if stage is StopStage.NEUTRALISE:
        if isinstance(inputs, Missing):
            return Blocked(inputs.reason) if _concerned(state, underlying) else Clear("no position")
        return _neutral(inputs, name)
    answer: Closing = Clear("nothing left to close")
    for key in open_hedges(state, underlying):
        found = _close(state, inputs, key, name)
        if isinstance(found, Proposal):
            return found
        if isinstance(found, Blocked) or not isinstance(answer, Blocked):
            answer = found  # an instrument that cannot be closed must not keep the next from it
    return answer


def _neutral(inputs: HedgeInputs, name: str) -> Closing:
    """Hedge to the centre, unless delta is as near as a moving price lets it stay."""
    centre = inputs.spec.target
    away = abs(inputs.net_delta - centre) * inputs.spot
    near = NEAR * inputs.profile.delta_cap_usd
    if away <= near:
        return Clear(f"delta is {away:,.0f} USD from its centre, {near:,.0f} is near enough")
    return _forced(inputs, centre, "stop: neutralise", name)


def _concerned(state: State, underlying: str) -> bool:
    """Whether anything is held that could give this underlying a delta."""
    return any(
        held.qty != 0 and underlying_of(state, key) in {underlying, key}
        for key, held in (*state.ledger.positions.items(), *state.ledger.spot.items())
    )


def _close(state: State, inputs: HedgeInputs | Missing, key: str, name: str) -> Closing:
    """Hedge that closes one perpetual or future."""
    by_hand = closed_by_hand(state, key)
    if by_hand:
        return Blocked(by_hand)
    if isinstance(inputs, Missing):
        return Blocked(inputs.reason)
    closing_by = through(state, inputs, key)
    if closing_by is None:
        return Blocked(f"no quote of {key} to close it")
    amount = coins(closing_by.hedge.contract, float(position(state, key)), closing_by.spot)
    return _forced(closing_by, closing_by.net_delta - amount, "stop: flatten", name)


def _forced(inputs: HedgeInputs, goal: float, rule: str, name: str) -> Closing:
    target = Target(goal, goal, goal, rule, "asked by the stop")
    fault = blocked(inputs, target, forced=True)
    if fault:
        return Blocked(fault)
    decision = decide(inputs, name, target)
    if isinstance(decision, Hold):
        return Clear(decision.reason)
    return replace(decision.proposal, urgent=True, plan=taken_now("asked by the stop"))


def open_hedges(state: State, underlying: str) -> tuple[str, ...]:
    """Keys of the perpetuals and futures of an underlying that are held."""
    return tuple(
        key
        for key, held in state.ledger.positions.items()
        if held.qty != Decimal(0)
        and isinstance(state.market.instruments.get(key), Perpetual | Future)
        and underlying_of(state, key) == underlying
    )


def closed_by_hand(state: State, key: str) -> str:
    """Say how a position is closed that no order can close; empty where an order can.

    Notes
    -----
    A perpetual on which both sides pay a borrow fee is lent by a pool: a keeper changes it on a
    signed request, which the engine never sends by itself.
    """
    instrument = state.market.instruments.get(key)
    if not isinstance(instrument, Perpetual) or instrument.carry is not CarryKind.BORROW:
        return ""
    contract, held = instrument.contract, state.ledger.positions[key]
    return (
        f"no order closes {float(held.qty):+,.6g} {contract.base} of {contract.symbol} at"
        f" {contract.venue}: close it there, or ask its keeper, `python -m terminal"
        f" {contract.venue}-hedge request WALLET {contract.symbol} --decrease SIZE`"
    )


def _in_flight(state: State, underlying: str) -> bool:
    return any(
        not done(order)
        for order in state.orders.values()
        if underlying_of(state, order.intent.key) == underlying
    )
