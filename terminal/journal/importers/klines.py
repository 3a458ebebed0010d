"""Bars from CSV (plain, gzip, zip; Binance's archive and named columns) and from parquet."""

from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from terminal.core.errors import DataError
from terminal.journal.importers import columns, files, stamps
from terminal.journal.importers.bars import COLUMNS, PRICES, Bars
from terminal.journal.importers.feed import Tally

_ALIASES = MappingProxyType(
    {
        "time": ("open_time", "open time", "ts", "timestamp", "date", "datetime", "time"),
        "open": ("open",),
        "high": ("high",),
        "low": ("low",),
        "close": ("close",),
        "volume": ("volume", "vol", "base_volume"),
    }
)
_ARCHIVE_COLUMNS = 12  # open time, o, h, l, c, volume, close time, and five that are not read
_TOLD_EVERY = 20_000  # rows


class _Layout(Struct, frozen=True):
    """Where the columns of a CSV are; ``places`` is time, open, high, low, close, volume."""

    places: tuple[int, ...]
    names: tuple[str, ...]
    width: int


def recognised(names: Sequence[str]) -> bool:
    """Whether these columns can be bars."""
    found = _places(names)
    return all(found[name] is not None for name in ("time", *PRICES))


def _places(names: Sequence[str]) -> dict[str, int | None]:
    lowered = [name.strip().strip('"').lower() for name in names]
    return {
        field: next((lowered.index(alias) for alias in aliases if alias in lowered), None)
        for field, aliases in _ALIASES.items()
    }


# -- Text -------------------------------------------------------------------------------------


def read_text(path: Path, tally: Tally) -> Iterator[Bars]:
    """Bars of each CSV in a plain, gzip or zip file, not yet checked.

    Raises
    ------
    DataError
        A row has another number of columns, or a cell is no number; names row and column.
    """
    for text in files.texts(path):
        numbered = files.lines(text)
        first = next(numbered, "")
        delimiter = _delimiter(first)
        layout, has_header = _layout(_cells(first, text.label), text.label)
        body = numbered if has_header else _again(first, numbered)
        reader = files.cells(body, text.label, delimiter, int(has_header))
        yield _read_rows(reader, layout, text, (tally, path, int(has_header)))


def check_first(line: str, label: str) -> None:
    """Refuse a text whose first line is not that of bars; DataError says what is missing."""
    _layout(_cells(line, label), label)


def _delimiter(line: str) -> str:
    return next((mark for mark in ",;\t" if mark in line), ",")


def _cells(line: str, label: str) -> list[str]:
    return next(files.cells([line], label, _delimiter(line)), [])


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _layout(head: list[str], label: str) -> tuple[_Layout, bool]:
    """Layout from the first row, and whether that row is a header."""
    try:
        stamps.parse(head[0] if head else "")
    except ValueError:
        found = _places(head)
        missing = [name for name in ("time", *PRICES) if found[name] is None]
        if missing:
            shown = ", ".join(head)[:80]
            raise DataError(
                f"{label}: row 1: no column for {', '.join(missing)} among {shown!r}: name the "
                "columns ts,open,high,low,close,volume"
            ) from None
        places = tuple(-1 if place is None else place for place in found.values())
        named = tuple(head[place].strip() if place >= 0 else "volume" for place in places)
        return _Layout(places, named, len(head)), True
    if len(head) != _ARCHIVE_COLUMNS:
        raise DataError(
            f"{label}: row 1: {len(head)} columns without names (Binance's archive has 12): add a "
            "first row ts,open,high,low,close,volume"
        )
    return _Layout(tuple(range(6)), ("open_time", *COLUMNS), _ARCHIVE_COLUMNS), False


def _read_rows(
    reader: Iterator[list[str]],
    layout: _Layout,
    text: files.Text,
    context: tuple[Tally, Path, int],
) -> Bars:
    tally, path, row = context
    opened, rows = array("q"), array("q")
    cells = [array("d") for _ in COLUMNS]
    at, *places = layout.places
    try:
        for cell in reader:
            row += 1
            if not cell:
                continue
            if len(cell) != layout.width:
                raise DataError(
                    f"{text.label}: row {row}: {len(cell)} columns, {layout.width} expected: "
                    "correct or remove the row"
                )
            stamp = cell[at]
            opened.append(int(stamp) if stamp.isdigit() else stamps.parse(stamp))
            for column, place in zip(cells, places, strict=True):
                column.append(float(cell[place] or "nan") if place >= 0 else float("nan"))
            rows.append(row)
            if row % _TOLD_EVERY == 0:
                tally.advance(path, 0.5 * text.part())
    except (ValueError, OverflowError) as error:
        raise _bad_cell(text.label, row, cell, layout) from error
    tally.read(path, len(rows))
    tally.advance(path, 0.5)
    values = {name: np.asarray(column) for name, column in zip(COLUMNS, cells, strict=True)}
    numbers = np.asarray(rows)
    starts = _instants(np.asarray(opened), numbers, layout.names[0], text.label)
    return Bars(path, text.label, starts, numbers, values)


def _instants(
    numbers: NDArray[np.int64], rows: NDArray[np.int64], column: str, label: str
) -> NDArray[np.int64]:
    at, wrong = stamps.from_numbers(numbers)
    if wrong is not None:
        raise DataError(
            f"{label}: row {rows[wrong]}: column {column}: {numbers[wrong]} is no instant between "
            "2009 and 2100: correct or remove the row"
        )
    return at


def _bad_cell(label: str, row: int, cell: list[str], layout: _Layout) -> DataError:
    """Find the cell that cannot be read."""
    for name, place in zip(layout.names, layout.places, strict=True):
        try:
            if place == layout.places[0]:
                stamps.parse(cell[place])
            elif place >= 0:
                float(cell[place] or "nan")
        except ValueError as error:
            why = error if place == layout.places[0] else "is no number"
            return DataError(
                f"{label}: row {row}: column {name}: {cell[place][:40]!r} {why}: "
                "correct or remove the row"
            )
    return DataError(f"{label}: row {row}: cannot be read: correct or remove the row")


# -- Parquet ----------------------------------------------------------------------------------


def read_parquet(path: Path, tally: Tally) -> Bars:
    """Bars of a parquet file, not yet checked; DataError names row and column of a bad stamp."""
    header = columns.names(path)
    places = _places(header)
    found = {name: header[place] for name, place in places.items() if place is not None}
    opened: list[NDArray[np.int64]] = []
    cells: dict[str, list[NDArray[np.float64]]] = {name: [] for name in COLUMNS}
    for batch, part in columns.batches(path, tuple(found.values())):
        opened.append(batch.instants(found["time"]))
        for name in COLUMNS:
            known = name in found
            cells[name].append(batch.floats(found[name]) if known else np.full(batch.size, np.nan))
        tally.read(path, batch.size)
        tally.advance(path, 0.5 * part)
    whole = np.concatenate(opened)
    values = {name: np.concatenate(parts) for name, parts in cells.items()}
    return Bars(path, str(path), whole, np.arange(1, whole.size + 1), values)
