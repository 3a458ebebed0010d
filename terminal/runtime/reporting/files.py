"""A report on the drive: one folder with HTML, JSON, a CSV for each table, and their hashes."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from terminal.core.errors import ConfigError
from terminal.model.report import Column, Form, Report, Table
from terminal.runtime.csv_tables import csv_text
from terminal.runtime.reporting.page import page
from terminal.runtime.reporting.signing import SIGNATURE
from terminal.runtime.reporting.writing import day_text, plain_value
from terminal.runtime.whole_file import write_whole

SUMS = "SHA256SUMS"

NAME = re.compile(r"[^a-z0-9_]+")
"""What no file of a table is called: its name may hold that of a coin."""

OURS = re.compile(r"report\.(html|json|pdf)|[a-z0-9_]+\.csv|SHA256SUMS(\.sig)?")
"""Files that a report puts into its folder."""


def folder_name(report: Report) -> str:
    """Name of a report's folder: its day and its kind."""
    return f"{day_text(report.first)}-{report.kind.value}"


def contents(report: Report) -> Mapping[str, str]:
    """Every file of a report by name: the same report gives the same bytes.

    ``SHA256SUMS`` has the hash of each other file, as ``sha256sum --check`` reads it.
    """
    files = {
        "report.html": page(report),
        "report.json": msgspec.json.format(msgspec.json.encode(report)).decode() + "\n",
    }
    for section in report.sections:
        for table in section.tables:
            files[f"{NAME.sub('_', table.name.lower())}.csv"] = table_csv(table)
    sums = [f"{hashlib.sha256(text.encode()).hexdigest()}  {name}" for name, text in files.items()]
    return {**files, SUMS: "\n".join(sums) + "\n"}


def table_csv(table: Table) -> str:
    """One table as CSV; units are in the headings, and no cell can be run as a formula."""
    head = map(_heading, table.columns)
    return csv_text([head, *(map(plain_value, row) for row in table.rows)])


def _heading(column: Column) -> str:
    """Name and unit of a column. What a page shows as percent is a fraction here, as in JSON."""
    part = "fraction" if column.form is Form.PERCENT else ""
    unit = f"{part} {column.unit}".strip()
    return f"{column.name} [{unit}]" if unit else column.name


def save(report: Report, to: Path, signature: str = "") -> Path:
    """Write a report into a folder of its own, in place of an older one of its day and kind.

    Parameters
    ----------
    report : Report
    to : Path
        Folder of reports, made where there is none. Files are for this user alone.
    signature : str
        Of ``SHA256SUMS``, for a file beside it; none is written without.

    Returns
    -------
    Path
        The report's folder. Of an older report nothing is left in it, its PDF included: a table
        or a page that is not of this report would be taken for one.

    Raises
    ------
    ConfigError
        The folder cannot be made or written.
    """
    folder = to / folder_name(report)
    made = contents(report)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for each in sorted(folder.iterdir()):
            if OURS.fullmatch(each.name) and each.name not in made:
                each.unlink()
    except OSError as error:
        why = error.strerror or str(error)
        msg = f"{folder} cannot be written ({why}): name another folder with --out"
        raise ConfigError(msg) from error
    for name, text in made.items():
        write_whole(folder / name, text, "the report's")
    if signature:
        write_whole(folder / SIGNATURE, signature, "the report's")
    return folder
