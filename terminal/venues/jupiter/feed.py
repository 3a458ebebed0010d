"""Keeps a wallet read while a run lasts, and says so at once when the last read is too old."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from terminal.core.errors import DataError, VenueError
from terminal.core.units import SECOND
from terminal.model.messages import Event, LinkDown, LinkUp
from terminal.venues.event_queue import NEVER
from terminal.venues.jupiter.holdings import VENUE
from terminal.venues.jupiter.rpc import Node
from terminal.venues.jupiter.telling import Teller
from terminal.venues.jupiter.wallet import Wallet, read_wallet

READ_EVERY_S: Final = 3.0
"""Pause between two reads of two questions each; public nodes allow forty in ten seconds."""

STALE: Final = 30 * SECOND
"""Age of the last good read from which hedging is locked."""


class WalletFeed:
    """Events of one wallet, read again and again.

    A read that contradicts itself, or that leaves a held coin without a price, locks at once; a
    node that gives no answer locks when the last good read is ``STALE`` old.

    Parameters
    ----------
    node : Node
    address : str
        Of the wallet, base 58.
    teller : Teller
    clock : callable
        Engine time, UtcNs, that never goes back.
    every_s : float
        Seconds between two reads.
    """

    def __init__(
        self,
        node: Node,
        address: str,
        teller: Teller,
        clock: Callable[[], int],
        *,
        every_s: float = READ_EVERY_S,
    ) -> None:
        self.address = address
        self.node = node
        self._teller = teller
        self._clock = clock
        self._every_s = every_s
        self._waiting: deque[tuple[int, Event]] = deque()
        self._asked_at: int | None = None
        self._read_at = clock()
        self._slot = 0
        self._up: bool | None = None

    def ask_account(self, at: int) -> None:
        """Answer with the next read that begins after this."""
        self._asked_at = at

    def say(self, event: Event) -> None:
        """Tell of something at this moment."""
        self._waiting.append((self._clock(), event))

    def doubt(self, why: str) -> None:
        """Count the wallet as unknown until it has been read again."""
        self._down(why)

    def next_at(self) -> int:
        """Time of the next event; the far future while none waits."""
        return self._waiting[0][0] if self._waiting else NEVER

    def pop(self) -> tuple[int, Event]:
        """Take the next event; raises IndexError when none waits."""
        return self._waiting.popleft()

    async def run(self) -> None:
        """Read until cancelled."""
        self._down("the wallet has not been read yet")
        while True:
            await self.read()
            await asyncio.sleep(self._every_s)

    async def read(self) -> None:
        """Read once, and tell what follows."""
        asked_at, began = self._asked_at, self._clock()
        try:
            found = await read_wallet(self.node, self.address, began // SECOND)
            self._check(found)
        except DataError as error:
            self._down(str(error))
        except VenueError as error:
            old = self._clock() - self._read_at
            if old >= STALE:
                self._down(f"the wallet was last read {old // SECOND} s ago: {error}")
        else:
            self._tell(found, asked_at)

    def _check(self, found: Wallet) -> None:
        if found.slot < self._slot:
            raise VenueError(f"{self.node.name} answered of slot {found.slot}, before the last")
        if not found.known and not found.holdings:
            raise DataError(f"{found.address} has no account on the chain: was it mistyped?")
        for each in found.holdings:
            if each.price is None:
                raise DataError(each.why_no_price)

    def _tell(self, found: Wallet, asked_at: int | None) -> None:
        self._slot, self._read_at = found.slot, self._clock()
        if not self._up:
            self._up = True
            self.say(LinkUp(VENUE))
        for event in self._teller.events(found, self._read_at, asked_at):
            self.say(event)
        if self._asked_at == asked_at:
            self._asked_at = None

    def _down(self, why: str) -> None:
        """Say that the wallet is not known now; once, until it is."""
        if self._up is not False:
            self._up = False
            self.say(LinkDown(VENUE, why))
