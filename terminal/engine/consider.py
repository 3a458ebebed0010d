"""Look at the book anew: exposures, P&L, limits, then each underlying in turn."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from terminal.core.units import DAY
from terminal.engine.afloat import surveyed
from terminal.engine.attributing import advanced, is_due
from terminal.engine.context import day_pnl, greeks_age, total_pnl
from terminal.engine.desk import tend
from terminal.engine.orders import chase, latched, working
from terminal.engine.state import Drift, State, Step
from terminal.engine.stops import pursue, settled
from terminal.model.messages import Effect
from terminal.portfolio.books import Books, refreshed
from terminal.portfolio.exposure import Lens, survey
from terminal.portfolio.pnl import equity, flows_of, opened
from terminal.pricing.engines import load
from terminal.risk.activity import rolled
from terminal.risk.halts import day_loss, drawdown

NOTHING: Mapping[str, float] = {}


def consider(state: State, underlyings: Iterable[str] | None = None) -> Step:
    """Bring every derived number up to date and let each desk act.

    Parameters
    ----------
    state : State
    underlyings : iterable of str, optional
        Only these coins (those that news concerns); every one by default.
    """
    names = tuple(state.desks if underlyings is None else underlyings)
    state = surveyed(state)
    busy, due = bool(state.afloat.undone), is_due(state)
    books = refreshed(state.books or Books(), state.market.instruments, state.ledger)
    lens = Lens(
        # After a change of positions no exposure may speak of those before.
        underlyings=names if books is state.books and not due else state.desks,
        now=state.now,
        working=working(state) if busy or state.strangers else NOTHING,
        greeks_age=greeks_age(state.profile),
        engine=load(state.pricing),
        policies=state.profile.policies if state.profile else {},
    )
    views = state.views or {}
    found = survey(state.market, state.ledger, books, lens, views)
    exposures = {**state.exposures, **found.exposures}
    flows = flows_of(state.ledger, state.flows)
    worth = equity(flows, books, exposures)
    opening = state.opening or opened(flows, worth)
    state = replace(
        state,
        exposures=exposures,
        books=books,
        views={**views, **found.views},
        opening=opening,
        flows=flows,
        equity=worth if opening else None,
    )
    state, effects = _day(advanced(state) if due else state)
    if busy:
        state, more = chase(state)
        effects += more
    for name in names:
        state, more = tend(state, name)
        effects += more
        if state.stop is not None:
            state, more = pursue(state, name)
            effects += more
        state = _strayed(state, name)
    return settled(state), effects


def _day(state: State) -> Step:
    """P&L of the day, and the halts of a day or a week gone wrong."""
    total = total_pnl(state)
    activity = rolled(state.activity, state.now, total)
    if activity is not state.activity:
        state = replace(state, activity=activity)
    effects: tuple[Effect, ...] = ()
    profile, now = state.profile, state.now
    if profile is None or total is None:
        return state, effects
    for halt in (
        day_loss(profile, day_pnl(state), now),
        drawdown(profile, activity.peak, total, now),
    ):
        if halt is not None:
            state, more = latched(state, halt)
            effects += more
    return state, effects


def _strayed(state: State, underlying: str) -> State:
    """Add up how far and how long delta has been outside its band."""
    desk = state.desks[underlying]
    if desk.net is None or desk.target is None:
        return state
    before = state.drifts.get(underlying) or Drift()
    low, high = desk.target.low, desk.target.high
    if low == high and state.profile is not None:  # closed on its centre: a hedge is due
        spec = state.profile.policies[underlying]
        low, high = low + spec.low, high + spec.high
    inside = low <= desk.net <= high
    if inside and not before.outside and abs(desk.net) <= before.max_abs:
        return state
    since = state.now - before.seen_at if before.seen_at else 0
    elapsed = since if before.outside and since < DAY else 0
    after = replace(
        before,
        max_abs=max(before.max_abs, abs(desk.net)),
        outside_ns=before.outside_ns + elapsed,
        seen_at=state.now,
        outside=not inside,
    )
    return replace(state, drifts={**state.drifts, underlying: after})
