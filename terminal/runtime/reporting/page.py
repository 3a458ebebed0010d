"""A report as one HTML file: nothing is fetched, nothing runs, and it prints."""

import base64
import hashlib
from collections.abc import Iterator
from html import escape

from terminal.core.plain import plain
from terminal.core.units import iso_utc
from terminal.model.report import Chart, Column, Form, Kind, Report, Section, Table
from terminal.runtime.reporting.svg import INKS, drawn
from terminal.runtime.reporting.writing import UNKNOWN, shown

STYLE = """
body { font-family: sans-serif; font-size: 10pt; color: #1b1f23; background: #ffffff;
  max-width: 60em; margin: 1.5em auto; padding: 0 1em; }
h1 { font-size: 16pt; margin-bottom: 2pt; }
h2 { font-size: 13pt; border-bottom: 1px solid #b8bec5; margin-top: 18pt; }
h3 { font-size: 10.5pt; margin: 12pt 0 3pt 0; }
p { margin: 3pt 0; }
p.note { color: #4a5158; font-size: 9pt; }
table { border-collapse: collapse; font-size: 8.5pt; margin: 2pt 0 6pt 0; }
th { text-align: left; background: #eef1f4; }
th, td { border: 1px solid #d5d9de; padding: 2px 6px; vertical-align: top; }
td.n, th.n { text-align: right; }
td.n, td.s { white-space: nowrap; }
td.u { color: #9a5b00; }
tr.sum td { font-weight: bold; }
div.wide { overflow-x: auto; }
svg { max-width: 100%; height: auto; }
@media print { body { margin: 0; max-width: none; } h2, h3 { break-after: avoid; }
  svg, tr { break-inside: avoid; } div.wide { overflow: visible; } }
"""


SHORT = 28
"""Letters of a cell that stay in one line."""

LEAST = 'width="18%"'
"""Of a cell with more: a printer's layout would squeeze it to a letter a line."""


def page(report: Report) -> str:
    """Write a report as HTML; all text in it that came from elsewhere is escaped."""
    head = escape(plain(report.title))
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{head}</title><style>{STYLE}</style></head><body>",
        f"<h1>{head}</h1>",
        *_origin(report),
    ]
    for section in report.sections:
        lines += _section(section)
    return "\n".join([*lines, "</body></html>", ""])


def _policy() -> str:
    """Nothing may be loaded or run; the one style sheet is named by its hash."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _origin(report: Report) -> Iterator[str]:
    origin = report.origin
    yield f"<p>{iso_utc(report.first)} to {iso_utc(report.last)}, as of {iso_utc(report.at)}.</p>"
    made = f"Run {origin.run}, mode {origin.mode}; "
    if report.kind is Kind.BACKTEST:
        made += f"{origin.last_seq} records of a tape whose SHA-256 begins with {origin.link[:16]}."
    else:
        made += (
            f"records {origin.first_seq} to {origin.last_seq} of the journal, whose chain ends in"
            f" {origin.link[:16]}."
        )
    yield f'<p class="note">{_safe(made)}</p>'
    for note in origin.notes:
        yield f"<p><b>{_safe(note)}</b></p>"


def _section(section: Section) -> Iterator[str]:
    yield f'<h2 id="{_safe(section.name)}">{_safe(section.title)}</h2>'
    for words in section.words:
        yield f"<p>{_safe(words)}</p>"
    for chart in section.charts:
        yield from _chart(chart)
    for table in section.tables:
        yield from _table(table)


def _chart(chart: Chart) -> Iterator[str]:
    yield f"<h3>{_safe(chart.title)}, {_safe(chart.unit)}</h3>"
    yield drawn(chart)
    if len(chart.curves) > 1:
        names = zip(INKS, chart.curves, strict=False)
        legend = ", ".join(
            f'<font color="{ink}">■</font> {_safe(curve.name)}' for ink, curve in names
        )
        yield f'<p class="note">{legend}</p>'


def _table(table: Table) -> Iterator[str]:
    yield f"<h3>{_safe(table.title)}</h3>"
    if not table.rows:
        yield f'<p class="note">{_safe(table.empty)}</p>'
        return
    yield '<div class="wide"><table cellspacing="0" cellpadding="3"><thead><tr>'
    yield "".join(_heading(each) for each in table.columns)
    yield "</tr></thead><tbody>"
    last = len(table.rows) - 1
    for place, row in enumerate(table.rows):
        cells = zip(table.columns, row, strict=True)
        marked = ' class="sum"' if table.summed and place == last else ""
        yield f"<tr{marked}>" + "".join(_cell(shown(x, c), c) for c, x in cells) + "</tr>"
    yield "</tbody></table></div>"
    if table.note:
        yield f'<p class="note">{_safe(table.note)}</p>'


def _heading(column: Column) -> str:
    unit = unit_of(column)
    text = f"{column.title}, {unit}" if unit else column.title
    side = "" if column.form is Form.TEXT else ' class="n" align="right"'
    return f"<th{side}>{_safe(text)}</th>"


def unit_of(column: Column) -> str:
    """Unit of a column as it is shown."""
    return f"% {column.unit}".strip() if column.form is Form.PERCENT else column.unit


def _cell(text: str, column: Column) -> str:
    if column.form is Form.TEXT:
        kind = "u" if text == UNKNOWN else "s" if len(text) <= SHORT else ""
        return (
            f'<td class="{kind}">{_safe(text)}</td>' if kind else f"<td {LEAST}>{_safe(text)}</td>"
        )
    kind = "n u" if text == UNKNOWN else "n"
    return f'<td class="{kind}" align="right">{_safe(text)}</td>'


def _safe(text: str) -> str:
    """Text as text, whatever it holds, its hidden characters made visible."""
    return escape(plain(text))
