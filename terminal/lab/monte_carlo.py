"""A hedged straddle on many simulated paths at once: what a policy costs in a known world."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from terminal.pricing.black import greeks
from terminal.pricing.compiled.hedged_paths import BLOCK, walk
from terminal.pricing.rows import FloatArray


class World(Struct, frozen=True, kw_only=True):
    """Geometric Brownian motion, and a long at-the-money straddle hedged on it by its band.

    Amounts are for one coin in each leg; a year has 365 days.
    """

    spot: float = 60_000.0
    years: float = 30.0 / 365.0
    steps: int = 720
    vol: float = 0.6  # of the path, annual
    drift: float = 0.0  # annual, of the price
    hedge_vol: float = 0.6  # implied: what the straddle costs and is hedged by
    cost: float = 5e-4  # one-way, a fraction of notional
    risk_aversion: float = 2e-5  # 1/USD


class Paths(NamedTuple):
    """What every path came to; arrays (n,).

    Attributes
    ----------
    net : ndarray
        P&L of straddle, hedges and their cost, USD.
    cost : ndarray
        Cost of the hedges, USD.
    trades : ndarray
        Hedges made.
    """

    net: FloatArray
    cost: FloatArray
    trades: FloatArray


def hedged(world: World, count: int, *, seed: int = 1, threads: int = 1) -> Paths:
    """Hedge straddles on simulated paths with the band of Whalley and Wilmott, to its edge.

    Parameters
    ----------
    world : World
    count : int
        Paths, >= 1; rounded up to whole blocks and cut back.
    seed : int
        0 or more, below 2^24.
    threads : int
        Of this process, >= 1. The result does not depend on it.

    Returns
    -------
    Paths

    Raises
    ------
    ValueError
        A number out of range.

    Notes
    -----
    Each draw is a function of seed, block, step and path, so no order of work can change it. The
    hedge left at the end is not unwound, as in `terminal.lab.simulate`.
    """
    terms = _terms(world)
    if count < 1 or threads < 1 or not 0 <= seed < 1 << 24:
        raise ValueError("count and threads must be 1 or more, seed from 0 below 2^24")
    blocks = -(-count // BLOCK)
    result = np.empty((blocks, 3, BLOCK))

    def work(first: int) -> None:
        for block in range(first, blocks, threads):
            walk(terms, np.uint64(world.steps), np.uint64(seed), np.uint64(block), result[block])

    if threads == 1:
        work(0)
    else:
        with ThreadPoolExecutor(threads, "paths") as pool:
            list(pool.map(work, range(threads)))
    net, cost, trades = (
        np.ascontiguousarray(result[:, row].reshape(-1)[:count]) for row in range(3)
    )
    return Paths(net, cost, trades)


def _terms(world: World) -> FloatArray:
    """Numbers that every step of a world needs, checked."""
    plain = (world.spot, world.years, world.vol, world.hedge_vol, world.risk_aversion)
    if not all(math.isfinite(each) and each > 0.0 for each in plain) or world.steps < 1:
        raise ValueError("spot, years, steps, volatilities and risk aversion must be above 0")
    if not (math.isfinite(world.cost) and world.cost >= 0.0 and math.isfinite(world.drift)):
        raise ValueError("cost must be 0 or more, drift a number")
    step = world.years / world.steps
    spread = world.hedge_vol * math.sqrt(step)
    # H = (1.5 lam S Gamma^2 / a)^(1/3) with Gamma = 2 phi(d1) / (S sigma sqrt(T)): see `walk`.
    cube = 6.0 * world.cost / (2.0 * math.pi * world.risk_aversion * spread**2 * world.spot)
    each = [
        greeks(world.spot, world.spot, world.years, world.hedge_vol, sign).price
        for sign in (1.0, -1.0)
    ]
    premium = float(sum(float(price) for price in each))
    return np.array(
        [
            (world.drift - 0.5 * world.vol**2) * step,
            world.vol * math.sqrt(step),
            world.spot,
            1.0 / spread,
            spread,
            cube ** (1.0 / 3.0),
            world.cost,
            premium,
            0.0,
        ]
    )
