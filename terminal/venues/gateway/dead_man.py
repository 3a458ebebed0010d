"""The venue's own switch that cancels our orders when we fall silent, kept wound and shown."""

import asyncio
from typing import Final

from msgspec.structs import replace

from terminal.core.errors import VenueError
from terminal.model.dead_man import DeadManView
from terminal.venues.dialects.dialect import DeadMan
from terminal.venues.gateway.asks import Ask
from terminal.venues.gateway.limiter import Priority
from terminal.venues.gateway.line import Line
from terminal.venues.gateway.private_stream import PrivateStream
from terminal.venues.gateway.waiting import heard

LEAVE_S: Final = 2.0
"""Longest wait for a venue to switch a countdown off while leaving."""

_RETRY_S: Final = 2.0
_LOOK_S: Final = 0.25


class DeadManSwitch:
    """Winds the switch of one venue while ``run`` runs; ``view`` says how it stands.

    It cancels resting orders only, it closes no position; and it covers the whole account where
    the venue knows no other way, orders of other programs included.

    On leaving in order it is switched off where none of our orders rests, so that it does not
    cancel what others have in the account. Where one of ours rests, or may, it is left to fire:
    nobody would watch over that order any more.
    """

    def __init__(self, line: Line, stream: PrivateStream) -> None:
        self._line = line
        self._stream = stream
        self._wound: tuple[str, ...] = ()  # symbols that were wound, or were tried to be
        self._runs = False  # whether a countdown may be running at the venue
        dialect = line.dialect
        self.view = DeadManView(
            venue=dialect.venue,
            kind=dialect.dead_man.value,
            armed=False,
            seconds=dialect.dead_man_seconds,
            why="not armed yet",
        )

    async def run(self) -> None:
        """Keep the switch armed."""
        match self._line.dialect.dead_man:
            case DeadMan.NONE:
                self._off("the venue has none")
            case DeadMan.ON_DISCONNECT:
                await self._per_connection()
            case DeadMan.COUNTDOWN:
                await self._wound_up()

    async def leave(self) -> None:
        """Switch a countdown off, or leave it to fire where an order of ours may still rest."""
        wind = self._line.asks.wind
        if self._line.dialect.dead_man is not DeadMan.COUNTDOWN or wind is None or not self._runs:
            return
        resting = [each for each in self._line.slips.values() if not each.final]
        if resting:
            seconds = self.view.seconds
            self._off(f"left to fire: {len(resting)} orders may rest, cancelled in {seconds} s")
            return
        try:
            async with asyncio.timeout(LEAVE_S):
                for ask in wind(0, self._wound):
                    await self._line.ask(ask, Priority.CANCEL)
        except (TimeoutError, VenueError) as error:
            self._off(f"left to fire: it was not switched off: {str(error) or 'no answer in time'}")
            return
        self._off("switched off: no order of ours rests")

    async def _per_connection(self) -> None:
        """Ask on every new connection; the switch goes with the connection."""
        done: int | None = None
        while True:
            epoch = self._line.epoch
            if epoch is None:
                done = None
                self._off("there is no connection")
            elif epoch != done and self._stream.linked:
                done = epoch if await self._guarded() else None
            await asyncio.sleep(_LOOK_S if done == epoch else _RETRY_S)

    async def _guarded(self) -> bool:
        wind, seconds = self._line.asks.wind, self.view.seconds
        try:
            for ask in wind(seconds, self._symbols()) if wind is not None else ():
                await self._line.ask(ask, Priority.CANCEL)
            await self._line.wire.guard_orders()
        except Exception as error:  # noqa: BLE001 - shown as not armed, tried again
            self._off(self._line.failed(error))
            return False
        self._on()
        return True

    async def _wound_up(self) -> None:
        """Wind the countdown up at a third of its time, so that two windings may fail."""
        wind, seconds = self._line.asks.wind, self.view.seconds
        if wind is None or seconds <= 0:
            self._off("no countdown is known for this venue")
            return
        while True:
            self._line.widened.clear()  # before the symbols are looked up: none may slip between
            symbols, failed = self._symbols(), ""
            asks = wind(seconds, symbols)
            self._runs = self._runs or bool(asks)
            for ask in asks:  # each for itself: what one symbol refuses must not stop the others
                try:
                    await self._line.ask(ask, Priority.CANCEL)
                except VenueError as error:
                    failed = failed or f"{_symbol_of(ask)}{error}"
            self._wound = tuple(dict.fromkeys((*self._wound, *symbols)))
            if failed:
                self._off(failed)
                await heard(self._line.widened, min(_RETRY_S, seconds / 3.0))
                continue
            if asks:
                self._on()
            else:
                self._off("no order was sent yet, it is wound with the first one")
            await heard(self._line.widened, seconds / 3.0)

    def _symbols(self) -> tuple[str, ...]:
        """Symbols that orders of ours were sent for, since the start or before a restart."""
        slips = self._line.slips.values()
        return tuple(dict.fromkeys((*self._wound, *(each.ref.contract.symbol for each in slips))))

    def _on(self) -> None:
        self.view = replace(self.view, armed=True, since=self._line.terms.now(), why="")

    def _off(self, why: str) -> None:
        self.view = replace(self.view, armed=False, why=why)


def _symbol_of(ask: Ask) -> str:
    """Symbol that a request names, for the line about its failure; empty where it names none."""
    named = ask.args[0] if ask.args else None
    return f"{named['symbol']}: " if isinstance(named, dict) and "symbol" in named else ""
