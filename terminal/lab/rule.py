"""What a policy sees, what it answers, and one policy with its settings, as arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from terminal.model.instrument import Contract, Payoff
from terminal.pricing.rows import FloatArray


class Lots(NamedTuple):
    """Sizes that the venue takes: one lot and the least order in coins, the least order in USD."""

    lot: float
    least_coins: float
    least_usd: float


def lots_of(contract: Contract) -> Lots:
    """Sizes of a linear contract.

    Raises
    ------
    ValueError
        The contract is inverse: its lots are worth fewer coins the higher the price.
    """
    if contract.payoff is not Payoff.LINEAR:
        raise ValueError(f"{contract.symbol} is inverse: only linear contracts hedge in the lab")
    coins = float(contract.multiplier)
    least = float(contract.min_qty) * coins
    return Lots(float(contract.lot) * coins, least, float(contract.min_notional))


class Sight(NamedTuple):
    """What a policy may look at when a bar has closed; k settings, w windows.

    Attributes
    ----------
    step : int
        Decisions made before this one.
    spot, gamma, vanna, vol, coins : ndarray (w,)
        USD per coin, coin per USD (of straddles at least an hour from their expiry), coin per 1.00
        of volatility, annual volatility, straddles held.
    years : float
        Time to expiry.
    net : ndarray (k, w)
        Net delta, coins.
    since : ndarray of int64 (k, w)
        Decision at which the last hedge was made; -1 before the first.
    anchor : ndarray (k, w)
        Price of the last hedge, or of the opening.
    cost, order_cost : float
        Fraction of notional, and USD an order.
    least : ndarray (w,)
        Coins of the smallest order that the venue takes.
    """

    step: int
    spot: FloatArray
    gamma: FloatArray
    vanna: FloatArray
    vol: FloatArray
    coins: FloatArray
    years: float
    net: FloatArray
    since: npt.NDArray[np.int64]
    anchor: FloatArray
    cost: float
    order_cost: float
    least: FloatArray


class Answer(NamedTuple):
    """Band of net delta, and where a hedge stops that comes from below or above; coins (k, w)."""

    low: FloatArray
    high: FloatArray
    from_below: FloatArray
    from_above: FloatArray


class Rule(NamedTuple):
    """A policy and the settings of its one number, from the tightest to the widest.

    Attributes
    ----------
    name : str
    unit : str
        What the number is.
    settings : ndarray (k,)
    answer : callable
        Takes the sight and the settings as a column (k, 1).
    """

    name: str
    unit: str
    settings: FloatArray
    answer: Callable[[Sight, FloatArray], Answer]


def around(half: FloatArray, stop: FloatArray) -> Answer:
    """Answer of a band of this half-width around zero, whose hedges stop this far from zero."""
    return Answer(-half, half, -stop, stop)
