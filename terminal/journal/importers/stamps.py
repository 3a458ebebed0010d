"""Instants as files write them: ISO text, or seconds to nanoseconds since 1970."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

import numpy as np
from numpy.typing import NDArray

from terminal.core.units import MILLISECOND, SECOND

EARLIEST = 1_230_768_000 * SECOND  # 2009-01-01, before the first coin
LATEST = 4_102_444_800 * SECOND  # 2100-01-01
UNITS = (SECOND, MILLISECOND, 1_000, 1)
"""Nanoseconds in the units that files use; 2009 to 2100 never overlaps between two of them."""


def parse(text: str) -> int:
    """Read an instant.

    Parameters
    ----------
    text : str
        A number of s, ms, us or ns since 1970, or ISO 8601 (UTC where it names no zone).

    Returns
    -------
    int
        UtcNs.

    Raises
    ------
    ValueError
        The text is no instant between 2009 and 2100.
    """
    body = text.strip()
    if body.isdigit():
        return from_number(int(body))
    try:
        return from_number(Decimal(body))
    except InvalidOperation:
        return _from_iso(body)


def from_number(value: int | Decimal) -> int:
    """Instant of a number whose unit its size tells; ValueError outside 2009 to 2100."""
    for unit in UNITS:
        if EARLIEST <= value * unit < LATEST:
            return int(value * unit)
    raise ValueError("is no instant between 2009 and 2100")


def _from_iso(body: str) -> int:
    try:
        moment = datetime.fromisoformat(body)
    except ValueError as error:
        raise ValueError("is no instant: write ISO 8601 or a number since 1970") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    whole = round(moment.replace(microsecond=0).timestamp()) * SECOND
    at = whole + moment.microsecond * 1_000
    if not EARLIEST <= at < LATEST:
        raise ValueError("is no instant between 2009 and 2100")
    return at


def from_numbers(values: NDArray[np.int64]) -> tuple[NDArray[np.int64], int | None]:
    """Instants of a column of numbers, and the position of the first that is none.

    Returns
    -------
    ndarray of int64, int or None
        UtcNs (0 where the number is no instant); None when every number is one.
    """
    at = np.zeros_like(values)
    for unit in UNITS:
        fits = (values >= EARLIEST // unit) & (values < LATEST // unit)
        at[fits] = values[fits] * unit
    bad = np.flatnonzero(at == 0)
    return at, int(bad[0]) if bad.size else None
