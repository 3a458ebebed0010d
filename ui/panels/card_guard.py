"""When the buttons of a card may be pressed: not at once, and not twice."""

from collections.abc import Callable
from enum import Enum

from terminal.core.units import SECOND

ARMING_MS = 500
"""What has just changed cannot be pressed for this long: the hand is slower than the screen."""

ANSWER_NS = 2 * SECOND
"""Market time after which a click that nothing came of may be made again."""


class Rest(Enum):
    """Why buttons rest, in the words of a screen reader."""

    READY = ""
    SETTLING = "Just changed: buttons work in half a second"
    ASKED = "Asked: waiting for the answer"


class ClickGuard:
    """Keeps track of what is shown, since when, and of a click that has not been answered.

    Parameters
    ----------
    elapsed : callable
        Monotonic milliseconds.
    """

    def __init__(self, elapsed: Callable[[], int]) -> None:
        self._elapsed = elapsed
        self._content: object = None
        self._place: object = None
        self._since: int | None = None
        self._seen = (0, 0)
        self._asked: tuple[int, int] | None = None

    def show(self, content: object, place: object, seq: int, now: int) -> Rest:
        """Take note of a frame.

        Parameters
        ----------
        content : object
            What a click would act on; compared by value.
        place : object
            Where the buttons are; a button that moves under the hand settles first as well.
        seq, now : int
            Number and time (UTC nanoseconds) of the frame.
        """
        changed = self._since is None or content != self._content
        if changed or place != self._place:
            self._since = self._elapsed()
        self._content, self._place, self._seen = content, place, (seq, now)
        if self._asked is not None:
            asked_seq, asked_now = self._asked
            if (changed and seq > asked_seq) or abs(now - asked_now) >= ANSWER_NS:
                self._asked = None
        return self.rest()

    def rest(self) -> Rest:
        """Whether buttons may be pressed now."""
        if self._asked is not None:
            return Rest.ASKED
        settled = self._since is not None and self._elapsed() - self._since >= ARMING_MS
        return Rest.READY if settled else Rest.SETTLING

    def ask(self) -> None:
        """Take note of a click on the frame that is shown."""
        self._asked = self._seen
