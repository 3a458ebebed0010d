"""One decision as a record: what was known, what was weighed, what was done and why."""

import hashlib

import msgspec
from msgspec import Struct

from terminal.core.units import HOUR
from terminal.core.words import delta
from terminal.engine.desk import verdict_of
from terminal.engine.state import DeskState
from terminal.hedging.adjustments.foresight import foresight_of
from terminal.hedging.centre import book_vol, centre
from terminal.hedging.decide import at_rest
from terminal.hedging.inputs import HedgeInputs
from terminal.market.state import age
from terminal.model.hedge import Proposal, Target
from terminal.model.oracle import (
    SCHEMA,
    Act,
    Band,
    Candidate,
    Decision,
    Factor,
    Flip,
    Inputs,
)
from terminal.oracle.candidates import candidates
from terminal.oracle.confidence import confidence, factors
from terminal.oracle.facts import Facts
from terminal.oracle.flips import flips, triggers
from terminal.oracle.rules import findings


def recorded(facts: Facts, number: int) -> Decision:
    """Record the decision that stands after a journal record.

    Parameters
    ----------
    facts : Facts
    number : int
        Of the decision in its run, from 1.
    """
    inputs, target, act = facts.inputs, facts.target, act_of(facts)
    state, offer = facts.state, facts.offer
    found = _Weighed() if inputs is None or target is None else _weighed(facts, inputs, target)
    return Decision(
        schema=SCHEMA,
        run=state.run,
        number=number,
        seq=state.seq,
        at=state.now,
        underlying=facts.underlying,
        mode=state.mode.value,
        profile=state.profile.name if state.profile else "",
        act=act,
        headline=headline(facts, act),
        proposal_id=offer.proposal_id if offer else "",
        guard=_guard(facts, act),
        why=_why(facts, offer, act),
        inputs=_inputs(inputs) if inputs else None,
        band=_band(inputs, target) if inputs and target else None,
        forecast=foresight_of(inputs) if inputs else None,
        candidates=found.candidates,
        findings=findings(facts),
        confidence=found.confidence,
        factors=found.factors,
        flips=found.flips,
        next_up=found.next_up,
        next_down=found.next_down,
    )


class _Weighed(Struct, frozen=True):
    """What only known numbers can say."""

    candidates: tuple[Candidate, ...] = ()
    factors: tuple[Factor, ...] = ()
    confidence: float | None = None
    flips: tuple[Flip, ...] = ()
    next_up: float | None = None
    next_down: float | None = None


def _weighed(facts: Facts, inputs: HedgeInputs, target: Target) -> _Weighed:
    offer = facts.offer
    found, trusted = candidates(inputs, target, offer), factors(inputs, target)
    after = next(each.after for each in found if each.chosen)
    up, down = triggers(inputs, target, after)
    return _Weighed(
        found,
        trusted,
        confidence(trusted),
        flips(inputs, target, offer.plan if offer else None, facts.profiles),
        up,
        down,
    )


def act_of(facts: Facts) -> Act:
    """What the engine does about an underlying now."""
    desk = facts.desk
    if facts.state.stop is not None:
        return Act.STOP
    if desk.hedge is not None:
        return Act.WORK
    if facts.halts:
        return Act.HALT
    if facts.inputs is None:
        return Act.BLIND
    if desk.proposal is not None:
        return Act.PROPOSE
    return Act.WAIT if facts.outside else Act.HOLD


def headline(facts: Facts, act: Act) -> str:
    """Say what is done in one sentence."""
    desk, coin = facts.desk, facts.underlying
    if act is Act.PROPOSE and desk.proposal is not None:
        return _offered(desk.proposal)
    if act is Act.WORK and desk.hedge is not None:
        hedge = desk.hedge
        return f"{hedge.side.value} {hedge.qty} contracts of {coin} at work, approved by {hedge.by}"
    if act is Act.HOLD and facts.inputs is not None and facts.target is not None:
        return f"Hold: {at_rest(facts.inputs.net_delta, facts.target, coin)}"
    return f"{act.value.capitalize()}: {verdict_of(facts.state, coin) or facts.missing}"


def _offered(offer: Proposal) -> str:
    """Say what is proposed."""
    way = f"{delta(offer.before)} to {delta(offer.after)} {offer.underlying}"
    return f"Propose to {offer.side.value} {offer.qty} of {offer.key}: net delta {way}"


def _guard(facts: Facts, act: Act) -> str:
    if act in (Act.HOLD, Act.PROPOSE, Act.WORK):
        return ""
    if facts.state.stop is not None:
        return f"stopped: {facts.state.stop.reason}"
    return facts.halts[0].reason if facts.halts else facts.missing or facts.desk.verdict


def _why(facts: Facts, offer: Proposal | None, act: Act) -> tuple[str, ...]:
    if offer is not None:
        return offer.reasons
    target = facts.target
    if target is None:
        return (facts.missing,)
    lines = [f"{target.rule}: {target.reason}."]
    if act is Act.WAIT:
        lines.append(f"{_waits(facts.desk, target)}.")
    return tuple(lines)


def _waits(desk: DeskState, target: Target) -> str:
    return target.hold or desk.verdict


def _inputs(inputs: HedgeInputs) -> Inputs:
    told = inputs.hedge.funding
    total = inputs.exposure.total
    eight = None
    if told is not None and told.interval > 0:
        eight = told.rate * 8 * HOUR / told.interval * 1e4
    return Inputs(
        spot=inputs.spot,
        net_delta=inputs.net_delta,
        delta_kind=inputs.spec.delta.value,
        gamma=total.gamma,
        gamma_1pct_usd=total.gamma_1pct_usd,
        annual_vol=inputs.annual_vol,
        implied_vol=book_vol(inputs),
        cost_bps=inputs.one_way_cost * 1e4,
        funding_bps_8h=eight,
        fill_rate=inputs.fill_rate,
        instrument=inputs.hedge.contract.key,
        book_age=age(inputs.hedge.book, inputs.now),
        oldest_age=inputs.data_age,
        profile_hash=digest(inputs.profile),
        snapshot_hash=digest(
            (inputs.exposure, inputs.hedge.book, inputs.hedge.depth, inputs.hedge.funding)
        ),
    )


def _band(inputs: HedgeInputs, target: Target) -> Band:
    return Band(target.rule, target.reason, target.low, target.high, centre(inputs), target.delta)


def digest(value: object) -> str:
    """Short hash of a value's bytes as they would be journaled."""
    return hashlib.sha256(msgspec.json.encode(value)).hexdigest()[:16]
