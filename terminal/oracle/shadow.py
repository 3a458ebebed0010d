"""A policy on paper beside the live one: the same looks, the same decision code, paper fills."""

import math

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import DAY, MINUTE, SECOND, from_seconds
from terminal.engine.context import Missing, halts_of, inputs_for
from terminal.engine.state import State
from terminal.hedging.centre import centre
from terminal.hedging.decide import decide
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.memory import Memory, filled, looked
from terminal.hedging.target import target_of
from terminal.hedging.watch import observed
from terminal.model.hedge import Proposal, Propose
from terminal.model.market import Funding
from terminal.model.risk import PolicyKind, RiskProfile

LOOK = 5 * SECOND
"""Between two looks of every shadow."""

GAP = 2 * MINUTE
"""Nothing is counted between two looks that are further apart."""


class Tally(Struct, frozen=True, kw_only=True):
    """Sums that grow by what happens between two looks."""

    span: int = 0  # ns
    hedges: int = 0
    turnover_usd: float = 0.0
    cost_usd: float = 0.0
    funding_usd: float = 0.0  # paid
    gain_usd: float = 0.0  # of price on the coins hedged
    off: float = 0.0  # coin x ns
    squares: float = 0.0  # USD^2: P&L from being off target, squared look by look


class Seen(Struct, frozen=True, gc=False):
    """The look before."""

    at: int  # UtcNs
    spot: float
    off: float  # net delta less its target, coin
    own: float  # coins hedged since the start
    rate: float  # funding a ns, fraction


class Run(Struct, frozen=True, kw_only=True):
    """One policy on one underlying.

    ``memory.hedged`` is its position: what it hedged itself, beside what the live desk had hedged
    when it began.
    """

    memory: Memory = Memory()
    base: float = 0.0  # ``memory.hedged`` when it began, coin
    last_hedge_at: int = 0
    seen: Seen | None = None
    own: Tally = Tally()
    rival: Tally = Tally()  # of the live profile on paper, over the same looks
    max_off: float = 0.0
    waits: str = ""  # why it was not looked at, or what holds a hedge back
    error: str = ""  # what stopped it for good


def begun(memory: Memory, last_hedge_at: int) -> Run:
    """A run that starts from the position of a live desk."""
    return Run(memory=memory, base=memory.hedged, last_hedge_at=last_hedge_at)


def joined(live: Run) -> Run:
    """A run that starts where the live profile on paper is, with nothing counted yet."""
    run = begun(live.memory, live.last_hedge_at)
    return replace(run, seen=replace(live.seen, own=0.0) if live.seen else None)


def looked_at(run: Run, state: State, underlying: str, profile: RiskProfile) -> Run:
    """A run after one more look.

    Parameters
    ----------
    run : Run
    state : State
        Of the live engine, whose book, prices and stops the run shares.
    underlying : str
        A desk of the state.
    profile : RiskProfile
        With the policy to try.

    Notes
    -----
    Net delta is the live one without orders in flight and with the live desk's own hedges
    exchanged for the run's. A hedge fills at once and in full at mid, and pays the proposal's
    cost: taker fee, half spread, and impact by the book shown. Hedges are cut to the largest of
    the profile and kept apart as the live ones. While the live desk may not trade, neither does a
    run, and its clock stands. Risk is the quadratic variation of (net delta - target) x price.
    """
    halts = halts_of(state, underlying)
    if state.stop is not None or halts:
        return _waiting(run, halts[0].reason if halts else "trading is stopped")
    inputs = _inputs(run, state, underlying, profile)
    if isinstance(inputs, Missing):
        return _waiting(run, inputs.reason)
    target = target_of(inputs)
    inputs = replace(inputs, memory=observed(inputs))
    off = inputs.net_delta - centre(inputs)
    run = _marked(run, inputs, off)
    if run.last_hedge_at and inputs.now - run.last_hedge_at < from_seconds(profile.min_gap_s):
        return replace(run, memory=inputs.memory)
    if inputs.spec.kind is PolicyKind.HYBRID and not target.hold:
        inputs = replace(inputs, memory=looked(inputs.memory, inputs.now, inputs.spot))
    made = decide(inputs, "", policy=target)
    if isinstance(made, Propose):
        return _filled(replace(run, memory=inputs.memory), inputs, made.proposal)
    return replace(run, memory=inputs.memory, waits=made.reason)


def paired(run: Run, before: Run, after: Run, *, started: bool) -> Run:
    """A run with what the live profile on paper added over the same look.

    Parameters
    ----------
    run : Run
    before, after : Run
        Of the live profile, before and after the look.
    started : bool
        Whether the run had no look before this one to count time from.

    Notes
    -----
    A look that ends a wait of this run alone is not added: its time is not counted here either.
    """
    if run.seen is None or (started and before.seen is not None):
        return run
    return replace(run, rival=added(run.rival, after.own, before.own))


def added(total: Tally, after: Tally, before: Tally) -> Tally:
    """Sums with the difference of two others."""
    names = Tally.__struct_fields__
    return Tally(
        **{
            name: getattr(total, name) + (getattr(after, name) - getattr(before, name))
            for name in names
        }
    )


def stopped(run: Run, error: str) -> Run:
    """A run that is over, with its record as it was."""
    return replace(run, error=error, seen=None)


def days(tally: Tally) -> float:
    """Days that were looked at."""
    return tally.span / DAY


def risk(tally: Tally) -> float | None:
    """Standard deviation of a day's P&L from being off target, USD; None before any time."""
    return math.sqrt(tally.squares / days(tally)) if tally.span else None


def _waiting(run: Run, reason: str) -> Run:
    if run.seen is None and run.waits == reason:
        return run
    return replace(run, seen=None, waits=reason)


def _inputs(run: Run, state: State, underlying: str, profile: RiskProfile) -> HedgeInputs | Missing:
    """Inputs of a decision at the run's own position."""
    desk = state.desks[underlying]
    memory = run.memory
    if desk.memory.news_at > memory.news_at:
        memory = replace(memory, news_at=desk.memory.news_at, anchor=None)
    supposed = replace(desk, memory=memory, last_hedge_at=run.last_hedge_at)
    found = inputs_for(replace(state, profile=profile), underlying, supposed)
    if isinstance(found, Missing):
        return found
    exposure, more = found.exposure, memory.hedged - desk.memory.hedged
    total = replace(exposure.total, delta=exposure.total.delta + more)
    largest = profile.max_hedge_usd
    return replace(
        found,
        net_delta=found.net_delta - exposure.working + more,
        exposure=replace(exposure, total=total, working=0.0),
        largest_usd=largest if found.largest_usd is None else min(found.largest_usd, largest),
    )


def _marked(run: Run, inputs: HedgeInputs, off: float) -> Run:
    """A run with the time since the last look counted."""
    before, own = run.seen, run.own
    elapsed = inputs.now - before.at if before else 0
    if before is not None and 0 < elapsed <= GAP:
        change = inputs.spot - before.spot
        own = replace(
            own,
            span=own.span + elapsed,
            gain_usd=own.gain_usd + before.own * change,
            funding_usd=own.funding_usd + before.own * before.spot * before.rate * elapsed,
            off=own.off + abs(before.off) * elapsed,
            squares=own.squares + (before.off * change) ** 2,
        )
    held = run.memory.hedged - run.base
    seen = Seen(inputs.now, inputs.spot, off, held, _rate(inputs.hedge.funding))
    return replace(run, own=own, seen=seen, max_off=max(run.max_off, abs(off)), waits="")


def _rate(funding: Funding | None) -> float:
    """Funding a nanosecond; an unknown one costs nothing."""
    return funding.rate / funding.interval if funding and funding.interval > 0 else 0.0


def _filled(run: Run, inputs: HedgeInputs, offer: Proposal) -> Run:
    """A run after its hedge has filled on paper."""
    step = offer.after - offer.before
    own = replace(
        run.own,
        hedges=run.own.hedges + 1,
        turnover_usd=run.own.turnover_usd + offer.usd,
        cost_usd=run.own.cost_usd + offer.cost.total,
    )
    seen = run.seen
    if seen is not None:
        seen = replace(seen, off=seen.off + step, own=seen.own + step)
    memory = filled(run.memory, inputs.now, step, news=False)
    return replace(run, memory=memory, own=own, seen=seen, last_hedge_at=inputs.now)
