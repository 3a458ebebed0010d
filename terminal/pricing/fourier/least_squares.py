"""Nonlinear least squares with bounds: Levenberg-Marquardt with an active set."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from terminal.pricing.rows import FloatArray

Evaluate = Callable[[FloatArray], tuple[FloatArray, FloatArray]]

FIRST_DAMPING: Final = 1e-3
LARGEST_DAMPING: Final = 1e14
SMALLEST_CURVATURE: Final = 1e-14
# Cosine between residuals and Jacobian at which a fit counts as finished.
FLAT: Final = 1e-4


class FitStatus(StrEnum):
    """How a fit ended.

    Attributes
    ----------
    CONVERGED
        A further step would not change the parameters or the error.
    STALLED
        No step improves, though the gradient says one should: the error is at the noise of its
        evaluation, or the start could not be evaluated.
    OUT_OF_STEPS
        The limit of evaluations was reached first.
    """

    CONVERGED = "converged"
    STALLED = "stalled"
    OUT_OF_STEPS = "out of steps"


class Limits(NamedTuple):
    """When to stop, and how far to go at once.

    Attributes
    ----------
    evaluations : int
        Residuals and Jacobians computed at most.
    step : float
        A step with no component larger than this ends the fit.
    reduction : float
        So does one that lowers the error by a smaller share than this.
    cost : float
        So does half the sum of squares when it is at most this.
    stride : float
        No component moves further in one step.
    """

    evaluations: int = 100
    step: float = 1e-9
    reduction: float = 1e-9
    cost: float = 0.0
    stride: float = 1.5


class Fit(NamedTuple):
    """Result of `minimise`.

    Attributes
    ----------
    point : ndarray (p,)
        Best parameters found, inside the bounds.
    residuals : ndarray (n,)
        Their residuals.
    evaluations : int
        How often residuals and Jacobian were computed.
    status : FitStatus
        Why it ended.
    """

    point: FloatArray
    residuals: FloatArray
    evaluations: int
    status: FitStatus


class _State(NamedTuple):
    point: FloatArray
    residuals: FloatArray
    jacobian: FloatArray
    cost: float


def minimise(
    evaluate: Evaluate,
    start: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    limits: Limits | None = None,
) -> Fit:
    """Minimise half the sum of squared residuals between bounds.

    Parameters
    ----------
    evaluate : callable
        From parameters (p,) to residuals (n,) and their Jacobian (n, p). What is not finite counts
        as infinitely bad, so the fit steps back from it.
    start, lower, upper : ndarray (p,)
        First parameters, moved inside the bounds if need be, and the bounds.
    limits : Limits, optional
        When to stop.

    Returns
    -------
    Fit
        Never worse than the start.

    Notes
    -----
    Marquardt (1963) scaling, damping after Nielsen (1999). A parameter at a bound that the gradient
    pushes outward is held there for the step; the step is cut to the bounds, and judged as cut.
    """
    rules = limits or Limits()
    state = _state(evaluate, np.clip(start, lower, upper))
    if not np.isfinite(state.cost):
        return Fit(state.point, state.residuals, 1, FitStatus.STALLED)
    damping, growth = FIRST_DAMPING, 2.0
    for count in range(1, rules.evaluations):
        if state.cost <= rules.cost:
            return Fit(state.point, state.residuals, count, FitStatus.CONVERGED)
        gradient = state.jacobian.T @ state.residuals
        curvature = state.jacobian.T @ state.jacobian
        step = _step(state.point, gradient, curvature, damping, bounds=(lower, upper))
        step = np.clip(step, -rules.stride, rules.stride)
        if np.abs(step).max(initial=0.0) <= rules.step:
            done = damping <= 1.0 or _is_flat(state, gradient, curvature, (lower, upper))
            status = FitStatus.CONVERGED if done else FitStatus.STALLED
            return Fit(state.point, state.residuals, count, status)
        trial = _state(evaluate, np.clip(state.point + step, lower, upper))
        promised = -float(step @ (gradient + 0.5 * (curvature @ step)))
        gained = state.cost - trial.cost
        if gained > 0.0:
            settled = max(gained, promised) <= rules.reduction * state.cost
            state = trial
            if settled:
                return Fit(state.point, state.residuals, count + 1, FitStatus.CONVERGED)
            surprise = 2.0 * gained / promised - 1.0 if promised > 0.0 else 0.0
            damping *= min(max(1.0 / 3.0, 1.0 - surprise**3), 2.0)
            growth = 2.0
            continue
        damping, growth = damping * growth, growth * 2.0
        if not damping < LARGEST_DAMPING:
            return Fit(state.point, state.residuals, count + 1, FitStatus.STALLED)
    return Fit(state.point, state.residuals, rules.evaluations, FitStatus.OUT_OF_STEPS)


def _state(evaluate: Evaluate, point: FloatArray) -> _State:
    residuals, jacobian = evaluate(point)
    if np.isfinite(residuals).all() and np.isfinite(jacobian).all():
        return _State(point, residuals, jacobian, 0.5 * float(residuals @ residuals))
    blank = np.zeros_like(jacobian)
    return _State(point, np.full(residuals.shape, np.inf), blank, np.inf)


def _free(
    point: FloatArray, gradient: FloatArray, bounds: tuple[FloatArray, FloatArray]
) -> npt.NDArray[np.int64]:
    """Parameters that no bound holds against the gradient."""
    lower, upper = bounds
    held = ((point <= lower) & (gradient > 0.0)) | ((point >= upper) & (gradient < 0.0))
    return np.flatnonzero(~held)


def _is_flat(
    state: _State,
    gradient: FloatArray,
    curvature: FloatArray,
    bounds: tuple[FloatArray, FloatArray],
) -> bool:
    """Whether the residuals are perpendicular to whatever the free parameters can change."""
    free = _free(state.point, gradient, bounds)
    reach = np.sqrt(2.0 * state.cost * curvature.diagonal()[free])
    return bool((np.abs(gradient[free]) <= FLAT * reach).all())


def _step(
    point: FloatArray,
    gradient: FloatArray,
    curvature: FloatArray,
    damping: float,
    *,
    bounds: tuple[FloatArray, FloatArray],
) -> FloatArray:
    """Damped Gauss-Newton step, cut to the bounds."""
    lower, upper = bounds
    free = _free(point, gradient, bounds)
    step = np.zeros_like(point)
    if free.size == 0:
        return step
    inner = curvature[np.ix_(free, free)].copy()
    diagonal = inner.diagonal()
    floor = SMALLEST_CURVATURE * max(float(diagonal.max()), SMALLEST_CURVATURE)
    inner[np.diag_indices(free.size)] += damping * np.maximum(diagonal, floor) + floor
    step[free] = np.linalg.solve(inner, -gradient[free])
    return np.clip(point + step, lower, upper) - point
