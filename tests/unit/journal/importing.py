"""Import files in a test, and make small ones."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from terminal.core.units import MILLISECOND, MINUTE, SECOND
from terminal.journal.importers.feed import Options
from terminal.journal.importers.session import import_files
from terminal.journal.tape import Header, Timed, read_tape
from terminal.journal.tape_writing import write_tape

START = 1_746_370_800 * SECOND  # 2025-05-04 15:00
BAR_NAME = "binance_usdm_BTCUSDT_1m_20250504_20250504"
EventT = TypeVar("EventT")


def imported(*paths: Path, **options: Any) -> tuple[Header, list[Timed]]:
    """Events of the files, told through a tape that is then removed."""
    out = paths[0].with_name("imported.tape")
    each = import_files(paths, Options(**options), lambda _part, _what: None)
    try:
        header = write_tape(out, each.header, each.events)
        return header, list(read_tape(out))
    finally:
        out.unlink(missing_ok=True)


def of(kind: type[EventT], events: Sequence[Timed]) -> list[EventT]:
    """Only the events of one kind."""
    return [event for _, event in events if isinstance(event, kind)]


def prices(count: int, start: int = START, step: int = MINUTE) -> list[list[float]]:
    """Rows of open time (ms), open, high, low, close, volume."""
    return [
        [(start + i * step) // MILLISECOND, 100.0 + i, 102.0 + i, 99.0 + i, 101.0 + i, 7.0]
        for i in range(count)
    ]


def csv_of(rows: Sequence[Sequence[object]], header: str = "ts,open,high,low,close,volume") -> str:
    """Text of a CSV; no header row when it is empty."""
    body = [",".join(str(cell) for cell in row) for row in rows]
    return "\n".join([header, *body] if header else body) + "\n"


def write_csv(path: Path, rows: Sequence[Sequence[object]], header: str | None = None) -> Path:
    """Write a CSV of bars."""
    path.write_text(csv_of(rows) if header is None else csv_of(rows, header))
    return path


def write_parquet(path: Path, columns: dict[str, Any], **types: pa.DataType) -> Path:
    """Write columns; ``ts`` and ``expiry`` (ms) become UTC timestamps unless typed otherwise."""
    moment = pa.timestamp("ms", tz="UTC")
    arrays = {
        name: pa.array(values, types.get(name, moment if name in ("ts", "expiry") else None))
        for name, values in columns.items()
    }
    pq.write_table(pa.table(arrays), path)
    return path


def bars_parquet(path: Path, rows: Sequence[Sequence[float]]) -> Path:
    """Write bars as the parquet layout of the archive."""
    names = ("ts", "open", "high", "low", "close", "volume")
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    columns["ts"] = [int(each) for each in columns["ts"]]
    return write_parquet(path, columns)
