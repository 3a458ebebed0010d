"""The parts of a divided hedge: approved together, then worked one after the other.

One order of an underlying works at a time, as with any hedge, so every part is sized by what the
fills before it have left: together they never trade beyond the delta that was approved.
"""

from msgspec.structs import replace

from terminal.core.words import amount
from terminal.engine.context import approval_context, with_margin
from terminal.engine.state import Remainder, State
from terminal.hedging.division import part_offer
from terminal.hedging.legs import size, too_small
from terminal.market.state import spot
from terminal.model.hedge import Approved, Refused
from terminal.model.order import Side
from terminal.risk.limits import Ask, approve
from terminal.risk.part_limits import renewed


def parts_approved(
    state: State, underlying: str, verdict: Approved
) -> tuple[Approved, Remainder | None] | Refused:
    """First part of an approved hedge, and those that follow it.

    Parameters
    ----------
    state : State
    underlying : str
    verdict : Approved
        Of the whole; a smaller size than proposed makes each part smaller alike.

    Returns
    -------
    tuple of (Approved, Remainder or None) or Refused
        Each part has passed every control with the book of its own instrument, or the hedge is
        refused with the first reason. A part too small for its venue is left out.
    """
    offer = verdict.proposal
    if not offer.parts or state.profile is None:
        return verdict, None
    found = []
    for place in range(len(offer.parts)):
        part = part_offer(offer, place)
        qty = part.qty * verdict.qty / offer.qty // part.lot * part.lot
        context = approval_context(state, underlying, state.profile, part.key)
        if context is None or (qty < context.contract.min_qty and place > 0):
            continue
        # Asked for at the delta of now and against the size of the whole: the parts are one
        # decision, and none has traded yet.
        asked = replace(part, before=offer.before, coins=offer.coins)
        ask = Ask(asked, qty, verdict.by, offer.revision)
        answer = approve(ask, with_margin(state, context))
        if isinstance(answer, Refused):
            return answer
        found.append(replace(answer, proposal=part))
    share = float(verdict.qty / offer.qty)
    goal = offer.before + share * (offer.after - offer.before)
    return found[0], Remainder(tuple(found[1:]), goal) if found[1:] else None


def following(state: State, underlying: str) -> Approved | str:
    """Next part of the divided hedge, as much of it as is still wanted; or why it is not sent."""
    desk = state.desks[underlying]
    rest, profile = desk.rest, state.profile
    if rest is None or profile is None:
        return "nothing follows"
    part = rest.parts[0]
    context = approval_context(state, underlying, profile, part.proposal.key)
    price = spot(state.market, underlying)
    if context is None or context.net_delta is None or price is None:
        return "net delta is unknown now"
    buys = part.proposal.side is Side.BUY
    room = rest.goal - context.net_delta if buys else context.net_delta - rest.goal
    wanted = size(context.contract, max(room, 0.0), price)
    if wanted.qty < part.qty and too_small(context.contract, wanted):
        return f"delta is within {amount(max(room, 0.0))} {underlying} of where it was to go"
    return renewed(part, wanted.qty, with_margin(state, context))


def left(rest: Remainder) -> Remainder | None:
    """What still follows when the next part has begun."""
    return replace(rest, parts=rest.parts[1:]) if rest.parts[1:] else None
