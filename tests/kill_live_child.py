"""One life of a live desk on a local exchange: armed, made to trade, and ended at its label."""

import asyncio
import os
import sys
import time
from asyncio.selector_events import _SelectorSocketTransport  # type: ignore[attr-defined]
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from msgspec import Struct

from terminal.core.fault_points import FaultPoint
from terminal.core.secret import Secret
from terminal.engine.afloat import undone
from terminal.model.account import AccountSnapshot
from terminal.model.hedge import ProposalStatus
from terminal.model.live import LiveAccount, Network
from terminal.model.messages import (
    AdoptVenue,
    Approve,
    ArmLive,
    CancelHedge,
    Event,
    HedgeNow,
    Mode,
    Requote,
    Tick,
)
from terminal.model.order import Fill, OrderStatus
from terminal.portfolio.accounts import unsettled
from terminal.runtime import opening
from terminal.runtime.live import live_data
from terminal.runtime.opening import open_session
from terminal.runtime.runner import Runner
from terminal.runtime.session import Session
from terminal.runtime.settings import LiveData, Settings
from terminal.venues.redaction import Redactor
from tests.kill_child import STRUCK

KEY = {"apiKey": "test-key", "secret": "test-secret"}
NONE = "none"

P = FaultPoint


class Place(Struct, frozen=True):
    """Where a life ends; ``cut`` is the part of the bytes that are sent next which still leaves."""

    point: FaultPoint
    event: type | None = None
    cut: float | None = None
    turn: int = 1


PLACES: Mapping[str, Place] = {
    "before_send": Place(P.BEFORE_REQUEST),
    "mid_send": Place(P.BEFORE_REQUEST, cut=0.5),
    "after_send_no_reply": Place(P.BEFORE_REQUEST, cut=1.0),
    "after_reply_before_commit": Place(P.REPLY_READ),
    "after_ack_commit": Place(P.RECEIVED, Fill),
    "before_cancel": Place(P.BEFORE_CANCEL),
    "after_cancel_no_reply": Place(P.CANCEL_ANSWERED),
    "during_reconcile_ask": Place(P.AFTER_QUESTION, Tick),
    "during_reconcile_answer": Place(P.RECEIVED, AccountSnapshot, turn=2),
    "during_reconcile_compare": Place(P.RECEIVED, Tick, turn=40),
    "during_adoption": Place(P.RECEIVED, AdoptVenue),
    "during_adoption_2": Place(P.STEPPED, AdoptVenue),
}
"""Labelled crash points that need a real venue's ways."""


class Kept:
    """The key of a local exchange."""

    def __init__(self) -> None:
        self.redactor = Redactor()

    def read(self, account: LiveAccount) -> Mapping[str, str]:
        """Key of the only account."""
        del account
        self.redactor.learn(Secret(each) for each in KEY.values())
        return KEY


class Ending:
    """Ends the process where a place says."""

    def __init__(self, place: Place | None) -> None:
        self.place = place
        self.event: Event | None = None
        self._left = place.turn if place else 0

    def strike(self, here: FaultPoint) -> None:
        """End here, or with the next bytes that leave, if this is the place."""
        place = self.place
        if place is None or here is not place.point:
            return
        if place.event is not None and not isinstance(self.event, place.event):
            return
        self._left -= 1
        if self._left > 0:
            return
        if place.cut is None:
            os._exit(STRUCK)
        cut_short(place.cut)


def cut_short(part: float) -> None:
    """Let a part of what is written next leave, and end."""

    def write(transport: Any, data: Any) -> None:
        content = bytes(data)
        transport._sock.send(content[: int(part * len(content))])
        time.sleep(0.1)  # a socket that is closed at once may take its last bytes back
        os._exit(STRUCK)

    _SelectorSocketTransport.write = write


class DeskSession(Session):
    """A session with somebody at it, who arms it, agrees to what it proposes, and adopts."""

    def __init__(self, ending: Ending, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.ending = ending
        self.settled = 0  # beats in a row with nothing left to do

    def process(self, at: int, source: str, event: Event) -> None:
        """Take an event, then do what a person would."""
        before, self.ending.event = self.ending.event, event
        super().process(at, source, event)
        if isinstance(event, Tick) and self.state.desks:
            self._attend()
        self.ending.event = before

    def _attend(self) -> None:
        state = self.state
        if not state.arming.armed:
            self.command(ArmLive("LIVE", tuple(each.address for each in state.arming.accounts)))
        for venue, account in state.accounts.items():
            if any(row.locks for row in account.rows):
                self.command(AdoptVenue(venue, "crash test"))
        for name, desk in state.desks.items():
            flat = desk.net is not None and abs(desk.net) < 0.01
            self.settled = self.settled + 1 if flat and self._calm() else 0
            offer = desk.proposal
            if offer is not None:
                stale = offer.status is ProposalStatus.REQUOTE
                self.command(
                    Requote(offer.proposal_id)
                    if stale
                    else Approve(offer.proposal_id, offer.revision)
                )
            elif desk.hedge is None and not flat:
                self.command(HedgeNow(name))
            elif desk.hedge is not None and self._cancels():
                self.command(CancelHedge(desk.hedge.hedge_id))

    def _calm(self) -> bool:
        """Nothing works, and every account agrees with a statement around which nothing moved.

        What a fill could explain is no difference yet: the next statement tells.
        """
        if undone(self.state):
            return False
        return not any(
            account.rows
            or account.linked_at
            or any(unsettled(account, key) for key in self.state.ledger.positions)
            for account in self.state.accounts.values()
        )

    def _cancels(self) -> bool:
        place = self.ending.place
        cancelling = place is not None and place.point in {P.BEFORE_CANCEL, P.CANCEL_ANSWERED}
        return cancelling and any(
            each.status is OrderStatus.LIVE for each in self.state.orders.values()
        )


def settings(url: str) -> Settings:
    """Live run on a local exchange."""
    account = LiveAccount("deribit", Network.MAIN, "main", url)
    live = live_data(LiveData(underlyings=("BTC",)), account)
    at = time.time_ns()
    return Settings(mode=Mode.LIVE, live=live, accounts=(account,), start_at=at, history_hours=0.0)


async def live(session: DeskSession, enough: Callable[[], bool]) -> None:
    """Run until there is nothing left to do."""
    runner = Runner(session, 1.0)
    async with asyncio.TaskGroup() as group:
        group.create_task(runner.run())
        while not enough():  # noqa: ASYNC110 - a session says nothing of this
            await asyncio.sleep(0.05)
        runner.stop()


def main(argv: Sequence[str]) -> int:
    """Live one life: URL, data directory, name of the place."""
    url, directory, name = argv
    ending = Ending(None if name == NONE else PLACES[name])
    with patch.object(opening, "Session", partial(DeskSession, ending)):
        session = open_session(settings(url), Path(directory), keys=Kept(), strike=ending.strike)
    assert isinstance(session, DeskSession)
    try:
        # A life that has a place to die at goes on until it is there.
        asyncio.run(live(session, lambda: session.settled > 20 and ending.place is None))
    finally:
        session.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
