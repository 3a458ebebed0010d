"""One node of the search: a box of lots, its relaxation, and what the relaxation rules out."""

import numpy as np
from msgspec import Struct

from terminal.hedging.solver.lots import Box
from terminal.hedging.solver.moves import Lots, Moves
from terminal.hedging.solver.relax import Floats, Program, Relaxed, relax, slack_basis

_PIECES = 8


class Frame(Struct, frozen=True, kw_only=True):
    """What all nodes share. Pieces (p) cut a column of rising cost into straight parts."""

    moves: Moves
    nearest: bool  # the search is for the least violation; lots are free of charge
    owner: Lots  # (p,) column that a piece belongs to
    share: Floats  # (p,) part of the column's range
    tangent: Floats  # (p,) where in the range its slope is taken
    first: Lots  # (j,) first piece of a column
    last: Lots  # (j,)
    floor: Floats  # (k,) lowest value a Greek may keep
    ceiling: Floats  # (k,)
    reach: Floats  # (k,) further than any Greek or edge is from zero


class Looked(Struct, frozen=True, kw_only=True):
    """Relaxation of a node."""

    bound: float
    lots: Floats  # (j,) of the relaxed optimum
    box: Box
    program: Program
    relaxed: Relaxed


def frame(moves: Moves, *, nearest: bool) -> Frame:
    """Lay out the pieces and the limits of all programs of one search."""
    pieces = np.where((moves.curve > 0.0) & (not nearest), _PIECES, 1)
    owner = np.repeat(np.arange(pieces.size), pieces)
    last = np.cumsum(pieces) - 1
    first = last - pieces + 1
    place = np.arange(owner.size) - first[owner]
    count = pieces[owner]
    steps = np.maximum(count - 1, 1)
    ends = (place == 0) | (place == count - 1)
    edges = [np.where(np.isfinite(edge), np.abs(edge), 0.0) for edge in (moves.low, moves.high)]
    reach = 1.0 + np.abs(moves.present) + np.abs(moves.effect) @ moves.most + edges[0] + edges[1]
    return Frame(
        moves=moves,
        nearest=nearest,
        owner=owner,
        share=np.where(count == 1, 1.0, np.where(ends, 0.5, 1.0) / steps),
        tangent=np.where(count == 1, 0.0, place / steps),
        first=first,
        last=last,
        floor=np.where(np.isfinite(moves.low), moves.low - moves.close, -reach),
        ceiling=np.where(np.isfinite(moves.high), moves.high + moves.close, reach),
        reach=reach,
    )


def settle(moves: Moves, box: Box) -> Box | None:
    """Box with what it implies written out; None when nothing can satisfy it."""
    lower = np.where(box.lower > 0, np.maximum(box.lower, moves.least), 0)
    taken = lower > 0
    slots = moves.slots - int(taken.sum())
    upper = np.where(box.upper < moves.least, 0, box.upper)
    free = ~taken
    if slots == 0:
        upper = np.where(free, 0, upper)
    elif taken.any():
        upper = np.where(free & np.isin(moves.owner, moves.owner[taken]), 0, upper)
    twice = np.unique(moves.owner[taken]).size < int(taken.sum())
    if slots < 0 or twice or bool((lower > upper).any()):
        return None
    return Box(lower=lower, upper=upper)


def look(around: Frame, box: Box, basis: tuple[int, ...]) -> Looked:
    """Solve the relaxation of a settled box."""
    program, constant = _program(around, box)
    relaxed = relax(program, basis or slack_basis(program))
    pieces = around.owner.size
    weights = relaxed.point[:pieces]
    lots = box.lower.astype(np.float64)
    lots += np.bincount(around.owner, weights=weights, minlength=lots.size)
    bound = relaxed.bound + constant
    return Looked(bound=bound, lots=lots, box=box, program=program, relaxed=relaxed)


def _program(around: Frame, box: Box) -> tuple[Program, float]:
    """Rows: the Greeks, then the number of instruments. Columns: pieces, misses, slacks.

    A free column pays and counts in proportion to its lots, fully at its upper end: the strongest
    straight line below "nothing or an order". A column of rising cost is cut into tangents, which
    never cost more than the curve.
    """
    moves, owner = around.moves, around.owner
    greeks, lower = moves.present.size, box.lower.astype(np.float64)
    width = (box.upper - box.lower).astype(np.float64)
    taken = box.lower > 0
    share = np.where(taken | (box.upper == 0), 0.0, 1.0 / np.maximum(box.upper, 1))
    pieces = owner.size
    misses = 2 * greeks if around.nearest else 0
    columns = pieces + misses + greeks + 1
    matrix = np.zeros((greeks + 1, columns))
    matrix[:greeks, :pieces] = moves.effect[:, owner]
    matrix[greeks, :pieces] = share[owner]
    diagonal = np.arange(greeks)
    cost = np.zeros(columns)
    upper = np.empty(columns)
    upper[:pieces] = width[owner] * around.share
    constant = 0.0
    if around.nearest:
        cost[pieces : pieces + misses] = 1.0
        matrix[diagonal, pieces + diagonal] = 1.0
        matrix[diagonal, pieces + greeks + diagonal] = -1.0
        upper[pieces : pieces + misses] = np.tile(around.reach, 2)
    else:
        slope = moves.unit + moves.order * share
        along = lower[owner] + width[owner] * around.tangent
        cost[:pieces] = slope[owner] + 2.0 * moves.curve[owner] * along
        fixed = moves.order + lower * (moves.unit + moves.curve * lower)
        constant = float(fixed[taken].sum())
    matrix[diagonal, pieces + misses + diagonal] = -1.0
    matrix[greeks, -1] = 1.0
    start = np.zeros(columns)
    start[pieces + misses : -1] = around.floor
    upper[pieces + misses : -1] = around.ceiling
    slots = float(moves.slots - int(taken.sum()))
    upper[-1] = slots
    rhs = np.append(-(moves.present + moves.effect @ lower), slots)
    return Program(cost=cost, matrix=matrix, rhs=rhs, lower=start, upper=upper), constant
