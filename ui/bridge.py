"""Frames up, commands down: the only thing between the engine and the window."""

import time
from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from terminal.model.advice import AskAdvice, SwitchAdvice
from terminal.model.frame import Frame
from terminal.model.messages import Command
from terminal.model.preview import Draft
from terminal.model.shadow import AddShadow, DropShadow
from terminal.model.smile import SmileAt
from terminal.model.what_if import WhatIf

Question: TypeAlias = WhatIf | Draft | SmileAt | AskAdvice | SwitchAdvice | AddShadow | DropShadow
"""What changes nothing of the engine."""

PERIOD_MS = 100


class Bridge(QObject):
    """Samples the newest frame ten times a second; the market may tick as fast as it likes.

    Parameters
    ----------
    latest : callable
        Newest frame, or None before the first.
    send : callable
        Takes a command or a question; outcomes come back in frames only.
    """

    frame = Signal(object)

    def __init__(
        self,
        latest: Callable[[], Frame | None],
        send: Callable[[Command | Question], None],
    ) -> None:
        super().__init__()
        self._latest = latest
        self._send = send
        self._shown: Frame | None = None
        self._times: deque[float] = deque(maxlen=30)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(PERIOD_MS)
        self._timer.timeout.connect(self.sample)

    def start(self) -> None:
        """Begin to sample."""
        self._timer.start()

    def stop(self) -> None:
        """Stop sampling, before the window closes."""
        self._timer.stop()

    def sample(self) -> None:
        """Pass on the newest frame if it has not been shown."""
        newest = self._latest()
        if newest is None or newest is self._shown:
            return
        self._shown = newest
        self._times.append(time.perf_counter())
        self.frame.emit(newest)

    def send(self, command: Command | Question) -> None:
        """Pass a panel's command to the engine."""
        self._send(command)

    @property
    def rate(self) -> float:
        """Frames shown per second, of the last thirty."""
        if len(self._times) < 2:
            return 0.0
        return (len(self._times) - 1) / max(self._times[-1] - self._times[0], 1e-9)
