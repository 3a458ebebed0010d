"""Paths of a variance that reverts, a step at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numba import njit

from terminal.pricing.rows import FloatArray

SPLIT: Final = 1.5
"""As `terminal.lab.world_paths.SPLIT`."""


def _compiled(function: Callable[..., None]) -> Callable[..., None]:
    made: Callable[..., None] = njit(
        ["void(UniTuple(f8, 5), f8[:, ::1], f8[:, ::1], f8[:, ::1], f8[:, ::1])"],
        cache=True,
        nogil=True,
        error_model="numpy",
    )(function)
    return made


@_compiled
def _fill(
    terms: tuple[float, float, float, float, float],
    normal: FloatArray,
    even: FloatArray,
    variance: FloatArray,
    worth: FloatArray,
) -> None:
    home, stays, swing, floor, tilt = terms
    variance[0] = home
    for i in range(normal.shape[0]):
        for j in range(normal.shape[1]):
            now = variance[i, j]
            mean = home + (now - home) * stays
            ratio = (now * swing + floor) / (mean * mean)
            if ratio <= SPLIT:
                near = 2.0 / ratio
                square = near - 1.0 + math.sqrt(near * (near - 1.0))
                scale = mean / (1.0 + square)
                room = 1.0 - 2.0 * tilt * scale
                variance[i + 1, j] = scale * (math.sqrt(square) + normal[i, j]) ** 2
                worth[i, j] = tilt * square * scale / room - 0.5 * math.log(room)
            else:
                zero = (ratio - 1.0) / (ratio + 1.0)
                rate = (1.0 - zero) / mean
                beyond = max((1.0 - zero) / (1.0 - even[i, j]), 1.0)
                variance[i + 1, j] = math.log(beyond) / rate
                worth[i, j] = math.log(zero + rate * (1.0 - zero) / (rate - tilt))


def stepped(
    terms: tuple[float, float, float, float, float], normal: FloatArray, even: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Paths of the variance, and the logarithm of E[exp(tilt v')] of each step.

    Parameters
    ----------
    terms : tuple of float
        As `terminal.lab.world_paths.VarianceTerms`.
    normal, even : ndarray (n, b)
        Standard normals, and numbers of [0, 1).

    Returns
    -------
    tuple of ndarray
        (n + 1, b) and (n, b), as `terminal.lab.world_paths.stepped`.
    """
    variance, worth = np.empty((normal.shape[0] + 1, normal.shape[1])), np.empty(normal.shape)
    _fill(tuple(terms), normal, even, variance, worth)
    return variance, worth
