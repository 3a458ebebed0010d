"""The least of a small convex quadratic under linear inequalities."""

from __future__ import annotations

from typing import Final

import numpy as np

from terminal.pricing.rows import FloatArray

MAX_CHANGES: Final = 60
NO_PULL: Final = 1e-12
INFEASIBLE: Final = 1e-9
TINY: Final = 1e-300
# Where not all constraints can be met at once, this share of what is lacking is asked for.
SHARES: Final = (1.0, 0.5, 0.1, 0.0)


def least_step(
    hessian: FloatArray, gradient: FloatArray, rows: FloatArray, least: FloatArray
) -> tuple[FloatArray, float]:
    """Step that minimises step' H step / 2 + gradient' step where rows @ step >= least.

    Parameters
    ----------
    hessian : ndarray (n, n)
        Positive definite.
    gradient : ndarray (n,)
        Slope at the present point.
    rows, least : ndarray (m, n), (m,)
        Linear constraints; those with least > 0 are violated at present.

    Returns
    -------
    step : ndarray (n,)
        Zero violations where that is possible, else fewer, or as many as at present.
    pressure : float
        Sum of the constraints' multipliers.

    Notes
    -----
    Lawson and Hanson (1974), "Solving least squares problems", chapter 23: a change of variables
    makes it a least-distance problem, whose dual is least squares with non-negative weights.
    """
    inverse = np.linalg.inv(np.linalg.cholesky(hessian))
    free = inverse @ gradient
    reduced = rows @ inverse.T
    for share in SHARES:
        limit = np.where(least > 0.0, share * least, least) + reduced @ free
        size = np.sqrt((reduced * reduced).sum(axis=1) + limit * limit) + TINY
        weights, rest = _nonnegative_weights(np.vstack((reduced.T, limit)) / size)
        if rest[-1] > INFEASIBLE:
            multipliers = weights / (size * rest[-1])
            return inverse.T @ (reduced.T @ multipliers - free), float(multipliers.sum())
    return np.zeros_like(gradient), 0.0


def _nonnegative_weights(columns: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weights >= 0 whose sum of columns is nearest to the last unit vector, and what is left."""
    target = np.zeros(columns.shape[0])
    target[-1] = 1.0
    weights, rest = np.zeros(columns.shape[1]), target
    chosen: list[int] = []
    for _ in range(MAX_CHANGES):
        pull = columns.T @ rest
        pull[chosen] = -1.0
        entering = int(pull.argmax())
        if pull[entering] <= NO_PULL:
            break
        chosen.append(entering)
        solved = _solved(columns, chosen, target)
        while (solved <= 0.0).any():
            now = weights[chosen]
            falling = np.flatnonzero(solved <= 0.0)
            shares = now[falling] / np.maximum(now[falling] - solved[falling], TINY)
            share = float(shares.min())
            weights[chosen] = now + share * (solved - now)
            weights[chosen[int(falling[shares.argmin()])]] = 0.0
            chosen = [each for each in chosen if weights[each] > 0.0]
            solved = _solved(columns, chosen, target)
        weights = np.zeros_like(weights)
        weights[chosen] = solved
        rest = target - columns @ weights
    return weights, rest


def _solved(columns: FloatArray, chosen: list[int], target: FloatArray) -> FloatArray:
    """Least-squares weights of the chosen columns, of either sign."""
    return np.asarray(np.linalg.lstsq(columns[:, chosen], target, rcond=None)[0])
