"""Tables for spreadsheets: the one place that writes CSV."""

import csv
import io
from collections.abc import Iterable

from terminal.core.cells import safe_cell


def csv_text(rows: Iterable[Iterable[str]]) -> str:
    """Write rows as CSV, every cell made safe.

    Parameters
    ----------
    rows : iterable of iterables of str

    Returns
    -------
    str
        A line each, as RFC 4180 quotes them, ended by a line feed.
    """
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    for row in rows:
        write([safe_cell(each) for each in row])
    return out.getvalue()
