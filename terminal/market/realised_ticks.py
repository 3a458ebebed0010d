"""Realised variance of fine returns: bipower variation, its jump share, and the realised kernel."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from terminal.core.units import MINUTE, YEAR
from terminal.market.arrays import LARGEST, InstantArray, MaskArray, instants, numbers, whole
from terminal.market.bars import Bars
from terminal.pricing.rows import FloatArray

BIPOWER: Final = math.pi / 2.0
TRIPOWER: Final = (2.0 ** (2.0 / 3.0) * math.gamma(7.0 / 6.0) / math.gamma(0.5)) ** -3
RATIO_VARIANCE: Final = math.pi**2 / 4.0 + math.pi - 5.0
"""Asymptotic variance of the relative jump statistic, Huang and Tauchen (2005)."""
LEAST_RETURNS: Final = 20

PARZEN_CONSTANT: Final = (12.0**2 / 0.269) ** 0.2
"""c* = (k''(0)^2 / k00)^(1/5) of the Parzen kernel: 3.5134."""
SPARSE: Final = 20 * MINUTE
DENSE: Final = 2 * MINUTE


class LogReturns(NamedTuple):
    """Log returns, oldest first, none of them over a gap.

    Attributes
    ----------
    value : ndarray (n,)
        Log return, finite.
    end : ndarray of int64 (n,)
        UtcNs at which it ends.
    span : ndarray of int64 (n,)
        Time it took, ns, > 0.
    joined : ndarray of bool (n,)
        Whether the return before it ends where this one begins; false for the first and after
        every gap.
    """

    value: FloatArray
    end: InstantArray
    span: InstantArray
    joined: MaskArray


class Jumps(Struct, frozen=True):
    """Realised variance split into its continuous and its jump part.

    Attributes
    ----------
    vol : float or None
        Annual volatility of all moves, fraction, ACT/365; None with a reason.
    continuous_vol : float or None
        Annual volatility from bipower variation, which jumps hardly enter.
    jump_share : float or None
        ``max(0, 1 - bipower / realised)``, 0 to 1; None where nothing moved.
    score : float or None
        Standard normal if there were no jumps: above 2.3, there were some at 99 % confidence.
        None where no two neighbours moved.
    returns : int
        Returns that entered.
    covered : int
        Time they cover, ns.
    reason : str
        Why there are no numbers; empty where there are.
    """

    vol: float | None
    continuous_vol: float | None
    jump_share: float | None
    score: float | None
    returns: int
    covered: int
    reason: str = ""


class Kernel(Struct, frozen=True):
    """Realised kernel: variance of the price behind the noise of trading.

    Attributes
    ----------
    vol : float or None
        Annual volatility, fraction, ACT/365; None with a reason.
    bandwidth : int
        Autocovariances on each side that were used.
    returns : int
        Returns that entered.
    covered : int
        Time they cover, ns.
    reason : str
        Why there is no volatility; empty where there is one.
    """

    vol: float | None
    bandwidth: int
    returns: int
    covered: int
    reason: str = ""


def bar_returns(bars: Bars) -> LogReturns:
    """Close-to-close returns of bars; a bar without a previous close has none."""
    usable = np.flatnonzero(~np.isnan(bars.previous))
    value = np.log(bars.close[usable] / bars.previous[usable])
    span = np.full(usable.size, bars.span, dtype=np.int64)
    return _returns(value, bars.start[usable] + bars.span, span)


def tick_returns(at: npt.ArrayLike, price: npt.ArrayLike, *, longest_gap: int) -> LogReturns:
    """Returns from each traded or quoted price to the next.

    Parameters
    ----------
    at : array_like of int (n,)
        UtcNs, oldest first. Of several prices in one instant the last counts.
    price : array_like (n,)
        Prices. One that is NaN, infinite or not positive is left out.
    longest_gap : int
        Silence, ns, beyond which the feed is taken to have been down and no return is measured.

    Returns
    -------
    LogReturns
        Of differing spans.

    Raises
    ------
    TypeError
        `at` is not whole nanoseconds, or `price` not numbers.
    ValueError
        Unordered times or different lengths.
    """
    moments, prices = instants("at", at), numbers("price", price)
    if moments.shape != prices.shape:
        raise ValueError(f"price must have one value for each of the {moments.size} instants")
    whole("longest_gap", longest_gap)
    possible = (prices > 1.0 / LARGEST) & (prices < LARGEST)
    moments, prices = moments[possible], prices[possible]
    last = np.append(np.diff(moments) > 0, True)[: moments.size]
    moments, logs = moments[last], np.log(prices[last])
    span = np.diff(moments)
    near = span <= longest_gap
    return _returns(np.diff(logs)[near], moments[1:][near], span[near])


def jumps(returns: LogReturns) -> Jumps:
    """Jump share of equally spaced returns, from bipower variation.

    Parameters
    ----------
    returns : LogReturns
        All of one span, five minutes for instance: on finer ones bid-ask bounce hides in the
        products of neighbours.

    Returns
    -------
    Jumps
        None with a reason below 20 returns, or where gaps leave no three in a row.

    Raises
    ------
    ValueError
        The returns differ in span.

    Notes
    -----
    Barndorff-Nielsen and Shephard (2004): ``pi/2 sum |r_i| |r_i-1|`` over neighbours, taken as a
    mean per pair so that gaps bias nothing. Score: relative jump with tripower quarticity, Huang
    and Tauchen (2005).
    """
    if returns.span.size and (returns.span != returns.span[0]).any():
        raise ValueError("returns must be equally spaced; build them from bars of one length")
    count, covered = returns.value.size, int(returns.span.sum())
    size = np.abs(returns.value)
    pairs = np.flatnonzero(returns.joined)
    triples = pairs[returns.joined[pairs - 1]]
    if count < LEAST_RETURNS:
        why = f"{count} returns, at least {LEAST_RETURNS} are needed"
        return Jumps(None, None, None, None, count, covered, why)
    if triples.size == 0:
        why = "no three returns follow each other without a gap"
        return Jumps(None, None, None, None, count, covered, why)
    squares = float(np.mean(size * size))
    bipower = BIPOWER * float(np.mean(size[pairs] * size[pairs - 1]))
    scale = math.sqrt(count * YEAR / covered)
    if squares == 0.0:
        return Jumps(0.0, 0.0, None, None, count, covered)
    vol, continuous = math.sqrt(squares) * scale, math.sqrt(bipower) * scale
    if bipower == 0.0:
        return Jumps(vol, continuous, 1.0, None, count, covered)
    relative = 1.0 - bipower / squares
    # Sizes are set against their root mean square: fourth powers of bare returns may underflow.
    third = np.cbrt(size / math.sqrt(squares)) ** 4
    quarticity = TRIPOWER * float(
        np.mean(third[triples] * third[triples - 1] * third[triples - 2])
    )
    ratio = squares / bipower
    spread = max(1.0, quarticity * ratio * ratio)
    score = relative / math.sqrt(RATIO_VARIANCE * spread / count)
    return Jumps(vol, continuous, max(0.0, relative), score, count, covered)


def realised_kernel(returns: LogReturns, *, bandwidth: int | None = None) -> Kernel:
    """Realised kernel of tick returns with Parzen weights.

    Parameters
    ----------
    returns : LogReturns
        From `tick_returns`, as fine as they come.
    bandwidth : int, optional
        Autocovariances on each side, >= 0; by the rule below where it is not given.

    Returns
    -------
    Kernel
        None with a reason below 20 returns.

    Raises
    ------
    ValueError
        Negative `bandwidth`.

    Notes
    -----
    Barndorff-Nielsen, Hansen, Lunde and Shephard (2009), "Realised kernels in practice":
    ``sum k(h/(H+1)) gamma_h`` with ``H = 3.5134 xi^(4/5) n^(3/5)``, ``xi^2`` the noise variance
    over the integrated variance. Noise: half the mean squared return of prices about two minutes
    apart; integrated variance: moves over twenty minutes, both averaged over every offset, both
    shortened to a hundredth and a tenth of the time covered where that is less. Neighbours across
    a gap form no product. The paper's averaging of the first and last prices is left out: what it
    removes is of the order of one noise variance in the whole sum.
    """
    count, covered = returns.value.size, int(returns.span.sum())
    if bandwidth is not None:
        whole("bandwidth", bandwidth, 0)
    if count < LEAST_RETURNS:
        why = f"{count} returns, at least {LEAST_RETURNS} are needed"
        return Kernel(None, 0, count, covered, why)
    width = _bandwidth(returns) if bandwidth is None else bandwidth
    width = min(width, count - 1)
    runs = np.cumsum(~returns.joined)
    total = float(returns.value @ returns.value)
    for lag in range(1, width + 1):
        products = returns.value[lag:] * returns.value[:-lag]
        unbroken = runs[lag:] == runs[:-lag]
        total += 2.0 * _parzen(lag / (width + 1.0)) * float(products @ unbroken)
    # The weights are positive definite, so only rounding can bring the sum below zero.
    vol = math.sqrt(max(total, 0.0) * YEAR / covered)
    return Kernel(vol, width, count, covered)


def _returns(value: FloatArray, end: InstantArray, span: InstantArray) -> LogReturns:
    joined = np.zeros(value.size, dtype=np.bool_)
    joined[1:] = end[:-1] == end[1:] - span[1:]
    return LogReturns(value, end, span, joined)


def _parzen(share: float) -> float:
    """Parzen weight for 0 <= share <= 1."""
    if share <= 0.5:
        return 1.0 - 6.0 * share**2 + 6.0 * share**3
    return 2.0 * (1.0 - share) ** 3


def _bandwidth(returns: LogReturns) -> int:
    """Autocovariances that balance the noise against the spread of the estimate."""
    count, covered = returns.value.size, int(returns.span.sum())
    # Read too high on purpose, variance of the price included: too wide a kernel costs less.
    noise = float(np.mean(_moves(returns, min(DENSE, covered // 100)).squared)) / 2.0
    moves = _moves(returns, min(SPARSE, covered // 10))
    variance = float(np.sum(moves.squared) / np.sum(moves.span)) * covered
    if variance == 0.0:
        return 0
    return math.ceil(PARZEN_CONSTANT * math.pow(noise / variance, 0.4) * math.pow(count, 0.6))


class _Moves(NamedTuple):
    squared: FloatArray
    span: FloatArray


def _moves(returns: LogReturns, length: int) -> _Moves:
    """Moves over about `length` ns from every possible start, none of them over a gap.

    Feeds that break off all the time have no run that long; then the longest there is sets the
    length.
    """
    count, covered = returns.value.size, int(returns.span.sum())
    first = np.flatnonzero(~returns.joined)
    longest = int(np.diff(np.append(first, count)).max())
    steps = min(longest, max(1, round(count * length / covered)))
    runs = np.cumsum(~returns.joined)
    whole_runs = runs[steps - 1 :] == runs[: count - steps + 1]
    path = np.append(0.0, np.cumsum(returns.value))
    time = np.append(0, np.cumsum(returns.span))
    move = (path[steps:] - path[:-steps])[whole_runs]
    return _Moves(move * move, (time[steps:] - time[:-steps])[whole_runs].astype(np.float64))
