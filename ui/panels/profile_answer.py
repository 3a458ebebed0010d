"""What the engine says to a profile that was sent: its word comes back in the log only."""

from collections.abc import Sequence

from terminal.model.frame import LogLine
from ui.panels.log import new_lines

TOPIC = "PROFILE"


class ProfileAnswer:
    """Waits for the answer to one profile at a time."""

    def __init__(self) -> None:
        self._seen: Sequence[LogLine] = ()
        self._waiting = False

    def ask(self) -> None:
        """A profile was sent: the next word about profiles is its answer."""
        self._waiting = True

    def take(self, log: Sequence[LogLine]) -> str | None:
        """Look at the log of a frame.

        Parameters
        ----------
        log : sequence of LogLine
            Oldest first, as frames carry it.

        Returns
        -------
        str or None
            Why the profile was refused, "" if it was accepted, None while nothing was said.
        """
        if log is self._seen:
            return None
        fresh = new_lines(self._seen, log)
        self._seen = log
        said = [line for line in fresh if line.topic == TOPIC]
        if not self._waiting or not said:
            return None
        self._waiting = False
        return "" if said[0].level == "info" else said[0].text
