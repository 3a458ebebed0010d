"""How hedges were divided over books and time, beside the cheapest division in hindsight."""

import math
from collections.abc import Iterator, Sequence

from terminal.core.units import BPS
from terminal.core.words import amount
from terminal.model.report import Cell, Column, Form, Table
from terminal.runtime.reporting.hindsight import ALONE, BEYOND, RESTED, UNSEEN, Judged
from terminal.runtime.reporting.writing import day_text, money

LISTED = 500
"""Hedges that are listed one by one; the sums have all of them."""

COSTS = (
    Column("value", "Value", "USD", Form.MONEY),
    Column("done", "Done for", "USD", Form.MONEY),
    Column("best", "Cheapest", "USD", Form.MONEY),
    Column("more", "More", "USD", Form.MONEY),
    Column("more_bps", "More", "bp", Form.AMOUNT),
)


def split_words(found: Sequence[Judged]) -> Iterator[str]:
    """One line on what hindsight would have saved; nothing where no hedge can be compared."""
    known = [each for each in found if not each.why]
    value = math.fsum(each.value for each in known)
    if not value:
        return
    more = math.fsum(each.more for each in known)
    yield (
        f"Taken from the books, {len(known)} of {len(found)} filled hedges cost {money(more)} USD"
        f" ({more / value / BPS:.2f} bp) more than the cheapest books and moments in hindsight."
    )


def split_tables(found: Sequence[Judged]) -> tuple[Table, Table]:
    """Sums by coin, and the hedges they are made of."""
    return _sums(found), _listed(found)


def _sums(found: Sequence[Judged]) -> Table:
    coins = sorted({each.underlying for each in found})
    rows = [_sum(name, [each for each in found if each.underlying == name]) for name in coins]
    if len(rows) > 1:
        rows.append(_sum("All", found))
    return Table(
        name="splits",
        title="Books and moments taken, against the cheapest in hindsight",
        columns=(
            Column("coin", "Coin"),
            Column("hedges", "Hedges filled", "", Form.COUNT),
            Column("compared", "Compared", "", Form.COUNT),
            Column("divided", "Divided", "of these", Form.COUNT),
            Column("rested", "Rested", "", Form.COUNT),
            Column("unseen", "Books unknown", "", Form.COUNT),
            Column("beyond", "Beyond the book", "", Form.COUNT),
            Column("alone", "No choice", "", Form.COUNT),
            *COSTS,
        ),
        rows=tuple(rows),
        note=(
            "Any part of a hedge could have gone to any usable book at any moment at which one of"
            " its orders left: levels of all of them, cheapest first, at fee, half spread and carry"
            " expected, with what each mid moved since the first order. Lots and least orders are"
            " left aside, and nobody knew the later moments: no router reaches 0 every time. A"
            " hedge that a resting order filled, even in part, walked no book and is not compared."
        ),
        empty="No hedge was filled.",
        summed=len(rows) > 1,
    )


def _sum(name: str, found: Sequence[Judged]) -> tuple[Cell, ...]:
    known = [each for each in found if not each.why]
    left = [sum(each.why == why for each in found) for why in (RESTED, UNSEEN, BEYOND, ALONE)]
    divided = sum(len(each.took) > 1 for each in known)
    return (name, len(found), len(known), divided, *left, *_costs(known))


def _costs(known: Sequence[Judged]) -> tuple[Cell, ...]:
    """Sums; unknown without a hedge that is compared."""
    value = math.fsum(each.value for each in known)
    if not value:
        return (None,) * len(COSTS)
    done, best = math.fsum(each.done for each in known), math.fsum(each.best for each in known)
    more = math.fsum(each.more for each in known)
    return value, done, best, more, more / value / BPS


def _listed(found: Sequence[Judged]) -> Table:
    known = [each for each in found if not each.why]
    more = f"The last {LISTED} of {len(known)}. " if len(known) > LISTED else ""
    return Table(
        name="split_hedges",
        title="Hedges that took books",
        columns=(
            Column("decided_at", "Decided, UTC"),
            Column("hedge", "Hedge"),
            Column("coin", "Coin"),
            Column("orders", "Orders", "", Form.COUNT),
            Column("coins", "Size", "coin", Form.AMOUNT),
            *COSTS,
            Column("took", "Taken"),
            Column("cheapest", "Cheapest was"),
        ),
        rows=tuple(
            (
                day_text(each.decided_at, clock=True),
                each.hedge_id,
                each.underlying,
                each.orders,
                each.coins,
                *_costs([each]),
                _said(each.took),
                _said(each.cheapest),
            )
            for each in known[-LISTED:]
        ),
        note=(
            f"{more}Sizes are in coins, times are those at which orders left; a cost below 0 is a"
            " price that came our way."
        ),
        empty="No hedge took books that leave a choice.",
    )


def _said(parts: Sequence[tuple[str, int, float]]) -> str:
    """Coins by book, with the time where it was one moment, or how many moments it was."""
    found: dict[str, list[tuple[int, float]]] = {}
    for symbol, at, size in parts:
        found.setdefault(symbol, []).append((at, size))
    return ", ".join(
        f"{amount(math.fsum(size for _, size in here))} {symbol} {_when(here)}"
        for symbol, here in found.items()
    )


def _when(here: Sequence[tuple[int, float]]) -> str:
    if len(here) > 1:
        return f"{len(here)} times"
    return day_text(here[0][0], clock=True)[11:]
