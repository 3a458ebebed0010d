"""A report: tables and charts with their units, the same for JSON, CSV, HTML and PDF."""

from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

SCHEMA = 1
"""Grows when a reader of the JSON must learn something new."""

Cell: TypeAlias = str | int | float | Decimal | None
"""None is unknown, and is written so; an amount in Decimal is exact to the cent."""


class Kind(StrEnum):
    """What a report is for."""

    START = "start"  # calibration at the start of a day
    END = "end"  # what a day came to
    HANDOVER = "handover"  # what whoever takes over must know
    BACKTEST = "backtest"  # what a policy came to on a tape


class Form(StrEnum):
    """How a column is written for the eye; JSON has the values themselves."""

    TEXT = "text"
    COUNT = "count"
    MONEY = "money"  # two decimals
    AMOUNT = "amount"  # four significant digits
    PERCENT = "fraction"  # shown to the eye as percent, times 100; of its column's unit


class Column(Struct, frozen=True):
    """One column of a table."""

    name: str  # of the field, in JSON and CSV
    title: str
    unit: str = ""
    form: Form = Form.TEXT


class Table(Struct, frozen=True, kw_only=True):
    """Rows with a value for every column; without rows ``empty`` says why."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...] = ()
    note: str = ""
    empty: str = "None."
    summed: bool = False  # the last row sums those above it


class Curve(Struct, frozen=True):
    """Points by x; an unknown y interrupts the line."""

    name: str
    points: tuple[tuple[float, float | None], ...]


class Chart(Struct, frozen=True, kw_only=True):
    """Lines over the hours of the span, or one bar for each of ``labels``."""

    name: str
    title: str
    unit: str
    curves: tuple[Curve, ...]
    labels: tuple[str, ...] = ()  # of bars, in the order of the first curve's points
    x_unit: str = "hours UTC"


class Section(Struct, frozen=True, kw_only=True):
    """A heading, what is said below it, and its tables and charts."""

    name: str
    title: str
    words: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()


class Origin(Struct, frozen=True, kw_only=True):
    """What a report is made of, records or a tape: enough to make it again and to check it."""

    run: str
    mode: str
    first_seq: int
    last_seq: int
    link: str  # hash that chains every record of the journal, or that of the tape
    notes: tuple[str, ...] = ()  # damage, and days that begin or end inside the span


class Report(Struct, frozen=True, kw_only=True):
    """One report. ``first`` and ``last`` are UtcNs; the span is half open."""

    schema: int
    kind: Kind
    title: str
    first: int
    last: int
    at: int  # UtcNs of the last record that was looked at
    origin: Origin
    sections: tuple[Section, ...]
