"""The engine: one pure function from a record to a new state and what must be done.

The same function runs live, on paper, in a replay and in a backtest; only the records differ.
Time and chance enter through records alone, so replaying a journal gives the same bytes.
"""

from typing import assert_never

from msgspec.structs import replace

from terminal.core.ids import run_id
from terminal.engine import costs
from terminal.engine.alerts import heard, obey_alert, watch
from terminal.engine.arming import by_hand_only
from terminal.engine.commands import obey
from terminal.engine.consider import consider
from terminal.engine.copies import double, rekeyed
from terminal.engine.facts import on_fact
from terminal.engine.foretelling import on_fit
from terminal.engine.funding import on_funding
from terminal.engine.health import on_clock, watch_feeds
from terminal.engine.orders import latched, on_fill, on_settled, on_update
from terminal.engine.reconcile import keep_reconciled, on_snapshot, unproven
from terminal.engine.resuming import on_slept, set_down
from terminal.engine.state import DeskState, Link, State, Step, underlying_of
from terminal.execution.orders import done
from terminal.market import state as market
from terminal.model.account import AccountSnapshot, FundingPaid, Settled
from terminal.model.facts import DiskSpace, ForcedRisk, KeyChecked
from terminal.model.forecast import Outlook
from terminal.model.instrument import Perpetual
from terminal.model.market import (
    AssumedVol,
    Bar,
    Depth,
    Funding,
    Gap,
    Index,
    OpenInterest,
    Quote,
    Smile,
    StochasticVol,
    Trade,
)
from terminal.model.messages import (
    AckAlert,
    Alert,
    ClockOffset,
    Dispatched,
    Fault,
    LinkDown,
    LinkUp,
    Listing,
    MarketEvent,
    Mode,
    Record,
    SetAlerts,
    Slept,
    SnoozeAlert,
    Started,
    SystemEvent,
    Tick,
    TryAlerts,
    UsePricing,
)
from terminal.model.order import Fill, OrderUpdate
from terminal.risk.first_days import begun
from terminal.risk.halts import Halt, HaltCode


def step(state: State, record: Record) -> Step:
    """Take one record.

    Parameters
    ----------
    state : State
        Everything known before the record.
    record : Record
        The next record; its number is one above the state's.

    Returns
    -------
    tuple of State and tuple of Effect
        Nothing is changed in place.
    """
    state, effects = _taken(state, record)
    return (heard(state, effects) if effects else state), effects


def _taken(state: State, record: Record) -> Step:
    event, now = record.event, max(record.at, state.now)
    if isinstance(event, Bar):
        taken = market.apply(state.market, event, now)
        return _on_bar(replace(state, seq=record.seq, now=now, market=taken), event)
    state = replace(state, seq=record.seq, now=now)
    match event:
        case Quote() | Index() | Trade() | Depth() | Gap() | AssumedVol() | OpenInterest():
            state = replace(state, market=market.apply(state.market, event, now))
            return state if now < state.costs.due else _when_due(state, event), ()
        case Smile() | StochasticVol() | Outlook():
            return on_fit(state, event)
        case Listing():
            return _on_listing(state, event)
        case OrderUpdate():
            return _then_consider(on_update(state, event), _of_order(state, event.order_id))
        case Fill():
            return _then_consider(_booked(state, event), underlying_of(state, event.key))
        case Funding() | FundingPaid():
            return on_funding(state, event)
        case Settled():
            return on_settled(state, event)
        case AccountSnapshot():
            return double(on_snapshot(state, event), event)
        case (
            Started() | LinkUp() | LinkDown() | ClockOffset() | DiskSpace() | KeyChecked()
            | ForcedRisk() | Tick() | Slept() | UsePricing() | Fault()
        ):  # fmt: skip
            return _on_system(state, event)
        case AckAlert() | SnoozeAlert() | TryAlerts() | SetAlerts() | Dispatched():
            return obey_alert(state, event)
        case _:
            state, effects = obey(state, event)
            state, more = consider(state)
            return state, (*effects, *more)


def _then_consider(so_far: Step, underlying: str) -> Step:
    """Look at one underlying again at once: a fill or an ack may free the next order."""
    state, effects = so_far
    if underlying not in state.desks:
        return so_far
    state, more = consider(state, (underlying,))
    return state, (*effects, *more)


def _booked(state: State, fill: Fill) -> Step:
    after = on_fill(state, fill)
    told_before = after[0].ledger is state.ledger
    return after if told_before else double(after, fill)


def _of_order(state: State, order_id: str) -> str:
    order = state.orders.get(order_id)
    return underlying_of(state, order.intent.key) if order else ""


def _on_bar(state: State, bar: Bar) -> Step:
    """Look at a bar; its close is a moment to decide, for tapes have no ticks between bars."""
    state = state if state.now < state.costs.due else _when_due(state, bar)
    underlying = underlying_of(state, bar.key)
    if underlying not in state.desks or not state.ledger.positions:
        return state, ()
    return consider(state, (underlying,))


def _when_due(state: State, event: MarketEvent) -> State:
    """Take the mark-outs that are due at this price."""
    return costs.due(state, event.key) if isinstance(event, Quote | Bar) else state


def _on_listing(state: State, listing: Listing) -> Step:
    """Take a listing; each coin with a perpetual gets a desk."""
    state = replace(state, market=market.relisted(state.market, listing, _needed(state)))
    coins = {
        each.contract.base: None for each in listing.instruments if isinstance(each, Perpetual)
    }
    new = {
        coin: DeskState(autonomy=state.default_autonomy)
        for coin in coins
        if coin not in state.desks
    }
    return replace(state, desks={**state.desks, **new}) if new else state, ()


def _needed(state: State) -> dict[str, None]:
    """Instruments whose terms must be kept: what is held, and what has orders at work."""
    held = (*state.ledger.positions, *state.ledger.spot)
    at_work = (each.intent.key for each in state.orders.values() if not done(each))
    return dict.fromkeys((*held, *at_work))


def _on_system(state: State, event: SystemEvent) -> Step:
    match event:
        case Started():
            return _on_started(state, event)
        case LinkUp(venue):
            return _on_link_up(state, venue)
        case ClockOffset():
            return on_clock(state, event), ()
        case DiskSpace() | KeyChecked() | ForcedRisk():
            return on_fact(state, event), ()
        case Slept():
            return on_slept(state, event)
        case LinkDown(venue, reason):
            link = Link(up=False, reason=reason, since=state.now)
            alert = Alert("warn", "FEED", f"feed of {venue} is lost: {reason}")
            return replace(state, links={**state.links, venue: link}), (alert,)
        case Fault(code, reason):
            halt = Halt(HaltCode.FAULT, "", f"{code}: {reason}", state.now, latched=True)
            return latched(state, halt)
        case UsePricing(engine):
            text = f"options are priced by the {engine} engine from here on"
            return replace(state, pricing=engine, views=None), (Alert("info", "PRICING", text),)
        case Tick(lag_ms):
            state, heard_of = keep_reconciled(replace(state, lag_ms=lag_ms))
            state, locked = watch_feeds(state)
            state, effects = consider(state)
            state, more = watch(state)
            return state, (*heard_of, *locked, *effects, *more)
        case _:
            assert_never(event)


def _on_link_up(state: State, venue: str) -> Step:
    """A feed delivers; after it was lost, the account behind it must be compared first."""
    before = state.links.get(venue)
    link = Link(up=True, reason="", since=state.now)
    state = replace(state, links={**state.links, venue: link})
    return (state, ()) if before is None or before.up else unproven(state, [venue])


def _on_started(state: State, started: Started) -> Step:
    """A process took over: the same state goes on, but nothing stays on automatic unasked."""
    if started.mode is Mode.LIVE:
        arming = begun(state.arming, started.accounts, state.now)
        state = replace(state, arming=arming, mode=started.mode)
    state, effects = _taken_over(state, started) if state.run else _first(state, started)
    state, more = rekeyed(state, started)
    effects += more
    return (by_hand_only(state) if state.mode is Mode.LIVE else state), effects


def _first(state: State, started: Started) -> Step:
    name = run_id(started.run, state.now)
    state = replace(
        state,
        run=name,
        mode=started.mode,
        profile=started.profile,
        pricing=started.pricing,
        default_autonomy=started.autonomy,
    )
    return state, (Alert("info", "START", f"run {name} in {started.mode.value} mode"),)


def _taken_over(state: State, started: Started) -> Step:
    told = Alert("info", "START", f"run {state.run} goes on after a restart")
    state = replace(state, pricing=started.pricing, views=None)
    state, effects = set_down(state, "restart", auto=False)
    return state, (told, *effects)
