"""From the engine's state to the inputs of a decision and the moment of an approval."""

import math
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import SECOND, from_seconds
from terminal.engine.afloat import undone
from terminal.engine.state import ASKED, DeskState, State, position
from terminal.engine.synthetics import overlaid
from terminal.execution.learned_cost import used_cost
from terminal.execution.rates import fill_rate
from terminal.hedging.adjustments.foresight import looks_ahead
from terminal.hedging.inputs import Expiring, HedgeInputs, Instrumental
from terminal.hedging.legs import one_way_cost
from terminal.hedging.urgency import USUAL_FILL_RATE
from terminal.market.state import Seen, age, spot
from terminal.market.volatility import annual_vol
from terminal.model.greeks import net_delta
from terminal.model.instrument import Contract, Future, Option, coins
from terminal.model.messages import Mode
from terminal.model.order import OrderStatus
from terminal.model.risk import COMPUTED, PolicyKind, PolicySpec, RiskProfile
from terminal.portfolio.books import perpetuals
from terminal.portfolio.headroom import margin_use
from terminal.portfolio.option_inputs import Scene
from terminal.portfolio.settling import CALM, book_vanna, calm_gamma, settling
from terminal.pricing.engines import load
from terminal.risk.first_days import size_factor
from terminal.risk.halts import Halt, concerns, feed_lost, loop_lag
from terminal.risk.limits import Context
from terminal.risk.option_limits import for_options

UNUSABLE = 1.0
"""Cost put on a crossed or stale book: such an instrument is chosen only if there is no other."""

KEEP_INSTRUMENT = 1e-4
"""Cost advantage (1 bp) that another hedge instrument needs before the desk changes to it."""


class Missing(Struct, frozen=True):
    """Why no decision can be taken."""

    reason: str


class Chosen(Struct, frozen=True):
    """An instrument to hedge with."""

    key: str
    contract: Contract
    book: Seen
    cost: float  # one way, as a fraction of notional


def hedge_contract(state: State, underlying: str, current: str) -> Chosen | None:
    """Cheapest perpetual of an underlying by taker fee and half spread.

    The one in use is kept until another is cheaper by a basis point, so that positions do not
    spread over instruments.
    """
    best: Chosen | None = None
    least = math.inf
    market, oldest = state.market, _book_age(state.profile)
    keys = perpetuals_of(state).get(underlying, ())
    for key in keys:
        if key in market.delisted:
            continue
        contract = market.instruments[key].contract
        seen = market.quotes.get(key)
        cost = one_way_cost(contract, seen.quote) if seen else None
        if seen is None or cost is None:
            continue
        if len(keys) == 1:
            return Chosen(key, contract, seen, cost)
        price = cost
        if seen.flaw or age(seen, state.now) > oldest:
            price += UNUSABLE
        if key == current or (not current and position(state, key) != 0):
            price -= KEEP_INSTRUMENT
        if price < least:
            best, least = Chosen(key, contract, seen, cost), price
    return best


def perpetuals_of(state: State) -> Mapping[str, tuple[str, ...]]:
    """Keys of perpetuals by underlying: those of the books while they are of this listing."""
    instruments, books = state.market.instruments, state.books
    if books is not None and books.instruments is instruments:
        known: Mapping[str, tuple[str, ...]] = books.perpetuals
        return known
    return perpetuals(instruments)


def _book_age(profile: RiskProfile | None) -> int:
    return from_seconds(profile.book_age_s) if profile else 0


def inputs_for(state: State, underlying: str, desk: DeskState) -> HedgeInputs | Missing:
    """Inputs of a decision, or what is missing for one."""
    found = _policy_inputs(state, underlying, desk)
    if isinstance(found, Missing) or not found.profile.synthetics or state.stop is not None:
        return found  # a stop goes to the policy's own target
    laid = overlaid(state, found)
    return Missing(laid) if isinstance(laid, str) else laid


def _policy_inputs(state: State, underlying: str, desk: DeskState) -> HedgeInputs | Missing:
    """Inputs by the policy alone, whatever perps-only mode runs on top of it."""
    profile = state.profile
    spec = profile.policies.get(underlying) if profile else None
    if profile is None or spec is None:
        return Missing(f"no policy for {underlying} in the risk profile")
    exposure = state.exposures.get(underlying)
    price = spot(state.market, underlying)
    if exposure is None or price is None:
        return Missing(f"no index price of {underlying} yet")
    if not exposure.usable:
        return Missing(exposure.flag or "an exposure is unknown")
    net = net_delta(exposure, spec.delta)
    if net is None:
        return Missing(f"the {spec.delta.value} delta needs a fit to the options of {underlying}")
    chosen = hedge_contract(state, underlying, desk.hedge_key)
    if chosen is None:
        return Missing(f"no perpetual of {underlying} has a two-sided book")
    learned = state.costs.learned.get(chosen.key)
    rate = state.fill_rates.get(chosen.contract.venue)
    return HedgeInputs(
        now=state.now,
        underlying=underlying,
        exposure=exposure,
        net_delta=net,
        spot=price,
        spec=spec,
        profile=profile,
        hedge=_instrumental(state, chosen.key, chosen.book),
        one_way_cost=used_cost(chosen.cost, learned, profile.learned_cost_pct),
        annual_vol=_risk_vol(state, underlying),
        last_hedge_at=desk.last_hedge_at,
        data_age=_data_age(state, underlying, chosen.book),
        fill_rate=fill_rate(rate) if rate else USUAL_FILL_RATE,
        memory=desk.memory,
        expiring=_expiring(state, underlying, spec) if spec.taper_s else None,
        calm_gamma=_calm_gamma(state, underlying, spec) if spec.kind in COMPUTED else None,
        vanna=_vanna(state, underlying) if spec.kind is PolicyKind.ZAKAMOULINE else None,
        largest_usd=_largest_usd(state, profile, chosen.contract.venue),
        outlook=state.market.outlooks.get(underlying) if looks_ahead(spec) else None,
    )


def factor_of(state: State, venue: str) -> float:
    """Part of the profile's sizes that may be traded on a venue now; 1 unless the run is live."""
    return size_factor(state.arming, venue, state.now) if state.mode is Mode.LIVE else 1.0


def _largest_usd(state: State, profile: RiskProfile, venue: str) -> float | None:
    """Notional that a hedge is cut to in an account's first live days; None: it is not cut."""
    if state.mode is not Mode.LIVE:
        return None
    factor = factor_of(state, venue)
    by_rule = 0.0 < factor < 1.0 and state.stop is None
    return profile.max_hedge_usd * factor if by_rule else None


def _instrumental(state: State, key: str, seen: Seen) -> Instrumental:
    instrument = state.market.instruments[key]
    return Instrumental(
        contract=instrument.contract,
        book=seen,
        depth=state.market.depth.get(key),
        position=position(state, key),
        listed=instrument,
        funding=state.market.funding.get(key),
    )


def through(state: State, inputs: HedgeInputs, key: str) -> HedgeInputs | None:
    """The same inputs, with ``key`` as the instrument to trade; None without a quote of it."""
    seen = state.market.quotes.get(key)
    if seen is None:
        return None
    hedge = _instrumental(state, key, seen)
    return replace(
        inputs,
        hedge=hedge,
        data_age=_data_age(state, inputs.underlying, seen),
        largest_usd=_largest_usd(state, inputs.profile, hedge.contract.venue),
    )


def _expiring(state: State, underlying: str, spec: PolicySpec) -> Expiring | None:
    """Options of the underlying whose settlement is being averaged."""
    view = state.views.get(underlying) if state.views else None
    if view is None or view.sheet.expires - state.now >= spec.taper_s * SECOND:
        return None
    found = settling(view, from_seconds(spec.taper_s))
    return Expiring(found.delta, found.gamma, found.left) if found else None


def _calm_gamma(state: State, underlying: str, spec: PolicySpec) -> float | None:
    view = state.views.get(underlying) if state.views else None
    if view is None or view.sheet.expires - state.now >= CALM:
        return None
    return calm_gamma(view, from_seconds(spec.taper_s))


def _vanna(state: State, underlying: str) -> float | None:
    view = (state.views or {}).get(underlying)
    return None if view is None else book_vanna(view)


def _data_age(state: State, underlying: str, seen: Seen) -> int:
    """Age of the older of book and index, ns, beyond the span their source states."""
    older = min(seen.at, state.market.index[underlying].at)
    return max(0, state.now - older - seen.span)


def _risk_vol(state: State, underlying: str) -> float | None:
    variance = state.market.variance.get(underlying)
    return annual_vol(variance) if variance else None


def halts_of(state: State, underlying: str) -> tuple[Halt, ...]:
    """Halts, latched and passing, that forbid trading in an underlying now."""
    found = [halt for halt in state.halts if concerns(halt, underlying)]
    if state.locks or state.feed_locks:
        locks = (*state.locks, *state.feed_locks)
        found += [lock for lock in locks if concerns(lock, underlying)]
    for venue, link in state.links.items():
        if not link.up:
            found.append(feed_lost(venue, link.reason, link.since))
    profile = state.profile
    if profile is not None and state.lag_ms > profile.loop_lag_ms:
        found.append(loop_lag(profile, state.lag_ms, state.now))
    return tuple(found)


def approval_context(
    state: State, underlying: str, profile: RiskProfile, key: str = ""
) -> Context | None:
    """The moment of an approval; None when its hedge instrument is unknown."""
    desk = state.desks[underlying]
    proposal = desk.proposal
    key = key or (proposal.key if proposal else desk.hedge_key)
    instrument = state.market.instruments.get(key)
    if instrument is None:
        return None
    exposure = state.exposures.get(underlying)
    spec = profile.policies.get(underlying)
    known = exposure is not None and exposure.usable and spec is not None
    return Context(
        now=state.now,
        profile=for_options(profile) if isinstance(instrument, Option) else profile,
        stop=state.stop.stage if state.stop else None,
        halts=halts_of(state, underlying),
        contract=instrument.contract,
        book=state.market.quotes.get(key),
        # A dated future has a basis to the index, an option's price is another thing altogether:
        # only its mark says whether a quote is sound.
        index=(None if isinstance(instrument, Future | Option) else spot(state.market, underlying)),
        net_delta=net_delta(exposure, spec.delta) if known and exposure and spec else None,
        position=position(state, key),
        working=desk.hedge is not None,
        unknown=_has_unknown(state, underlying),
        activity=state.activity,
        day_pnl=day_pnl(state),
        equity=state.equity,
        gross_usd=gross_usd(state),
        account_age=_account_age(state, instrument.contract.venue),
        size_factor=factor_of(state, instrument.contract.venue),
    )


def with_margin(state: State, context: Context) -> Context:
    """The same moment with the margin of the hedge instrument's bucket looked at.

    That takes longer than everything else in a context, so only what may send an order asks.
    """
    contract, books = context.contract, state.books
    price = spot(state.market, contract.base)
    if price is None or books is None:
        return context
    scene = Scene(state.market, books, contract.base, price, state.now, load(state.pricing))
    distance = 0.01 * context.profile.liquidation_pct
    return replace(context, margin=margin_use(scene, state.ledger, contract, distance))


def _account_age(state: State, venue: str) -> int | None:
    """How long ago a venue stated the account, ns; None where venues are not asked."""
    if state.mode not in ASKED:
        return None
    account = state.accounts.get(venue)
    newest = account.newest if account else None
    return state.now if newest is None else state.now - newest.since


def gross_usd(state: State) -> float | None:
    """Gross size of the account, USD; None while a price or the terms of a position are unknown.

    Perpetuals, futures and spot count in full, options by their net delta in each coin.
    """
    total = 0.0
    for exposure in state.exposures.values():
        if exposure.spot is None:
            return None
        total += abs(exposure.option_delta) * exposure.spot
    for key, held in (*state.ledger.positions.items(), *state.ledger.spot.items()):
        instrument = state.market.instruments.get(key)
        price = spot(state.market, instrument.contract.base) if instrument else None
        if instrument is None or price is None:
            return None
        if not isinstance(instrument, Option):
            total += abs(coins(instrument.contract, float(held.qty), price)) * price
    return total


def _has_unknown(state: State, underlying: str) -> bool:
    for order in undone(state):  # what is done is known
        if order.status is OrderStatus.UNKNOWN:
            instrument = state.market.instruments.get(order.intent.key)
            if instrument is None or instrument.contract.base == underlying:
                return True
    return False


def day_pnl(state: State) -> float | None:
    """P&L since 00:00 UTC, or since the start of the run on its first day, USD."""
    start = state.activity.day_start_pnl
    total = total_pnl(state)
    return None if total is None or start is None else total - start


def total_pnl(state: State) -> float | None:
    """P&L since the opening, USD; None while something has no price."""
    if state.opening is None or state.equity is None:
        return None
    return state.equity - state.opening.equity


def greeks_age(profile: RiskProfile | None) -> int:
    """Age of option marks (ns) beyond which nothing is hedged on them."""
    return from_seconds(profile.greeks_age_s) if profile else 0
