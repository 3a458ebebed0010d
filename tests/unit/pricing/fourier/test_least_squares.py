"""Levenberg-Marquardt with bounds: known minima, bounds, and functions that misbehave."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.pricing.fourier.least_squares import FitStatus, Limits, minimise

Array = npt.NDArray[np.float64]
FREE = np.full(2, -1e6), np.full(2, 1e6)


def rosenbrock(x: Array) -> tuple[Array, Array]:
    residuals = np.array([10.0 * (x[1] - x[0] ** 2), 1.0 - x[0]])
    return residuals, np.array([[-20.0 * x[0], 10.0], [-1.0, 0.0]])


@given(st.floats(-3.0, 3.0), st.floats(-3.0, 3.0))
@settings(max_examples=50)
def test_rosenbrock_from_anywhere(x: float, y: float) -> None:
    fit = minimise(rosenbrock, np.array([x, y]), *FREE, Limits(evaluations=400))
    assert fit.status is FitStatus.CONVERGED
    np.testing.assert_allclose(fit.point, 1.0, atol=1e-6)


@given(st.lists(st.floats(-5.0, 5.0), min_size=8, max_size=8), st.floats(-2.0, 2.0))
@settings(max_examples=50)
def test_linear_problems_with_a_bound(entries: list[float], target: float) -> None:
    """The answer satisfies the optimality conditions of the bounded problem."""
    matrix = np.array(entries).reshape(4, 2)
    aim = np.full(4, target)
    lower, upper = np.array([-0.5, -0.5]), np.array([0.5, 0.5])
    fit = minimise(lambda x: (matrix @ x - aim, matrix), np.zeros(2), lower, upper)
    gradient = matrix.T @ fit.residuals
    size = 1e-4 * (1.0 + float(np.abs(matrix).max()) ** 2)
    for slope, x in zip(gradient, fit.point, strict=True):
        assert -0.5 <= x <= 0.5
        assert slope >= -size or x == 0.5
        assert slope <= size or x == -0.5


def test_start_outside_the_bounds_is_moved_inside() -> None:
    fit = minimise(rosenbrock, np.array([9.0, -9.0]), np.zeros(2), np.full(2, 0.5))
    assert ((fit.point >= 0.0) & (fit.point <= 0.5)).all()
    assert fit.point[0] == pytest.approx(0.5)


def test_steps_into_the_undefined_are_taken_back() -> None:
    def guarded(x: Array) -> tuple[Array, Array]:
        if x[0] > 1.2:
            return np.full(2, math.nan), np.full((2, 2), math.nan)
        return rosenbrock(x)

    fit = minimise(guarded, np.array([-1.2, 1.0]), *FREE, Limits(evaluations=300))
    np.testing.assert_allclose(fit.point, 1.0, atol=1e-6)


def test_a_start_without_value_stalls() -> None:
    blank = np.full(2, math.nan), np.full((2, 2), math.nan)
    fit = minimise(lambda _x: blank, np.zeros(2), *FREE)
    assert fit.status is FitStatus.STALLED
    assert fit.evaluations == 1


def test_a_wrong_gradient_stalls() -> None:
    fit = minimise(lambda x: (x + 1.0, -np.eye(2)), np.zeros(2), *FREE, Limits(evaluations=200))
    assert fit.status is FitStatus.STALLED
    assert fit.point.tolist() == [0.0, 0.0]


def test_limits_are_kept() -> None:
    fit = minimise(rosenbrock, np.array([-1.2, 1.0]), *FREE, Limits(evaluations=3))
    assert fit.status is FitStatus.OUT_OF_STEPS
    assert fit.evaluations == 3
    strides = []

    def recorded(x: Array) -> tuple[Array, Array]:
        strides.append(x)
        return x - 100.0, np.eye(2)

    fit = minimise(recorded, np.zeros(2), *FREE, Limits(stride=5.0))
    assert np.abs(np.diff(strides, axis=0)).max() <= 5.0
    np.testing.assert_allclose(fit.point, 100.0)


def test_parameters_without_influence_stay() -> None:
    def flat(x: Array) -> tuple[Array, Array]:
        return np.array([x[0] - 3.0]), np.array([[1.0, 0.0]])

    fit = minimise(flat, np.array([1.0, 7.0]), *FREE)
    np.testing.assert_allclose(fit.point, [3.0, 7.0], atol=1e-6)


def test_everything_held_at_a_bound_is_a_minimum() -> None:
    fit = minimise(lambda x: (x + 1.0, np.eye(2)), np.ones(2), np.zeros(2), np.ones(2))
    assert fit.point.tolist() == [0.0, 0.0]
    assert fit.status is FitStatus.CONVERGED
