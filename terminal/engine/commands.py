"""What a person asks for, answered: each command changes the state or says why not."""

from typing import assert_never

from msgspec.structs import replace

from terminal.engine.arming import on_live
from terminal.engine.choices import decided
from terminal.engine.context import Missing, halts_of, inputs_for
from terminal.engine.desk import SNOOZE, armed, decide_on
from terminal.engine.manual import by_hand
from terminal.engine.reconcile import on_account
from terminal.engine.state import State, Step, with_desk
from terminal.engine.stops import cancel_all, on_rearm, on_stop
from terminal.engine.synthetics import mode_fault
from terminal.engine.tickets import dropped, on_tickets, requoted
from terminal.execution.orders import asked_to_cancel
from terminal.hedging.centre import centre
from terminal.model.hedge import Hold, Proposal, ProposalStatus, Target
from terminal.model.messages import (
    AdoptVenue,
    Alert,
    Approve,
    ArmLive,
    Cancel,
    CancelAll,
    CancelForeign,
    CancelHedge,
    CancelOrder,
    Command,
    CrossHedge,
    Disturb,
    HedgeNow,
    LiftFirstDays,
    Misbehave,
    Rearm,
    Reject,
    ReleaseHedge,
    RepriceHedge,
    Requote,
    SendTickets,
    SetAutonomy,
    SetProfile,
    Stop,
)
from terminal.model.order import FINAL
from terminal.model.risk import Autonomy
from terminal.risk.limits import Ask
from terminal.risk.profiles import changes, faults


def obey(state: State, command: Command) -> Step:
    """Carry out one command."""
    match command:
        case Approve() | Reject() | Requote():
            return _answer(state, command)
        case HedgeNow():
            return _hedge_now(state, command)
        case SendTickets():
            return on_tickets(state, command)
        case SetAutonomy():
            return _set_autonomy(state, command)
        case SetProfile():
            return _set_profile(state, command)
        case Stop() | Rearm():
            return _stop_or_rearm(state, command)
        case ArmLive() | LiftFirstDays():
            return on_live(state, command)
        case CancelOrder() | CancelAll():
            return _cancel(state, command)
        case AdoptVenue() | CancelForeign():
            return on_account(state, command)
        case RepriceHedge() | CrossHedge() | CancelHedge() | ReleaseHedge():
            return by_hand(state, command)
        case Disturb():
            text = f"simulation: {command.kind.value} {command.underlying or 'all'}"
            return state, (Misbehave(command), Alert("warn", "SIM", text))
        case _:
            assert_never(command)


def _stop_or_rearm(state: State, command: Stop | Rearm) -> Step:
    return on_stop(state, command) if isinstance(command, Stop) else on_rearm(state, command)


def _answer(state: State, command: Approve | Reject | Requote) -> Step:
    """Carry out what a person says of a proposal."""
    match command:
        case Approve():
            return _approve(state, command)
        case Reject():
            return _reject(state, command)
        case _:
            return _requote(state, command)


def _find(state: State, proposal_id: str) -> tuple[str, Proposal] | None:
    for underlying, desk in state.desks.items():
        if desk.proposal is not None and desk.proposal.proposal_id == proposal_id:
            return underlying, desk.proposal
    return None


def _gone(proposal_id: str) -> tuple[Alert, ...]:
    text = f"{proposal_id} is not on the table any more: nothing was sent"
    return (Alert("warn", "PROPOSAL", text),)


def _approve(state: State, command: Approve) -> Step:
    found = _find(state, command.proposal_id)
    if found is None:
        return state, _gone(command.proposal_id)
    underlying, proposal = found
    qty = proposal.qty if command.qty is None else command.qty
    return decide_on(state, underlying, Ask(proposal, qty, command.by, command.revision))


def _reject(state: State, command: Reject) -> Step:
    found = _find(state, command.proposal_id)
    if found is None:
        return state, _gone(command.proposal_id)
    if not command.reason.strip():
        return state, (Alert("warn", "PROPOSAL", "a rejection needs a reason"),)
    underlying, proposal = found
    desk = replace(
        state.desks[underlying],
        proposal=None,
        asked=False,
        quiet_until=state.now + SNOOZE,
        verdict=f"rejected: {command.reason}",
    )
    text = f"{proposal.proposal_id} rejected: {command.reason}"
    state = with_desk(state, underlying, desk)
    state, more = dropped(state, underlying, "the one before them was rejected")
    return state, (Alert("info", "PROPOSAL", text), *more)


def _requote(state: State, command: Requote) -> Step:
    """Make the numbers of a proposal anew under the next revision, or drop it with the reason."""
    found = _find(state, command.proposal_id)
    if found is None:
        return state, _gone(command.proposal_id)
    underlying, proposal = found
    if proposal.ticket is not None:
        return _requote_ticket(state, underlying, proposal)
    desk = state.desks[underlying]
    inputs = inputs_for(state, underlying, desk)
    if isinstance(inputs, Missing):
        text = f"{proposal.proposal_id} cannot be re-quoted: {inputs.reason}"
        return state, (Alert("warn", "PROPOSAL", text),)
    middle = centre(inputs)
    goal = Target(middle, middle, middle, "asked by hand", "back to target")
    decision = decided(state, inputs, proposal.proposal_id, goal if desk.asked else None)
    if isinstance(decision, Hold):
        calm = replace(desk, proposal=None, asked=False, verdict=decision.reason)
        text = f"{proposal.proposal_id} withdrawn: {decision.reason}"
        return with_desk(state, underlying, calm), (Alert("info", "PROPOSAL", text),)
    anew = replace(
        decision.proposal, revision=proposal.revision + 1, status=ProposalStatus.OPEN
    )
    return with_desk(state, underlying, replace(desk, proposal=anew)), ()


def _requote_ticket(state: State, underlying: str, proposal: Proposal) -> Step:
    """Make the numbers of a ticket anew; it stays as it was where that cannot be done now."""
    found = requoted(state, underlying, proposal)
    if isinstance(found, str):
        text = f"{proposal.proposal_id} cannot be re-quoted: {found}"
        return state, (Alert("warn", "PROPOSAL", text),)
    anew = replace(found, revision=proposal.revision + 1)
    return with_desk(state, underlying, replace(state.desks[underlying], proposal=anew)), ()


def _hedge_now(state: State, command: HedgeNow) -> Step:
    desk = state.desks.get(command.underlying)
    if desk is None:
        return state, (Alert("warn", "PROPOSAL", f"no desk for {command.underlying}"),)
    if desk.hedge is not None or desk.proposal is not None:
        text = f"{command.underlying} has a proposal or a hedge already"
        return state, (Alert("info", "PROPOSAL", text),)
    halts = halts_of(state, command.underlying)
    if state.stop is not None or halts:
        # Kept until re-armed, the wish would become an order that nobody expects by then.
        why = halts[0].reason if halts else "the desk is stopped"
        text = f"{command.underlying} cannot be hedged now: {why}"
        return state, (Alert("warn", "PROPOSAL", text),)
    asked = replace(desk, asked=True, quiet_until=0)
    return with_desk(state, command.underlying, asked), ()


def _set_autonomy(state: State, command: SetAutonomy) -> Step:
    desk = state.desks.get(command.underlying)
    if desk is None:
        return state, (Alert("warn", "ARM", f"no desk for {command.underlying}"),)
    if command.autonomy is not Autonomy.MANUAL:
        inputs = inputs_for(state, command.underlying, desk)
        reason = mode_fault(state, command.underlying)
        if not reason and not isinstance(inputs, Missing):
            reason = armed(inputs)
        if reason:
            text = f"{command.underlying} cannot be armed: {reason}"
            return state, (Alert("warn", "ARM", text),)
    text = f"{command.underlying}: {command.autonomy.value}"
    changed = replace(
        desk,
        autonomy=command.autonomy,
        proposal=None,
        asked=False,
        quiet_until=0,
        tickets=None,
    )
    return with_desk(state, command.underlying, changed), (Alert("info", "ARM", text),)


def _set_profile(state: State, command: SetProfile) -> Step:
    problems = faults(command.profile)
    if problems:
        text = f"profile {command.profile.name} refused: " + "; ".join(problems)
        return state, (Alert("warn", "PROFILE", text),)
    old = state.profile
    edits = changes(old, command.profile) if old else ()
    what = ", ".join(f"{key} {before} to {after}" for key, before, after in edits[:6])
    text = f"profile {command.profile.name}: {what or 'unchanged'}"
    state = replace(state, profile=command.profile)
    for underlying, desk in state.desks.items():
        if desk.proposal is not None:
            anew = replace(desk.proposal, status=ProposalStatus.REQUOTE)
            state = with_desk(state, underlying, replace(desk, proposal=anew))
    return state, (Alert("info", "PROFILE", text),)


def _cancel(state: State, command: CancelOrder | CancelAll) -> Step:
    if isinstance(command, CancelAll):
        state, effects = cancel_all(_ended(state, f"cancelled: {command.reason}"))
        return state, (Alert("info", "ORDER", f"cancel all: {command.reason}"), *effects)
    order = state.orders.get(command.order_id)
    if order is None or order.status in FINAL:
        return state, (Alert("info", "ORDER", "that order has ended already"),)
    state = _ended(state, "its order was cancelled by hand", command.order_id)
    closing = asked_to_cancel(order, state.now)
    orders = {**state.orders, command.order_id: closing}
    return replace(state, orders=orders), (Cancel(command.order_id),)


def _ended(state: State, why: str, order_id: str = "") -> State:
    """State in which the hedge of an order, or every hedge, ends: a cancel is no wish to cross.

    A stop's own hedges go on.
    """
    for underlying, desk in state.desks.items():
        hedge = desk.hedge
        if hedge is None or hedge.by == "stop" or (order_id and hedge.order_id != order_id):
            continue
        ending = replace(hedge, ending=hedge.ending or why, asking="")
        state = with_desk(state, underlying, replace(desk, hedge=ending))
    return state
