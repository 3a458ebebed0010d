"""A whole surface: slices by expiry, total variance interpolated between them."""

from __future__ import annotations

from math import exp, log

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from terminal.pricing.carry import years_between
from terminal.pricing.rows import FloatArray, positive_or_nan
from terminal.pricing.surface.svi import Derivatives, RawSvi, check_raw, derivatives

Mixture = tuple[tuple[float, RawSvi], ...]


class ExpirySlice(Struct, frozen=True):
    """The slice of one listed expiry.

    Attributes
    ----------
    expiry_ns : int
        Nanoseconds since 1970-01-01 UTC.
    forward : float
        USD, > 0.
    smile : RawSvi
        Total variance over ln(strike / forward).
    """

    expiry_ns: int
    forward: float
    smile: RawSvi


class Surface(Struct, frozen=True):
    """Implied volatility of one underlying at one moment; `check_surface` tells whether it is one.

    Attributes
    ----------
    time_ns : int
        The moment, nanoseconds since 1970-01-01 UTC.
    slices : tuple of ExpirySlice
        By ascending expiry, all after the moment.

    Notes
    -----
    Total variance is linear in time at constant k between expiries: forward variance is flat from
    one to the next. Before the first expiry it runs in proportion to time, after the last it goes
    on as between the last two. Where no listed slice crosses the next, none of these does. Forwards
    are linear in their logarithm between expiries and flat beyond the ends.
    """

    time_ns: int
    slices: tuple[ExpirySlice, ...]

    def forward(self, expiry_ns: int) -> float:
        """Forward price of an expiry.

        Parameters
        ----------
        expiry_ns : int
            Nanoseconds since 1970-01-01 UTC; need not be listed.

        Returns
        -------
        float
            USD.
        """
        after = next((each for each in self.slices if each.expiry_ns >= expiry_ns), self.slices[-1])
        before = next(
            (each for each in reversed(self.slices) if each.expiry_ns <= expiry_ns), self.slices[0]
        )
        if before.expiry_ns >= after.expiry_ns:
            return after.forward
        share = (expiry_ns - before.expiry_ns) / (after.expiry_ns - before.expiry_ns)
        return exp((1.0 - share) * log(before.forward) + share * log(after.forward))

    def total_variance(self, k: npt.ArrayLike, years: float) -> FloatArray:
        """Total variance at a time to expiry.

        Parameters
        ----------
        k : array_like
            ln(strike / forward).
        years : float
            From the moment of the surface, ACT/365.

        Returns
        -------
        ndarray
            With the shape of k; 0 at and after expiry, NaN where k or years is NaN.
        """
        return self.derivatives(k, years).value

    def derivatives(self, k: npt.ArrayLike, years: float) -> Derivatives:
        """Total variance with its slope and curvature in k, at a time to expiry.

        Parameters
        ----------
        k, years
            As in `total_variance`.

        Returns
        -------
        Derivatives
            Each with the shape of k.
        """
        log_strike = np.asarray(k, dtype=np.float64)
        total = np.zeros((3, *log_strike.shape))
        with np.errstate(invalid="ignore"):
            for weight, smile in self._mixture(years):
                total += weight * np.stack(derivatives(smile, log_strike))
        total[:, ~np.isfinite(log_strike)] = np.nan
        return Derivatives(total[0], total[1], total[2])

    def vol(self, strike: npt.ArrayLike, expiry_ns: int) -> FloatArray:
        """Implied volatility.

        Parameters
        ----------
        strike : array_like
            USD.
        expiry_ns : int
            Nanoseconds since 1970-01-01 UTC; need not be listed.

        Returns
        -------
        ndarray
            Annual fraction with the shape of strike; NaN where strike is not positive and finite,
            and everywhere once the expiry is past.
        """
        return self._vol_and_slope(strike, expiry_ns)[0]

    def dvol_dk(self, strike: npt.ArrayLike, expiry_ns: int) -> FloatArray:
        """Slope of implied volatility in k = ln(strike / forward); as `vol` otherwise."""
        return self._vol_and_slope(strike, expiry_ns)[1]

    def dvol_dstrike(self, strike: npt.ArrayLike, expiry_ns: int) -> FloatArray:
        """Slope of implied volatility in the strike, per USD; as `vol` otherwise."""
        return np.asarray(self.dvol_dk(strike, expiry_ns) / positive_or_nan(strike))

    def _vol_and_slope(
        self, strike: npt.ArrayLike, expiry_ns: int
    ) -> tuple[FloatArray, FloatArray]:
        """Volatility and its slope in k."""
        years = years_between(self.time_ns, expiry_ns)
        log_strike = np.log(positive_or_nan(strike) / self.forward(expiry_ns))
        found = self.derivatives(log_strike, years)
        with np.errstate(all="ignore"):
            vol = np.sqrt(np.asarray(found.value) / (years if years > 0.0 else np.nan))
            return np.asarray(vol), np.asarray(0.5 * vol * found.slope / found.value)

    def _mixture(self, years: float) -> Mixture:
        """Weights of the listed slices whose sum is the slice at a time to expiry."""
        tenors = [years_between(self.time_ns, each.expiry_ns) for each in self.slices]
        if not years > 0.0:
            return ((0.0 if years <= 0.0 else np.nan, self.slices[0].smile),)
        if years <= tenors[0] or len(tenors) == 1:
            return ((years / tenors[0], self.slices[0].smile),)
        after = next((index for index, each in enumerate(tenors) if each >= years), len(tenors) - 1)
        share = (years - tenors[after - 1]) / (tenors[after] - tenors[after - 1])
        return ((1.0 - share, self.slices[after - 1].smile), (share, self.slices[after].smile))


def check_surface(surface: Surface) -> None:
    """Refuse a surface that is none.

    Parameters
    ----------
    surface : Surface
        Any slices.

    Raises
    ------
    ValueError
        No slices, expiries that do not ascend from the moment of the surface, a forward that is
        not positive and finite, or parameters of no slice.
    """
    if not surface.slices:
        raise ValueError("a surface needs at least one slice")
    previous = surface.time_ns
    for each in surface.slices:
        if each.expiry_ns <= previous:
            raise ValueError(f"expiry {each.expiry_ns} must be after {previous}: sort the slices")
        if not 0.0 < each.forward < np.inf:
            raise ValueError(f"forward of {each.expiry_ns} must be positive, not {each.forward}")
        check_raw(each.smile)
        previous = each.expiry_ns
