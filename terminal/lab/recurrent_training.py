"""Training of the recurrent forecast, offline, in plain numpy: gradients through time and Adam."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np
from msgspec import Struct

from terminal.core.errors import DataError
from terminal.lab.recurrent import INPUTS, UNITS, Gru, Step, inputs_of, standardised, stepped
from terminal.market.hours import Spans
from terminal.pricing.rows import FloatArray

LEAST_ROWS: Final = 60
"""Days with known inputs and a known next day; fewer cannot fit the layer."""

HELD: Final = 0.2
"""Last part of each series that no weight is fitted to: it tells when to stop."""

LEAST_HELD: Final = 10

LOOK: Final = 5  # epochs from one look at it to the next

TRAINED: Final = ("inner", "back", "bias", "out", "skip", "level")
_FIRST, _SECOND, _TINY = 0.9, 0.999, 1e-8

Progress = Callable[[float], None]


class Lesson(Struct, frozen=True, kw_only=True):
    """How a training goes."""

    epochs: int = 200
    rate: float = 0.005
    decay: float = 0.02  # of the layer's weights, a squared weight's share of the loss
    seed: int = 1


class Batch(NamedTuple):
    """Series side by side; t days, b series, zeros where unknown.

    Attributes
    ----------
    seen : ndarray (t, b, i)
        Standardised inputs.
    known : ndarray (t, b)
        1 where the inputs are known.
    asked : ndarray (t, b)
        Log variance of the next day.
    scored : ndarray (t, b)
        1 where that is known as well.
    """

    seen: FloatArray
    known: FloatArray
    asked: FloatArray
    scored: FloatArray


def taught(series: Sequence[Spans], lesson: Lesson, tell: Progress) -> Gru:
    """Train on the days of some coins.

    Parameters
    ----------
    series : sequence of Spans
        Days of each, none of them of the test.
    lesson : Lesson
    tell : callable
        Told the part that is done, 0 to 1.

    Returns
    -------
    Gru
        Equal for equal arguments on one machine.

    Raises
    ------
    DataError
        Too few days are known.

    Notes
    -----
    Least squares of log variance; Adam (Kingma and Ba 2015) on all days at once, stopped where the
    last fifth, which is held back, is told best. The skip begins at its regression, so that the
    layer has only what a day and a week do not tell left to learn.
    """
    tables = [inputs_of(days) for days in series]
    asked = [np.append(table[1:, 0], np.nan) for table in tables]
    rows = [
        np.isfinite(table).all(axis=1) & np.isfinite(target)
        for table, target in zip(tables, asked, strict=True)
    ]
    count = int(sum(row.sum() for row in rows))
    if count < LEAST_ROWS:
        raise DataError(
            f"{count} days have the week before them and the day after, {LEAST_ROWS} are needed: "
            "give a longer history, or one with fewer gaps"
        )
    early = [row & (np.arange(row.size) < (1.0 - HELD) * row.size) for row in rows]
    fitted = int(sum(row.sum() for row in early))
    if min(fitted, count - fitted) < LEAST_HELD:
        raise DataError(
            f"{fitted} known days in the first four fifths and {count - fitted} in the last, "
            f"{LEAST_HELD} of each are needed: give a history with its gaps more evenly spread"
        )
    gru = _begun(tables, asked, early, lesson.seed)
    batch = _batch(gru, tables, asked)
    part = np.zeros_like(batch.scored)
    for place, row in enumerate(early):
        part[: row.size, place] = row
    return _descended(gru, batch._replace(scored=part), batch, lesson, tell)


def _descended(gru: Gru, batch: Batch, every: Batch, lesson: Lesson, tell: Progress) -> Gru:
    """The weights that did best on what was held back, with the spread of their error there."""
    held = every._replace(scored=every.scored - batch.scored)
    best, least = gru, error_of(gru, held)
    moves = {name: (np.zeros_like(getattr(gru, name)),) * 2 for name in TRAINED}
    for epoch in range(1, lesson.epochs + 1):
        _, slopes = slope(gru, batch, lesson.decay)
        moved = {}
        for name, (first, second) in moves.items():
            rise = getattr(slopes, name)
            first = _FIRST * first + (1.0 - _FIRST) * rise  # noqa: PLW2901 - as Adam writes it
            second = _SECOND * second + (1.0 - _SECOND) * np.square(rise)  # noqa: PLW2901 - the same
            moves[name] = (first, second)
            size = np.sqrt(second / (1.0 - _SECOND**epoch)) + _TINY
            moved[name] = getattr(gru, name) - lesson.rate * first / (1.0 - _FIRST**epoch) / size
        gru = gru._replace(**moved)
        if epoch % LOOK == 0 and (error := error_of(gru, held)) < least:
            best, least = gru, error
        tell(epoch / lesson.epochs)
    return best._replace(spread=np.array([least]))


def error_of(gru: Gru, batch: Batch) -> float:
    """Mean squared error of log variance over the days that are scored."""
    _, misses = _forward(gru, batch)
    return float(np.square(misses).sum() / batch.scored.sum())


def _begun(
    tables: Sequence[FloatArray],
    asked: Sequence[FloatArray],
    rows: Sequence[FloatArray],
    seed: int,
) -> Gru:
    """Weights to begin with: small ones, and the regression on the inputs."""
    table = np.concatenate([each[row] for each, row in zip(tables, rows, strict=True)])
    target = np.concatenate([each[row] for each, row in zip(asked, rows, strict=True)])
    middle, scale = table.mean(axis=0), np.maximum(table.std(axis=0), 1e-6)
    design = np.column_stack((np.ones(target.size), (table - middle) / scale))
    fitted = np.linalg.lstsq(design, target, rcond=None)[0]
    draw = np.random.default_rng(seed)
    levels = np.exp([target.min(), target.max()])
    return Gru(
        inner=draw.normal(0.0, INPUTS**-0.5, (3, INPUTS, UNITS)),
        back=draw.normal(0.0, UNITS**-0.5, (3, UNITS, UNITS)),
        bias=np.zeros((3, UNITS)),
        out=np.zeros(UNITS),
        skip=fitted[1:],
        level=fitted[:1],
        middle=middle,
        scale=scale,
        spread=np.ones(1),
        range=np.asarray(levels),
    )


def _batch(gru: Gru, tables: Sequence[FloatArray], asked: Sequence[FloatArray]) -> Batch:
    longest, count = max(table.shape[0] for table in tables), len(tables)
    seen = np.full((longest, count, INPUTS), np.nan)
    wanted = np.full((longest, count), np.nan)
    for place, (table, target) in enumerate(zip(tables, asked, strict=True)):
        seen[: table.shape[0], place] = table
        wanted[: target.size, place] = target
    inputs, known = standardised(gru, seen)
    scored = known & np.isfinite(wanted)
    return Batch(
        inputs,
        known.astype(np.float64),
        np.where(scored, wanted, 0.0),
        scored.astype(np.float64),
    )


def slope(gru: Gru, batch: Batch, decay: float) -> tuple[float, Gru]:
    """Half the mean squared error with the decay, and its gradient by every trained weight."""
    steps, misses = _forward(gru, batch)
    count = batch.scored.sum()
    loss = 0.5 * float(np.square(misses).sum() / count)
    loss += 0.5 * decay * float(sum(np.square(each).sum() for each in (gru.inner, gru.back)))
    slopes = _backward(gru, batch, steps, misses / count)
    held = {"inner": slopes.inner + decay * gru.inner, "back": slopes.back + decay * gru.back}
    return loss, slopes._replace(**held)


def _forward(gru: Gru, batch: Batch) -> tuple[list[Step], FloatArray]:
    """Every step, and what was said less what came, (t, b)."""
    state, steps = np.zeros((batch.seen.shape[1], UNITS)), []
    for seen, known in zip(batch.seen, batch.known, strict=True):
        steps.append(stepped(gru, state, seen))
        state = steps[-1].after * known[:, None]
    states = np.stack([each.after for each in steps])
    told = gru.level[0] + batch.seen @ gru.skip + states @ gru.out
    return steps, (told - batch.asked) * batch.scored


def _backward(gru: Gru, batch: Batch, steps: Sequence[Step], misses: FloatArray) -> Gru:
    """Gradient through time."""
    zero = Gru(*(np.zeros_like(each) for each in gru))
    inner, back, bias, out = zero.inner, zero.back, zero.bias, zero.out
    later = np.zeros_like(steps[0].after)
    for day in range(len(steps) - 1, -1, -1):
        step, seen, miss = steps[day], batch.seen[day], misses[day]
        out += miss @ step.after
        rise = later * batch.known[day][:, None] + miss[:, None] * gru.out
        new = rise * (1.0 - step.update) * (1.0 - np.square(step.new))
        update = rise * (step.before - step.new) * step.update * (1.0 - step.update)
        reset = new * step.recalled * step.reset * (1.0 - step.reset)
        read = np.stack((update, reset, new))
        recalled = np.stack((update, reset, new * step.reset))
        inner += seen.T @ read
        back += step.before.T @ recalled
        bias += read.sum(axis=1)
        later = rise * step.update + np.einsum("gbu,gvu->bv", recalled, gru.back)
    skip = np.einsum("tb,tbi->i", misses, batch.seen)
    level = np.array([misses.sum()])
    return zero._replace(inner=inner, back=back, bias=bias, out=out, skip=skip, level=level)
