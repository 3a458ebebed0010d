"""What the engine tells the book of execution costs, and what it hears back."""

from msgspec.structs import replace

from terminal.engine.state import State, Step
from terminal.execution.at_work import Hedge
from terminal.execution.tca import (
    Executed,
    arrival,
    ended,
    opened,
    opportunity,
    sent,
    worse_than_expected,
)
from terminal.execution.tca_book import CostBook, kept, marked, over, took
from terminal.hedging.legs import one_way_cost
from terminal.market.state import Market, mid
from terminal.model.hedge import Proposal
from terminal.model.instrument import Option, coins
from terminal.model.messages import Alert
from terminal.model.order import Fill, Order, OrderIntent
from terminal.model.risk import RiskProfile
from terminal.model.tca import HedgeCost
from terminal.risk.activity import as_expected, slipped
from terminal.risk.halts import Halt, slippage


def began(state: State, hedge: Hedge, proposal: Proposal | None) -> CostBook:
    """Book with a hedge that was approved just now.

    An option has no place in it: its price is no price of the coin, and costs a coin are what the
    book compares. What it cost is in the attribution of its P&L.
    """
    if isinstance(state.market.instruments.get(hedge.key), Option):
        return state.costs
    persona = state.profile.name if state.profile else ""
    return kept(state.costs, opened(hedge, proposal, persona))


def submitted(state: State, intent: OrderIntent) -> CostBook:
    """Book after an order of a hedge left, with the market it left into."""
    record = state.costs.open.get(intent.proposal_id)
    if record is None:
        return state.costs
    seen = state.market.quotes.get(intent.key)
    contract = state.market.instruments[intent.key].contract
    quoted = one_way_cost(contract, seen.quote) if seen and not seen.flaw else None
    return kept(state.costs, sent(record, arrival(intent.order_id, seen, state.now), quoted))


def acked(state: State, order: Order) -> State:
    """State after the venue took an order; the first of a hedge counts."""
    record = state.costs.open.get(order.intent.proposal_id)
    if record is None or record.acked_at:
        return state
    return replace(state, costs=kept(state.costs, replace(record, acked_at=state.now)))


def executed(state: State, fill: Fill, order: Order | None) -> Step:
    """Take the newest fill of the blotter, and say when it was worse than expected."""
    note = state.fills[-1]
    name = order.intent.proposal_id if order else ""
    costs = took(state.costs, name, Executed(fill, state.now, note.coins, note.fee_usd))
    state = replace(state, costs=costs)
    record, profile = costs.open.get(name), state.profile
    if record is None or profile is None or record.worse:
        return state, ()
    return _judged(state, record, profile, fill)


def _judged(state: State, record: HedgeCost, profile: RiskProfile, fill: Fill) -> Step:
    """Tell of a price beyond the profile's limit, once a hedge.

    On a tape of bars the next price after a decision is a bar away: that is the tape's coarseness
    and says nothing of execution.
    """
    seen = state.market.quotes.get(record.key)
    worse = worse_than_expected(record, fill)
    if worse is None or worse <= profile.fill_alert_bps or (seen is not None and seen.span):
        return state, ()
    activity = slipped(state.activity, record.underlying)
    costs = kept(state.costs, replace(record, worse=True))
    text = (
        f"{record.hedge_id} filled {worse:.1f} bp worse than its proposal expected,"
        f" alert at {profile.fill_alert_bps:g} bp"
    )
    state = replace(state, activity=activity, costs=costs)
    return state, (Alert("warn", "TCA", text),)


def finished(state: State, hedge: Hedge, reason: str) -> State:
    """State after a hedge is over; what it left unfilled is held against the price now."""
    record = state.costs.open.get(hedge.hedge_id)
    if record is None:
        return state
    missed = opportunity(record, left_coins(state.market, record), _mid(state.market, record.key))
    after = ended(record, state.now, reason, missed)
    state = replace(state, costs=over(state.costs, after))
    if record.coins and not record.worse:
        return replace(state, activity=as_expected(state.activity, record.underlying))
    return state


def left_coins(market: Market, record: HedgeCost) -> float:
    """Coins of a hedge that have not been filled, >= 0."""
    left = float(record.asked - record.filled)
    instrument = market.instruments.get(record.key)
    middle = _mid(market, record.key)
    if left <= 0.0 or instrument is None:
        return 0.0
    return coins(instrument.contract, left, middle or record.decision_mid or 1.0)


def pause(state: State, hedge: Hedge) -> Halt | None:
    """Halt of a coin whose last hedges all filled far from what their proposals expected."""
    pace = state.activity.paces.get(hedge.underlying)
    return slippage(hedge.underlying, pace.slips, state.now) if pace else None


def due(state: State, key: str) -> State:
    """State after a quote of ``key`` when something of the costs was due."""
    return replace(state, costs=marked(state.costs, state.now, key, _mid(state.market, key)))


def _mid(market: Market, key: str) -> float | None:
    """Mid of the latest quote; None when it is one-sided or flawed."""
    seen = market.quotes.get(key)
    return None if seen is None or seen.flaw else mid(seen.quote)
