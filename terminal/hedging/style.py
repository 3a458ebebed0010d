"""How a hedge is executed: the profile's own style, or the one that its urgency asks for."""

import math
from decimal import Decimal

from msgspec import Struct

from terminal.core.units import BPS, from_seconds, seconds
from terminal.core.words import amount
from terminal.hedging.adjustments.foresight import hurry
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.legs import Size, size, too_small
from terminal.hedging.urgency import (
    expected_cost,
    fill_chance,
    most_resting,
    resting_saves,
    urgency,
    waiting_cost,
)
from terminal.model.hedge import Cost, Plan
from terminal.model.risk import Escalation, RiskProfile, Style

TAKING = frozenset({Style.MARKETABLE, Style.MARKET, Style.TWAP})
"""Styles that take liquidity from the first order on."""


class Weighed(Struct, frozen=True, kw_only=True):
    """One hedge, taken or rested: costs in USD for the whole of it."""

    taking: float
    resting: float  # rested first, escalated as the profile says
    chance: float  # that it fills at rest
    saving: float  # of a passive fill, fraction of notional
    waiting: float | None  # cost a second, fraction of notional; None: volatility unknown
    urgency: float | None
    hurried: float = 1.0  # times that a forecast has raised both


def plan_for(inputs: HedgeInputs, chosen: Size, price: Cost, *, far_out: bool) -> Plan:
    """Choose how a hedge is executed.

    Parameters
    ----------
    inputs : HedgeInputs
    chosen : Size
        The whole hedge.
    price : Cost
        Of taking it now.
    far_out : bool
        Delta is beyond what may wait at all (see ``is_urgent``).

    Returns
    -------
    Plan
        A style that a person chose in the profile stands whatever the urgency; only "by urgency"
        weighs. A mix of which nothing needs to be taken rests.
    """
    style = inputs.profile.style
    found = weighed(inputs, chosen, price)
    if style is Style.BY_URGENCY:
        return _by_urgency(inputs, chosen, found, far_out=far_out)
    if style is Style.MIX:
        return _mixed(inputs, chosen, found)
    why = "the profile's style"
    if far_out and style not in TAKING:
        why = "the profile's style, though delta is far out"
    return _plan(inputs, style, found, price=price, why=why)


def said(plan: Plan, profile: RiskProfile) -> str:
    """Say what a plan does, in one clause."""
    wait = f"{profile.passive_wait_s:g} s"
    follows = {
        Escalation.CROSS: "then takes what is left",
        Escalation.LET_SIT: "and never takes",
        Escalation.ASK: "then asks",
    }[profile.after_wait]
    match plan.style:
        case Style.MARKET:
            return "Takes at once, by a limit at the slippage cap (no market order is ever sent)"
        case Style.MARKETABLE:
            return f"Takes at once, up to {profile.pay_up_ticks} ticks beyond the other touch"
        case Style.MIX:
            return f"Takes {plan.cross_qty} contracts at once, rests the others {wait}"
        case Style.ICEBERG:
            return f"Rests {plan.show_usd:,.0f} USD at a time, {wait} each, {follows}"
        case Style.TWAP:
            return f"Takes {plan.slices} equal slices over {seconds(plan.span):g} s"
        case _:
            return f"Rests at the touch for {wait}, {follows}"


def taken_now(why: str) -> Plan:
    """Plan of a hedge that may not wait at all."""
    return Plan(style=Style.MARKET, why=why)


def weighed(inputs: HedgeInputs, chosen: Size, price: Cost) -> Weighed:
    """Cost of taking and of resting, and the urgency between them."""
    contract, profile = inputs.hedge.contract, inputs.profile
    taker, maker = contract.taker_bps * BPS, contract.maker_bps * BPS
    saving = resting_saves(max(inputs.one_way_cost - taker, 0.0), taker, maker)
    waiting, hurried = None, 1.0
    if inputs.annual_vol is not None:
        waiting = waiting_cost(profile.risk_aversion, chosen.coins, inputs.spot, inputs.annual_vol)
        hurried = hurry(inputs, waiting)
        waiting *= hurried
    chance = fill_chance(inputs.fill_rate, profile.passive_wait_s)
    rested = chosen.usd * maker
    if profile.after_wait is Escalation.CROSS:
        rested = expected_cost(chance, rested, price.total)
    return Weighed(
        taking=price.total,
        resting=rested,
        chance=chance,
        saving=saving,
        waiting=waiting,
        urgency=None if waiting is None else urgency(waiting, saving, inputs.fill_rate),
        hurried=hurried,
    )


def _by_urgency(inputs: HedgeInputs, chosen: Size, found: Weighed, *, far_out: bool) -> Plan:
    if far_out:
        return _plan(inputs, Style.MARKET, found, why="delta is far out")
    if found.urgency is None:
        return _plan(inputs, Style.POST_ONLY, found, why="calm, volatility is not known yet")
    limit = inputs.profile.urgency_limit
    saved = f"resting saves {found.saving / BPS:.1f} bp"
    if found.hurried > 1.0:
        saved = f"{found.hurried:.2f} times by a forecast of a spike; {saved}"
    if found.urgency > limit:
        mixed = _mixed(inputs, chosen, found)
        if mixed.style is Style.MIX:
            return mixed
        why = f"urgency {_short(found.urgency)} is above {limit:g}: {saved}, waiting costs more"
        return _plan(inputs, Style.MARKET, found, why=why)
    return _plan(
        inputs,
        Style.POST_ONLY,
        found,
        why=f"urgency {_short(found.urgency)}, {limit:g} would take: {saved}",
    )


def _mixed(inputs: HedgeInputs, chosen: Size, found: Weighed) -> Plan:
    """Take what is above the largest size that is better rested, rest the others."""
    if not found.waiting or chosen.coins <= 0.0:
        return _plan(inputs, Style.POST_ONLY, found, why="no part of it needs to be taken at once")
    limit = inputs.profile.urgency_limit
    most = limit * most_resting(found.saving, inputs.fill_rate, found.waiting / chosen.coins)
    if most >= chosen.coins:
        why = f"all of it may rest: up to {amount(most)} {inputs.underlying} wait cheaply"
        return _plan(inputs, Style.POST_ONLY, found, why=why)
    contract, spot = inputs.hedge.contract, inputs.spot
    resting = size(contract, most, spot)
    if too_small(contract, resting):
        return _plan(inputs, Style.MARKET, found, why="too urgent for any of it to rest")
    now = chosen.qty - resting.qty
    if too_small(contract, Size(now, chosen.coins - resting.coins, chosen.usd - resting.usd)):
        return _plan(inputs, Style.POST_ONLY, found, why="too little of it is urgent to be sent")
    why = f"{amount(resting.coins)} {inputs.underlying} wait cheaply, the others are taken at once"
    return _plan(inputs, Style.MIX, found, why=why, cross_qty=now, part=float(now / chosen.qty))


def _plan(
    inputs: HedgeInputs,
    style: Style,
    found: Weighed,
    *,
    why: str,
    price: Cost | None = None,
    cross_qty: Decimal = Decimal(0),
    part: float = 0.0,
) -> Plan:
    profile = inputs.profile
    taking, slices = style in TAKING, profile.twap_slices if style is Style.TWAP else 1
    cost = found.taking if taking else found.resting
    if style is Style.TWAP and price is not None:
        cost = price.fee + price.spread + price.impact / slices
    if style is Style.MIX:
        cost = part * found.taking + (1.0 - part) * found.resting
    return Plan(
        style=style,
        cross_qty=cross_qty,
        slices=slices,
        span=from_seconds(profile.twap_s) if style is Style.TWAP else 0,
        show_usd=profile.show_usd if style is Style.ICEBERG else 0.0,
        urgency=_recorded(found.urgency),
        fill_chance=found.chance,
        cost_usd=cost,
        other=Style.POST_ONLY if taking else Style.MARKET,
        other_cost_usd=found.resting if taking else found.taking,
        why=why,
    )


def _recorded(value: float | None) -> float | None:
    """No infinity passes a record border: where resting saves nothing there is no number."""
    return value if value is not None and math.isfinite(value) else None


def _short(value: float) -> str:
    if math.isinf(value):
        return "without end"
    return "under 0.001" if value < 1e-3 else f"{value:.3g}"
