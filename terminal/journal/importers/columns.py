"""Columns of parquet files as numpy arrays, whatever type they were saved in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from terminal.core.errors import DataError
from terminal.core.units import MILLISECOND, SECOND
from terminal.journal.importers import files, stamps

_UNITS = (("s", SECOND), ("ms", MILLISECOND), ("us", 1_000), ("ns", 1))
BATCH_ROWS = 65_536


class Batch:
    """Some rows of a parquet file, starting at row ``first`` (counted from 1)."""

    def __init__(self, path: Path, first: int, batch: Any) -> None:
        self.path = path
        self.first = first
        self.size: int = batch.num_rows
        self._batch = batch

    def floats(self, name: str) -> NDArray[np.float64]:
        """Column as floats; null becomes NaN. DataError when it holds no numbers."""
        try:
            column = self._batch.column(name).cast(pa.float64())
        except pa.ArrowException as error:
            raise DataError(f"{self.path}: column {name}: holds no numbers: correct it") from error
        values: NDArray[np.float64] = column.to_numpy(zero_copy_only=False)
        return values

    def instants(self, name: str) -> NDArray[np.int64]:
        """Column as UtcNs; DataError names the first row that is no instant."""
        column = self._batch.column(name)
        if column.null_count:
            row = self.first + int(pc.index(column.is_null(), True).as_py())
            raise DataError(f"{self.path}: row {row}: column {name}: is empty: remove the row")
        if pa.types.is_timestamp(column.type):
            unit = dict(_UNITS)[column.type.unit]
            ticks = column.cast(pa.int64()).to_numpy(zero_copy_only=False)
            low, high = stamps.EARLIEST // unit, stamps.LATEST // unit
            at = np.where((ticks >= low) & (ticks < high), ticks, 0) * unit
            bad = np.flatnonzero(at == 0)
            wrong = int(bad[0]) if bad.size else None
        elif pa.types.is_integer(column.type):
            numbers = column.cast(pa.int64()).to_numpy(zero_copy_only=False)
            at, wrong = stamps.from_numbers(numbers)
        else:
            raise DataError(f"{self.path}: column {name}: holds no instants but {column.type}")
        if wrong is not None:
            raise DataError(
                f"{self.path}: row {self.first + wrong}: column {name}: "
                "is no instant between 2009 and 2100: correct or remove the row"
            )
        return np.asarray(at, dtype=np.int64)

    def words(self, name: str) -> list[str]:
        """Column as text; null becomes an empty word."""
        try:
            column = self._batch.column(name).cast(pa.string())
        except pa.ArrowException as error:
            raise DataError(f"{self.path}: column {name}: holds no text: correct it") from error
        return [word or "" for word in column.to_pylist()]


def names(path: Path) -> tuple[str, ...]:
    """Names of the columns of a parquet file."""
    with files.refusing(str(path)), files.parquet(path) as file:
        return tuple(file.schema_arrow.names)


def batches(path: Path, wanted: tuple[str, ...]) -> Iterator[tuple[Batch, float]]:
    """Rows of a parquet file, some at a time, with the part (0..1) that is done after them."""
    first = 1
    with files.refusing(str(path)), files.parquet(path) as file:
        total = file.metadata.num_rows
        if not total:
            raise DataError(f"{path}: has no rows: fetch it again")
        for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=list(wanted)):
            rows = Batch(path, first, batch)
            first += rows.size
            yield rows, (first - 1) / total
