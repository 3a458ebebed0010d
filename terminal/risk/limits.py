"""Pre-trade controls, and the only maker of approvals.

Every hedge passes :func:`approve` at the moment of the click (or of the automatic approval) with
the market of that moment. Each control is a small function that answers with a refusal or None.
"""

from collections.abc import Callable
from decimal import Decimal

from msgspec import Struct

from terminal.core.units import BPS, from_seconds, seconds, utc_day
from terminal.market.health import strayed
from terminal.market.state import Seen, age, mid
from terminal.model.hedge import Approved, DenialCode, Proposal, ProposalStatus, Refused
from terminal.model.instrument import Contract, coins
from terminal.model.messages import StopStage
from terminal.model.order import Side
from terminal.model.risk import RiskProfile
from terminal.portfolio.headroom import MarginUse
from terminal.risk.activity import Activity, Pace, flips, hedges_last_hour, orders_last_minute
from terminal.risk.halts import Halt


class Context(Struct, frozen=True, kw_only=True):
    """The moment an approval is asked for."""

    now: int
    profile: RiskProfile
    stop: StopStage | None
    halts: tuple[Halt, ...]  # that concern this underlying
    contract: Contract
    book: Seen | None
    index: float | None
    net_delta: float | None
    position: Decimal  # contracts of the hedge instrument
    working: bool  # a hedge of this underlying is in flight
    unknown: bool  # an order of this underlying has no proven outcome
    activity: Activity
    day_pnl: float | None
    equity: float | None  # USD
    gross_usd: float | None  # notional of perpetuals, futures and spot, and deltas of options
    margin: MarginUse | None = None  # of the hedge instrument's bucket; None: not looked at
    account_age: int | None = None  # ns since its venue stated it; None: nobody is asked
    size_factor: float = 1.0  # of the profile's sizes; 0: the run is live and not armed


class Ask(Struct, frozen=True):
    """What is asked for: a proposal, a size in contracts, and by whom."""

    proposal: Proposal
    qty: Decimal
    by: str
    revision: int


def approve(ask: Ask, context: Context) -> Approved | Refused:
    """Approve a hedge, or refuse it with the code of the first control that stands against it.

    Parameters
    ----------
    ask : Ask
    context : Context
        The state of the world at this very moment, not at the time of the proposal.

    Returns
    -------
    Approved or Refused
    """
    for control in _CONTROLS:
        refusal = control(ask, context)
        if refusal is not None:
            return refusal
    return Approved(ask.proposal, ask.qty, ask.by, context.now)


def unfit(ask: Ask, context: Context) -> str:
    """Say why no further part of an approved hedge may be sent now; empty when one may.

    An approval stands for its size and price; the market and the day's limits of the moment are
    looked at again.
    """
    for control in _OF_THE_MOMENT:
        refusal = control(ask, context)
        if refusal is not None:
            return refusal.reason
    return ""


def _open(ask: Ask, context: Context) -> Refused | None:
    proposal = ask.proposal
    if proposal.status is ProposalStatus.REQUOTE or ask.revision != proposal.revision:
        return Refused(DenialCode.REQUOTE, "the numbers have changed: look again and re-quote")
    if proposal.status is not ProposalStatus.OPEN:
        return Refused(DenialCode.NOT_OPEN, f"the proposal is {proposal.status.value} already")
    if context.now >= proposal.expires_at:
        return Refused(DenialCode.EXPIRED, "the proposal has lapsed: a new one follows if needed")
    return None


def _armed(_: Ask, context: Context) -> Refused | None:
    """Nothing leaves an unarmed live run, the stop's own hedges included: cancels do."""
    if context.size_factor > 0.0:
        return None
    venue = context.contract.venue
    return Refused(DenialCode.NOT_ARMED, f"live trading on {venue} is not armed: arm it first")


def _stopped(ask: Ask, context: Context) -> Refused | None:
    if context.stop is not None and ask.by != "stop":
        stage = context.stop.value
        return Refused(DenialCode.STOPPED, f"the desk is stopped ({stage}): re-arm it first")
    if context.halts and ask.by != "stop":
        return Refused(DenialCode.TRADING_HALTED, f"halted: {context.halts[0].reason}")
    return None


def _size(ask: Ask, context: Context) -> Refused | None:
    contract = context.contract
    qty = ask.qty
    if not qty.is_finite() or qty <= 0:
        return Refused(DenialCode.BAD_SIZE, f"size {qty} is not a positive number of contracts")
    if qty > ask.proposal.qty:
        return Refused(
            DenialCode.BAD_SIZE, f"size {qty} is more than the {ask.proposal.qty} proposed"
        )
    if qty % contract.lot != 0:
        return Refused(DenialCode.OFF_GRID, f"size {qty} is not a multiple of lot {contract.lot}")
    if qty < contract.min_qty:
        return Refused(
            DenialCode.QTY_BELOW_MIN, f"size {qty} is below the venue's least, {contract.min_qty}"
        )
    if _usd(ask, context) < float(contract.min_notional):
        return Refused(
            DenialCode.QTY_BELOW_MIN,
            f"size {qty} is below the venue's least notional, {contract.min_notional} USD",
        )
    return None


def _book(ask: Ask, context: Context) -> Refused | None:
    book, profile = context.book, context.profile
    if book is None:
        return Refused(DenialCode.DATA_STALE, "there is no quote of the hedge instrument yet")
    if age(book, context.now) > from_seconds(profile.book_age_s):
        old = seconds(age(book, context.now))
        return Refused(
            DenialCode.DATA_STALE, f"the book is {old:.1f} s old, limit {profile.book_age_s:g} s"
        )
    if book.flaw:
        return Refused(DenialCode.BOOK_CROSSED, f"the quote cannot be used: {book.flaw}")
    middle = mid(book.quote)
    if middle is None or book.quote.ask is None or book.quote.bid is None:
        return Refused(DenialCode.DATA_STALE, "the book has one side only")
    spread = (book.quote.ask - book.quote.bid) / middle / BPS
    if spread > profile.spread_cap_bps:
        return Refused(
            DenialCode.SPREAD, f"spread {spread:.1f} bp is above {profile.spread_cap_bps:g} bp"
        )
    return _collar(middle, ask, context)


def _collar(middle: float, ask: Ask, context: Context) -> Refused | None:
    """Mid against mark and index: one bad source must not set a price.

    A stop closes dated futures too, whose basis to the index may be wide: it looks at the mark.
    """
    mark = context.book.quote.mark if context.book else None
    index = context.index if ask.by != "stop" else None
    if mark is None and index is None and ask.by != "stop":
        return Refused(DenialCode.COLLAR, "no mark or index says whether the quote is sound")
    for name, price in (("mark", mark), ("index", index)):
        far = strayed(middle, name, price, context.profile.collar_bps)
        if far:
            return Refused(DenialCode.COLLAR, far)
    return None


def _drift(ask: Ask, context: Context) -> Refused | None:
    reason = drifted(ask.proposal, context)
    return Refused(DenialCode.REQUOTE, reason) if reason else None


def drifted(proposal: Proposal, context: Context) -> str:
    """Say how far the world has moved from a proposal's numbers; empty while within tolerance."""
    if context.net_delta is None or context.book is None:
        return "net delta is unknown now"
    profile = context.profile
    middle = mid(context.book.quote)
    if middle is None:
        return "the book has one side only"
    moved = abs(middle / proposal.mid - 1.0) / BPS
    if moved > profile.drift_price_bps:
        return f"price moved {moved:.1f} bp, tolerance {profile.drift_price_bps:g} bp"
    shift = abs(context.net_delta - proposal.before) / proposal.coins * 100.0
    if shift > profile.drift_delta_pct:
        return f"delta moved {shift:.0f} % of the size, tolerance {profile.drift_delta_pct:g} %"
    if age(context.book, context.now) > from_seconds(profile.book_age_s):
        return f"the book is older than {profile.book_age_s:g} s"
    return ""


def _notional(ask: Ask, context: Context) -> Refused | None:
    usd, largest = _usd(ask, context), context.profile.max_hedge_usd
    if ask.by == "stop" or usd <= largest * context.size_factor:
        return None
    if usd > largest:
        return Refused(
            DenialCode.HEDGE_NOTIONAL,
            f"{usd:,.0f} USD is above the largest hedge, {largest:,.0f} USD",
        )
    return Refused(
        DenialCode.FIRST_DAYS,
        f"{usd:,.0f} USD is above {largest * context.size_factor:,.0f} USD, a quarter of the"
        " largest hedge: so it is in the first seven live days of an account",
    )


def _usd(ask: Ask, context: Context) -> float:
    offer = ask.proposal
    if offer.parts or offer.spot:  # what its price is of is not the whole, or not a coin
        return offer.usd * float(ask.qty / offer.qty)
    return abs(coins(context.contract, float(ask.qty), offer.mid)) * offer.mid


def _in_flight(ask: Ask, context: Context) -> Refused | None:
    if context.unknown:
        return Refused(
            DenialCode.UNKNOWN_OUTSTANDING,
            f"an order in {ask.proposal.underlying} has no proven outcome yet",
        )
    if context.working:
        return Refused(DenialCode.WORKING, f"a {ask.proposal.underlying} hedge is working already")
    return None


def _rates(ask: Ask, context: Context) -> Refused | None:
    profile, activity, now = context.profile, context.activity, context.now
    if ask.by == "stop":
        return None
    crowded = too_many_orders(profile, activity, now)
    if crowded:
        return Refused(DenialCode.RATE, crowded)
    pace = activity.paces.get(ask.proposal.underlying, Pace())
    if pace.hedges and now - pace.hedges[-1] < from_seconds(profile.min_gap_s):
        return Refused(DenialCode.GAP, f"hedges must be {profile.min_gap_s:g} s apart")
    return _restless(ask, context) if ask.by == "auto" else None


def _restless(ask: Ask, context: Context) -> Refused | None:
    """Limits on what is done without a person: hedges an hour, and changes of side."""
    profile, now = context.profile, context.now
    pace = context.activity.paces.get(ask.proposal.underlying, Pace())
    if hedges_last_hour(pace, now) >= profile.hedges_per_hour:
        return Refused(
            DenialCode.REPEATED_EXECUTION,
            f"{profile.hedges_per_hour} automatic hedges an hour are reached: hedge by hand",
        )
    if flips(pace, now, ask.proposal.side) > profile.flips_per_10min:
        return Refused(
            DenialCode.FLIPS,
            f"over {profile.flips_per_10min} changes of side in 10 min: hedge by hand",
        )
    return None


def withheld(ask: Ask, context: Context) -> Refused | None:
    """Limit against noise for which an automatic hedge is not even offered; None without one.

    Notes
    -----
    They are the same controls that an approval passes, asked before: a proposal that only they
    would refuse says nothing new each time it lapses and comes back.
    """
    return _restless(ask, context) or _budgets(ask, context) or _account(ask, context)


def too_many_orders(profile: RiskProfile, activity: Activity, now: int) -> str:
    """Which limit on orders stands against one more; empty while none does."""
    if orders_last_minute(activity, now) >= profile.orders_per_minute:
        return f"{profile.orders_per_minute} orders a minute are reached"
    if activity.day == utc_day(now) and activity.orders_day >= profile.orders_per_day:
        return f"{profile.orders_per_day} orders a day are reached"
    return ""


def _budgets(ask: Ask, context: Context) -> Refused | None:
    profile, activity = context.profile, context.activity
    if ask.by == "stop":
        return None
    if activity.turnover_usd + _usd(ask, context) > profile.turnover_day_usd:
        return Refused(
            DenialCode.TURNOVER, f"turnover of {profile.turnover_day_usd:,.0f} USD a day is reached"
        )
    share = float(ask.qty / ask.proposal.qty)
    if activity.cost_usd + ask.proposal.cost.total * share > profile.cost_day_usd:
        return Refused(
            DenialCode.COST, f"hedge cost of {profile.cost_day_usd:,.0f} USD a day is reached"
        )
    slippage = (ask.proposal.cost.spread + ask.proposal.cost.impact) / ask.proposal.usd / BPS
    if slippage > profile.slippage_cap_bps:
        return Refused(
            DenialCode.SLIPPAGE,
            f"expected slippage {slippage:.1f} bp is above {profile.slippage_cap_bps:g} bp",
        )
    return None


def _day_loss(ask: Ask, context: Context) -> Refused | None:
    """Past the first loss limit only orders that shrink the hedge position may leave."""
    limit = context.profile.day_loss_reduce_usd
    if context.day_pnl is None or context.day_pnl > -limit or ask.by == "stop":
        return None
    if shrinks(context.position, ask.proposal.side, ask.qty):
        return None
    return Refused(
        DenialCode.DAY_LOSS,
        f"day's loss {-context.day_pnl:,.0f} USD is past {limit:,.0f} USD: reduce only",
    )


def _account(ask: Ask, context: Context) -> Refused | None:
    """On old word of the account only orders that shrink the hedge position may leave."""
    if ask.by == "stop" or context.account_age is None:
        return None
    limit = context.profile.snapshot_age_s
    fresh = context.account_age <= from_seconds(limit)
    if fresh or shrinks(context.position, ask.proposal.side, ask.qty):
        return None
    return Refused(
        DenialCode.ACCOUNT_STALE,
        f"the venue last stated the account {seconds(context.account_age):.0f} s ago,"
        f" limit {limit:g} s: reduce only",
    )


def _leverage(ask: Ask, context: Context) -> Refused | None:
    """Past the gross leverage of the profile only orders that shrink the position may leave."""
    if ask.by == "stop" or shrinks(context.position, ask.proposal.side, ask.qty):
        return None
    limit, equity = context.profile.gross_leverage, context.equity
    if equity is None or context.gross_usd is None:
        return Refused(DenialCode.LEVERAGE, "equity is unknown: only reducing hedges may leave")
    gross = context.gross_usd + _usd(ask, context)
    if gross <= limit * equity:
        return None
    return Refused(
        DenialCode.LEVERAGE,
        f"gross {gross:,.0f} USD would be over {limit:g} times equity of {equity:,.0f} USD:"
        " reduce only",
    )


def _margin(ask: Ask, context: Context) -> Refused | None:
    """Near the margin or the liquidation of a bucket only orders that shrink a position leave.

    Unknown is not refused: no venue could be hedged on whose rules are not written down here.
    """
    found, profile = context.margin, context.profile
    if found is None or ask.by == "stop" or shrinks(context.position, ask.proposal.side, ask.qty):
        return None
    if found.used is not None and 100.0 * found.used >= profile.margin_use_pct:
        return Refused(
            DenialCode.MARGIN,
            f"{100.0 * found.used:.0f} % of the margin is used, limit {profile.margin_use_pct:g} %:"
            " reduce only, or add collateral",
        )
    if found.missing_usd:
        return Refused(
            DenialCode.LIQUIDATION,
            f"a move of {profile.liquidation_pct:g} % would liquidate: reduce only, or add"
            f" {found.missing_usd:,.0f} USD of collateral",
        )
    return None


def shrinks(position: Decimal, side: Side, qty: Decimal) -> bool:
    """Whether an order only brings a position nearer to zero, and not through it."""
    towards = Side.SELL if position > 0 else Side.BUY
    return side is towards and qty <= abs(position)


_CONTROLS: tuple[Callable[[Ask, Context], Refused | None], ...] = (
    _open,
    _armed,
    _stopped,
    _size,
    _book,
    _drift,
    _in_flight,
    _notional,
    _rates,
    _budgets,
    _day_loss,
    _account,
    _leverage,
    _margin,
)

_OF_THE_MOMENT = (_armed, _stopped, _book, _budgets, _day_loss, _account, _leverage, _margin)
