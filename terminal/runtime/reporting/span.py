"""Which stretch of time a report is about."""

from datetime import UTC, date, datetime

from msgspec import Struct

from terminal.core.errors import ConfigError
from terminal.core.units import DAY, HOUR, MINUTE, SECOND


class Span(Struct, frozen=True):
    """From ``first`` on and before ``last``, UtcNs."""

    first: int
    last: int


def day_span(text: str, until: str = "") -> Span:
    """Span of one UTC day, to its end or to a time within it.

    Parameters
    ----------
    text : str
        ``2026-01-05``.
    until : str
        ``HH:MM``; empty is the end of the day.

    Raises
    ------
    ConfigError
        Either is none.
    """
    try:
        day = date.fromisoformat(text)
        first = round(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * SECOND
    except ValueError as error:
        raise ConfigError(f"--day {text!r} is no day: write 2026-01-05 (UTC)") from error
    if not until:
        return Span(first, first + DAY)
    parts = until.split(":")
    if len(parts) == 2 and all(each.isdecimal() and len(each) <= 2 for each in parts):
        hours, minutes = map(int, parts)
        if hours < 24 and minutes < 60 and hours + minutes > 0:
            return Span(first, first + hours * HOUR + minutes * MINUTE)
    raise ConfigError(f"--until {until!r} is no time of the day after 00:00: write 08:00 (UTC)")
