"""A recurrent forecast of tomorrow's variance: one gated recurrent unit layer, in plain numpy."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from terminal.core.units import DAY
from terminal.market.arrays import MaskArray
from terminal.market.bars import Bars
from terminal.market.forecasts import trailing_means
from terminal.market.har import jump_term, leverage_term
from terminal.market.hours import Spans, days_of, hours_of
from terminal.pricing.rows import FloatArray

UNITS: Final = 8
INPUTS: Final = 4  # log variance of day and week, jumps, leverage
WEEK: Final = 7

SHAPES: Final = (
    ("inner", (3, INPUTS, UNITS)),
    ("back", (3, UNITS, UNITS)),
    ("bias", (3, UNITS)),
    ("out", (UNITS,)),
    ("skip", (INPUTS,)),
    ("level", (1,)),
    ("middle", (INPUTS,)),
    ("scale", (INPUTS,)),
    ("spread", (1,)),
    ("range", (2,)),
)
"""Arrays of a file of weights."""


class Gru(NamedTuple):
    """Weights of the layer and of what it reads and says; gates in the order update, reset, new.

    Attributes
    ----------
    inner, back, bias : ndarray
        Of the inputs, of the state, and beside them: (3, i, u), (3, u, u), (3, u).
    out, skip, level : ndarray
        Log variance is level + skip . inputs + out . state.
    middle, scale : ndarray (i,)
        Of the inputs in training.
    spread : ndarray (1,)
        Variance of the error of log variance in training.
    range : ndarray (2,)
        Least and greatest variance a day in training: forecasts stay between them.
    """

    inner: FloatArray
    back: FloatArray
    bias: FloatArray
    out: FloatArray
    skip: FloatArray
    level: FloatArray
    middle: FloatArray
    scale: FloatArray
    spread: FloatArray
    range: FloatArray


class Step(NamedTuple):
    """What a step of the layer came to; all (b, u)."""

    before: FloatArray
    update: FloatArray
    reset: FloatArray
    new: FloatArray
    recalled: FloatArray  # of the new state, before it is reset
    after: FloatArray


def days_in(bars: Bars) -> Spans:
    """Daily variance, bipower variation and move of five-minute bars."""
    return days_of(hours_of(bars.start + bars.span, bars.close))


def inputs_of(days: Spans) -> FloatArray:
    """What the layer reads after each day, (n, `INPUTS`); NaN in a row where a part is missing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(np.where(days.variance > 0.0, days.variance, np.nan))
        week = np.log(trailing_means(days.variance, WEEK))
    jumps = jump_term(days.variance, days.bipower)
    table = np.column_stack((logs, week, jumps, leverage_term(days.variance, days.move)))
    return np.where(np.isfinite(table).all(axis=1)[:, None], table, np.nan)


def stepped(gru: Gru, state: FloatArray, seen: FloatArray) -> Step:
    """One step of the layer: states (b, u) and standardised inputs (b, i).

    Notes
    -----
    Cho et al. (2014), with the reset after the product: update z, reset r, new state
    n = tanh(W x + b + r (U h)), h' = (1 - z) n + z h.
    """
    read = seen @ gru.inner + gru.bias[:, None, :]
    recalled = state @ gru.back
    update, reset = (_squashed(read[gate] + recalled[gate]) for gate in (0, 1))
    new = np.tanh(read[2] + reset * recalled[2])
    return Step(state, update, reset, new, recalled[2], (1.0 - update) * new + update * state)


def _squashed(values: FloatArray) -> FloatArray:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * values)))


def standardised(gru: Gru, table: FloatArray) -> tuple[FloatArray, MaskArray]:
    """Inputs about their middle in their scale, 0 where unknown, and whether each row is known."""
    known = np.asarray(np.isfinite(table).all(axis=-1))
    seen = np.where(known[..., None], (table - gru.middle) / gru.scale, 0.0)
    return np.asarray(seen, dtype=np.float64), known


def said(gru: Gru, table: FloatArray) -> FloatArray:
    """Log variance of the next day after each, (n,); NaN where a day's inputs are not known.

    Notes
    -----
    A missing day clears the state: nothing is remembered over a gap.
    """
    seen, known = standardised(gru, table)
    state, found = np.zeros((1, gru.out.size)), np.full(table.shape[0], np.nan)
    for day in range(table.shape[0]):
        if not known[day]:
            state = np.zeros_like(state)
            continue
        state = stepped(gru, state, seen[day : day + 1]).after
        found[day] = gru.level[0] + seen[day] @ gru.skip + state[0] @ gru.out
    return found


def foreseen(gru: Gru, days: Spans) -> FloatArray:
    """Variance of the next day after each, (n,); NaN where none can be said.

    Raises
    ------
    ValueError
        The spans are no days.
    """
    if days.span != DAY:
        raise ValueError(f"spans of {days.span} ns: give days")
    logs = said(gru, inputs_of(days)) + 0.5 * gru.spread[0]
    return np.asarray(np.exp(np.clip(logs, *np.log(gru.range))))
