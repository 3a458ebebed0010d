"""Every set of instruments at once: what it must cost at least, and the lots it would need."""

from itertools import combinations
from math import comb

import numpy as np
from msgspec import Struct, structs

from terminal.hedging.solver.moves import Lots, Moves
from terminal.hedging.solver.nodes import Frame
from terminal.hedging.solver.relax import Flags, Floats
from terminal.model.order import Side

_MOST_SUPPORTS = 40_000
_DIRECTIONS = 3
_SINGULAR = 1e-10
_SLACK = 1e-6


class Supports(Struct, frozen=True, kw_only=True):
    """Sets (s) of instruments (n), cheapest bound first."""

    members: Lots  # (s, n) numbers of candidates
    bound: Floats  # (s,) USD
    lower: Floats  # (s, n) fewest lots, signed
    upper: Floats  # (s, n) most lots, signed
    complete: bool  # a set left out cannot meet the bands; otherwise sets could be larger


class _Signed(Struct, frozen=True, kw_only=True):
    """Columns of both sides joined: instruments (i) with signed lots."""

    effect: Floats  # (k, i)
    least: Floats  # (i,) most lots sold, negative
    most: Floats  # (i,)
    unit: Floats  # (2, i) USD per lot bought, sold
    curve: Floats  # (2, i) USD per lot squared
    order: Floats  # (i,)


def supports(around: Frame) -> Supports | None:
    """Sets that could meet the bands; None when sets cannot be judged this way.

    Notes
    -----
    As many Greeks as instruments make a square system: the lots are the inverse times a point of
    the bands, so interval arithmetic gives their range, and the row prices that charge every
    instrument exactly its marginal cost give a bound by weak duality. With more Greeks than
    instruments every square choice of rows must hold. With fewer, the sets are as small as the
    Greeks are many: a start, but no proof.
    """
    moves = around.moves
    numbers = np.unique(moves.owner)
    greeks = moves.present.size
    allowed = min(moves.slots, numbers.size)
    size = min(allowed, greeks)
    if not 0 < size <= _DIRECTIONS or comb(numbers.size, size) > _MOST_SUPPORTS:
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
    able = np.flatnonzero((lower <= upper + _SLACK).all(axis=1) & np.isfinite(bound))
    order = able[np.argsort(bound[able], kind="stable")]
    return Supports(
        members=numbers[sets[order]],
        bound=bound[order],
        lower=lower[order],
        upper=upper[order],
        complete=size == allowed,
    )


def columns_of(moves: Moves, found: Supports, place: int) -> tuple[Moves, Lots]:
    """Only the columns of one set, none larger than the set allows, and where they come from."""
    most = moves.most.copy()
    within = np.zeros(most.shape, dtype=bool)
    for number, low, high in zip(
        found.members[place], found.lower[place], found.upper[place], strict=True
    ):
        for column in np.flatnonzero(moves.owner == number):
            far = high if moves.side[column] is Side.BUY else -low
            most[column] = min(int(most[column]), max(int(np.floor(far + _SLACK)), 0))
            within[column] = True
    chosen = np.flatnonzero(within)
    few = structs.replace(
        moves,
        candidate=tuple(moves.candidate[column] for column in chosen),
        side=tuple(moves.side[column] for column in chosen),
        owner=moves.owner[chosen],
        least=moves.least[chosen],
        most=most[chosen],
        unit=moves.unit[chosen],
        curve=moves.curve[chosen],
        order=moves.order[chosen],
        effect=moves.effect[:, chosen],
    )
    return few, chosen


def _signed(moves: Moves, numbers: Lots) -> _Signed:
    buys = np.array([side is Side.BUY for side in moves.side])
    place = np.searchsorted(numbers, moves.owner)
    count = numbers.size
    effect = np.zeros((moves.present.size, count))
    effect[:, place] = moves.effect * np.where(buys, 1.0, -1.0)
    least, most, order = (np.zeros(count) for _ in range(3))
    least[place[~buys]] = -moves.most[~buys]
    most[place[buys]] = moves.most[buys]
    order[place] = moves.order
    unit, curve = np.zeros((2, count)), np.zeros((2, count))
    row = np.where(buys, 0, 1)
    unit[row, place], curve[row, place] = moves.unit, moves.curve
    return _Signed(effect=effect, least=least, most=most, unit=unit, curve=curve, order=order)


def _square(
    around: Frame, signed: _Signed, sets: Lots, rows: list[int]
) -> tuple[Floats, Floats, Floats]:
    """Fewest and most lots per member, and least cost, from as many rows as members."""
    size = len(rows)
    system = np.tile(np.eye(_DIRECTIONS), (len(sets), 1, 1))
    system[:, :size, :size] = signed.effect[rows][:, sets].transpose(1, 0, 2)
    inverse, crossed, sound = _inverses(system)
    inverse = inverse[:, :size, :size]
    low = around.floor[rows] - around.moves.present[rows]
    high = around.ceiling[rows] - around.moves.present[rows]
    centre = inverse @ (0.5 * (low + high))
    spread = np.abs(inverse) @ (0.5 * (high - low))
    spread = np.where(sound[:, None], spread * (1.0 + _SLACK) + _SLACK, np.inf)
    # The tangent to the cost at any size is never above the cost: here, amid the range.
    at = np.clip(centre, signed.least[sets], signed.most[sets])
    buys = at >= 0.0
    curve = np.where(buys, signed.curve[0][sets], signed.curve[1][sets])
    unit = np.where(buys, signed.unit[0][sets], -signed.unit[1][sets]) + 2.0 * curve * at
    prices = np.einsum("si,sik->sk", unit, inverse)
    bound = np.where(prices > 0.0, prices * low, prices * high).sum(axis=1)
    bound -= (curve * at * at).sum(axis=1)
    least = np.where(sound, bound - _SLACK * np.abs(bound), 0.0)
    if size == _DIRECTIONS:
        caps = np.maximum(signed.most[sets], -signed.least[sets])
        flat = _beside_plane(system, crossed, (low, high), caps)
        least = np.where(~sound & flat, np.inf, least)
    return centre - spread, centre + spread, least


def _inverses(system: Floats) -> tuple[Floats, Floats, Flags]:
    """Inverses of 3 x 3 matrices, the cross products behind them, and which can be trusted."""
    first, second, third = (system[:, :, j] for j in range(_DIRECTIONS))
    crossed = np.stack(
        [np.cross(second, third), np.cross(third, first), np.cross(first, second)], axis=1
    )
    volume = np.einsum("sk,sk->s", first, crossed[:, 0])
    size = np.linalg.norm(system, axis=1).prod(axis=1)
    sound = np.abs(volume) > _SINGULAR * size
    inverse: Floats = crossed / np.where(sound, volume, 1.0)[:, None, None]
    return inverse, crossed, sound


def _beside_plane(
    system: Floats, crossed: Floats, ends: tuple[Floats, Floats], caps: Floats
) -> Flags:
    """Sets whose effects lie in a plane, as of a call, its put and the future, off the bands."""
    length = np.linalg.norm(crossed, axis=2)
    widest = np.argmax(length, axis=1)
    place = np.arange(len(system))
    normal = crossed[place, widest] / np.maximum(length[place, widest], 1e-300)[:, None]
    near = (np.abs(np.einsum("sk,ski->si", normal, system)) * caps).sum(axis=1) + _SLACK
    low, high = ends
    least = np.where(normal > 0.0, normal * low, normal * high).sum(axis=1)
    most = np.where(normal > 0.0, normal * high, normal * low).sum(axis=1)
    beside: Flags = (least > near) | (most < -near)
    return beside
