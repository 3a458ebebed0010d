"""Smaller boxes: what cannot be in a better answer is cut off, the rest is split in two."""

import numpy as np

from terminal.hedging.solver.lots import Box
from terminal.hedging.solver.nodes import Frame, Looked
from terminal.hedging.solver.relax import Floats

_NO_PRICE = 1e-12
_WHOLE = 1e-6


def tighten(around: Frame, looked: Looked, budget: float) -> Box:
    """Cut off lots whose reduced cost alone exceeds the budget.

    Parameters
    ----------
    around : Frame
        What all nodes share.
    looked : Looked
        A relaxation with a finite bound.
    budget : float
        What the best answer known costs above the bound, >= 0.

    Notes
    -----
    Any better answer moves columns off their bounds for at most ``budget`` in all, each at its
    reduced cost. A column on a bound can so move ``budget / reduced``; a basic column moves with
    the others, furthest by spending the whole budget on the one that moves it most per USD.
    """
    reduced, box = looked.relaxed.reduced, looked.box
    lower, upper = box.lower.astype(np.float64), box.upper.astype(np.float64)
    rising, falling = reduced[around.first], reduced[around.last]
    up = np.where(rising > _NO_PRICE, budget / np.maximum(rising, _NO_PRICE), np.inf)
    down = np.where(falling < -_NO_PRICE, budget / np.maximum(-falling, _NO_PRICE), np.inf)
    new_upper = np.minimum(upper, lower + up)
    new_lower = np.maximum(lower, upper - down)
    for row, column in enumerate(looked.relaxed.basis):
        if column < around.owner.size:
            owner = int(around.owner[column])
            least, most = _span(around, looked, (row, owner), budget)
            new_lower[owner] = max(new_lower[owner], looked.lots[owner] - least)
            new_upper[owner] = min(new_upper[owner], looked.lots[owner] + most)
    slack = _WHOLE + 1e-9 * upper
    return Box(
        lower=np.maximum(np.ceil(new_lower - slack), box.lower).astype(np.int64),
        upper=np.maximum(np.minimum(np.floor(new_upper + slack), box.upper), 0).astype(np.int64),
    )


def _span(
    around: Frame, looked: Looked, place: tuple[int, int], budget: float
) -> tuple[float, float]:
    """How far a column with a basic piece can fall and rise within the budget."""
    row, owner = place
    relaxed = looked.relaxed
    program = looked.program
    turn = -(relaxed.inverse[row] @ program.matrix)
    turn[: around.owner.size] += around.owner == owner
    turn[list(relaxed.basis)] = 0.0
    turn[program.upper <= program.lower] = 0.0
    price = np.abs(relaxed.reduced)
    free = price <= _NO_PRICE
    if bool((np.abs(turn[free]) > _NO_PRICE).any()):
        return np.inf, np.inf
    per_usd = np.where(free, 0.0, turn * np.sign(relaxed.reduced) / np.where(free, 1.0, price))
    return budget * float(max(-per_usd.min(), 0.0)), budget * float(max(per_usd.max(), 0.0))


def split(around: Frame, looked: Looked) -> tuple[Box, Box]:
    """Two boxes that hold every whole-lot point of the node but not its relaxed optimum."""
    box = looked.box
    column = _worst(around, looked)
    lots, least = float(looked.lots[column]), int(around.moves.least[column])
    low, high = int(box.lower[column]), int(box.upper[column])
    edge = round(lots) - 1 if abs(lots - round(lots)) <= _WHOLE else int(np.floor(lots))
    if low == 0 and lots < least - _WHOLE:
        edge = 0
    edge = min(max(edge, low), high - 1)
    below, above = box.upper.copy(), box.lower.copy()
    below[column], above[column] = edge, edge + 1
    return Box(lower=box.lower, upper=below), Box(lower=above, upper=box.upper)


def _worst(around: Frame, looked: Looked) -> int:
    """Column whose relaxed lots are furthest, in USD, from an order that could be sent."""
    moves, box, lots = around.moves, looked.box, looked.lots
    worth: Floats = (
        np.abs(moves.effect).sum(axis=0)
        if around.nearest
        else moves.unit + 2.0 * moves.curve * lots + moves.order / np.maximum(box.upper, 1)
    )
    open_ = (box.upper > box.lower) & (lots > _WHOLE)
    optional = box.lower == 0
    missing = np.maximum(np.abs(lots - np.round(lots)), optional * (moves.least - lots))
    order = moves.order * (0.0 if around.nearest else 1.0)
    unpaid = optional * order * (1.0 - lots / np.maximum(box.upper, 1))
    score = np.where(open_, worth * missing + unpaid, -1.0)
    column = int(np.argmax(score))
    if score[column] > _NO_PRICE:
        return column
    part = np.where(open_ & optional, lots / np.maximum(box.upper, 1), -1.0)
    column = int(np.argmax(part))
    return column if part[column] > 0.0 else int(np.argmax(box.upper - box.lower))
