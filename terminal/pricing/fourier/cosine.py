"""European options by a Fourier-cosine expansion: whole surfaces at once."""

from __future__ import annotations

import math
from typing import Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from terminal.pricing.fourier.characteristic import (
    ComplexArray,
    log_characteristic,
    log_gradient,
    riccati,
)
from terminal.pricing.fourier.intervals import TOLERANCE, Intervals, intervals
from terminal.pricing.fourier.models import Coefficients, Model, coefficients
from terminal.pricing.fourier.slices import (
    IntArray,
    Slices,
    group,
    in_groups,
    intrinsic,
    living_and_expired,
)
from terminal.pricing.rows import FloatArray, broadcast_rows

# Powers of a rotation are built as 16 small steps times as many large ones.
STEP: Final = 16
# Derivatives by the parameters of jumps make room for at least so many of them a year.
RATE_PLANNED: Final = 1e-3


class PutKernel(Protocol):
    """Anything that prices puts as `put_values` does."""

    def __call__(self, c: Coefficients, slices: Slices) -> FloatArray:
        """Puts (n,), as a share of the forward."""


class Expansion(NamedTuple):
    """Everything a cosine series needs besides its amplitudes.

    Attributes
    ----------
    interval : Intervals
        One per expiry.
    nodes, years : ndarray (N,)
        Frequency and time to expiry, expiry after expiry.
    spread : ndarray (E, most nodes), bool
        Where the N values go in a rectangle.
    turn : ndarray (N,), complex
        exp(-iua), which moves the origin to the lower end of the interval.
    log_strike : ndarray (E, most strikes)
        Held inside the interval; short rows are padded.
    inside : tuple of ndarray (n,), int
        Row and column of each strike.
    """

    interval: Intervals
    nodes: FloatArray
    years: FloatArray
    spread: npt.NDArray[np.bool_]
    turn: ComplexArray
    log_strike: FloatArray
    inside: tuple[IntArray, IntArray]


def expansion(slices: Slices, interval: Intervals) -> Expansion:
    """Lay out frequencies and strikes.

    Parameters
    ----------
    slices : Slices
        What is to be priced.
    interval : Intervals
        One per expiry of `slices`.

    Returns
    -------
    Expansion
        Ready for `sums`.
    """
    longest = -(-int(interval.counts.max()) // STEP) * STEP
    order = np.arange(longest)
    spread = order < interval.counts[:, np.newaxis]
    frequency = (math.pi / interval.width)[:, np.newaxis] * order
    nodes = frequency[spread]
    shift = np.repeat(interval.lower, interval.counts)
    expiries = np.arange(slices.years.size)
    sizes = np.diff(slices.offsets)
    row = np.repeat(expiries, sizes)
    column = np.arange(slices.log_strike.size) - slices.offsets[row]
    strikes = np.repeat(interval.lower[:, np.newaxis], int(sizes.max()), axis=1)
    strikes[row, column] = slices.log_strike
    upper = (interval.lower + interval.width)[:, np.newaxis]
    strikes = np.clip(strikes, interval.lower[:, np.newaxis], upper)
    return Expansion(
        interval=interval,
        nodes=nodes,
        years=np.repeat(slices.years, interval.counts),
        spread=spread,
        turn=np.exp(-1j * nodes * shift),
        log_strike=strikes,
        inside=(row, column),
    )


def sums(grid: Expansion, weights: ComplexArray) -> FloatArray:
    """Sum Re(weight_k exp(i u_k (x - a))) over the frequencies for each strike x.

    Parameters
    ----------
    grid : Expansion
        Frequencies and strikes.
    weights : ndarray (R, N), complex
        R series with the same frequencies.

    Returns
    -------
    ndarray (R, E, most strikes)
        The sums.

    Notes
    -----
    A strike is one rotation z = exp(i pi (x - a) / width), its series a polynomial in z: 16 low
    powers meet all coefficients in one matrix product, the powers of z^16 do the rest.
    """
    series, (expiries, longest) = weights.shape[0], grid.spread.shape
    padded = np.zeros((expiries, series, longest), dtype=np.complex128)
    padded.transpose(0, 2, 1)[grid.spread] = weights.T
    blocks = padded.reshape(expiries, series * (longest // STEP), STEP).transpose(0, 2, 1)
    lower, width = grid.interval.lower, grid.interval.width
    angle = (grid.log_strike - lower[:, np.newaxis]) * (math.pi / width)[:, np.newaxis]
    partial = powers(np.exp(1j * angle), STEP) @ blocks
    large = powers(np.exp(1j * STEP * angle), longest // STEP)
    partial = partial.reshape(*angle.shape, series, -1)
    total: FloatArray = np.einsum("emrg,emg->rem", partial.real, large.real)
    total -= np.einsum("emrg,emg->rem", partial.imag, large.imag)
    return total


def powers(z: ComplexArray, count: int) -> ComplexArray:
    """First powers of each number.

    Parameters
    ----------
    z : ndarray (...), complex
        Any numbers.
    count : int
        How many, at least 1.

    Returns
    -------
    ndarray (..., count), complex
        1, z, z^2 and so on; by doubling, so that errors grow with the logarithm of the power.
    """
    result = np.ones((*z.shape, count), dtype=np.complex128)
    done, step = 1, z[..., np.newaxis]
    while done < count:
        more = min(done, count - done)
        np.multiply(result[..., :more], step, result[..., done : done + more])
        done += more
        step = step * step
    return result


def put_series(grid: Expansion, density: ComplexArray) -> FloatArray:
    """Puts under a density given by its Fourier transform, as a share of the forward.

    Parameters
    ----------
    grid : Expansion
        Frequencies and strikes.
    density : ndarray (R, N), complex
        Transform of R densities, or of derivatives of one, at the nodes.

    Returns
    -------
    ndarray (R, E, most strikes)
        The integral of (K - e^x)^+ times the density over the interval.

    Notes
    -----
    Fang and Oosterlee (2008). The interval belongs to the return and not to the strike, so one
    characteristic function serves all strikes of an expiry; with t = u (ln K - a) the coefficient
    is K (sin(t) / u - cos(t)) / (1 + u^2) + e^a / (1 + u^2).
    """
    amplitude = (density * grid.turn).real
    fall = amplitude / (1.0 + grid.nodes * grid.nodes)
    first = grid.nodes == 0.0
    inverse = 1.0 / np.where(first, 1.0, grid.nodes)
    inverse[first] = 0.0
    fall[:, first] *= 0.5
    turned = sums(grid, -fall * (1.0 + 1j * inverse))
    ends = np.flatnonzero(first)
    constant = np.add.reduceat(fall, ends, axis=1)[:, :, np.newaxis]
    lower = grid.interval.lower[:, np.newaxis]
    turned += fall[:, ends][:, :, np.newaxis] * (grid.log_strike - lower)
    scale = (2.0 / grid.interval.width)[:, np.newaxis]
    values: FloatArray = scale * (np.exp(grid.log_strike) * turned + np.exp(lower) * constant)
    return values


def put_values(c: Coefficients, slices: Slices, tolerance: float = TOLERANCE) -> FloatArray:
    """Puts as a share of the forward.

    Parameters
    ----------
    c : Coefficients
        Any model.
    slices : Slices
        What is to be priced.
    tolerance : float
        What may be lost, as a share of the forward.

    Returns
    -------
    ndarray (n,)
        Between max(K / F - 1, 0) and K / F.
    """
    grid = expansion(slices, intervals(c, slices.years, tolerance))
    density = np.exp(log_characteristic(c, riccati(c, grid.nodes, grid.years)))
    return held(put_series(grid, density[np.newaxis])[0][grid.inside], slices)


def put_gradients(
    c: Coefficients, slices: Slices, tolerance: float = TOLERANCE, *, jumps: bool = True
) -> FloatArray:
    """Puts and their derivatives by all coefficients, as a share of the forward.

    Parameters
    ----------
    c, slices, tolerance
        As in `put_values`.
    jumps : bool
        Whether the derivatives by the parameters of the jumps are wanted.

    Returns
    -------
    ndarray (9, n) or (6, n)
        The put, then one row per field of `Coefficients`, or per field before the jumps.
    """
    # Where there are no jumps yet, the first of them still needs its room.
    planned = c._replace(jump_rate=max(c.jump_rate, RATE_PLANNED)) if jumps else c
    grid = expansion(slices, intervals(planned, slices.years, tolerance, 1))
    solution = riccati(c, grid.nodes, grid.years)
    density = np.exp(log_characteristic(c, solution))
    rows = np.concatenate((density[np.newaxis], density * log_gradient(c, solution, jumps=jumps)))
    values = put_series(grid, rows)[:, *grid.inside]
    puts = held(values[0], slices)
    values[1:, puts != values[0]] = 0.0
    values[0] = puts
    return values


def held(puts: FloatArray, slices: Slices) -> FloatArray:
    """Puts held between intrinsic value and strike, beyond which rounding may carry them.

    Parameters
    ----------
    puts : ndarray (n,)
        As a share of the forward.
    slices : Slices
        Their strikes.

    Returns
    -------
    ndarray (n,)
        Between max(K / F - 1, 0) and K / F.
    """
    ratio = np.exp(slices.log_strike)
    inside: FloatArray = np.clip(puts, np.maximum(ratio - 1.0, 0.0), ratio)
    return inside


def price(
    model: Model,
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    sign: npt.ArrayLike,
    *,
    kernel: PutKernel = put_values,
) -> FloatArray:
    """Undiscounted price of European options on a forward.

    Parameters
    ----------
    model : Heston, Merton or Bates
        Parameters of the forward's dynamics.
    forward, strike : array_like
        USD, > 0.
    years : array_like
        Time to expiry, ACT/365; below `SHORTEST` the option is expired.
    sign : array_like
        +1 call, -1 put.
    kernel : PutKernel, optional
        What prices the puts; the compiled twin, if wanted.

    Returns
    -------
    ndarray
        USD, of the common shape. Intrinsic value when expired, NaN where an input is NaN, infinite,
        not positive (years aside) or not a sign.

    Raises
    ------
    ValueError
        The shapes do not broadcast, or an input is not a number.

    Notes
    -----
    Puts by the expansion, calls by parity, both held at or above their intrinsic value. Against
    published values and 30-digit integration: tests/unit/pricing/fourier/test_known_prices.py.
    """
    rows, shape = broadcast_rows(forward, strike, years, sign)
    result = np.full(rows.shape[1], np.nan)
    with np.errstate(all="ignore"):
        living, expired = living_and_expired(rows)
        result[expired] = intrinsic(rows[:, expired])
        chosen, slices = group(rows, living)
        puts = in_groups(lambda part: kernel(coefficients(model), part), slices)
        spot, _, _, side = rows[:, chosen]
        calls = np.maximum(puts - np.expm1(slices.log_strike), 0.0)
        result[chosen] = spot * np.where(side > 0.0, calls, puts)
    return result.reshape(shape)


def price_on_spot(
    model: Model,
    spot: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    sign: npt.ArrayLike,
    *,
    rate: npt.ArrayLike,
    dividend_yield: npt.ArrayLike = 0.0,
    kernel: PutKernel = put_values,
) -> FloatArray:
    """Discounted price of European options on a spot.

    Parameters
    ----------
    model, spot, strike, years, sign, kernel
        As in `price`, with the spot in place of the forward.
    rate, dividend_yield : array_like
        Continuous, per year; the forward is spot e^((rate - dividend_yield) years).

    Returns
    -------
    ndarray
        USD now, of the common shape; limits and bad inputs as in `price`.

    Raises
    ------
    ValueError
        As in `price`.
    """
    rows, shape = broadcast_rows(spot, strike, years, sign, rate, dividend_yield)
    level, barrier, time, side, interest, carry = rows
    with np.errstate(all="ignore"):
        left = np.maximum(time, 0.0)
        forward = level * np.exp((interest - carry) * left)
        undiscounted = price(model, forward, barrier, time, side, kernel=kernel)
        discounted: FloatArray = undiscounted * np.exp(-interest * left)
    return discounted.reshape(shape)
