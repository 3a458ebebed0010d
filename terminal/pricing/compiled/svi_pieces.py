"""Pieces of the compiled SVI fit: linear parameters at one (m, sigma), starts, lowest g."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, TypeVar, cast

import numpy as np
from numba import njit

from terminal.pricing.rows import FloatArray
from terminal.pricing.surface.no_arbitrage import OFFSETS
from terminal.pricing.surface.svi_profile import TINY

Function = TypeVar("Function", bound=Callable[..., object])
Floats = tuple[float, ...]

# Sums may be reordered here, so that they run on whole registers; NaN and infinities keep meaning.
FAST: Final = frozenset({"contract", "arcp", "nsz", "reassoc"})
COSINES: Final = np.hypot(OFFSETS, 1.0)


def compiled(signature: str) -> Callable[[Function], Function]:
    """Compile a function for good, with its types given."""
    made = njit(signature, cache=True, error_model="numpy", fastmath=set(FAST))
    return cast("Callable[[Function], Function]", made)


def part(function: Function) -> Function:
    """Make a function part of the kernel."""
    return cast("Function", njit(function, error_model="numpy", fastmath=set(FAST)))


def _without_nan(function: Function) -> Function:
    """The same for arithmetic that cannot make a NaN: only then is a minimum made by registers."""
    return cast("Function", njit(function, error_model="numpy", fastmath={*FAST, "nnan"}))


@part
def _wing_slopes(factor: Floats, bounds: Floats) -> Floats:
    """`svi_profile.wing_slopes`: both slopes, how many are free, and the tangent."""
    r11, r12, r22, t1, t2 = factor
    lowest_r, highest_r, lowest_l, highest_l = bounds
    if abs(r22) > TINY and abs(r11) > TINY:
        left = t2 / r22
        right = (t1 - r12 * left) / r11
        if lowest_r <= right <= highest_r and lowest_l <= left <= highest_l:
            return right, left, 2.0, 0.0, 0.0
    best = math.inf
    answer = lowest_r, lowest_l, 0.0, 0.0, 0.0
    length = math.sqrt(r12 * r12 + r22 * r22) + TINY
    along, down = r12 / length, r22 / length
    for bound in (lowest_r, highest_r):
        free = (along * (t1 - r11 * bound) + down * t2) / length
        left = min(max(free, lowest_l), highest_l)
        miss = (t1 - r11 * bound - r12 * left) ** 2 + (t2 - r22 * left) ** 2
        if miss < best:
            best = miss
            answer = bound, left, 1.0 if left == free else 0.0, along, down
    for bound in (lowest_l, highest_l):
        free = (t1 - r12 * bound) / (r11 if abs(r11) > TINY else TINY)
        right = min(max(free, lowest_r), highest_r)
        miss = (t1 - r11 * right - r12 * bound) ** 2 + (t2 - r22 * bound) ** 2
        if miss < best:
            best = miss
            answer = right, bound, 1.0 if right == free else 0.0, 1.0, 0.0
    return answer


@part
def _fill(rows: FloatArray, work: FloatArray, shift: float, width: float) -> Floats:
    """Weighted columns, and their products with the weighted column of ones, of length 1.

    The columns are the right and the left wing, the derivatives in m and ln sigma over b, and the
    quotes.
    """
    k, variance, root = rows[0], rows[1], rows[2]
    right, left, by_shift, by_width, quotes = work[0], work[1], work[2], work[3], work[4]
    square = width * width
    ru, rl, re, rf, rt = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(k.size):
        offset = k[i] - shift
        height = math.sqrt(offset * offset + square)
        weight = root[i]
        share = weight / height
        u, v = 0.5 * (height + offset) * weight, 0.5 * (height - offset) * weight
        e, f, t = offset * share, square * share, variance[i] * weight
        right[i], left[i], by_shift[i], by_width[i], quotes[i] = u, v, e, f, t
        ru += weight * u
        rl += weight * v
        re += weight * e
        rf += weight * f
        rt += weight * t
    return ru, rl, re, rf, rt


@part
def _strip_level(root: FloatArray, work: FloatArray, level: Floats) -> Floats:
    """Take the weighted means off; squared length of the right wing, its products."""
    right, left, by_shift, by_width, quotes = work[0], work[1], work[2], work[3], work[4]
    ru, rl, re, rf, rt = level
    uu, uv, ue, uf, ut = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(root.size):
        weight = root[i]
        u, v = right[i] - ru * weight, left[i] - rl * weight
        e, f, t = by_shift[i] - re * weight, by_width[i] - rf * weight, quotes[i] - rt * weight
        right[i], left[i], by_shift[i], by_width[i], quotes[i] = u, v, e, f, t
        uu += u * u
        uv += u * v
        ue += u * e
        uf += u * f
        ut += u * t
    return uu, uv, ue, uf, ut


@part
def _strip_right(work: FloatArray, wing: Floats) -> Floats:
    """Take the right wing off; squared length of what is left of the left one, its products."""
    right, left, by_shift, by_width, quotes = work[0], work[1], work[2], work[3], work[4]
    uv, ue, uf, ut = wing
    vv, ve, vf, vt = 0.0, 0.0, 0.0, 0.0
    for i in range(quotes.size):
        u = right[i]
        v = left[i] - uv * u
        e, f, t = by_shift[i] - ue * u, by_width[i] - uf * u, quotes[i] - ut * u
        left[i], by_shift[i], by_width[i], quotes[i] = v, e, f, t
        vv += v * v
        ve += v * e
        vf += v * f
        vt += v * t
    return vv, ve, vf, vt


@part
def _strip_left(work: FloatArray, wing: Floats) -> Floats:
    """Take the left wing off; products of what is left of the derivatives and the quotes."""
    left, by_shift, by_width, quotes = work[1], work[2], work[3], work[4]
    ve, vf, vt = wing
    ee, ef, ff, et, ft, tt = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(quotes.size):
        v = left[i]
        e, f, t = by_shift[i] - ve * v, by_width[i] - vf * v, quotes[i] - vt * v
        ee += e * e
        ef += e * f
        ff += f * f
        et += e * t
        ft += f * t
        tt += t * t
    return ee, ef, ff, et, ft, tt


@part
def profile(
    rows: FloatArray, work: FloatArray, shift: float, width: float, bounds: Floats
) -> Floats:
    """`svi_profile.profile` by modified Gram-Schmidt: a, right, left, loss, gradient, Hessian."""
    level = _fill(rows, work, shift, width)
    uu, uv, ue, uf, ut = _strip_level(rows[2], work, level)
    inverse = 1.0 / (uu + TINY)
    r11 = math.sqrt(uu) + TINY
    vv, ve, vf, vt = _strip_right(
        work, (uv * inverse, ue * inverse, uf * inverse, ut * inverse)
    )
    inverse = 1.0 / (vv + TINY)
    r22 = math.sqrt(vv) + TINY
    ee, ef, ff, et, ft, tt = _strip_left(work, (ve * inverse, vf * inverse, vt * inverse))
    r12, r15, r25 = uv / r11, ut / r11, vt / r22
    right, left, free, along, down = _wing_slopes((r11, r12, r22, r15, r25), bounds)
    if free != 2.0:
        upper, lower = r15 - r11 * right - r12 * left, r25 - r22 * left
        # One row across the free column, or both where no column is free.
        for row in range(1 if free == 1.0 else 2):
            x, y = (-down, along) if free == 1.0 else (1.0 - row, float(row))
            x, y, t = x / r11, y / r22, x * upper + y * lower
            e, f = x * ue + y * ve, x * uf + y * vf
            ee, ef, ff = ee + e * e, ef + e * f, ff + f * f
            et, ft, tt = et + e * t, ft + f * t, tt + t * t
    b = 0.5 * (right + left)
    base = level[4] - level[0] * right - level[1] * left
    return base, right, left, tt, -b * et, b * ft, b * b * ee, -b * b * ef, b * b * ff


@part
def unbounded_loss(rows: FloatArray, shift: float, width: float) -> float:
    """One of `svi_profile._unbounded_losses`."""
    k, variance, root = rows[0], rows[1], rows[2]
    g00, g01, g02, g03, g11, g12, g13 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    g22, g23, g33 = 0.0, 0.0, 0.0
    square = width * width
    for i in range(k.size):
        offset = k[i] - shift
        one = root[i]
        x, h, w = offset * one, math.sqrt(offset * offset + square) * one, variance[i] * one
        g00 += one * one
        g01 += one * x
        g02 += one * h
        g03 += one * w
        g11 += x * x
        g12 += x * h
        g13 += x * w
        g22 += h * h
        g23 += h * w
        g33 += w * w
    inverse = 1.0 / (g00 + TINY)
    g11 -= g01 * g01 * inverse
    g12 -= g01 * g02 * inverse
    g13 -= g01 * g03 * inverse
    g22 -= g02 * g02 * inverse
    g23 -= g02 * g03 * inverse
    g33 -= g03 * g03 * inverse
    inverse = 1.0 / (g11 + TINY)
    g22 -= g12 * g12 * inverse
    g23 -= g12 * g13 * inverse
    g33 -= g13 * g13 * inverse
    return g33 - g23 * g23 / (g22 + TINY)


@_without_nan
def lowest_factor(smile: Floats) -> float:
    """Lowest g on both grids of `no_arbitrage.grids`; -inf where variance is not positive."""
    a, right, left, shift, sigma = smile
    b, tilt = 0.5 * (right + left), 0.5 * (right - left)
    # b^2 (1 - rho^2), as the product of the wings.
    angle = math.sqrt(right * left)
    lowest = a + sigma * angle
    if not (lowest > 0.0 and angle > 0.0):
        return -math.inf
    steep = b / angle
    centre = shift - tilt * sigma / angle
    spread = math.sqrt(lowest * sigma / b * steep * steep * steep)
    found = math.inf
    for i in range(OFFSETS.size):
        x, height = sigma * OFFSETS[i], sigma * COSINES[i]
        line = a + tilt * x + b * height, tilt, b
        found = min(found, _factor(shift + x, line, x, height, sigma))
        k = centre + spread * OFFSETS[i]
        x = k - shift
        height = math.sqrt(x * x + sigma * sigma)
        line = a + tilt * x + b * height, tilt, b
        found = min(found, _factor(k, line, x, height, sigma))
    return found


@_without_nan
def _factor(k: float, line: Floats, x: float, height: float, sigma: float) -> float:
    """`no_arbitrage.density_factor` at one log strike."""
    value, tilt, b = line
    inverse = 1.0 / height
    slope = tilt + b * x * inverse
    cosine = sigma * inverse
    ratio = slope / value
    lean = 1.0 - 0.5 * k * ratio
    return lean * lean - 0.25 * slope * (ratio + 0.25 * slope) + 0.5 * b * cosine * cosine * inverse
