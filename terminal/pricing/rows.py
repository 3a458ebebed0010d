"""Inputs made ready for arithmetic: broadcast into rows, or checked and masked with NaN."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

# The one object numpy has for native doubles: an identity test is enough to know them.
FLOAT64: Final = np.dtype(np.float64)


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


def flat_columns(
    **inputs: npt.ArrayLike,
) -> tuple[tuple[FloatArray, ...], tuple[int, ...]]:
    """Inputs as one-dimensional arrays of equal length, copied only where that is unavoidable.

    Parameters
    ----------
    **inputs : array_like
        Numbers or arrays of real numbers that broadcast against each other, by argument name.

    Returns
    -------
    columns : tuple of ndarray (n,)
        In the order given; read only them, a column may be a view of the caller's array.
    shape : tuple of int
        The common shape; n is its product.

    Raises
    ------
    TypeError
        An input holds something else than real numbers: strings, objects, booleans.
    ValueError
        The shapes do not broadcast, or an input is a ragged list.
    """
    ready = _flat_already(tuple(inputs.values()))
    if ready:
        return ready, ready[0].shape
    arrays = [_real_array(name, value) for name, value in inputs.items()]
    shape = arrays[0].shape
    if all(array.shape == shape for array in arrays):
        return tuple(array.reshape(-1) for array in arrays), shape
    try:
        shape = np.broadcast(*arrays).shape
    except ValueError:
        found = ", ".join(
            f"{name} {array.shape}" for name, array in zip(inputs, arrays, strict=True)
        )
        raise ValueError(f"shapes do not broadcast: {found}; make them equal or 1") from None
    return tuple(_flat(array, shape) for array in arrays), shape


def _flat_already(values: tuple[npt.ArrayLike, ...]) -> tuple[FloatArray, ...]:
    """The values where each is a one-dimensional float64 array of one length, else nothing."""
    size, ready = -1, list[FloatArray]()
    for value in values:
        if type(value) is not np.ndarray or value.dtype is not FLOAT64 or value.ndim != 1:
            return ()
        if value.size != size and ready:
            return ()
        size = value.size
        ready.append(value)
    return tuple(ready)


def _real_array(name: str, value: npt.ArrayLike) -> FloatArray:
    """The value as float64, or an error that names the argument."""
    try:
        array = np.asarray(value)
    except ValueError as problem:
        raise ValueError(f"{name} is no rectangular array: {problem}") from None
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must hold real numbers, not {array.dtype}; convert it to float")
    return array.astype(np.float64, copy=False)


def _flat(array: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """One-dimensional view or copy of the array broadcast to the shape."""
    if array.shape == shape:
        return array.reshape(-1)
    if array.size == 1:
        # A view without stride; np.broadcast_to does the same in eight times the time.
        return np.ndarray((math.prod(shape),), np.float64, array, strides=(0,))
    return np.broadcast_to(array, shape).reshape(-1)


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
