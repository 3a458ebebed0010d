"""The trading client of one venue: orders, cancels and questions in, events out in one order."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.errors import VenueError
from terminal.core.units import SECOND
from terminal.model.account import OpenOrder
from terminal.model.dead_man import DeadManView
from terminal.model.messages import Event
from terminal.model.order import OrderIntent, OrderStatus, OrderUpdate
from terminal.model.ports import LastHop
from terminal.model.reconcile import Changes
from terminal.venues.dialects.dialect import Directory
from terminal.venues.gateway.apart import ApartCancels
from terminal.venues.gateway.dead_man import DeadManSwitch
from terminal.venues.gateway.line import KEPT, Line, Slip, Terms, identified
from terminal.venues.gateway.placing import cancel, place, withdraw
from terminal.venues.gateway.private_stream import PrivateStream
from terminal.venues.gateway.reading import check_mode, read_account, read_trades
from terminal.venues.gateway.searching import search
from terminal.venues.gateway.waiting import heard

TRADES_EVERY_S: Final = 15.0
"""How often trades are read beside the stream."""

SOON_S: Final = 1.0
"""Second read after a reconnect: a fill may fall between it and the new subscription."""

MODE_EVERY: Final = 60 * SECOND
"""How often the position mode is asked for: its owner may switch it at any time."""

EARLIER: Final = 5 * SECOND
"""Longest wait for word of the orders of before a restart; they stay open until it comes."""

_PAUSES_S: Final = (1.0, 2.0, 4.0, 8.0, 15.0)


class Earlier(Struct, frozen=True):
    """An order of before a restart that had no proven end, and whether it had been taken."""

    intent: OrderIntent
    lived: bool


class Gateway:
    """Trades on one venue while ``run`` runs.

    Nothing returns from a call: what becomes of it arrives in ``next_at`` and ``pop``. Nothing is
    ever sent twice. Orders leave only while the account has been read and its stream is live.

    Parameters
    ----------
    terms : Terms
    earlier : sequence of Earlier
        Orders that may still be open.
    """

    def __init__(self, terms: Terms, earlier: Sequence[Earlier] = ()) -> None:
        self._stream = PrivateStream()
        self._line = Line(terms, self._spawn)
        self._stream.line = self._line
        self._dead_man = DeadManSwitch(self._line, self._stream)
        self.apart = ApartCancels(terms, lambda: tuple(self._line.slips.values()))
        self._earlier = tuple(earlier)
        self._group: asyncio.TaskGroup | None = None
        self._mode_due = 0  # monotonic, ns

    # -- The venue's side of ``model.ports.Venue`` -----------------------------------------------

    def submit(self, intent: OrderIntent, at: int) -> None:
        """Send an order, once in its life."""
        del at  # the engine's time of an order is in its record; requests leave now
        line = self._line
        if intent.order_id in line.slips:
            line.fault(f"order {intent.order_id} was submitted twice and sent once")
            return
        try:
            slip = self._fit(intent)
        except VenueError as error:
            why = f"not sent: {error}"
            line.tell(OrderUpdate(intent.order_id, OrderStatus.REJECTED, why))
            return
        self._remember(slip)
        self._spawn(place(line, slip))

    def cancel(self, order_id: str, at: int) -> None:
        """Ask for a cancel; of an order that was never sent from here there is none to ask for."""
        del at
        slip = self._line.slips.get(order_id)
        if slip is not None:
            self._spawn(cancel(self._line, slip))

    def query(self, order_id: str, at: int) -> None:
        """Ask what became of an order."""
        del at
        slip = self._line.slips.get(order_id)
        if slip is not None:
            self._spawn(search(self._line, slip, at_once=True))

    def ask_account(self, at: int) -> None:
        """Ask for positions and balances; no answer comes where they cannot be read now."""
        self._spawn(self._state_account(at))

    def withdraw(self, order: OpenOrder, at: int) -> None:
        """Cancel an order of somebody else's; what became of it shows in the next statement."""
        del at
        self._spawn(self._withdraw(order))

    def adopted(self, changes: Changes, at: int) -> None:
        """Count what a person took over as explained: an order in question did not do it.

        Nothing is concluded from it here. Searches go on, and find the order or prove that it is
        nowhere: with its id, among open orders, among trades.
        """
        del at
        for key, change in changes:
            self._line.fills.take_over(key, change)

    def ask_before_orders(self, last_hop: LastHop) -> None:
        """Ask ``last_hop`` from here on, right before an order would go on the wire."""
        self._line.last_hop = last_hop

    def know(self, known: Directory) -> None:
        """Read and trade with these instruments from here on: what a venue lists changes."""
        self._line.known = known

    def report_to(self, report: Callable[[str], None]) -> None:
        """Tell ``report`` from here on, a line each, what could not be read or done."""
        self._stream.report = report

    def doubt(self, why: str) -> None:
        """Count the account as unknown until its trades have been read again."""
        self._stream.link_down(why)
        self._line.reconnected.set()

    # -- What it has to say ------------------------------------------------------------------------

    def next_at(self) -> int | None:
        """Engine time of the next event; None while there is none."""
        return self._line.out[0][0] if self._line.out else None

    def pop(self) -> tuple[int, Event]:
        """Take the next event."""
        return self._line.out.popleft()

    def held(self) -> tuple[str, ...]:
        """Keys of what the account holds, as far as is known."""
        return self._line.fills.held()

    @property
    def dead_man(self) -> DeadManView:
        """How the venue's own switch stands."""
        return self._dead_man.view

    @property
    def notes(self) -> tuple[str, ...]:
        """Newest lines about frames that could not be read."""
        return tuple(self._stream.notes)

    # -- Work --------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Stay connected until cancelled."""
        self._stream.link_down("connecting")
        await self._dial()
        for each in self._earlier:
            self._recall(each)
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                for stream in self._line.asks.watches:
                    group.create_task(self._stream.watch(self._line, stream), name=stream)
                group.create_task(self._dead_man.run(), name="dead man")
                group.create_task(self._keep(), name="account")
        finally:
            self._group = None
            await self._dead_man.leave()
            with suppress(Exception):  # a socket that cannot be closed in order is gone as well
                await self._line.wire.close()

    async def _dial(self) -> None:
        """Make the venue's instance, off the loop; tried until it succeeds."""
        failures = 0
        while True:
            try:
                dialled = await asyncio.to_thread(self._line.terms.dial, self._stream.taps)
            except Exception as error:  # noqa: BLE001 - whatever failed: said, tried again
                self._stream.link_again(self._line.scrubber.words_of(error))
                await asyncio.sleep(_PAUSES_S[min(failures, len(_PAUSES_S) - 1)])
                failures += 1
                continue
            self._line.wire, self._line.known = dialled.wire, dialled.known
            self._line.symbols = dialled.symbols
            return

    async def _keep(self) -> None:
        """Read the account at first, and trades after every reconnect and at intervals."""
        failures = 0
        while True:
            reconnected = self._line.reconnected.is_set()
            self._line.reconnected.clear()
            pause = SOON_S if reconnected else TRADES_EVERY_S
            if self._line.epoch is not None:
                try:
                    await self._read()
                    failures = 0
                except VenueError as error:
                    two_sided = self._line.two_sides
                    if two_sided:  # whatever else is wrong, this is for a person to put right
                        self._stream.link_again(two_sided)
                    self._stream.link_down(str(error))
                    pause = _PAUSES_S[min(failures, len(_PAUSES_S) - 1)]
                    failures += 1
            await heard(self._line.reconnected, pause)

    async def _read(self) -> None:
        now = self._line.terms.clock()
        if not self._line.opened or self._line.two_sides or now >= self._mode_due:
            await check_mode(self._line)
            self._mode_due = now + MODE_EVERY
        if self._line.opened:
            await read_trades(self._line)
        else:
            await self._look_for_earlier()
            self._line.tell(await read_account(self._line))
            self._line.opened = True
        if self._line.epoch is not None:
            self._stream.link_up()

    async def _state_account(self, at: int) -> None:
        if self._line.opened:
            with suppress(VenueError):  # its age tells that nothing was heard
                stated = await read_account(self._line, opening=False)
                self._line.tell(replace(stated, asked_at=at))

    async def _withdraw(self, order: OpenOrder) -> None:
        try:
            await withdraw(self._line, order)
        except VenueError as error:  # it may be gone: the next statement tells
            self._stream.report(f"order {order.venue_id} was not cancelled: {error}")

    async def _look_for_earlier(self) -> None:
        """Ask about the orders of before: their fills must be told before the account is."""
        for slip in tuple(self._line.slips.values()):
            if slip.words == 0:
                self._spawn(search(self._line, slip, at_once=True))
        deadline = self._line.terms.clock() + EARLIER
        while self._line.terms.clock() < deadline:
            if all(each.words for each in self._line.slips.values()):
                return
            await asyncio.sleep(0.05)

    def _fit(self, intent: OrderIntent) -> Slip:
        """Slip of an order that may leave; raises VenueError for one that must not."""
        if self._line.two_sides:
            raise VenueError(self._line.two_sides)
        if not self._stream.linked or self._group is None:
            raise VenueError("the account is not connected")
        return identified(self._line, intent)

    def _recall(self, earlier: Earlier) -> None:
        try:
            slip = identified(self._line, earlier.intent)
        except VenueError as error:
            self._line.fault(f"order {earlier.intent.order_id} cannot be asked about: {error}")
            return
        slip.ended.set()
        slip.lived = earlier.lived
        if slip.intent.order_id not in self._line.slips:
            self._remember(slip)

    def _remember(self, slip: Slip) -> None:
        slips, symbol = self._line.slips, slip.ref.symbol
        if all(each.ref.symbol != symbol for each in slips.values()):
            self._line.widened.set()
        slips[slip.intent.order_id] = slip
        if len(slips) > KEPT:
            del slips[next(iter(slips))]

    def _spawn(self, job: Coroutine[object, object, None]) -> None:
        """Run a job beside the others; what it raises halts hedging and takes no other along."""
        if self._group is None:
            job.close()
            return
        self._group.create_task(self._safely(job))

    async def _safely(self, job: Coroutine[object, object, None]) -> None:
        try:
            await job
        except Exception as error:  # noqa: BLE001 - a defect here must not end the cancels
            self._line.fault(self._line.scrubber.words_of(error))
