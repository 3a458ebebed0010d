"""The whole application as tests drive it."""

import asyncio
import time
from collections.abc import Callable

from terminal.model.frame import Frame
from terminal.model.messages import Approve, Disturb, DisturbanceKind
from ui.app import Application
from ui.dialogs.closing import ClosingDialog

PATIENCE_S = 60.0
"""Longest wait for anything: a busy machine takes its time to start a window."""


class Desktop:
    """An application that runs, and what a test does with it."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.task = asyncio.ensure_future(application.run())

    @property
    def frame(self) -> Frame:
        runner = self.application.runner
        assert runner is not None
        return runner.session.frame(runner.machine())

    def send(self, command: object) -> None:
        self.application.window.command.emit(command)

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for what must come."""
        deadline = time.monotonic() + PATIENCE_S
        while not true():
            assert time.monotonic() < deadline, "it never came"
            if self.task.done():
                self.task.result()
            await asyncio.sleep(0.01)

    async def started(self) -> None:
        """Wait for the first whole picture."""
        await self.until(lambda: self.application.window._frame is not None)

    async def put_an_order_to_work(self) -> None:
        """Approve a hedge while market time is held, so that its order stays at work."""
        self.send(Disturb(DisturbanceKind.JUMP, "BTC", 0.05, 0.0))
        await self.until(lambda: bool(self.frame.proposals))
        runner = self.application.runner
        assert runner is not None
        runner.pause(paused=True)
        offer = self.frame.proposals[0]
        self.send(Approve(offer.proposal_id, offer.revision))
        assert self.working()

    def working(self) -> bool:
        return any(order.working for order in self.frame.orders)

    def sheet(self) -> ClosingDialog:
        [found] = [
            each for each in self.application.window.findChildren(ClosingDialog) if each.isVisible()
        ]
        return found


Launch = Callable[..., Desktop]
