"""Frames of live runs, for the tests of what is shown only there."""

from typing import Any

from terminal.core.units import DAY
from terminal.model.frame import Frame
from terminal.model.live import LiveAccount, LiveRow, LiveView, Network
from terminal.model.messages import Mode
from tests.ui.queue_frames import NO_STOP, NOW, frame

ACCOUNT = LiveAccount("deribit", Network.MAIN, "main")
GATEWAY = LiveAccount("okx", Network.TEST, "lab", "http://127.0.0.1:8080")


def row(account: LiveAccount = ACCOUNT, **more: Any) -> LiveRow:
    """An account in its first days."""
    since = NOW - DAY
    plain: dict[str, Any] = {"since": since, "full_at": since + 7 * DAY, "factor": 0.25}
    return LiveRow(account=account, **{"lifted": "", **plain, **more})


def live_frame(*rows: LiveRow, armed: bool = True, **more: Any) -> Frame:
    """A frame of a live run."""
    view = LiveView(armed, rows or (row(),))
    return frame(mode=Mode.LIVE, live=view, stop=NO_STOP, **more)
