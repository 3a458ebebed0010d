"""Characteristic functions of the log return, their derivatives and their real moments."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from terminal.pricing.fourier.models import Coefficients, jump_drift
from terminal.pricing.rows import FloatArray

ComplexArray = npt.NDArray[np.complex128]

# Below this volatility of variance the moments are those of a deterministic variance: the general
# formula divides rounding errors by its square, and moments only serve to bound tails.
SMALLEST_XI: Final = 1e-4


class Riccati(NamedTuple):
    """The variance part of the exponent at each node, with the pieces its derivatives need.

    Attributes
    ----------
    nodes, years : ndarray (n,)
        Frequency u, and time to expiry.
    q, beta, d, decay, bottom : ndarray (n,), complex
        u^2 + iu; kappa - i rho xi u; sqrt(beta^2 + xi^2 q); exp(-d T);
        beta (1 - decay) + d (1 + decay).
    level, integral : ndarray (n,), complex
        The exponent is v0 * level + kappa theta * integral.
    """

    nodes: FloatArray
    years: FloatArray
    q: ComplexArray
    beta: ComplexArray
    d: ComplexArray
    decay: ComplexArray
    bottom: ComplexArray
    level: ComplexArray
    integral: ComplexArray


def riccati(c: Coefficients, nodes: FloatArray, years: FloatArray) -> Riccati:
    """Solve the Riccati equations of the variance at each node.

    Parameters
    ----------
    c : Coefficients
        Any model.
    nodes : ndarray (n,)
        Frequency u >= 0.
    years : ndarray (n,)
        Time to expiry, > 0.

    Returns
    -------
    Riccati
        Both functions and their ingredients.

    Notes
    -----
    Heston (1993) in the form of Albrecher, Mayer, Schoutens and Tistaert (2007), whose logarithm
    never leaves its principal branch. Written without a difference of beta and d, so that nothing
    is lost as xi goes to zero: (beta - d) / xi^2 = -q / (beta + d).
    """
    square = c.xi * c.xi
    q: ComplexArray = nodes * (nodes + 1j)
    beta: ComplexArray = np.asarray(c.kappa - (1j * c.rho * c.xi) * nodes, dtype=np.complex128)
    d = np.sqrt(beta * beta + square * q)
    decay = np.exp(-d * years)
    rest = 1.0 - decay
    both = beta + d
    ratio = q / both
    # beta - d = -square * ratio
    bottom = both + (square * ratio) * decay
    level = -q * rest / bottom
    weight = 0.5 * ratio * rest / d
    if square > 0.0:
        weight = -_log1p(-square * weight) / square
    integral = 2.0 * weight - ratio * years
    return Riccati(nodes, years, q, beta, d, decay, bottom, level, integral)


def log_characteristic(c: Coefficients, solution: Riccati) -> ComplexArray:
    """Logarithm of E[exp(iu ln(F_T / F))].

    Parameters
    ----------
    c : Coefficients
        Any model.
    solution : Riccati
        From `riccati` with the same coefficients.

    Returns
    -------
    ndarray (n,), complex
        0 at u = 0; the forward is a martingale.
    """
    exponent = c.v0 * solution.level + (c.kappa * c.theta) * solution.integral
    if c.jump_rate > 0.0:
        exponent += (c.jump_rate * solution.years) * jump_exponent(c, solution.nodes)
    return exponent


def jump_characteristic(c: Coefficients, nodes: FloatArray) -> ComplexArray:
    """Characteristic function of the logarithm of one jump factor.

    Parameters
    ----------
    c : Coefficients
        Any model.
    nodes : ndarray (n,)
        Frequency u.

    Returns
    -------
    ndarray (n,), complex
        E[exp(iuJ)], J normal.
    """
    half = 0.5 * c.jump_std * c.jump_std
    return np.exp(nodes * (1j * c.jump_mean - half * nodes))


def jump_exponent(c: Coefficients, nodes: FloatArray) -> ComplexArray:
    """Exponent of one expected jump, drift compensated (Merton 1976).

    Parameters
    ----------
    c : Coefficients
        Any model.
    nodes : ndarray (n,)
        Frequency u.

    Returns
    -------
    ndarray (n,), complex
        E[exp(iuJ)] - 1 - iu E[exp(J) - 1].
    """
    return jump_characteristic(c, nodes) - 1.0 - (1j * jump_drift(c)) * nodes


def log_gradient(c: Coefficients, s: Riccati, *, jumps: bool = True) -> ComplexArray:
    """Derivatives of `log_characteristic` by the eight coefficients.

    Parameters
    ----------
    c : Coefficients
        Any model.
    s : Riccati
        From `riccati` with the same coefficients.
    jumps : bool
        Whether the derivatives by the parameters of the jumps are wanted.

    Returns
    -------
    ndarray (8, n) or (5, n), complex
        Rows in the order of `Coefficients`.

    Notes
    -----
    The idea of Cui, del Bano Rollin and Germano (2017): kappa and rho enter through beta, so one
    derivative by beta serves kappa, rho and part of xi. Every difference that vanishes with xi is
    taken by hand, which leaves no division by xi^2.
    """
    by_beta, by_xi = _partials(c, s)
    turn = 1j * s.nodes
    rows = np.zeros((8 if jumps else 5, s.nodes.size), dtype=np.complex128)
    rows[0] = s.level
    rows[1] = c.theta * s.integral + by_beta
    rows[2] = c.kappa * s.integral
    rows[3] = by_xi - (c.rho * turn) * by_beta
    rows[4] = (-c.xi * turn) * by_beta
    if not jumps:
        return rows
    drift = jump_drift(c)
    jump = jump_characteristic(c, s.nodes)
    rows[5] = s.years * (jump - 1.0 - drift * turn)
    if c.jump_rate > 0.0:
        scale = c.jump_rate * s.years * turn
        rows[6] = scale * (jump - (1.0 + drift))
        rows[7] = (c.jump_std * scale) * (turn * jump - (1.0 + drift))
    return rows


def _partials(c: Coefficients, s: Riccati) -> tuple[ComplexArray, ComplexArray]:
    """Derivatives of the variance part by beta at constant xi, and by xi at constant beta."""
    square = c.xi * c.xi
    pull = c.kappa * c.theta
    rest = 1.0 - s.decay
    both = s.beta + s.d
    gap = square * s.q / both
    fading = s.years * s.decay
    slope = s.beta / s.d
    bottom_by_beta = rest + (1.0 + s.decay) * slope - fading * slope * gap
    level_by_beta = -(s.q * fading * slope + s.level * bottom_by_beta) / s.bottom
    inner = (rest / s.d - fading * s.beta / both) / s.bottom
    integral_by_beta = (s.q / s.d) * (s.years / both - 2.0 * inner)
    by_beta = c.v0 * level_by_beta + pull * integral_by_beta
    if square <= 0.0:
        return by_beta, np.zeros_like(by_beta)
    d_by_xi = c.xi * s.q / s.d
    bottom_by_xi = d_by_xi * (1.0 + s.decay - fading * gap)
    level_by_xi = -(s.q * fading * d_by_xi + s.level * bottom_by_xi) / s.bottom
    inner = (fading * gap + s.beta * rest / s.d) / s.bottom
    integral_by_xi = ((s.q / s.d) * (2.0 * inner - s.years) - 2.0 * s.integral) / c.xi
    return by_beta, c.v0 * level_by_xi + pull * integral_by_xi


def log_time_derivative(c: Coefficients, s: Riccati) -> ComplexArray:
    """Derivative of `log_characteristic` by the time to expiry.

    Parameters
    ----------
    c : Coefficients
        Any model.
    s : Riccati
        From `riccati` with the same coefficients.

    Returns
    -------
    ndarray (n,), complex
        Read off the Riccati equations themselves.
    """
    half = 0.5 * c.xi * c.xi
    change = s.level * (half * s.level - s.beta) - 0.5 * s.q
    return c.v0 * change + (c.kappa * c.theta) * s.level + c.jump_rate * jump_exponent(c, s.nodes)


def expected_variance(c: Coefficients, years: FloatArray) -> FloatArray:
    """Variance of the log return to expiry, expected over the life.

    Parameters
    ----------
    c : Coefficients
        Any model.
    years : ndarray
        Time to expiry.

    Returns
    -------
    ndarray
        Total, not annual; jumps included.
    """
    reverted = -np.expm1(-c.kappa * years) / c.kappa
    jumps = c.jump_rate * (c.jump_mean * c.jump_mean + c.jump_std * c.jump_std)
    return c.theta * years + (c.v0 - c.theta) * reverted + jumps * years


def log_moment(c: Coefficients, power: FloatArray, years: FloatArray) -> FloatArray:
    """Logarithm of E[(F_T / F)^power].

    Parameters
    ----------
    c : Coefficients
        Any model.
    power, years : ndarray
        Real power of any sign, and time to expiry; of shapes that broadcast.

    Returns
    -------
    ndarray
        Infinite where the moment does not exist.

    Notes
    -----
    The moment exists while the denominator of the Riccati solution keeps its sign; in the
    trigonometric regime that is up to its first zero (Andersen and Piterbarg 2007).
    """
    q = power * (1.0 - power)
    with np.errstate(all="ignore"):
        if c.xi < SMALLEST_XI:
            variance = expected_variance(c._replace(jump_rate=0.0), years)
            exponent = -0.5 * q * variance
        else:
            exponent = _log_variance_moment(c, power, q, years)
        if c.jump_rate > 0.0:
            half = 0.5 * c.jump_std * c.jump_std
            jump = np.expm1(power * (c.jump_mean + half * power)) - power * jump_drift(c)
            exponent = exponent + c.jump_rate * years * jump
    return np.where(np.isfinite(exponent), exponent, np.inf)


def _log_variance_moment(
    c: Coefficients, power: FloatArray, q: FloatArray, years: FloatArray
) -> FloatArray:
    square = c.xi * c.xi
    beta = c.kappa - c.rho * c.xi * power
    discriminant = beta * beta + square * q
    root = np.sqrt(np.abs(discriminant))
    hyperbolic = discriminant > 0.0
    decay = np.exp(-root * years)
    angle = 0.5 * root * years
    sine = np.where(hyperbolic, 1.0 - decay, np.sin(angle))
    cosine = np.where(hyperbolic, 1.0 + decay, np.cos(angle))
    bottom = beta * sine + root * cosine
    size = np.where(hyperbolic, 2.0 * root, root)
    drift = np.where(hyperbolic, beta - root, beta) * years
    integral = (drift - 2.0 * np.log(bottom / size)) / square
    exists = (bottom > 0.0) & (hyperbolic | (angle < np.pi))
    exponent = -c.v0 * q * sine / bottom + c.kappa * c.theta * integral
    return np.where(exists, exponent, np.inf)


def _log1p(z: ComplexArray) -> ComplexArray:
    """ln(1 + z); numpy's own loses the real part of a small complex z."""
    result = np.empty_like(z)
    result.real = 0.5 * np.log1p(z.real * (2.0 + z.real) + z.imag * z.imag)
    result.imag = np.arctan2(z.imag, 1.0 + z.real)
    return result
