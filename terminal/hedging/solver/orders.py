"""From whole lots to orders with their costs, and what is left after them."""

import numpy as np

from terminal.hedging.solver.moves import Lots, Moves, rate, reduces, terms_of
from terminal.hedging.solver.problem import Candidate, Hedge, Problem, Trade
from terminal.hedging.solver.residual import one_day
from terminal.model.hedge import Cost
from terminal.model.order import Side


def hedge(problem: Problem, moves: Moves, lots: Lots, reason: str) -> Hedge:
    """Write the lots as orders, in the order of their keys."""
    trades = tuple(
        trade(moves.candidate[column], moves.side[column], int(lots[column]))
        for column in np.flatnonzero(lots)
    )
    after = _after(problem, moves, lots)
    outside = {
        band.greek: _outside(after[band.greek], band.low, band.high, float(slack))
        for band, slack in zip(problem.bands, moves.close * moves.scale, strict=True)
    }
    return Hedge(
        trades=trades,
        cost=sum(each.cost.total + each.carry for each in trades),
        after=after,
        outside=outside,
        risk=one_day(after, problem.outlook),
        reason=reason,
    )


def trade(candidate: Candidate, side: Side, lots: int) -> Trade:
    """One order of whole lots and what it costs."""
    qty = candidate.lot * lots
    held, each = float(qty), rate(candidate, side)
    convexity = terms_of(candidate, side).convexity
    return Trade(
        key=candidate.key,
        side=side,
        qty=qty,
        cost=Cost(
            fee=each.fee * held + candidate.order_cost,
            spread=each.spread * held,
            impact=(each.impact + convexity * held) * held,
        ),
        carry=each.carry * held,
        reduces=reduces(candidate, side, qty),
    )


def _after(problem: Problem, moves: Moves, lots: Lots) -> dict[str, float]:
    """Net Greeks after the trades; one that a traded instrument does not state is unknown."""
    after = dict(problem.net)
    for column in np.flatnonzero(lots):
        candidate = moves.candidate[column]
        sign = 1.0 if moves.side[column] is Side.BUY else -1.0
        qty = sign * float(candidate.lot * int(lots[column]))
        after = {
            greek: value + qty * candidate.greeks[greek]
            for greek, value in after.items()
            if greek in candidate.greeks
        }
    return after


def _outside(value: float, low: float, high: float, slack: float) -> float:
    """Signed distance from the band, 0 inside it or within rounding of it."""
    if value < low - slack:
        return value - low
    return value - high if value > high + slack else 0.0
