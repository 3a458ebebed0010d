"""The decision: hold, or propose one hedge with its cost against the risk it removes."""

import math
from decimal import Decimal

from msgspec.structs import replace

from terminal.core.units import from_seconds, seconds
from terminal.core.words import delta
from terminal.hedging.centre import centre
from terminal.hedging.funding import Planned, funding_line
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.legs import (
    Size,
    cost,
    infeasible,
    passive_price,
    size,
    too_small,
    worst_price,
)
from terminal.hedging.style import TAKING, plan_for, said
from terminal.hedging.target import target_of
from terminal.market.state import mid
from terminal.model.hedge import (
    Decision,
    DenialCode,
    Hold,
    Plan,
    Proposal,
    ProposalStatus,
    Propose,
    Target,
)
from terminal.model.order import Side
from terminal.model.risk import CLOSING, PolicyKind, Style
from terminal.risk.limits import shrinks


def decide(
    inputs: HedgeInputs,
    proposal_id: str,
    target: Target | None = None,
    *,
    policy: Target | None = None,
) -> Decision:
    """Hold or propose.

    Parameters
    ----------
    inputs : HedgeInputs
    proposal_id : str
        Identifier a proposal would carry.
    target : Target, optional
        Where to go instead of asking the policy (a person's own request, a stop).
    policy : Target, optional
        What the policy said about these very inputs, when it has been asked already.

    Returns
    -------
    Hold or Propose
        A hold carries its reason (none inside the band), a proposal all its numbers. Deciding
        again after the proposed hedge holds.
    """
    forced = target is not None
    wanted = target or policy or target_of(inputs)
    net = inputs.net_delta
    fault = blocked(inputs, wanted, forced=forced)
    if fault:
        return Hold(fault)
    if not forced and wanted.low <= net <= wanted.high:
        return Hold()  # most decisions: its words are made when somebody reads them
    if not forced and wanted.hold:
        return Hold(wanted.hold)
    amount = wanted.delta - net
    whole = size(inputs.hedge.contract, amount, inputs.spot)
    chosen = _cut_to(inputs, whole)
    reason = too_small(inputs.hedge.contract, chosen)
    if reason:
        return Hold(f"residual {delta(amount)} {inputs.underlying} is {reason}")
    offer = _proposal(inputs, wanted, chosen, proposal_id)
    if chosen is not whole:
        offer = replace(offer, reasons=(*offer.reasons, _cut_line(chosen, whole)))
    return Propose(offer)


def _cut_to(inputs: HedgeInputs, wanted: Size) -> Size:
    """The size, or as much of it as may be traded at once; the rest is decided anew after it."""
    largest = inputs.largest_usd
    if largest is None:
        return wanted
    price = max(inputs.spot, mid(inputs.hedge.book.quote) or 0.0)  # the limit looks at the mid
    if wanted.coins * price <= largest:
        return wanted
    return size(inputs.hedge.contract, largest / price, inputs.spot)


def _cut_line(chosen: Size, whole: Size) -> str:
    """Say that a hedge is only the first part of what is wanted."""
    code = DenialCode.FIRST_DAYS.value
    return f"{code}: {chosen.usd:,.0f} of {whole.usd:,.0f} USD now, sizes are at a quarter."


def at_rest(net: float, target: Target, underlying: str) -> str:
    """Say that delta is inside its band."""
    band = f"{delta(target.low)} to {delta(target.high)} {underlying}"
    return f"{delta(net)} {underlying} is inside {band}"


def blocked(inputs: HedgeInputs, target: Target, *, forced: bool) -> str:
    """Say why no hedge may be sized at all; empty when one may."""
    book = inputs.hedge.book
    if book.flaw:
        return f"quote of {inputs.hedge.contract.symbol}: {book.flaw}"
    if book.quote.bid is None or book.quote.ask is None:
        return f"{inputs.hedge.contract.symbol} has a one-sided book"
    if inputs.data_age and inputs.data_age > from_seconds(inputs.profile.book_age_s):
        return f"book is {seconds(inputs.data_age):.1f} s old"
    if forced or inputs.spec.kind in CLOSING:
        return ""
    return band_fault(inputs, target)


def band_fault(inputs: HedgeInputs, target: Target) -> str:
    """Why the policy's band cannot be armed on this instrument; empty when it can."""
    half = 0.5 * (target.high - target.low)
    if inputs.spec.kind is PolicyKind.ZAKAMOULINE:  # its band has a middle of its own
        return infeasible(inputs.hedge.contract, half, inputs.spot)
    middle = centre(inputs)
    below, above = abs(target.low - middle), abs(target.high - middle)
    narrow = min(below or above, above or below)  # an edge on the target bounds nothing
    return infeasible(inputs.hedge.contract, narrow, inputs.spot)


def _proposal(inputs: HedgeInputs, target: Target, chosen: Size, proposal_id: str) -> Proposal:
    contract, quote = inputs.hedge.contract, inputs.hedge.book.quote
    net = inputs.net_delta
    side = Side.BUY if target.delta > net else Side.SELL
    step = chosen.coins if side is Side.BUY else -chosen.coins
    after = net + step
    urgent = is_urgent(inputs, target)
    middle = mid(quote) or inputs.spot
    price = cost(inputs.hedge, side, chosen)
    plan = plan_for(inputs, chosen, price, far_out=urgent)
    saved = _risk_removed(inputs, after)
    return Proposal(
        proposal_id=proposal_id,
        revision=1,
        underlying=inputs.underlying,
        status=ProposalStatus.OPEN,
        key=contract.key,
        side=side,
        qty=chosen.qty,
        coins=chosen.coins,
        usd=chosen.usd,
        mid=middle,
        limit=_first_limit(inputs, side, plan),
        urgent=urgent,
        reduce_only=shrinks(inputs.hedge.position, side, chosen.qty),
        before=net,
        after=after,
        target=target,
        cost=price,
        risk_removed_usd=saved,
        reasons=_reasons(inputs, target, Planned(side, chosen.qty, after, price), plan),
        data_age=inputs.data_age,
        created_at=inputs.now,
        expires_at=inputs.now + from_seconds(inputs.profile.approval_ttl_s),
        lot=contract.lot,
        plan=plan,
    )


def _first_limit(inputs: HedgeInputs, side: Side, plan: Plan) -> Decimal:
    """Worst price of the first order."""
    contract, quote = inputs.hedge.contract, inputs.hedge.book.quote
    if plan.style in TAKING or plan.cross_qty > 0:
        middle = mid(quote) or inputs.spot
        return worst_price(contract, side, middle, inputs.profile.slippage_cap_bps)
    return passive_price(contract, side, quote)


def is_urgent(inputs: HedgeInputs, target: Target) -> bool:
    """Whether delta is so far out that resting a passive order would be the larger risk."""
    half = 0.5 * (target.high - target.low)
    away = abs(inputs.net_delta - centre(inputs))
    if away * inputs.spot > inputs.profile.delta_cap_usd:
        return True
    return half > 0.0 and away > inputs.profile.urgent_bands * half


def _risk_removed(inputs: HedgeInputs, after: float) -> float | None:
    """Fall of the one-day standard deviation of P&L from delta, USD: S sigma sqrt(1/365) |x|."""
    if inputs.annual_vol is None:
        return None
    day = inputs.spot * inputs.annual_vol / math.sqrt(365.0)
    middle = centre(inputs)
    return day * (abs(inputs.net_delta - middle) - abs(after - middle))


def _reasons(
    inputs: HedgeInputs, target: Target, planned: Planned, plan: Plan
) -> tuple[str, ...]:
    coin, net = inputs.underlying, inputs.net_delta
    if target.low == target.high:
        where = f"asked back to {delta(target.delta)}"
    elif net > target.high:
        where = f"above the band's {delta(target.high)}"
    else:
        where = f"below the band's {delta(target.low)}"
    lines = [f"Net delta {delta(net)} {coin} is {where}.", f"{target.rule}: {target.reason}."]
    if inputs.note:
        lines.append(inputs.note)
    lines.append(f"{said(plan, inputs.profile)}: {plan.why}.")
    if inputs.hedge.depth is None:
        lines.append("No book depth is known: impact is not in the cost.")
    elif planned.cost.impact == 0.0:
        lines.append("Fits in the best level: no impact expected.")
    return (*lines, *funding_line(inputs, planned, urgent=plan.style is Style.MARKET))

