"""The answer in plain words, with the same numbers."""

import math

import numpy as np

from terminal.core.words import amount
from terminal.hedging.solver.moves import Moves
from terminal.hedging.solver.problem import DELTA, GAMMA, VEGA, Answer, Hedge, Problem, Risk, Status
from terminal.model.order import Side

_UNITS = {DELTA: "coin", GAMMA: "USD per 1 %", VEGA: "USD per vol point"}
_NAMES = {DELTA: "delta", GAMMA: "gamma", VEGA: "vega"}


def named(greek: str) -> str:
    """Name of a Greek as it is spoken."""
    return _NAMES.get(greek, greek)


def explain(problem: Problem, answer: Answer) -> str:
    """Sentences on what to trade, what it costs, what is left, and how sure that is."""
    if answer.hedge is None:
        return " ".join([_proof(answer), *(f"{each}." for each in answer.reasons)])
    parts = [_orders(answer.hedge), *_greeks(problem, answer.hedge), *answer.reasons]
    parts += _risk(answer.before, answer.hedge)
    parts.append(_proof(answer))
    parts += [f"Set aside: {each}." for each in answer.set_aside]
    return " ".join(part for part in parts if part)


def shortfalls(problem: Problem, moves: Moves, nearest: Hedge) -> tuple[str, ...]:
    """Say of each Greek that stays outside how near it gets and what stands in the way."""
    return tuple(
        _shortfall(problem, moves, row, nearest.outside[band.greek])
        for row, band in enumerate(problem.bands)
        if nearest.outside[band.greek] != 0.0
    )


def _shortfall(problem: Problem, moves: Moves, row: int, outside: float) -> str:
    band = problem.bands[row]
    present, scale = problem.net[band.greek], float(moves.scale[row])
    edge, where = (band.low, "below") if outside < 0.0 else (band.high, "above")
    far = f"{amount(abs(outside))}{_unit(band.greek)}"
    near = f"{named(band.greek).capitalize()} stays {far} {where} its band:"
    toward = np.sign(edge - present) * moves.effect[row] * moves.most * scale
    best = [
        max(float(toward[moves.owner == number].max()), 0.0) for number in np.unique(moves.owner)
    ]
    reach = sum(sorted(best, reverse=True)[: moves.slots])
    need = abs(edge - present)
    most = "one instrument" if moves.slots == 1 else f"at most {moves.slots} instruments"
    if present == edge or (present < edge) != (outside < 0.0):
        return f"{near} it is inside now, but the other Greeks cannot be met without moving it."
    if reach < need:
        return f"{near} {amount(need)} is needed and {most} can move it by {amount(reach)}."
    return (
        f"{near} {amount(need)} is needed and it could be moved by {amount(reach)} alone,"
        f" but not in whole lots together with the other Greeks by {most}."
    )


def _orders(hedge: Hedge) -> str:
    if not hedge.trades:
        return "Trade nothing."
    orders = [
        f"{'Buy' if each.side is Side.BUY else 'Sell'} {each.qty:f} {each.key}"
        f" (USD {amount(each.cost.total + each.carry)}"
        f"{', reduces the position' if each.reduces else ''})"
        for each in hedge.trades
    ]
    return f"{', '.join(orders)}; USD {amount(hedge.cost)} in all."


def _greeks(problem: Problem, hedge: Hedge) -> list[str]:
    sentences = []
    for band in problem.bands:
        low = amount(band.low) if math.isfinite(band.low) else "open"
        high = amount(band.high) if math.isfinite(band.high) else "open"
        change = f"{amount(problem.net[band.greek])} to {amount(hedge.after[band.greek])}"
        moved = f"{named(band.greek).capitalize()} goes from {change}{_unit(band.greek)}"
        sentences.append(f"{moved} (band {low} to {high}).")
    return sentences


def _unit(greek: str) -> str:
    return f" {_UNITS[greek]}" if greek in _UNITS else ""


def _risk(before: Risk | None, hedge: Hedge) -> list[str]:
    if before is None or hedge.risk is None:
        return []
    change = "saves" if hedge.risk.total <= before.total else "adds"
    moved = f"from USD {amount(before.total)} to {amount(hedge.risk.total)}"
    bought = f"{change} {amount(abs(before.total - hedge.risk.total))} of it"
    spent = f"USD {amount(hedge.cost)} of cost {bought} against doing nothing"
    return [f"One-day standard deviation goes {moved}: {spent}."]


def _proof(answer: Answer) -> str:
    stopped = f"The work limit was reached after {answer.nodes} nodes"
    match answer.status:
        case Status.OPTIMAL:
            return "Nothing cheaper meets the bands."
        case Status.FEASIBLE:
            return f"{stopped}: at most USD {amount(answer.gap)} could still be saved."
        case Status.NEAREST:
            end = f" {stopped}, so it may be possible to get nearer." if answer.limited else ""
            return f"The bands cannot all be met; this is the nearest, at the least cost.{end}"
        case Status.STOPPED:
            return f"{stopped}: whether the bands can be met is not known."
        case Status.REFUSED:
            return "The question cannot be answered."
