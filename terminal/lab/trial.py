"""A frozen policy beside the reference on the same windows: its cost at equal risk."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from msgspec import Struct

from terminal.lab.bootstrap import band, block_weights, moments
from terminal.lab.compare import Draws
from terminal.lab.frontier import cost_at, frontier, position, reaches
from terminal.lab.rule import Lots, Rule
from terminal.lab.rules import AVERSIONS, REFERENCE, rules
from terminal.lab.simulate import simulate
from terminal.lab.straddles import straddles
from terminal.lab.windows import Setup, Windows
from terminal.market.arrays import InstantArray
from terminal.pricing.rows import FloatArray

TAIL: Final = 0.05


class Trial(NamedTuple):
    """A policy and the reference on the same windows, in time order; k settings of the latter.

    Attributes
    ----------
    start : ndarray of int64 (w,)
        UtcNs at which each window opens.
    cost, net : ndarray (w,)
        Of the policy, USD: cost of its hedges, and P&L after it.
    by_cost, by_net : ndarray (k, w)
        The same of Whalley-Wilmott to the edge, from the tightest setting to the widest.
    """

    start: InstantArray
    cost: FloatArray
    net: FloatArray
    by_cost: FloatArray
    by_net: FloatArray


class Against(NamedTuple):
    """Cost over the reference's at equal risk, its place on the frontier, whether it is on it."""

    ratio: FloatArray
    place: FloatArray
    reached: FloatArray


class Edge(Struct, frozen=True):
    """Cost over the reference's at equal risk, with the band that holds 95 % of the resamples."""

    ratio: float
    low: float
    high: float
    reached: bool  # False: no setting of the reference carries this risk


def tried(rule: Rule, windows: Windows, setup: Setup, lots: Lots) -> Trial:
    """Hedge windows with a rule of one setting and with the reference at all of its own.

    Parameters
    ----------
    rule : Rule
        Of one setting: the frozen policy.
    windows : Windows
    setup : Setup
    lots : Lots

    Returns
    -------
    Trial
    """
    book = straddles(windows, setup)
    own = simulate(rule, book, setup, lots)
    by = simulate(reference(), book, setup, lots)
    return Trial(windows.start, own.cost[0], own.net[0], by.cost, by.net)


def reference(aversions: FloatArray | None = None) -> Rule:
    """Whalley-Wilmott to the edge, at these risk aversions or at all that are usual."""
    found = next(each for each in rules(order_cost=False) if each.name == REFERENCE)
    return found._replace(settings=np.array(AVERSIONS) if aversions is None else aversions)


def joined(trials: list[Trial]) -> Trial:
    """Trials of windows that follow one another, as one."""
    columns = zip(*trials, strict=True)
    return Trial(*(np.concatenate(each, axis=-1) for each in columns))


def against(trial: Trial, weights: FloatArray) -> Against:
    """Compare costs at the policy's own risk, under every resample.

    Parameters
    ----------
    trial : Trial
    weights : ndarray (draws, w)
        Shares of the windows; rows sum to 1.

    Notes
    -----
    Risk is the standard deviation of net P&L; the reference's cost at it is read off its frontier.
    """
    own, _ = moments(weights, trial.cost[None, :])
    _, risk = moments(weights, trial.net[None, :])
    cost, _ = moments(weights, trial.by_cost)
    _, spread = moments(weights, trial.by_net)
    curve = frontier(spread, cost)
    at = risk[:, 0]
    return Against(own[:, 0] / cost_at(curve, at), position(curve, at), reaches(curve, at))


def evenly(count: int) -> FloatArray:
    """Shares of the sample itself, (1, count)."""
    return np.full((1, count), 1.0 / count)


def edge(trial: Trial, draws: Draws) -> Edge:
    """Cost ratio of a trial of two windows or more, with its bootstrap band."""
    count = trial.start.size
    whole = against(trial, evenly(count))
    drawn = against(trial, block_weights(draws.seed, draws.count, count, draws.block))
    low, high = band(drawn.ratio)
    return Edge(float(whole.ratio[0]), low, high, bool(whole.reached[0] == 1.0))


def worst(net: FloatArray) -> FloatArray:
    """CVaR at 95 %: mean loss of the worst twentieth along the last axis, USD, about the mean."""
    count = max(1, round(TAIL * net.shape[-1]))
    low = np.partition(net, count - 1, axis=-1)[..., :count]
    return np.asarray(net.mean(axis=-1) - low.mean(axis=-1))
