"""Linear programs with few rows and boxed columns: a dual simplex whose every bound is valid."""

from typing import TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

_LEAST_PIVOT = 1e-9
_FEASIBLE = 1e-9
_MOST_PIVOTS = 60


class Program(Struct, frozen=True, kw_only=True):
    """Minimise ``cost @ x`` with ``matrix @ x = rhs`` and ``lower <= x <= upper``, all finite."""

    cost: Floats  # (n,)
    matrix: Floats  # (m, n); the last m columns are the rows' own slacks
    rhs: Floats  # (m,)
    lower: Floats  # (n,)
    upper: Floats  # (n,)


class Relaxed(Struct, frozen=True, kw_only=True):
    """Result of a relaxation; ``bound`` is infinite when no point exists."""

    bound: float  # no point of the program costs less
    point: Floats  # (n,)
    reduced: Floats  # (n,) price of moving a column off its bound; 0 for basic ones
    basis: tuple[int, ...]  # the column that each row determines
    inverse: Floats  # (m, m) of the basis columns


class _Vertex(Struct, frozen=True):
    """A basis, the point it stands for, and its prices."""

    basis: list[int]
    inverse: Floats
    prices: Floats
    reduced: Floats
    point: Floats


def slack_basis(program: Program) -> tuple[int, ...]:
    """Basis that every program has: the slacks of its rows."""
    rows, columns = program.matrix.shape
    return tuple(range(columns - rows, columns))


def relax(program: Program, basis: tuple[int, ...]) -> Relaxed:
    """Solve the program from a basis, by the dual simplex with long steps.

    Parameters
    ----------
    program : Program
        Rows scaled so that numbers near one matter.
    basis : tuple of int
        Where to start, e.g. from the answer to a similar program; any basis will do.

    Returns
    -------
    Relaxed
        The optimum. Should the pivots run out, ``bound`` is below the optimum, never above it.

    Notes
    -----
    All columns are boxed, so every basis is dual feasible once each other column sits on the
    bound that its reduced cost prefers; each pivot raises the dual value. The bound is taken from
    the row prices alone (weak duality), so it holds whatever rounding did on the way. Koberstein
    (2005), "The dual simplex method", chapter 3 (long steps over boxed columns). Checked against
    HiGHS in tests/unit/hedging/solver/test_relax.py.
    """
    slacks = slack_basis(program)
    found, ended = _climbed(program, basis)
    if ended or tuple(basis) == slacks:
        return found
    again, _ = _climbed(program, slacks)  # it cycled, or met a basis that is nearly singular
    return max(found, again, key=lambda each: each.bound)


def _climbed(program: Program, basis: tuple[int, ...]) -> tuple[Relaxed, bool]:
    """Climb from a basis; what was reached, and whether that is the end of the way."""
    chosen = list(basis)
    inverse = _inverse(program, chosen)
    if inverse is None:
        chosen = list(slack_basis(program))
        inverse = np.eye(len(chosen)) / program.matrix[:, chosen].diagonal()
    ended = False
    high = _prices(program, chosen, inverse)[1] < 0.0
    for _ in range(_MOST_PIVOTS):
        vertex = _vertex(program, chosen, inverse, high)
        short = program.lower[chosen] - vertex.point[chosen]
        over = vertex.point[chosen] - program.upper[chosen]
        row = int(np.argmax(np.maximum(short, over)))
        amiss = float(max(short[row], over[row]))
        ended = amiss <= _FEASIBLE
        if ended:
            break
        falls = bool(over[row] > short[row])
        entering, flipped = _entering(program, vertex, high, (row, falls, amiss))
        if entering < 0:
            refuted = _refuted(program, vertex.inverse[row])
            return _relaxed(program, vertex, infeasible=refuted), refuted
        high[flipped] ^= True
        high[chosen[row]] = falls
        chosen = [*chosen[:row], entering, *chosen[row + 1 :]]
        renewed = _inverse(program, chosen)
        if renewed is None:
            break
        inverse = renewed
    reached = _relaxed(program, vertex, infeasible=False)
    # Rounding on the way may have left a column on the bound that its price does not prefer.
    gap = float(program.cost @ reached.point) - reached.bound
    return reached, ended and gap <= _FEASIBLE * max(1.0, abs(reached.bound))


def _inverse(program: Program, chosen: list[int]) -> Floats | None:
    try:
        inverse = np.asarray(np.linalg.inv(program.matrix[:, chosen]), dtype=np.float64)
    except np.linalg.LinAlgError:
        return None
    return inverse if np.abs(inverse).max() < 1.0 / _LEAST_PIVOT**2 else None


def _prices(program: Program, chosen: list[int], inverse: Floats) -> tuple[Floats, Floats]:
    """Row prices and reduced costs of a basis."""
    prices = program.cost[chosen] @ inverse
    reduced = program.cost - prices @ program.matrix
    reduced[chosen] = 0.0
    return prices, reduced


def _vertex(program: Program, chosen: list[int], inverse: Floats, high: Flags) -> _Vertex:
    prices, reduced = _prices(program, chosen, inverse)
    point = program.lower.copy()
    point[high] = program.upper[high]
    point[chosen] = 0.0
    solved: Floats = inverse @ (program.rhs - program.matrix @ point)
    point[chosen] = solved
    return _Vertex(chosen, inverse, prices, reduced, point)


def _entering(
    program: Program, vertex: _Vertex, high: Flags, leaving: tuple[int, bool, float]
) -> tuple[int, NDArray[np.intp]]:
    """Column that replaces the leaving one, and the columns that change bound on the way.

    The column is -1 when even all of them together do not bring the row into its box.
    """
    row, falls, amiss = leaving
    moves = vertex.inverse[row] @ program.matrix
    if falls:
        moves = -moves
    moves[vertex.basis] = 0.0
    width = program.upper - program.lower
    blocks = np.where(high, moves > _LEAST_PIVOT, moves < -_LEAST_PIVOT) & (width > 0.0)
    found = np.flatnonzero(blocks)
    steps = np.abs(moves[found])
    found = found[np.lexsort((-steps, np.abs(vertex.reduced[found]) / steps))]
    cured = np.cumsum(np.abs(moves[found]) * width[found])
    if not found.size or cured[-1] < amiss - _FEASIBLE:
        return -1, found
    last = min(int(np.searchsorted(cured, amiss)), found.size - 1)
    return int(found[last]), found[:last]


def _refuted(program: Program, ray: Floats) -> bool:
    """Whether a combination of rows can be met by no point of the box."""
    across = ray @ program.matrix
    ends = np.stack([across * program.lower, across * program.upper])
    wanted, slack = float(ray @ program.rhs), _FEASIBLE * max(1.0, float(np.abs(ray).max()))
    least, most = float(ends.min(axis=0).sum()), float(ends.max(axis=0).sum())
    return wanted < least - slack or wanted > most + slack


def _relaxed(program: Program, vertex: _Vertex, *, infeasible: bool) -> Relaxed:
    at_best = np.minimum(vertex.reduced * program.lower, vertex.reduced * program.upper)
    return Relaxed(
        bound=np.inf if infeasible else float(vertex.prices @ program.rhs + at_best.sum()),
        point=vertex.point,
        reduced=vertex.reduced,
        basis=tuple(vertex.basis),
        inverse=vertex.inverse,
    )
