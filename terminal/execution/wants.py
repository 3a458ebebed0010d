"""What a hedge at work wants now: to rest, to take, to wait, or to end.

The answer depends on the hedge and the moment alone; bringing its one open order in line with it
is the work of ``hedges``. What is shown of a hedge's next step comes from the same answer.
"""

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from terminal.core.units import BPS, from_seconds, seconds
from terminal.execution.at_work import Hedge, Venture
from terminal.execution.parts import due, least, slices
from terminal.execution.prices import ceiling_bps, reaches, taking_limit
from terminal.market.state import age, mid
from terminal.model.market import Quote
from terminal.model.risk import Escalation, Style


class Aim(StrEnum):
    """Kind of a want."""

    REST = "rest"
    CROSS = "cross"
    WAIT = "wait"
    END = "end"


class Want(Struct, frozen=True, kw_only=True):
    """What a hedge wants, and what comes next."""

    aim: Aim
    reason: str = ""  # why it ends, or what it waits for
    limit: Decimal | None = None  # None at rest: the own touch
    qty: Decimal | None = None  # contracts at most; None: everything left
    sits: bool = False  # beyond its wait or its cap
    asks: str = ""  # the question for a person
    follows: str = ""  # what comes next
    at: int | None = None  # when, UtcNs


def wanted(hedge: Hedge, at: Venture) -> Want:
    """What a hedge wants at this moment."""
    if hedge.ending:
        return Want(aim=Aim.END, reason=hedge.ending)
    if at.stopped:
        return Want(aim=Aim.END, reason="stopped")
    if hedge.by_hand:
        return _by_hand(hedge, at)
    style = hedge.plan.style
    if style is Style.TWAP:
        return _sliced(hedge, at)
    if style in (Style.MARKET, Style.MARKETABLE):
        return _take(hedge, at, None)
    urgent = hedge.plan.cross_qty - hedge.filled
    if style is Style.MIX and urgent >= least(at.contract, hedge.decision_mid):
        return _take(hedge, at, urgent)
    return _rested(hedge, at)


def usable(at: Venture) -> Quote | None:
    """The quote to trade on; None when it is too old, flawed or one-sided."""
    book = at.book
    if book is None or book.flaw or mid(book.quote) is None:
        return None
    return book.quote if age(book, at.now) <= from_seconds(at.profile.book_age_s) else None


def _by_hand(hedge: Hedge, at: Venture) -> Want:
    wish = hedge.wish
    if wish is None:
        return Want(aim=Aim.WAIT, reason=hedge.said or "yours", follows="waits for you")
    if not wish.cross:
        return Want(aim=Aim.REST, limit=wish.limit, follows="waits for you")
    quote = usable(at)
    middle = mid(quote) if quote else None
    limit = taking_limit(hedge, at, middle, waived=True) if middle is not None else None
    return Want(aim=Aim.CROSS, limit=limit, follows="waits for you")


def _sliced(hedge: Hedge, at: Venture) -> Want:
    cut = slices(hedge.qty, at.contract, hedge.plan.slices, hedge.decision_mid)
    so_far, later = due(cut, hedge.plan.span, at.now - hedge.started_at)
    when = None if later is None else hedge.started_at + later
    owed = so_far - hedge.filled
    if owed <= 0 or (when is not None and owed < least(at.contract, hedge.decision_mid)):
        reason = "its next slice is not due"
        return Want(aim=Aim.WAIT, reason=reason, follows="takes its next slice", at=when)
    return _take(hedge, at, owed)


def _rested(hedge: Hedge, at: Venture) -> Want:
    """Rest for the profile's wait, then escalate."""
    wait = from_seconds(at.profile.passive_wait_s)
    after = at.profile.after_wait
    ends = hedge.passive_since + wait if hedge.passive_since else None
    over = hedge.waited or wait == 0 or (ends is not None and at.now >= ends)
    if not over:
        follows = {
            Escalation.CROSS: "takes what is left",
            Escalation.LET_SIT: "sits on",
            Escalation.ASK: "asks you",
        }[after]
        return Want(aim=Aim.REST, follows=follows, at=ends)
    if after is Escalation.CROSS:
        return _take(hedge, at, None)
    said = f"it has rested its {at.profile.passive_wait_s:g} s"
    return _sit(hedge, at, said, asks=after is Escalation.ASK)


def _take(hedge: Hedge, at: Venture, qty: Decimal | None) -> Want:
    """Take inside the slippage cap; beyond it, do what the profile says."""
    quote = usable(at)
    middle = mid(quote) if quote else None
    if quote is None or middle is None:
        return Want(aim=Aim.CROSS, qty=qty, follows="takes what is left")
    limit = taking_limit(hedge, at, middle, waived=False)
    if reaches(hedge.side, limit, quote):
        return Want(aim=Aim.CROSS, limit=limit, qty=qty, follows="takes what is left")
    cap = at.profile.slippage_cap_bps
    away = abs(middle / hedge.decision_mid - 1.0) / BPS
    beyond = f"the market is {away:.1f} bp from the decision, taking would pass the {cap:g} bp cap"
    action = Escalation.CROSS if hedge.by == "stop" else at.profile.over_cap
    if action is not Escalation.CROSS:
        return _sit(hedge, at, beyond, asks=action is Escalation.ASK, qty=qty)
    limit = taking_limit(hedge, at, middle, waived=True)
    if reaches(hedge.side, limit, quote):
        return Want(aim=Aim.CROSS, limit=limit, qty=qty, follows="takes what is left")
    ceiling = ceiling_bps(at.profile)
    return Want(aim=Aim.END, reason=f"{beyond} and the {ceiling:g} bp ceiling: decided anew")


def _sit(
    hedge: Hedge, at: Venture, why: str, *, asks: bool, qty: Decimal | None = None
) -> Want:
    """Rest on for a while; a market that does not come back is decided on anew."""
    ends = (hedge.over_since or at.now) + from_seconds(at.profile.sit_s)
    if at.now >= ends:
        waited = f"{seconds(ends - hedge.over_since):g} s"
        outcome = "nobody answered" if asks else "nothing came"
        return Want(aim=Aim.END, reason=f"{why}; {outcome} in {waited}: decided anew")
    question = f"{why}: take it, re-price it or cancel it?" if asks else ""
    return Want(
        aim=Aim.REST,
        reason=why,
        qty=qty,
        sits=True,
        asks=question,
        follows="ends, decided anew",
        at=ends,
    )
