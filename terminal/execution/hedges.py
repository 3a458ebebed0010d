"""One approved hedge at work: its single open order is kept in line with what it wants.

A hedge owns at most one open order. The next order is sized from what the fills have left, and
only after the one before it is done, so that partial fills can never be hedged twice: a resting
order that is to move, or to give way to one that takes, is cancelled and proven done first.
"""

from decimal import ROUND_DOWN, Decimal

from msgspec.structs import replace

from terminal.core.ids import client_order_id
from terminal.core.units import from_seconds
from terminal.execution.at_work import Action, Finished, Hedge, Venture, Wait
from terminal.execution.orders import done
from terminal.execution.parts import MOST_PARTS, least, shown
from terminal.execution.prices import resting_limit
from terminal.execution.wants import Aim, Want, usable, wanted
from terminal.market.state import mid
from terminal.model.hedge import Approved
from terminal.model.instrument import Contract, coins, contracts_for
from terminal.model.market import Quote
from terminal.model.messages import Cancel, Submit
from terminal.model.order import Order, OrderIntent, OrderStatus, Side, TimeInForce
from terminal.model.risk import RiskProfile, Style
from terminal.risk.limits import shrinks

MAX_ORDERS = 10
"""Orders of one hedge at most, parts not counted; what is left goes back to the decision."""

LEAST_REST = from_seconds(1.0)
"""A resting order follows its touch no sooner: a flicker of the book is not a move."""


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
        by=approved.by,
        rule=proposal.target.rule,
        started_at=now,
        plan=proposal.plan,
        offer=proposal if proposal.plan.style is Style.TWAP else None,
    )


def advance(hedge: Hedge, at: Venture) -> tuple[Hedge, Action]:
    """Next step of a hedge.

    Returns
    -------
    tuple of Hedge and Action
        Submit the next order, cancel the resting one, wait, or finish.
    """
    order = at.order if hedge.order_id else None
    if hedge.order_id and order is None:
        # Never resend what cannot be proven: the decision looks anew.
        return hedge, Finished(hedge.qty - hedge.filled, "its order is not known any more")
    if order is not None and done(order):
        hedge = _closed(hedge, order, at)
        refused = order.status is OrderStatus.REJECTED and not resting(order)
        if refused and not hedge.by_hand:
            return hedge, Finished(hedge.qty - hedge.filled, f"rejected: {order.reason}")
        order = None
    want = wanted(hedge, at)
    hedge = _noted(hedge, want, at.now)
    if order is not None:
        return hedge, _while_open(hedge, order, want, at)
    return _next_order(hedge, want, at)


def resting(order: Order) -> bool:
    """Whether an order only makes liquidity."""
    return order.intent.tif is TimeInForce.POST_ONLY


def _closed(hedge: Hedge, order: Order, at: Venture) -> Hedge:
    """Hedge after its order is done: fills counted, and what that says about resting on."""
    said = f"its order was {order.status.value}" + (f": {order.reason}" if order.reason else "")
    after = replace(
        hedge, filled=hedge.filled + order.filled, order_id="", closed_at=at.now, said=said
    )
    if not resting(order):
        return after
    if order.status is OrderStatus.FILLED:
        renewed = at.now if hedge.plan.style is Style.ICEBERG else hedge.passive_since
        return replace(after, passive_since=renewed)
    pegs = hedge.pegs + 1
    return replace(after, pegs=pegs, waited=hedge.waited or pegs > at.profile.repegs)


def _noted(hedge: Hedge, want: Want, now: int) -> Hedge:
    """Hedge that remembers since when it sits, and what it asks."""
    since = (hedge.over_since or now) if want.sits else hedge.over_since
    if since == hedge.over_since and want.asks == hedge.asking:
        return hedge
    # The words of a question follow the market; it stays the same question until it is answered.
    asking = hedge.asking if hedge.asking and want.asks else want.asks
    return replace(hedge, over_since=since, asking=asking)


def _while_open(hedge: Hedge, order: Order, want: Want, at: Venture) -> Action:
    """Cancel an open order that is not what is wanted any more."""
    if order.status is not OrderStatus.LIVE:
        return Wait()
    unwanted = want.aim is Aim.END or (resting(order) and _outlived(hedge, order, want, at))
    return Cancel(order.intent.order_id) if unwanted else Wait()


def _outlived(hedge: Hedge, order: Order, want: Want, at: Venture) -> bool:
    """Whether a resting order must give way: to one that takes, to a person's, to its touch."""
    if want.aim is Aim.CROSS or hedge.wish is not None:
        return True
    quote = usable(at)
    young = at.now - order.created_at < LEAST_REST
    if want.aim is not Aim.REST or hedge.by_hand or quote is None or young or at.crowded:
        return False
    if hedge.pegs >= at.profile.repegs:
        return False
    there = resting_limit(hedge, at, quote)
    here = order.intent.limit
    return there > here if hedge.side is Side.BUY else there < here


def _next_order(hedge: Hedge, want: Want, at: Venture) -> tuple[Hedge, Action]:
    left = hedge.qty - hedge.filled
    reason = _over(left, want, at)
    if reason:
        return hedge, Finished(max(left, Decimal(0)), reason)
    pegged = want.aim is Aim.REST and not hedge.by_hand and hedge.pegs > at.profile.repegs
    if want.aim is Aim.WAIT or pegged:
        return hedge, Wait()
    reason = _barred(hedge, left, at)
    if reason:
        return hedge, Finished(left, reason)
    quote = usable(at)
    sliced = hedge.plan.style is Style.TWAP and hedge.attempt > 0
    if quote is None or (sliced and at.unfit):
        if at.now - max(hedge.closed_at, hedge.started_at) > _patience(hedge, at.profile):
            why = "no usable book to go on with" if quote is None else at.unfit
            return hedge, Finished(left, f"left {left} contracts, {why}")
        return hedge, Wait()
    intent = _intent(hedge, want, at, quote)
    started = at.now if intent.tif is TimeInForce.POST_ONLY else 0
    after = replace(
        hedge,
        attempt=intent.attempt,
        order_id=intent.order_id,
        passive_since=hedge.passive_since or started,
        wish=None,
    )
    return after, Submit(intent)


def _patience(hedge: Hedge, profile: RiskProfile) -> int:
    """How long a hedge waits for a market between two orders, ns.

    One that comes back after that is another market: it is decided on anew.
    """
    slice_every = hedge.plan.span // hedge.plan.slices
    return from_seconds(profile.passive_wait_s + profile.approval_ttl_s) + slice_every


def _over(left: Decimal, want: Want, at: Venture) -> str:
    """Why a hedge without an open order has nothing more to do."""
    if left <= 0:
        return "complete"
    if want.aim is Aim.END:
        return want.reason if want.reason == "stopped" else f"left {left} contracts, {want.reason}"
    if left < at.contract.min_qty or _below_notional(left, at):
        return f"left {left} contracts, below the venue's least size"
    return ""


def _barred(hedge: Hedge, left: Decimal, at: Venture) -> str:
    """Which limit on orders stands against one more; a person may send what the rates let pass."""
    if at.crowded:
        return f"left {left} contracts, {at.crowded}"
    parts = MOST_PARTS if hedge.plan.style in (Style.TWAP, Style.ICEBERG) else 0
    if hedge.attempt >= MAX_ORDERS + parts and not hedge.by_hand:
        return f"left {left} contracts after {hedge.attempt} orders"
    return ""


def _below_notional(left: Decimal, at: Venture) -> bool:
    """Whether the venue would refuse the rest as too small a trade."""
    middle = mid(at.book.quote) if at.book else None
    if middle is None:
        return False
    price = at.spot or middle
    usd = abs(coins(at.contract, float(left), price)) * price
    return usd < float(at.contract.min_notional)


def _intent(hedge: Hedge, want: Want, at: Venture, quote: Quote) -> OrderIntent:
    middle = mid(quote) or hedge.decision_mid
    attempt = hedge.attempt + 1
    qty = _part(hedge, want, at, at.spot or middle)
    crossing = want.aim is Aim.CROSS
    limit = want.limit if want.limit is not None else resting_limit(hedge, at, quote)
    return OrderIntent(
        order_id=client_order_id(at.run, hedge.hedge_id, attempt),
        proposal_id=hedge.hedge_id,
        attempt=attempt,
        key=hedge.key,
        side=hedge.side,
        qty=qty,
        limit=limit,
        tif=TimeInForce.IOC if crossing else TimeInForce.POST_ONLY,
        reduce_only=shrinks(at.position, hedge.side, qty),
        decision_mid=hedge.decision_mid,
        for_stop=hedge.by == "stop",
    )


def _part(hedge: Hedge, want: Want, at: Venture, price: float) -> Decimal:
    """Contracts of the next order; a rest that the venue would not take goes with it.

    ``price`` is USD per coin.
    """
    contract, left = at.contract, hedge.qty - hedge.filled
    largest = _largest(contract, at.profile.max_order_usd, price)
    part = min(left, largest)
    if want.qty is not None:
        part = min(part, want.qty)
    if hedge.plan.style is Style.ICEBERG and want.aim is Aim.REST and not hedge.by_hand:
        part = min(part, shown(hedge.qty, contract, hedge.plan.show_usd, price))
    if left <= largest and left - part < least(contract, price):
        return left
    return part


def _largest(contract: Contract, usd: float, price: float) -> Decimal:
    """Contracts of one order at most; never less than the venue takes."""
    wanted = abs(contracts_for(contract, usd / price, price))
    lots = (Decimal(wanted) / contract.lot).to_integral_value(ROUND_DOWN)
    return max(lots * contract.lot, contract.min_qty)
