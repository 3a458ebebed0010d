"""SSVI: one surface of a few parameters, free of static arbitrage by construction."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import exp, log, log1p, sqrt, tanh
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from terminal.pricing.rows import FloatArray
from terminal.pricing.surface.svi import NaturalSvi, RawSvi, from_natural
from terminal.pricing.surface.svi_fit import clean

MAX_STEPS: Final = 60
WORTHWHILE: Final = 1e-10
MOST_DAMPING: Final = 1e8
# Bounds of the transformed parameters: beyond them the parameters themselves stop moving.
FARTHEST: Final = 30.0
FEWEST_STRIKES: Final = 2


class Ssvi(Struct, frozen=True):
    """w(k, theta) = theta / 2 (1 + rho phi k + sqrt((phi k + rho)^2 + 1 - rho^2)).

    Attributes
    ----------
    thetas : tuple of float
        At-the-money total variance of each expiry, ascending, > 0.
    rho : float
        Tilt of all slices, in (-1, 1).
    eta, gamma : float
        phi(theta) = eta / (theta^gamma (1 + theta)^(1 - gamma)), a power law for small theta.
    """

    thetas: tuple[float, ...]
    rho: float
    eta: float
    gamma: float


class SsviFit(NamedTuple):
    """A fitted SSVI surface, or the reason why there is none; error in total variance."""

    ssvi: Ssvi | None
    error: float | None
    reason: str


class _Stack(NamedTuple):
    """Quotes of all expiries in one column each, and the place of their expiry."""

    k: FloatArray
    variance: FloatArray
    root_weight: FloatArray
    place: npt.NDArray[np.int64]
    expiries: int


class _Point(NamedTuple):
    """Residuals and their Jacobian (m, n) at some parameters."""

    residuals: FloatArray
    jacobian: FloatArray


def phi(ssvi: Ssvi, theta: float) -> float:
    """Curvature of the slice of an at-the-money total variance."""
    return ssvi.eta * exp((ssvi.gamma - 1.0) * log1p(theta) - ssvi.gamma * log(theta))


def slice_of(ssvi: Ssvi, theta: float) -> RawSvi:
    """Raw SVI slice of an at-the-money total variance.

    Parameters
    ----------
    ssvi : Ssvi
        The surface.
    theta : float
        > 0, listed or between.

    Returns
    -------
    RawSvi
        The same total variance at every k.

    Raises
    ------
    ValueError
        The parameters describe no slice.
    """
    return from_natural(NaturalSvi(0.0, 0.0, ssvi.rho, theta, phi(ssvi, theta)))


def is_free_of_arbitrage(ssvi: Ssvi) -> bool:
    """Whether no slice holds a butterfly and no two slices a calendar.

    Parameters
    ----------
    ssvi : Ssvi
        Any parameters.

    Returns
    -------
    bool
        Sufficient conditions: thetas ascend, 0 < gamma <= 1/2, eta (1 + |rho|) <= 2.

    Notes
    -----
    Gatheral and Jacquier (2014), theorems 4.1 and 4.2 with remark 4.4: then
    theta phi (1 + |rho|) < 4 and theta phi^2 (1 + |rho|) <= 4 for every theta.
    """
    ascending = all(near <= far for near, far in pairwise(ssvi.thetas))
    return (
        ascending
        and min(ssvi.thetas, default=0.0) > 0.0
        and abs(ssvi.rho) < 1.0
        and 0.0 < ssvi.gamma <= 0.5
        and 0.0 < ssvi.eta * (1.0 + abs(ssvi.rho)) <= 2.0
    )


def fit_ssvi(
    quotes: Sequence[tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike]],
) -> SsviFit:
    """Fit SSVI to the quotes of several expiries at once.

    Parameters
    ----------
    quotes : sequence of (k, total_variance, weights)
        By ascending expiry, each as in `fit_slice`.

    Returns
    -------
    SsviFit
        Always free of arbitrage. None, with a reason, where an expiry has fewer than two usable
        strikes or there are fewer than four quotes in all.

    Raises
    ------
    TypeError
        Quotes hold something else than real numbers.
    ValueError
        Shapes do not broadcast.

    Notes
    -----
    Levenberg-Marquardt with analytic Jacobian in the logarithms of the steps of theta and in
    transforms of rho, eta (1 + |rho|) / 2 and 2 gamma that cannot leave the region without
    arbitrage. Each expiry's weights count in proportion to its quotes.
    """
    cleaned = [clean(*each) for each in quotes]
    for index, each in enumerate(cleaned):
        if np.unique(each.k).size < FEWEST_STRIKES:
            return SsviFit(None, None, f"expiry {index} has fewer than two usable strikes")
    if sum(each.k.size for each in cleaned) < FEWEST_STRIKES**2:
        return SsviFit(None, None, "fewer than four usable quotes")
    k = np.concatenate([each.k for each in cleaned])
    weights = np.concatenate([each.weights / each.weights.sum() * each.k.size for each in cleaned])
    place = np.repeat(np.arange(len(cleaned)), [each.k.size for each in cleaned])
    variance = np.concatenate([each.variance for each in cleaned])
    stack = _Stack(k, variance, np.sqrt(weights / k.size), place, len(cleaned))
    levels = [float(each.variance[np.abs(each.k).argmin()]) for each in cleaned]
    steps = np.maximum(np.diff(np.maximum.accumulate(levels), prepend=0.0), 1e-3 * levels[0])
    vector, point = _descend(stack, np.concatenate((np.log(steps), (-0.1, 0.0, 1.0))))
    return SsviFit(_unpacked(vector), sqrt(float(point.residuals @ point.residuals)), "")


def _descend(stack: _Stack, vector: FloatArray) -> tuple[FloatArray, _Point]:
    """Levenberg-Marquardt until a step gains nothing."""
    now = _point(stack, vector)
    damping = 1e-3
    for _ in range(MAX_STEPS):
        hessian = now.jacobian.T @ now.jacobian
        diagonal = np.diagonal(hessian)
        hessian = hessian + np.diag(damping * diagonal + 1e-12 * float(diagonal.max()))
        step = np.linalg.solve(hessian, now.jacobian.T @ now.residuals)
        trial = np.clip(vector - step, -FARTHEST, FARTHEST)
        new = _point(stack, trial)
        loss = float(now.residuals @ now.residuals)
        gain = loss - float(new.residuals @ new.residuals)
        if gain > 0.0:
            vector, now = trial, new
            damping = max(0.1 * damping, 1e-12)
            if gain < WORTHWHILE * loss:
                break
        else:
            damping *= 10.0
            if damping > MOST_DAMPING:
                break
    return vector, now


def _unpacked(vector: FloatArray) -> Ssvi:
    """Parameters of a surface from their transforms."""
    thetas = np.cumsum(np.exp(vector[:-3]))
    rho = (1.0 - 1e-9) * tanh(float(vector[-3]))
    eta = 2.0 * _logistic(float(vector[-2])) / (1.0 + abs(rho))
    gamma = 0.5 * _logistic(float(vector[-1]))
    return Ssvi(tuple(thetas.tolist()), rho, eta * (1.0 - 1e-15), gamma)


def _point(stack: _Stack, vector: FloatArray) -> _Point:
    """Residuals and Jacobian in the transformed parameters."""
    ssvi = _unpacked(vector)
    rho, eta, gamma = ssvi.rho, ssvi.eta, ssvi.gamma
    thetas = np.array(ssvi.thetas)
    theta, k = thetas[stack.place], stack.k
    bend = eta * theta**-gamma * (1.0 + theta) ** (gamma - 1.0)
    lean = bend * k + rho
    root = np.sqrt(lean * lean + (1.0 - rho) * (1.0 + rho))
    fitted = 0.5 * theta * (1.0 + rho * bend * k + root)
    by_bend = 0.5 * theta * k * (rho + lean / root)
    by_rho = 0.5 * theta * bend * k * (1.0 + 1.0 / root)
    by_theta = fitted / theta + by_bend * bend * ((gamma - 1.0) / (1.0 + theta) - gamma / theta)
    by_eta = by_bend * bend / eta
    by_gamma = by_bend * bend * (np.log1p(theta) - np.log(theta))
    reached = stack.place[:, np.newaxis] >= np.arange(stack.expiries)
    jacobian = np.empty((k.size, stack.expiries + 3))
    jacobian[:, :-3] = by_theta[:, np.newaxis] * reached * np.exp(vector[:-3])
    sign = 1.0 if rho > 0.0 else -1.0
    rho_slope = 1.0 - tanh(float(vector[-3])) ** 2
    jacobian[:, -3] = (by_rho - by_eta * sign * eta / (1.0 + abs(rho))) * rho_slope
    jacobian[:, -2] = by_eta * eta * (1.0 - _logistic(float(vector[-2])))
    jacobian[:, -1] = by_gamma * gamma * (1.0 - _logistic(float(vector[-1])))
    weight = stack.root_weight
    return _Point(weight * (fitted - stack.variance), weight[:, np.newaxis] * jacobian)


def _logistic(argument: float) -> float:
    """1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + exp(-argument))
