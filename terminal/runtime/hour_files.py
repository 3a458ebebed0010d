"""Hours of realised variance kept beside a journal, so that a restart forgets no past."""

import logging
import math
import os
from pathlib import Path

import numpy as np

from terminal.core.units import HOUR
from terminal.journal.disk import open_private
from terminal.market.hours import Spans
from terminal.pricing.rows import FloatArray

log = logging.getLogger(__name__)

SUFFIX = ".csv"
COLUMNS = 4  # start of the hour (UtcNs), variance, bipower variation, log return


def folder_of(journal: Path) -> Path:
    """Folder of the hours that belong to a journal, beside it."""
    return journal.with_name(f"{journal.name}-hours")


class HourFiles:
    """One file of lines for each underlying, grown at its end.

    Forecasts are advice: a file that cannot be read or written costs them their past, and nothing
    else. A line that was half written in a crash is left out.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._silent = False  # a disk that refuses is told of once

    def read(self, underlying: str) -> Spans:
        """Hours that are known of a coin; hours between them that are not are NaN."""
        rows: dict[int, tuple[float, ...]] = {}
        try:
            text = self._path(underlying).read_text(encoding="ascii", errors="replace")
        except FileNotFoundError:
            text = ""
        except OSError as error:
            self._tell(error)
            text = ""
        for line in text.splitlines():
            row = _row(line)
            if row is not None:
                rows[row[0]] = row[1]
        return _spans(rows)

    def add(self, underlying: str, hours: Spans) -> None:
        """Append the hours that were seen."""
        table = np.column_stack(hours[2:])
        lines = "".join(
            f"{hours.first + number * HOUR},{','.join(map(repr, row))}\n"
            for number, row in enumerate(table.tolist())
            if all(map(math.isfinite, row))
        )
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_CREAT | os.O_WRONLY | os.O_APPEND
            with os.fdopen(open_private(self._path(underlying), flags), "ab") as file:
                file.write(lines.encode("ascii"))
        except OSError as error:
            self._tell(error)

    def _path(self, underlying: str) -> Path:
        # A coin's name comes from a venue: nothing of it may lead out of the folder.
        safe = "".join(each if each.isalnum() and each.isascii() else "_" for each in underlying)
        return self._folder / f"{safe}{SUFFIX}"

    def _tell(self, error: OSError) -> None:
        if not self._silent:
            log.warning("hours are not kept in %s: %s", self._folder, error.strerror or error)
        self._silent = True


def _row(line: str) -> tuple[int, tuple[float, ...]] | None:
    """Start and numbers of an hour; None for a line that is none."""
    parts = line.split(",")
    if len(parts) != COLUMNS:
        return None
    try:
        start, numbers = int(parts[0]), tuple(float(each) for each in parts[1:])
    except ValueError:
        return None
    sound = start >= 0 and start % HOUR == 0 and all(map(math.isfinite, numbers))
    return (start, numbers) if sound and numbers[0] >= 0.0 and numbers[1] >= 0.0 else None


def _spans(rows: dict[int, tuple[float, ...]]) -> Spans:
    if not rows:
        return Spans(0, HOUR, *(np.empty(0) for _ in range(3)))
    first, last = min(rows), max(rows)
    table: FloatArray = np.full(((last - first) // HOUR + 1, COLUMNS - 1), np.nan)
    for start, numbers in rows.items():
        table[(start - first) // HOUR] = numbers
    return Spans(first, HOUR, *table.T)
