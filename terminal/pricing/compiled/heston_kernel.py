"""Compiled twin of the Fourier-cosine prices: Heston, Merton and Bates puts and their gradients."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from terminal.pricing.compiled.angles import sine_cosine
from terminal.pricing.compiled.elementary import exponential, kernel, use_widest_vectors
from terminal.pricing.compiled.heston_exponent import (
    BLOCK,
    MODEL,
    PLACE,
    WORK_ROWS,
    ModelTuple,
    Place,
    add_jumps,
    exponents,
    exponents_and_slopes,
    log_moment,
)
from terminal.pricing.fourier.characteristic import expected_variance
from terminal.pricing.fourier.cosine import RATE_PLANNED
from terminal.pricing.fourier.intervals import FURTHEST, MOST_NODES, POWERS, TOLERANCE
from terminal.pricing.fourier.models import Coefficients
from terminal.pricing.fourier.slices import IntArray, Slices
from terminal.pricing.rows import FloatArray

# Strikes of an expiry are padded to whole vectors of so many.
LANES: Final = 8
# The rotation of each strike is computed afresh after so many frequencies.
RENEW: Final = 64
PLAIN_ROWS: Final = 1
ROWS_WITHOUT_JUMPS: Final = 6
ROWS: Final = 9

Expiries = tuple[FloatArray, FloatArray, IntArray, FloatArray]


def put_values(c: Coefficients, slices: Slices, tolerance: float = TOLERANCE) -> FloatArray:
    """Puts as a share of the forward.

    Parameters
    ----------
    c, slices, tolerance
        As in `terminal.pricing.fourier.cosine.put_values`.

    Returns
    -------
    ndarray (n,)
        Equal to those of the numpy twin to 1e-12.
    """
    values: FloatArray = _filled(PLAIN_ROWS, c, slices, tolerance)[0]
    return values


def put_gradients(
    c: Coefficients, slices: Slices, tolerance: float = TOLERANCE, *, jumps: bool = True
) -> FloatArray:
    """Puts and their derivatives by the coefficients, as a share of the forward.

    Parameters
    ----------
    c, slices, tolerance, jumps
        As in `terminal.pricing.fourier.cosine.put_gradients`.

    Returns
    -------
    ndarray (9, n) or (6, n)
        The put, then one row per coefficient.
    """
    return _filled(ROWS if jumps else ROWS_WITHOUT_JUMPS, c, slices, tolerance)


def _filled(rows: int, c: Coefficients, slices: Slices, tolerance: float) -> FloatArray:
    # The kernel is compiled for floats and writable columns, which these are for sure.
    model = Coefficients(*map(float, c))[:]
    years, strikes = np.array(slices.years), np.array(slices.log_strike)
    planned = c._replace(jump_rate=max(c.jump_rate, RATE_PLANNED)) if rows == ROWS else c
    deviation = np.sqrt(expected_variance(planned, years))
    values = np.empty((rows, strikes.size))
    expiries = years, deviation, np.array(slices.offsets), strikes
    # Pages of the table that no series reaches are never touched, so its size costs nothing.
    table = np.empty((rows, MOST_NODES))
    _surface(model, expiries, math.log(tolerance), table, values)
    return values


@kernel(f"float64({MODEL}, float64, float64, float64, float64)")
def _end(
    model: ModelTuple, years: float, deviation: float, side: float, log_tolerance: float
) -> float:
    """Distance of an end of the interval; `side` is +1 for the upper one."""
    best = math.inf
    for rung in POWERS:
        power = rung / deviation
        reach = (log_moment(model, side * power, years) - log_tolerance) / power
        # The bound falls to its least and rises from there, or the moment ceases to exist.
        if reach > best:
            break
        best = min(best, reach)
    return min(best, FURTHEST * deviation)


@kernel(f"void({PLACE}, float64[:, ::1], float64[:, ::1], int64)")
def _weigh(here: Place, work: FloatArray, table: FloatArray, first: int) -> None:
    """Turn exponents into weights of the series, less the sign and the sine's 1 / u."""
    use_widest_vectors()
    lower, start, step = here
    for index in range(BLOCK):
        u = start + index * step
        sine, cosine = sine_cosine(work[1, index] - u * lower)
        fall = exponential(work[0, index]) / (1.0 + u * u)
        work[0, index], work[1, index] = fall * cosine, fall * sine
        table[0, first + index] = fall * cosine
    for row in range(1, table.shape[0]):
        for index in range(BLOCK):
            real = work[0, index] * work[2 * row, index]
            table[row, first + index] = real - work[1, index] * work[2 * row + 1, index]


@kernel(f"int64({MODEL}, {PLACE}, float64, float64[:, ::1], float64[:, ::1])")
def _amplitudes(
    model: ModelTuple, here: Place, log_tolerance: float, work: FloatArray, table: FloatArray
) -> int:
    """Fill `table` (R, most nodes) with the weights of one expiry; return how many nodes."""
    years, lower, width = here
    rows, step = table.shape[0], math.pi / width
    for first in range(0, table.shape[1], BLOCK):
        place = (years, first * step, step)
        if rows == PLAIN_ROWS:
            exponents(model, place, work)
        else:
            exponents_and_slopes(model, place, work)
        last = (first + BLOCK - 1) * step
        # Between its waves the size of the jump part falls as that of a jump of mean zero.
        envelope = work[0, BLOCK - 1]
        envelope += model[5] * years * math.expm1(-0.5 * (model[7] * last) ** 2)
        if model[5] > 0.0 or rows > ROWS_WITHOUT_JUMPS:
            add_jumps(model, place, work)
        _weigh((lower, first * step, step), work, table, first)
        if envelope < log_tolerance + (math.log1p(last) if rows == PLAIN_ROWS else 0.0):
            return first + BLOCK
    return MOST_NODES


@kernel("void(float64[:, ::1], int64, float64[::1], float64[:, :, ::1])")
def _series(table: FloatArray, count: int, angle: FloatArray, total: FloatArray) -> None:
    """Sum into `total` (R, 4, m) for the rotation angles (m,) of the strikes of an expiry.

    The first two of the four are the sums, the last two of row 0 the rotations.
    """
    use_widest_vectors()
    rows, strikes = table.shape[0], angle.size
    turns = np.empty((2, strikes))
    for index in range(strikes):
        turns[1, index], turns[0, index] = sine_cosine(angle[index])
    for node in range(1, count):
        if (node - 1) % RENEW == 0:
            for index in range(strikes):
                sine, cosine = sine_cosine(node * angle[index])
                total[0, 2, index], total[0, 3, index] = cosine, sine
        for row in range(rows):
            weight = table[row, node]
            tilted = weight / node
            for index in range(strikes):
                total[row, 0, index] += weight * total[0, 2, index]
                total[row, 1, index] += tilted * total[0, 3, index]
        for index in range(strikes):
            cosine, sine = total[0, 2, index], total[0, 3, index]
            total[0, 2, index] = cosine * turns[0, index] - sine * turns[1, index]
            total[0, 3, index] = cosine * turns[1, index] + sine * turns[0, index]


@kernel("void(float64[:, ::1], int64, UniTuple(float64, 2), float64[::1], float64[:, :])")
def _sum_puts(
    table: FloatArray, count: int, ends: tuple[float, float], strikes: FloatArray, out: FloatArray
) -> None:
    """Fill `out` (R, m) for one expiry from the weights of its series."""
    lower, width = ends
    rows, size = out.shape
    padded = -(-size // LANES) * LANES
    angle, total = np.zeros(padded), np.zeros((rows, 4, padded))
    for index in range(size):
        inside = min(max(strikes[index] - lower, 0.0), width)
        angle[index] = inside * (math.pi / width)
    _series(table, count, angle, total)
    for row in range(rows):
        half = 0.5 * table[row, 0]
        constant = half
        for node in range(1, count):
            constant += table[row, node]
        constant *= math.exp(lower)
        for index in range(size):
            inside = angle[index] * (width / math.pi)
            wave = total[row, 1, index] * (width / math.pi) - total[row, 0, index]
            wave += half * (inside - 1.0)
            out[row, index] = 2.0 / width * (math.exp(lower + inside) * wave + constant)


@kernel(
    f"void({MODEL}, Tuple((float64[::1], float64[::1], int64[::1], float64[::1])), float64,"
    "float64[:, ::1], float64[:, ::1])"
)
def _surface(
    model: ModelTuple,
    expiries: Expiries,
    log_tolerance: float,
    table: FloatArray,
    out: FloatArray,
) -> None:
    """Fill `out` (R, n) for all expiries and hold the puts inside their bounds."""
    years, deviations, offsets, log_strike = expiries
    work = np.empty((WORK_ROWS, BLOCK))
    v0, kappa, theta, xi, rho, rate, mean, spread = model
    if out.shape[0] > ROWS_WITHOUT_JUMPS:
        rate = max(rate, RATE_PLANNED)
    planned = (v0, kappa, theta, xi, rho, rate, mean, spread)
    for expiry in range(years.size):
        time, deviation = years[expiry], deviations[expiry]
        lower = -_end(planned, time, deviation, -1.0, log_tolerance)
        width = _end(planned, time, deviation, 1.0, log_tolerance) - lower
        count = _amplitudes(model, (time, lower, width), log_tolerance, work, table)
        start, stop = offsets[expiry], offsets[expiry + 1]
        strikes = log_strike[start:stop]
        _sum_puts(table, count, (lower, width), strikes, out[:, start:stop])
    for index in range(log_strike.size):
        ratio = math.exp(log_strike[index])
        value = out[0, index]
        held = min(max(value, ratio - 1.0, 0.0), ratio)
        out[0, index] = held
        if value != held:
            out[1:, index] = 0.0
