"""Whether the next part of an approved hedge may still be sent."""

from decimal import Decimal

from msgspec.structs import replace

from terminal.model.hedge import Approved
from terminal.risk.limits import Ask, Context, drifted, unfit


def renewed(part: Approved, qty: Decimal, context: Context) -> Approved | str:
    """Approval of a part for at most its size, with the market of this moment.

    Parameters
    ----------
    part : Approved
        From :func:`terminal.risk.limits.approve`, with the whole of its hedge.
    qty : Decimal
        Contracts that are still wanted of it.
    context : Context
        Of its own instrument, after the part before it has ended.

    Returns
    -------
    Approved or str
        Never more than was approved. The reason where it may not be sent: a limit of the moment,
        an order without a proven outcome, a price beyond the tolerance of its proposal.
    """
    if context.unknown or context.working:
        return "an order has no proven outcome yet"
    if context.net_delta is None:
        return "net delta is unknown now"
    # That delta has moved with the parts before it is what was approved.
    offer = replace(part.proposal, before=context.net_delta)
    size = min(qty, part.qty)
    ask = Ask(offer, size, part.by, offer.revision)
    reason = drifted(offer, context) or unfit(ask, context)
    return reason or replace(part, qty=size, at=context.now)
