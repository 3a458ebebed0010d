"""A span hour by hour: P&L against its value at risk, hedges, drawdown and the worst moves."""

import statistics
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from msgspec import Struct

from terminal.core.units import DAY, HOUR, MINUTE
from terminal.model.report import Cell, Chart, Column, Curve, Form, Section, Table
from terminal.model.tca import HedgeCost
from terminal.runtime.reporting.at_risk import coverage
from terminal.runtime.reporting.cents import in_cents, ledger_of
from terminal.runtime.reporting.lived import Lived
from terminal.runtime.reporting.walk import CONFIDENCE, EDGES, Mark, Point
from terminal.runtime.reporting.writing import day_text

WHOLE = HOUR - MINUTE
"""Stretches as long as this are whole hours: their loss is held against value at risk."""

TAIL = 5
"""Worst moves that are listed."""


class Hour(Struct, frozen=True):
    """From one mark to the next."""

    first: Mark
    last: Mark
    usd: Decimal | None
    beyond: bool | None  # None: unknown, or no whole hour


def hours_section(day: Lived) -> Section:
    """P&L by hour, how it swung, and where delta was in its band."""
    hours = hours_of(day)
    return Section(
        name="hours",
        title="Hour by hour",
        words=tuple(coverage_words(hours)),
        tables=(_table(day, hours), _swings(day, hours), tail_table(day), bands_table(day)),
        charts=(_bars(hours), *delta_charts(day), *margin_charts(day)),
    )


def start_of(day: Lived) -> float | None:
    """P&L since the opening where the span begins, USD; 0 where it was opened inside the span."""
    return day.start.total if day.start.cells else 0.0


def hours_of(day: Lived) -> tuple[Hour, ...]:
    """Stretches between the marks; their P&L sums to the span's to the cent where all are known."""
    start, marks = start_of(day), day.heard.walk.marks
    found = []
    for place, (first, last) in enumerate(pairwise(marks)):
        begun = start if place == 0 else first.pnl
        usd = None
        if start is not None and begun is not None and last.pnl is not None:
            usd = in_cents(last.pnl - start) - in_cents(begun - start)
        beyond = None
        if usd is not None and first.at_risk is not None and last.at - first.at >= WHOLE:
            beyond = -float(usd) > first.at_risk
        found.append(Hour(first, last, usd, beyond))
    return tuple(found)


def coverage_words(hours: Sequence[Hour]) -> Iterator[str]:
    """Whether losses went beyond the hourly value at risk as often as they should."""
    judged = [each.beyond for each in hours if each.beyond is not None]
    found = coverage(len(judged), sum(judged), CONFIDENCE)
    if found.p is None:
        yield "No whole hour has a known P&L and value at risk: there is nothing to test."
        return
    yield (
        f"Losses went beyond the hourly value at risk ({100 * CONFIDENCE:g} %) in"
        f" {found.exceptions} of {found.periods} hours, {found.expected:.1f} expected; Kupiec's p"
        f" is {found.p:.2f}."
    )
    if found.p < 0.05:
        yield "So uneven a count is unlikely by chance: the value at risk is off."
    elif found.periods < 250:
        yield "So few hours cannot show that it is right, only that it is badly wrong."


def _table(day: Lived, hours: Sequence[Hour]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    hedges = list(day.heard.hedges.values())
    for each in hours:
        inside = [x for x in hedges if each.first.at <= x.decided_at < each.last.at]
        rows.append(
            (
                _clock(each.first.at),
                _clock(each.last.at),
                each.usd,
                each.first.at_risk,
                "" if each.beyond is None else "yes" if each.beyond else "no",
                *hedged(inside),
            )
        )
    if len(rows) > 1:
        whole = hedged([x for x in hedges if x.decided_at >= day.span.first])
        rows.append(("All", "", ledger_of(day.start, day.end).total, "", "", *whole))
    return Table(
        name="by_hour",
        title="P&L and hedges by hour",
        columns=(
            Column("first", "From, UTC"),
            Column("last", "To, UTC"),
            Column("usd", "P&L", "USD", Form.MONEY),
            Column("at_risk", f"Value at risk, {100 * CONFIDENCE:g} %", "USD", Form.MONEY),
            Column("beyond", "Beyond it"),
            Column("hedges", "Hedges decided", "", Form.COUNT),
            Column("traded", "Traded", "USD", Form.MONEY),
            Column("cost", "Cost", "USD", Form.MONEY),
        ),
        rows=tuple(rows),
        note="Value at risk is that of the whole hour ahead, as it stood when the hour began.",
        empty="Nothing had a price.",
        summed=len(rows) > 1,
    )


def hedged(hedges: Sequence[HedgeCost]) -> tuple[Cell, ...]:
    """Count, USD traded and cost; a cost that is unknown in part is unknown."""
    paid = [each.paid.total for each in hedges if each.coins]
    known = [each for each in paid if each is not None]
    cost = sum(known) if len(known) == len(paid) else None
    return len(hedges), sum(each.notional for each in hedges), cost


def _clock(at: int) -> str:
    return day_text(at, clock=True)[11:]


def _moment(day: Lived, at: int) -> str:
    """Time of the day, with its date where the span has several."""
    long = day.span.last - day.span.first > DAY
    return day_text(at, clock=True) if long else _clock(at)


def _swings(day: Lived, hours: Sequence[Hour]) -> Table:
    whole = [
        (each, float(each.usd))
        for each in hours
        if each.usd is not None and each.last.at - each.first.at >= WHOLE
    ]
    rows: list[tuple[Cell, ...]] = []
    if whole:
        worst, best = min(whole, key=lambda x: x[1]), max(whole, key=lambda x: x[1])
        for name, (hour, usd) in (("worst hour", worst), ("best hour", best)):
            when = f"{_clock(hour.first.at)} to {_clock(hour.last.at)}"
            rows.append((name, in_cents(usd), when))
    if len(whole) > 1:
        spread = statistics.stdev(usd for _, usd in whole)
        rows.append(("standard deviation of an hour", in_cents(spread), f"{len(whole)} hours"))
    fall = drawdown(day.heard.walk.pnl)
    if fall is not None:
        usd, top, bottom = fall
        rows.append(
            ("deepest fall from a peak", in_cents(usd), f"{_clock(top)} to {_clock(bottom)}")
        )
    return Table(
        name="swings",
        title="How the P&L swung",
        columns=(
            Column("what", "What"),
            Column("usd", "Amount", "USD", Form.MONEY),
            Column("when", "When, UTC"),
        ),
        rows=tuple(rows),
        note="The fall is measured every five minutes.",
        empty="No P&L is known.",
    )


def drawdown(pnl: Sequence[tuple[int, float | None]]) -> tuple[float, int, int] | None:
    """Deepest fall from an earlier peak: USD, >= 0, and the times of both; None without P&L."""
    deepest: tuple[float, int, int] | None = None
    peak, peak_at = float("-inf"), 0
    for at, usd in pnl:
        if usd is None:
            continue
        if usd > peak:
            peak, peak_at = usd, at
        if deepest is None or peak - usd > deepest[0]:
            deepest = peak - usd, peak_at, at
    return deepest


def tail_table(day: Lived) -> Table:
    """The five minutes that lost most, and what prices did then."""
    walk = day.heard.walk
    steps = [
        (last[1] - first[1], first[0], last[0])
        for first, last in pairwise(walk.pnl)
        if first[1] is not None and last[1] is not None
    ]
    losses = sorted(each for each in steps if each[0] < 0.0)[:TAIL]
    spots = {name: {each.at: each.spot for each in points} for name, points in walk.points.items()}

    def moves(first: int, last: int) -> str:
        return ", ".join(_move(name, at.get(first), at.get(last)) for name, at in spots.items())

    return Table(
        name="tail",
        title="The five minutes that lost most",
        columns=(
            Column("at", "From, UTC"),
            Column("usd", "P&L", "USD", Form.MONEY),
            Column("moves", "Prices then"),
        ),
        rows=tuple((_moment(day, a), in_cents(usd), moves(a, b)) for usd, a, b in losses),
        empty="Nothing was lost within five minutes, or no P&L is known.",
    )


def _move(name: str, first: float | None, last: float | None) -> str:
    if first is None or last is None:
        return f"{name} unknown"
    return f"{name} {100 * (last / first - 1):+.2f} %".replace("-", "−")


def bands_table(day: Lived) -> Table:
    """Looks at each band, as parts of all looks at which it was known."""
    rows: list[tuple[Cell, ...]] = []
    for name, bands in day.heard.walk.bands.items():
        known = sum(bands.counts)
        parts = [count / known if known else None for count in bands.counts]
        rows.append((name, known, bands.unknown, *parts))
    lows = (0.0, *EDGES)
    names = [f"{100 * low:g} to {100 * high:g} %" for low, high in zip(lows, EDGES, strict=False)]
    return Table(
        name="band_use",
        title="Where delta was between the middle and the edge of its band",
        columns=(
            Column("coin", "Coin"),
            Column("looks", "Looks", "", Form.COUNT),
            Column("unknown", "Unknown", "", Form.COUNT),
            *(
                Column(f"to_{100 * high:g}", name, "of looks", Form.PERCENT)
                for high, name in zip(EDGES, names, strict=True)
            ),
            Column("outside", "Outside", "of looks", Form.PERCENT),
        ),
        rows=tuple(rows),
        note="Looked at every ten seconds; at the middle a hedge has nothing to do.",
        empty="Nothing is watched.",
    )


def _bars(hours: Sequence[Hour]) -> Chart:
    points = tuple(
        (float(place), None if each.usd is None else float(each.usd))
        for place, each in enumerate(hours)
    )
    return Chart(
        name="pnl_by_hour",
        title="P&L by hour",
        unit="USD",
        curves=(Curve("P&L", points),),
        labels=tuple(
            f"{_clock(each.first.at)[:5]} to {_clock(each.last.at)[:5]}" for each in hours
        ),
    )


def delta_charts(day: Lived) -> Iterator[Chart]:
    """Net delta between the edges of its band, a chart a coin."""
    for name, points in day.heard.walk.points.items():
        yield Chart(
            name=f"band_{name.lower()}",
            title=f"{name}: delta and its band",
            unit="coin",
            curves=(
                Curve("delta", _curve(day, points, lambda each: each.net)),
                Curve("lower edge", _curve(day, points, lambda each: each.low)),
                Curve("upper edge", _curve(day, points, lambda each: each.high)),
            ),
        )


def _curve(
    day: Lived, points: Sequence[Point], of: Callable[[Point], float | None]
) -> tuple[tuple[float, float | None], ...]:
    return tuple(((each.at - day.span.first) / HOUR, of(each)) for each in points)


def margin_charts(day: Lived) -> Iterator[Chart]:
    """Initial margin used, hour by hour, of the coins whose rules are known."""
    marks = day.heard.walk.marks
    names = list(dict.fromkeys(name for each in marks for name in each.margin))
    if not names:
        return
    curves = []
    for name in names:
        parts = [each.margin.get(name) for each in marks]
        points = tuple(
            ((each.at - day.span.first) / HOUR, None if part is None else 100.0 * part)
            for each, part in zip(marks, parts, strict=True)
        )
        curves.append(Curve(name, points))
    yield Chart(
        name="margin_used",
        title="Initial margin used",
        unit="% of the balance",
        curves=tuple(curves),
    )
