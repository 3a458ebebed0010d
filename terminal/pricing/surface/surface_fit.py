"""Fit of all expiries of an underlying, none crossing the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy.typing as npt

from terminal.pricing.carry import years_between
from terminal.pricing.surface.no_arbitrage import Neighbours
from terminal.pricing.surface.svi import RawSvi
from terminal.pricing.surface.svi_fit import SliceFit, fit_slice
from terminal.pricing.surface.term import ExpirySlice, Surface

FitSlice = Callable[
    [npt.ArrayLike, npt.ArrayLike, npt.ArrayLike, float, Neighbours], SliceFit
]


class ExpiryQuotes(NamedTuple):
    """Quotes of one expiry, as `fit_slice` takes them.

    Attributes
    ----------
    expiry_ns : int
        Nanoseconds since 1970-01-01 UTC.
    forward : float
        USD, > 0.
    k, total_variance, weights : array_like (n,)
        As in `fit_slice`.
    """

    expiry_ns: int
    forward: float
    k: npt.ArrayLike
    total_variance: npt.ArrayLike
    weights: npt.ArrayLike


class SurfaceFit(NamedTuple):
    """A surface of the expiries that could be fitted, None without any; and every fit, as given."""

    surface: Surface | None
    fits: tuple[SliceFit, ...]


def fit_surface(
    time_ns: int, quotes: Sequence[ExpiryQuotes], fit: FitSlice = fit_slice
) -> SurfaceFit:
    """Fit a surface without static arbitrage.

    Parameters
    ----------
    time_ns : int
        The moment of the quotes, nanoseconds since 1970-01-01 UTC.
    quotes : sequence of ExpiryQuotes
        One for each expiry, in any order.
    fit : callable
        `fit_slice` or its compiled twin.

    Returns
    -------
    SurfaceFit
        Expiries that hold too few quotes have a fit that says so, and no slice in the surface.

    Raises
    ------
    TypeError
        Quotes hold something else than real numbers.
    ValueError
        An expiry is not after the moment or is given twice, or a forward is not positive.

    Notes
    -----
    From the last expiry to the first, each under the one after it. Far expiries are quoted over the
    widest range of k, while the wings of near ones are extrapolated: fitted the other way round,
    a near wing that no quote supports lifts every later slice off its quotes.
    """
    order = sorted(range(len(quotes)), key=lambda index: -quotes[index].expiry_ns)
    if len({each.expiry_ns for each in quotes}) < len(quotes):
        raise ValueError("quotes hold an expiry twice: merge them first")
    fits: dict[int, SliceFit] = {}
    slices: list[ExpirySlice] = []
    later: RawSvi | None = None
    for index in order:
        each = quotes[index]
        if not each.forward > 0.0:
            raise ValueError(f"forward of {each.expiry_ns} must be positive, not {each.forward}")
        if each.expiry_ns <= time_ns:
            raise ValueError(f"expiry {each.expiry_ns} is not after {time_ns}: leave it out")
        years = years_between(time_ns, each.expiry_ns)
        neighbours = Neighbours(later=later)
        found = fit(each.k, each.total_variance, each.weights, years, neighbours)
        fits[index] = found
        if found.smile is not None:
            later = found.smile
            slices.append(ExpirySlice(each.expiry_ns, float(each.forward), found.smile))
    surface = Surface(time_ns, tuple(reversed(slices))) if slices else None
    return SurfaceFit(surface, tuple(fits[index] for index in range(len(quotes))))
