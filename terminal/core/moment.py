"""Moments as people write them: a time of the day, or an ISO 8601 instant."""

from datetime import UTC, datetime

from terminal.core.errors import ConfigError
from terminal.core.units import DAY, MINUTE, SECOND


def read_moment(text: str, last: int) -> int:
    """Read ``HH:MM[:SS]`` of the last 24 hours before ``last`` (UtcNs), or an ISO 8601 instant.

    Raises
    ------
    ConfigError
        It is neither.
    """
    parts = text.split(":")
    if len(parts) in (2, 3) and all(each.isdigit() and len(each) <= 2 for each in parts):
        hours, minutes, *rest = (int(each) for each in parts)
        secs = rest[0] if rest else 59
        if hours < 24 and minutes < 60 and secs < 60:
            of_day = (60 * hours + minutes) * MINUTE + secs * SECOND
            moment = last - last % DAY + of_day
            return moment if moment <= last + MINUTE else moment - DAY
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        msg = f"--at {text!r} is no time: write 03:12 or 2026-01-05T03:12 (UTC)"
        raise ConfigError(msg) from error
    return round(given.replace(tzinfo=given.tzinfo or UTC).timestamp()) * SECOND
