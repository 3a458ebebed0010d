"""What a forecast is worth: its loss against naive ones, with a bound that chance allows for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from terminal.market.arrays import numbers, whole
from terminal.model.forecast import Score
from terminal.pricing.rows import FloatArray

LEAST_SCORED: Final = 30
DRAWS: Final = 1000
CONFIDENCE: Final = 0.95


def qlikes(outcomes: FloatArray, forecasts: FloatArray) -> FloatArray:
    """Quasi-likelihood loss of each variance forecast; NaN where either is not positive.

    Notes
    -----
    ``x - ln x - 1`` with ``x = outcome / forecast``, Patton (2011): it ranks forecasts rightly
    even where the outcome is itself measured with noise.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = outcomes / forecasts
        loss = ratio - np.log(ratio) - 1.0
    return np.where(np.isfinite(loss) & (outcomes > 0.0), loss, np.nan)


def briers(happened: FloatArray, chances: FloatArray) -> FloatArray:
    """Squared error of each probability of an event that is 1 or 0; NaN where either is unknown."""
    return np.square(chances - happened)


def scores(
    loss: str, ours: FloatArray, naive: Mapping[str, FloatArray], *, block: int
) -> tuple[Score, ...]:
    """Compare a forecast's losses with those of naive ones, all on the same outcomes.

    Parameters
    ----------
    loss : str
        Its name.
    ours : ndarray (n,)
        Loss of each forecast; NaN where none was made or no outcome is known.
    naive : mapping
        The same of naive forecasts, by name.
    block : int
        Outcomes that stay together in the bootstrap, >= 1: more than overlap or cluster.

    Returns
    -------
    tuple of Score
        In the order of `naive`; empty below 30 common outcomes.
    """
    known = np.isfinite(ours)
    for each in naive.values():
        known = known & np.isfinite(each)
    count = int(known.sum())
    if count < LEAST_SCORED:
        return ()
    found = []
    for name, theirs in naive.items():
        bound = upper_bound(ours[known] - theirs[known], block=block)
        means = float(ours[known].mean()), float(theirs[known].mean())
        found.append(Score(name, loss, *means, bound, count))
    return tuple(found)


def upper_bound(
    differences: npt.ArrayLike, *, block: int, draws: int = DRAWS, confidence: float = CONFIDENCE
) -> float:
    """Upper end of a one-sided bootstrap interval of a mean.

    Parameters
    ----------
    differences : array_like (n,)
        In time order, n >= 1.
    block : int
        Neighbours that stay together, >= 1.
    draws : int
        Resamples, >= 1.
    confidence : float
        Part of the resampled means that lies below.

    Raises
    ------
    TypeError, ValueError
        Not numbers, none of them, or counts below one.

    Notes
    -----
    Circular block bootstrap (Politis and Romano 1992); blocks start at numbers of the generator
    SplitMix64 (Steele, Lea and Flood 2014) from a fixed seed, so equal outcomes have equal bounds.
    """
    values = numbers("differences", differences)
    count = whole("differences", values.size)
    block = min(whole("block", block), count)
    rows = -(-count // block)
    starts = scattered(whole("draws", draws) * rows, count).reshape(draws, rows)
    summed = np.append(0.0, np.cumsum(np.append(values, values)))
    lengths = np.full(rows, block)
    lengths[-1] = count - (rows - 1) * block
    means = (summed[starts + lengths] - summed[starts]).sum(axis=1) / count
    return float(np.quantile(means, confidence))


def scattered(count: int, below: int) -> npt.NDArray[np.int64]:
    """Evenly scattered whole numbers from 0 up to `below`, the same every time."""
    steps = np.arange(1, count + 1, dtype=np.uint64)
    z = steps * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return (z % np.uint64(below)).astype(np.int64)
