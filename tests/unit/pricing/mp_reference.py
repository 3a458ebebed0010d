"""Arbitrary-precision Black-76 and Mills ratio, straight from the textbook definitions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mpmath as mp
import numpy as np
import numpy.typing as npt

DIGITS = 50


def mills(x: Any) -> Any:
    """M(x) = N(-x) / phi(x) for any real x."""
    with mp.workdps(DIGITS):
        x = mp.mpf(x)
        return mp.sqrt(mp.pi / 2) * mp.exp(x * x / 2) * mp.erfc(x / mp.sqrt(2))


def scores(forward: float, strike: float, years: float, vol: float) -> tuple[Any, Any]:
    """d1 and d2."""
    with mp.workdps(DIGITS):
        deviation = mp.mpf(vol) * mp.sqrt(mp.mpf(years))
        d1 = mp.log(mp.mpf(forward) / mp.mpf(strike)) / deviation + deviation / 2
        return d1, d1 - deviation


def black(
    forward: float, strike: float, years: float, vol: float, sign: float
) -> tuple[float, float, float, float, float]:
    """Price, delta, gamma, vega, theta of Black-76 with r = 0."""
    with mp.workdps(DIGITS):
        d1, d2 = scores(forward, strike, years, vol)
        f, k, t, v = (mp.mpf(value) for value in (forward, strike, years, vol))
        root = mp.sqrt(t)
        density = mp.npdf(d1)
        upper, lower = (mp.erfc(-sign * d / mp.sqrt(2)) / 2 for d in (d1, d2))
        return (
            float(sign * (f * upper - k * lower)),
            float(sign * upper),
            float(density / (f * v * root)),
            float(f * density * root),
            float(-f * density * v / (2 * root)),
        )


def nine(
    leg: Sequence[float], *, rate: float, carry: float | None = None
) -> tuple[list[float], list[float]]:
    """Nine Greeks, and the sums of the absolute terms that each of them is made of.

    The leg holds price of the underlying, strike, years, volatility and sign. Without a carry the
    underlying is a forward, which rho then holds; with one it is a spot.
    """
    with mp.workdps(DIGITS):
        s, k, t, v, sign, r, b = (mp.mpf(value) for value in (*leg, rate, carry or 0.0))
        root, discount, yielded, q = mp.sqrt(t), mp.exp(-r * t), mp.exp((b - r) * t), r - b
        deviation = v * root
        log, half = mp.log(s / k) + b * t, deviation / 2
        d1, d2 = log / deviation + half, log / deviation - half
        size = abs(mp.log(s / k)) / deviation + abs(b * t) / deviation + half
        density = mp.npdf(d1)
        upper, lower = (mp.erfc(-sign * d / mp.sqrt(2)) / 2 for d in (d1, d2))
        price = sign * (yielded * s * upper - discount * k * lower)
        delta, slope = sign * yielded * upper, yielded * density
        vega, decay = s * slope * root, s * slope * v / (2 * root)
        rho = sign * t * discount * k * lower if carry is not None else -t * price
        values = [
            price, delta, slope / (s * deviation), vega, r * price - b * s * delta - decay, rho,
            -slope * d2 / v, vega * d1 * d2 / v,
            q * delta - slope * (b / deviation - d2 / (2 * t)),
        ]  # fmt: skip
        scales = [
            *map(abs, values[:4]), abs(r * price) + abs(b * s * delta) + decay, abs(rho),
            slope * size / v, vega * size * size / v,
            abs(q * delta) + slope * (abs(b) / deviation + size / (2 * t)),
        ]  # fmt: skip
        return [float(value) for value in values], [float(scale) for scale in scales]


def relative_error(computed: npt.ArrayLike, expected: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """|computed / expected - 1|, elementwise."""
    quotient = np.asarray(computed, dtype=np.float64) / np.asarray(expected, dtype=np.float64)
    return np.abs(quotient - 1.0)
