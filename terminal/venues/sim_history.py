"""Bars before the start of a simulation, so that charts are not empty."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from terminal.core.units import YEAR
from terminal.model.market import Bar
from terminal.venues.sim_books import SPREAD_BPS, TRADE_USD, TRADES_PER_SECOND, Line
from terminal.venues.sim_paths import (
    ANNUAL_VOL,
    COINS,
    CORRELATION,
    Array,
    Factor,
    PathState,
)

SAMPLES: Final = 8
"""Prices drawn inside a bar; its high and low are theirs."""

_VOL_HALF_LIFE_BARS: Final = 90.0
_VOL_SD: Final = 0.3


def bars_before(
    lines: Sequence[Line],
    state: PathState,
    end: int,
    shape: tuple[int, int],
    rng: np.random.Generator,
) -> list[tuple[int, Bar]]:
    """Bars that end in a given state.

    Parameters
    ----------
    lines : sequence of Line
        Perpetuals.
    state : PathState
        What the last bars close at.
    end : int
        UtcNs of the last close.
    shape : (int, int)
        Number of bars, and the span of each in ns.
    rng : Generator

    Returns
    -------
    list of (int, Bar)
        Ascending by close, all lines at each.
    """
    count, span = shape
    paths = _paths(state, count, span, rng)
    closes = [end - (count - 1 - number) * span for number in range(count)]
    stamped: list[tuple[int, Bar]] = []
    columns = [_columns(line, state, paths[:, :, line.coin], span, rng) for line in lines]
    for number, at in enumerate(closes):
        for line, rows in zip(lines, columns, strict=True):
            open_, high, low, close, volume = rows[number]
            half = 0.5 * SPREAD_BPS[line.coin]
            stamped.append((at, Bar(line.key, open_, high, low, close, volume, span, half)))
    return stamped


def _paths(state: PathState, count: int, span: int, rng: np.random.Generator) -> Array:
    """Log prices (count, SAMPLES + 1, coins): consecutive bars share an end, the last is given."""
    root = np.linalg.cholesky(np.array(CORRELATION))
    noise = rng.standard_normal((count * SAMPLES, len(COINS))) @ root.T
    clustered = np.exp(_wave(count, rng))[:, None, None]
    step = np.array(ANNUAL_VOL) * np.sqrt(span / SAMPLES / YEAR)
    moves = (noise.reshape(count, SAMPLES, len(COINS)) * clustered * step).reshape(-1, len(COINS))
    walk = np.vstack((np.zeros((1, len(COINS))), np.cumsum(moves, axis=0)))
    walk += state.log_price - walk[-1]
    inside = np.arange(count)[:, None] * SAMPLES + np.arange(SAMPLES + 1)
    return np.asarray(walk[inside])


def _wave(count: int, rng: np.random.Generator) -> Array:
    """Log volatility of each bar: a mean-reverting walk."""
    keep = 0.5 ** (1.0 / _VOL_HALF_LIFE_BARS)
    noise = _VOL_SD * np.sqrt(1.0 - keep * keep) * rng.standard_normal(count)
    level = 0.0
    wave = []
    for shock in noise.tolist():
        level = keep * level + shock
        wave.append(level - _VOL_SD**2)
    return np.array(wave)


def _columns(
    line: Line, state: PathState, path: Array, span: int, rng: np.random.Generator
) -> list[list[float]]:
    """Open, high, low, close and volume (contracts) of each bar."""
    premium = state.factors[Factor.PREMIUM, line.coin] + state.factors[Factor.BASIS, line.coin]
    prices = np.round(np.exp(path) * (1.0 + premium), line.decimals)
    trades = TRADES_PER_SECOND * span / 1e9
    usd = TRADE_USD[line.coin] * trades * np.exp(rng.normal(0.8, 0.5, path.shape[0]))
    volume = line.contracts(usd, prices[:, -1])
    bars = np.column_stack(
        (prices[:, 0], prices.max(axis=1), prices.min(axis=1), prices[:, -1], volume)
    )
    rows: list[list[float]] = bars.tolist()
    return rows
