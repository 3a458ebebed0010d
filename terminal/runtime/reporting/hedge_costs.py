"""What hedges cost, summed by what they have in common: where, how, under whom and when."""

from collections.abc import Callable, Sequence

from terminal.model.report import Cell, Column, Form, Table
from terminal.model.tca import HedgeCost
from terminal.model.tca_tally import Tally, tally_of

PARTS = tuple(
    Column(name, title, "USD", Form.MONEY)
    for name, title in (
        ("delay", "Delay"),
        ("spread", "Spread"),
        ("impact", "Impact"),
        ("fee", "Fee"),
        ("total", "Total"),
        ("predicted", "Predicted"),
        ("opportunity", "Missed"),
    )
)
"""Columns of what a hedge cost by part."""

SUMS = (
    Column("hedges", "Hedges", "", Form.COUNT),
    Column("unfilled", "Unfilled", "", Form.COUNT),
    Column("unknown", "Cost unknown", "", Form.COUNT),
    Column("notional", "Traded", "USD", Form.MONEY),
    Column("maker_share", "Maker", "", Form.PERCENT),
    *PARTS,
    Column("total_bps", "Total", "bp", Form.AMOUNT),
    Column("slope", "Paid for 1 predicted", "", Form.AMOUNT),
    Column("slope_error", "Its error", "", Form.AMOUNT),
)
"""Columns of a sum of hedges."""

NOTE = "Positive is paid. Hedges whose cost is unknown in a part are in no sum of costs."


def cost_tables(hedges: Sequence[HedgeCost]) -> tuple[Table, ...]:
    """Costs by coin, venue, policy and who waited; by profile; and by hour of the day."""
    return (
        _table(
            hedges,
            "hedge_costs",
            "Cost of execution against the decision mid",
            (
                Column("coin", "Coin"),
                Column("venue", "Venue"),
                Column("policy", "Policy"),
                Column("liquidity", "Liquidity"),
            ),
            lambda each: (each.underlying, each.venue, each.rule, each.liquidity),
        ),
        _table(
            hedges,
            "hedge_costs_by_profile",
            "The same by profile",
            (Column("profile", "Profile"),),
            lambda each: (each.persona or "not told then",),
        ),
        _table(
            hedges,
            "hedge_costs_by_hour",
            "The same by hour of the decision",
            (Column("hour", "Hour, UTC"),),
            lambda each: (f"{each.hour:02d}:00",),
        ),
    )


def _table(
    hedges: Sequence[HedgeCost],
    name: str,
    title: str,
    names: tuple[Column, ...],
    of: Callable[[Tally], tuple[str, ...]],
) -> Table:
    sums: dict[tuple[str, ...], Tally] = {}
    for each in hedges:
        tally = tally_of(each)
        key = of(tally)
        sums[key] = sums[key] + tally if key in sums else tally
    found: list[tuple[Cell, ...]] = [(*key, *_sums(each)) for key, each in sorted(sums.items())]
    if len(found) > 1:
        blank = ("",) * (len(names) - 1)
        found.append(("All", *blank, *_sums(sum(sums.values(), Tally()))))
    return Table(
        name=name,
        title=title,
        columns=(*names, *SUMS),
        rows=tuple(found),
        note=NOTE,
        empty="No hedge was decided on.",
        summed=len(found) > 1,
    )


def _sums(each: Tally) -> tuple[Cell, ...]:
    return (
        each.hedges,
        each.unfilled,
        each.unknown,
        each.notional,
        each.maker_share,
        each.delay,
        each.spread,
        each.impact,
        each.fee,
        each.total,
        each.predicted,
        each.opportunity,
        each.bps(each.total),
        each.fit.slope,
        each.fit.error,
    )
