"""Least squares of a raw SVI slice with its three linear parameters solved for at every step."""

from __future__ import annotations

from math import exp, inf, log, sqrt
from typing import Final, NamedTuple

import numpy as np

from terminal.pricing.rows import FloatArray
from terminal.pricing.surface.svi import RawSvi

# Steepest wing a fit may choose, in place of Lee's 2: g then stays above zero far out.
STEEPEST: Final = 1.99
# Starts: vertex and rounding in units of half the range of the log strikes.
START_SHIFTS: Final = (-0.8, -0.4, 0.0, 0.4, 0.8)
START_WIDTHS: Final = (0.05, 0.2, 0.6, 1.8)
# Bounds of the search, in the same unit.
FARTHEST: Final = 4.0
NARROWEST: Final = 0.002
WIDEST: Final = 20.0
# A bound counts as reached within this share of it.
EDGE: Final = 1.0 - 1e-12
MAX_STEPS: Final = 60
FIRST_DAMPING: Final = 1e-2
LEAST_DAMPING: Final = 1e-12
MOST_DAMPING: Final = 1e10
# A step that promises less than this share of the sum of squares ends the search.
WORTHWHILE: Final = 1e-10
# A search this near to where another ended, as a share, would end there too.
BESIDE: Final = 0.1
# Residuals of this share of the quotes are rounding.
ROUNDING: Final = 1e-15
TINY: Final = 1e-300


class Quotes(NamedTuple):
    """Cleaned quotes of one expiry, weights scaled to sum to 1, and the frame of the search."""

    k: FloatArray
    variance: FloatArray
    root_weight: FloatArray
    centre: float
    half_range: float


class Wings(NamedTuple):
    """A slice by the slopes of its wings: w = a + right (h + x) / 2 + left (h - x) / 2.

    Here x = k - m and h = sqrt(x^2 + sigma^2): linear in a, right = b (1 + rho) and
    left = b (1 - rho).
    """

    a: float
    right: float
    left: float
    m: float
    sigma: float


class WingBounds(NamedTuple):
    """Bounds of the slopes of total variance in the wings, all >= 0."""

    least_right: float = 0.0
    most_right: float = STEEPEST
    least_left: float = 0.0
    most_left: float = STEEPEST


class Profile(NamedTuple):
    """Best linear parameters at one (m, ln sigma), with the Gauss-Newton model around it."""

    wings: Wings
    loss: float
    gradient: tuple[float, float]
    hessian: tuple[float, float, float]


def best_wings(quotes: Quotes, bounds: WingBounds) -> tuple[Wings, float]:
    """Slice of the least weighted squares among those whose wings lie in their bounds.

    Parameters
    ----------
    quotes : Quotes
        At least five different log strikes.
    bounds : WingBounds
        What the wings may be.

    Returns
    -------
    wings : Wings
        The slice; butterflies and calendars are not looked at.
    loss : float
        Weighted mean of the squared residuals in total variance.

    Notes
    -----
    Variable projection: Golub and Pereyra (1973) with Kaufman's (1975) Jacobian, applied to the
    quasi-explicit form of De Marco and Martini (Zeliade, 2009). Levenberg-Marquardt in
    (m, ln sigma) runs from the best of a grid of starts and from the best of those not beside it.
    """
    first, second = _starts(quotes)
    found = _descend(quotes, first, bounds, None)
    other = _descend(quotes, second, bounds, found.wings)
    best = other if other.loss < found.loss else found
    return best.wings, best.loss


def raw_of(wings: Wings) -> RawSvi:
    """Raw parameters of a slice given by its wings."""
    total = wings.right + wings.left
    rho = (wings.right - wings.left) / total if total > 0.0 else 0.0
    return RawSvi(a=wings.a, b=0.5 * total, rho=rho, m=wings.m, sigma=wings.sigma)


def _starts(quotes: Quotes) -> tuple[tuple[float, float], tuple[float, float]]:
    """Best start of the grid, and the best one that is not its neighbour; as (m, ln sigma)."""
    unit = quotes.half_range
    columns = len(START_WIDTHS)
    shifts = quotes.centre + unit * np.repeat(np.array(START_SHIFTS), columns)
    widths = unit * np.tile(np.array(START_WIDTHS), len(START_SHIFTS))
    losses = _unbounded_losses(quotes, shifts, widths).tolist()
    first = losses.index(min(losses))
    rival = -1
    for index, loss in enumerate(losses):
        apart = max(
            abs(index // columns - first // columns), abs(index % columns - first % columns)
        )
        if apart > 1 and (rival < 0 or loss < losses[rival]):
            rival = index
    return (
        (float(shifts[first]), log(widths[first])),
        (float(shifts[rival]), log(widths[rival])),
    )


def _unbounded_losses(quotes: Quotes, shifts: FloatArray, widths: FloatArray) -> FloatArray:
    """Weighted squares left at each start when the wings may have any slope; good to rank them."""
    offset = quotes.k - shifts[:, np.newaxis]
    design = np.empty((shifts.size, 4, quotes.k.size))
    design[:, 0] = 1.0
    design[:, 1] = offset
    design[:, 2] = np.sqrt(offset * offset + (widths * widths)[:, np.newaxis])
    design[:, 3] = quotes.variance
    design *= quotes.root_weight
    gram = design @ design.transpose(0, 2, 1)
    for pivot in range(3):
        scale = gram[:, pivot, pivot] + TINY
        ratio = gram[:, pivot + 1 :, pivot] / scale[:, np.newaxis]
        gram[:, pivot + 1 :] -= ratio[:, :, np.newaxis] * gram[:, np.newaxis, pivot]
    return np.asarray(gram[:, 3, 3])


def _descend(
    quotes: Quotes, start: tuple[float, float], bounds: WingBounds, known: Wings | None
) -> Profile:
    """Levenberg-Marquardt in (m, ln sigma) until a step promises nothing, or nears a known end."""
    unit = quotes.half_range
    reach, narrowest, widest = FARTHEST * unit, log(NARROWEST * unit), log(WIDEST * unit)
    shift, log_width = start
    best = profile(quotes, shift, exp(log_width), bounds)
    noise = ROUNDING**2 * float(np.dot(quotes.variance, quotes.variance)) / quotes.k.size
    damping = FIRST_DAMPING
    for _ in range(MAX_STEPS):
        step = _step(best, damping, _held(best, quotes))
        promise = step[0] * best.gradient[0] + step[1] * best.gradient[1]
        if not promise > WORTHWHILE * best.loss + noise:
            break
        next_shift = min(max(shift + step[0], quotes.centre - reach), quotes.centre + reach)
        next_width = min(max(log_width + step[1], narrowest), widest)
        trial = profile(quotes, next_shift, exp(next_width), bounds)
        if trial.loss < best.loss:
            best, shift, log_width = trial, next_shift, next_width
            damping = max(0.1 * damping, LEAST_DAMPING)
            if known is not None and _is_beside(best.wings, known, unit):
                break
        else:
            damping *= 10.0
            if damping > MOST_DAMPING:
                break
    return best


def _is_beside(wings: Wings, known: Wings, unit: float) -> bool:
    """Whether two vertices and roundings are so near that they lie in one valley."""
    nearby = BESIDE * min(known.sigma, unit)
    ratio = wings.sigma / known.sigma
    return abs(wings.m - known.m) < nearby and 1.0 - BESIDE < ratio < 1.0 + BESIDE


def _held(profile: Profile, quotes: Quotes) -> tuple[bool, bool]:
    """Which of (m, ln sigma) stands at a bound and would leave it downhill."""
    unit, (slope_shift, slope_width) = quotes.half_range, profile.gradient
    shift, width = profile.wings.m - quotes.centre, profile.wings.sigma
    at_side = abs(shift) >= EDGE * FARTHEST * unit and shift * slope_shift > 0.0
    too_wide = width >= EDGE * WIDEST * unit and slope_width > 0.0
    too_narrow = width * EDGE <= NARROWEST * unit and slope_width < 0.0
    return at_side, too_wide or too_narrow


def _step(profile: Profile, damping: float, held: tuple[bool, bool]) -> tuple[float, float]:
    """Damped Gauss-Newton step, scaled by the diagonal, along what is not held."""
    first, cross, second = profile.hessian
    if any(held):
        along_shift = profile.gradient[0] / (first * (1.0 + damping) + TINY)
        along_width = profile.gradient[1] / (second * (1.0 + damping) + TINY)
        return 0.0 if held[0] else along_shift, 0.0 if held[1] else along_width
    first, second = first * (1.0 + damping) + TINY, second * (1.0 + damping) + TINY
    determinant = first * second - cross * cross
    if not determinant > 0.0:
        return 0.0, 0.0
    left, right = profile.gradient
    return (
        (second * left - cross * right) / determinant,
        (first * right - cross * left) / determinant,
    )


def profile(
    quotes: Quotes, shift: float, width: float, bounds: WingBounds
) -> Profile:
    """Solve for the linear parameters and project the others on what they leave."""
    offset = quotes.k - shift
    height = np.sqrt(offset * offset + width * width)
    columns = np.empty((6, offset.size))
    columns[0] = 1.0
    columns[1] = 0.5 * (height + offset)
    columns[2] = 0.5 * (height - offset)
    columns[3] = offset / height
    columns[4] = (width * width) / height
    columns[5] = quotes.variance
    columns *= quotes.root_weight
    factor = np.asarray(np.linalg.qr(columns.T, mode="r")).tolist()
    while len(factor) < 6:
        factor.append([0.0] * 6)
    right, left, tangent = wing_slopes(factor, bounds)
    level = (factor[0][5] - factor[0][1] * right - factor[0][2] * left) / factor[0][0]
    wings = Wings(level, right, left, shift, width)
    return _reduced(factor, wings, tangent)


def wing_slopes(
    factor: list[list[float]], bounds: WingBounds
) -> tuple[float, float, tuple[float, float] | None]:
    """Best slopes of the wings inside their bounds, and the direction they may still move in.

    Parameters
    ----------
    factor : list of list of float (6, 6)
        Triangular factor of the columns one, right, left, two derivatives, quotes.
    bounds : WingBounds
        What the wings may be.

    Returns
    -------
    right, left : float
        Slopes of total variance.
    tangent : tuple of float or None
        (0, 0) where both are free. Where one bound holds, the unit vector of the other column in
        rows 1 and 2. None where both hold.
    """
    lowest_r, highest_r, lowest_l, highest_l = bounds
    r11, r12, r22 = factor[1][1], factor[1][2], factor[2][2]
    t1, t2 = factor[1][5], factor[2][5]
    if abs(r22) > TINY and abs(r11) > TINY:
        left = t2 / r22
        right = (t1 - r12 * left) / r11
        if lowest_r <= right <= highest_r and lowest_l <= left <= highest_l:
            return right, left, (0.0, 0.0)
    best = inf
    answer: tuple[float, float, tuple[float, float] | None] = (lowest_r, lowest_l, None)
    length = sqrt(r12 * r12 + r22 * r22) + TINY
    along = (r12 / length, r22 / length)
    for bound in (lowest_r, highest_r):
        free = (along[0] * (t1 - r11 * bound) + along[1] * t2) / length
        left = min(max(free, lowest_l), highest_l)
        miss = (t1 - r11 * bound - r12 * left) ** 2 + (t2 - r22 * left) ** 2
        if miss < best:
            best, answer = miss, (bound, left, along if left == free else None)
    for bound in (lowest_l, highest_l):
        free = (t1 - r12 * bound) / (r11 if abs(r11) > TINY else TINY)
        right = min(max(free, lowest_r), highest_r)
        miss = (t1 - r11 * right - r12 * bound) ** 2 + (t2 - r22 * bound) ** 2
        if miss < best:
            best, answer = miss, (right, bound, (1.0, 0.0) if right == free else None)
    return answer


def _reduced(
    factor: list[list[float]], wings: Wings, tangent: tuple[float, float] | None
) -> Profile:
    """Loss, gradient and Hessian of (m, ln sigma) after the linear parameters."""
    b = 0.5 * (wings.right + wings.left)
    rows = [(factor[3][3], factor[3][4], factor[3][5]), (0.0, factor[4][4], factor[4][5])]
    rows.append((0.0, 0.0, factor[5][5]))
    if tangent != (0.0, 0.0):
        upper, lower = (
            (row[3], row[4], row[5] - row[1] * wings.right - row[2] * wings.left)
            for row in (factor[1], factor[2])
        )
        if tangent is None:
            rows += [upper, lower]
        else:
            across = (-tangent[1], tangent[0])
            rows.append(
                (
                    across[0] * upper[0] + across[1] * lower[0],
                    across[0] * upper[1] + across[1] * lower[1],
                    across[0] * upper[2] + across[1] * lower[2],
                )
            )
    return Profile(
        wings,
        sum(row[2] * row[2] for row in rows),
        (-b * sum(row[0] * row[2] for row in rows), b * sum(row[1] * row[2] for row in rows)),
        (
            b * b * sum(row[0] * row[0] for row in rows),
            -b * b * sum(row[0] * row[1] for row in rows),
            b * b * sum(row[1] * row[1] for row in rows),
        ),
    )
