"""How far the price is from where a venue liquidates, and what would keep it away.

Liquidation starts where the balance equals the maintenance margin. A hedge split over two buckets
can lose one of its legs while the whole is hedged: ask bucket by bucket.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, log, sqrt

import numpy as np
from msgspec import Struct

from terminal.portfolio.checks import checked
from terminal.portfolio.margin import MarginRule, margin
from terminal.portfolio.revaluation import Holdings
from terminal.pricing.position_greeks import DAYS_PER_YEAR
from terminal.pricing.rows import FloatArray

STEPS = 128
"""Prices looked at on each side before the crossing is refined; their gaps grow outwards."""

FARTHEST = 1000.0
"""Prices beyond this multiple of the index, or below its inverse, count as none."""

HALVINGS = 48
"""Refinements of the crossing: the widest gap of the scan shrinks below one part in 1e14."""


class VolResponse(Struct, frozen=True):
    """Relative rise of 30-day volatility for a price move: 1 adds 20 % of it for 20 % of price."""

    per_drop: float = 1.0
    per_rise: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a fall: a move towards liquidation is no time to count on calm."""
        checked("VolResponse.per_drop", self.per_drop, least=0.0)
        checked("VolResponse.per_rise", self.per_rise, least=0.0)


STILL = VolResponse(0.0, 0.0)
USUAL_RESPONSE = VolResponse()


def vol_moves_with(response: VolResponse, ratio: FloatArray) -> FloatArray:
    """Volatility moves that go with prices at ``ratio`` times the index, >= 0."""
    away = ratio - 1.0
    return np.maximum(response.per_rise * away, -response.per_drop * away)


class Distance(Struct, frozen=True):
    """One side: the price, its distance as a fraction of the index and in daily sigmas, >= 0."""

    price: float
    move: float
    sigmas: float


class Liquidation(Struct, frozen=True):
    """Nearest liquidation on both sides; None where there is no such price.

    ``cushion_usd`` is balance less maintenance margin now. Where it is negative liquidation has
    already started, and both sides are at the index.
    """

    below: Distance | None
    above: Distance | None
    cushion_usd: float


def linear_liquidation(
    size: float, entry: float, collateral: float, rate: float
) -> float | None:
    """Liquidation price of an isolated linear perpetual or future.

    Parameters
    ----------
    size : float
        Coins, negative when short.
    entry : float
        USD per coin, > 0.
    collateral : float
        USD set aside for the position, >= 0.
    rate : float
        Maintenance margin over notional at the mark, 0 <= rate < 1.

    Returns
    -------
    float or None
        USD per coin; None for a long that its collateral pays in full, and without a position.

    Notes
    -----
    M + q (P - P0) = m |q| P gives (q P0 - M) / (q (1 - m)) long, (|q| P0 + M) / (|q| (1 + m))
    short.
    """
    _isolated(size, entry, collateral, rate)
    if size == 0.0:
        return None
    price = (entry - collateral / size) / (1.0 - rate if size > 0.0 else 1.0 + rate)
    return price if price > 0.0 else None


def inverse_liquidation(
    size: float, entry: float, collateral: float, rate: float
) -> float | None:
    """Liquidation price of an isolated inverse perpetual or future.

    Parameters
    ----------
    size : float
        USD, negative when short.
    entry : float
        USD per coin, > 0.
    collateral : float
        Coins set aside for the position, >= 0.
    rate : float
        Maintenance margin over notional at the mark, 0 <= rate < 1.

    Returns
    -------
    float or None
        USD per coin; None for a short that its collateral pays in full, and without a position.

    Notes
    -----
    M + N (1 / P0 - 1 / P) = m |N| / P gives N (1 + m) / (M + N / P0) long,
    |N| (1 - m) / (|N| / P0 - M) short.
    """
    _isolated(size, entry, collateral, rate)
    if size == 0.0:
        return None
    coins = 1.0 / entry + collateral / size
    return (1.0 + rate if size > 0.0 else 1.0 - rate) / coins if coins > 0.0 else None


def _isolated(size: float, entry: float, collateral: float, rate: float) -> None:
    checked("size", size)
    checked("entry", entry, above=0.0)
    checked("collateral", collateral, least=0.0)
    if checked("rate", rate, least=0.0) >= 1.0:
        raise ValueError(f"rate is {rate!r}: give a fraction of notional below 1")


def liquidation(
    holdings: Holdings,
    rule: MarginRule,
    vol: float,
    response: VolResponse = USUAL_RESPONSE,
) -> Liquidation:
    """Nearest prices on both sides where the balance of a bucket equals its maintenance margin.

    Parameters
    ----------
    holdings : Holdings
        What shares margin: one bucket.
    rule : StandardMargin or PortfolioMargin
    vol : float
        Annual volatility that a daily sigma is made of, fraction, > 0.
    response : VolResponse
        How implied volatility moves with price on the way.

    Returns
    -------
    Liquidation
        The move happens at once. Distance in sigmas is the absolute ln(P / S) over vol / sqrt(365).

    Raises
    ------
    ValueError, TypeError
        ``vol`` is no positive number.

    Notes
    -----
    The cushion is looked at on ``STEPS`` prices each side and its first change of sign is refined
    by bisection. A dip below zero that lies wholly between two of them is missed; they are 0.05 %
    apart at the index and 11 % at the far end.
    """
    daily = checked("vol", vol, above=0.0) / sqrt(DAYS_PER_YEAR)
    spot = holdings.spot

    def cushion(moves: FloatArray) -> FloatArray:
        return _cushion(holdings, rule, response, moves)

    now = float(cushion(np.zeros(1))[0])
    if now < 0.0:
        here = Distance(spot, 0.0, 0.0)
        return Liquidation(here, here, now)
    below, above = (_distance(spot, _first_crossing(cushion, sign), daily) for sign in (-1.0, 1.0))
    return Liquidation(below, above, now)


def _distance(spot: float, move: float | None, daily: float) -> Distance | None:
    if move is None:
        return None
    ratio = exp(move)
    return Distance(spot * ratio, abs(ratio - 1.0), abs(move) / daily)


def usd_to_add(
    holdings: Holdings,
    rule: MarginRule,
    distance: float,
    response: VolResponse = USUAL_RESPONSE,
    *,
    in_coin: bool = False,
) -> float:
    """USD that must be added so that no price within a distance liquidates.

    Parameters
    ----------
    holdings : Holdings
    rule : StandardMargin or PortfolioMargin
    distance : float
        Wanted distance on both sides, fraction of the index, 0 <= distance < 1.
    response : VolResponse
    in_coin : bool
        Whether coin is added, bought at the index: it is worth less where the price has fallen.

    Returns
    -------
    float
        USD, >= 0: the largest shortfall on ``STEPS`` prices each side, and at the edges.

    Raises
    ------
    ValueError, TypeError
        The distance is out of range.
    """
    if checked("distance", distance, least=0.0) >= 1.0:
        raise ValueError(f"distance is {distance!r}: give a fraction of the price below 1")
    moves = np.log1p(distance * np.linspace(-1.0, 1.0, 2 * STEPS + 1))
    cushion = _cushion(holdings, rule, response, moves)
    return max(0.0, -float((cushion / np.exp(moves) if in_coin else cushion).min()))


def _cushion(
    holdings: Holdings, rule: MarginRule, response: VolResponse, moves: FloatArray
) -> FloatArray:
    """Balance less maintenance margin after logarithmic price moves, USD."""
    ratio = np.exp(moves)
    found = margin(holdings, rule, holdings.spot * ratio, vol_moves_with(response, ratio))
    return found.balance - found.maintenance


def _first_crossing(cushion: Callable[[FloatArray], FloatArray], sign: float) -> float | None:
    """Logarithmic move nearest to 0 on one side where the cushion falls to zero."""
    moves = sign * log(FARTHEST) * np.linspace(0.0, 1.0, STEPS + 1) ** 2
    short = np.flatnonzero(cushion(moves[1:]) < 0.0)
    if not short.size:
        return None
    safe, gone = float(moves[short[0]]), float(moves[short[0] + 1])
    for _ in range(HALVINGS):
        middle = 0.5 * (safe + gone)
        if float(cushion(np.array([middle]))[0]) < 0.0:
            gone = middle
        else:
            safe = middle
    return 0.5 * (safe + gone)
