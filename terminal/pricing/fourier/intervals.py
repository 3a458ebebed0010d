"""Where the density of the log return lives, and how many frequencies describe it."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from terminal.pricing.fourier.characteristic import (
    expected_variance,
    log_characteristic,
    log_moment,
    riccati,
)
from terminal.pricing.fourier.models import Coefficients
from terminal.pricing.fourier.slices import IntArray
from terminal.pricing.rows import FloatArray

# What may be lost in each tail and beyond the last frequency, as a share of the forward.
TOLERANCE: Final = 1e-14
# Powers tried in the tail bound and frequencies probed, in units of one standard deviation.
POWERS: Final = np.geomspace(0.03, 12.0, 20)
FREQUENCIES: Final = np.geomspace(1.0, 1e5, 32)
# A tail that no power bounds ends here, in standard deviations.
FURTHEST: Final = 400.0
# More frequencies than this are never summed; see `intervals` for what is lost then.
MOST_NODES: Final = 1 << 16


class Intervals(NamedTuple):
    """One interval of the log return and one number of frequencies for each expiry.

    Attributes
    ----------
    lower, width : ndarray (E,)
        The interval is [lower, lower + width].
    counts : ndarray (E,), int
        Frequencies 0, pi / width, 2 pi / width and so on, so many of them.
    """

    lower: FloatArray
    width: FloatArray
    counts: IntArray


def intervals(
    c: Coefficients, years: FloatArray, tolerance: float = TOLERANCE, order: int = 0
) -> Intervals:
    """Choose the intervals and the numbers of frequencies.

    Parameters
    ----------
    c : Coefficients
        Any model.
    years : ndarray (E,)
        Times to expiry, > 0.
    tolerance : float
        What may be lost, as a share of the forward.
    order : int
        0 for prices, whose coefficients fall with the square of the frequency; 1 for Greeks.

    Returns
    -------
    Intervals
        One row per expiry.

    Notes
    -----
    Each end is the tightest Chernoff bound over a ladder of moments, P(X > b) <= E[e^(pX)] e^(-pb).
    The usual rule, so many standard deviations from the cumulants (Fang and Oosterlee 2008), knows
    nothing of the tail and needs doubling where 2 kappa theta < xi^2; the bound sees the tail
    itself and wastes no frequency. The last frequency is where the characteristic function has
    fallen below the tolerance, read from probes with its logarithm taken as linear in u^2, which
    errs on the safe side for every tail between exponential and normal. At `MOST_NODES`, reached
    only where variance all but vanishes or large jumps meet the last minute before expiry, the
    error of a price is of the order of |phi(u)| / u^2 at the last frequency u.
    """
    deviation = np.sqrt(expected_variance(c, years))
    power = POWERS / deviation[:, np.newaxis]
    column = years[:, np.newaxis]
    moments = log_moment(c, np.concatenate((-power, power), axis=1), column)
    reach = moments - math.log(tolerance)
    furthest = FURTHEST * deviation
    rungs = POWERS.size
    lower = np.fmin((reach[:, :rungs] / power).min(axis=1), furthest)
    upper = np.fmin((reach[:, rungs:] / power).min(axis=1), furthest)
    width = lower + upper
    last = _last_frequency(c, years, deviation, tolerance, order)
    counts = np.clip(np.ceil(last * width / math.pi) + 1.0, 8.0, MOST_NODES)
    return Intervals(-lower, width, counts.astype(np.int64))


def _last_frequency(
    c: Coefficients, years: FloatArray, deviation: FloatArray, tolerance: float, order: int
) -> FloatArray:
    """Frequency (E,) beyond which the characteristic function is below the tolerance."""
    probes = FREQUENCIES / deviation[:, np.newaxis]
    column = np.repeat(years, FREQUENCIES.size)
    still = c._replace(jump_rate=0.0)
    size = log_characteristic(still, riccati(still, probes.reshape(-1), column)).real
    excess = size.reshape(probes.shape) - math.log(tolerance)
    # Jumps of one size make waves that never settle; between them only their spread counts.
    if c.jump_rate > 0.0:
        spread = np.expm1(-0.5 * (c.jump_std * probes) ** 2)
        excess += c.jump_rate * years[:, np.newaxis] * spread
    if order == 0:
        excess -= np.log1p(probes)
    below = excess <= 0.0
    after = np.where(below.any(axis=1), below.argmax(axis=1), FREQUENCIES.size - 1)
    after = np.maximum(after, 1)
    row = np.arange(years.size)
    high, low = probes[row, after] ** 2, probes[row, after - 1] ** 2
    drop = excess[row, after - 1] - excess[row, after]
    share = excess[row, after - 1] / np.where(drop > 0.0, drop, 1.0)
    frequency: FloatArray = np.sqrt(low + np.clip(share, 0.0, 1.0) * (high - low))
    return frequency
