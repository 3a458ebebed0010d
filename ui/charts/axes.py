"""Where round values and round times are, and how times read."""

import math
from datetime import UTC, datetime

VALUE_PX = 26
"""Least distance between two numbers of a value axis."""

TIME_PX = 80
"""Least distance between two times."""

_DAY = 86_400
_STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(60 * minutes for minutes in (1, 2, 5, 10, 15, 30)),
    *(3600 * hours for hours in (1, 2, 3, 6, 12)),
    *(_DAY * days for days in (1, 2, 7, 14, 28, 56)),
)


def round_step(span: float, size: float) -> float:
    """Round distance between ticks, 1, 2 or 5 times a power of ten.

    Parameters
    ----------
    span : float
        Of values, > 0.
    size : float
        Pixels for them.
    """
    least = max(span, 1e-12) * VALUE_PX / max(size, VALUE_PX)
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0, 20.0) if step * power >= least)


def decimals_of(step: float) -> int:
    """Digits after the point that tell ticks of this distance apart."""
    return max(0, min(8, -math.floor(math.log10(step) + 1e-9)))


def ticks(low: float, high: float, step: float) -> tuple[float, ...]:
    """Multiples of a step between two values."""
    return tuple(
        index * step for index in range(math.ceil(low / step), math.floor(high / step) + 1)
    )


def time_step(span: float, width: float) -> int:
    """Seconds between two times that are written on ``width`` pixels."""
    least = span * TIME_PX / max(width, TIME_PX)
    return next((step for step in _STEPS if step >= least), _STEPS[-1])


def time_places(start: float, end: float, width: float) -> tuple[float, ...]:
    """Places of the round times on ``width`` pixels, pixels from the left."""
    per_px = (end - start) / max(width, 1.0)
    step = time_step(end - start, width)
    return tuple((at - start) / per_px for at in ticks(start, end, step))


def time_texts(start: float, end: float, width: float) -> list[str]:
    """Texts of the round times, in the order of ``time_places``."""
    step = time_step(end - start, width)
    return [time_text(at, step) for at in ticks(start, end, step)]


def time_text(time: float, step: int) -> str:
    """Write a tick in UTC: with seconds where they differ, with the day where it begins."""
    at = datetime.fromtimestamp(time, tz=UTC)
    if time % _DAY == 0:
        return at.strftime("%d %b")
    return at.strftime("%H:%M:%S" if step < 60 else "%H:%M")
