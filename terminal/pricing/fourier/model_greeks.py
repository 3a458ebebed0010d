"""Greeks under Heston, Merton and Bates, by differentiating the cosine expansion."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from terminal.pricing.fourier.characteristic import (
    ComplexArray,
    Riccati,
    log_characteristic,
    log_time_derivative,
    riccati,
)
from terminal.pricing.fourier.cosine import (
    Expansion,
    expansion,
    held,
    put_gradients,
    put_series,
    sums,
)
from terminal.pricing.fourier.intervals import TOLERANCE, intervals
from terminal.pricing.fourier.models import (
    Coefficients,
    Merton,
    Model,
    coefficients,
    in_own_parameters,
)
from terminal.pricing.fourier.slices import (
    Slices,
    group,
    in_groups,
    intrinsic,
    living_and_expired,
)
from terminal.pricing.rows import FloatArray, broadcast_rows

PRICE, DELTA, GAMMA, VEGA_VARIANCE, THETA = range(5)
FIELDS: Final = 5


class ModelGreeks(NamedTuple):
    """Price and Greeks of one unit, undiscounted, in the currency of the forward (USD).

    Attributes
    ----------
    price : ndarray
        USD.
    delta : ndarray
        dP/dF with the variance held where it is (the sticky-moneyness delta).
    gamma : ndarray
        d2P/dF2, per USD.
    vega_variance : ndarray
        dP/dv0, USD per 1.00 of variance; for Merton by the square of the volatility.
    vega : ndarray
        dP/d sqrt(v0), USD per 1.00 of volatility.
    theta : ndarray
        -dP/dT, USD per year of 365 days, the variance held at v0.
    """

    price: FloatArray
    delta: FloatArray
    gamma: FloatArray
    vega_variance: FloatArray
    vega: FloatArray
    theta: FloatArray


def greeks(
    model: Model,
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    sign: npt.ArrayLike,
) -> ModelGreeks:
    """Price and Greeks of European options on a forward.

    Parameters
    ----------
    model, forward, strike, years, sign
        As in `terminal.pricing.fourier.cosine.price`.

    Returns
    -------
    ModelGreeks
        Arrays of the common shape. An expired option has its intrinsic value, a delta of 0 or
        `sign` (half of it at the strike) and nothing else; a bad input makes every field NaN.

    Raises
    ------
    ValueError
        The shapes do not broadcast, or an input is not a number.

    Notes
    -----
    The price is F p(ln K/F), so delta is (P - K dP/dK) / F and gamma K^2 / F^2 times the density:
    both are cosine series of the same amplitudes. Variance and time multiply the amplitudes by the
    derivative of their exponent. Against finite differences: test_model_greeks.py.
    """
    rows, shape = broadcast_rows(forward, strike, years, sign)
    result = np.full((FIELDS, rows.shape[1]), np.nan)
    with np.errstate(all="ignore"):
        living, expired = living_and_expired(rows)
        late = rows[:, expired]
        result[:, expired] = 0.0
        result[PRICE, expired] = intrinsic(late)
        result[DELTA, expired] = late[3] * np.heaviside(late[3] * (late[0] - late[1]), 0.5)
        chosen, slices = group(rows, living)
        if chosen.size:
            puts = in_groups(lambda part: _put_greeks(model, part), slices)
            result[:, chosen] = _scaled(puts, slices, rows[0, chosen], rows[3, chosen])
    fields = result.reshape(FIELDS, *shape)
    vega = 2.0 * np.sqrt(coefficients(model).v0) * fields[VEGA_VARIANCE]
    value, delta, gamma, by_variance, theta = fields
    return ModelGreeks(value, delta, gamma, by_variance, vega, theta)


def parameter_sensitivities(
    model: Model,
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
) -> FloatArray:
    """Derivatives of the undiscounted price by the model's parameters, equal for calls and puts.

    Parameters
    ----------
    model, forward, strike, years
        As in `terminal.pricing.fourier.cosine.price`.

    Returns
    -------
    ndarray (fields of the model, ...)
        USD per unit of each parameter, in the order of the fields; 0 when expired, NaN where an
        input is bad.

    Raises
    ------
    ValueError
        The shapes do not broadcast, or an input is not a number.
    """
    rows, shape = broadcast_rows(forward, strike, years, 1.0)
    fields = len(model.__struct_fields__)
    result = np.full((fields, rows.shape[1]), np.nan)
    with np.errstate(all="ignore"):
        living, expired = living_and_expired(rows)
        result[:, expired] = 0.0
        chosen, slices = group(rows, living)
        if chosen.size:
            c = coefficients(model)
            gradient = in_groups(lambda part: put_gradients(c, part), slices)[1:]
            result[:, chosen] = rows[0, chosen] * in_own_parameters(model, gradient)
    return result.reshape(fields, *shape)


def _put_greeks(model: Model, slices: Slices) -> FloatArray:
    """Rows (5, n) of puts as a share of the forward; gamma per squared share."""
    c = coefficients(model)
    grid = expansion(slices, intervals(c, slices.years, TOLERANCE, 1))
    solution = riccati(c, grid.nodes, grid.years)
    density = np.exp(log_characteristic(c, solution))
    by_variance = density * _by_variance(model, c, solution)
    by_time = density * log_time_derivative(c, solution)
    put, vega, bleed = put_series(grid, np.stack((density, by_variance, by_time)))
    below, height = distribution(grid, density)
    ratio = np.exp(slices.log_strike)
    inside = grid.inside
    value = held(put[inside], slices)
    delta = np.clip(value - ratio * below[inside], -1.0, 0.0)
    gamma = np.maximum(ratio * height[inside], 0.0)
    return np.stack((value, delta, gamma, vega[inside], -bleed[inside]))


def distribution(grid: Expansion, density: ComplexArray) -> tuple[FloatArray, FloatArray]:
    """Distribution function and density of the log return at the strikes.

    Parameters
    ----------
    grid : Expansion
        Frequencies and strikes.
    density : ndarray (N,), complex
        Characteristic function at the nodes.

    Returns
    -------
    below, height : ndarray (E, most strikes)
        Probability of a return below the strike, and its density there.
    """
    amplitude = (density * grid.turn).real
    first = grid.nodes == 0.0
    waves = -1j * amplitude / np.where(first, 1.0, grid.nodes)
    waves[first] = 0.0
    below, height = sums(grid, np.stack((waves, np.where(first, 0.5, 1.0) * amplitude)))
    below += 0.5 * (grid.log_strike - grid.interval.lower[:, np.newaxis])
    scale = (2.0 / grid.interval.width)[:, np.newaxis]
    return scale * below, scale * height


def _by_variance(model: Model, c: Coefficients, solution: Riccati) -> ComplexArray:
    """Derivative of the exponent by the variance of today, which is Merton's variance for ever."""
    if isinstance(model, Merton):
        return solution.level + c.kappa * solution.integral
    return solution.level


def _scaled(puts: FloatArray, slices: Slices, forward: FloatArray, sign: FloatArray) -> FloatArray:
    """Calls by parity, and everything in USD."""
    call = sign > 0.0
    scaled = puts * forward
    scaled[PRICE] = forward * np.where(
        call, np.maximum(puts[PRICE] - np.expm1(slices.log_strike), 0.0), puts[PRICE]
    )
    scaled[DELTA] = puts[DELTA] + call
    scaled[GAMMA] = puts[GAMMA] / forward
    return scaled
