"""What a test must not leave behind: threads, tasks, timers and windows."""

import asyncio
import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

Item = TypeVar("Item")

_GRACE_S = 2.0  # what is already on its way out may take this long


def pending_tasks(loop: asyncio.AbstractEventLoop) -> list[str]:
    """Describe the tasks of an idle loop that have not finished."""
    return sorted(repr(task.get_coro()) for task in asyncio.all_tasks(loop))


@contextmanager
def no_new_threads() -> Iterator[None]:
    """Fail if threads started inside are still alive a moment after the end."""
    before = set(threading.enumerate())
    yield
    # A loop's own worker threads end when pytest closes the loop, which is after this. Threads
    # of Qt that once asked for their name stay in the list for ever, as dummies.
    left = [
        thread
        for thread in threading.enumerate()
        if thread not in before and not thread.name.startswith(("asyncio_", "Dummy-"))
    ]
    for thread in left:
        thread.join(_GRACE_S)
    alive = [thread.name for thread in left if thread.is_alive()]
    if alive:
        raise AssertionError(f"threads left running: {', '.join(alive)}")


def _active_timers() -> set[QTimer]:
    found = (each for each in gc.get_objects() if issubclass(type(each), QTimer))
    return {timer for timer in found if isValid(timer) and timer.isActive()}


def _windows() -> set[QWidget]:
    return {widget for widget in QApplication.topLevelWidgets() if isValid(widget)}


def _settle() -> None:
    """Let Qt carry out the deletions it has been asked for."""
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QCoreApplication.processEvents()


def _left(find: Callable[[], set[Item]], before: set[Item]) -> set[Item]:
    left = find() - before
    if left:
        _settle()
        left = find() - before
    return left


@contextmanager
def collected_here() -> Iterator[None]:
    """Collect garbage at the end and in this thread, as the program does.

    A worker thread that collects would free widgets in it: Qt cannot take their timers back there,
    and the next one that runs out ends the process.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.collect(1)  # what a test makes does not grow old where nothing collects meanwhile
        gc.enable()


@contextmanager
def no_new_qt_objects() -> Iterator[None]:
    """Fail if windows or running timers made inside outlive it; needs a QApplication."""
    windows, timers = _windows(), _active_timers()
    yield
    left = [
        *(f"window {type(each).__name__}" for each in _left(_windows, windows)),
        *(f"timer of {each.parent()!r}" for each in _left(_active_timers, timers)),
    ]
    if left:
        raise AssertionError(f"left behind: {'; '.join(sorted(left))}")
