"""Numbers that callers give, refused by name when they are none."""

from __future__ import annotations

from math import inf, isfinite

import numpy as np
import numpy.typing as npt

from terminal.pricing.rows import FloatArray


def checked(name: str, value: object, *, least: float = -inf, above: float = -inf) -> float:
    """Return a finite number inside its bounds.

    Raises
    ------
    TypeError
        It is no number.
    ValueError
        It is NaN or infinite, less than ``least``, or not greater than ``above``.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | np.floating):
        raise TypeError(f"{name} is {value!r}: give a number")
    number = float(value)
    if not (isfinite(number) and number >= least and number > above):
        bound = f" > {above:g}" if above > -inf else f" >= {least:g}" if least > -inf else ""
        raise ValueError(f"{name} is {number!r}: give a finite number{bound}")
    return number


def numbers(name: str, values: npt.ArrayLike) -> FloatArray:
    """Copy of finite numbers as an array; TypeError or ValueError where they are not."""
    array = np.asarray(values)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name}: give numbers, not {array.dtype}")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError(f"{name}: every number must be finite")
    return array
