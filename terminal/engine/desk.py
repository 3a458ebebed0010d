"""Tend one underlying: the hedge at work, the proposal on the table, the next decision."""

from msgspec.structs import replace

from terminal.core.ids import proposal_id
from terminal.core.units import from_seconds, seconds
from terminal.core.words import amount, delta
from terminal.engine import costs
from terminal.engine.choices import decided
from terminal.engine.context import (
    Missing,
    approval_context,
    factor_of,
    halts_of,
    inputs_for,
    with_margin,
)
from terminal.engine.parts import following, left, parts_approved
from terminal.engine.state import DeskState, Remainder, State, Step, contract_of, with_desk
from terminal.engine.synthetics import followed
from terminal.engine.tickets import advanced, dropped, put_up
from terminal.engine.work import work
from terminal.execution.at_work import Hedge
from terminal.execution.hedges import start
from terminal.hedging.centre import centre
from terminal.hedging.decide import at_rest, band_fault, decide
from terminal.hedging.division import part_offer
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.memory import looked
from terminal.hedging.target import target_of
from terminal.hedging.watch import observed
from terminal.model.hedge import (
    DenialCode,
    Hold,
    Proposal,
    ProposalStatus,
    Refused,
    Target,
)
from terminal.model.messages import Alert, Effect
from terminal.model.risk import CLOSING, Autonomy, PolicyKind
from terminal.risk.activity import hedge_started
from terminal.risk.limits import Ask, approve, drifted, withheld

SNOOZE = from_seconds(30.0)
"""Quiet after a person turned a proposal down."""


HYSTERESIS = 0.1
"""Part of the band's width that delta must be inside before a proposal is withdrawn: without it,
noise at the edge would put the same proposal up and take it away again."""


def verdict_of(state: State, underlying: str) -> str:
    """Why nothing is proposed for an underlying, or what is."""
    desk = state.desks[underlying]
    said = desk.verdict
    if not said and desk.net is not None and desk.target is not None:
        said = at_rest(desk.net, desk.target, underlying)
    return f"{said}; {len(desk.tickets.tickets)} tickets wait" if desk.tickets else said


def tend(state: State, underlying: str) -> Step:
    """Everything that time or news may change about one underlying."""
    effects: tuple[Effect, ...] = ()
    if state.desks[underlying].hedge is not None:
        state, effects = work(state, underlying)
    if state.desks[underlying].hedge is None and state.desks[underlying].rest is not None:
        state, more = _next_part(state, underlying)
        effects += more
    if state.profile is not None and (state.profile.synthetics or state.synthetics):
        state = followed(state, underlying)
    desk = state.desks[underlying]
    inputs = inputs_for(state, underlying, desk)
    if isinstance(inputs, Missing):
        state = _paused(state, underlying, inputs.reason)
        return state, effects
    target = target_of(inputs)
    desk = replace(
        state.desks[underlying],
        target=target,
        net=inputs.net_delta,
        hedge_key=inputs.hedge.contract.key,
        memory=observed(inputs),
    )
    state = with_desk(state, underlying, desk)
    if desk.proposal is not None:
        state, more = _review(state, underlying, desk.proposal, inputs, target)
        effects += more
    if state.desks[underlying].proposal is None:
        state, more = _consider(state, underlying, inputs)
        effects += more
    return state, effects


def _paused(state: State, underlying: str, reason: str) -> State:
    """Nothing can be decided: an open proposal must be made anew before it can be approved."""
    desk = replace(state.desks[underlying], verdict=reason, target=None, net=None)
    if desk.proposal is not None and state.now >= desk.proposal.expires_at:
        desk = replace(desk, proposal=None, asked=False, tickets=None)
    elif desk.proposal is not None and desk.proposal.status is ProposalStatus.OPEN:
        stale = replace(desk.proposal, status=ProposalStatus.REQUOTE)
        desk = replace(desk, proposal=stale)
    return with_desk(state, underlying, desk)


def _review(
    state: State, underlying: str, proposal: Proposal, inputs: HedgeInputs, target: Target
) -> Step:
    """Keep the proposal on the table honest: lapse it, drop it, or ask for a re-quote."""
    desk, profile = state.desks[underlying], inputs.profile
    if state.now >= proposal.expires_at:
        state = _dropped(state, underlying, "the last proposal lapsed")
        effects: tuple[Effect, ...] = ()
        if proposal.ticket is not None:
            state, effects = dropped(state, underlying, "the one before them lapsed")
        text = f"{proposal.proposal_id} lapsed unanswered"
        return state, (Alert("info", "PROPOSAL", text), *effects)
    slack = HYSTERESIS * (target.high - target.low)
    inside = target.low + slack <= inputs.net_delta <= target.high - slack
    if not desk.asked and proposal.ticket is None and inside:
        text = f"{proposal.proposal_id} withdrawn: delta is back inside the band"
        return _dropped(state, underlying, "delta is inside the band"), (
            Alert("info", "PROPOSAL", text),
        )
    context = approval_context(state, underlying, profile)
    if context is None or proposal.status is not ProposalStatus.OPEN:
        return state, ()
    if drifted(proposal, context):
        moved = replace(proposal, status=ProposalStatus.REQUOTE)
        state = with_desk(state, underlying, replace(desk, proposal=moved))
    return state, ()


def _dropped(state: State, underlying: str, verdict: str) -> State:
    desk = replace(state.desks[underlying], proposal=None, asked=False, verdict=verdict)
    return with_desk(state, underlying, desk)


def _consider(state: State, underlying: str, inputs: HedgeInputs) -> Step:
    """Decide anew when the desk is free to."""
    desk = state.desks[underlying]
    halts = halts_of(state, underlying)
    reason = _not_now(state, desk, halted=halts[0].reason if halts else "")
    if reason:
        return with_desk(state, underlying, replace(desk, verdict=reason)), ()
    if desk.tickets is not None:
        return _ticketed(state, underlying, inputs)
    if inputs.spec.kind is PolicyKind.HYBRID and desk.target and not desk.target.hold:
        desk = replace(desk, memory=looked(desk.memory, inputs.now, inputs.spot))
        state = with_desk(state, underlying, desk)
    goal = _asked_target(inputs) if desk.asked else None
    quiet = desk.autonomy is Autonomy.MANUAL and not desk.asked
    decision = (
        decide(inputs, "", goal, policy=desk.target)  # only its side is told
        if quiet
        else decided(state, inputs, "", goal, policy=desk.target)
    )
    if isinstance(decision, Hold):
        if desk.verdict == decision.reason and not desk.asked:
            return state, ()
        calm = replace(desk, verdict=decision.reason, asked=False)
        return with_desk(state, underlying, calm), ()
    if quiet:
        verdict = f"manual: delta is outside the band, ask for a hedge ({decision.proposal.side})"
        return with_desk(state, underlying, replace(desk, verdict=verdict)), ()
    guard = _guard(state, underlying, decision.proposal)
    if guard:
        held = with_desk(state, underlying, replace(desk, verdict=guard))
        if desk.verdict == guard:
            return held, ()
        return held, (Alert("warn", "GUARD", f"{underlying} is not hedged: {guard}"),)
    # A name costs a digest, so only what is proposed gets one.
    name = proposal_id(state.run, underlying, desk.number + 1)
    return _proposed(state, underlying, replace(decision.proposal, proposal_id=name))


def _ticketed(state: State, underlying: str, inputs: HedgeInputs) -> Step:
    """Put the first ticket in line up as a proposal; one that cannot be takes the line with it."""
    found = put_up(state, underlying, inputs)
    if isinstance(found, str):
        return dropped(state, underlying, found)
    desk = advanced(state.desks[underlying])
    return _proposed(with_desk(state, underlying, desk), underlying, found)


def _guard(state: State, underlying: str, proposal: Proposal) -> str:
    """Which limit against noise holds an automatic hedge back; empty when none does."""
    desk, profile = state.desks[underlying], state.profile
    if desk.autonomy is not Autonomy.AUTO or desk.asked or profile is None:
        return ""
    context = approval_context(state, underlying, profile)
    if context is None:
        return ""
    refusal = withheld(Ask(proposal, proposal.qty, "auto", proposal.revision), context)
    return f"{refusal.code.value}: {refusal.reason}" if refusal else ""


def _asked_target(inputs: HedgeInputs) -> Target:
    """Target of a hedge that a person asked for: the policy's own centre."""
    middle = centre(inputs)
    return Target(middle, middle, middle, "asked by hand", "back to target")


def _not_now(state: State, desk: DeskState, *, halted: str) -> str:
    if state.stop is not None:
        return f"stopped ({state.stop.stage.value}): {state.stop.reason}"
    if halted:
        return f"halted: {halted}"
    if desk.hedge is not None:
        return "a hedge is working"
    if state.now < desk.quiet_until:
        return "quiet for a while after a hedge or a refusal"
    gap = from_seconds(state.profile.min_gap_s) if state.profile else 0
    if desk.last_hedge_at and state.now - desk.last_hedge_at < gap and not desk.asked:
        left = seconds(gap - (state.now - desk.last_hedge_at))
        return f"hedges are kept apart: next in {left:.0f} s"
    return ""


def _proposed(state: State, underlying: str, proposal: Proposal) -> Step:
    desk = state.desks[underlying]
    text = (
        f"{proposal.proposal_id}: {proposal.side.value} {amount(proposal.coins)} {underlying},"
        f" net delta {delta(proposal.before)} to {delta(proposal.after)}"
    )
    counts = replace(state.counts, proposals=state.counts.proposals + 1)
    desk = replace(desk, proposal=proposal, number=desk.number + 1, verdict="a hedge is proposed")
    state = with_desk(replace(state, counts=counts), underlying, desk)
    effects: tuple[Effect, ...] = (Alert("info", "PROPOSAL", text),)
    if desk.autonomy is Autonomy.AUTO and proposal.ticket is None and _small(state, proposal):
        ask = Ask(proposal, proposal.qty, "auto", proposal.revision)
        state, more = decide_on(state, underlying, ask)
        effects += more
    return state, effects


def _small(state: State, proposal: Proposal) -> bool:
    """Whether auto may approve a proposal by its size."""
    contract = contract_of(state, proposal.key)
    if state.profile is None or contract is None:
        return False
    factor = factor_of(state, contract.venue)
    return proposal.usd <= state.profile.auto_hedge_usd * factor


def decide_on(state: State, underlying: str, ask: Ask) -> Step:
    """Put a proposal before the limits; on approval the hedge starts at once."""
    profile = state.profile
    context = approval_context(state, underlying, profile) if profile else None
    if context is None:
        refusal = Refused(DenialCode.NOT_ARMED, "no risk profile or no hedge instrument")
        return _denied(state, underlying, ask, refusal)
    verdict = approve(ask, with_margin(state, context))
    if isinstance(verdict, Refused):
        return _denied(state, underlying, ask, verdict)
    parts = parts_approved(state, underlying, verdict)
    if isinstance(parts, Refused):
        return _denied(state, underlying, ask, parts)
    first, rest = parts
    return begin(state, underlying, start(first, state.now), rest)


def _next_part(state: State, underlying: str) -> Step:
    """Begin the next part of a divided hedge, or drop what is left of it with the reason."""
    desk = state.desks[underlying]
    part = following(state, underlying)
    if isinstance(part, str) or desk.rest is None:
        text = f"the rest of a divided {underlying} hedge is dropped: {part}"
        state = with_desk(state, underlying, replace(desk, rest=None))
        return state, (Alert("info", "HEDGE", text),)
    hedge = start(part, state.now)
    begun = replace(desk, hedge=hedge, rest=left(desk.rest), last_hedge_at=state.now)
    state = replace(state, costs=costs.began(state, hedge, part.proposal))
    state, effects = work(with_desk(state, underlying, begun), underlying)
    text = f"{hedge.hedge_id} follows: {hedge.side.value} {hedge.qty} contracts"
    return state, (Alert("info", "HEDGE", text), *effects)


def begin(state: State, underlying: str, hedge: Hedge, rest: Remainder | None = None) -> Step:
    """Put an approved hedge to work; ``rest`` follows it where it is divided."""
    before = state.desks[underlying]
    ticketed = before.proposal is not None and before.proposal.ticket is not None
    desk = replace(
        before,
        proposal=None,
        asked=False,
        hedge=hedge,
        last_hedge_at=state.now,
        # What was traded is what the next hedge trades, so that positions do not spread; what a
        # stop or a ticket traded says nothing of that.
        hedge_key=before.hedge_key if hedge.by == "stop" or ticketed else hedge.key,
        rest=rest,
    )
    counts = replace(state.counts, approvals=state.counts.approvals + 1)
    activity = hedge_started(state.activity, underlying, hedge.side, state.now)
    offer = part_offer(before.proposal, 0) if before.proposal else None
    cost_book = costs.began(state, hedge, offer)
    state = replace(state, counts=counts, activity=activity, costs=cost_book)
    state = with_desk(state, underlying, desk)
    text = f"{hedge.hedge_id} approved by {hedge.by}: {hedge.side.value} {hedge.qty} contracts"
    state, effects = work(state, underlying)
    return state, (Alert("info", "APPROVED", text), *effects)


def _denied(state: State, underlying: str, ask: Ask, refusal: Refused) -> Step:
    counts = replace(state.counts, denials=state.counts.denials + 1)
    state = replace(state, counts=counts)
    desk = state.desks[underlying]
    verdict = f"{refusal.code.value}: {refusal.reason}"
    proposal = desk.proposal
    if proposal is not None and refusal.code in (DenialCode.REQUOTE, DenialCode.DATA_STALE):
        proposal = replace(proposal, status=ProposalStatus.REQUOTE)
    state = with_desk(state, underlying, replace(desk, verdict=verdict, proposal=proposal))
    text = f"{ask.proposal.proposal_id} refused, {verdict}"
    return state, (Alert("warn", "DENIED", text),)


def armed(inputs: HedgeInputs) -> str:
    """Why a desk cannot be armed with its policy on this market; empty when it can."""
    if inputs.spec.kind in CLOSING:
        return ""
    return band_fault(inputs, target_of(inputs))
