"""The venue's own switch that cancels our orders when we fall silent, kept wound and shown."""

import asyncio
from typing import Final

from msgspec.structs import replace

from terminal.core.errors import VenueError
from terminal.model.dead_man import DeadManView
from terminal.venues.dialects.dialect import DeadMan
from terminal.venues.gateway.limiter import Priority
from terminal.venues.gateway.line import Line
from terminal.venues.gateway.private_stream import PrivateStream
from terminal.venues.gateway.waiting import heard

_RETRY_S: Final = 2.0
_LOOK_S: Final = 0.25


class DeadManSwitch:
    """Winds the switch of one venue while ``run`` runs; ``view`` says how it stands.

    It cancels resting orders only, it closes no position; and it covers the whole account where
    the venue knows no other way, orders of other programs included.
    """

    def __init__(self, line: Line, stream: PrivateStream) -> None:
        self._line = line
        self._stream = stream
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

    async def unwind(self) -> None:
        """Switch a countdown off; only for when none of our orders rests any more."""
        if self._line.asks.wind is not None and self.view.armed:
            for ask in self._line.asks.wind(0, self._symbols()):
                await self._line.ask(ask, Priority.CANCEL)
            self._off("switched off: no order rests")

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
            try:
                for ask in wind(seconds, self._symbols()):
                    await self._line.ask(ask, Priority.CANCEL)
            except VenueError as error:
                self._off(str(error))
                await asyncio.sleep(min(_RETRY_S, seconds / 3.0))
                continue
            self._on()
            await self._until_due(seconds / 3.0)

    async def _until_due(self, span_s: float) -> None:
        """Wait for the next winding, or for an order on a symbol that none was sent for yet."""
        self._line.widened.clear()
        await heard(self._line.widened, span_s)

    def _symbols(self) -> tuple[str, ...]:
        """Symbols that orders of ours were sent for."""
        return tuple(dict.fromkeys(each.ref.contract.symbol for each in self._line.slips.values()))

    def _on(self) -> None:
        self.view = replace(self.view, armed=True, since=self._line.terms.now(), why="")

    def _off(self, why: str) -> None:
        self.view = replace(self.view, armed=False, why=why)
