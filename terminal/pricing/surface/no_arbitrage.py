"""Static arbitrage in slices of total variance: butterflies in one, calendars between two."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, sqrt
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import structs

from terminal.pricing.rows import FloatArray
from terminal.pricing.surface.svi import (
    JumpWings,
    RawSvi,
    check_raw,
    derivatives,
    from_jump_wings,
    lowest_variance,
    to_jump_wings,
    total_variance,
)

# Offsets from the vertex in units of its rounding, evenly spaced in asinh: dense where the slice
# bends, and 1,490 roundings out, where only the bound on the slopes still matters.
OFFSETS: Final = np.sinh(np.linspace(-8.0, 8.0, 65))
ZOOM_POINTS: Final = 33
ZOOMS: Final = 4
BISECTIONS: Final = 40
# Lee's bound on the slope of total variance in k; beyond it the wings hold infinite moments.
LARGEST_SLOPE: Final = 2.0

# The grids leave at most this much of g, and this share of b sigma, unseen between their points.
CLEAR_FACTOR: Final = 0.05
CLEAR_EXCESS: Final = 0.01

Curve = Callable[[FloatArray], FloatArray]


class Neighbours(NamedTuple):
    """Slices of the expiries before and after one, None where there is none."""

    earlier: RawSvi | None = None
    later: RawSvi | None = None


class Lowest(NamedTuple):
    """Where a curve is lowest, and how low."""

    value: float
    k: float


def density_factor(smile: RawSvi, k: npt.ArrayLike) -> FloatArray:
    """The factor g(k) that decides about butterflies: the density of the price has its sign.

    Parameters
    ----------
    smile : RawSvi
        The slice.
    k : array_like
        ln(strike / forward), finite.

    Returns
    -------
    ndarray
        g with the shape of k, negative where butterflies cost less than nothing; -inf where total
        variance is not positive.

    Notes
    -----
    g = (1 - k w' / (2 w))^2 - w'^2 / 4 (1 / w + 1 / 4) + w'' / 2; Gatheral and Jacquier (2014),
    equation 2.1.
    """
    log_strike = np.asarray(k, dtype=np.float64)
    value, slope, curvature = derivatives(smile, log_strike)
    with np.errstate(all="ignore"):
        lean = 1.0 - 0.5 * log_strike * slope / value
        factor = lean * lean - 0.25 * slope * slope * (1.0 / value + 0.25) + 0.5 * curvature
    return np.asarray(np.where(value > 0.0, factor, -np.inf))


def butterfly_minimum(smile: RawSvi, enough: float = inf) -> Lowest:
    """Lowest g of a slice.

    Parameters
    ----------
    smile : RawSvi
        The slice.
    enough : float
        Where the grids show nothing below this, their lowest point is the answer.

    Returns
    -------
    Lowest
        No butterfly arbitrage where its value is >= 0 and `steepest_slope` at most 2.

    Raises
    ------
    ValueError
        The parameters describe no slice.

    Notes
    -----
    Searched on two grids, around the vertex and around the lowest variance, every
    valley of each closed in on. In the far wings g tends to 1/4 - slope^2 / 16.
    """
    check_raw(smile)
    return min(
        _closed_in(lambda k: density_factor(smile, k), grid, enough) for grid in grids(smile)
    )


def calendar_minimum(earlier: RawSvi, later: RawSvi, enough: float = inf) -> Lowest:
    """Smallest excess of the later slice's total variance over the earlier one's.

    Parameters
    ----------
    earlier, later : RawSvi
        Slices of two expiries, each in its own ln(strike / forward).
    enough : float
        Where the grids show nothing below this, their lowest point is the answer.

    Returns
    -------
    Lowest
        No calendar arbitrage where its value is >= 0 and the later wings are at least as steep.

    Raises
    ------
    ValueError
        The parameters describe no slice.
    """
    check_raw(earlier)
    check_raw(later)

    def excess(k: FloatArray) -> FloatArray:
        return total_variance(later, k) - total_variance(earlier, k)

    return min(_closed_in(excess, grid, enough) for grid in (*grids(earlier), *grids(later)))


def steepest_slope(smile: RawSvi) -> float:
    """Slope of total variance in the steeper wing, b (1 + |rho|); at most 2 without arbitrage."""
    return smile.b * (1.0 + abs(smile.rho))


def has_no_butterfly(smile: RawSvi) -> bool:
    """Whether wings, lowest variance and g all rule out butterfly arbitrage."""
    if steepest_slope(smile) > LARGEST_SLOPE or lowest_variance(smile) < 0.0:
        return False
    return butterfly_minimum(smile, CLEAR_FACTOR).value >= 0.0


def has_no_calendar(earlier: RawSvi, later: RawSvi) -> bool:
    """Whether total variance nowhere falls from the earlier slice to the later, wings included."""
    right = later.b * (1.0 + later.rho) - earlier.b * (1.0 + earlier.rho)
    left = later.b * (1.0 - later.rho) - earlier.b * (1.0 - earlier.rho)
    # b (1 + rho) is rounded twice, so equal wings may differ by that.
    rounding = 1e-14 * (later.b + earlier.b)
    if min(right, left) < -rounding:
        return False
    enough = CLEAR_EXCESS * (earlier.b * earlier.sigma + later.b * later.sigma)
    return calendar_minimum(earlier, later, enough).value >= 0.0


def is_free(smile: RawSvi, neighbours: Neighbours) -> bool:
    """Whether a slice has no butterfly, and no calendar against its neighbours."""
    earlier, later = neighbours
    return (
        has_no_butterfly(smile)
        and (earlier is None or has_no_calendar(earlier, smile))
        and (later is None or has_no_calendar(smile, later))
    )


def repaired(smile: RawSvi, years: float) -> RawSvi | None:
    """The closest slice without butterflies on the way to Gatheral and Jacquier's.

    Parameters
    ----------
    smile : RawSvi
        The slice, w(0) > 0.
    years : float
        Time to expiry, > 0.

    Returns
    -------
    RawSvi or None
        The slice itself where it has no butterfly arbitrage. Otherwise v, psi and p are kept, and
        c and the lowest variance go towards `butterfly_free` as far as they must. None where these
        v, psi and p allow no such slice.

    Raises
    ------
    ValueError
        The slice is none, the years are not positive, or w(0) is not positive.
    """
    wings = to_jump_wings(smile, years)
    if has_no_butterfly(smile):
        return smile
    target = butterfly_free(wings)
    if not _is_free(target, years):
        return None

    def blend(share: float) -> JumpWings:
        return structs.replace(
            wings,
            c=wings.c + share * (target.c - wings.c),
            v_min=wings.v_min + share * (target.v_min - wings.v_min),
        )

    bad, good = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = 0.5 * (bad + good)
        if _is_free(blend(middle), years):
            good = middle
        else:
            bad = middle
    return from_jump_wings(blend(good), years)


def butterfly_free(wings: JumpWings) -> JumpWings:
    """Jump wings of the SSVI slice with the same v, psi and p.

    Parameters
    ----------
    wings : JumpWings
        v > 0 and p + 2 psi >= 0 with p > 0.

    Returns
    -------
    JumpWings
        c = p + 2 psi and v_min = 4 v p c / (p + c)^2. Free of butterflies where
        sqrt(v T) max(p, c) < 2 and (p + c) max(p, c) <= 2.

    Raises
    ------
    ValueError
        p + 2 psi is negative, or both wings would be flat.

    Notes
    -----
    Gatheral and Jacquier (2014), section 5.1 and example 5.1.
    """
    call_wing = wings.p + 2.0 * wings.psi
    if call_wing < 0.0 or wings.p + call_wing <= 0.0:
        raise ValueError(f"jump wings need p + 2 psi >= 0 and p > 0, not {wings}")
    lowest = 4.0 * wings.v * wings.p * call_wing / (wings.p + call_wing) ** 2
    return structs.replace(wings, c=call_wing, v_min=lowest)


def grids(smile: RawSvi) -> tuple[FloatArray, FloatArray]:
    """Log strikes on which the slice is searched, around its vertex and its lowest point."""
    around_vertex = smile.m + smile.sigma * OFFSETS
    spread = (1.0 - smile.rho) * (1.0 + smile.rho)
    lowest = lowest_variance(smile)
    if spread <= 0.0 or smile.b <= 0.0 or lowest <= 0.0:
        return around_vertex, around_vertex
    # Around its minimum w = lowest (1 + x^2 / 2) for x in units of this width: g turns there.
    width = sqrt(lowest * smile.sigma / smile.b) * spread**-0.75
    return around_vertex, smile.m - smile.rho * smile.sigma / sqrt(spread) + width * OFFSETS


def _closed_in(curve: Curve, grid: FloatArray, enough: float) -> Lowest:
    """Lowest point of a curve, every valley of the grid searched between its neighbours."""
    values = curve(grid)
    index = int(values.argmin())
    if values[index] >= enough:
        return Lowest(float(values[index]), float(grid[index]))
    edges = np.concatenate(((np.inf,), values, (np.inf,)))
    valleys = np.flatnonzero((values <= edges[:-2]) & (values <= edges[2:]))
    low, high = grid[np.maximum(valleys - 1, 0)], grid[np.minimum(valleys + 1, grid.size - 1)]
    for _ in range(ZOOMS):
        points = np.linspace(low, high, ZOOM_POINTS, axis=1)
        values = curve(points)
        places = values.argmin(axis=1)
        rows = np.arange(places.size)
        low = points[rows, np.maximum(places - 1, 0)]
        high = points[rows, np.minimum(places + 1, ZOOM_POINTS - 1)]
    row, column = divmod(int(values.argmin()), ZOOM_POINTS)
    return Lowest(float(values[row, column]), float(points[row, column]))


def _is_free(wings: JumpWings, years: float) -> bool:
    """Whether jump wings describe a slice, and one without butterflies."""
    try:
        return has_no_butterfly(from_jump_wings(wings, years))
    except ValueError:
        return False
