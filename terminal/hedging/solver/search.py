"""Branch and bound over whole lots: best bound first, counted in nodes, never in time."""

import heapq

import numpy as np
from msgspec import Struct, structs

from terminal.hedging.solver.lots import Box, Found, best_in, box_size
from terminal.hedging.solver.moves import Moves
from terminal.hedging.solver.narrow import split, tighten
from terminal.hedging.solver.nodes import Frame, Looked, frame, look, settle
from terminal.hedging.solver.supports import Supports, columns_of, supports

_ENUMERABLE = 1000.0
"""Combinations that are tried one by one rather than split further."""

_PATIENCE = 30
"""Nodes after which sets of instruments are judged all at once."""

_SAMPLED = 50
"""Sets that are tried for a first answer where sets cannot prove it to be the best."""

_SAME_COST = 1e-11
"""Relative improvement in cost not worth another node: below the weight of preferences."""

_SAME_MISS = 1e-7
"""The same for a violation, in units of what the hedge has to move."""


class Search(Struct, frozen=True):
    """How a search ended; ``bound`` is the least that anything unseen is worth."""

    best: Found | None
    bound: float
    nodes: int
    finished: bool


class _Open(Struct, frozen=True, order=True):
    """A box still to be looked at."""

    bound: float
    serial: int
    box: Box
    basis: tuple[int, ...]


_NOTHING = Search(None, -np.inf, 0, finished=False)


def search(moves: Moves, *, nearest: bool, most_nodes: int) -> Search:
    """Find the cheapest lots inside the bands, or the ones nearest to them.

    Notes
    -----
    Every box that is dropped has a proven bound at or above the best answer, or was enumerated;
    when nothing is left open the best answer is optimal. Land and Doig (1960), with reduced-cost
    fixing. A search that drags on is begun anew over sets of instruments, whose bounds are
    stronger where depth is scarce. Checked against full enumeration and HiGHS in
    tests/unit/hedging/solver.
    """
    around = frame(moves, nearest=nearest)
    whole = Box(lower=np.zeros_like(moves.most), upper=moves.most)
    found = _drain(around, [_Open(-np.inf, 0, whole, ())], _NOTHING, min(_PATIENCE, most_nodes))
    if found.finished or found.nodes >= most_nodes:
        return found
    sets = None if nearest else supports(around)
    if sets is not None:
        found = _by_sets(moves, sets, found, most_nodes)
    if sets is not None and (sets.complete or found.nodes >= most_nodes):
        return found
    return _drain(around, [_Open(found.bound, 0, whole, ())], found, most_nodes)


def _by_sets(moves: Moves, sets: Supports, sofar: Search, most_nodes: int) -> Search:
    """Search set after set, cheapest bound first; only a few when they can prove nothing."""
    tried = len(sets.bound) if sets.complete else min(_SAMPLED, len(sets.bound))
    for place in range(tried):
        bound = float(sets.bound[place])
        if bound >= _cutoff(sofar.best, nearest=False):
            break
        few, columns = columns_of(moves, sets, place)
        whole = Box(lower=np.zeros_like(few.most), upper=few.most)
        around = frame(few, nearest=False)
        found = _drain(around, [_Open(bound, 0, whole, ())], sofar, most_nodes)
        if found.best is not None and found.best is not sofar.best:
            lots = np.zeros_like(moves.most)
            lots[columns] = found.best.lots
            found = structs.replace(found, best=Found(lots, found.best.worth))
        if not found.finished:
            open_ = max(min(found.bound, bound), sofar.bound) if sets.complete else sofar.bound
            return structs.replace(found, bound=open_)
        sofar = structs.replace(found, bound=sofar.bound)
    return structs.replace(sofar, finished=sets.complete)


def _drain(around: Frame, heap: list[_Open], sofar: Search, most_nodes: int) -> Search:
    """Look at open boxes until none could hold a better answer, or the work limit is reached.

    Boxes are taken best bound first; until there is an answer the search dives from each.
    """
    best, nodes, serial = sofar.best, sofar.nodes, 0
    dive: _Open | None = None
    while heap or dive:
        if nodes >= most_nodes:
            heap = [*heap, dive] if dive else heap
            return Search(best, min(each.bound for each in heap), nodes, finished=False)
        item, dive = dive or heapq.heappop(heap), None
        if item.bound >= _cutoff(best, nearest=around.nearest):
            break
        nodes += 1
        best, looked = _visit(around, item, best)
        if looked is None:
            continue
        below, above = split(around, looked)
        serial += 2
        heapq.heappush(heap, _Open(looked.bound, serial, below, looked.relaxed.basis))
        dive = _Open(looked.bound, serial + 1, above, looked.relaxed.basis)
        if best is not None:
            heapq.heappush(heap, dive)
            dive = None
    return Search(best, np.inf, nodes, finished=True)


def _visit(around: Frame, item: _Open, best: Found | None) -> tuple[Found | None, Looked | None]:
    """Best answer after looking at a box, and its relaxation when it must be split further."""
    moves, nearest = around.moves, around.nearest
    box = settle(moves, item.box)
    if box is None:
        return best, None
    looked = look(around, box, item.basis)
    if looked.bound >= _cutoff(best, nearest=nearest):
        return best, None
    best = _better(best, best_in(moves, _around(moves, looked), nearest=nearest))
    if looked.bound >= _cutoff(best, nearest=nearest):
        return best, None
    if best is not None:
        box = settle(moves, tighten(around, looked, best.worth - looked.bound))
        if box is None:
            return best, None
    if box_size(moves, box) <= _ENUMERABLE:
        return _better(best, best_in(moves, box, nearest=nearest)), None
    return best, structs.replace(looked, box=box)


def _around(moves: Moves, looked: Looked) -> Box:
    """Whole lots next to the relaxed optimum; the finest column keeps its whole range."""
    box, lots = looked.box, looked.lots
    used = lots > 1e-7
    if int(used.sum()) > moves.slots:
        weight = np.where(box.lower > 0, 2.0, lots / np.maximum(box.upper, 1))
        kept = np.argsort(-np.where(used, weight, -1.0), kind="stable")[: moves.slots]
        used = np.isin(np.arange(used.size), kept)
    lower = np.maximum(np.floor(lots).astype(np.int64) - 1, box.lower)
    upper = np.minimum(np.ceil(lots).astype(np.int64) + 1, box.upper)
    wide = np.where(used, box.upper - box.lower, -1)
    finest = int(np.argmax(wide))
    lower[finest], upper[finest] = box.lower[finest], box.upper[finest]
    upper = np.where(used, np.maximum(upper, np.minimum(moves.least, box.upper)), 0)
    return Box(lower=np.where(lower < moves.least, box.lower, lower), upper=upper)


def _better(best: Found | None, found: Found | None) -> Found | None:
    if found is None or (best is not None and found.worth >= best.worth):
        return best
    return found


def _cutoff(best: Found | None, *, nearest: bool) -> float:
    """Bound from which on a box cannot hold a better answer."""
    if best is None:
        return np.inf
    return best.worth - (_SAME_MISS if nearest else _SAME_COST * best.worth)
