"""Turn rows into text that a spreadsheet takes as values and never as formulas."""

from collections.abc import Iterable, Sequence
from typing import Any

from terminal.core.cells import safe_cell
from ui.widgets.table_model import Column


def tsv(columns: Sequence[Column], rows: Iterable[Any]) -> str:
    """Write titles and rows as tab separated lines, as they are shown."""
    lines = ["\t".join(safe_cell(column.title) for column in columns)]
    lines += ["\t".join(safe_cell(column.show(row)) for column in columns) for row in rows]
    return "\n".join(lines) + "\n"
