"""One report of one span: which sections it has."""

from pathlib import Path

from terminal.core.errors import ConfigError
from terminal.model.report import SCHEMA, Kind, Report, Section
from terminal.runtime.reporting.ahead import carry_section
from terminal.runtime.reporting.decided import decisions_of
from terminal.runtime.reporting.hedging import hedging_section
from terminal.runtime.reporting.hours import hours_section
from terminal.runtime.reporting.lived import Lived, lived
from terminal.runtime.reporting.parameters import parameters_section
from terminal.runtime.reporting.pictures import pictures
from terminal.runtime.reporting.pnl import pnl_section
from terminal.runtime.reporting.risk import risk_section
from terminal.runtime.reporting.span import Span
from terminal.runtime.reporting.standing import events_section, standing_section
from terminal.runtime.reporting.volatility import volatility_section
from terminal.runtime.reporting.writing import day_text

TITLES = {
    Kind.START: "Start of day",
    Kind.END: "End of day",
    Kind.HANDOVER: "Hand-over note",
}


def made(journal: Path, kind: Kind, span: Span) -> Report:
    """Make a report from a journal: the same journal gives the same report.

    Raises
    ------
    DataError, JournalError
        As ``lived``.
    ConfigError
        The kind is no day's.
    """
    if kind not in TITLES:
        raise ConfigError("a backtest is reported as it is made: backtest TAPE --report")
    day = lived(journal, span, until_priced=kind is Kind.START)
    return Report(
        schema=SCHEMA,
        kind=kind,
        title=f"{TITLES[kind]} {day_text(span.first)}",
        first=span.first,
        last=span.last,
        at=day.state.now,
        origin=day.origin,
        sections=_sections(kind, day),
    )


def _sections(kind: Kind, day: Lived) -> tuple[Section, ...]:
    seen = pictures(day)
    standing = standing_section(day, seen.end)
    risk = risk_section(day, seen)
    carry = carry_section(day, seen.end)
    parameters = parameters_section(day, seen.end)
    match kind:
        case Kind.START:
            return standing, risk, volatility_section(day, seen.end), carry, parameters
        case Kind.HANDOVER:
            pnl, hours = pnl_section(day), hours_section(day)
            return standing, events_section(day), pnl, hours, risk, carry
        case _:
            vols = volatility_section(day, seen.end)
            hedges = hedging_section(day, seen, decisions_of(day.journal, day.state.run))
            pnl, hours, events = pnl_section(day), hours_section(day), events_section(day)
            return pnl, hours, hedges, risk, vols, carry, events, standing, parameters
