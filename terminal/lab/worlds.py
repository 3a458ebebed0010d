"""Simulated markets to try policies in: paths and windows, each drawn from its seed alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

import numpy as np

from terminal.core.errors import ConfigError
from terminal.lab.dynamics import Dynamics, checked, fair_variance
from terminal.lab.windows import Setup, Windows
from terminal.lab.world_paths import walked
from terminal.pricing.rows import FloatArray

BLOCK: Final = 256
"""Paths that are drawn together: each block of them has a generator of its own."""

PER_DAY: Final = 144
"""Prices a day: one every ten minutes."""


class Prices(NamedTuple):
    """Paths of a world; n steps, w paths.

    Attributes
    ----------
    price : ndarray (n + 1, w)
        USD per coin, the beginning first.
    variance : ndarray (w,)
        Annual variance of the diffusion at the beginning.
    """

    price: FloatArray
    variance: FloatArray


class Size(NamedTuple):
    """How much is drawn: steps of a path, its length in years, and paths."""

    steps: int
    years: float
    paths: int


def drawn(law: Dynamics, size: Size, *, spot: float, seed: int, threads: int = 1) -> Prices:
    """Draw paths of a world.

    Parameters
    ----------
    law : Dynamics
    size : Size
        Its numbers above 0.
    spot : float
        USD per coin at the beginning.
    seed : int
        0 or more.
    threads : int
        The result does not depend on it: every block is drawn from the seed and its number.

    Returns
    -------
    Prices
        Equal for equal arguments; with and without the compiler equal to rounding.

    Raises
    ------
    ConfigError
        A number is out of range; the message names it.

    Notes
    -----
    Variances and jumps: `terminal.lab.world_paths`. Reversion, trend and states move by their exact
    transitions of a step. A state or a trend begins in its stationary law, the variance of Heston
    and Bates at its mean. The first paths of a larger draw are those of a smaller one.
    """
    if min(size) <= 0 or threads < 1 or seed < 0 or not spot > 0.0:
        raise ConfigError("steps, years, paths, threads and price must be above 0, seed 0 or more")
    step = size.years / size.steps
    law = checked(law, step)
    price, variance = np.empty((size.steps + 1, size.paths)), np.empty(size.paths)

    def work(first: int) -> None:
        draw = np.random.default_rng((seed, first // BLOCK))
        found = walked(law, step, (size.steps, BLOCK), draw)
        kept = min(BLOCK, size.paths - first)
        price[:, first : first + kept] = spot * np.exp(found.logs[:, :kept])
        variance[first : first + kept] = found.variance[:kept]

    firsts = range(0, size.paths, BLOCK)
    if threads == 1:
        for first in firsts:
            work(first)
    else:
        with ThreadPoolExecutor(threads, "worlds") as pool:
            list(pool.map(work, firsts))
    return Prices(price, variance)


def windows_in(
    law: Dynamics, setup: Setup, count: int, *, spot: float, seed: int, threads: int = 1
) -> Windows:
    """Windows of a world, all independent, a price every ten minutes.

    Parameters
    ----------
    law : Dynamics
    setup : Setup
    count : int
        Windows.
    spot : float
        USD per coin as each opens.
    seed, threads : int
        As in `drawn`.

    Returns
    -------
    Windows
        Each straddle is bought and hedged at the fair volatility of its opening: the root of the
        mean variance to expect over its life, jumps included.

    Raises
    ------
    ConfigError
        As in `drawn`.
    """
    steps = setup.days * PER_DAY
    found = drawn(
        law, Size(steps, setup.days / 365.0, count), spot=spot, seed=seed, threads=threads
    )
    life = setup.tenor_days / 365.0
    fair = {each: fair_variance(law, each, life) for each in set(found.variance.tolist())}
    vol = np.sqrt([fair[each] for each in found.variance.tolist()])
    start = np.zeros(count, dtype=np.int64)
    return Windows(start, found.price, vol, 1.0 / (365.0 * PER_DAY), 0)
