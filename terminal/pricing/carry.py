"""Time to expiry, forwards and basis, and funding rates per interval."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final, overload

import numpy as np
import numpy.typing as npt

from terminal.pricing.rows import FloatArray

EXPIRY_HOUR_UTC: Final = 8
HOURS_PER_YEAR: Final = 365 * 24
NANOSECONDS_PER_SECOND: Final = 1_000_000_000
NANOSECONDS_PER_YEAR: Final = HOURS_PER_YEAR * 3600 * NANOSECONDS_PER_SECOND
BP: Final = 1e4

EPOCH_ORDINAL: Final = dt.date(1970, 1, 1).toordinal()
MONTHS: Final = (
    "JAN",
    "FEB",
    "MAR",
    "APR",
    "MAY",
    "JUN",
    "JUL",
    "AUG",
    "SEP",
    "OCT",
    "NOV",
    "DEC",
)
INSTRUMENT_DATE: Final = re.compile(r"([1-9]|[0-3][0-9])([A-Z]{3})([0-9]{2})")


@overload
def years_between(now_ns: int, expiry_ns: int) -> float: ...
@overload
def years_between(now_ns: int, expiry_ns: npt.NDArray[np.int64]) -> FloatArray: ...
def years_between(now_ns: int, expiry_ns: int | npt.NDArray[np.int64]) -> float | FloatArray:
    """Time to expiry in years of 365 days (ACT/365), continuous in time.

    Parameters
    ----------
    now_ns : int
        Nanoseconds since 1970-01-01 UTC.
    expiry_ns : int or ndarray (n,) of int64
        Nanoseconds since 1970-01-01 UTC.

    Returns
    -------
    float or ndarray (n,)
        Years, >= 0: an expiry in the past gives 0, which pricing treats as expired.
    """
    if isinstance(expiry_ns, np.ndarray):
        return np.maximum(expiry_ns - now_ns, 0) / NANOSECONDS_PER_YEAR
    return max(expiry_ns - now_ns, 0) / NANOSECONDS_PER_YEAR


def expiry_ns(date: dt.date) -> int:
    """Settlement instant of an expiry date, 08:00 UTC.

    Parameters
    ----------
    date : datetime.date
        Expiry date as the venue names it (UTC).

    Returns
    -------
    int
        Nanoseconds since 1970-01-01 UTC.
    """
    hours = (date.toordinal() - EPOCH_ORDINAL) * 24 + EXPIRY_HOUR_UTC
    return hours * 3600 * NANOSECONDS_PER_SECOND


def parse_expiry(text: str) -> int:
    """Settlement instant from the date part of an instrument name, such as 27DEC24 or 5JUL19.

    Parameters
    ----------
    text : str
        Day without or with a leading zero, English month in capitals, two-digit year of this
        century.

    Returns
    -------
    int
        Nanoseconds since 1970-01-01 UTC, at 08:00 UTC of that day.

    Raises
    ------
    ValueError
        The text is not such a date, or the day does not exist.
    """
    match = INSTRUMENT_DATE.fullmatch(text)
    if match is None or match[2] not in MONTHS:
        message = f"expiry {text!r} is not a date like 27DEC24 or 5JUL19"
        raise ValueError(message)
    month = MONTHS.index(match[2]) + 1
    try:
        date = dt.date(2000 + int(match[3]), month, int(match[1]))
    except ValueError as error:
        message = f"expiry {text!r} names a day that does not exist"
        raise ValueError(message) from error
    return expiry_ns(date)


def forward_from_basis(spot: npt.ArrayLike, premium_bp: npt.ArrayLike) -> FloatArray:
    """Forward price from spot and basis, the inverse of `basis_bp`.

    Parameters
    ----------
    spot : array_like
        USD.
    premium_bp : array_like
        (F - S) / S in basis points.

    Returns
    -------
    ndarray
        USD.
    """
    premium = np.asarray(premium_bp, dtype=np.float64) / BP
    return np.multiply(np.asarray(spot, dtype=np.float64), 1.0 + premium)


def basis_bp(forward: npt.ArrayLike, spot: npt.ArrayLike) -> FloatArray:
    """Basis (F - S) / S.

    Parameters
    ----------
    forward, spot : array_like
        USD.

    Returns
    -------
    ndarray
        Basis points; positive when the forward trades above spot. NaN where spot is not positive.
    """
    forwards = np.asarray(forward, dtype=np.float64)
    spots = np.asarray(spot, dtype=np.float64)
    with np.errstate(all="ignore"):
        return np.where(spots > 0.0, (forwards - spots) / spots, np.nan) * BP


def annualised_basis(
    forward: npt.ArrayLike, spot: npt.ArrayLike, years: npt.ArrayLike
) -> FloatArray:
    """Simple annual rate of the basis, (F / S - 1) / T, as desks and venues quote it.

    Parameters
    ----------
    forward, spot : array_like
        USD.
    years : array_like
        Time to expiry, ACT/365.

    Returns
    -------
    ndarray
        Fraction per year (0.08 is 8 %), not compounded. NaN where spot or years is not positive.
    """
    tenors = np.asarray(years, dtype=np.float64)
    with np.errstate(all="ignore"):
        return np.where(tenors > 0.0, basis_bp(forward, spot) / BP / tenors, np.nan)


def funding_per_hour(rate: float, interval_hours: float) -> float:
    """Funding rate per hour.

    Parameters
    ----------
    rate : float
        Fraction of notional per interval; positive when longs pay.
    interval_hours : float
        Hours between settlements, > 0.

    Returns
    -------
    float
        Fraction per hour, simple proportion.

    Raises
    ------
    ValueError
        The interval is not positive.
    """
    if not interval_hours > 0.0:
        message = f"funding interval must be a positive number of hours, got {interval_hours}"
        raise ValueError(message)
    return rate / interval_hours


def funding_per_8h(rate: float, interval_hours: float) -> float:
    """Funding rate per eight hours, the unit venues are compared in.

    Parameters
    ----------
    rate, interval_hours : float
        As in `funding_per_hour`.

    Returns
    -------
    float
        Fraction per eight hours, simple proportion.

    Raises
    ------
    ValueError
        The interval is not positive.
    """
    return 8.0 * funding_per_hour(rate, interval_hours)


def funding_per_year(rate: float, interval_hours: float) -> float:
    """Funding rate per year of 365 days, not compounded.

    Parameters
    ----------
    rate, interval_hours : float
        As in `funding_per_hour`.

    Returns
    -------
    float
        Fraction per year.

    Raises
    ------
    ValueError
        The interval is not positive.
    """
    return HOURS_PER_YEAR * funding_per_hour(rate, interval_hours)
