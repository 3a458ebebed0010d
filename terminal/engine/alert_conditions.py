"""What is worth an alert in the engine's state now, and what one record's effects tell."""

from collections.abc import Iterable, Iterator

from terminal.core.units import DAY, HOUR, MINUTE, from_seconds, iso_utc, seconds
from terminal.core.words import amount, delta
from terminal.engine.afloat import undone
from terminal.engine.context import day_pnl
from terminal.engine.state import DeskState, State
from terminal.market.state import age, spot
from terminal.model.alert import AlertRule
from terminal.model.hedge import Proposal, ProposalStatus
from terminal.model.instrument import Future, Option, Perpetual
from terminal.model.messages import Alert, Effect
from terminal.model.order import OrderStatus
from terminal.model.risk import RiskProfile
from terminal.portfolio.carry import Prices, carry_row
from terminal.risk.alert_machine import Condition

Rules = dict[str, AlertRule]


def conditions(state: State, rules: Rules) -> Iterator[Condition]:
    """Everything that is so now."""
    for coin, desk in state.desks.items():
        yield from _of_desk(state, coin, desk, rules)
    for order in undone(state):
        if order.status is OrderStatus.UNKNOWN:
            text = f"{order.intent.key}: the outcome of an order is unknown"
            yield Condition("order_unknown", order.intent.key, text)
    for venue, link in state.links.items():
        if not link.up:
            yield Condition("feed_lost", venue, f"feed of {venue} is lost: {link.reason}")
    for halt in (*state.halts, *state.locks, *state.feed_locks):
        where = halt.underlying or "everything"
        yield Condition("halted", f"{halt.code.value} {where}", f"{where} halted: {halt.reason}")
    if state.stop is not None:
        text = f"stopped ({state.stop.stage.value}): {state.stop.reason}"
        yield Condition("stopped", "", text)
    if state.profile is not None:
        yield from _of_profile(state, state.profile, rules)
    yield from _funding_cost(state, rules)
    yield from _settlement(state, rules)


def _of_desk(state: State, coin: str, desk: DeskState, rules: Rules) -> Iterator[Condition]:
    net, target, profile = desk.net, desk.target, state.profile
    if net is not None and target is not None and not target.low <= net <= target.high:
        band = f"{delta(target.low)} to {delta(target.high)}"
        yield Condition("band_breach", coin, f"{coin}: delta {delta(net)} is outside {band}")
    price = spot(state.market, coin)
    if profile is not None and net is not None and price is not None:
        usd = abs(net) * price
        if usd > profile.delta_cap_usd:
            text = f"{coin}: delta of {amount(usd)} USD is above {amount(profile.delta_cap_usd)}"
            yield Condition("hard_cap", coin, text)
    offer = desk.proposal
    if offer is not None and offer.status is ProposalStatus.OPEN and _is_late(offer, state.now):
        yield Condition("approval_waiting", coin, f"{coin}: a proposal waits for an answer")
    seen = state.market.quotes.get(desk.hedge_key)
    if seen is not None and age(seen, state.now) > from_seconds(rules["feed_stale"].limit):
        old = seconds(age(seen, state.now))
        text = f"{coin}: book of {desk.hedge_key} is {old:.0f} s old"
        yield Condition("feed_stale", coin, text)


def _is_late(offer: Proposal, now: int) -> bool:
    """Whether a proposal has used half of its life."""
    return 2 * (now - offer.created_at) > offer.expires_at - offer.created_at


def _of_profile(state: State, profile: RiskProfile, rules: Rules) -> Iterator[Condition]:
    if state.lag_ms > profile.loop_lag_ms:
        text = f"the engine is {state.lag_ms:.0f} ms late, limit {profile.loop_lag_ms:.0f}"
        yield Condition("engine_late", "", text)
    pnl = day_pnl(state)
    lost = -pnl if pnl is not None else 0.0
    for name, part in (
        ("day_loss", 1.0),
        ("day_loss_near", rules["day_loss_near"].limit),
        ("day_loss_half", rules["day_loss_half"].limit),
    ):
        if lost >= part * profile.day_loss_halt_usd:
            text = f"the day's loss is {amount(lost)} of {amount(profile.day_loss_halt_usd)} USD"
            yield Condition(name, "", text)
            break
    spent = state.activity.cost_usd / profile.cost_day_usd
    sent = state.activity.orders_day / profile.orders_per_day
    if max(spent, sent) >= rules["cost_near"].limit:
        what = "hedge cost" if spent >= sent else "orders"
        text = f"{what} at {100 * max(spent, sent):.0f} % of the day's cap"
        yield Condition("cost_hit" if max(spent, sent) >= 1.0 else "cost_near", "", text)


def _funding_cost(state: State, rules: Rules) -> Iterator[Condition]:
    paid = 0.0
    for key, position in state.ledger.positions.items():
        instrument = state.market.instruments.get(key)
        funding = state.market.funding.get(key)
        if not isinstance(instrument, Perpetual) or funding is None or not position.qty:
            continue
        seen = state.market.quotes.get(key)
        index = spot(state.market, instrument.contract.base)
        prices = Prices(seen.quote.mark if seen else None, index)
        paid -= carry_row(instrument, position.qty, funding, prices, state.now).day_usd or 0.0
    if paid > rules["funding_cost"].limit:
        yield Condition("funding_cost", "", f"perpetuals pay {amount(paid)} USD of funding a day")


def _settlement(state: State, rules: Rules) -> Iterator[Condition]:
    within = round(rules["settlement"].limit * MINUTE)
    ending: dict[tuple[str, int], int] = {}
    for key, position in state.ledger.positions.items():
        instrument = state.market.instruments.get(key)
        if not isinstance(instrument, Option | Future) or not position.qty:
            continue
        if 0 < instrument.expiry - state.now <= within:
            name = instrument.contract.base, instrument.expiry
            ending[name] = ending.get(name, 0) + 1
    for (coin, expiry), count in ending.items():
        text = f"{coin}: {count} positions expire at {iso_utc(expiry)}"
        yield Condition("settlement", f"{coin} {expiry // DAY}", text)


def told_by(effects: Iterable[Effect]) -> Iterator[Condition]:
    """Conditions of a moment that the engine's own lines tell."""
    for each in effects:
        if not isinstance(each, Alert):
            continue
        subject = each.text.partition(" ")[0].rstrip(":")
        if each.topic == "RECONCILE":
            yield Condition("drift", subject, each.text)
        elif each.topic == "ORDER" and "rejected" in each.text:
            yield Condition("order_rejected", subject, each.text)
        elif each.topic == "PROPOSAL" and each.text.endswith("lapsed unanswered"):
            yield Condition("approval_expired", subject.partition("-")[0], each.text)
        elif each.topic == "FLIP":
            yield Condition("funding_flip", subject, each.text)


LOOKBACK = {"iv": 5 * MINUTE, "rv": HOUR}
"""How far back volatilities are compared."""
