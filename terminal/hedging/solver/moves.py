"""The question as arrays: one column per instrument and side, counted in whole lots."""

from decimal import ROUND_FLOOR, Decimal

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from terminal.hedging.solver.problem import Candidate, Problem, Terms
from terminal.hedging.solver.relax import Floats
from terminal.model.order import Side

Lots = NDArray[np.int64]

TIE = 1e-8
"""Most that a preference may weigh, as a fraction of cost: it decides between equals only."""

_CLOSE = 1e-10
"""A Greek this near to its band is inside, in units of what the hedge has to move."""


class Moves(Struct, frozen=True, kw_only=True):
    """What can be done, column by column (j); Greeks (k) are scaled to numbers near one."""

    candidate: tuple[Candidate, ...]
    side: tuple[Side, ...]
    owner: Lots  # (j,) number of the candidate
    least: Lots  # (j,) smallest order, lots, >= 1
    most: Lots  # (j,) largest order, lots
    unit: Floats  # (j,) USD per lot
    curve: Floats  # (j,) USD per lot squared
    order: Floats  # (j,) USD per order
    effect: Floats  # (k, j) per lot
    present: Floats  # (k,)
    low: Floats  # (k,)
    high: Floats  # (k,)
    close: Floats  # (k,) tolerance of being inside
    scale: Floats  # (k,) units of the problem per scaled unit
    slots: int  # most instruments


class Rate(Struct, frozen=True):
    """What one contract on one side costs, USD."""

    fee: float
    spread: float
    impact: float
    carry: float  # counted against the trade; earnings only as far as they pay for it

    @property
    def total(self) -> float:
        """All of it, >= 0."""
        return self.fee + self.spread + self.impact + self.carry


def terms_of(candidate: Candidate, side: Side) -> Terms:
    """Terms of the side that is traded."""
    return candidate.buy if side is Side.BUY else candidate.sell


def rate(candidate: Candidate, side: Side) -> Rate:
    """Cost of one contract on a two-sided book.

    Notes
    -----
    Carry that the trade earns offsets its cost at most down to zero: a hedge is never made larger
    in order to earn carry.
    """
    terms = terms_of(candidate, side)
    bid, ask = candidate.bid or 0.0, candidate.ask or 0.0
    base = 0.5 * (bid + ask) if candidate.fee_base is None else candidate.fee_base
    fee = terms.fee_rate * abs(base)
    spread = 0.5 * (ask - bid) if terms.crosses else 0.0
    carry = candidate.carry if side is Side.BUY else -candidate.carry
    return Rate(fee, spread, terms.impact, max(carry, -(fee + spread + terms.impact)))


def lots_allowed(candidate: Candidate, side: Side) -> tuple[int, int]:
    """Smallest and largest order in lots; the largest is 0 when no order is possible."""
    most = Decimal(terms_of(candidate, side).max_qty)
    if candidate.reduce_only:
        held = -candidate.position if side is Side.BUY else candidate.position
        most = min(most, max(held, Decimal(0)))
    # A billionth of a lot of slack: 0.3 / 0.1 must be three lots, not two.
    largest = int((most / candidate.lot + Decimal("1e-9")).to_integral_value(ROUND_FLOOR))
    smallest = max(1, -int((-candidate.min_qty / candidate.lot).to_integral_value(ROUND_FLOOR)))
    return (smallest, largest) if largest >= smallest else (smallest, 0)


def reduces(candidate: Candidate, side: Side, qty: Decimal) -> bool:
    """Whether the trade only makes the present position smaller."""
    held = -candidate.position if side is Side.BUY else candidate.position
    return held >= qty > 0


def moves(problem: Problem, usable: tuple[Candidate, ...]) -> Moves:
    """Columns of the usable candidates, in the order of their keys, buying before selling."""
    ordered = sorted(usable, key=lambda each: each.key)
    rows = [
        (number, each, side, lots_allowed(each, side))
        for number, each in enumerate(ordered)
        for side in (Side.BUY, Side.SELL)
    ]
    rows = [row for row in rows if row[3][1] > 0]
    lot = np.array([float(each.lot) for _, each, _, _ in rows])
    sign = np.array([1.0 if side is Side.BUY else -1.0 for _, _, side, _ in rows])
    greeks = [band.greek for band in problem.bands]
    unit = [[each.greeks[greek] for _, each, _, _ in rows] for greek in greeks]
    effect = np.array(unit, dtype=np.float64).reshape(len(greeks), len(rows)) * (lot * sign)
    present = np.array([problem.net[greek] for greek in greeks], dtype=np.float64)
    low = np.array([band.low for band in problem.bands], dtype=np.float64)
    high = np.array([band.high for band in problem.bands], dtype=np.float64)
    scale = _scale(effect, present, low, high)
    weight = 1.0 + TIE * _preference(rows, len(ordered))
    curve = np.array([terms_of(each, side).convexity for _, each, side, _ in rows])
    return Moves(
        candidate=tuple(each for _, each, _, _ in rows),
        side=tuple(side for _, _, side, _ in rows),
        owner=np.array([number for number, _, _, _ in rows], dtype=np.int64),
        least=np.array([allowed[0] for *_, allowed in rows], dtype=np.int64),
        most=np.array([allowed[1] for *_, allowed in rows], dtype=np.int64),
        unit=_unit([rate(each, side) for _, each, side, _ in rows]) * lot * weight,
        curve=curve * lot * lot * weight,
        order=np.array([each.order_cost for _, each, _, _ in rows]) * weight,
        effect=effect / scale[:, None],
        present=present / scale,
        low=low / scale,
        high=high / scale,
        close=np.maximum(_CLOSE, 8.0 * np.finfo(float).eps * np.abs(present) / scale),
        scale=scale,
        slots=problem.most_instruments,
    )


def _scale(effect: Floats, present: Floats, low: Floats, high: Floats) -> Floats:
    """Size of the task per Greek: distance to the band, its width, and the coarsest lot."""
    away = np.maximum(np.maximum(low - present, present - high), 0.0)
    finite = np.isfinite(high) & np.isfinite(low)
    width = np.where(finite, np.where(finite, high, 0.0) - np.where(finite, low, 0.0), 0.0)
    lots = np.abs(effect).max(axis=1, initial=0.0)
    size: Floats = away + width + lots
    return np.where(size > 0.0, size, 1.0)


def _unit(rates: list[Rate]) -> Floats:
    """USD per contract, never quite nothing: of two sizes that cost the same the smaller wins."""
    total = np.array([each.total for each in rates], dtype=np.float64)
    gross = total - np.array([each.carry for each in rates], dtype=np.float64)
    least = float(gross[gross > 0.0].min(initial=np.inf))
    paid = np.where(gross > 0.0, gross, least if np.isfinite(least) else 1.0)
    floored: Floats = np.maximum(total, TIE * paid)
    return floored


def _preference(rows: list[tuple[int, Candidate, Side, tuple[int, int]]], count: int) -> Floats:
    """Weights in [0, 1]: reducing a position before opening one, then the order of the keys."""
    opens = np.array([not reduces(each, side, each.lot) for _, each, side, _ in rows])
    ranks = np.array([number for number, _, _, _ in rows], dtype=np.float64) / max(count, 1)
    preference: Floats = 0.5 * (opens + ranks)
    return preference
