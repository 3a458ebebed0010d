"""Options sorted into expiries, so that one characteristic function serves many strikes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from terminal.pricing.rows import FloatArray

IntArray = npt.NDArray[np.int64]

# Less time than this, a thirtieth of a millisecond, counts as none: the option is expired.
SHORTEST: Final = 1e-12
# Expiries worked off in one pass, and strikes per expiry: both bound the memory of the pass.
GROUP: Final = 8
MOST_STRIKES: Final = 1024


class Slices(NamedTuple):
    """Strikes grouped by expiry.

    Attributes
    ----------
    years : ndarray (E,)
        Times to expiry, > 0.
    offsets : ndarray (E + 1,), int
        Strikes `offsets[e]:offsets[e + 1]` belong to expiry e.
    log_strike : ndarray (n,)
        ln(K / F).
    """

    years: FloatArray
    offsets: IntArray
    log_strike: FloatArray


def living_and_expired(rows: FloatArray) -> tuple[IntArray, IntArray]:
    """Sort out which options have a model price, and which only an intrinsic value.

    Parameters
    ----------
    rows : ndarray (4, n)
        Forward, strike, years, sign.

    Returns
    -------
    living, expired : ndarray, int
        Positions. An option in neither has a bad input.
    """
    forward, strike, years, sign = rows
    valid = np.isfinite(rows).all(axis=0) & (np.abs(sign) == 1.0)
    valid &= (forward > 0.0) & (strike > 0.0)
    late = years < SHORTEST
    return np.flatnonzero(valid & ~late), np.flatnonzero(valid & late)


def group(rows: FloatArray, chosen: IntArray) -> tuple[IntArray, Slices]:
    """Group options by expiry.

    Parameters
    ----------
    rows : ndarray (4, n)
        Forward, strike, years, sign.
    chosen : ndarray (m,), int
        The options wanted.

    Returns
    -------
    order : ndarray (m,), int
        `chosen` in the order of the slices.
    slices : Slices
        An expiry with more than `MOST_STRIKES` strikes appears several times.
    """
    order = chosen[np.argsort(rows[2, chosen], kind="stable")]
    forward, strike, years, _ = rows[:, order]
    fresh = np.ones(order.size, dtype=np.bool_)
    fresh[1:] = years[1:] != years[:-1]
    fresh[::MOST_STRIKES] = True
    starts = np.flatnonzero(fresh)
    return order, Slices(years[starts], np.append(starts, order.size), np.log(strike / forward))


def in_groups(work: Callable[[Slices], FloatArray], slices: Slices) -> FloatArray:
    """Apply work that needs memory for every expiry to a few expiries at a time.

    Parameters
    ----------
    work : callable
        From slices to an array whose last axis runs over their strikes.
    slices : Slices
        Any number of expiries; none gives an empty array.

    Returns
    -------
    ndarray (..., n)
        The results, joined.
    """
    if slices.years.size <= GROUP:
        return work(slices) if slices.years.size else np.empty(0)
    parts = []
    for first in range(0, slices.years.size, GROUP):
        offsets = slices.offsets[first : first + GROUP + 1]
        strikes = slices.log_strike[offsets[0] : offsets[-1]]
        years = slices.years[first : first + GROUP]
        parts.append(work(Slices(years, offsets - offsets[0], strikes)))
    return np.concatenate(parts, axis=-1)


def intrinsic(rows: FloatArray) -> FloatArray:
    """Value of exercising.

    Parameters
    ----------
    rows : ndarray (4, n)
        Forward, strike, years, sign.

    Returns
    -------
    ndarray (n,)
        USD, never negative.
    """
    forward, strike, _, sign = rows
    value: FloatArray = np.maximum(sign * (forward - strike), 0.0)
    return value
