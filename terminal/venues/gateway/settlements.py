"""What has expired: its price is asked for, so that the books close it as the venue did."""

from decimal import Decimal
from typing import Final

from terminal.core.errors import VenueError
from terminal.core.units import MINUTE
from terminal.model.account import Position, Settled
from terminal.model.instrument import Future, Option
from terminal.venues.dialects.dialect import Raw
from terminal.venues.gateway.asks import Expiring
from terminal.venues.gateway.line import Line

LATE: Final = MINUTE
"""Time after an expiry in which a trade of before it may still be listed: until then nothing is
closed, for a closing trade told later would open what has ended."""


async def tell_settlements(line: Line, positions: tuple[Position, ...]) -> None:
    """Tell at what price the venue closed each expired position that it does not hold any more.

    One whose price is not told yet, or cannot be read, stays as it is until the next statement:
    the books then differ from it, which a person sees.

    Parameters
    ----------
    line : Line
        All of its fills up to the positions must have been told.
    positions : tuple of Position
        Those of the venue, just read.
    """
    stated = {each.key for each in positions}
    answers: dict[str, tuple[Raw, ...]] = {}
    for key in line.fills.held():
        instrument = line.known.by_key.get(key) or line.terms_of.get(key)
        if not isinstance(instrument, Option | Future):
            continue
        line.terms_of[key] = instrument  # the venue stops listing it before it is settled here
        if key in stated or line.terms.now() < instrument.expiry + LATE:
            continue
        price = await _price(line, instrument, answers)
        if price is not None:
            line.fills.close(key)
            line.tell(Settled(key, price))


async def _price(
    line: Line, instrument: Expiring, answers: dict[str, tuple[Raw, ...]]
) -> Decimal | None:
    """Settlement price, USD; None where the venue does not tell it, or not yet.

    What has been answered is not asked again: many options expire at one price.
    """
    settlement = line.asks.settlement
    if settlement is None:
        return None
    ask = settlement.ask(instrument)
    name = f"{ask.method} {ask.args}"
    try:
        if name not in answers:
            answers[name] = await line.ask(ask)
        rows = answers[name]
        prices = [line.decoded(lambda row: settlement.read(row, instrument), each) for each in rows]
    except VenueError:
        return None
    return next((each for each in prices if each is not None and each > 0), None)
