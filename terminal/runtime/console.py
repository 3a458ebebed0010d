"""Words to a terminal: JSON for machines, a table for people, one line for a mistake."""

import sys
from typing import Any

import msgspec

from terminal.core.plain import plain


def show(result: Any, text: str, *, as_json: bool) -> None:
    """Print a result; numbers that are not finite become null in JSON."""
    line = msgspec.json.encode(result).decode() if as_json else plain(text, len(text))
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def complain(message: str) -> None:
    """Print one line about a mistake."""
    sys.stderr.write(" ".join(plain(message).split()) + "\n")
