"""Which instrument and venue carries a hedge at the least cost, as a ranked table with reasons.

Cost is what the hedge costs now (fee, half spread, impact of its own size) and until it is
expected to be traded away (funding or basis, borrow fee). What is unknown is said and left out;
an instrument that cannot take the hedge is listed last, with the reason.
"""

import math
from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import BPS, seconds
from terminal.core.words import amount
from terminal.hedging.holding_cost import basis_cost, borrow_cost, funding_cost
from terminal.hedging.inputs import Instrumental
from terminal.hedging.legs import Size, cost, size, too_small
from terminal.market.state import Seen, age, mid
from terminal.model.hedge import Cost
from terminal.model.hedge_with import HedgeRow
from terminal.model.instrument import Contract, coins
from terminal.model.market import Depth, Funding
from terminal.model.order import Side

KEEP_BP = 1.0
"""Cost advantage that another instrument needs over the one in use, and over one whose position
the hedge would shrink: without it positions would spread over instruments."""

SHOWN_ONLY = "shown only, the desk trades perpetuals"


class Choice(Struct, frozen=True, kw_only=True):
    """One instrument that could carry the hedge, and what is known of it."""

    contract: Contract
    kind: str  # perpetual, future, spot
    seen: Seen | None
    depth: Depth | None = None
    position: Decimal = Decimal(0)  # contracts held, signed
    free_coins: float = 0.0  # that a sale of the coin itself may deliver
    funding: Funding | None = None
    accrues: bool = False  # funding is continuous, not paid at stamps
    expiry: int = 0  # UtcNs of a dated future
    borrow_hour: float = 0.0  # fee of both sides, fraction of notional an hour
    margin_rate: float | None = None  # initial margin over notional; None: rules unknown
    free_usd: float | None = None  # collateral free for new positions; None: unknown
    margin_note: str = ""  # why one of the two is unknown
    shown_only: bool = False  # the desk does not trade it by itself


class Need(Struct, frozen=True, kw_only=True):
    """The hedge that is wanted."""

    side: Side
    coins: float  # > 0
    spot: float  # USD per coin
    now: int
    holding: int  # ns until it is expected to be traded away
    oldest: int  # ns of age from which a book is not traded
    kept: str = ""  # key of the instrument in use


class Priced(Struct, frozen=True, kw_only=True):
    """A choice with its costs as fractions of notional, or the fault that rules it out."""

    choice: Choice
    size: Size
    fee: float | None = None
    spread: float | None = None
    impact: float | None = None
    carry: float | None = None
    margin: float | None = None  # USD
    fault: str = ""
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> float:
        """Everything that is known of the cost, a fraction of notional."""
        parts = (self.fee, self.spread, self.impact, self.carry)
        return sum(part for part in parts if part is not None)


def in_order(priced: Sequence[Priced], need: Need) -> tuple[HedgeRow, ...]:
    """Rows by cost, what cannot be used last.

    Parameters
    ----------
    priced : sequence of Priced
        From :func:`price`, in the order of the listing, which decides between equals.
    need : Need

    Returns
    -------
    tuple of HedgeRow
        Known impact goes before unknown impact, then the least total after ``KEEP_BP`` of
        preference for the instrument in use and for one whose position shrinks.
    """
    usable = sorted(
        (each for each in priced if not each.fault),
        key=lambda each: (each.impact is None, each.total - _preference(each.choice, need)),
    )
    rows = [_row(each, rank, _why(each, usable)) for rank, each in enumerate(usable, 1)]
    return (*rows, *(_row(each, 0, each.fault) for each in priced if each.fault))


def price(choice: Choice, need: Need) -> Priced:
    """Cost of one choice for this hedge."""
    contract, seen = choice.contract, choice.seen
    chosen = size(contract, need.coins, need.spot)
    bare = Priced(choice=choice, size=chosen)
    fault = _fault(choice, need, chosen)
    if fault or seen is None:
        return replace(bare, fault=fault)
    hedge = Instrumental(contract=contract, book=seen, depth=choice.depth, position=choice.position)
    found = cost(hedge, need.side, chosen)
    carry, notes = _carry(choice, need, seen)
    impact, more = _impact(choice, need, chosen, found)
    opened = _opened(choice, need, chosen)
    margin = None if choice.margin_rate is None else choice.margin_rate * opened
    known = replace(
        bare,
        fee=found.fee / chosen.usd,
        spread=found.spread / chosen.usd,
        impact=impact,
        carry=carry,
        margin=margin,
        notes=(*more, *notes, *((SHOWN_ONLY,) if choice.shown_only else ())),
    )
    if not math.isfinite(known.total):
        return replace(bare, fault="its prices and sizes are beyond any number")
    return replace(known, fault=_short_of_margin(known))


def _fault(choice: Choice, need: Need, chosen: Size) -> str:
    """Why a choice cannot take the hedge; empty when it can."""
    seen = choice.seen
    if seen is None:
        return "no quote yet"
    if seen.flaw:
        return f"quote: {seen.flaw}"
    if mid(seen.quote) is None:
        return "one-sided book"
    old = age(seen, need.now)
    if old > need.oldest:
        return f"book is {seconds(old):.0f} s old"
    small = too_small(choice.contract, chosen)
    if small:
        return small
    if choice.depth is not None and not _shown(choice.depth, need.side) > 0.0:
        return f"no {'asks' if need.side is Side.BUY else 'bids'} on its book"
    held = max(choice.free_coins, 0.0)
    if choice.kind == "spot" and need.side is Side.SELL and held < chosen.coins:
        return f"{amount(held)} coins held, and nothing here lends more to sell"
    return ""


def _shown(depth: Depth, side: Side) -> float:
    """Contracts on the side that the hedge takes."""
    return sum(available for _, available in (depth.asks if side is Side.BUY else depth.bids))


def _impact(
    choice: Choice, need: Need, chosen: Size, found: Cost
) -> tuple[float | None, tuple[str, ...]]:
    """Impact as a fraction, None where no book shows the whole size."""
    qty = float(chosen.qty)
    if choice.depth is not None:
        shown = _shown(choice.depth, need.side)
        if shown >= qty:
            return found.impact / chosen.usd, ()
        part = amount(abs(coins(choice.contract, shown, need.spot)))
        return None, (f"only {part} on the book: impact unknown",)
    quote = choice.seen.quote if choice.seen else None
    touch = (quote.ask_qty if need.side is Side.BUY else quote.bid_qty) if quote else 0.0
    return (0.0, ()) if touch >= qty else (None, ("no depth: impact unknown",))


def _carry(choice: Choice, need: Need, seen: Seen) -> tuple[float | None, tuple[str, ...]]:
    """Funding or basis with the borrow fee, as a fraction, and what is to be said of it."""
    found: float | None = 0.0
    note = ""
    if choice.kind == "perpetual":
        found = funding_cost(
            choice.funding, need.side, need.now, need.holding, accrues=choice.accrues
        )
        note = "funding unknown"
    elif choice.kind == "future":
        forward = seen.quote.mark or mid(seen.quote) or 0.0
        left = choice.expiry - need.now
        found = basis_cost(forward, need.spot, left, need.side, need.holding)
        note = "basis unknown"
    borrow = borrow_cost(choice.borrow_hour, need.holding)
    if found is None:
        return (borrow or None), (note,)
    return found + borrow, ()


def _short_of_margin(priced: Priced) -> str:
    """Why the collateral does not carry the hedge; empty when it does, or is unknown."""
    choice, needed = priced.choice, priced.margin
    if needed is None or choice.free_usd is None or needed <= max(choice.free_usd, 0.0):
        return ""
    return f"needs {needed:,.0f} USD of margin, {max(choice.free_usd, 0.0):,.0f} free"


def _shrinks(choice: Choice, side: Side) -> bool:
    held = choice.position
    return held > 0 if side is Side.SELL else held < 0


def _opened(choice: Choice, need: Need, chosen: Size) -> float:
    """Notional that the hedge opens beyond the position that it closes, USD."""
    if not _shrinks(choice, need.side):
        return chosen.usd
    closed = abs(float(choice.position)) / float(chosen.qty)
    return chosen.usd * max(1.0 - closed, 0.0)


def _preference(choice: Choice, need: Need) -> float:
    kept = choice.contract.key == need.kept or _shrinks(choice, need.side)
    return KEEP_BP * BPS if kept else 0.0


def _why(each: Priced, usable: Sequence[Priced]) -> str:
    """One line on the place of a row."""
    best = usable[0]
    notes = "".join(f"; {note}" for note in each.notes)
    if each is best:
        return f"{_first(usable)}{notes}"
    gap = (each.total - best.total) / BPS
    if gap <= 0.0:
        return f"{-gap:.1f} bp cheaper, under the {KEEP_BP:g} bp to change{notes}"
    parts = {
        "fee": (each.fee or 0.0) - (best.fee or 0.0),
        "spread": (each.spread or 0.0) - (best.spread or 0.0),
        "impact": (each.impact or 0.0) - (best.impact or 0.0),
        "carry": (each.carry or 0.0) - (best.carry or 0.0),
    }
    worst = max(parts, key=lambda name: parts[name])
    return f"{gap:.1f} bp more, mostly {worst} ({parts[worst] / BPS:+.1f}){notes}"


def _first(usable: Sequence[Priced]) -> str:
    if len(usable) == 1:
        return "the only one that can take it"
    least = min(each.total for each in usable)
    if usable[0].total > least:
        return "in use: none is cheaper enough to change"
    gap = (usable[1].total - least) / BPS
    return f"cheapest by {gap:.1f} bp"


def _row(each: Priced, rank: int, reason: str) -> HedgeRow:
    contract = each.choice.contract
    total = each.total if rank else None
    return HedgeRow(
        key=contract.key,
        symbol=contract.symbol,
        venue=contract.venue,
        kind=each.choice.kind,
        rank=rank,
        qty=each.size.qty,
        coins=each.size.coins,
        fee_bp=_bp(each.fee),
        spread_bp=_bp(each.spread),
        impact_bp=_bp(each.impact),
        carry_bp=_bp(each.carry),
        total_bp=_bp(total),
        total_usd=None if total is None else total * each.size.usd,
        margin_usd=each.margin,
        free_usd=each.choice.free_usd,
        margin_note=each.choice.margin_note,
        reason=reason,
    )


def _bp(fraction: float | None) -> float | None:
    return None if fraction is None else fraction / BPS
