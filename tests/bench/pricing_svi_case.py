"""A noisy smile of one expiry and scipy's generic least squares fitting it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import least_squares

from tests.bench.pricing_cases import Floats

STRIKES = 20
YEARS = 30.0 / 365.0
TRUTH = (0.004, 0.05, -0.25, 0.02, 0.12)  # a, b, rho, m, sigma of total variance
NOISE = 6e-4  # of total variance, about half a volatility point here
START = (0.01, 0.03, 0.0, 0.0, 0.2)
LOW = (-np.inf, 0.0, -0.999, -np.inf, 1e-4)
HIGH = (np.inf, np.inf, 0.999, np.inf, np.inf)


class Smile(NamedTuple):
    """Log-moneyness ln(K / F) and noisy total variance of the quotes of one expiry."""

    moneyness: Floats
    variance: Floats


def smile() -> Smile:
    """Twenty strikes around the forward, seeded noise on their total variance."""
    k = np.linspace(-0.45, 0.40, STRIKES)
    noise = np.random.default_rng(31).normal(0.0, NOISE, STRIKES)
    return Smile(k, total_variance(TRUTH, k) + noise)


def total_variance(raw: Any, k: Floats) -> Floats:
    """Raw SVI: a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2))."""
    a, b, rho, m, sigma = raw
    found: Floats = a + b * (rho * (k - m) + np.sqrt((k - m) ** 2 + sigma * sigma))
    return found


def rmse(raw: Any, of: Smile) -> float:
    """Root of the mean squared error of total variance."""
    return float(np.sqrt(np.mean((total_variance(raw, of.moneyness) - of.variance) ** 2)))


def scipy_fit(of: Smile, method: str) -> Callable[[], Any]:
    """Five parameters at once with the analytic Jacobian; ``trf`` keeps bounds, ``lm`` does not."""
    k, variance = of
    bounds = {"bounds": (LOW, HIGH)} if method == "trf" else {}

    def residuals(raw: Floats) -> Floats:
        return total_variance(raw, k) - variance

    def jacobian(raw: Floats) -> Floats:
        _, b, rho, m, sigma = raw
        x = k - m
        root = np.sqrt(x * x + sigma * sigma)
        rows = (np.ones_like(k), rho * x + root, b * x, -b * (rho + x / root), b * sigma / root)
        return np.stack(rows, axis=1)

    def run() -> Any:
        return least_squares(residuals, START, jacobian, method=method, **bounds).x

    return run
