"""How much a result owes to the windows it happened to have."""

from __future__ import annotations

from typing import Final

import numpy as np

from terminal.pricing.rows import FloatArray

CONFIDENCE: Final = 0.95


def block_weights(seed: int, draws: int, count: int, block: int) -> FloatArray:
    """How often each window occurs in each of many resamples.

    Parameters
    ----------
    seed : int
    draws : int
        Resamples, > 0.
    count : int
        Windows, > 0, in time order.
    block : int
        Windows that stay together, > 0: more than overlap one another.

    Returns
    -------
    ndarray (draws, count)
        Shares; every row sums to 1. Equal for equal arguments.

    Notes
    -----
    Circular block bootstrap (Politis and Romano 1992): blocks start anywhere and wrap around, so
    that every window is as likely as any other. The last block is cut to keep the count.
    """
    block = min(block, count)
    starts = np.random.default_rng(seed).integers(count, size=(draws, -(-count // block)))
    picked = (starts[..., None] + np.arange(block)).reshape(draws, -1)[:, :count] % count
    rows = np.arange(draws)[:, None] * count
    times = np.bincount((picked + rows).ravel(), minlength=draws * count)
    return times.reshape(draws, count) / count


def moments(weights: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of every row of values, under every resample.

    Parameters
    ----------
    weights : ndarray (draws, w)
        Rows sum to 1.
    values : ndarray (k, w)

    Returns
    -------
    tuple of ndarray (draws, k)
    """
    middle = values.mean(axis=1, keepdims=True)  # first, or squares would cancel
    centred = values - middle
    mean = weights @ centred.T
    square = weights @ np.square(centred).T
    return mean + middle.T, np.sqrt(np.maximum(square - np.square(mean), 0.0))


def band(draws: FloatArray) -> tuple[float, float]:
    """Percentile interval that holds `CONFIDENCE` of the draws."""
    tail = 50.0 * (1.0 - CONFIDENCE)
    low, high = np.percentile(draws, [tail, 100.0 - tail])
    return float(low), float(high)
