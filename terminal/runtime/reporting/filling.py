"""How hedges filled: how much of what was asked, how long it took, and how often far from it."""

import statistics
from collections.abc import Sequence

from terminal.core.units import SECOND
from terminal.model.report import Cell, Column, Form, Table
from terminal.model.tca import HedgeCost


def filling_table(hedges: Sequence[HedgeCost]) -> Table:
    """Fill ratio and times by coin and by who waited."""
    groups: dict[tuple[str, str], list[HedgeCost]] = {}
    for each in hedges:
        groups.setdefault((each.underlying, each.liquidity), []).append(each)
    return Table(
        name="filling",
        title="How hedges filled",
        columns=(
            Column("coin", "Coin"),
            Column("liquidity", "Liquidity"),
            Column("hedges", "Hedges", "", Form.COUNT),
            Column("orders", "Orders", "", Form.COUNT),
            Column("ratio", "Filled of what was asked", "", Form.PERCENT),
            Column("first", "Sent to first fill, median", "s", Form.AMOUNT),
            Column("last", "Sent to last fill, median", "s", Form.AMOUNT),
            Column("longest", "Longest", "s", Form.AMOUNT),
            Column("worse", "Beyond the fill alert", "", Form.COUNT),
        ),
        rows=tuple(_row(name, groups[name]) for name in sorted(groups)),
        note=(
            "A maker's time is that of a resting order; a hedge without a fill has none. Beyond the"
            " fill alert: filled worse than the proposal expected by more than the profile allows."
        ),
        empty="No hedge was decided on.",
    )


def _row(name: tuple[str, str], hedges: Sequence[HedgeCost]) -> tuple[Cell, ...]:
    asked = [each for each in hedges if each.asked_coins]
    wanted = sum(each.asked_coins for each in asked)
    filled = [each for each in hedges if each.sent_at and each.last_fill_at]
    first = [(each.first_fill_at - each.sent_at) / SECOND for each in filled]
    last = [(each.last_fill_at - each.sent_at) / SECOND for each in filled]
    return (
        *name,
        len(hedges),
        sum(len(each.orders) for each in hedges),
        sum(each.coins for each in asked) / wanted if wanted else None,
        statistics.median(first) if first else "",
        statistics.median(last) if last else "",
        max(last, default=""),
        sum(each.worse for each in hedges),
    )
