"""Logistic regression with a ridge, its recalibration, and the table that shows its reliability."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from msgspec import Struct

from terminal.model.forecast import Reliable
from terminal.pricing.rows import FloatArray

RIDGE: Final = 5.0
STEPS: Final = 30
FLAT: Final = 1e-12
"""Twice the rise of the likelihood still to come below which its maximum has been reached."""

LENGTHS: Final = tuple(0.5**each for each in range(20))
FARTHEST: Final = 30.0
"""Log odds beyond which a probability is none."""

EDGES: Final = (0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.10, 1.0)
"""Borders of the rows of a reliability table of rare events."""

Z95: Final = 1.959963984540054


class LogisticFit(Struct, frozen=True):
    """A fitted regression.

    Attributes
    ----------
    intercept : float
        Log odds at the means of the inputs.
    weights : tuple of float
        Log odds per standard deviation of each input.
    means, scales : tuple of float
        Of the inputs, as they were fitted.
    rows, events : int
        Observations, and how many of them were events.
    """

    intercept: float
    weights: tuple[float, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    rows: int
    events: int


def fit_logistic(
    table: FloatArray,
    happened: FloatArray,
    ridge: float = RIDGE,
    *,
    near: LogisticFit | None = None,
) -> LogisticFit:
    """Fit the log odds of an event.

    Parameters
    ----------
    table : ndarray (n, k)
        Inputs, finite.
    happened : ndarray (n,)
        1 where the event came, else 0.
    ridge : float
        Weight of half the squared standardised coefficients, > 0 unless the inputs are sure to be
        apart; the intercept is free.
    near : LogisticFit, optional
        Fit to most of the same rows, from which the search begins: it is found sooner.

    Raises
    ------
    ValueError
        No row, or nothing but events or none of them: there are no odds to fit then.

    Notes
    -----
    Newton's method with halved steps on the penalised likelihood, which is concave: Hastie,
    Tibshirani and Friedman (2009), 4.4.1. With a free intercept the mean probability of the sample
    is its frequency.
    """
    rows, events = happened.size, int(happened.sum())
    if not 0 < events < rows:
        raise ValueError(f"{events} events in {rows} rows: there must be some of both kinds")
    means, scales = table.mean(axis=0), table.std(axis=0)
    scales = np.where(scales > 0.0, scales, 1.0)
    inputs = np.column_stack((np.ones(rows), (table - means) / scales))
    penalty = np.append(0.0, np.full(table.shape[1], ridge))
    point = np.append(math.log(events / (rows - events)), np.zeros(table.shape[1]))
    if near is not None:
        point = np.append(near.intercept, near.weights)
    value, odds = _likelihood(inputs, happened, penalty, point)
    for _ in range(STEPS):
        chance = squashed(odds)
        slope = inputs.T @ (happened - chance) - penalty * point
        weight = chance * (1.0 - chance)
        curve = (inputs * weight[:, None]).T @ inputs + np.diag(penalty)
        step = np.linalg.lstsq(curve, slope, rcond=None)[0]
        climb = float(slope @ step)
        if climb < FLAT:
            break
        for length in LENGTHS:
            trial = point + length * step
            higher, its_odds = _likelihood(inputs, happened, penalty, trial)
            if higher >= value + 1e-4 * length * climb:
                break
        else:
            break
        point, value, odds = trial, higher, its_odds
    return LogisticFit(
        float(point[0]),
        tuple(point[1:].tolist()),
        tuple(means.tolist()),
        tuple(scales.tolist()),
        rows,
        events,
    )


def _likelihood(
    inputs: FloatArray, happened: FloatArray, penalty: FloatArray, point: FloatArray
) -> tuple[float, FloatArray]:
    """Penalised log likelihood at a point, and the log odds there."""
    odds = inputs @ point
    likelihood = float(happened @ odds - np.logaddexp(0.0, odds).sum())
    return likelihood - 0.5 * float(penalty @ np.square(point)), odds


def chances(fit: LogisticFit, table: FloatArray) -> FloatArray:
    """Probability of the event for each row of inputs; NaN where an input is unknown."""
    inputs = (table - np.array(fit.means)) / np.array(fit.scales)
    odds: FloatArray = fit.intercept + inputs @ np.array(fit.weights)
    return squashed(odds)


def squashed(odds: FloatArray) -> FloatArray:
    """Probability of log odds, which are cut at 30."""
    held = np.clip(odds, -FARTHEST, FARTHEST)
    return np.asarray(1.0 / (1.0 + np.exp(-held)))


def log_odds(chance: FloatArray) -> FloatArray:
    """Log odds of probabilities strictly between 0 and 1."""
    return np.asarray(np.log(chance) - np.log1p(-chance))


def reliability(
    said: FloatArray, happened: FloatArray, edges: Sequence[float] = EDGES
) -> tuple[Reliable, ...]:
    """How often the event came when it was given about so much probability.

    Parameters
    ----------
    said : ndarray (n,)
        Probabilities, NaN where none was given.
    happened : ndarray (n,)
        1 or 0, NaN where not known.
    edges : sequence of float
        Borders of the rows, rising from 0 to 1.

    Returns
    -------
    tuple of Reliable
        Rows in which something was said. The interval is Wilson's (1927) of 95 %; hours cluster, so
        it is a little narrow.
    """
    known = np.isfinite(said) & np.isfinite(happened)
    said, happened = said[known], happened[known]
    row = np.clip(np.searchsorted(edges, said, side="right") - 1, 0, len(edges) - 2)
    found = []
    for number in range(len(edges) - 1):
        inside = row == number
        count = int(inside.sum())
        if count:
            came = float(happened[inside].mean())
            low, high = wilson(came, count)
            mean = float(said[inside].mean())
            found.append(Reliable(edges[number], edges[number + 1], mean, came, count, low, high))
    return tuple(found)


def wilson(share: float, count: int, z: float = Z95) -> tuple[float, float]:
    """Wilson's interval of a share of `count` outcomes, which must be at least one."""
    weight = z * z / count
    middle = (share + 0.5 * weight) / (1.0 + weight)
    half = z * math.sqrt(share * (1.0 - share) / count + 0.25 * weight / count) / (1.0 + weight)
    return max(middle - half, 0.0), min(middle + half, 1.0)
