"""Forward and discount factor from put-call parity, over all strikes of an expiry."""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from terminal.pricing.rows import FloatArray, flat_columns

FEWEST_STRIKES: Final = 2
ROUNDS: Final = 30
# Tukey's biweight: 95 % efficient for normal errors, blind beyond this many deviations.
CUTOFF: Final = 4.685
DEVIATION_OF_MEDIAN: Final = 1.4826
# In bid-ask spreads: a mid is not known better than this, so it is no outlier within a spread.
LEAST_DEVIATION: Final = 0.25
# Spreads below this share of the usual one lend no more weight.
LEAST_SPREAD: Final = 0.05


class PremiumUnit(Enum):
    """What a premium is quoted in."""

    USD = "usd"
    FORWARD = "forward"


class PairStatus(IntEnum):
    """What became of the call and the put of a strike."""

    USED = 0
    MISSING = 1
    CROSSED = 2
    BAD_STRIKE = 3
    OUTLIER = 4


class ParityEstimate(Struct, frozen=True):
    """Forward and discount factor, or why there are none.

    Attributes
    ----------
    forward, discount : float or None
        USD, and the present value of one unit of the settlement currency.
    forward_error : float or None
        Standard error of the forward, USD.
    reason : str
        Empty where there is an estimate.
    pairs : tuple of PairStatus
        One for each strike given.
    """

    forward: float | None
    discount: float | None
    forward_error: float | None
    reason: str
    pairs: tuple[PairStatus, ...]


class PairQuotes(NamedTuple):
    """Bid and ask of the call and the put at each strike, array_like (n,); NaN where not quoted."""

    call_bid: npt.ArrayLike
    call_ask: npt.ArrayLike
    put_bid: npt.ArrayLike
    put_ask: npt.ArrayLike


class _Line(NamedTuple):
    """A straight line with the covariance of its intercept and slope."""

    intercept: float
    slope: float
    covariance: FloatArray
    weights: FloatArray


def forward_from_parity(
    strike: npt.ArrayLike,
    quotes: PairQuotes,
    unit: PremiumUnit,
    discount: float | None = None,
) -> ParityEstimate:
    """Forward and discount factor that put-call parity implies.

    Parameters
    ----------
    strike : array_like (n,)
        USD.
    quotes : PairQuotes
        Best bids and asks, in the unit.
    unit : PremiumUnit
        USD, or fractions of the forward as coin-settled options are quoted.
    discount : float or None
        Known discount factor, > 0; 1 on venues that price without interest. None fits it too.

    Returns
    -------
    ParityEstimate
        Pairs with a missing, non-finite or negative quote, a bid above its ask or a strike that is
        not positive take no part, nor do those far off the line; each is flagged. With too few
        left the reason says so.

    Raises
    ------
    TypeError
        An array holds something else than real numbers.
    ValueError
        The shapes do not broadcast, or the discount is not positive and finite.

    Notes
    -----
    In USD, C - P = D F - D K; in fractions of the forward, c - p = D - (D / F) K. Both are lines in
    K with the forward where they cross zero. Iterated least squares with Tukey's biweight, from the
    median of all slopes, mid prices weighted by their spread.
    """
    if discount is not None and not 0.0 < discount < np.inf:
        raise ValueError(f"discount must be positive and finite, not {discount}")
    columns, _ = flat_columns(strike=strike, **quotes._asdict())
    matrix = np.stack(columns)
    flags = _flagged(matrix)
    used = np.flatnonzero(flags == PairStatus.USED)
    needed = FEWEST_STRIKES if discount is None else 1
    if np.unique(matrix[0, used]).size < needed:
        found = np.unique(matrix[0, used]).size
        return _none(f"{found} usable strikes, {needed} needed", flags)
    strikes, call_bid, call_ask, put_bid, put_ask = matrix[:, used]
    gap = 0.5 * (call_bid + call_ask - put_bid - put_ask)
    spread = call_ask - call_bid + put_ask - put_bid
    precision = 1.0 / np.maximum(spread, LEAST_SPREAD * float(np.median(spread)) + 1e-12)
    scale = float(np.median(strikes))
    x = strikes / scale
    # In USD the gaps are divided by the scale too, so that the slope is the discount itself.
    size = scale if unit is PremiumUnit.USD else 1.0
    line = _fitted(x, gap / size, precision * size, unit, discount)
    flags[used[line.weights <= 0.0]] = PairStatus.OUTLIER
    return _estimate(line, scale, unit, flags)


def _flagged(matrix: FloatArray) -> npt.NDArray[np.int64]:
    """Status of every pair before the fit."""
    strike, call_bid, call_ask, put_bid, put_ask = matrix
    quotes = matrix[1:]
    with np.errstate(invalid="ignore"):
        bad_strike = ~((strike > 0.0) & (strike < np.inf))
        missing = ~(np.isfinite(quotes) & (quotes >= 0.0)).all(axis=0)
        missing |= (call_ask <= 0.0) | (put_ask <= 0.0)
        crossed = (call_bid > call_ask) | (put_bid > put_ask)
    return np.select(
        [bad_strike, missing, crossed],
        [PairStatus.BAD_STRIKE, PairStatus.MISSING, PairStatus.CROSSED],
        PairStatus.USED,
    ).astype(np.int64)


def _fitted(
    x: FloatArray, y: FloatArray, precision: FloatArray, unit: PremiumUnit, discount: float | None
) -> _Line:
    """Robust line; with a known discount one of its two coefficients is given."""
    design = np.stack((np.ones_like(x), x))
    given = np.zeros(2)
    free = [0, 1]
    if discount is not None:
        held = 0 if unit is PremiumUnit.FORWARD else 1
        given[held] = discount if held == 0 else -discount
        free = [1 - held]
    coefficients = _start(x, y, given, free)
    weights = np.ones_like(x)
    covariance = np.zeros((2, 2))
    for _ in range(ROUNDS):
        residual = (y - coefficients @ design) * precision
        deviation = max(DEVIATION_OF_MEDIAN * float(np.median(np.abs(residual))), LEAST_DEVIATION)
        share = residual / (CUTOFF * deviation)
        weights = np.where(np.abs(share) < 1.0, (1.0 - share * share) ** 2, 0.0)
        rows = design[free] * precision * np.sqrt(weights)
        target = (y - given @ design) * precision * np.sqrt(weights)
        normal = rows @ rows.T
        solved = np.linalg.lstsq(rows.T, target, rcond=None)[0]
        before = coefficients.copy()
        coefficients[free] = solved
        count = max(int((weights > 0.0).sum()) - len(free), 1)
        noise = float(((target - solved @ rows) ** 2).sum()) / count
        covariance[np.ix_(free, free)] = noise * np.linalg.pinv(normal)
        if np.abs(coefficients - before).max() <= 1e-14 * np.abs(coefficients).max():
            break
    return _Line(float(coefficients[0]), float(coefficients[1]), covariance, weights)


def _start(x: FloatArray, y: FloatArray, given: FloatArray, free: list[int]) -> FloatArray:
    """Median of the slopes between all strikes, and of the intercepts that leaves."""
    start = given.copy()
    if free == [0, 1]:
        apart = x[:, np.newaxis] - x
        upper = apart > 0.0
        start[1] = np.median((y[:, np.newaxis] - y)[upper] / apart[upper])
    if free == [1]:
        start[1] = np.median((y - given[0]) / x)
    else:
        start[0] = np.median(y - start[1] * x)
    return start


def _estimate(
    line: _Line, scale: float, unit: PremiumUnit, flags: npt.NDArray[np.int64]
) -> ParityEstimate:
    """Forward and discount of a line in strikes divided by the scale."""
    if not (line.slope < 0.0 < line.intercept):
        return _none("calls less puts do not fall with the strike: quotes contradict parity", flags)
    forward = -line.intercept / line.slope * scale
    slopes = np.array([1.0 / line.intercept, -1.0 / line.slope])
    error = forward * float(np.sqrt(slopes @ line.covariance @ slopes))
    discount = line.intercept if unit is PremiumUnit.FORWARD else -line.slope
    return ParityEstimate(forward, discount, error, "", _pairs(flags))


def _none(reason: str, flags: npt.NDArray[np.int64]) -> ParityEstimate:
    """An estimate that says why it holds nothing."""
    return ParityEstimate(None, None, None, reason, _pairs(flags))


def _pairs(flags: npt.NDArray[np.int64]) -> tuple[PairStatus, ...]:
    """Flags as a tuple that a record may hold."""
    return tuple(PairStatus(flag) for flag in flags.tolist())
