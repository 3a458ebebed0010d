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


@pytest.mark.parametrize(
    ("function", "power", "series"),
    [(mp_reference.mills, 1, subject.RATIO_SERIES), (slope, 2, subject.SLOPE_SERIES)],
)
def test_the_constants_are_the_chebyshev_interpolants_they_claim_to_be(
    function: Callable[[Any], Any], power: int, series: tuple[float, ...]
) -> None:
    assert chebyshev_series(function, power, len(series)) == pytest.approx(series, rel=1e-15)


def test_ratio_is_accurate_on_the_whole_half_line() -> None:
    points = np.concatenate([GRID, [1e2, 1e4, 1e6]])
    expected = [float(mp_reference.mills(x)) for x in points]
    assert relative_error(subject.mills(points), expected).max() < 1e-15
    assert relative_error([subject.mills_scalar(x) for x in points], expected).max() < 1e-15


def test_ratio_ends_at_zero_and_passes_nan() -> None:
    ratio = subject.mills(np.array([np.inf, np.nan]))
    assert ratio[0] == 0.0
    assert np.isnan(ratio[1])


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
