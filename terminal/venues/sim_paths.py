"""Index prices of several coins: correlated, with clustered volatility and jumps."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from terminal.core.units import DAY, HOUR, MILLISECOND, MINUTE, SECOND, YEAR

Array = NDArray[np.float64]
Times = NDArray[np.int64]

COINS: Final = ("BTC", "ETH", "SOL")
STEP: Final = 250 * MILLISECOND
"""Grid of the paths, market time."""

ANNUAL_VOL: Final = (0.50, 0.70, 0.85)
"""Root mean square annual volatility, jumps included, by coin."""

CORRELATION: Final = ((1.0, 0.81, 0.77), (0.81, 1.0, 0.75), (0.77, 0.75, 1.0))

JUMPS_PER_DAY: Final = 0.5
"""Rate of jumps common to all coins, and of each coin's own jumps."""

JUMP_SD: Final = 0.006
JUMP_BETA: Final = (1.0, 1.2, 1.4)
"""Size of a common jump relative to BTC."""

STRESS_PER_MOVE: Final = 300.0
"""Spread multiples that a jump adds: 1 % widens spreads fourfold."""

STRESS_HALF_LIFE: Final = 45 * SECOND


class Factor(IntEnum):
    """Slow variables that follow Ornstein-Uhlenbeck laws, one of each per coin."""

    VOL_SLOW = 0  # log volatility; options follow it
    VOL_FAST = 1  # log volatility that passes within the hour
    PREMIUM = 2  # perpetual over index, smoothed: what funding pays, fraction
    BASIS = 3  # perpetual over index, beyond the premium, fraction
    SKEW_SHORT = 4  # slope of the smile of near expiries, per standard deviation
    SKEW_LONG = 5
    CURVATURE = 6  # of the smile, per standard deviation squared
    CARRY = 7  # of dated futures, fraction a year


# (half-life ns, standard deviation, mean of BTC, ETH, SOL) in the order of Factor. Premiums are
# the eight-hour funding of 2025 in basis points: mean 1.3, 1.8 and 0, deviation 2.4.
_LAWS: Final = (
    (8 * HOUR, 0.20, (0.0, 0.0, 0.0)),
    (15 * MINUTE, 0.25, (0.0, 0.0, 0.0)),
    (2 * HOUR, 2.4e-4, (1.3e-4, 1.8e-4, 0.0)),
    (MINUTE, 0.8e-4, (0.0, 0.0, 0.0)),
    (12 * HOUR, 0.012, (-0.030, -0.030, -0.015)),
    (2 * DAY, 0.008, (-0.020, -0.020, -0.010)),
    (DAY, 0.004, (0.028, 0.028, 0.024)),
    (2 * DAY, 0.010, (0.055, 0.050, 0.060)),
)
_HALF_LIFE: Final = np.array([law[0] for law in _LAWS], dtype=np.float64)[:, None]
_DEVIATION: Final = np.array([law[1] for law in _LAWS])[:, None]
FACTOR_MEAN: Final = np.array([law[2] for law in _LAWS])
_ROOT: Final = np.linalg.cholesky(np.array(CORRELATION))


class PathState(Struct, frozen=True):
    """Where every coin stands at one instant: log price (3,), factors (8, 3), stress (3,)."""

    log_price: Array
    factors: Array
    stress: Array


class Push(Struct, frozen=True):
    """A jump from outside: relative move of one coin after ``at``."""

    at: int
    coin: int
    move: float


class PathBlock(Struct, frozen=True):
    """Paths from ``start`` to ``end``: row i holds at ``start + i * STEP``, the last at ``end``.

    Factors move evenly from their first to their last value.
    """

    start: int
    end: int
    log_price: Array  # (rows, 3)
    stress: Array  # (rows, 3)
    before: Array  # factors at start (8, 3)
    after: Array  # factors at end

    @property
    def last(self) -> PathState:
        """State that the next block starts from."""
        return PathState(self.log_price[-1], self.after, self.stress[-1])

    def price(self, coin: int, times: Times) -> Array:
        """Index price of a coin at instants inside the block, USD."""
        return np.asarray(np.exp(self.log_price[(times - self.start) // STEP, coin]))

    def stressed(self, coin: int, times: Times) -> Array:
        """Widening of spreads at instants inside the block, 0 when calm."""
        return np.asarray(self.stress[(times - self.start) // STEP, coin])

    def factor(self, factor: Factor, coin: int, times: Times) -> Array:
        """A factor at instants inside the block."""
        part = (times - self.start) / (self.end - self.start)
        first, last = self.before[factor, coin], self.after[factor, coin]
        return np.asarray(first + part * (last - first))


def opening(spots: Sequence[float]) -> PathState:
    """State in the long-run mean of every factor at the given prices.

    Parameters
    ----------
    spots : sequence of float
        Index prices in the order of ``COINS``, USD, > 0.

    Returns
    -------
    PathState
        Calm: no stress, every factor at its mean, so that opening marks are a function of price.
    """
    return PathState(np.log(np.array(spots)), FACTOR_MEAN.copy(), np.zeros(len(COINS)))


def volatility(factors: Array) -> Array:
    """Diffusive annual volatility of every coin, fraction, from factors (8, 3).

    Notes
    -----
    With x = slow + fast normal of variance s2, E exp(2x - 2 s2) = 1, so the mean square is the
    stated volatility less the variance that jumps bring.
    """
    spread = float(_DEVIATION[Factor.VOL_SLOW, 0] ** 2 + _DEVIATION[Factor.VOL_FAST, 0] ** 2)
    level = np.sqrt(np.square(ANNUAL_VOL) - _jump_variance())
    return np.asarray(level * np.exp(factors[Factor.VOL_SLOW] + factors[Factor.VOL_FAST] - spread))


def advance(
    state: PathState, start: int, end: int, rng: np.random.Generator, pushes: Sequence[Push] = ()
) -> PathBlock:
    """Paths over one block.

    Parameters
    ----------
    state : PathState
        Where the coins stand at ``start``.
    start, end : int
        UtcNs, start < end.
    rng : Generator
        Its draws do not depend on prices, so a block can be made again with another push.
    pushes : sequence of Push
        Jumps from outside; each enters at the first row after its instant.

    Returns
    -------
    PathBlock
    """
    rows = -(-(end - start) // STEP)
    marks = np.minimum(start + STEP * np.arange(rows + 1, dtype=np.int64), end)
    years = np.diff(marks)[:, None] / YEAR
    noise = rng.standard_normal((rows, len(COINS))) @ _ROOT.T
    vol = volatility(state.factors)
    moves = vol * np.sqrt(years) * noise - 0.5 * np.square(vol) * years
    jumps = _jumps(rng, rows, (end - start) / DAY)
    for push in pushes:
        if push.at < end:
            row = int(np.searchsorted(marks[1:], push.at, side="right"))
            jumps[min(row, rows - 1), push.coin] += np.log1p(push.move)
    log_price = _from_first(state.log_price, np.cumsum(moves + jumps, axis=0))
    elapsed = (marks - start)[:, None]
    calming = 0.5 ** (elapsed / STRESS_HALF_LIFE)
    shocks = np.cumsum(STRESS_PER_MOVE * np.abs(jumps), axis=0)
    stress = state.stress * calming + np.vstack((np.zeros((1, len(COINS))), shocks))
    after = _drift(state.factors, end - start, rng)
    return PathBlock(start, end, log_price, stress, state.factors, after)


def _from_first(first: Array, moved: Array) -> Array:
    return np.vstack((first[None, :], first + moved))


def _jump_variance() -> Array:
    betas = np.square(JUMP_BETA)
    return np.asarray(365.0 * JUMPS_PER_DAY * JUMP_SD**2 * (1.0 + betas))


def _jumps(rng: np.random.Generator, rows: int, days: float) -> Array:
    """Log jumps (rows, 3): a common one scaled by beta, and each coin's own."""
    chance = rng.random((rows, 1 + len(COINS))) < JUMPS_PER_DAY * days / rows
    sizes = JUMP_SD * rng.standard_normal((rows, 1 + len(COINS)))
    hits = np.where(chance, sizes, 0.0)
    return np.asarray(hits[:, :1] * np.array(JUMP_BETA) + hits[:, 1:])


def _drift(factors: Array, span: int, rng: np.random.Generator) -> Array:
    """Factors after ``span``: the exact step of the Ornstein-Uhlenbeck law."""
    keep = 0.5 ** (span / _HALF_LIFE)
    noise = rng.standard_normal(factors.shape) @ _ROOT.T
    moved = FACTOR_MEAN + keep * (factors - FACTOR_MEAN)
    return np.asarray(moved + _DEVIATION * np.sqrt(1.0 - np.square(keep)) * noise)
