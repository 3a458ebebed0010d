"""The report of a backtest: which sections it has, and charts that suit a long span."""

from msgspec.structs import replace

from terminal.core.units import DAY, HOUR
from terminal.journal.tape import Header
from terminal.model.report import SCHEMA, Chart, Curve, Kind, Report, Section
from terminal.runtime.reporting.activity import activity_section
from terminal.runtime.reporting.ahead import carry_section
from terminal.runtime.reporting.days import days_section
from terminal.runtime.reporting.decided import Decided
from terminal.runtime.reporting.hedging import hedging_section
from terminal.runtime.reporting.listening import Listening
from terminal.runtime.reporting.lived import Lived
from terminal.runtime.reporting.margin_path import margin_section
from terminal.runtime.reporting.parameters import parameters_section
from terminal.runtime.reporting.pictures import pictures
from terminal.runtime.reporting.pnl import pnl_section
from terminal.runtime.reporting.policies import policies_section
from terminal.runtime.reporting.risk import risk_section
from terminal.runtime.reporting.sensitivity import sensitivity_section
from terminal.runtime.reporting.setup import setup_section
from terminal.runtime.reporting.variants import Again, came
from terminal.runtime.reporting.volatility import volatility_section
from terminal.runtime.settings import Settings

MOST_POINTS = 2_000
"""Points that a line keeps: a year of five minutes has a hundred thousand."""

LONG = 3 * DAY
"""Spans from which on charts count days."""

HOURS = "hours UTC"


def backtest_report(
    day: Lived, heard: Listening, header: Header, settings: Settings, found: Again | None
) -> Report:
    """Make the report of a run on a tape.

    Parameters
    ----------
    day : Lived
        The run, from `Listening.lived`.
    heard : Listening
    header : Header
        Of the tape.
    settings : Settings
    found : Again or None
        The runs made again; None where they were not.
    """
    seen = pictures(day)
    sections = (
        setup_section(day, header, settings),
        pnl_section(day),
        days_section(day),
        hedging_section(day, seen, Decided(kept=False)),
        activity_section(day, heard.rejected),
        sensitivity_section(came(day), found),
        policies_section(found.compared if found else None),
        risk_section(day, seen),
        margin_section(day, heard.margin),
        volatility_section(day, seen.end),
        carry_section(day, seen.end),
        parameters_section(day, seen.end),
    )
    return Report(
        schema=SCHEMA,
        kind=Kind.BACKTEST,
        title=f"Backtest of {header.title}",
        first=day.span.first,
        last=day.span.last,
        at=day.state.now,
        origin=day.origin,
        sections=tuple(suited(each, day.span.last - day.span.first) for each in sections),
    )


def suited(section: Section, length: int) -> Section:
    """A section whose charts suit a span of so many ns."""
    return replace(section, charts=tuple(_suited(each, length) for each in section.charts))


def _suited(chart: Chart, length: int) -> Chart:
    """Fewer points; days in place of hours on a long span."""
    if chart.labels:
        return chart
    curves = tuple(Curve(each.name, _thinned(each)) for each in chart.curves)
    if chart.x_unit != HOURS or length < LONG:
        return replace(chart, curves=curves)
    scale = HOUR / DAY
    in_days = tuple(
        Curve(each.name, tuple((x * scale, y) for x, y in each.points)) for each in curves
    )
    return replace(chart, curves=in_days, x_unit="days")


def _thinned(curve: Curve) -> tuple[tuple[float, float | None], ...]:
    """Every so manieth point, and the last; what a line leaves out, its table's extremes have."""
    points = curve.points
    if len(points) <= MOST_POINTS:
        return points
    step = -(-len(points) // MOST_POINTS)
    kept = points[::step]
    return kept if kept[-1] is points[-1] else (*kept, points[-1])
