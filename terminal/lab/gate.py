"""The promotion gate: what a tuned policy must prove before it may leave the lab."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from msgspec import Struct

from terminal.lab.bootstrap import block_weights
from terminal.lab.compare import Draws
from terminal.lab.trial import Trial, against, evenly, worst

MOST_COST: Final = 0.97  # upper bound of the cost ratio in windows never trained on
MOST_TAIL: Final = 1.02  # CVaR at 95 %
MOST_STRESS: Final = 1.02  # cost ratio in each stress world
STRESS_WORLDS: Final = 6
SHADOW_DAYS: Final = 14
LEAST_WINDOWS: Final = 30


class Check(Struct, frozen=True):
    """One condition: whether it is met, and the numbers that say so."""

    name: str
    passed: bool
    why: str


def gate(
    test: Trial,
    stress: Mapping[str, Trial],
    draws: Draws,
    *,
    trained_until: int,
    shadow_days: float,
) -> tuple[Check, ...]:
    """Judge a policy whose parameters are frozen; it is promoted where every check is passed.

    Parameters
    ----------
    test : Trial
        Windows after the training.
    stress : mapping
        Worlds that the policy was not trained in, by name.
    draws : Draws
        Resamples; its block holds windows that overlap together.
    trained_until : int
        UtcNs of the last price that training saw.
    shadow_days : float
        Days on the live tape with paper fills.

    Returns
    -------
    tuple of Check
        Every condition, failed ones included, so that all reasons are seen at once.

    Notes
    -----
    Costs are compared at the same standard deviation of net P&L, read off the frontier of the
    reference in each resample; the bound is the 95th percentile of a circular block bootstrap.
    """
    return (
        _unseen(test, trained_until),
        *_tested(test, draws),
        *(_stressed(name, trial) for name, trial in stress.items()),
        _check(
            "stress worlds", len(stress) >= STRESS_WORLDS, f"{len(stress)} of {STRESS_WORLDS} tried"
        ),
        _check(
            "shadow", shadow_days >= SHADOW_DAYS, f"{shadow_days:g} of {SHADOW_DAYS} days in shadow"
        ),
    )


def _check(name: str, passed: object, why: str) -> Check:
    return Check(name, bool(passed), why)


def _unseen(test: Trial, trained_until: int) -> Check:
    count = test.start.size
    seen = int((test.start < trained_until).sum())
    why = f"{count} test windows ({LEAST_WINDOWS} needed), {seen} of them seen in training"
    return _check("unseen windows", seen == 0 and count >= LEAST_WINDOWS, why)


def _tested(test: Trial, draws: Draws) -> tuple[Check, ...]:
    """Equal risk, the bound of the cost ratio, and the tail."""
    count = test.start.size
    if count < 2:
        why = f"{count} test windows have no standard deviation"
        return tuple(_check(name, False, why) for name in ("equal risk", "cost", "tail"))
    ratio, place, reached = against(test, evenly(count))
    drawn = against(test, block_weights(draws.seed, draws.count, count, draws.block))
    upper = float(np.percentile(drawn.ratio, 95.0))
    losses = worst(test.by_net)
    rival = float(np.interp(place[0], np.arange(losses.size), losses))
    tail = float(worst(test.net)) / rival if rival > 0.0 else np.inf
    return (
        _check("equal risk", reached[0] == 1.0, "the reference was tried at this risk"
               if reached[0] == 1.0 else "no setting of the reference carries this risk"),
        _check("cost", upper < MOST_COST,
               f"cost ratio {ratio[0]:.3f}, upper bound {upper:.3f}, must be under {MOST_COST}"),
        _check("tail", tail <= MOST_TAIL, f"CVaR ratio {tail:.3f}, at most {MOST_TAIL}"),
    )  # fmt: skip


def _stressed(name: str, trial: Trial) -> Check:
    count = trial.start.size
    if count < 2:
        return Check(f"stress: {name}", False, f"{count} windows have no standard deviation")
    ratio, place, reached = against(trial, evenly(count))
    over = "" if reached[0] else " or less"
    why = f"cost ratio {ratio[0]:.3f}{over}, at most {MOST_STRESS}"
    # Under the tightest setting's risk the reference would cost more still: the ratio is too high.
    known = reached[0] or place[0] == 0.0
    if not known:
        why = "more risk than any setting of the reference carries"
    return _check(f"stress: {name}", known and ratio[0] <= MOST_STRESS, why)
