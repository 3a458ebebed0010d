"""Arguments made ready for a compiled kernel: columns as they are, the rest copied."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from terminal.pricing.rows import FloatArray, flat_columns

FLOAT64: Final = np.dtype(np.float64)


def kernel_columns(
    names: tuple[str, ...], inputs: tuple[Any, ...]
) -> tuple[tuple[FloatArray, ...], tuple[int, ...]]:
    """Columns of equal length and the common shape of inputs.

    Parameters
    ----------
    names : tuple of str
        What the inputs are called in an error message.
    inputs : tuple of array_like
        Five numbers or arrays that broadcast against each other.

    Returns
    -------
    columns : tuple of ndarray (n,)
        Contiguous float64: the inputs themselves where they are that already.
    shape : tuple of int
        n is its product.

    Raises
    ------
    TypeError
        An input holds anything but real numbers, such as objects or strings.
    ValueError
        The shapes do not broadcast.
    """
    if are_columns(inputs):
        return inputs, inputs[0].shape
    columns, shape = flat_columns(**dict(zip(names, inputs, strict=True)))
    return tuple(np.array(column) for column in columns), shape


def are_columns(inputs: tuple[Any, ...]) -> bool:
    """Whether kernels can read all five inputs as they are; of equal shape (n,)."""
    first, second, third, fourth, fifth = inputs  # a loop takes twice as long, and counts
    return (
        type(first) is type(second) is type(third) is type(fourth) is type(fifth) is np.ndarray
        and first.dtype is second.dtype is third.dtype is fourth.dtype is fifth.dtype is FLOAT64
        and first.shape == second.shape == third.shape == fourth.shape == fifth.shape
        and len(first.shape) == 1
        # carray: contiguous, aligned and writeable. numba takes read-only arrays for another type.
        and first.flags.carray
        and second.flags.carray
        and third.flags.carray
        and fourth.flags.carray
        and fifth.flags.carray
    )
