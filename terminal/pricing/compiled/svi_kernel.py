"""Fit of an SVI slice in compiled code, the answers of `terminal.pricing.surface.svi_fit`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit

from terminal.pricing.rows import FloatArray
from terminal.pricing.surface.no_arbitrage import (
    CLEAR_FACTOR,
    LARGEST_SLOPE,
    OFFSETS,
    Neighbours,
)
from terminal.pricing.surface.svi import RawSvi, check_raw
from terminal.pricing.surface.svi_constrained import wing_bounds
from terminal.pricing.surface.svi_fit import (
    ALONE,
    FEWEST_STRIKES,
    Cleaned,
    FitStatus,
    SliceFit,
    check_years,
    clean,
    prepared,
    settled,
    without_slice,
)
from terminal.pricing.surface.svi_profile import (
    BESIDE,
    EDGE,
    FARTHEST,
    FIRST_DAMPING,
    LEAST_DAMPING,
    MAX_STEPS,
    MOST_DAMPING,
    NARROWEST,
    ROUNDING,
    START_SHIFTS,
    START_WIDTHS,
    TINY,
    WIDEST,
    WORTHWHILE,
    WingBounds,
    Wings,
)

Function = TypeVar("Function", bound=Callable[..., Any])
Floats = tuple[float, ...]

# Sums may be reordered here, so that they run on whole registers; NaN and infinities keep meaning.
FAST: Final = frozenset({"contract", "arcp", "nsz", "reassoc"})
LANES: Final = 8
SHIFTS: Final = np.array(START_SHIFTS)
WIDTHS: Final = np.array(START_WIDTHS)
COSINES: Final = np.hypot(OFFSETS, 1.0)
FREE_WINGS: Final = tuple(WingBounds())

CLEAR: Final = 0
UNCLEAR: Final = 1
UNUSABLE: Final = 2


def _part(function: Function) -> Function:
    """Make a function part of the kernel."""
    return cast("Function", njit(function, error_model="numpy", fastmath=set(FAST)))


def _without_nan(function: Function) -> Function:
    """The same for arithmetic that cannot make a NaN: only then is a minimum made by registers."""
    return cast("Function", njit(function, error_model="numpy", fastmath={*FAST, "nnan"}))


@_part
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


@_part
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


@_part
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


@_part
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


@_part
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


@_part
def _profile(
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


@_part
def _unbounded_loss(rows: FloatArray, shift: float, width: float) -> float:
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


@_part
def _two_starts(rows: FloatArray, centre: float, unit: float) -> tuple[int, int]:
    """`svi_profile._starts`, as places in the grid."""
    columns = WIDTHS.size
    losses = np.empty(SHIFTS.size * columns)
    first = 0
    for index in range(losses.size):
        shift = centre + unit * SHIFTS[index // columns]
        losses[index] = _unbounded_loss(rows, shift, unit * WIDTHS[index % columns])
        if losses[index] < losses[first]:
            first = index
    rival = -1
    for index in range(losses.size):
        apart = max(
            abs(index // columns - first // columns), abs(index % columns - first % columns)
        )
        if apart > 1 and (rival < 0 or losses[index] < losses[rival]):
            rival = index
    return first, rival


@_part
def _step(best: Floats, state: Floats, damping: float, unit: float) -> tuple[float, float]:
    """`svi_profile._held` and `_step`; the state is (m - centre, sigma)."""
    shift, width = state
    slope_shift, slope_width, first, cross, second = best[4], best[5], best[6], best[7], best[8]
    first, second = first * (1.0 + damping) + TINY, second * (1.0 + damping) + TINY
    at_side = abs(shift) >= EDGE * FARTHEST * unit and shift * slope_shift > 0.0
    too_wide = width >= EDGE * WIDEST * unit and slope_width > 0.0
    too_narrow = width * EDGE <= NARROWEST * unit and slope_width < 0.0
    if at_side or too_wide or too_narrow:
        by_width = 0.0 if too_wide or too_narrow else slope_width / second
        return 0.0 if at_side else slope_shift / first, by_width
    determinant = first * second - cross * cross
    if not determinant > 0.0:
        return 0.0, 0.0
    return (
        (second * slope_shift - cross * slope_width) / determinant,
        (first * slope_width - cross * slope_shift) / determinant,
    )


@_part
def _descend(
    rows: FloatArray, work: FloatArray, frame: Floats, start: Floats, bounds: Floats
) -> Floats:
    """`svi_profile._descend`: a, right, left, m, sigma, loss.

    The frame is (centre, half range, noise), the start (m, sigma, known m, known sigma), the last
    two zero where nothing is known.
    """
    centre, unit, noise = frame
    shift, width, known_shift, known_width = start
    log_width = math.log(width)
    reach, narrowest, widest = FARTHEST * unit, math.log(NARROWEST * unit), math.log(WIDEST * unit)
    nearby = BESIDE * min(known_width, unit)
    best = _profile(rows, work, shift, width, bounds)
    damping = FIRST_DAMPING
    for _ in range(MAX_STEPS):
        by_shift, by_width = _step(best, (shift - centre, width), damping, unit)
        if not by_shift * best[4] + by_width * best[5] > WORTHWHILE * best[3] + noise:
            break
        next_shift = min(max(shift + by_shift, centre - reach), centre + reach)
        next_log = min(max(log_width + by_width, narrowest), widest)
        next_width = math.exp(next_log)
        trial = _profile(rows, work, next_shift, next_width, bounds)
        if trial[3] < best[3]:
            best, shift, log_width, width = trial, next_shift, next_log, next_width
            damping = max(0.1 * damping, LEAST_DAMPING)
            if abs(shift - known_shift) < nearby and abs(width - known_width) < (
                BESIDE * known_width
            ):
                break
        else:
            damping *= 10.0
            if damping > MOST_DAMPING:
                break
    return best[0], best[1], best[2], shift, width, best[3]


@_without_nan
def _lowest_factor(smile: Floats) -> float:
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


@_part
def _load(k: FloatArray, variance: FloatArray, weights: FloatArray, rows: FloatArray) -> bool:
    """Copy sound quotes at ascending strikes into padded rows, roots of the weights scaled."""
    count = k.size
    heaviest = 0.0
    distinct = 1
    sound = True
    for i in range(count):
        sound &= abs(k[i]) < math.inf and 0.0 < variance[i] < math.inf and (
            0.0 < weights[i] < math.inf
        )
        heaviest = max(heaviest, weights[i])
        if i > 0:
            sound &= k[i] >= k[i - 1]
            distinct += k[i] > k[i - 1]
    if not sound or distinct < FEWEST_STRIKES:
        return False
    total = 0.0
    for i in range(count):
        total += weights[i] / heaviest
    inverse = 1.0 / math.sqrt(total)
    for i in range(rows.shape[1]):
        j = min(i, count - 1)
        rows[0, i] = k[j]
        rows[1, i] = variance[j]
        rows[2, i] = math.sqrt(weights[j] / heaviest) * inverse if i < count else 0.0
    return True


def _compiled(signature: str) -> Callable[[Function], Function]:
    """Compile a function for good, with its types given."""
    made = njit(signature, cache=True, error_model="numpy", fastmath=set(FAST))
    return cast("Callable[[Function], Function]", made)


@_compiled("UniTuple(f8, 9)(f8[::1], f8[::1], f8[::1], f8, UniTuple(f8, 4))")
def solve(
    k: FloatArray, variance: FloatArray, weights: FloatArray, years: float, bounds: Floats
) -> Floats:
    """Status, wings (a, right, left, m, sigma), error, error in volatility, lowest g."""
    count = k.size
    padded = (count + LANES - 1) // LANES * LANES
    rows, work = np.empty((3, padded)), np.empty((5, padded))
    if variance.size != count or weights.size != count:
        return 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    if count < FEWEST_STRIKES or not _load(k, variance, weights, rows):
        return 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    centre, unit = 0.5 * (k[0] + k[count - 1]), 0.5 * (k[count - 1] - k[0])
    square = 0.0
    for i in range(count):
        square += variance[i] * variance[i]
    frame = centre, unit, ROUNDING**2 * square / count
    first, rival = _two_starts(rows, centre, unit)
    columns = WIDTHS.size
    start = centre + unit * SHIFTS[first // columns], unit * WIDTHS[first % columns], 0.0, 0.0
    best = _descend(rows, work, frame, start, bounds)
    shift, width = centre + unit * SHIFTS[rival // columns], unit * WIDTHS[rival % columns]
    other = _descend(rows, work, frame, (shift, width, best[3], best[4]), bounds)
    if other[5] < best[5]:
        best = other
    a, right, left, shift, sigma, loss = best
    lowest = _lowest_factor((a, right, left, shift, sigma))
    steepest = max(right, left)
    status = 0.0 if lowest >= CLEAR_FACTOR and steepest <= LARGEST_SLOPE else 1.0
    miss = 0.0
    for i in range(count):
        x = k[i] - shift
        height = math.sqrt(x * x + sigma * sigma)
        fitted = a + 0.5 * (right * (height + x) + left * (height - x))
        vol_miss = math.sqrt(max(fitted, 0.0)) - math.sqrt(variance[i])
        miss += vol_miss * vol_miss
    return status, a, right, left, shift, sigma, loss, math.sqrt(miss / (count * years)), lowest


@_compiled("UniTuple(f8, 9)(f8[::1], f8[::1], f8[::1], f8)")
def solve_alone(
    k: FloatArray, variance: FloatArray, weights: FloatArray, years: float
) -> Floats:
    """`solve` without neighbours."""
    return solve(k, variance, weights, years, FREE_WINGS)


def fit_slice(
    k: npt.ArrayLike,
    total_variance: npt.ArrayLike,
    weights: npt.ArrayLike,
    years: float,
    neighbours: Neighbours = ALONE,
) -> SliceFit:
    """Fit raw SVI to one expiry: `terminal.pricing.surface.svi_fit.fit_slice`, compiled.

    Parameters
    ----------
    k, total_variance, weights : array_like (n,)
        As there; ascending float64 arrays without faults take the shortest way.
    years : float
        As there.
    neighbours : Neighbours
        As there.

    Returns
    -------
    SliceFit
        As there, fitted variances equal to 1e-12 of the largest quote.

    Raises
    ------
    TypeError, ValueError
        As there.

    Notes
    -----
    Only the least squares and the search for butterflies are compiled. A slice that needs the
    constraints, or has neighbours to be compared with, is settled by the numpy code.
    """
    check_years(years)
    if neighbours is ALONE:
        columns: tuple[Any, Any, Any] = (k, total_variance, weights)
        try:
            found = solve_alone(columns[0], columns[1], columns[2], years)
        except TypeError:   # not three float64 columns; what else they are is looked at below
            pass
        else:
            if found[0] == CLEAR:
                return _fit(found, len(columns[0]))
    return _fit_cleaned(clean(k, total_variance, weights), years, neighbours)


def _fit_cleaned(cleaned: Cleaned, years: float, neighbours: Neighbours) -> SliceFit:
    """Fit quotes in any order, or between neighbours."""
    for each in neighbours:
        if each is not None:
            check_raw(each)
    order = np.argsort(cleaned.k, kind="stable")
    k, variance, weights = cleaned.k[order], cleaned.variance[order], cleaned.weights[order]
    found = solve(k, variance, weights, years, tuple(wing_bounds(neighbours)))
    if found[0] == UNUSABLE:
        return without_slice(FitStatus.TOO_FEW_QUOTES, cleaned)
    _, a, right, left, shift, width, *_ = found
    wings = Wings(a, right, left, shift, width)
    return settled(cleaned, prepared(cleaned), wings, years, neighbours)


def _fit(found: Floats, used: int) -> SliceFit:
    """The answer of the kernel as a record."""
    _, a, right, left, shift, sigma, loss, vol_error, lowest = found
    total = right + left
    smile = RawSvi(a, 0.5 * total, (right - left) / total, shift, sigma)
    return SliceFit(FitStatus.LEAST_SQUARES, smile, math.sqrt(loss), vol_error, lowest, used)
