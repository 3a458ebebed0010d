"""A block of simulated paths: the steps of each law, over arrays of paths."""

from __future__ import annotations

import math
from importlib import import_module
from typing import Any, Final, NamedTuple

import numpy as np

from terminal.lab.dynamics import Dynamics, Kind
from terminal.pricing.rows import FloatArray

SPLIT: Final = 1.5
"""Variance of the next variance over its squared mean, above which it may be zero."""


class Walked(NamedTuple):
    """Paths of a block: their logarithms from 0 (n + 1, b), and the opening variance (b,)."""

    logs: FloatArray
    variance: FloatArray


def walked(law: Dynamics, step: float, shape: tuple[int, int], draw: np.random.Generator) -> Walked:
    """Draw the paths of a block.

    Parameters
    ----------
    law : Dynamics
        Checked.
    step : float
        Years.
    shape : tuple of int
        Steps and paths.
    draw : numpy.random.Generator
        Of this block alone.

    Returns
    -------
    Walked
    """
    normal = draw.standard_normal(shape)
    if law.kind in (Kind.HESTON, Kind.BATES):
        moves = _damped(law, step, normal, draw)
        if law.kind is Kind.BATES:
            moves += _leaps(law, step, shape, draw)
        return Walked(_from_zero(moves), np.full(shape[1], law.vol**2))
    if law.kind is Kind.REVERTING:
        return Walked(_reverting(law, step, normal), np.full(shape[1], law.vol**2))
    variance = np.full(shape, law.vol**2)
    if law.kind is Kind.REGIME:
        variance = np.where(_wild(law, step, shape, draw), law.wild**2, variance)
    moves = (law.drift - 0.5 * variance) * step + np.sqrt(variance * step) * normal
    if law.kind is Kind.TRENDING:
        moves += step * _trend(law, step, shape, draw)
    return Walked(_from_zero(moves), variance[0].copy())


def _from_zero(moves: FloatArray) -> FloatArray:
    return np.vstack((np.zeros((1, moves.shape[1])), np.cumsum(moves, axis=0)))


def _damped(
    law: Dynamics, step: float, normal: FloatArray, draw: np.random.Generator
) -> FloatArray:
    """Moves of the logarithm where variance reverts: K0* + K1 v + K2 v' + sqrt(K3 v + K4 v') z."""
    moved, even = draw.standard_normal(normal.shape), draw.random(normal.shape)
    by_noise = law.lean / law.noise
    across = 0.5 * step * (law.pull * by_noise - 0.5) + by_noise  # K2
    apart = 0.5 * step * (1.0 - law.lean**2)  # K3 and K4
    terms = variance_terms(law, step)._replace(tilt=across + 0.5 * apart)
    variance, worth = _stepper()(terms, moved, even)
    now, after = variance[:-1], variance[1:]
    moves = law.drift * step - worth - 0.5 * apart * now + across * after
    moves += np.sqrt(apart * (now + after)) * normal
    return np.asarray(moves)


class VarianceTerms(NamedTuple):
    """What a step of the variance needs: its law, and the exponent that E[exp] is asked of."""

    home: float  # mean variance
    stays: float  # exp(-pull step)
    swing: float  # variance of v' per v
    floor: float  # and beside it
    tilt: float


def variance_terms(law: Dynamics, step: float) -> VarianceTerms:
    """Moments of a step of the variance, which are those of the square-root process exactly."""
    stays, home = math.exp(-law.pull * step), law.vol**2
    scale = law.noise**2 * (1.0 - stays) / law.pull
    return VarianceTerms(home, stays, scale * stays, 0.5 * home * scale * (1.0 - stays), 0.0)


def stepped(
    terms: VarianceTerms, normal: FloatArray, even: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Paths of the variance, (n + 1, b), and the logarithm of E[exp(tilt v')] of each step, (n, b).

    Notes
    -----
    Quadratic where the variance is far from zero, else exponential with a mass at zero (QE of
    Andersen 2008, sections 3.2 and 4.2).
    """
    variance = np.empty((normal.shape[0] + 1, normal.shape[1]))
    worth = np.empty(normal.shape)
    variance[0] = terms.home
    for i in range(normal.shape[0]):
        mean = terms.home + (variance[i] - terms.home) * terms.stays
        ratio = (variance[i] * terms.swing + terms.floor) / (mean * mean)
        near = 2.0 / ratio
        square = np.maximum(near - 1.0, 0.0) + np.sqrt(near * np.maximum(near - 1.0, 0.0))
        scale = mean / (1.0 + square)
        room = 1.0 - 2.0 * terms.tilt * scale
        zero = np.maximum(ratio - 1.0, 0.0) / (ratio + 1.0)
        rate = (1.0 - zero) / mean
        beyond = np.maximum((1.0 - zero) / (1.0 - even[i]), 1.0)
        calm = ratio <= SPLIT
        variance[i + 1] = np.where(
            calm, scale * (np.sqrt(square) + normal[i]) ** 2, np.log(beyond) / rate
        )
        with np.errstate(invalid="ignore", divide="ignore"):  # of the scheme that is not chosen
            worth[i] = np.where(
                calm,
                terms.tilt * square * scale / room - 0.5 * np.log(room),
                np.log(zero + rate * (1.0 - zero) / (rate - terms.tilt)),
            )
    return variance, worth


def _stepper() -> Any:
    """The compiled steps of the variance where the compiler is there, else those of numpy."""
    try:
        return import_module("terminal.pricing.compiled.variance_paths").stepped
    except ImportError:
        return stepped


def _leaps(
    law: Dynamics, step: float, shape: tuple[int, int], draw: np.random.Generator
) -> FloatArray:
    """Logarithmic jumps of each step, none or one, less what makes their mean factor 1."""
    chance = -math.expm1(-law.jumps * step)
    size = law.jump_mean + law.jump_vol * draw.standard_normal(shape)
    growth = math.expm1(law.jump_mean + 0.5 * law.jump_vol**2)
    return np.where(draw.random(shape) < chance, size, 0.0) - math.log1p(chance * growth)


def _wild(law: Dynamics, step: float, shape: tuple[int, int], draw: np.random.Generator) -> Any:
    """Whether each step is in the wild state, (n, b)."""
    speed = law.to_wild + law.to_calm
    leaves = -math.expm1(-speed * step) / speed
    state = draw.random(shape[1]) < law.to_wild / speed
    even = draw.random(shape)
    found = np.empty(shape, dtype=np.bool_)
    for i in range(shape[0]):
        found[i] = state
        state = state ^ (even[i] < leaves * np.where(state, law.to_calm, law.to_wild))
    return found


def _reverting(law: Dynamics, step: float, normal: FloatArray) -> FloatArray:
    """Logarithms of a price that returns to where it began, (n + 1, b)."""
    stays = math.exp(-law.revert * step)
    swing = law.vol * math.sqrt(-math.expm1(-2.0 * law.revert * step) / (2.0 * law.revert))
    logs = np.zeros((normal.shape[0] + 1, normal.shape[1]))
    for i in range(normal.shape[0]):
        logs[i + 1] = stays * logs[i] + swing * normal[i]
    return logs


def _trend(
    law: Dynamics, step: float, shape: tuple[int, int], draw: np.random.Generator
) -> FloatArray:
    """Momentary drift of each step, (n, b), beginning in its stationary law."""
    stays = math.exp(-law.forget * step)
    swing = law.trend * math.sqrt(-math.expm1(-2.0 * law.forget * step))
    normal = draw.standard_normal(shape)
    found = np.empty(shape)
    found[0] = law.trend * normal[0]
    for i in range(1, shape[0]):
        found[i] = stays * found[i - 1] + swing * normal[i]
    return found
