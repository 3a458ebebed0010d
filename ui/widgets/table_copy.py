"""Turn rows into text that a spreadsheet takes as values and never as formulas."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from ui.format import MINUS
from ui.widgets.table_model import Column

_NUMBER = re.compile(r"[+\-−]?\$?[\d,]*\.?\d+%?")
_FORMULA = ("=", "+", "-", MINUS, "@")


def tsv(columns: Sequence[Column], rows: Iterable[Any]) -> str:
    """Write titles and rows as tab separated lines, as they are shown."""
    lines = ["\t".join(safe_cell(column.title) for column in columns)]
    lines += ["\t".join(safe_cell(column.show(row)) for column in columns) for row in rows]
    return "\n".join(lines) + "\n"


def safe_cell(text: str) -> str:
    """Make one cell safe to paste.

    Numbers keep their sign as a plain hyphen so that they paste as numbers. Any other text that a
    spreadsheet could run as a formula gets an apostrophe in front (OWASP, CSV injection).
    """
    flat = re.sub(r"[\x00-\x1f\x7f\u2028\u2029]+", " ", text).strip()
    if _NUMBER.fullmatch(flat):
        return flat.replace(MINUS, "-")
    return f"'{flat}" if flat.startswith(_FORMULA) else flat
