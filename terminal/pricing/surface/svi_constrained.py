"""Least squares of a raw SVI slice that may hold no butterfly and must not cross its neighbours."""

from __future__ import annotations

from math import copysign, exp, log, sqrt
from typing import Final, NamedTuple

import numpy as np
from msgspec import structs

from terminal.pricing.rows import FloatArray
from terminal.pricing.surface.least_step import least_step
from terminal.pricing.surface.no_arbitrage import (
    BISECTIONS,
    Neighbours,
    calendar_minimum,
    density_factor,
    grids,
    is_free,
)
from terminal.pricing.surface.svi import RawSvi, total_variance
from terminal.pricing.surface.svi_profile import (
    FARTHEST,
    NARROWEST,
    WIDEST,
    Quotes,
    WingBounds,
    Wings,
    profile,
    raw_of,
)

ROUNDS: Final = 2
MAX_STEPS: Final = 25
FIRST_DAMPING: Final = 1e-3
LEAST_DAMPING: Final = 1e-12
MOST_DAMPING: Final = 1e6
WORTHWHILE: Final = 1e-6
# Constraints aim a little inside: the last step then moves almost nothing.
FACTOR_MARGIN: Final = 1e-3
EXCESS_MARGIN: Final = 1e-6
ANCHOR_WIDTHS: Final = (1.0, 0.5, 0.25)
ENTRY_BISECTIONS: Final = 10


class Problem(NamedTuple):
    """What a constrained fit looks at."""

    quotes: Quotes
    scale: float
    points: FloatArray
    below: FloatArray
    above: FloatArray | None
    lower: FloatArray
    upper: FloatArray


class Model(NamedTuple):
    """Residuals, and slacks that should be >= 0, linear around (a, right, left, m, ln sigma)."""

    residuals: FloatArray
    jacobian: FloatArray
    slack: FloatArray
    slack_jacobian: FloatArray
    violation: float


class Curve(NamedTuple):
    """Values at some log strikes, and their derivatives (5, n) in the parameters."""

    value: FloatArray
    gradient: FloatArray


def constrained(quotes: Quotes, start: Wings, neighbours: Neighbours) -> RawSvi | None:
    """Slice near the least squares that passes `is_free`.

    Parameters
    ----------
    quotes : Quotes
        Cleaned quotes.
    start : Wings
        The best slice whose wings lie between those of the neighbours.
    neighbours : Neighbours
        Slices themselves free of arbitrage.

    Returns
    -------
    RawSvi or None
        None where the neighbours leave no room, as when they cross each other.

    Notes
    -----
    Violations mostly sit where nothing is quoted, beyond a vertex far outside or a very wide
    rounding. So (m, ln sigma) first goes from the best ones towards the middle of the quotes, the
    linear parameters following, until g is positive. From there sequential quadratic programming
    with Gauss-Newton Hessian, the constraints taken at a few hundred log strikes. What is then
    still violated, by less than a margin, is shifted and blended with a safe slice.
    """
    scale = sqrt(float(np.dot(quotes.root_weight**2, quotes.variance**2)))
    bounds = wing_bounds(neighbours)
    safe = _anchor(quotes, bounds)
    vector = _vector(_entry(quotes, start, safe, bounds))
    for _ in range(ROUNDS):
        vector = _descend(_problem(quotes, vector, neighbours, scale), vector)
    return _pulled_inside(vector, _vector(safe), neighbours, scale)


def wing_bounds(neighbours: Neighbours) -> WingBounds:
    """Bounds of the wings between those of the neighbours."""
    bounds = WingBounds()
    earlier, later = neighbours
    if earlier is not None:
        bounds = bounds._replace(
            least_right=earlier.b * (1.0 + earlier.rho), least_left=earlier.b * (1.0 - earlier.rho)
        )
    if later is not None:
        bounds = bounds._replace(
            most_right=max(later.b * (1.0 + later.rho), bounds.least_right),
            most_left=max(later.b * (1.0 - later.rho), bounds.least_left),
        )
    return bounds


def _anchor(quotes: Quotes, bounds: WingBounds) -> Wings:
    """A slice over the middle of the quotes without butterflies, flat if need be."""
    for width in ANCHOR_WIDTHS:
        wings = profile(quotes, quotes.centre, width * quotes.half_range, bounds).wings
        if _looks_free(wings):
            return wings
    return Wings(float(quotes.variance.max()), 0.0, 0.0, quotes.centre, quotes.half_range)


def _entry(quotes: Quotes, start: Wings, safe: Wings, bounds: WingBounds) -> Wings:
    """The first slice without butterflies on the way from the best one to a safe one."""
    if _looks_free(start):
        return start
    best, bad, good = safe, 0.0, 1.0
    widening = log(safe.sigma / start.sigma)
    for _ in range(ENTRY_BISECTIONS):
        share = 0.5 * (bad + good)
        shift = start.m + share * (safe.m - start.m)
        wings = profile(quotes, shift, start.sigma * exp(share * widening), bounds).wings
        if _looks_free(wings):
            good, best = share, wings
        else:
            bad = share
    return best


def _looks_free(wings: Wings) -> bool:
    """Whether g is positive on the grids."""
    smile = raw_of(wings)
    return all(bool((density_factor(smile, grid) > 0.0).all()) for grid in grids(smile))


def _problem(
    quotes: Quotes, vector: FloatArray, neighbours: Neighbours, scale: float
) -> Problem:
    """Search points around the slice and its neighbours, and the bounds of the search."""
    slices = [raw_of(_wings(vector))]
    slices += [each for each in neighbours if each is not None]
    points = np.concatenate([grid for each in slices for grid in grids(each)])
    earlier, later = neighbours
    bounds = wing_bounds(neighbours)
    unit, centre = quotes.half_range, quotes.centre
    return Problem(
        quotes,
        scale,
        points,
        np.zeros_like(points) if earlier is None else total_variance(earlier, points),
        None if later is None else total_variance(later, points),
        np.array(
            [
                -np.inf,
                bounds.least_right,
                bounds.least_left,
                centre - FARTHEST * unit,
                log(NARROWEST * unit),
            ]
        ),
        np.array(
            [
                np.inf,
                bounds.most_right,
                bounds.most_left,
                centre + FARTHEST * unit,
                log(WIDEST * unit),
            ]
        ),
    )


def _descend(problem: Problem, vector: FloatArray) -> FloatArray:
    """Gauss-Newton steps, each the least of its quadratic model where the constraints allow.

    Steps are taken in the variances at three log strikes, m and ln sigma: the valley that is
    curved in the raw parameters is nearly straight in these.
    """
    vector = np.clip(vector, problem.lower, problem.upper)
    now = _model(problem, vector)
    damping, force = FIRST_DAMPING, 0.0
    for _ in range(MAX_STEPS):
        pinned = np.eye(5)
        pinned[:3] = _curves(_pins(problem), vector)[0].gradient.T
        turn = np.linalg.inv(pinned)
        jacobian = now.jacobian @ turn
        hessian = jacobian.T @ jacobian
        diagonal = np.diagonal(hessian)
        hessian = hessian + np.diag(damping * diagonal + 1e-13 * float(diagonal.max()))
        rows, least = _linear_constraints(problem, vector, now)
        step, pressure = least_step(hessian, jacobian.T @ now.residuals, rows @ turn, least)
        force = max(force, 2.0 * pressure)
        trial = _moved(problem, vector, step)
        new = _model(problem, trial)
        merit, new_merit = _merit(now, force), _merit(new, force)
        if new_merit < merit:
            vector, now = trial, new
            damping = max(0.1 * damping, LEAST_DAMPING)
            if merit - new_merit < WORTHWHILE * merit and new.violation < EXCESS_MARGIN:
                break
        else:
            damping *= 10.0
            if damping > MOST_DAMPING:
                break
    return vector


def _merit(model: Model, force: float) -> float:
    """Half the sum of squares and the worst violation, at the price of the multipliers."""
    return 0.5 * float(model.residuals @ model.residuals) + force * model.violation


def _linear_constraints(
    problem: Problem, vector: FloatArray, now: Model
) -> tuple[FloatArray, FloatArray]:
    """Rows and least values of the constraints on a step, bounds included."""
    unit = np.eye(5)[1:]
    rows = np.concatenate((now.slack_jacobian, unit, -unit))
    least = np.concatenate((-now.slack, (problem.lower - vector)[1:], (vector - problem.upper)[1:]))
    return rows, least


def _pins(problem: Problem) -> FloatArray:
    """The three log strikes whose variances stand for the linear parameters."""
    unit, centre = problem.quotes.half_range, problem.quotes.centre
    return np.array([centre - unit, centre, centre + unit])


def _moved(problem: Problem, vector: FloatArray, step: FloatArray) -> FloatArray:
    """Parameters after a step in the pinned variances, m and ln sigma."""
    pins = _pins(problem)
    value = _curves(pins, vector)[0].value + step[:3]
    others = np.clip(vector[3:] + step[3:], problem.lower[3:], problem.upper[3:])
    design = _curves(pins, np.concatenate((np.zeros(3), others)))[0].gradient[:3]
    linear = np.linalg.solve(design.T, value)
    return np.clip(np.concatenate((linear, others)), problem.lower, problem.upper)


def _model(problem: Problem, vector: FloatArray) -> Model:
    """Residuals and slacks at the parameters, all relative to the quotes' variance."""
    quotes, scale = problem.quotes, problem.scale
    weight = quotes.root_weight / scale
    value, by_value = _curves(quotes.k, vector)[0]
    level, slope, bend = _curves(problem.points, vector)
    with np.errstate(all="ignore"):
        ratio = problem.points / level.value
        lean = 1.0 - 0.5 * ratio * slope.value
        inverse = 1.0 / level.value + 0.25
        factor = lean * lean - 0.25 * slope.value**2 * inverse + 0.5 * bend.value
        steepness = slope.value / level.value
        by_level = lean * ratio * steepness + 0.25 * steepness**2
        by_slope = -lean * ratio - 0.5 * slope.value * inverse
        by_factor = by_level * level.gradient + by_slope * slope.gradient + 0.5 * bend.gradient
    slacks = [factor - FACTOR_MARGIN, (level.value - problem.below) / scale - EXCESS_MARGIN]
    slopes = [by_factor, level.gradient / scale]
    if problem.above is not None:
        slacks.append((problem.above - level.value) / scale - EXCESS_MARGIN)
        slopes.append(-level.gradient / scale)
    slack = np.concatenate(slacks)
    sound = bool((level.value > 0.0).all())
    return Model(
        weight * (value - quotes.variance),
        (weight * by_value).T,
        slack,
        np.concatenate(slopes, axis=1).T,
        max(-float(slack.min()), 0.0) if sound else np.inf,
    )


def _curves(k: FloatArray, vector: FloatArray) -> tuple[Curve, Curve, Curve]:
    """w, w' and w'' at k."""
    level, right, left, shift, log_width = vector.tolist()
    width = exp(log_width)
    b, tilt = 0.5 * (right + left), 0.5 * (right - left)
    offset = k - shift
    height = np.hypot(offset, width)
    sine, spread = offset / height, (width / height) ** 2
    bend = spread / height
    one, zero = np.ones_like(k), np.zeros_like(k)
    slope = tilt + b * sine
    by_value = (one, 0.5 * (height + offset), 0.5 * (height - offset), -slope, b * spread * height)
    by_slope = (zero, 0.5 + 0.5 * sine, 0.5 * sine - 0.5, -b * bend, -b * sine * spread)
    by_bend = (zero, 0.5 * bend, 0.5 * bend, 3.0 * b * bend * sine / height,
               b * bend * (2.0 - 3.0 * spread))
    return (
        Curve(level + tilt * offset + b * height, np.stack(by_value)),
        Curve(slope, np.stack(by_slope)),
        Curve(b * bend, np.stack(by_bend)),
    )


def _pulled_inside(
    vector: FloatArray, anchor: FloatArray, neighbours: Neighbours, scale: float
) -> RawSvi | None:
    """The slice shifted between its neighbours, then blended with a safe one as far as needed."""
    smile = _shifted(vector, neighbours, scale)
    if is_free(smile, neighbours):
        return smile
    safe = anchor
    best = _shifted(anchor, neighbours, scale)
    if not is_free(best, neighbours):
        near = neighbours.earlier or neighbours.later
        if near is None or not is_free(near, neighbours):
            return None
        best, safe = near, _vector(wings_of(near))
    bad, good = 0.0, 1.0
    for _ in range(BISECTIONS):
        share = 0.5 * (bad + good)
        blend = _shifted(vector + share * (safe - vector), neighbours, scale)
        if is_free(blend, neighbours):
            good, best = share, blend
        else:
            bad = share
    return best


def _shifted(vector: FloatArray, neighbours: Neighbours, scale: float) -> RawSvi:
    """The slice moved up over the earlier one, or down under the later one."""
    smile = raw_of(_wings(vector))
    shift = 0.0
    if neighbours.earlier is not None:
        shift = max(-calendar_minimum(neighbours.earlier, smile).value, 0.0)
    if neighbours.later is not None and shift == 0.0:
        shift = min(calendar_minimum(smile, neighbours.later).value, 0.0)
    if shift == 0.0:
        return smile
    return structs.replace(smile, a=smile.a + shift + copysign(1e-12 * scale, shift))


def wings_of(smile: RawSvi) -> Wings:
    """A raw slice by its wings."""
    b, rho = smile.b, smile.rho
    return Wings(smile.a, b * (1.0 + rho), b * (1.0 - rho), smile.m, smile.sigma)


def _vector(wings: Wings) -> FloatArray:
    """Parameters (a, right, left, m, ln sigma)."""
    return np.array([*wings[:4], log(wings.sigma)])


def _wings(vector: FloatArray) -> Wings:
    """The slice of (a, right, left, m, ln sigma)."""
    a, right, left, shift, log_width = vector.tolist()
    return Wings(a, right, left, shift, exp(log_width))
