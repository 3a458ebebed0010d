"""Inputs made ready for arithmetic: broadcast into rows, or checked and masked with NaN."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def broadcast_rows(*inputs: npt.ArrayLike) -> tuple[FloatArray, tuple[int, ...]]:
    """Copy inputs into rows of equal length.

    Parameters
    ----------
    *inputs : array_like
        Numbers or arrays that broadcast against each other.

    Returns
    -------
    rows : ndarray (len(inputs), n)
        Contiguous float64 copy, one row per input, in the order given.
    shape : tuple of int
        The common shape; n is its product.

    Raises
    ------
    ValueError
        The shapes do not broadcast.
    """
    shape = np.broadcast(*inputs).shape
    rows = np.empty((len(inputs), *shape))
    for row, values in enumerate(inputs):
        rows[row] = values
    return rows.reshape(len(inputs), -1), shape


def positive_or_nan(value: npt.ArrayLike) -> FloatArray:
    """Array of the value, NaN where it is not positive and finite.

    Parameters
    ----------
    value : array_like
        Any numbers.

    Returns
    -------
    ndarray
        Same shape; the mask then spreads through whatever is computed from it.
    """
    array = np.asarray(value, dtype=np.float64)
    return np.where((array > 0.0) & (array < np.inf), array, np.nan)


def at_least_zero_or_nan(value: npt.ArrayLike) -> FloatArray:
    """Array of the value, NaN where it is negative or not finite.

    Parameters
    ----------
    value : array_like
        Any numbers.

    Returns
    -------
    ndarray
        Same shape.
    """
    array = np.asarray(value, dtype=np.float64)
    return np.where((array >= 0.0) & (array < np.inf), array, np.nan)
