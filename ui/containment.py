"""The screen's broad catches: what fails is named, and everything else goes on."""

import contextlib
import logging
import sys
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import TypeAlias

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene

from ui.dialogs.sheet import Sheet
from ui.panels.panel import Panel

log = logging.getLogger(__name__)

Part: TypeAlias = Panel | Sheet

Mishap: TypeAlias = Callable[[Part | None, Exception], None]


@contextlib.contextmanager
def contained(what: str, failed: Callable[[Exception], None]) -> Iterator[None]:
    """Keep the failure of one part of the window from taking the stop button away.

    Parameters
    ----------
    what : str
        Part that is at work, for the log.
    failed : callable
        Told the error; shows it where the part was.
    """
    try:
        yield
    except Exception as error:
        log.exception("%s failed", what)
        failed(error)


@contextlib.contextmanager
def mishaps_shown(mishap: Mishap) -> Iterator[None]:
    """Tell of every error that reaches Qt's border: of slots, timers, paintings, events.

    Qt goes on after them, so the panel would stay on the screen half drawn or half done, and
    paint the same error again thirty times a second.

    Parameters
    ----------
    mishap : callable
        Told the part of the window in which it happened, None where there is none, and the
        error; called from the loop, when nothing is being painted. The same error of the same
        part is told once until it was called.
    """
    before, shown = sys.excepthook, True
    told: set[tuple[int, str]] = set()

    def tell(part: Part | None, error: Exception, key: tuple[int, str]) -> None:
        told.discard(key)
        mishap(part, error)

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not shown or not isinstance(error, Exception):
            before(kind, error, trace)
            return
        part = part_of(trace)
        key = (id(part), f"{kind.__name__}: {error}")
        if key in told:
            return
        told.add(key)
        name = part.accessibleName() if part is not None else "the window"
        log.error("%s failed", name, exc_info=(kind, error, trace))
        QTimer.singleShot(0, lambda: tell(part, error, key))

    sys.excepthook = hook
    try:
        yield
    finally:
        shown = False
        if sys.excepthook is hook:  # else one that takes keys out stands in front, and stays
            sys.excepthook = before


def part_of(trace: TracebackType | None) -> Part | None:
    """Panel or sheet whose code an error came through, the innermost first."""
    frames = []
    while trace is not None:
        frames.append(trace.tb_frame)
        trace = trace.tb_next
    for frame in reversed(frames):
        with contextlib.suppress(RuntimeError):  # of an object that Qt has deleted already
            part = _around(frame.f_locals.get("self"))
            if part is not None:
                return part
    return None


def _around(owner: object) -> Part | None:
    """Panel or sheet that an object is in."""
    if isinstance(owner, QGraphicsItem):
        scene: QGraphicsScene | None = owner.scene()
        views = [] if scene is None else scene.views()
        owner = views[0] if views else None
    while isinstance(owner, QObject):
        if isinstance(owner, Panel | Sheet):
            return owner
        owner = owner.parent()
    return None
