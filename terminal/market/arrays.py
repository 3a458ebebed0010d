"""Numbers and instants from outside, checked before anything is computed from them."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from terminal.pricing.rows import FloatArray

InstantArray = npt.NDArray[np.int64]
MaskArray = npt.NDArray[np.bool_]
IndexArray = npt.NDArray[np.intp]

LARGEST: Final = 1e150
"""Numbers must be smaller, and prices larger than its inverse: ratios and squares stay finite."""


def numbers(name: str, values: npt.ArrayLike, dimensions: int = 1) -> FloatArray:
    """Float array of a series of numbers.

    Parameters
    ----------
    name : str
        What the series is, for the message.
    values : array_like
        Integers or floats; NaN and infinity pass, for the caller to judge.
    dimensions : int
        Number of axes it must have.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    TypeError
        Something else than numbers: strings, objects, booleans, instants, ragged rows.
    ValueError
        Another number of axes.
    """
    array = _plain(name, values)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be integers or floats, not {array.dtype}")
    if array.ndim != dimensions:
        raise ValueError(f"{name} must have {dimensions} axes, not {array.ndim}")
    return array.astype(np.float64)


def instants(name: str, values: npt.ArrayLike) -> InstantArray:
    """Array of instants (UtcNs) that never run backwards.

    Parameters
    ----------
    name : str
        What the instants are, for the message.
    values : array_like
        Whole nanoseconds since 1970 UTC, oldest first; equal neighbours are allowed.

    Returns
    -------
    ndarray of int64, one axis

    Raises
    ------
    TypeError
        Anything but integers: floats cannot hold nanoseconds of today exactly.
    ValueError
        Not one axis, or an instant before its predecessor.
    """
    array = _plain(name, values)
    if array.size == 0:
        array = array.astype(np.int64)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must be whole nanoseconds (int64), not {array.dtype}")
    if array.ndim != 1:
        raise ValueError(f"{name} must have 1 axis, not {array.ndim}")
    at: InstantArray = array.astype(np.int64)
    backwards = np.flatnonzero(at[1:] < at[:-1])
    if backwards.size:
        row = int(backwards[0]) + 1
        raise ValueError(f"{name} must be sorted, oldest first: row {row} is before row {row - 1}")
    return at


def whole(name: str, value: int, least: int = 1) -> int:
    """Whole number of at least `least`; ValueError or TypeError naming it otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be a whole number, not {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, not {value}")
    return int(value)


def within(name: str, value: float, low: float, high: float) -> float:
    """Number strictly between two bounds; ValueError or TypeError naming it otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise TypeError(f"{name} must be a number, not {value!r}")
    if not low < value < high:
        raise ValueError(f"{name} must lie between {low:g} and {high:g}, not {value!r}")
    return float(value)


def known(value: float) -> float | None:
    """Float of the value, None where it is NaN or infinite."""
    return float(value) if np.isfinite(value) else None


def _plain(name: str, values: npt.ArrayLike) -> npt.NDArray[np.generic]:
    try:
        return np.asarray(values)
    except ValueError as error:
        raise TypeError(f"{name} must be an array of numbers with rows of equal length") from error
