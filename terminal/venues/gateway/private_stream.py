"""The private streams of a venue: kept open, decoded frame by frame, losses told at once."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from terminal.core.errors import TerminalError
from terminal.model.account import FundingPaid
from terminal.model.messages import LinkDown, LinkUp
from terminal.model.order import Fill, OrderUpdate
from terminal.venues.ccxt_exchange import Taps
from terminal.venues.dialects.dialect import PrivateEvent, Raw
from terminal.venues.dialects.two_sides import TwoSidesError
from terminal.venues.gateway.line import Line
from terminal.venues.gateway.reading import chase_fills

_FIRST_PAUSE_S: Final = 0.25
_LONGEST_PAUSE_S: Final = 8.0
_KEPT: Final = 50
"""Lines about frames that could not be read."""


class PrivateStream:
    """What the account's sockets say, turned into events.

    Fills, order updates and funding are passed on. Balances and positions of the streams are not:
    between two fills one of them would be counted twice. Statements come from ``reading`` alone.
    """

    def __init__(self) -> None:
        self.line: Line | None = None
        self.notes: deque[str] = deque(maxlen=_KEPT)
        self.taps = Taps(
            frame=self._on_frame, up=self._on_up, down=self._on_down, fault=self._on_fault
        )
        self.report: Callable[[str], None] = self.notes.append
        self._connections = 0
        self._linked: bool | None = None
        self._why = ""  # of the last word that it is down

    async def watch(self, line: Line, stream: str) -> None:
        """Keep one stream open; a lost one is asked for again, ever more slowly."""
        pause = _FIRST_PAUSE_S
        while True:
            try:
                await line.wire.watch(stream)
                pause = _FIRST_PAUSE_S
            except Exception as error:  # noqa: BLE001 - told, and tried again
                self.link_down(line.failed(error))
                await asyncio.sleep(pause)
                pause = min(2.0 * pause, _LONGEST_PAUSE_S)

    def link_up(self) -> None:
        """Say that the account is read and its stream is live."""
        if self.line is not None and self._linked is not True:
            self._linked = True
            self.line.tell(LinkUp(self.line.dialect.venue))

    def link_down(self, why: str) -> None:
        """Say that the account cannot be relied on."""
        if self.line is not None and self._linked is not False:
            self._linked, self._why = False, why
            self.line.tell(LinkDown(self.line.dialect.venue, f"account: {why}"))

    def link_again(self, why: str) -> None:
        """Say anew why the account cannot be relied on, where the reason has changed."""
        if why != self._why:
            self._linked = None
        self.link_down(why)

    @property
    def linked(self) -> bool:
        """Whether orders may leave: the account has been read and its stream is live."""
        return self._linked is True

    def _on_up(self, _url: str) -> None:  # the address of some venues holds a secret
        if self.line is not None:
            self._connections += 1
            self.line.epoch = self._connections
            self.line.reconnected.set()

    def _on_down(self, _url: str, why: str) -> None:
        if self.line is not None:
            self.line.epoch = None
            self.line.wire.lost()
            self.link_down(self.line.scrubber.clean(why))

    def _on_fault(self, text: str) -> None:
        if self.line is not None:
            self.notes.append(self.line.scrubber.clean(text))

    def _on_frame(self, message: object) -> None:
        line = self.line
        if line is None or not isinstance(message, Mapping):
            return
        line.wire.hear(message)
        if line.asks.retold(message):
            return
        self._look_at_mode(line, message)
        try:
            events = line.dialect.decoder.private(message, line.known)
        except TerminalError as error:
            self._on_fault(str(error))
            self.report(f"{line.dialect.title}: a private message cannot be read: {error}")
            line.reconnected.set()  # it may have been a fill: read the trades
            return
        self._pass_on(line, events)

    def _look_at_mode(self, line: Line, message: Raw) -> None:
        """Stop orders where a frame tells of hedge mode; the fills in it are told all the same."""
        try:
            line.asks.sided(message)
        except TwoSidesError as error:
            line.doubt_mode(str(error))
            self.link_again(str(error))

    @staticmethod
    def _pass_on(line: Line, events: tuple[PrivateEvent, ...]) -> None:
        """Fills first: word that an order has ended then finds them told."""
        for event in events:
            if isinstance(event, Fill):
                line.book(event)
        for event in events:
            match event:
                case OrderUpdate():
                    line.hear(event)
                    if line.missing(event):
                        line.spawn(chase_fills(line, event))
                case FundingPaid():
                    line.pay(event)
                case _:
                    pass
