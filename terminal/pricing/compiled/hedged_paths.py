"""Random walks with a straddle hedged on each: blocks of paths that fit the nearest cache."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from numba import njit

from terminal.pricing.compiled.angles import sine_cosine
from terminal.pricing.compiled.elementary import (
    FAST,
    MILLS_SERIES,
    MILLS_SHIFT,
    ONE_BITS,
    ROOT_TWO_PI,
    exponential,
    float_of,
    log_ratio,
    piece,
    use_widest_vectors,
)
from terminal.pricing.rows import FloatArray

BLOCK: Final = 512
"""Paths that walk together."""

HALF: Final = BLOCK // 2
GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
FIRST_MIX: Final = np.uint64(0xBF58476D1CE4E5B9)
SECOND_MIX: Final = np.uint64(0x94D049BB133111EB)
BY_30: Final = np.uint64(30)
BY_27: Final = np.uint64(27)
BY_31: Final = np.uint64(31)
BY_12: Final = np.uint64(12)
BY_20: Final = np.uint64(20)
BY_40: Final = np.uint64(40)
TWO: Final = np.uint64(2)
ONE: Final = np.uint64(1)


@piece
def _mixed(counter: Any) -> Any:
    """Sixty-four random bits of a counter: the finaliser of SplitMix64 (Steele and others 2014)."""
    z = counter * GOLDEN
    z = (z ^ (z >> BY_30)) * FIRST_MIX
    z = (z ^ (z >> BY_27)) * SECOND_MIX
    return z ^ (z >> BY_31)


@piece
def _uniform(counter: Any) -> float:
    """A number in [1, 2), 52 random bits deep."""
    return float_of((_mixed(counter) >> BY_12) | ONE_BITS)


@piece
def _normal_pair(counter: Any) -> tuple[float, float]:
    """Two independent standard normals of two counters (Box and Muller 1958)."""
    first, second = _uniform(counter), _uniform(counter + ONE)
    radius = math.sqrt(2.0 * log_ratio(1.0, 2.0 - first))
    sine, cosine = sine_cosine(2.0 * math.pi * (second - 1.0))
    return radius * cosine, radius * sine


@piece
def _mills(distance: float) -> float:
    """Mills ratio of one number of 0 or more, relative error 2e-15."""
    w = 1.0 / (distance + MILLS_SHIFT)
    q = 1.0 - 2.0 * MILLS_SHIFT * w
    y = q * q
    c = MILLS_SERIES
    even, odd = c[20], c[21]
    for k in range(18, -1, -2):
        even, odd = even * y + c[k], odd * y + c[k + 1]
    return w * (even + q * odd)


def _compiled(function: Callable[..., None]) -> Callable[..., None]:
    """Compile for one signature; without the interpreter's lock, so that threads run at once."""
    made: Callable[..., None] = njit(
        ["void(f8[::1], u8, u8, u8, f8[:, ::1])"],
        cache=True,
        nogil=True,
        error_model="numpy",
        fastmath=set(FAST),
    )(function)
    return made


@_compiled
def walk(terms: FloatArray, steps: Any, seed: Any, block: Any, result: FloatArray) -> None:
    """Fill `result` (3, BLOCK) with what is left of each path: P&L, cost, trades.

    Parameters
    ----------
    terms : ndarray (9,)
        Drift and volatility of a step in logarithms, K, 1 / sigma_h sqrt(dt), sigma_h sqrt(dt),
        the width of the band at d1 = 0 and one step, one-way cost, premium, unused.
    steps, seed, block : uint64
        Steps of a path; what the draws are made of, and which block of paths this is.
    """
    use_widest_vectors()
    drift, swing, strike = terms[0], terms[1], terms[2]
    inverse, spread, wide, cost, premium = terms[3], terms[4], terms[5], terms[6], terms[7]
    x, held = np.zeros(BLOCK), np.zeros(BLOCK)
    spot, gained = np.full(BLOCK, strike), np.zeros(BLOCK)
    paid, count, draw = np.zeros(BLOCK), np.zeros(BLOCK), np.empty(BLOCK)
    origin = (seed << BY_40) + (block << BY_20 << BY_12)
    for step in range(steps):
        left = float(steps - step)
        root = math.sqrt(left)
        by_root, half = inverse / root, 0.5 * spread * root
        reach = wide / (root * root) ** (1.0 / 3.0)
        base = origin + np.uint64(step) * np.uint64(BLOCK)
        for i in range(HALF):
            draw[i], draw[i + HALF] = _normal_pair(base + TWO * np.uint64(i))
        for i in range(BLOCK):
            d = x[i] * by_root + half
            away = abs(d)
            tail = exponential(-0.5 * d * d) * (1.0 / ROOT_TWO_PI) * _mills(min(away, 50.0))
            straddle = math.copysign(1.0 - 2.0 * tail, d)
            band = reach * exponential(-(d * d + x[i]) * (1.0 / 3.0))
            net = straddle + held[i]
            kept = min(max(net, -band), band)
            traded = kept - net
            held[i] += traded
            size = abs(traded)
            paid[i] += cost * spot[i] * size
            count[i] += 1.0 if size > 0.0 else 0.0
            x[i] += drift + swing * draw[i]
            after = strike * exponential(x[i])
            gained[i] += held[i] * (after - spot[i])
            spot[i] = after
    for i in range(BLOCK):
        result[0, i] = abs(spot[i] - strike) - premium + gained[i] - paid[i]
        result[1, i] = paid[i]
        result[2, i] = count[i]


def normals(seed: int, block: int, steps: int) -> npt.NDArray[np.float64]:
    """The draws (steps, BLOCK) of a block, by numpy: what `walk` walks on.

    Parameters
    ----------
    seed, block, steps : int
        As in `walk`.
    """
    base = (seed << 40) + (block << 32)
    first = np.arange(steps, dtype=np.uint64)[:, None] * np.uint64(BLOCK)
    counter = np.uint64(base % 2**64) + first + TWO * np.arange(HALF, dtype=np.uint64)
    with np.errstate(over="ignore"):
        one, two = (_numpy_uniform(counter + each) for each in (np.uint64(0), ONE))
    radius = np.sqrt(-2.0 * np.log(2.0 - one))
    angle = 2.0 * np.pi * (two - 1.0)
    return np.hstack((radius * np.cos(angle), radius * np.sin(angle)))


def _numpy_uniform(counter: npt.NDArray[np.uint64]) -> FloatArray:
    z = counter * GOLDEN
    z = (z ^ (z >> BY_30)) * FIRST_MIX
    z = (z ^ (z >> BY_27)) * SECOND_MIX
    bits = ((z ^ (z >> BY_31)) >> BY_12) | ONE_BITS
    return bits.view(np.float64)
