"""Text that a spreadsheet takes as a value and never as a formula, for everything exported."""

import re
from typing import Final

from terminal.core.plain import LONGEST, one_line

MINUS: Final = "−"  # as numbers are shown
_NUMBER: Final = re.compile(r"[+\-−]?\$?[\d,]*\.?\d+(e[+\-−]?\d+)?%?", re.ASCII | re.IGNORECASE)
_SPACES: Final = re.compile(" {2,}")
_FORMULA: Final = ("=", "+", "-", MINUS, "@", "＝", "＋", "－", "＠", '"')


def safe_cell(text: str) -> str:
    """Make one cell safe to paste or to write.

    Numbers keep their sign as a plain hyphen so that they are read as numbers. Any other text
    that a spreadsheet could run as a formula gets an apostrophe in front; tabs, line breaks and
    other control characters become spaces, so that a cell stays one.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Notes
    -----
    OWASP, CSV injection: ``= + - @`` tab, CR and their full-width forms. A quotation mark in
    front is added to them: what it encloses is unpacked when pasted, and may be a formula again.
    """
    flat = _SPACES.sub(" ", one_line(text, LONGEST)).strip()
    if _NUMBER.fullmatch(flat):
        return flat.replace(MINUS, "-")
    return f"'{flat}" if flat.startswith(_FORMULA) else flat
