"""Fit of one expiry: quotes cleaned, least squares, and no slice that holds an arbitrage."""

from __future__ import annotations

from enum import IntEnum
from math import inf, sqrt
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from terminal.pricing.rows import FloatArray, flat_columns
from terminal.pricing.surface.no_arbitrage import (
    CLEAR_FACTOR,
    Neighbours,
    butterfly_minimum,
    is_free,
)
from terminal.pricing.surface.svi import RawSvi, check_raw, total_variance
from terminal.pricing.surface.svi_constrained import constrained, wing_bounds
from terminal.pricing.surface.svi_profile import Quotes, Wings, best_wings, raw_of

# Five parameters need as many different strikes.
FEWEST_STRIKES: Final = 5
ALONE: Final = Neighbours()


class FitStatus(IntEnum):
    """How a slice came about, or why there is none.

    Attributes
    ----------
    LEAST_SQUARES
        The least squares are free of arbitrage as they are.
    CONSTRAINED
        They are not; this is a slice near them that is.
    TOO_FEW_QUOTES
        Fewer than five different strikes are left: no slice.
    NO_ROOM
        The neighbours leave no room, as when they cross each other: no slice.
    """

    LEAST_SQUARES = 0
    CONSTRAINED = 1
    TOO_FEW_QUOTES = 2
    NO_ROOM = 3


class Exclusion(IntEnum):
    """Why a quote took no part in a fit."""

    NOT_FINITE = 0
    NO_VARIANCE = 1
    NO_WEIGHT = 2


class ExcludedQuote(Struct, frozen=True):
    """A quote left out, by its place in the arrays given."""

    index: int
    reason: Exclusion


class SliceFit(Struct, frozen=True):
    """A fitted slice and how far to trust it.

    Attributes
    ----------
    status : FitStatus
        Whether there is a slice.
    smile : RawSvi or None
        The slice: g >= 0, wings within Lee's bound, no crossing of the neighbours given.
    error : float or None
        Root of the weighted mean of squared residuals in total variance.
    vol_error : float or None
        Root mean square over the quotes, all weighted alike, of fitted less quoted volatility.
    lowest_factor : float or None
        Lowest g found.
    used : int
        Number of quotes that took part.
    excluded : tuple of ExcludedQuote
        The others.
    """

    status: FitStatus
    smile: RawSvi | None
    error: float | None
    vol_error: float | None
    lowest_factor: float | None
    used: int
    excluded: tuple[ExcludedQuote, ...] = ()


class Cleaned(NamedTuple):
    """Quotes that can be used, and which could not."""

    k: FloatArray
    variance: FloatArray
    weights: FloatArray
    excluded: tuple[ExcludedQuote, ...]


def fit_slice(
    k: npt.ArrayLike,
    total_variance: npt.ArrayLike,
    weights: npt.ArrayLike,
    years: float,
    neighbours: Neighbours = ALONE,
) -> SliceFit:
    """Fit raw SVI to the quotes of one expiry without static arbitrage.

    Parameters
    ----------
    k : array_like (n,)
        ln(strike / forward), in any order.
    total_variance : array_like (n,)
        Quoted vol^2 * years.
    weights : array_like (n,) or float
        Weights of the squared residuals in total variance, in any unit; see `quote_weights`.
    years : float
        Time to expiry, ACT/365, > 0.
    neighbours : Neighbours
        Slices of the expiries before and after, whichever are fitted already.

    Returns
    -------
    SliceFit
        Quotes that are NaN, infinite, of no variance or of no weight are excluded and listed. With
        too few left the fit holds no slice and says why.

    Raises
    ------
    TypeError
        An array holds something else than real numbers.
    ValueError
        The shapes do not broadcast, the years are not positive, or a neighbour is no slice.

    Notes
    -----
    Quasi-explicit least squares (see `svi_profile`), the slopes of the wings bounded by Lee's 2 in
    total variance, 2 / years in annual variance, and by those of the neighbours. Where the result
    holds a butterfly or crosses a neighbour, `svi_constrained` takes over.
    """
    check_years(years)
    cleaned = clean(k, total_variance, weights)
    if np.unique(cleaned.k).size < FEWEST_STRIKES:
        return without_slice(FitStatus.TOO_FEW_QUOTES, cleaned)
    for each in neighbours:
        if each is not None:
            check_raw(each)
    quotes = prepared(cleaned)
    wings, _ = best_wings(quotes, wing_bounds(neighbours))
    return settled(cleaned, quotes, wings, years, neighbours)


def quote_weights(
    vega: npt.ArrayLike, spread: npt.ArrayLike, vol: npt.ArrayLike, years: npt.ArrayLike
) -> FloatArray:
    """Weights that measure residuals of total variance in bid-ask spreads.

    Parameters
    ----------
    vega : array_like
        Price change per 1.00 of volatility, in the unit of the spread.
    spread : array_like
        Ask less bid, > 0.
    vol : array_like
        Quoted volatility, > 0.
    years : array_like
        Time to expiry, > 0.

    Returns
    -------
    ndarray
        (vega / (2 vol years spread))^2; NaN where an input is not positive.

    Notes
    -----
    dprice = vega dvol and dw = 2 vol years dvol.
    """
    rows = [np.asarray(each, dtype=np.float64) for each in (vega, spread, vol, years)]
    with np.errstate(all="ignore"):
        per_spread = rows[0] / (2.0 * rows[2] * rows[3] * rows[1])
        sound = np.minimum(np.minimum(rows[0], rows[1]), np.minimum(rows[2], rows[3])) > 0.0
    return np.where(sound, per_spread * per_spread, np.nan)


def check_years(years: float) -> None:
    """Refuse a time to expiry that is none."""
    if not 0.0 < years < inf:
        raise ValueError(f"years must be positive and finite, not {years}")


def clean(k: npt.ArrayLike, variance: npt.ArrayLike, weights: npt.ArrayLike) -> Cleaned:
    """Quotes that a fit can use; raises TypeError or ValueError as `flat_columns` does."""
    columns, _ = flat_columns(k=k, total_variance=variance, weights=weights)
    matrix = np.stack(columns)
    finite = np.isfinite(matrix).all(axis=0)
    if finite.all() and (matrix[1:] > 0.0).all():
        return Cleaned(matrix[0], matrix[1], matrix[2], ())
    faults = np.select([~finite, ~(matrix[1] > 0.0), ~(matrix[2] > 0.0)], list(Exclusion), -1)
    excluded = tuple(
        ExcludedQuote(index, Exclusion(fault))
        for index, fault in enumerate(faults.tolist())
        if fault >= 0
    )
    kept = matrix[:, faults < 0]
    return Cleaned(kept[0], kept[1], kept[2], excluded)


def prepared(cleaned: Cleaned) -> Quotes:
    """Quotes in the frame of the search; weights are scaled to sum to 1."""
    k, weights = cleaned.k, cleaned.weights
    low, high = float(k.min()), float(k.max())
    root = np.sqrt(weights / weights.max())
    root /= sqrt(float(root @ root))
    return Quotes(k, cleaned.variance, root, 0.5 * (low + high), 0.5 * (high - low))


def settled(
    cleaned: Cleaned, quotes: Quotes, wings: Wings, years: float, neighbours: Neighbours
) -> SliceFit:
    """The best slice if it is free of arbitrage, else one near it that is."""
    smile, status = raw_of(wings), FitStatus.LEAST_SQUARES
    if not is_free(smile, neighbours):
        found, status = constrained(quotes, wings, neighbours), FitStatus.CONSTRAINED
        if found is None:
            return without_slice(FitStatus.NO_ROOM, cleaned)
        smile = found
    fitted = total_variance(smile, quotes.k)
    miss = quotes.root_weight * (fitted - quotes.variance)
    vol_miss = np.sqrt(np.maximum(fitted, 0.0)) - np.sqrt(quotes.variance)
    return SliceFit(
        status,
        smile,
        sqrt(float(miss @ miss)),
        sqrt(float(vol_miss @ vol_miss) / (years * quotes.k.size)),
        butterfly_minimum(smile, CLEAR_FACTOR).value,
        quotes.k.size,
        cleaned.excluded,
    )


def without_slice(status: FitStatus, cleaned: Cleaned) -> SliceFit:
    """A fit that says why it holds no slice."""
    return SliceFit(status, None, None, None, None, cleaned.k.size, cleaned.excluded)
