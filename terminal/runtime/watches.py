"""What the machine is looked at for now and then, told to the engine as records."""

import shutil
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Thread
from typing import Final, Protocol

from terminal.model.facts import DiskSpace, KeyChecked
from terminal.model.messages import (
    Event,
)

DISK_EVERY_S: Final = 60.0
KEY_FIRST_S: Final = 20.0
"""The account of a run connects first; its key is looked at when that is through."""

KEY_EVERY_S: Final = 86_400.0
KEY_RETRY_S: Final = 900.0


class Watch(Protocol):
    """Something that is looked at; asked often, answers rarely and never waits."""

    def told(self) -> tuple[Event, ...]:
        """Records that have come up since the last question."""
        ...


def told(watches: Iterable[Watch]) -> tuple[Event, ...]:
    """Everything that has come up."""
    return tuple([each for watch in watches for each in watch.told()])


class DiskWatch:
    """Room on the drive of a folder, once a minute.

    Parameters
    ----------
    folder : Path
    clock : callable, optional
        Seconds that only grow.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._due = clock() + DISK_EVERY_S

    def told(self) -> tuple[Event, ...]:
        """Room at this moment, when a minute has passed; nothing where it cannot be read."""
        now = self._clock()
        if now < self._due:
            return ()
        self._due = now + DISK_EVERY_S
        try:
            return (DiskSpace(shutil.disk_usage(self._folder).free),)
        except OSError:  # a drive that has gone fails the journal, which is told by itself
            return ()


class KeyWatch:
    """The key of a live run, asked about once a day in a thread of its own.

    Parameters
    ----------
    check : callable
        Asks the venue and blocks meanwhile; None where it could not be asked.
    clock : callable, optional
        Seconds that only grow.
    """

    def __init__(
        self,
        check: Callable[[], KeyChecked | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._check = check
        self._clock = clock
        self._due = clock() + KEY_FIRST_S
        self._answers: deque[KeyChecked | None] = deque()

    def told(self) -> tuple[Event, ...]:
        """What has been answered; begins to ask when a day, or after a failure less, has passed."""
        now = self._clock()
        if now >= self._due:
            self._due = now + KEY_EVERY_S
            Thread(target=self._ask, name="key-watch", daemon=True).start()
        found: list[Event] = []
        while self._answers:
            answer = self._answers.popleft()
            if answer is None:
                self._due = min(self._due, now + KEY_RETRY_S)
            else:
                found.append(answer)
        return tuple(found)

    def _ask(self) -> None:
        self._answers.append(self._check())
