"""Exact search over small boxes of whole lots."""

import numpy as np
from msgspec import Struct

from terminal.hedging.solver.moves import Lots, Moves
from terminal.hedging.solver.relax import Flags, Floats

_ROUNDING = 1e-9


class Found(Struct, frozen=True):
    """Lots per column and their worth: cost, or violation where the search is for the nearest."""

    lots: Lots
    worth: float


class Box(Struct, frozen=True, kw_only=True):
    """Range of lots per column; 0 is allowed where ``lower`` is 0, below ``least`` is not."""

    lower: Lots
    upper: Lots


def violation(moves: Moves, after: Floats) -> Floats:
    """Scaled distance outside the bands, summed over the first axis (Greeks)."""
    shape = (-1, *(1,) * (after.ndim - 1))
    outside = np.maximum(moves.low.reshape(shape) - after, after - moves.high.reshape(shape))
    outside = np.where(outside > moves.close.reshape(shape), outside, 0.0)
    total: Floats = outside.sum(axis=0)
    return total


def spent(moves: Moves, lots: Lots) -> float:
    """Cost of a set of lots in USD, ties' preferences included."""
    held = lots.astype(np.float64)
    costs = held * (moves.unit + moves.curve * held) + np.where(lots > 0, moves.order, 0.0)
    return float(costs.sum())


def box_size(moves: Moves, box: Box) -> float:
    """Number of combinations that ``best_in`` would visit."""
    counts = _counts(moves, box)
    if not counts.size:
        return 1.0
    return float(np.prod(np.delete(counts, np.argmax(counts)).astype(np.float64)))


def best_in(moves: Moves, box: Box, *, nearest: bool) -> Found | None:
    """Best combination in the box; None when none meets the bands.

    Notes
    -----
    All columns but the widest are enumerated. Along the widest one the cost rises and the
    violation is convex and piecewise linear, so the best lots lie at the ends of the range or
    next to a point where a Greek crosses an edge of its band.
    """
    counts = _counts(moves, box)
    active = np.flatnonzero(box.upper > 0)
    if not active.size:
        lots = np.zeros(box.upper.shape, dtype=np.int64)
        return _single(moves, lots, nearest=nearest)
    last = active[np.argmax(counts)]
    others = active[active != last]
    grid = _grid([_values(moves, box, j) for j in others])
    base = moves.present[:, None] + moves.effect[:, others] @ grid
    tries = _tries(moves, box, int(last), base)
    cost = _cost(moves, others, grid)[None, :] + _cost_of(moves, int(last), tries)
    allowed = _allowed(moves, int(last), others, (grid, tries))
    after = base[:, None, :] + moves.effect[:, last, None, None] * tries
    outside = violation(moves, after)
    worth = outside if nearest else np.where(outside > 0.0, np.inf, cost)
    worth = np.where(allowed, worth, np.inf)
    row, column = divmod(int(np.argmin(worth)), worth.shape[1])
    if not np.isfinite(worth[row, column]):
        return None
    lots = np.zeros(box.upper.shape, dtype=np.int64)
    lots[others] = grid[:, column]
    lots[last] = tries[row, column]
    return Found(lots, float(worth[row, column]))


def _single(moves: Moves, lots: Lots, *, nearest: bool) -> Found | None:
    outside = float(violation(moves, moves.present + moves.effect @ lots))
    if nearest:
        return Found(lots, outside)
    return None if outside > 0.0 else Found(lots, spent(moves, lots))


def _counts(moves: Moves, box: Box) -> Lots:
    """Values that each active column can take."""
    active = box.upper > 0
    start = np.maximum(box.lower, moves.least)
    counts: Lots = (box.upper - start + 1 + (box.lower == 0))[active]
    return counts


def _values(moves: Moves, box: Box, column: int) -> Lots:
    start = max(int(box.lower[column]), int(moves.least[column]))
    steps = np.arange(start, int(box.upper[column]) + 1, dtype=np.int64)
    return np.concatenate([[0], steps]) if box.lower[column] == 0 else steps


def _grid(values: list[Lots]) -> Lots:
    """Every combination of the values, (number of columns, number of combinations)."""
    if not values:
        return np.zeros((0, 1), dtype=np.int64)
    return np.stack([each.ravel() for each in np.meshgrid(*values, indexing="ij")])


def _tries(moves: Moves, box: Box, last: int, base: Floats) -> Floats:
    """Lots of the last column worth trying for each combination of the others."""
    start = max(int(box.lower[last]), int(moves.least[last]))
    slope = moves.effect[:, last]
    some = (slope != 0.0).nonzero()[0]
    edges = [
        (edge[some, None] - base[some]) / slope[some, None] for edge in (moves.low, moves.high)
    ]
    levels = np.concatenate([*edges, np.full((2, base.shape[1]), float(start))])
    levels[-1] = box.upper[last]
    near = _ROUNDING * np.maximum(1.0, np.abs(np.where(np.isfinite(levels), levels, 0.0)))
    rounded = np.concatenate([np.floor(levels + near), np.ceil(levels - near)])
    tries = np.clip(rounded, start, box.upper[last])
    return np.concatenate([np.zeros((1, base.shape[1])), tries]) if box.lower[last] == 0 else tries


def _cost(moves: Moves, others: Lots, grid: Lots) -> Floats:
    unit, curve, order = (each[others, None] for each in (moves.unit, moves.curve, moves.order))
    total: Floats = (grid * (unit + curve * grid) + (grid > 0) * order).sum(axis=0)
    return total


def _cost_of(moves: Moves, column: int, lots: Floats) -> Floats:
    rising = lots * (moves.unit[column] + moves.curve[column] * lots)
    total: Floats = rising + (lots > 0) * moves.order[column]
    return total


def _allowed(moves: Moves, last: int, others: Lots, chosen: tuple[Lots, Floats]) -> Flags:
    """Whether a combination uses few enough instruments, none of them on both sides."""
    grid, tries = chosen
    used = grid > 0
    fine: Flags = used.sum(axis=0) + (tries > 0) <= moves.slots
    for place, column in enumerate(others):
        twins = np.flatnonzero(moves.owner[others[place + 1 :]] == moves.owner[column])
        for twin in twins:
            fine = fine & ~(used[place] & used[place + 1 + twin])
        if moves.owner[column] == moves.owner[last]:
            fine = fine & ~(used[place] & (tries > 0))
    return fine
