"""One approved hedge at work: passive first when calm, then crossing what is left.

A hedge owns at most one open order. The next order is sized from what the fills have left, and
only after the one before it is done, so that partial fills can never be hedged twice.
"""

from decimal import ROUND_DOWN, Decimal
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.ids import client_order_id
from terminal.core.units import from_seconds
from terminal.execution.orders import done
from terminal.hedging.legs import passive_price, worst_price
from terminal.market.state import Seen, age, mid
from terminal.model.hedge import Approved
from terminal.model.instrument import Contract, coins, contracts_for
from terminal.model.messages import Cancel, Submit
from terminal.model.order import Order, OrderIntent, OrderStatus, Side, TimeInForce
from terminal.model.risk import RiskProfile
from terminal.risk.limits import shrinks

MAX_ORDERS = 10
"""Orders of one hedge at most; what is left after them goes back to the decision."""


class Hedge(Struct, frozen=True, kw_only=True):
    """A hedge between approval and its end."""

    hedge_id: str  # the proposal's, or the stop's
    underlying: str
    key: str
    side: Side
    qty: Decimal  # contracts approved
    decision_mid: float
    urgent: bool
    by: str
    rule: str
    started_at: int
    filled: Decimal = Decimal(0)  # of orders that are done
    attempt: int = 0
    order_id: str = ""  # the open order; empty between orders
    crossing: bool = False


class Finished(Struct, frozen=True):
    """The hedge is over: complete, or why not."""

    left: Decimal  # contracts
    reason: str


class Wait(Struct, frozen=True):
    """Nothing to do for now."""


Action: TypeAlias = Submit | Cancel | Finished | Wait


class Venture(Struct, frozen=True, kw_only=True):
    """What the next step of a hedge depends on."""

    now: int
    run: str
    profile: RiskProfile
    contract: Contract
    book: Seen | None
    position: Decimal
    order: Order | None  # the hedge's open order
    stopped: bool  # a stop that this hedge is not part of
    crowded: str = ""  # limit on orders that stands against one more


def start(approved: Approved, now: int) -> Hedge:
    """Begin a hedge from an approval; nothing else can begin one."""
    proposal = approved.proposal
    return Hedge(
        hedge_id=proposal.proposal_id,
        underlying=proposal.underlying,
        key=proposal.key,
        side=proposal.side,
        qty=approved.qty,
        decision_mid=proposal.mid,
        urgent=proposal.urgent,
        by=approved.by,
        rule=proposal.target.rule,
        started_at=now,
        crossing=proposal.urgent,
    )


def advance(hedge: Hedge, at: Venture) -> tuple[Hedge, Action]:
    """Next step of a hedge.

    Returns
    -------
    tuple of Hedge and Action
        Submit the next order, cancel the resting one, wait, or finish.
    """
    if hedge.order_id:
        if at.order is None:  # never resend what cannot be proven: the decision looks anew
            return hedge, Finished(hedge.qty - hedge.filled, "its order is not known any more")
        if not done(at.order):
            return hedge, _while_open(hedge, at.order, at)
        hedge = _closed(hedge, at.order)
        if at.order.status is OrderStatus.REJECTED and not _post_only(at.order):
            return hedge, Finished(hedge.qty - hedge.filled, f"rejected: {at.order.reason}")
    return _next_order(hedge, at)


def _post_only(order: Order) -> bool:
    return order.intent.tif is TimeInForce.POST_ONLY


def _while_open(hedge: Hedge, order: Order, at: Venture) -> Action:
    """Cancel a passive order that has rested its time, or whose desk is stopped."""
    if order.status is not OrderStatus.LIVE:
        return Wait()
    rested = at.now - order.created_at >= from_seconds(at.profile.passive_wait_s)
    if at.stopped or (not hedge.crossing and rested):
        return Cancel(order.intent.order_id)
    return Wait()


def _closed(hedge: Hedge, order: Order) -> Hedge:
    """Hedge after its order is done: fills counted, the next order crosses."""
    return replace(hedge, filled=hedge.filled + order.filled, order_id="", crossing=True)


def _next_order(hedge: Hedge, at: Venture) -> tuple[Hedge, Action]:
    left = hedge.qty - hedge.filled
    reason = _why_not(hedge, left, at)
    if reason:
        return hedge, Finished(max(left, Decimal(0)), reason)
    book = at.book
    if book is None or not _usable(book, at):
        if at.now - hedge.started_at > _patience(at.profile):
            return hedge, Finished(left, f"left {left} contracts, no usable book to go on with")
        return hedge, Wait()
    intent = _intent(hedge, left, at, book)
    after = replace(hedge, attempt=intent.attempt, order_id=intent.order_id)
    return after, Submit(intent)


def _usable(book: Seen, at: Venture) -> bool:
    fresh = age(book, at.now) <= from_seconds(at.profile.book_age_s)
    return fresh and not book.flaw and mid(book.quote) is not None


def _patience(profile: RiskProfile) -> int:
    """How long an approval stands for orders that follow the first, ns.

    A market that comes back after that is another market: it is decided on anew.
    """
    return from_seconds(profile.passive_wait_s + profile.approval_ttl_s)


def _why_not(hedge: Hedge, left: Decimal, at: Venture) -> str:
    if left <= 0:
        return "complete"
    if at.stopped:
        return "stopped"
    if left < at.contract.min_qty or _below_notional(left, at):
        return f"left {left} contracts, below the venue's least size"
    if at.crowded:
        return f"left {left} contracts, {at.crowded}"
    if hedge.attempt >= MAX_ORDERS:
        return f"left {left} contracts after {MAX_ORDERS} orders"
    return ""


def _below_notional(left: Decimal, at: Venture) -> bool:
    """Whether the venue would refuse the rest as too small a trade."""
    middle = mid(at.book.quote) if at.book else None
    if middle is None:
        return False
    usd = abs(coins(at.contract, float(left), middle)) * middle
    return usd < float(at.contract.min_notional)


def _intent(hedge: Hedge, left: Decimal, at: Venture, book: Seen) -> OrderIntent:
    contract, quote = at.contract, book.quote
    middle = mid(quote) or hedge.decision_mid
    qty = min(left, _largest(contract, at.profile.max_order_usd, middle))
    attempt = hedge.attempt + 1
    if hedge.crossing:
        limit = worst_price(contract, hedge.side, middle, at.profile.slippage_cap_bps)
        tif = TimeInForce.IOC
    else:
        limit = passive_price(contract, hedge.side, quote)
        tif = TimeInForce.POST_ONLY
    return OrderIntent(
        order_id=client_order_id(at.run, hedge.hedge_id, attempt),
        proposal_id=hedge.hedge_id,
        attempt=attempt,
        key=hedge.key,
        side=hedge.side,
        qty=qty,
        limit=limit,
        tif=tif,
        reduce_only=shrinks(at.position, hedge.side, qty),
        decision_mid=hedge.decision_mid,
    )


def _largest(contract: Contract, usd: float, price: float) -> Decimal:
    """Contracts of one order at most; never less than the venue takes."""
    wanted = abs(contracts_for(contract, usd / price, price))
    lots = (Decimal(wanted) / contract.lot).to_integral_value(ROUND_DOWN)
    return max(lots * contract.lot, contract.min_qty)
