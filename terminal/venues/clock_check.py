"""How far an exchange's clock is from ours, asked from time to time."""

import asyncio
import math
from collections.abc import Callable
from typing import Any, Final

from terminal.model.messages import ClockOffset
from terminal.venues.ccxt_exchange import venue_errors

EVERY_S: Final = 300.0
QUESTIONS: Final = 3
"""Asked in a row; the one that was answered fastest says most."""


async def clock_offset(exchange: Any, clock: Callable[[], int]) -> float | None:
    """How far the exchange's clock is certainly ahead of ours, ms; negative when it is behind.

    Parameters
    ----------
    exchange : ccxt exchange
    clock : callable
        Our time, UtcNs.

    Returns
    -------
    float or None
        None where the exchange tells no time.

    Notes
    -----
    Its time was taken somewhere between question and answer (Cristian 1989), so the offset from
    the middle is uncertain by half the way there and back; only what is beyond that is told.
    """
    best: tuple[float, float] | None = None
    for _ in range(QUESTIONS):
        asked = clock()
        told = await exchange.fetch_time()
        heard = clock()
        if not isinstance(told, int | float) or not math.isfinite(told):
            return None
        doubt = 0.5e-6 * (heard - asked)
        found = doubt, told - 0.5e-6 * (asked + heard)
        best = found if best is None else min(best, found)
    if best is None:
        return None
    doubt, offset = best
    return math.copysign(max(0.0, abs(offset) - doubt), offset)


async def watch_clock(
    exchange: Any, venue: str, clock: Callable[[], int], say: Callable[[ClockOffset], None]
) -> None:
    """Tell the offset now and every ``EVERY_S``; a question that fails is asked again then."""
    while True:
        try:
            offset = await clock_offset(exchange, clock)
        except venue_errors():  # a lost connection is told by what it feeds
            offset = None
        if offset is not None:
            say(ClockOffset(venue, round(offset, 1)))
        await asyncio.sleep(EVERY_S)
