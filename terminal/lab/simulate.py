"""Hedge every window with one policy at many settings at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from terminal.lab.rule import Answer, Lots, Rule, Sight
from terminal.lab.straddles import Straddles
from terminal.lab.windows import Setup
from terminal.pricing.rows import FloatArray


class Outcome(NamedTuple):
    """What hedging came to, per setting and window; every array is (k, w).

    Attributes
    ----------
    net : ndarray
        P&L of the straddle, its hedges and their cost, USD.
    error : ndarray
        P&L before cost, less that of a costless hedge at every decision, USD.
    cost : ndarray
        Cost of the hedges, USD.
    orders : ndarray
        Orders sent.
    turnover : ndarray
        Notional traded, USD.
    """

    net: FloatArray
    error: FloatArray
    cost: FloatArray
    orders: FloatArray
    turnover: FloatArray


def simulate(rule: Rule, book: Straddles, setup: Setup, lots: Lots) -> Outcome:
    """Hedge all windows with every setting of a rule.

    Parameters
    ----------
    rule : Rule
    book : Straddles
    setup : Setup
        Its costs.
    lots : Lots
        What sizes are rounded to.

    Returns
    -------
    Outcome

    Notes
    -----
    The hedge that is left at the end is not unwound: its delta is that of the settled straddle,
    much the same for every policy.
    """
    shape = (rule.settings.size, book.coins.size)
    held, gained = np.zeros(shape), np.zeros(shape)
    orders, turnover = np.zeros(shape), np.zeros(shape)
    for step, traded in enumerate(trades(rule, book, setup, lots)):
        held += traded
        orders += traded != 0.0
        turnover += np.abs(traded) * book.price[step]
        gained += held * (book.price[step + 1] - book.price[step])
    cost = setup.cost * turnover + setup.order_cost * orders
    gross = book.profit + gained
    return Outcome(gross - cost, gross - book.perfect, cost, orders, turnover)


def trades(rule: Rule, book: Straddles, setup: Setup, lots: Lots) -> Iterator[FloatArray]:
    """Coins bought (sold: negative) at every decision, an array (k, w) each.

    Notes
    -----
    A decision sees the bar that has just closed and trades at that close, so that none sees a later
    price.
    """
    shape = (rule.settings.size, book.coins.size)
    held, anchor = np.zeros(shape), np.broadcast_to(book.price[0], shape)
    since = np.full(shape, -1)
    settings = rule.settings[:, None]
    for step in range(book.delta.shape[0]):
        spot = book.price[step]
        sight = Sight(
            step=step,
            spot=spot,
            gamma=book.calm[step],
            vanna=book.vanna[step],
            vol=book.vol,
            coins=book.coins,
            years=float(book.years[step]),
            net=book.delta[step] + held,
            since=since,
            anchor=anchor,
            cost=setup.cost,
            order_cost=setup.order_cost,
            least=np.maximum(lots.lot, lots.least_usd / spot),
        )
        traded = _traded(sight.net, rule.answer(sight, settings), spot, lots)
        yield traded
        acted = traded != 0.0
        held = held + traded
        since = np.where(acted, step, since)
        anchor = np.where(acted, spot, anchor)


def _traded(net: FloatArray, answer: Answer, spot: FloatArray, lots: Lots) -> FloatArray:
    """Coins to trade where delta is outside its band, in lots that the venue takes."""
    wanted = np.where(net > answer.high, answer.from_above, answer.from_below) - net
    outside = (net > answer.high) | (net < answer.low)
    size = np.floor(np.abs(wanted) / lots.lot + 5e-10) * lots.lot  # toward zero: hedging.legs.size
    taken = outside & (size > 0.0) & (size >= lots.least_coins - 0.5 * lots.lot)
    taken &= size * spot >= lots.least_usd
    return np.where(taken, np.copysign(size, wanted), 0.0)
