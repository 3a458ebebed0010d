"""The cost of one hedge as it happens: opened, sent, acked, filled, ended.

The shortfall of a fill at price p of c coins against the decision mid D is s c (p - D), s = +1 for
a buy. With the mid A and half spread h at which its order was sent it is, exactly,

    delay s c (A - D)  +  spread +-c h  +  impact s c (p - A) -+ c h,

the spread paid by a taker and earned by a maker, for whom impact is the price that moved through
its order. For an inverse contract c is the coins at the fill price: s c (p - D) is then the
loss in coin, s units (1/D - 1/p), valued at the decision mid.
"""

from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import BPS
from terminal.execution.at_work import Hedge
from terminal.market.state import Seen, mid
from terminal.model.hedge import Proposal
from terminal.model.order import Fill, Side
from terminal.model.tca import HedgeCost, Sent, Shortfall
from terminal.portfolio.ledger import CASH_STEP, DIGITS


class Executed(Struct, frozen=True):
    """A fill with what it meant in coins and USD."""

    fill: Fill
    at: int
    coins: float
    fee_usd: float | None


def opened(hedge: Hedge, proposal: Proposal | None, persona: str = "") -> HedgeCost:
    """Record of a hedge that was approved, with its proposal's prediction for the size approved.

    That is the cost of the style its plan chose, else of crossing. Without the proposal nothing
    was predicted. ``persona`` is the name of the profile in force.
    """
    share = float(hedge.qty / proposal.qty) if proposal and proposal.qty else 0.0
    predicted = slip = 0.0
    if proposal is not None:
        cost, planned = proposal.cost, proposal.plan.cost_usd
        predicted = share * (cost.total if planned is None else planned)
        slip = (cost.spread + cost.impact) / proposal.coins if proposal.coins else 0.0
    return HedgeCost(
        hedge_id=hedge.hedge_id,
        underlying=hedge.underlying,
        key=hedge.key,
        rule=hedge.rule,
        by=hedge.by,
        side=hedge.side,
        asked=hedge.qty,
        asked_coins=share * proposal.coins if proposal else 0.0,
        decided_at=proposal.created_at if proposal else hedge.started_at,
        approved_at=hedge.started_at,
        decision_mid=hedge.decision_mid if hedge.decision_mid > 0.0 else None,
        predicted_usd=predicted,
        expected_slip=slip,
        persona=persona,
    )


def arrival(order_id: str, seen: Seen | None, now: int) -> Sent:
    """Say what the market was when an order was sent; a flawed book tells no mid."""
    if seen is None or seen.flaw:
        return Sent(order_id, now, None, None)
    bid, ask = seen.quote.bid, seen.quote.ask
    half = 0.5 * (ask - bid) if bid is not None and ask is not None else None
    return Sent(order_id, now, mid(seen.quote), half)


def sent(record: HedgeCost, order: Sent, quoted_cost: float | None) -> HedgeCost:
    """Record after an order left; the first one fixes the cost that was quoted."""
    quoted = record.quoted_cost if record.orders else quoted_cost
    return replace(record, orders=(*record.orders, order), quoted_cost=quoted)


def filled(record: HedgeCost, executed: Executed) -> HedgeCost:
    """Record after a fill of one of its orders."""
    fill, at = executed.fill, executed.at
    notional = executed.coins * float(fill.price)
    return replace(
        record,
        acked_at=record.acked_at or at,
        first_fill_at=record.first_fill_at or at,
        last_fill_at=at,
        filled=record.filled + fill.qty,
        coins=record.coins + executed.coins,
        notional=record.notional + notional,
        maker_notional=record.maker_notional + (notional if fill.maker else 0.0),
        paid=record.paid + shortfall(record, executed),
        fees=with_fee(record.fees, fill),
        opportunity=_still_missed(record, fill.qty),
    )


def _still_missed(record: HedgeCost, qty: Decimal) -> float | None:
    """Opportunity cost after a fill that came when the hedge was over already."""
    left = record.asked - record.filled
    if not record.opportunity or left <= 0:
        return record.opportunity
    return record.opportunity * max(float((left - qty) / left), 0.0)


def shortfall(record: HedgeCost, executed: Executed) -> Shortfall:
    """Shortfall of one fill against the hedge's decision mid, USD; positive is a cost."""
    fill = executed.fill
    price, decided = float(fill.price), record.decision_mid
    if decided is None:
        return Shortfall(delay=None, spread=None, impact=None, price=None, fee=executed.fee_usd)
    along = executed.coins if fill.side is Side.BUY else -executed.coins
    whole = along * (price - decided)
    order = _order(record, fill)
    if order is None or order.mid is None or order.half_spread is None:
        return Shortfall(delay=None, spread=None, impact=None, price=whole, fee=executed.fee_usd)
    delay = along * (order.mid - decided)
    spread = executed.coins * (-order.half_spread if fill.maker else order.half_spread)
    return Shortfall(
        delay=delay,
        spread=spread,
        impact=along * (price - order.mid) - spread,
        price=whole,
        fee=executed.fee_usd,
    )


def with_fee(
    fees: tuple[tuple[str, Decimal], ...], fill: Fill
) -> tuple[tuple[str, Decimal], ...]:
    """Fees by currency after a fill, rounded as the ledger books them, to the last digit."""
    known = dict(fees)
    with localcontext(Context(prec=DIGITS, rounding=ROUND_HALF_EVEN)):
        before = known.get(fill.fee_currency, Decimal(0))
        known[fill.fee_currency] = before + fill.fee.quantize(CASH_STEP)
    return tuple(known.items())


def ended(record: HedgeCost, now: int, end: str, missed: float | None) -> HedgeCost:
    """Record after its hedge is over.

    Parameters
    ----------
    record : HedgeCost
    now : int
    end : str
        How it ended.
    missed : float or None
        Opportunity cost: what the part that stayed unfilled would have paid less at the decision
        mid than now, USD; None when there is no price now.
    """
    return replace(record, ended_at=now, end=end, opportunity=missed)


def opportunity(record: HedgeCost, coins: float, middle: float | None) -> float | None:
    """Price move that ``coins`` (> 0) left unfilled have missed, USD; positive is a cost."""
    if coins == 0.0:
        return 0.0
    if middle is None or record.decision_mid is None:
        return None
    move = middle - record.decision_mid
    return coins * (move if record.side is Side.BUY else -move)


def worse_than_expected(record: HedgeCost, fill: Fill) -> float | None:
    """How much worse a fill is than the proposal expected of crossing, bp; negative when better.

    The expected price is the mid with the predicted spread and impact on it: the decision mid for
    the first order, and for those that follow the mid at which they were sent, because a hedge
    that waits or is sliced takes what the price does meanwhile on purpose. None while that mid is
    unknown.
    """
    first = not record.orders or fill.order_id == record.orders[0].order_id
    order = _order(record, fill)
    base = record.decision_mid if first else order.mid if order else None
    if base is None:
        return None
    price = float(fill.price)
    move = price - base if record.side is Side.BUY else base - price
    return (move - record.expected_slip) / base / BPS


def _order(record: HedgeCost, fill: Fill) -> Sent | None:
    return next((each for each in record.orders if each.order_id == fill.order_id), None)


def paid_over_quoted(record: HedgeCost) -> float | None:
    """Cost of a hedge that is over, from its first order's mid, over the cost quoted then.

    Returns
    -------
    float or None
        1 where it cost what was quoted; None while a number is unknown or nothing was sent.

    Notes
    -----
    Fees are in it, and what stayed unfilled counts as taken at the end at the quoted cost: a
    resting order fills when the price comes to it, so its fills alone would only ever tell of luck.
    """
    start, quoted, fee = record.arrival_mid, record.quoted_cost, record.paid.fee
    missed, late = _missed(record)
    if start is None or fee is None or quoted is None or quoted <= 0.0 or late is None:
        return None
    if not record.coins and not missed:
        return None
    moved = record.notional - record.coins * start
    paid = (moved if record.side is Side.BUY else -moved) + fee
    still = late + quoted * missed * start
    return (paid + still) / ((record.coins + missed) * start * quoted)


def _missed(record: HedgeCost) -> tuple[float, float | None]:
    """Coins that stayed unfilled, and what the price moved against them since the first order."""
    left = record.asked - record.filled
    if left <= 0:
        return 0.0, 0.0
    coins = record.asked_coins * float(left / record.asked)
    start, decided, moved = record.arrival_mid, record.decision_mid, record.opportunity
    if start is None or decided is None or moved is None or not coins:
        return coins, None  # a hedge without a proposal never said how many coins it was for
    before = start - decided
    return coins, moved - coins * (before if record.side is Side.BUY else -before)
