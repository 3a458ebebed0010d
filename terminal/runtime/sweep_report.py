"""What a sweep found: the object that scripts read and the tables that people read."""

from collections.abc import Sequence
from typing import Any

import msgspec

from terminal.core.units import BPS, iso_utc
from terminal.lab.compare import MEASURES, TARGETS, Cell, Comparison
from terminal.lab.goals import TARGET, Goal
from terminal.lab.rules import REFERENCE
from terminal.lab.windows import Setup

DIGITS = 6  # significant; more would depend on the order in which a machine adds

_MEASURED = {
    "net": "net P&L of straddle, hedges and cost",
    "error": "hedging error, against a costless hedge at every bar",
}
_SHORT = {"net": "net P&L", "error": "hedging error"}
_WIDTH = 27


def report(compared: Sequence[Comparison], setup: Setup, goals: Sequence[Goal]) -> dict[str, Any]:
    """Everything as one object; the keys are a contract, equal arguments give equal text."""
    found = {"setup": setup, "targets": dict(TARGETS), "compared": compared, "goals": goals}
    plain: dict[str, Any] = _rounded(msgspec.to_builtins(found))
    return plain


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    return value


def table(compared: Sequence[Comparison], setup: Setup, goals: Sequence[Goal]) -> str:
    """Tables for people, and which goals are met."""
    targets = ", ".join(f"{aversion:g} ({name})" for name, aversion in TARGETS)
    book = f"Long straddle of {setup.tenor_days} days on {setup.notional:,.0f} USD"
    paid = f"{setup.cost / BPS:g} bp and {setup.order_cost:g} USD an order"
    lines = [
        f"{book}, hedged for {setup.days} days at {paid}.",
        f"Equal risk: that of {REFERENCE}, at risk aversion {targets} 1/USD.",
        "Cost a window with the ratio to that policy's; brackets hold 95 % of the resamples;",
        "* no setting tried carries that risk: the cost is that of the outermost.",
    ]
    for each in compared:
        lines += ["", *_about(each)]
        for measure in MEASURES:
            lines += ["", *_cells(each, measure)]
    if goals:
        lines += ["", f"Goals, at {TARGET} risk:", *(_goal(each) for each in goals)]
    return "\n".join(lines)


def _about(each: Comparison) -> list[str]:
    first, last = (iso_utc(at)[:10] for at in each.opened)
    when = f", opened {first} to {last}" if each.opened[1] else ""
    gaps = f", {each.left_out} days without complete bars" if each.left_out else ""
    share = (each.uncontrolled / each.cell(REFERENCE, "net", TARGET).risk) ** 2
    left = f"standard deviation of {each.uncontrolled:,.0f} USD, {share:.0%} of the net P&L's"
    return [
        f"{each.name}: {each.windows:,} windows{when}{gaps}, implied volatility {each.vol:.0%}",
        f"  A costless hedge at every bar leaves a {left} variance at {TARGET} risk:",
        "  realised against implied volatility and the time between bars, which no policy decides.",
    ]


def _cells(each: Comparison, measure: str) -> list[str]:
    rows = [cell for cell in each.cells if cell.measure == measure]
    names = list(dict.fromkeys(cell.policy for cell in rows))
    risks = [each.cell(REFERENCE, measure, target).risk for target, _ in TARGETS]
    shown = " / ".join(f"{risk:,.0f}" for risk in risks)
    head = f"  {'policy':<{_WIDTH}}{'cost USD':>9}{'tight':>8}{'middle':>8}{'':>13}{'wide':>8}"
    return [
        f"  Standard deviation of the {_MEASURED[measure]}: {shown} USD",
        f"{head}{'default saves':>15}{'':>12}{'orders/day':>12}{'USD/day':>11}",
        *(_row(*(each.cell(name, measure, target) for target, _ in TARGETS)) for name in names),
    ]


def _row(tight: Cell, middle: Cell, wide: Cell) -> str:
    ratios = [f"{cell.ratio:.2f}{'' if cell.reached else '*'}" for cell in (tight, middle, wide)]
    low, high = middle.ratio_band
    down, up = middle.saving_band
    return (
        f"  {middle.policy:<{_WIDTH}}{middle.cost:>9,.0f}{ratios[0]:>8}{ratios[1]:>8}"
        f"{f'[{low:.2f} {high:.2f}]':>13}{ratios[2]:>8}{middle.saving:>15.0%}"
        f"{f'[{down:.0%} {up:.0%}]':>12}{middle.orders_per_day:>12.1f}"
        f"{middle.turnover_per_day:>11,.0f}"
    )


def _goal(goal: Goal) -> str:
    low, high = goal.band
    chance = "" if goal.certain else " (chance alone could turn it)"
    return (
        f"  {goal.verdict:<6} {goal.name}, by {_SHORT[goal.measure]}: {goal.policy} saves"
        f" {goal.saving:.1%} ± {goal.error:.1%} [{low:.0%} {high:.0%}] of {goal.against},"
        f" {goal.least:.0%} asked{chance}"
    )
