"""Print the table of the contract: ``python -m tests.contracts.trading.table [venue ...]``.

Every cell is played anew against the local servers: twelve wrong replies to six requests at each
tradable venue. A cell that is not as designed ends with an exclamation mark, and the run with 1.
"""

import asyncio
import sys
from collections.abc import Sequence
from typing import Final

from tests.contracts.trading.cells import EVERY, REQUESTS, Cell, arrivals, designed, played
from tests.contracts.trading.pauses import hurried
from tests.contracts.trading.replies import REPLIES, Reply
from tests.contracts.trading.trader import trader
from tests.contracts.trading.venues import VENUES, Tradable

_AT_ONCE: Final = 6
_WIDTH: Final = 12


async def cell(venue: Tradable, reply: Reply, request: str, turn: asyncio.Semaphore) -> Cell:
    """Play one cell; what is never told comes out as such."""
    async with turn, trader(venue) as desk:
        try:
            return await played(desk, reply, request)
        except AssertionError:
            return Cell("never told", -1)


def right(reply: Reply, request: str, found: Cell) -> bool:
    """Whether a cell is as designed, and no order was doubled or lost."""
    return found.outcome in designed(reply, request) and found.arrived == arrivals(reply, request)


async def rows(venue: Tradable) -> dict[tuple[str, str], tuple[str, bool]]:
    """Words of every cell of a venue, by reply and request, and whether it is as designed."""
    turn = asyncio.Semaphore(_AT_ONCE)
    found = await asyncio.gather(*(cell(venue, *each, turn) for each in EVERY))
    return {
        (reply.name, request): (each.outcome, right(reply, request, each))
        for (reply, request), each in zip(EVERY, found, strict=True)
    }


def printed(title: str, found: dict[tuple[str, str], tuple[str, bool]]) -> str:
    """Table of one venue as text."""
    head = f"{title:<32}" + "".join(f"{each:<{_WIDTH}}" for each in REQUESTS)
    lines = [head.rstrip()]
    for reply in REPLIES:
        cells = (found[reply.name, each] for each in REQUESTS)
        words = "".join(f"{word + '!' * (not good):<{_WIDTH}}" for word, good in cells)
        lines.append(f"  {reply.name:<30}{words}".rstrip())
    return "\n".join(lines)


async def main(names: Sequence[str]) -> int:
    """Print the tables of the venues named, or of all; 1 where a cell is not as designed."""
    wrong = count = 0
    for venue in VENUES:
        if names and venue.dialect.venue not in names:
            continue
        found = await rows(venue)
        sys.stdout.write(f"{printed(venue.dialect.title, found)}\n\n")
        count += len(found)
        wrong += sum(not good for _, good in found.values())
    sys.stdout.write(f"{count - wrong} of {count} cells as designed, no order sent twice in them\n")
    return int(wrong > 0)


if __name__ == "__main__":
    with hurried():
        sys.exit(asyncio.run(main(sys.argv[1:])))
