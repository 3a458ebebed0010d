"""What splitting a hedge over books saves against the best single one.

The desk works one order of an underlying at a time, so the legs of a split go one after another.
"""

import math
from collections.abc import Iterable, Sequence

from terminal.core.units import BPS
from terminal.core.words import amount
from terminal.hedging.ranking import Need, Priced
from terminal.hedging.split import Shares, Shelf, capacity, shares, taken
from terminal.market.state import mid
from terminal.model.hedge_with import SplitLeg, SplitRow
from terminal.model.instrument import coins
from terminal.model.order import Side

MOST_BOOKS = 6
"""Books that a hedge is split over at most: the search doubles with each."""

WORTH_BP = 0.05
"""Saving below which a second order is not worth its trouble."""

ONE_BY_ONE = "legs go one after another, where the profile lets a hedge take several books"


def split_row(priced: Iterable[Priced], need: Need, most: int = MOST_BOOKS) -> SplitRow | None:
    """Best split of a hedge over the usable books.

    Parameters
    ----------
    priced : iterable of Priced
        From ``ranking.price``; those with a fault or without any size shown are left out.
    need : Need
    most : int
        Books at most, the cheapest for the whole size.

    Returns
    -------
    SplitRow or None
        None with fewer than two books. Without legs, one book alone is best.
    """
    usable = sorted((each for each in priced if not each.fault), key=lambda each: each.total)
    pairs = [(each, shelf_of(each, need)) for each in usable]
    books = [(each, shelf) for each, shelf in pairs if capacity(shelf) >= shelf.least]
    books = books[: min(most, MOST_BOOKS)]
    if len(books) < 2:
        return None
    found = shares([shelf for _, shelf in books], need.coins)
    if found.coins <= 0.0:
        return None
    single = _best_single([shelf for _, shelf in books], need)
    return _row([each for each, _ in books], found, single, need)


def shelf_of(priced: Priced, need: Need) -> Shelf:
    """The side of a book that the hedge takes, with fee, half spread and carry in each level.

    Without depth the best level of the quote is all there is.
    """
    choice = priced.choice
    contract, spot = choice.contract, need.spot
    buys = need.side is Side.BUY
    levels: Sequence[tuple[float, float]] = ()
    if choice.depth is not None:
        levels = choice.depth.asks if buys else choice.depth.bids
    elif choice.seen is not None:
        quote = choice.seen.quote
        levels = ((mid(quote) or spot, quote.ask_qty if buys else quote.bid_qty),)
    base = spot * sum(part or 0.0 for part in (priced.fee, priced.spread, priced.carry))
    lot = abs(coins(contract, float(contract.lot), spot))
    sizes = float(contract.min_qty / contract.lot), float(contract.min_notional) / (lot * spot)
    return Shelf(
        lot,
        max(math.ceil(max(sizes) - 1e-9), 1),
        tuple(
            [
                (base + abs(price - levels[0][0]), abs(coins(contract, size, spot)))
                for price, size in levels
                if size > 0.0
            ]
        ),
    )


def _best_single(shelves: Sequence[Shelf], need: Need) -> Shares | None:
    """Cheapest book that shows the whole size, in whole lots."""
    best: Shares | None = None
    for shelf in shelves:
        lots = math.floor(need.coins / shelf.lot + 1e-9)
        if not shelf.least <= lots <= capacity(shelf):
            continue
        size = lots * shelf.lot
        usd = taken(shelf, size)
        if best is None or usd / size < best.usd / best.coins:
            best = Shares((lots,), size, usd, need.coins - size)
    return best


def _row(books: Sequence[Priced], found: Shares, single: Shares | None, need: Need) -> SplitRow:
    each_bp = found.usd / found.coins / need.spot / BPS
    saves = None if single is None else single.usd / single.coins / need.spot / BPS - each_bp
    used = [(each, lots) for each, lots in zip(books, found.lots, strict=True) if lots]
    if len(used) < 2 or (saves is not None and saves < WORTH_BP):
        return SplitRow(
            legs=(),
            coins=0.0,
            total_bp=None,
            total_usd=None,
            saves_bp=0.0,
            saves_usd=0.0,
            reason="one book alone is as cheap",
        )
    notional = found.coins * need.spot
    left = need.coins - found.coins
    short = f"{amount(left)} coins find no book; " if left > 0.01 * need.coins else ""
    gain = "no single book shows the whole size" if saves is None else f"saves {saves:.1f} bp"
    return SplitRow(
        legs=tuple([_leg(each, lots, need) for each, lots in used]),
        coins=found.coins,
        total_bp=each_bp,
        total_usd=found.usd,
        saves_bp=saves,
        saves_usd=None if saves is None else saves * BPS * notional,
        reason=f"{gain}; {short}{ONE_BY_ONE}",
    )


def _leg(each: Priced, lots: int, need: Need) -> SplitLeg:
    contract = each.choice.contract
    qty = contract.lot * lots
    size = abs(coins(contract, float(qty), need.spot))
    return SplitLeg(contract.symbol, qty, size, contract.key)
