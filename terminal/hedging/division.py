"""A hedge over several instruments: the parts of one proposal, and one of them by itself."""

from collections.abc import Sequence
from decimal import Decimal

from msgspec.structs import replace

from terminal.core.units import BPS
from terminal.core.words import amount
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.legs import Size, cost, worst_price
from terminal.market.state import mid
from terminal.model.hedge import Cost, Part, Proposal
from terminal.model.hedge_with import SplitRow
from terminal.model.order import Side
from terminal.model.risk import Style
from terminal.risk.limits import shrinks

AT_ONCE = frozenset({Style.MARKET, Style.MARKETABLE})
"""Styles whose hedges may be divided: what rests or is sliced in time does not walk a book."""


def worth_dividing(row: SplitRow, order_cost_usd: float) -> bool:
    """Whether a split saves more than its further orders count.

    Where no single book shows the whole size there is nothing to compare with: what is beyond the
    last level shown costs more than it in any case.
    """
    if len(row.legs) < 2:
        return False
    return row.saves_usd is None or row.saves_usd > (len(row.legs) - 1) * order_cost_usd


def divided(offer: Proposal, row: SplitRow, through: Sequence[HedgeInputs]) -> Proposal:
    """Proposal that trades the legs of a split.

    Parameters
    ----------
    offer : Proposal
        The hedge in one instrument.
    row : SplitRow
        Its legs together are at most ``offer.coins``.
    through : sequence of HedgeInputs
        Of each leg, in their order.

    Returns
    -------
    Proposal
        The part that was best alone comes first, then the larger one. The proposal's own
        instrument, contracts, mid and limit are those of the first part, everything else is of
        the whole.
    """
    parts = [
        _part(offer, inputs, leg.qty, leg.coins)
        for leg, inputs in zip(row.legs, through, strict=True)
    ]
    parts.sort(key=lambda each: (each.key != offer.key, -each.coins))
    first = parts[0]
    size = sum(each.coins for each in parts)
    costs = [each.cost for each in parts]
    whole = Cost(
        fee=sum(each.fee for each in costs),
        spread=sum(each.spread for each in costs),
        impact=sum(each.impact for each in costs),
    )
    plan = replace(offer.plan, cost_usd=whole.total)
    return replace(
        offer,
        key=first.key,
        qty=first.qty,
        lot=first.lot,
        mid=first.mid,
        limit=first.limit,
        reduce_only=first.reduce_only,
        coins=size,
        usd=sum(each.usd for each in parts),
        after=offer.before + _signed(offer.side, size),
        cost=whole,
        plan=plan,
        parts=tuple(parts),
        reasons=(*offer.reasons, _said(row, offer, parts)),
        data_age=max(each.data_age for each in through),
    )


def part_offer(offer: Proposal, place: int) -> Proposal:
    """One part of a divided proposal as a proposal of its own; any other is its own only part."""
    if not offer.parts:
        return offer
    part = offer.parts[place]
    before = offer.before + _signed(offer.side, sum(each.coins for each in offer.parts[:place]))
    return replace(
        offer,
        proposal_id=offer.proposal_id if place == 0 else f"{offer.proposal_id}.{place + 1}",
        key=part.key,
        qty=part.qty,
        lot=part.lot,
        coins=part.coins,
        usd=part.usd,
        mid=part.mid,
        limit=part.limit,
        reduce_only=part.reduce_only,
        cost=part.cost,
        before=before,
        after=before + _signed(offer.side, part.coins),
        plan=replace(offer.plan, cost_usd=part.cost.total),
        parts=(),
    )


def _part(offer: Proposal, inputs: HedgeInputs, qty: Decimal, size: float) -> Part:
    hedge, side = inputs.hedge, offer.side
    contract = hedge.contract
    middle = mid(hedge.book.quote) or inputs.spot
    usd = size * inputs.spot
    return Part(
        key=contract.key,
        qty=qty,
        coins=size,
        usd=usd,
        mid=middle,
        limit=worst_price(contract, side, middle, inputs.profile.slippage_cap_bps),
        lot=contract.lot,
        reduce_only=shrinks(hedge.position, side, qty),
        cost=cost(hedge, side, Size(qty, size, usd)),
    )


def _signed(side: Side, size: float) -> float:
    return size if side is Side.BUY else -size


def _said(row: SplitRow, offer: Proposal, parts: Sequence[Part]) -> str:
    where = ", ".join(f"{amount(each.coins)} in {each.key.partition('@')[0]}" for each in parts)
    if row.saves_usd is None:
        return f"Split: {where}; no single book shows the whole size."
    saved = row.saves_usd / (offer.usd * BPS)
    return f"Split: {where}; saves {row.saves_usd:,.2f} USD ({saved:.1f} bp) against one book."
