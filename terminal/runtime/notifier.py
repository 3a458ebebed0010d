"""Tells dispatches by the channels beyond this machine, in a thread that nothing waits for."""

import logging
import queue
import threading
from collections import deque
from collections.abc import Mapping

from terminal.model.alert import Channel
from terminal.model.messages import Dispatched, Notify
from terminal.runtime.posts import Post, PostError

log = logging.getLogger(__name__)

TRIES = 3
PAUSE_S = 2.0
WAITING = 20
"""Dispatches that may wait for their turn; more are dropped, and said to be."""

CLOSE_S = 1.0

Job = tuple[Notify, Channel, Post]


class Notifier:
    """Hands dispatches to posts, one at a time, and keeps what became of them.

    Parameters
    ----------
    posts : mapping, optional
        What is set up, by channel. The thread starts with the first dispatch for one of them.
    pause_s : float
        Wait before a second try, doubled before a third.
    """

    def __init__(
        self, posts: Mapping[Channel, Post] | None = None, *, pause_s: float = PAUSE_S
    ) -> None:
        self._posts = dict(posts or {})
        self._pause_s = pause_s
        self._jobs: queue.Queue[Job | None] = queue.Queue(WAITING)
        self._answers: deque[Dispatched] = deque()
        self._leaving = threading.Event()
        self._thread: threading.Thread | None = None

    def send(self, notify: Notify) -> None:
        """Take a dispatch; never waits."""
        for channel in notify.dispatch.channels:
            post = self._posts.get(channel)
            if post is None:
                continue  # of the window, which answers for itself
            try:
                self._jobs.put_nowait((notify, channel, post))
            except queue.Full:
                self._answer(notify, channel, "dropped: too many wait already", ok=False)
                continue
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="alerts", daemon=True)
                self._thread.start()

    def answers(self) -> list[Dispatched]:
        """What became of dispatches since the last time."""
        found = []
        while self._answers:
            found.append(self._answers.popleft())
        return found

    def close(self) -> None:
        """Stop; what is being sent may still take its time, but nobody waits for long."""
        self._leaving.set()
        if self._thread is not None:
            try:
                self._jobs.put_nowait(None)
            except queue.Full:
                log.debug("alerts left unsent at the end")
            self._thread.join(CLOSE_S)

    def _work(self) -> None:
        while not self._leaving.is_set():
            job = self._jobs.get()
            if job is not None:
                self._tell(*job)

    def _tell(self, notify: Notify, channel: Channel, post: Post) -> None:
        pause = self._pause_s
        for attempt in range(1, TRIES + 1):
            try:
                said = post.send(notify)
            except PostError as error:
                log.info("alert not sent", extra={"channel": channel.value, "why": str(error)})
                if attempt < TRIES and error.again and not self._leaving.wait(pause):
                    pause *= 2.0
                    continue
                self._answer(notify, channel, f"{error}, tries: {attempt}", ok=False)
                return
            self._answer(notify, channel, said, ok=True)
            return

    def _answer(self, notify: Notify, channel: Channel, detail: str, *, ok: bool) -> None:
        self._answers.append(Dispatched(notify.dispatch.number, channel, ok, detail))
