"""Units of time, money and rate, and the text forms of time."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import NewType

from terminal.core.errors import ConfigError

UtcNs = NewType("UtcNs", int)
"""Nanoseconds since 1970-01-01 00:00 UTC."""

SECOND = 1_000_000_000
MILLISECOND = SECOND // 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
YEAR = 365 * DAY
"""ACT/365: crypto trades every day of the year, and venues quote volatility on this basis."""

BPS = 1e-4
"""One basis point as a fraction."""

VOL_POINT = 0.01
"""One volatility point as a fraction of annual volatility."""

_DURATION_UNITS = {"ms": MILLISECOND, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}


def seconds(span_ns: int) -> float:
    """Convert a span in nanoseconds to seconds."""
    return span_ns / SECOND


@lru_cache(maxsize=256)  # the few limits of a profile, converted for every record
def from_seconds(span_s: float) -> int:
    """Convert a span in seconds to whole nanoseconds, rounded to the nearest."""
    return round(span_s * SECOND)


def parse_duration(text: str) -> int:
    """Read a span of time such as ``500ms``, ``30s``, ``10m``, ``2h`` or ``7d``.

    Parameters
    ----------
    text : str
        A positive number followed by its unit.

    Returns
    -------
    int
        Nanoseconds, > 0.

    Raises
    ------
    ConfigError
        The text is no number with one of the units, or the span is not positive and finite.
    """
    body = text.strip().lower()
    unit = next((name for name in ("ms", "s", "m", "h", "d") if body.endswith(name)), "")
    try:
        span = float(body.removesuffix(unit)) * _DURATION_UNITS[unit]
    except (KeyError, ValueError):
        span = 0.0
    if not 0.0 < span < float(200 * YEAR):
        msg = f"{text!r} is not a span of time: write for example 30s, 10m, 2h or 7d"
        raise ConfigError(msg)
    return round(span)


def iso_utc(at: int) -> str:
    """Write an instant as ``2026-01-25 14:32:07 UTC`` (fractions of a second are cut)."""
    return datetime.fromtimestamp(at // SECOND, tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def utc_day(at: int) -> int:
    """Number of whole UTC days since 1970-01-01, the day that daily limits are counted in."""
    return at // DAY
