"""Bars for the volatility tests: walks made from a seed, and recorded ones."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import pytest

from terminal.core.units import MILLISECOND
from terminal.market.bars import Bars, bars_of
from terminal.pricing.rows import FloatArray

START = 1_700_000_000_000_000_000


def walk(seed: int, count: int, step_vol: float = 0.01, inner: int = 8) -> FloatArray:
    """Open, high, low, close (4, count) of a driftless walk; `step_vol` is per bar."""
    draws = np.random.default_rng(seed).normal(0.0, step_vol / inner**0.5, (count, inner))
    path = np.cumsum(draws.ravel()).reshape(count, inner)
    opened = np.append(0.0, path[:-1, -1])
    points = np.column_stack((opened, path))
    logs = np.stack((opened, points.max(axis=1), points.min(axis=1), path[:, -1]))
    return np.asarray(100.0 * np.exp(logs))


def grid(count: int, span: int) -> npt.NDArray[np.int64]:
    return START + np.arange(count, dtype=np.int64) * span


def walked(seed: int, count: int, span: int, step_vol: float = 0.01) -> Bars:
    return bars_of(grid(count, span), walk(seed, count, step_vol), span=span)


def recorded_bars(shared: Path, name: str, span: int) -> Bars:
    """Bars of a recorded file, such as ``ohlcv_5m/binance_usdm_...``; skips where it is missing."""
    path = shared / "data" / f"{name}.parquet"
    if not path.exists():
        pytest.skip(f"no recorded bars: {path.name} is not in the folder 'shared'")
    table = pq.read_table(path, columns=["ts", "open", "high", "low", "close"])
    start = table["ts"].cast("int64").to_numpy() * MILLISECOND
    prices = np.stack([table[each].to_numpy() for each in ("open", "high", "low", "close")])
    return bars_of(start, prices, span=span)
