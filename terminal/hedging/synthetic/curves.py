"""What a perps-only mode makes of a path: exactly for a grid, and along a straight trend."""

import math

import numpy as np

from terminal.core.units import DAY, YEAR
from terminal.hedging.synthetic.path import LEAST_LEFT, Progress, aim
from terminal.model.synthetic import SyntheticKind
from terminal.pricing.rows import FloatArray

MOVES = (-0.3, -0.2, -0.15, -0.1, -0.05, -0.02, 0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3)
"""Relative moves that the trend-loss curve is drawn at."""

PIECES = 400


def fade_pnl(kappa: float, prices: FloatArray) -> float:
    """P&L of fading every move of a path, before costs and without a limit.

    Parameters
    ----------
    kappa : float
        Coins sold per USD of rise.
    prices : ndarray (n,)
        USD; the inventory is -kappa (S - S0) between prices.

    Returns
    -------
    float
        USD: kappa / 2 (sum dS^2 - (S_T - S_0)^2).

    Notes
    -----
    An identity, from summation by parts: the grid collects realised variance and pays the squared
    displacement. The replication of a quadratic payoff is the same with the other sign.
    """
    steps = np.diff(prices)
    return 0.5 * kappa * float(steps @ steps - (prices[-1] - prices[0]) ** 2)


def trend_pnl(state: Progress, now: int, moves: tuple[float, ...] = MOVES) -> tuple[float, ...]:
    """P&L of the mode if the price went straight from its centre to each move, costs left out.

    Parameters
    ----------
    state : Progress
        Its terms, centre and size; the trend filter is taken as open, which is the worst case of
        a grid.
    now : int
        UtcNs; the life that a replicated straddle has left.
    moves : tuple of float
        Relative moves, > -1.

    Returns
    -------
    tuple of float
        USD: the target integrated over price from the centre, maximum inventory included. A grid
        loses kappa / 2 (S - C)^2, and its maximum inventory times the way beyond the limit.
    """
    return tuple(_straight(state, now, state.centre * (1.0 + move)) for move in moves)


def _straight(state: Progress, now: int, end: float) -> float:
    """Integral of the target from the centre to a price, by the midpoint rule."""
    width = (end - state.centre) / PIECES
    return sum(
        aim(state, state.centre + (piece + 0.5) * width, now)[0] * width
        for piece in range(PIECES)
    )


def variance_pnl(state: Progress, price: float, vol: float, now: int) -> float:
    """What a day of back and forth at a volatility is worth to the mode, USD.

    Notes
    -----
    -1/2 slope S^2 vol^2 / 365: a grid (slope < 0) collects it, a replication pays it.
    """
    if state.terms.kind is SyntheticKind.CARRY:
        return 0.0
    slope = aim(state, price, now)[1]
    return -0.5 * slope * (price * vol) ** 2 * DAY / YEAR


def premium(state: Progress, now: int) -> float:
    """Value of the straddles that are replicated, at their centre, USD; 0 of other modes.

    Notes
    -----
    2 C (2 N(v/2) - 1) with v = vol sqrt(T): what replication pays back in realised variance if
    it comes in at ``vol``.
    """
    terms = state.terms
    if terms.kind is not SyntheticKind.STRADDLE:
        return 0.0
    left = max(terms.days * DAY / YEAR - (now - state.began) / YEAR, LEAST_LEFT)
    spread = terms.vol * math.sqrt(left)
    return 2.0 * state.coins * state.centre * math.erf(0.5 * spread / math.sqrt(2.0))
