"""A long span day by day: what each earned, how the results scatter, and their tail."""

import math
import statistics
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby

from msgspec import Struct

from terminal.core.units import DAY, HOUR
from terminal.model.report import Cell, Chart, Column, Curve, Form, Section, Table
from terminal.portfolio.shortfall import tail
from terminal.runtime.reporting.cents import in_cents, ledger_of
from terminal.runtime.reporting.hours import (
    Hour,
    coverage_words,
    drawdown,
    hedged,
    hours_of,
    tail_table,
)
from terminal.runtime.reporting.lived import Lived
from terminal.runtime.reporting.writing import day_text

LEVELS = (0.95, 0.99)
"""Confidences of the shortfall of a day."""

FEW_DAYS = 4
"""Whole days below which hours are judged instead."""


class Stretch(Struct, frozen=True):
    """A UTC day, or an hour, of the span."""

    first: int
    last: int
    usd: Decimal | None
    whole: bool


class Scatter(Struct, frozen=True, kw_only=True):
    """How the results of equal stretches scatter, USD."""

    unit: str  # day or hour
    count: int
    mean: float
    deviation: float | None
    worst: float
    best: float
    shortfalls: tuple[tuple[float, float, float], ...]  # confidence, value at risk, shortfall


def days_section(day: Lived) -> Section:
    """P&L by day, its scatter and its tail."""
    days = tuple(by_day(hours_of(day)))
    found = scatter_of(day)
    return Section(
        name="days",
        title="Day by day",
        words=tuple(coverage_words(hours_of(day))),
        tables=(_table(day, days), _scatter(day, found), tail_table(day)),
        charts=(_running(days, day.span.first),),
    )


def by_day(hours: Sequence[Hour]) -> Iterator[Stretch]:
    """Hours summed by UTC day; the sums are exact, a day with an unknown hour is unknown."""
    for _, group in groupby(hours, key=lambda each: each.first.at // DAY):
        inside = list(group)
        known = [each.usd for each in inside if each.usd is not None]
        first, last = inside[0].first.at, inside[-1].last.at
        usd = sum(known, Decimal(0)) if len(known) == len(inside) else None
        yield Stretch(first, last, usd, last - first >= DAY - HOUR)


def scatter_of(day: Lived) -> Scatter | None:
    """Scatter of the whole days, or of the whole hours where there are few days.

    Notes
    -----
    Value at risk and expected shortfall are those of the sample (`shortfall.tail`), not of a law.
    """
    hours = hours_of(day)
    whole = [each for each in by_day(hours) if each.whole and each.usd is not None]
    unit, results = "day", [float(each.usd) for each in whole if each.usd is not None]
    if len(results) < FEW_DAYS:
        unit = "hour"
        results = [
            float(each.usd)
            for each in hours
            if each.usd is not None and each.last.at - each.first.at >= 0.9 * HOUR
        ]
    if not results:
        return None
    falls = [tail([-each for each in results], level) for level in LEVELS]
    return Scatter(
        unit=unit,
        count=len(results),
        mean=statistics.fmean(results),
        deviation=statistics.stdev(results) if len(results) > 1 else None,
        worst=min(results),
        best=max(results),
        shortfalls=tuple((each.confidence, each.var, each.es) for each in falls),
    )


def _table(day: Lived, days: Sequence[Stretch]) -> Table:
    hedges = list(day.heard.hedges.values())
    rows: list[tuple[Cell, ...]] = []
    for each in days:
        inside = [x for x in hedges if each.first <= x.decided_at < each.last]
        part = "" if each.whole else "part of a day"
        rows.append((day_text(each.first), each.usd, *hedged(inside), part))
    if len(rows) > 1:
        rows.append(("All", ledger_of(day.start, day.end).total, *hedged(hedges), ""))
    return Table(
        name="by_day",
        title="P&L and hedges by day",
        columns=(
            Column("day", "Day, UTC"),
            Column("usd", "P&L", "USD", Form.MONEY),
            Column("hedges", "Hedges decided", "", Form.COUNT),
            Column("traded", "Traded", "USD", Form.MONEY),
            Column("cost", "Cost", "USD", Form.MONEY),
            Column("remark", "Remark"),
        ),
        rows=tuple(rows),
        empty="Nothing had a price.",
        summed=len(rows) > 1,
    )


def _scatter(day: Lived, found: Scatter | None) -> Table:
    rows: list[tuple[Cell, ...]] = []
    if found is not None:
        unit, of = found.unit, f"{found.count} {found.unit}s"
        rows += [
            (f"mean of {unit}s", in_cents(found.mean), of),
            (f"worst {unit}", in_cents(found.worst), of),
            (f"best {unit}", in_cents(found.best), of),
        ]
        if found.deviation is not None:
            rows.append((f"standard deviation of a {unit}", in_cents(found.deviation), of))
        for level, var, shortfall in found.shortfalls:
            few = found.count * (1.0 - level) < 1.0
            remark = f"{of}: too few, it is the worst one" if few else of
            rows.append((f"value at risk, {100 * level:g} %", in_cents(var), remark))
            rows.append((f"expected shortfall, {100 * level:g} %", in_cents(shortfall), remark))
    fall = drawdown(day.heard.walk.pnl)
    if fall is not None:
        usd, top, bottom = fall
        when = f"{day_text(top, clock=True)} to {day_text(bottom, clock=True)}"
        rows.append(("deepest fall from a peak", in_cents(usd), when))
    return Table(
        name="scatter",
        title="How the results scatter",
        columns=(
            Column("what", "What"),
            Column("usd", "Amount", "USD", Form.MONEY),
            Column("of", "Of"),
        ),
        rows=tuple(rows),
        note=(
            "Losses are positive in value at risk and shortfall, which are those of the sample."
            " The fall is measured every five minutes."
        ),
        empty="No P&L is known.",
    )


def _running(days: Sequence[Stretch], first: int) -> Chart:
    """P&L summed from day to day; it breaks where a day is unknown."""
    total, points = 0.0, [(0.0, 0.0 if days else None)]
    for each in days:
        total = math.nan if each.usd is None else total + float(each.usd)
        points.append(((each.last - first) / HOUR, None if math.isnan(total) else total))
    curve = Curve("P&L", tuple(points))
    return Chart(name="pnl_by_day", title="P&L from day to day", unit="USD", curves=(curve,))
