"""Value at risk and expected shortfall of a book: from history, in closed form, from a forecast.

Losses are positive. With L the loss and c the confidence, value at risk is the smallest l with
P(L <= l) >= c and expected shortfall the mean of the worst 1 - c of L, so that it is never below
value at risk. Returns are logarithmic, over one horizon.
"""

from __future__ import annotations

from math import erfc, exp, log, pi, sqrt

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from terminal.portfolio.checks import checked, numbers
from terminal.portfolio.liquidation import STILL, VolResponse, vol_moves_with
from terminal.portfolio.revaluation import Holdings, revalue
from terminal.pricing.rows import FloatArray

NODES = 513
"""Prices at which a book is valued under a forecast."""

FINE = 32 * (NODES - 1) + 1
"""Points of the forecast distribution; P&L is interpolated linearly between the nodes."""

TENFOLD = log(10.0)
"""Where a forecast is cut: a Student return has no mean price, a tenfold move is no forecast."""

WIDEST = 20.0
"""Logarithmic return beyond which a history is in another unit: per cent, or prices."""

BISECTIONS = 100
"""Enough to bring any bracket of the closed form down to neighbouring floats."""

FAR_SCORE = 40.0
"""Standard deviations beyond which a normal variable has no mass in floats."""


class Shortfall(Struct, frozen=True):
    """Value at risk and expected shortfall, USD, positive for losses."""

    confidence: float
    var: float
    es: float


class Forecast(Struct, frozen=True):
    """Distribution of the return over one horizon: Gaussian, or Student of the same variance."""

    sd: float  # of the logarithmic return over the horizon, > 0
    mean: float = 0.0
    freedom: float | None = None  # degrees of freedom, > 2; None is Gaussian

    def __post_init__(self) -> None:
        """Refuse a distribution without a variance."""
        checked("Forecast.sd", self.sd, above=0.0)
        checked("Forecast.mean", self.mean)
        if self.freedom is not None:
            checked("Forecast.freedom", self.freedom, above=2.0)


def tail(
    losses: npt.ArrayLike, confidence: float, weights: npt.ArrayLike | None = None
) -> Shortfall:
    """Value at risk and expected shortfall of a sample.

    Parameters
    ----------
    losses : array_like (n,)
        USD, n > 0.
    confidence : float
        Between 0 and 1.
    weights : array_like (n,), optional
        Probabilities up to a factor, >= 0; equal when not given.

    Returns
    -------
    Shortfall

    Raises
    ------
    ValueError, TypeError
        Empty, not finite, of another shape, or a confidence or weight out of range.

    Notes
    -----
    The observation at value at risk counts with the part of its weight that the tail needs
    (Acerbi and Tasche, 2002), which makes expected shortfall continuous and coherent.
    """
    rest = _rest(confidence)
    sample = numbers("losses", losses)
    chance = np.ones(sample.shape) if weights is None else numbers("weights", weights)
    if sample.ndim != 1 or not sample.size or chance.shape != sample.shape:
        raise ValueError("losses and weights: give one number each for at least one scenario")
    if chance.min() < 0.0 or not chance.sum() > 0.0:
        raise ValueError("weights must be >= 0 and not all 0")
    worst_first = np.argsort(-sample, kind="stable")
    ordered, chance = sample[worst_first], chance[worst_first] / chance.sum()
    beyond = np.concatenate(((0.0,), np.cumsum(chance)[:-1]))
    last = int(np.searchsorted(beyond, rest, side="right")) - 1
    var = float(ordered[last])
    excess = float(((ordered[:last] - var) * chance[:last]).sum())
    return Shortfall(confidence, var, var + excess / rest)


def filtered_history(
    holdings: Holdings,
    returns: npt.ArrayLike,
    vols: npt.ArrayLike,
    vol_now: float,
    confidence: float,
    *,
    days: float = 0.0,
    response: VolResponse = STILL,
) -> Shortfall:
    """Shortfall by filtered historical simulation, everything valued anew for each past return.

    Parameters
    ----------
    holdings : Holdings
    returns : array_like (n,)
        Past logarithmic returns over the horizon.
    vols : array_like (n,)
        Volatility that was forecast for each of them, > 0, in any one unit.
    vol_now : float
        The forecast of today, > 0, in the same unit.
    confidence : float
        Between 0 and 1.
    days : float
        Time that passes, >= 0; 0 leaves time decay out.
    response : VolResponse
        How implied volatility moves with price.

    Returns
    -------
    Shortfall

    Raises
    ------
    ValueError, TypeError
        Empty, not finite, of another shape, or out of range.

    Notes
    -----
    Barone-Adesi, Giannopoulos and Vosper (1999): each return is scaled by vol_now over the
    volatility of its day, so that history has the spread of today and its own shape.
    """
    past, then = numbers("returns", returns), numbers("vols", vols)
    if past.ndim != 1 or not past.size or then.shape != past.shape:
        raise ValueError("returns and vols: give one number each for at least one past return")
    if then.min() <= 0.0:
        raise ValueError("vols: every volatility must be > 0")
    scaled = past * (checked("vol_now", vol_now, above=0.0) / then)
    return tail(_losses(holdings, scaled, days, response), confidence)


def delta_gamma(
    delta_usd: float,
    gamma_usd: float,
    sd: float,
    confidence: float,
    *,
    carry_usd: float = 0.0,
) -> Shortfall:
    """Shortfall in closed form, of P&L = carry + delta x + gamma x^2 / 2 with Gaussian x.

    Parameters
    ----------
    delta_usd : float
        USD for a move of 1.00: delta S.
    gamma_usd : float
        USD: gamma S^2, which is 100 times the gamma of 1 %.
    sd : float
        Standard deviation of the return over the horizon, > 0.
    confidence : float
        Between 0 and 1.
    carry_usd : float
        P&L that time alone brings over the horizon: theta and funding.

    Returns
    -------
    Shortfall
        Exact for one underlying. Without gamma it is the linear value at risk, z sd times the
        absolute delta_usd.

    Raises
    ------
    ValueError, TypeError
        A number is not finite or out of range.

    Notes
    -----
    With x = sd z, a the absolute delta_usd times sd and b = gamma_usd sd^2 / 2, the loss exceeds
    l where b z^2 + a z + l < 0: outside two roots for b < 0, between them for b > 0. The roots
    are -2 l / (a + r) and -(a + r) / (2 b), r^2 = a^2 - 4 b l, which does not cancel for small
    b. The mean in the tail follows from the integrals of z and z^2 against the normal density.
    """
    rest = _rest(confidence)
    spread = checked("sd", sd, above=0.0)
    linear = abs(checked("delta_usd", delta_usd)) * spread
    square = 0.5 * checked("gamma_usd", gamma_usd) * spread * spread
    carry = checked("carry_usd", carry_usd)
    unit = checked("sd times delta_usd and gamma_usd", linear + abs(square))
    if unit == 0.0:
        return Shortfall(confidence, -carry, -carry)
    linear, square = linear / unit, square / unit
    high = FAR_SCORE * (linear + FAR_SCORE * abs(square))
    low = -high
    if square:  # the loss at the vertex of the parabola: the least of a short gamma, most of a long
        vertex = 0.25 * linear * (linear / square)
        low, high = (low, min(high, vertex)) if square > 0.0 else (max(low, vertex), high)
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        if _beyond(linear, square, middle)[0] > rest:
            low = middle
        else:
            high = middle
    mean = _beyond(linear, square, high)[1] / rest
    return Shortfall(confidence, high * unit - carry, max(high, mean) * unit - carry)


def forecast_shortfall(
    holdings: Holdings,
    forecast: Forecast,
    confidence: float,
    *,
    days: float = 0.0,
    response: VolResponse = STILL,
) -> Shortfall:
    """Shortfall under a forecast distribution of the return, everything valued anew.

    Parameters
    ----------
    holdings : Holdings
    forecast : Forecast
    confidence : float
        Between 0 and 1.
    days : float
        Time that passes, >= 0; 0 leaves time decay out.
    response : VolResponse
        How implied volatility moves with price.

    Returns
    -------
    Shortfall
        Without sampling noise; within 0.2 % of quadrature at 90 to 99.9 %.

    Raises
    ------
    ValueError, TypeError
        A number is not finite or out of range.

    Notes
    -----
    Returns are mean + s sinh(u) on an even grid of u, dense in the middle and reaching a tenfold
    price move, weighted by their density.
    """
    freedom = forecast.freedom
    scale = forecast.sd * (1.0 if freedom is None else sqrt((freedom - 2.0) / freedom))
    reach = float(np.arcsinh(TENFOLD / scale))
    coarse, fine = np.linspace(-reach, reach, NODES), np.linspace(-reach, reach, FINE)
    moves = forecast.mean + scale * np.sinh(coarse)
    losses = np.interp(fine, coarse, _losses(holdings, moves, days, response))
    with np.errstate(under="ignore"):
        score = np.sinh(fine)
        if freedom is None:
            density = np.exp(-0.5 * score * score)
        else:
            density = (1.0 + score * score / freedom) ** (-0.5 * (freedom + 1.0))
        weights = density * np.cosh(fine)
    return tail(losses, confidence, weights)


def _losses(
    holdings: Holdings, moves: FloatArray, days: float, response: VolResponse
) -> FloatArray:
    """Losses after logarithmic price moves, USD."""
    checked("days", days, least=0.0)
    if np.abs(moves).max() > WIDEST:
        raise ValueError(f"returns: none may exceed {WIDEST:g}: give logarithmic returns")
    ratio = np.exp(np.append(moves, 0.0))
    ahead = np.full(ratio.size, days)
    ahead[-1] = 0.0
    spots = holdings.spot * ratio
    usd = revalue(holdings, spots, vol_moves_with(response, ratio), ahead).usd
    losses: FloatArray = usd[-1] - usd[:-1]
    return losses


def _rest(confidence: float) -> float:
    """Probability of the tail."""
    if not 0.0 < checked("confidence", confidence) < 1.0:
        raise ValueError(f"confidence is {confidence!r}: give a probability such as 0.99")
    return 1.0 - confidence


def _beyond(linear: float, square: float, loss: float) -> tuple[float, float]:
    """Probability of a loss beyond ``loss`` and the mean of the loss there times it."""
    root = sqrt(max(linear * linear - 4.0 * square * loss, 0.0))
    half = 0.5 * (linear + root)
    near = -loss / half if half > 0.0 else 0.0
    far = -half / square if abs(square) * FAR_SCORE > half else (
        -FAR_SCORE if square > 0.0 else FAR_SCORE
    )
    chance, mean = _below(linear, square, near)
    chance_far, mean_far = _below(linear, square, far)
    if square > 0.0:
        return chance - chance_far, mean_far - mean
    above, mean_above = _below(-linear, square, -far)
    return chance + above, -(mean + mean_above)


def _below(linear: float, square: float, score: float) -> tuple[float, float]:
    """P(z < score) and the integral of linear z + square z^2 against the density below it."""
    chance = 0.5 * erfc(-score / sqrt(2.0))
    density = exp(-0.5 * score * score) / sqrt(2.0 * pi)
    return chance, square * (chance - score * density) - linear * density
