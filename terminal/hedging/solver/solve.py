"""Entry point: the cheapest hedge, or the nearest one, with its alternatives and its reasons."""

import numpy as np
from msgspec import Struct, structs

from terminal.hedging.solver.checks import faults, unusable
from terminal.hedging.solver.explain import explain, shortfalls
from terminal.hedging.solver.lots import violation
from terminal.hedging.solver.moves import Lots, Moves, moves
from terminal.hedging.solver.orders import hedge
from terminal.hedging.solver.problem import Answer, Candidate, Hedge, Problem, Status
from terminal.hedging.solver.residual import one_day
from terminal.hedging.solver.search import search


class _Outcome(Struct, frozen=True, kw_only=True):
    """Lots found, and how far that can be trusted."""

    status: Status
    lots: Lots
    bound: float
    nodes: int
    limited: bool


def solve(problem: Problem) -> Answer:
    """Find the cheapest whole-lot trades that bring every chosen Greek inside its band.

    Parameters
    ----------
    problem : Problem
        Net Greeks, bands, candidates with their costs, and limits.

    Returns
    -------
    Answer
        Never an exception: a wrong question is ``REFUSED`` with every fault named; bands that
        cannot be met give the ``NEAREST`` hedge (least sum of violations, each in units of what
        had to be moved plus the coarsest lot; then least cost with no Greek further out).

    Notes
    -----
    ``gap`` is 0 when the search was exhausted; the proof holds to 2e-8 of the cost, the weight
    of the preferences that break ties (smaller sizes where carry pays for everything, reducing a
    position before opening one, then key order).
    The work limit applies to each search: the hedge, and each alternative.
    """
    wrong = faults(problem)
    if wrong:
        refused = Answer(status=Status.REFUSED, reasons=wrong)
        return structs.replace(refused, words=explain(problem, refused))
    aside = tuple(reason for each in problem.candidates if (reason := unusable(each)))
    usable = tuple(each for each in problem.candidates if not unusable(each))
    choices = moves(problem, usable)
    outcome = _outcome(choices, problem.most_nodes)
    best = hedge(problem, choices, outcome.lots, _reason(outcome.status))
    answer = Answer(
        status=outcome.status,
        reasons=shortfalls(problem, choices, best),
        hedge=best,
        gap=max(best.cost - max(outcome.bound, 0.0), 0.0) if outcome.limited else 0.0,
        nodes=outcome.nodes,
        limited=outcome.limited,
        before=one_day(problem.net, problem.outlook),
        alternatives=_alternatives(problem, usable, best),
        set_aside=aside,
    )
    return structs.replace(answer, words=explain(problem, answer))


def _reason(status: Status) -> str:
    if status is Status.OPTIMAL:
        return "cheapest that meets the bands"
    return "cheapest found" if status is Status.FEASIBLE else "nearest to the bands"


def _outcome(choices: Moves, most_nodes: int) -> _Outcome:
    """Cheapest lots inside the bands; failing that, the nearest."""
    if not choices.most.size:
        met = not float(violation(choices, choices.present))
        status = Status.OPTIMAL if met else Status.NEAREST
        return _Outcome(status=status, lots=choices.most, bound=0.0, nodes=0, limited=False)
    found = search(choices, nearest=False, most_nodes=most_nodes)
    if found.best is None:
        return _nearest(choices, most_nodes, proven=found.finished, nodes=found.nodes)
    return _Outcome(
        status=Status.OPTIMAL if found.finished else Status.FEASIBLE,
        lots=found.best.lots,
        bound=found.bound,
        nodes=found.nodes,
        limited=not found.finished,
    )


def _nearest(choices: Moves, most_nodes: int, *, proven: bool, nodes: int) -> _Outcome:
    """Least violation first; then least cost with no Greek further out than that."""
    near = search(choices, nearest=True, most_nodes=most_nodes)
    lots = np.zeros_like(choices.most) if near.best is None else near.best.lots
    after = choices.present + choices.effect @ lots
    wider = structs.replace(
        choices, low=np.minimum(choices.low, after), high=np.maximum(choices.high, after)
    )
    cheap = search(wider, nearest=False, most_nodes=most_nodes)
    lots = lots if cheap.best is None else cheap.best.lots
    status = Status.NEAREST if proven else Status.STOPPED
    if not float(violation(choices, choices.present + choices.effect @ lots)):
        status = Status.FEASIBLE
    return _Outcome(
        status=status,
        lots=lots,
        bound=cheap.bound,
        nodes=nodes + near.nodes + cheap.nodes,
        limited=not (proven and near.finished and cheap.finished),
    )


def _alternatives(
    problem: Problem, usable: tuple[Candidate, ...], best: Hedge
) -> tuple[Hedge, ...]:
    """Best hedges without one of the instruments, cheapest first, and doing nothing last."""
    met = not any(best.outside.values())
    rows: list[Hedge] = []
    for left_out in (each.key for each in best.trades if met and problem.alternatives):
        choices = moves(problem, tuple(each for each in usable if each.key != left_out))
        if not choices.most.size:
            continue
        found = search(choices, nearest=False, most_nodes=problem.most_nodes)
        if found.best is None:
            continue
        words = "best" if found.finished else "best found"
        row = hedge(problem, choices, found.best.lots, f"{words} without {left_out}")
        if all(row.trades != each.trades for each in rows):
            rows.append(row)
    rows = sorted(rows, key=lambda row: row.cost)[: problem.alternatives]
    if problem.alternatives and best.trades:
        empty = moves(problem, ())
        rows.append(hedge(problem, empty, empty.most, "doing nothing"))
    return tuple(rows)
