"""GARCH(1,1) with Gaussian likelihood: fit by quasi-Newton steps, forecast over many steps."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from terminal.market.arrays import LARGEST, MaskArray, numbers, whole
from terminal.market.forecasts import VolForecast, future_means, recursion, with_band
from terminal.pricing.rows import FloatArray

LEAST_RETURNS: Final = 100
STEPS: Final = 200
FLAT: Final = 1e-8
"""Slope of the mean log likelihood, per unit of transformed parameter, that ends the search."""
NEARLY_FLAT: Final = 1e-5
"""Slope at which a search that could climb no further is at a maximum."""
LENGTHS: Final = tuple(0.5**each for each in range(34))
FARTHEST: Final = 30.0
"""Bound on the transformed parameters: beyond it a logistic is 0 or 1 within rounding."""
PERSISTENCE_LIMIT: Final = 0.9999
STARTS: Final = ((0.95, 0.1), (0.80, 0.2), (0.99, 0.05))
"""Persistence and the share of it that is news, from which the search sets out."""


class GarchParameters(Struct, frozen=True):
    """Parameters of ``h_t = omega + alpha e_t-1^2 + beta h_t-1`` with ``e = r - mu``.

    Attributes
    ----------
    mu : float
        Mean return per step.
    omega : float
        Variance per step, > 0.
    alpha, beta : float
        >= 0; their sum, the persistence, below 1.
    """

    mu: float
    omega: float
    alpha: float
    beta: float

    @property
    def persistence(self) -> float:
        """Share of a shock to variance that is left after a step."""
        return self.alpha + self.beta

    @property
    def long_run_variance(self) -> float:
        """Variance per step that forecasts tend to."""
        return self.omega / (1.0 - self.persistence)


class GarchFit(Struct, frozen=True):
    """A fitted model, or why there is none.

    Attributes
    ----------
    parameters : GarchParameters or None
        None with a reason.
    log_likelihood : float or None
        Sum over the returns, natural logarithms.
    returns : int
        Returns that entered.
    missing : int
        Steps without one.
    steps : int
        Steps of the search that found the maximum.
    at_limit : bool
        Persistence at its upper limit, or no news effect: the long-run level means nothing.
    reason : str
        Why there are no parameters; empty where there are.
    """

    parameters: GarchParameters | None
    log_likelihood: float | None
    returns: int
    missing: int
    steps: int
    at_limit: bool
    reason: str = ""


class Likelihood(NamedTuple):
    """Log likelihood and what comes with it.

    Attributes
    ----------
    value : float
        Sum over the returns.
    gradient : ndarray (4,)
        By mu, omega, alpha and beta.
    variance : ndarray (n + 1,)
        Conditional variance of every step, and last of the step to come.
    """

    value: float
    gradient: FloatArray
    variance: FloatArray


class _Optimum(NamedTuple):
    point: FloatArray
    value: float
    steps: int
    flat: bool


def log_likelihood(parameters: GarchParameters, returns: npt.ArrayLike) -> Likelihood:
    """Gaussian log likelihood of returns, with its gradient.

    Parameters
    ----------
    parameters : GarchParameters
        Within their bounds.
    returns : array_like (n,)
        Returns per step, oldest first; NaN where missing.

    Returns
    -------
    Likelihood

    Raises
    ------
    TypeError
        Not numbers.
    ValueError
        No return is known, one is infinite, or parameters out of bounds.

    Notes
    -----
    Bollerslev (1986). Before the sample both e^2 and h are the mean of ``(r - mu)^2``, the start
    of the benchmark of Fiorentini, Calzolari and Panattoni (1996). A missing return adds nothing,
    and its square is replaced by its expectation h: variance drifts over a gap towards its
    long-run level, and no return is ever taken over several steps. The gradient runs through the
    same recursion, the start included.
    """
    values = _returns(returns)
    if np.isnan(values).all():
        raise ValueError("returns must hold at least one known return")
    point = np.array([parameters.mu, parameters.omega, parameters.alpha, parameters.beta])
    inside = point[1] > 0.0 and point[2] >= 0.0 and point[3] >= 0.0 and parameters.persistence < 1.0
    if not (inside and np.isfinite(point).all()):
        raise ValueError("parameters must have omega > 0, alpha, beta >= 0 and alpha + beta < 1")
    return _likelihood(point, values, ~np.isnan(values))


def fit_garch(returns: npt.ArrayLike) -> GarchFit:
    """Fit GARCH(1,1) by maximum likelihood.

    Parameters
    ----------
    returns : array_like (n,)
        Returns per step, oldest first; NaN where missing.

    Returns
    -------
    GarchFit
        Without parameters, and with a reason, below 100 returns, where all moves are of one size,
        or where no start leads to a maximum.

    Raises
    ------
    TypeError
        Not numbers.
    ValueError
        An infinite return.

    Notes
    -----
    Returns are scaled to unit deviation; persistence and the share of news in it are logistic, and
    omega a logarithm, so that every point of the search obeys the bounds. BFGS with the analytic
    gradient from three starts; the highest maximum counts.
    """
    values = _returns(returns)
    known = ~np.isnan(values)
    count = int(known.sum())
    missing = values.size - count
    if count < LEAST_RETURNS:
        why = f"{count} returns, at least {LEAST_RETURNS} are needed"
        return GarchFit(None, None, count, missing, 0, at_limit=False, reason=why)
    scale = float(np.std(values[known]))
    rounding = 1e-12 * float(np.abs(values[known]).max())
    sizes = np.abs(values[known] - values[known].mean())
    if not (scale > rounding and float(np.std(sizes)) > 1e-9 * scale):
        why = "the returns do not vary in size"
        return GarchFit(None, None, count, missing, 0, at_limit=False, reason=why)
    scaled = values / scale
    found = [_search(_start(scaled, known, *each), scaled, known) for each in STARTS]
    peaks = [each for each in found if each.flat]
    if not peaks:
        why = f"no maximum was found in {STEPS} steps"
        return GarchFit(None, None, count, missing, STEPS, at_limit=False, reason=why)
    best = max(peaks, key=lambda each: each.value)
    mu, omega, alpha, beta = _natural(best.point)[0].tolist()
    parameters = GarchParameters(mu * scale, omega * scale**2, alpha, beta)
    limit = alpha + beta > PERSISTENCE_LIMIT - 1e-5 or alpha < 1e-6
    value = (best.value - math.log(scale)) * count
    return GarchFit(parameters, value, count, missing, best.steps, at_limit=limit)


def garch_forecast(
    fit: GarchFit, returns: npt.ArrayLike, *, span: int, horizon: int = 1
) -> VolForecast:
    """Forecast of a fitted model over the next steps.

    Parameters
    ----------
    fit : GarchFit
        From `fit_garch`.
    returns : array_like (n,)
        Up to now; NaN where missing.
    span : int
        Length of a step, ns.
    horizon : int
        Steps ahead, >= 1.

    Returns
    -------
    VolForecast
        None with the reason of the fit where it has no parameters.

    Raises
    ------
    TypeError, ValueError
        As in `log_likelihood`; `span` or `horizon` below one.

    Notes
    -----
    ``E h_t+k = omega (1 + p + ... + p^(k-2)) + p^(k-1) h_t+1`` with p the persistence, averaged
    over the horizon; written as sums, it holds however close p comes to 1.
    """
    whole("span", span)
    whole("horizon", horizon)
    values = _returns(returns)
    if fit.parameters is None:
        return VolForecast(None, None, None, horizon, values.size, fit.reason)
    variance = log_likelihood(fit.parameters, values).variance[1:]
    powers = np.power(fit.parameters.persistence, np.arange(horizon))
    entered = np.append(0.0, np.cumsum(powers[:-1]))
    path = powers.mean() * variance + fit.parameters.omega * entered.mean()
    outcomes = future_means((values - fit.parameters.mu) ** 2, horizon)
    count = int(np.count_nonzero(~np.isnan(values)))
    return with_band(path, outcomes, span=span, horizon=horizon, observations=count)


def _returns(returns: npt.ArrayLike) -> FloatArray:
    values = numbers("returns", returns)
    if (np.abs(values) >= LARGEST).any():
        raise ValueError("returns must be finite (below 1e150), or NaN where missing")
    return values


def _likelihood(point: FloatArray, values: FloatArray, known: MaskArray) -> Likelihood:
    """Log likelihood at mu, omega, alpha and beta."""
    mu, omega, alpha, beta = point
    error = np.where(known, values - mu, 0.0)
    squared = error * error
    count = known.sum()
    start = squared.sum() / count
    start_slope = -2.0 * error.sum() / count
    size = values.size + 1
    # Step 0 is the one before the sample, whose e^2 and h are both `start`.
    news = np.append(start, squared)
    seen = np.append(True, known)
    keep = np.append(0.0, np.where(seen, beta, alpha + beta))
    inflow = np.append(start, omega + alpha * news)
    variance = recursion(keep, inflow[np.newaxis])[0]
    slopes = np.zeros((4, size + 1))
    slopes[0, 0] = start_slope
    slopes[0, 1:] = -2.0 * alpha * np.append(-0.5 * start_slope, error)
    slopes[1, 1:] = 1.0
    slopes[2, 1:] = np.where(seen, news, variance[:-1])
    slopes[3, 1:] = variance[:-1]
    by_parameter = recursion(keep, slopes)[:, 1:-1][:, known]
    level, e, e2 = variance[1:-1][known], error[known], squared[known]
    value = -0.5 * float(np.sum(math.log(2.0 * math.pi) + np.log(level) + e2 / level))
    gradient = by_parameter @ (0.5 * (e2 / level - 1.0) / level)
    gradient[0] += np.sum(e / level)
    return Likelihood(value, gradient, variance[1:])


def _natural(point: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Parameters of a point of the search, and their derivatives by it (rows parameters)."""
    mu, log_omega, p, s = point
    persistence = PERSISTENCE_LIMIT / (1.0 + math.exp(-p))
    share = 1.0 / (1.0 + math.exp(-s))
    omega = math.exp(log_omega)
    natural = np.array([mu, omega, persistence * share, persistence * (1.0 - share)])
    by_p = persistence * (1.0 - persistence / PERSISTENCE_LIMIT)
    by_s = persistence * share * (1.0 - share)
    slopes = np.zeros((4, 4))
    slopes[0, 0], slopes[1, 1] = 1.0, omega
    slopes[2, 2:] = share * by_p, by_s
    slopes[3, 2:] = (1.0 - share) * by_p, -by_s
    return natural, slopes


def _start(values: FloatArray, known: MaskArray, persistence: float, share: float) -> FloatArray:
    """Point of the search that has the sample's mean and variance."""
    p, s = persistence / PERSISTENCE_LIMIT, share
    return np.array(
        [
            float(values[known].mean()),
            math.log(1.0 - persistence),
            math.log(p / (1.0 - p)),
            math.log(s / (1.0 - s)),
        ]
    )


def _mean_log_likelihood(
    point: FloatArray, values: FloatArray, known: MaskArray
) -> tuple[float, FloatArray]:
    natural, slopes = _natural(point)
    likelihood = _likelihood(natural, values, known)
    count = float(known.sum())
    return likelihood.value / count, likelihood.gradient @ slopes / count


def _search(point: FloatArray, values: FloatArray, known: MaskArray) -> _Optimum:
    """Climb from a point by BFGS until it is flat or nothing higher can be told apart."""
    value, slope = _mean_log_likelihood(point, values, known)
    inverse = np.eye(4)
    steps = 0
    while steps < STEPS and float(np.abs(slope).max()) > FLAT:
        direction = inverse @ slope
        # Two units of a logistic or a logarithm are a long way: no step goes further.
        direction = direction * min(1.0, 2.0 / float(np.abs(direction).max()))
        for length in LENGTHS:
            trial = np.clip(point + length * direction, -FARTHEST, FARTHEST)
            new_value, new_slope = _mean_log_likelihood(trial, values, known)
            if new_value - value > 1e-4 * max(0.0, float(slope @ (trial - point))):
                break
        else:
            break
        moved, turned = trial - point, slope - new_slope
        curve = float(moved @ turned)
        if curve > 1e-12 * float(moved @ moved):
            left = np.eye(4) - np.outer(moved, turned) / curve
            before = inverse if steps else np.eye(4) * (curve / float(turned @ turned))
            inverse = left @ before @ left.T + np.outer(moved, moved) / curve
        point, value, slope = trial, new_value, new_slope
        steps += 1
    return _Optimum(point, value, steps, flat=float(np.abs(slope).max()) < NEARLY_FLAT)
