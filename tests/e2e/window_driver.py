"""The real application, telling on standard output where to click and what came of it.

Started by ``test_window.py`` on a virtual screen; the clicks come from outside, through the
screen, as a person's would.
"""

import asyncio
import json
import sys

import qasync
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QPushButton

from terminal.model.frame import Frame
from ui.app import Application
from ui.options import read_options

PERIOD_S = 0.1


def tell(**what: object) -> None:
    """Print one line for the test."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def place_of(button: QPushButton) -> tuple[int, int]:
    """Middle of a button on the screen."""
    middle = button.mapToGlobal(QPoint(button.width() // 2, button.height() // 2))
    return middle.x(), middle.y()


def approve_button(application: Application) -> QPushButton | None:
    """Approve button of the first card, once it may be clicked."""
    for button in application.window.findChildren(QPushButton):
        named = button.accessibleName().startswith("Approve: ")
        if named and button.isVisible() and button.isEnabled() and button.text() == "Approve":
            return button
    return None


async def watch(application: Application) -> None:
    """Report the first proposal and the delta of its underlying after that."""
    underlying = ""
    while True:
        await asyncio.sleep(PERIOD_S)
        frame: Frame | None = application.runner.latest if application.runner else None
        if frame is None:
            continue
        button = approve_button(application)
        if not underlying and frame.proposals and button is not None:
            underlying = frame.proposals[0].underlying
            x, y = place_of(button)
            tell(event="proposal", underlying=underlying, x=x, y=y)
        for desk in frame.desks:
            if desk.underlying == underlying and desk.target is not None:
                net = desk.net_delta
                inside = net is not None and desk.target.low <= net <= desk.target.high
                working = any(order.working for order in frame.orders)
                tell(event="delta", net=net, inside=inside, fills=len(frame.fills), working=working)


async def amain(app: QApplication) -> int:
    """Run the application with the watcher beside it."""
    application = Application(read_options(sys.argv[1:]), app)
    watcher = asyncio.ensure_future(watch(application))
    code = await application.run()
    watcher.cancel()
    tell(event="left", code=code)
    return code


if __name__ == "__main__":
    window_app = QApplication(sys.argv[:1])
    window_app.setQuitOnLastWindowClosed(False)
    sys.exit(qasync.run(amain(window_app)))
