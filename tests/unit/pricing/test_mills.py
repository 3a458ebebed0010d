"""The Mills polynomials: derived again from the definition, and checked against it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest

from terminal.pricing import mills as subject
from tests.unit.pricing import mp_reference
from tests.unit.pricing.mp_reference import relative_error

GRID = np.concatenate([[0.0, 1e-12, 1e-6, 1e-3], np.linspace(0.01, 40.0, 400)])


def slope(x: Any) -> Any:
    """-M'(x) = 1 - x M(x)."""
    with mp.workdps(mp_reference.DIGITS):
        return 1 - x * mp_reference.mills(x)


def chebyshev_series(function: Callable[[Any], Any], power: int, count: int) -> list[float]:
    """Rising coefficients in q of function(x) (x + shift)^power through Chebyshev nodes."""
    with mp.workdps(mp_reference.DIGITS):
        shift = mp.mpf(subject.SHIFT)
        angles = [mp.pi * (2 * j + 1) / (2 * count) for j in range(count)]
        samples = []
        for angle in angles:
            x = 2 * shift / (1 - mp.cos(angle)) - shift
            samples.append(function(x) * (x + shift) ** power)
        previous, current = [mp.mpf(1)], [mp.mpf(0), mp.mpf(1)]
        series = [mp.mpf(0)] * count
        for order in range(count):
            weight = 2 * mp.fsum(
                sample * mp.cos(order * angle)
                for sample, angle in zip(samples, angles, strict=True)
            )
            weight /= count if order else 2 * count
            for exponent, coefficient in enumerate(previous):
                series[exponent] += weight * coefficient
            following = [mp.mpf(0), *(2 * coefficient for coefficient in current)]
            for exponent, coefficient in enumerate(previous):
                following[exponent] -= coefficient
            previous, current = current, following
        return [float(coefficient) for coefficient in series]


def chebyshev_quotient(
    function: Callable[[Any], Any], top: int, bottom: int, lowest: float = 0.0
) -> tuple[list[float], list[float]]:
    """Quotient of polynomials of these degrees through Chebyshev nodes of (x - 4) / (x + 4)."""
    with mp.workdps(mp_reference.DIGITS):
        count = top + bottom + 1
        largest = mp.mpf(subject.LARGEST_CENTRE)
        end = (largest - 4) / (largest + 4)
        begin = (mp.mpf(lowest) - 4) / (mp.mpf(lowest) + 4)
        system, values = mp.matrix(count, count), mp.matrix(count, 1)
        for row in range(count):
            cosine = mp.cos(mp.pi * (2 * row + 1) / (2 * count))
            node = (end + begin) / 2 + (end - begin) / 2 * cosine
            x = 4 * (1 + node) / (1 - node)
            values[row] = function(x)
            for power in range(top + 1):
                system[row, power] = x**power
            for power in range(1, bottom + 1):
                system[row, top + power] = -values[row] * x**power
        solved = list(mp.lu_solve(system, values))
        above, below = solved[: top + 1], [mp.mpf(1), *solved[top + 1 :]]
        scale = below[-1]
        return [float(c / scale) for c in above], [float(c / scale) for c in below]


def test_the_series_is_the_chebyshev_interpolant_it_claims_to_be() -> None:
    series = subject.RATIO_SERIES
    computed = chebyshev_series(mp_reference.mills, 1, len(series))
    assert computed == pytest.approx(series, rel=1e-15)


@pytest.mark.parametrize(
    ("function", "top", "bottom", "lowest"),
    [
        (mp_reference.mills, subject.RATIO_TOP, subject.RATIO_BOTTOM, 0.0),
        (mp_reference.mills, subject.WIDE_TOP, subject.WIDE_BOTTOM, subject.WIDE_LOW),
        (slope, subject.SLOPE_TOP, subject.SLOPE_BOTTOM, 0.0),
    ],
)
def test_the_quotients_are_the_interpolants_they_claim_to_be(
    function: Callable[[Any], Any],
    top: tuple[float, ...],
    bottom: tuple[float, ...],
    lowest: float,
) -> None:
    above, below = chebyshev_quotient(function, len(top) - 1, len(bottom) - 1, lowest)
    assert above == pytest.approx(top, rel=1e-15)
    assert below == pytest.approx(bottom, rel=1e-15)
    assert min(*top, *bottom) > 0.0


def test_ratio_is_accurate_as_far_as_the_density_reaches() -> None:
    points = np.concatenate([GRID, [45.0, 59.9, subject.LARGEST_CENTRE]])
    expected = [float(mp_reference.mills(x)) for x in points]
    assert relative_error(subject.mills(points), expected).max() < 1e-15
    assert relative_error([subject.mills_scalar(x) for x in points], expected).max() < 1.5e-15


def test_the_wide_matrix_doubles_the_ratio_of_negative_scores_too() -> None:
    points = np.concatenate([np.linspace(subject.WIDE_LOW, 0.0, 60), GRID])
    powers = points ** np.array([[1], [2], [3], [4], [5], [0]])
    sums = subject.WIDE_MATRIX @ powers
    top, bottom = sums[:2] + sums[2:] * points**6
    expected = [2.0 * float(mp_reference.mills(x)) for x in points]
    assert relative_error(top / bottom, expected).max() < 3e-15


def test_ratio_stays_put_beyond_and_passes_nan() -> None:
    last = float(subject.mills(np.array([subject.LARGEST_CENTRE]))[0])
    ratio = subject.mills(np.array([1e3, 1e200, np.inf, np.nan]))
    assert ratio[:3].tolist() == [last] * 3
    assert np.isnan(ratio[3])
    scalar = subject.mills_scalar(subject.LARGEST_CENTRE)
    assert [subject.mills_scalar(x) for x in (1e3, 1e200, np.inf)] == [scalar] * 3


@pytest.mark.parametrize("width", [1e-9, 1e-5, 1e-2, subject.SMALL_WIDTH])
def test_difference_keeps_its_digits(width: float) -> None:
    def exact(centre: float) -> float:
        with mp.workdps(mp_reference.DIGITS):
            half = mp.mpf(width) / 2
            return float(mp_reference.mills(centre - half) - mp_reference.mills(centre + half))

    expected = [exact(centre) for centre in GRID]
    difference = subject.mills_difference(GRID, np.full_like(GRID, width))
    scalars = [subject.mills_difference_scalar(centre, width) for centre in GRID.tolist()]
    assert relative_error(difference, expected).max() < 1e-14
    assert relative_error(scalars, expected).max() < 1e-14
