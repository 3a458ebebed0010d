"""The staged stop: freeze, neutralise, flatten; latched until a person re-arms."""

from decimal import Decimal

from msgspec.structs import replace

from terminal.core.ids import proposal_id
from terminal.core.units import from_seconds
from terminal.engine.context import Missing, approval_context, inputs_for
from terminal.engine.desk import begin, with_desk
from terminal.engine.state import DeskState, Latch, State, Step, position, underlying_of
from terminal.execution.hedges import start
from terminal.execution.orders import asked_to_cancel, done
from terminal.hedging.decide import decide
from terminal.hedging.inputs import HedgeInputs, Instrumental
from terminal.model.hedge import Hold, Proposal, Refused, Target
from terminal.model.instrument import Future, Perpetual, coins
from terminal.model.messages import Alert, Cancel, Effect, Rearm, Stop, StopStage
from terminal.model.order import FINAL
from terminal.risk.limits import Ask, approve

RETRY = from_seconds(1.0)
_ORDER = (StopStage.FREEZE, StopStage.NEUTRALISE, StopStage.FLATTEN)


def on_stop(state: State, stop: Stop) -> Step:
    """Latch a stop; a further stop may only go to a later stage."""
    stage = stop.stage
    if state.stop is not None and _ORDER.index(state.stop.stage) >= _ORDER.index(stage):
        return state, ()
    latch = Latch(stage=stage, reason=stop.reason, since=state.now, number=state.stops + 1)
    state = replace(state, stop=latch, stops=latch.number)
    for underlying, desk in state.desks.items():
        calm = replace(desk, proposal=None, asked=False, quiet_until=0)
        state = with_desk(state, underlying, calm)
    state, effects = cancel_all(state)
    return state, (Alert("crit", "STOP", f"{stage.value}: {stop.reason}"), *effects)


def on_rearm(state: State, rearm: Rearm) -> Step:
    """Lift the stop and the latched halts; a reason is required."""
    if not rearm.reason.strip():
        return state, (Alert("warn", "STOP", "re-arming needs a reason: nothing changed"),)
    if state.stop is None and not state.halts:
        return state, ()
    activity = replace(
        state.activity,
        paces={key: replace(pace, rejects=0) for key, pace in state.activity.paces.items()},
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
        return with_desk(state, underlying, replace(desk, verdict=f"stop: {proposal}")), ()
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
        if stop.stage is not StopStage.FREEZE and isinstance(
            closing(state, underlying, desk, stop.stage), Proposal
        ):
            return state
    return replace(state, stop=replace(stop, done=True))


def closing(
    state: State, underlying: str, desk: DeskState, stage: StopStage
) -> Proposal | str:
    """Next hedge that a stage needs in one underlying, or why there is none."""
    inputs = inputs_for(state, underlying, desk)
    name = proposal_id(state.run, underlying, desk.number + 1)
    if stage is StopStage.NEUTRALISE:
        if isinstance(inputs, Missing):
            return inputs.reason
        centre = inputs.spec.target
        return _forced(inputs, centre, "stop: neutralise", name)
    for key in open_hedges(state, underlying):
        if isinstance(inputs, Missing):
            return inputs.reason
        through = _through(state, inputs, key)
        if through is None:
            return f"no quote of {key} to close it"
        held = position(state, key)
        contract = through.hedge.contract
        amount = coins(contract, float(held), through.spot)
        return _forced(through, through.net_delta - amount, "stop: flatten", name)
    return "nothing left to close"


def _forced(inputs: HedgeInputs, goal: float, rule: str, name: str) -> Proposal | str:
    decision = decide(inputs, name, Target(goal, goal, goal, rule, "asked by the stop"))
    if isinstance(decision, Hold):
        return decision.reason
    return replace(decision.proposal, urgent=True)


def _through(state: State, inputs: HedgeInputs, key: str) -> HedgeInputs | None:
    """The same inputs, with ``key`` as the instrument to trade."""
    seen = state.market.quotes.get(key)
    if seen is None:
        return None
    hedge = Instrumental(
        contract=state.market.instruments[key].contract,
        book=seen,
        depth=state.market.depth.get(key),
        position=position(state, key),
    )
    return replace(inputs, hedge=hedge)


def open_hedges(state: State, underlying: str) -> tuple[str, ...]:
    """Keys of the perpetuals and futures of an underlying that are held."""
    return tuple(
        key
        for key, held in state.ledger.positions.items()
        if held.qty != Decimal(0)
        and isinstance(state.market.instruments.get(key), Perpetual | Future)
        and underlying_of(state, key) == underlying
    )


def _in_flight(state: State, underlying: str) -> bool:
    return any(
        not done(order)
        for order in state.orders.values()
        if underlying_of(state, order.intent.key) == underlying
    )
