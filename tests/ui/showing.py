"""Frames as a test waits for them."""

from PySide6.QtTest import QSignalSpy

from terminal.model.frame import Frame
from ui.window import Window


def show(window: Window, frame: Frame) -> None:
    """Show a frame and wait until every panel has it."""
    reached = QSignalSpy(window.drawn)
    window.show_frame(frame)
    assert reached.wait(5000)
