"""Regret: proposals rejected, resized or expired, marked to market against following them."""

from math import sqrt
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import DAY, HOUR, SECOND
from terminal.engine.state import DeskState, State
from terminal.market.state import spot
from terminal.model.hedge import Proposal
from terminal.model.messages import Event, Record, Reject
from terminal.model.regret import Passed, RegretRow

HORIZON = HOUR
"""When a proposal that was not followed is judged."""

LONGEST = DAY
"""A desk without any hedge for so long is compared as it is then."""

LOOK = 10 * SECOND
"""Between two looks at what is due."""


class Left(Struct, frozen=True, kw_only=True):
    """Coins that were proposed and not traded."""

    at: int  # UtcNs
    underlying: str
    how: Passed
    coins: float  # signed, of the proposal
    more: float  # signed, of them those that earlier ones had not proposed already
    spot: float
    cost_usd: float  # expected, of ``coins``
    judged: bool = False
    closed: bool = False


class Sums(Struct, frozen=True):
    """Of one way of not following."""

    count: int = 0
    judged: int = 0
    better: int = 0
    total: float = 0.0
    squares: float = 0.0
    closed: int = 0
    always: float = 0.0


class Regret(Struct, frozen=True, kw_only=True):
    """Everything that is remembered; it begins anew with each start of the engine."""

    offers: dict[str, Proposal] = {}
    hedges: dict[str, str] = {}
    waiting: tuple[Left, ...] = ()
    sums: dict[Passed, Sums] = {}
    next_at: int = 0
    desks: Any = None  # of the state looked at last


def regretted(memory: Regret, state: State, record: Record) -> Regret:
    """Memory after a step; every record must be shown, in order."""
    if state.desks is not memory.desks:
        for name, desk in state.desks.items():
            memory = _noticed(memory, state, record.event, name, desk)
        memory = replace(memory, desks=state.desks)
    if memory.waiting and state.now >= memory.next_at:
        memory = _marked(memory, state)
    return memory


def _noticed(memory: Regret, state: State, event: Event, name: str, desk: DeskState) -> Regret:
    """Memory after a look at one desk: a proposal may have ended, a hedge may have begun."""
    before, now = memory.offers.get(name), desk.proposal
    hedge = desk.hedge.hedge_id if desk.hedge else ""
    if now is before and hedge == memory.hedges.get(name, ""):
        return memory
    if hedge and hedge != memory.hedges.get(name, ""):
        memory = _closed(memory, state, name)
    if before is not None and (now is None or now.proposal_id != before.proposal_id):
        memory = _ended(memory, state, event, desk, before)
    offers = {key: each for key, each in memory.offers.items() if key != name}
    if now is not None and now.ticket is None:  # what a person asked for is nobody's advice
        offers[name] = now
    return replace(memory, offers=offers, hedges={**memory.hedges, name: hedge})


def _ended(memory: Regret, state: State, event: Event, desk: DeskState, offer: Proposal) -> Regret:
    how, part = _outcome(state, event, desk, offer)
    price = spot(state.market, offer.underlying)
    if how is None or price is None:
        return memory
    coins = part * (offer.after - offer.before)
    earlier = sum(
        each.more
        for each in memory.waiting
        if each.underlying == offer.underlying and not each.closed
    )
    left = Left(
        at=state.now,
        underlying=offer.underlying,
        how=how,
        coins=coins,
        more=coins - earlier,
        spot=price,
        cost_usd=part * offer.cost.total,
    )
    sums = memory.sums.get(how, Sums())
    counted = replace(sums, count=sums.count + 1)
    return replace(memory, waiting=(*memory.waiting, left), sums={**memory.sums, how: counted})


def _outcome(
    state: State, event: Event, desk: DeskState, offer: Proposal
) -> tuple[Passed | None, float]:
    """How a proposal was not followed, and the part of it that was not."""
    if isinstance(event, Reject) and event.proposal_id == offer.proposal_id:
        return Passed.REJECTED, 1.0
    hedge = desk.hedge
    if hedge is not None and hedge.hedge_id == offer.proposal_id:
        part = 1.0 - float(hedge.qty / offer.qty)
        return (Passed.RESIZED, part) if part > 0.0 and desk.rest is None else (None, 0.0)
    if state.now >= offer.expires_at:
        return Passed.EXPIRED, 1.0
    return None, 0.0  # delta came back by itself, or trading was stopped


def _closed(memory: Regret, state: State, name: str) -> Regret:
    """Memory after a hedge has begun: it trades what was left out too, at the price of now."""
    waiting = tuple(
        replace(each, closed=True) if each.underlying == name else each for each in memory.waiting
    )
    price = spot(state.market, name)
    sums = memory.sums
    for each in memory.waiting:
        if each.underlying == name and not each.closed and price is not None:
            sums = _always(sums, each, price)
    return replace(memory, waiting=tuple(x for x in waiting if not x.judged), sums=sums)


def _marked(memory: Regret, state: State) -> Regret:
    """Memory with everything judged that is due."""
    kept, sums = list[Left](), memory.sums
    for each in memory.waiting:
        price, left = spot(state.market, each.underlying), each
        age = state.now - each.at
        if price is not None and not each.judged and age >= HORIZON:
            sums = _followed(sums, each, price)
            left = replace(left, judged=True)
        if price is not None and not each.closed and age >= LONGEST:
            sums = _always(sums, each, price)
            left = replace(left, closed=True)
        if not (left.judged and left.closed):
            kept.append(left)
    return replace(memory, waiting=tuple(kept), sums=sums, next_at=state.now + LOOK)


def _followed(sums: dict[Passed, Sums], left: Left, price: float) -> dict[Passed, Sums]:
    gain = left.coins * (price - left.spot) - left.cost_usd
    before = sums[left.how]
    after = replace(
        before,
        judged=before.judged + 1,
        better=before.better + (gain > 0.0),
        total=before.total + gain,
        squares=before.squares + gain * gain,
    )
    return {**sums, left.how: after}


def _always(sums: dict[Passed, Sums], left: Left, price: float) -> dict[Passed, Sums]:
    """Sums with what holding the coins until now would have made.

    Notes
    -----
    No cost: the hedge that comes trades these coins too, so a desk that follows every proposal
    pays for them once, and so does this one.
    """
    before = sums[left.how]
    gain = left.more * (price - left.spot)
    after = replace(before, closed=before.closed + 1, always=before.always + gain)
    return {**sums, left.how: after}


def rows(memory: Regret) -> tuple[RegretRow, ...]:
    """One row for each way that has been met, and one for all when there are several."""
    found = [_row(how.value, memory.sums[how]) for how in Passed if how in memory.sums]
    if len(found) > 1:
        every = memory.sums.values()
        fields = Sums.__struct_fields__
        found.append(_row("all", Sums(*(sum(getattr(x, f) for x in every) for f in fields))))
    return tuple(found)


def _row(how: str, sums: Sums) -> RegretRow:
    return RegretRow(
        how=how,
        count=sums.count,
        judged=sums.judged,
        better=sums.better,
        followed_usd=sums.total,
        error_usd=_error(sums),
        always_usd=sums.always,
        closed=sums.closed,
    )


def _error(sums: Sums) -> float | None:
    """Standard error of the mean: sqrt(variance / n), variance with n - 1."""
    n = sums.judged
    if n < 2:
        return None
    variance = max(sums.squares - sums.total**2 / n, 0.0) / (n - 1)
    return sqrt(variance / n)
