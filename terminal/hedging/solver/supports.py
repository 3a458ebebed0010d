"""Every set of instruments at once: what it must cost at least, and the lots it would need."""

from itertools import combinations
from math import comb

import numpy as np
from msgspec import Struct

from terminal.hedging.solver.lots import Box
from terminal.hedging.solver.moves import Lots, Moves
from terminal.hedging.solver.nodes import Frame
from terminal.hedging.solver.relax import Flags, Floats
from terminal.model.order import Side

_MOST_SUPPORTS = 40_000
_DIRECTIONS = 3
_SINGULAR = 1e-10
_SLACK = 1e-6


class Supports(Struct, frozen=True, kw_only=True):
    """Sets (s) of as many instruments (n) as may be traded, cheapest bound first."""

    members: Lots  # (s, n) numbers of candidates
    bound: Floats  # (s,) USD
    lower: Floats  # (s, n) fewest lots, signed
    upper: Floats  # (s, n) most lots, signed


class _Signed(Struct, frozen=True, kw_only=True):
    """Columns of both sides joined: instruments (i) with signed lots."""

    effect: Floats  # (k, i)
    least: Floats  # (i,) most lots sold, negative
    most: Floats  # (i,)
    buy: Floats  # (i,) USD per lot
    sell: Floats  # (i,)
    order: Floats  # (i,)


def supports(around: Frame) -> Supports | None:
    """Sets that could meet the bands; None when sets cannot be judged this way.

    Notes
    -----
    As many Greeks as instruments make a square system: the lots are the inverse times a point of
    the bands, so interval arithmetic gives their range, and the row prices that charge every
    instrument exactly its cost per lot give a bound by weak duality. With more Greeks than
    instruments every square choice of rows must hold; with fewer nothing is implied.
    """
    moves = around.moves
    numbers = np.unique(moves.owner)
    size = min(moves.slots, numbers.size)
    greeks = moves.present.size
    if not 0 < size <= min(greeks, _DIRECTIONS) or comb(numbers.size, size) > _MOST_SUPPORTS:
        return None
    signed = _signed(moves, numbers)
    sets = np.array(list(combinations(range(numbers.size), size)), dtype=np.int64)
    lower, upper = signed.least[sets], signed.most[sets]
    bound = np.zeros(len(sets))
    for rows in combinations(range(greeks), size):
        need, have, least = _square(around, signed, sets, list(rows))
        lower, upper = np.maximum(lower, need), np.minimum(upper, have)
        bound = np.maximum(bound, least)
    must = (lower > _SLACK) | (upper < -_SLACK)
    bound = bound + (must * signed.order[sets]).sum(axis=1)
    able = np.flatnonzero((lower <= upper + _SLACK).all(axis=1))
    order = able[np.argsort(bound[able], kind="stable")]
    return Supports(
        members=numbers[sets[order]], bound=bound[order], lower=lower[order], upper=upper[order]
    )


def box_of(moves: Moves, found: Supports, place: int) -> Box:
    """Box in which only the members of one set are traded."""
    upper = np.zeros_like(moves.most)
    for number, low, high in zip(
        found.members[place], found.lower[place], found.upper[place], strict=True
    ):
        for column in np.flatnonzero(moves.owner == number):
            far = high if moves.side[column] is Side.BUY else -low
            upper[column] = min(int(moves.most[column]), max(int(np.floor(far + _SLACK)), 0))
    return Box(lower=np.zeros_like(upper), upper=upper)


def _signed(moves: Moves, numbers: Lots) -> _Signed:
    buys = np.array([side is Side.BUY for side in moves.side])
    place = np.searchsorted(numbers, moves.owner)
    count = numbers.size
    effect = np.zeros((moves.present.size, count))
    effect[:, place] = moves.effect * np.where(buys, 1.0, -1.0)
    least, most, buy, sell = (np.zeros(count) for _ in range(4))
    least[place[~buys]] = -moves.most[~buys]
    most[place[buys]] = moves.most[buys]
    buy[place[buys]], sell[place[~buys]] = moves.unit[buys], moves.unit[~buys]
    order = np.zeros(count)
    order[place] = moves.order
    return _Signed(effect=effect, least=least, most=most, buy=buy, sell=sell, order=order)


def _square(
    around: Frame, signed: _Signed, sets: Lots, rows: list[int]
) -> tuple[Floats, Floats, Floats]:
    """Fewest and most lots per member, and least cost, from as many rows as members."""
    size = len(rows)
    system = np.tile(np.eye(_DIRECTIONS), (len(sets), 1, 1))
    system[:, :size, :size] = signed.effect[rows][:, sets].transpose(1, 0, 2)
    inverse, sound = _inverses(system)
    inverse = inverse[:, :size, :size]
    low = around.floor[rows] - around.moves.present[rows]
    high = around.ceiling[rows] - around.moves.present[rows]
    centre = inverse @ (0.5 * (low + high))
    spread = np.abs(inverse) @ (0.5 * (high - low))
    spread = np.where(sound[:, None], spread * (1.0 + _SLACK) + _SLACK, np.inf)
    unit = np.where(centre >= 0.0, signed.buy[sets], -signed.sell[sets])
    prices = np.einsum("si,sik->sk", unit, inverse)
    bound = np.where(prices > 0.0, prices * low, prices * high).sum(axis=1)
    least = np.where(sound, bound * (1.0 - _SLACK), 0.0)
    return centre - spread, centre + spread, least


def _inverses(system: Floats) -> tuple[Floats, Flags]:
    """Inverses of 3 x 3 matrices by cross products, and which of them can be trusted."""
    first, second, third = (system[:, :, j] for j in range(_DIRECTIONS))
    crossed = np.stack(
        [np.cross(second, third), np.cross(third, first), np.cross(first, second)], axis=1
    )
    volume = np.einsum("sk,sk->s", first, crossed[:, 0])
    size = np.linalg.norm(system, axis=1).prod(axis=1)
    sound = np.abs(volume) > _SINGULAR * size
    inverse: Floats = crossed / np.where(sound, volume, 1.0)[:, None, None]
    return inverse, sound
