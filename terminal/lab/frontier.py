"""Cost of a policy at a given risk, read off its settings."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from terminal.pricing.rows import FloatArray


class Frontier(NamedTuple):
    """Risk and cost of a policy's settings, from the tightest to the widest.

    Attributes
    ----------
    risk : ndarray (..., k)
        Standard deviation, USD, never falling.
    cost : ndarray (..., k)
        Mean cost of a window, USD, > 0.
    """

    risk: FloatArray
    cost: FloatArray


CENT: Final = 0.01
"""Least cost, USD: a setting that never traded in a sample has a cost to divide by."""


def frontier(deviations: FloatArray, costs: FloatArray) -> Frontier:
    """Frontier of measured standard deviations and mean costs, settings along the last axis.

    Notes
    -----
    A wider setting carries no less risk; where the sample says otherwise the settings concerned
    share their mean (isotonic least squares).
    """
    return Frontier(isotonic(deviations), np.maximum(costs, CENT))


def isotonic(values: FloatArray) -> FloatArray:
    """Nearest non-falling numbers along the last axis, by least squares.

    Parameters
    ----------
    values : ndarray (..., k)

    Returns
    -------
    ndarray
        Same shape.

    Notes
    -----
    The minimax formula of Barlow et al. (1972): the i-th is the greatest over j <= i of the least
    over l >= i of the mean of the j-th to the l-th.
    """
    count = values.shape[-1]
    total = np.concatenate((np.zeros_like(values[..., :1]), np.cumsum(values, axis=-1)), axis=-1)
    sums = total[..., None, 1:] - total[..., :-1, None]  # [j, l]: of the j-th to the l-th
    length = np.arange(count)[None, :] - np.arange(count)[:, None] + 1
    means = np.where(length > 0, sums / np.maximum(length, 1), np.inf)
    least = np.minimum.accumulate(means[..., ::-1], axis=-1)[..., ::-1]
    least = np.where(length > 0, least, -np.inf)
    greatest = np.maximum.accumulate(least, axis=-2)
    return np.asarray(np.diagonal(greatest, axis1=-2, axis2=-1))


def cost_at(curve: Frontier, risk: FloatArray) -> FloatArray:
    """Cost of running a risk: of the widest setting within it, and on towards the next.

    Parameters
    ----------
    curve : Frontier
        (..., k).
    risk : ndarray (...)
        USD.

    Returns
    -------
    ndarray
        USD, interpolated geometrically. Outside the settings tried it is the cost of the outermost
        one: too low where even the tightest carries more risk, which `reaches` tells.
    """
    place = position(curve, risk)
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, curve.cost.shape[-1] - 1)
    logs = np.log(curve.cost)
    low = np.take_along_axis(logs, below[..., None], -1)[..., 0]
    high = np.take_along_axis(logs, above[..., None], -1)[..., 0]
    return np.asarray(np.exp(low + (place - below) * (high - low)))


def position(curve: Frontier, risk: FloatArray) -> FloatArray:
    """Fractional index of the setting that carries a risk, (...), within the settings tried."""
    last = curve.risk.shape[-1] - 1
    within = np.count_nonzero(curve.risk <= risk[..., None], axis=-1) - 1
    below = np.clip(within, 0, last)
    above = np.minimum(below + 1, last)
    low = np.take_along_axis(curve.risk, below[..., None], -1)[..., 0]
    high = np.take_along_axis(curve.risk, above[..., None], -1)[..., 0]
    room = np.where(high > low, high - low, np.inf)  # beyond the last there is nowhere to go on to
    return np.asarray(below + np.maximum((risk - low) / room, 0.0))


def reaches(curve: Frontier, risk: FloatArray) -> FloatArray:
    """Whether the settings tried carry this risk: 1, or 0 where all carry more, or all less."""
    inside = (curve.risk[..., 0] <= risk) & (risk <= curve.risk[..., -1])
    return inside.astype(np.float64)
