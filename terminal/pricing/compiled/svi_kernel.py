"""Fit of an SVI slice in compiled code, the answers of `terminal.pricing.surface.svi_fit`."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from msgspec import structs

from terminal.pricing.compiled.svi_pieces import (
    Floats,
    compiled,
    lowest_factor,
    part,
    profile,
    unbounded_loss,
)
from terminal.pricing.rows import FloatArray
from terminal.pricing.surface import svi_fit
from terminal.pricing.surface.no_arbitrage import (
    CLEAR_FACTOR,
    LARGEST_SLOPE,
    Neighbours,
    is_free,
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
    raw_of,
)

LANES: Final = 8
SHIFTS: Final = np.array(START_SHIFTS)
WIDTHS: Final = np.array(START_WIDTHS)
FREE_WINGS: Final = tuple(WingBounds())

CLEAR: Final = 0
UNCLEAR: Final = 1
UNUSABLE: Final = 2


@part
def _two_starts(rows: FloatArray, centre: float, unit: float) -> tuple[int, int]:
    """`svi_profile._starts`, as places in the grid."""
    columns = WIDTHS.size
    losses = np.empty(SHIFTS.size * columns)
    first = 0
    for index in range(losses.size):
        shift = centre + unit * SHIFTS[index // columns]
        losses[index] = unbounded_loss(rows, shift, unit * WIDTHS[index % columns])
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


@part
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


@part
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
    best = profile(rows, work, shift, width, bounds)
    damping = FIRST_DAMPING
    for _ in range(MAX_STEPS):
        by_shift, by_width = _step(best, (shift - centre, width), damping, unit)
        if not by_shift * best[4] + by_width * best[5] > WORTHWHILE * best[3] + noise:
            break
        next_shift = min(max(shift + by_shift, centre - reach), centre + reach)
        next_log = min(max(log_width + by_width, narrowest), widest)
        next_width = math.exp(next_log)
        trial = profile(rows, work, next_shift, next_width, bounds)
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


@part
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


@compiled("UniTuple(f8, 9)(f8[::1], f8[::1], f8[::1], f8, UniTuple(f8, 4))")
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
    lowest = lowest_factor((a, right, left, shift, sigma))
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


@compiled("UniTuple(f8, 9)(f8[::1], f8[::1], f8[::1], f8)")
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
        As there: fitted variances equal to 1e-10 of the largest quote, constrained slices exactly.

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
        except (TypeError, ValueError):   # not three float64 columns: looked at below
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
    if not is_free(raw_of(wings), neighbours):
        # What follows magnifies the rounding of its start: it must be that of the numpy code.
        kept = svi_fit.fit_slice(cleaned.k, cleaned.variance, cleaned.weights, years, neighbours)
        return structs.replace(kept, excluded=cleaned.excluded)
    return settled(cleaned, prepared(cleaned), wings, years, neighbours)


def _fit(found: Floats, used: int) -> SliceFit:
    """The answer of the kernel as a record."""
    _, a, right, left, shift, sigma, loss, vol_error, lowest = found
    total = right + left
    smile = RawSvi(a, 0.5 * total, (right - left) / total, shift, sigma)
    return SliceFit(FitStatus.LEAST_SQUARES, smile, math.sqrt(loss), vol_error, lowest, used)
