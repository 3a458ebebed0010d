"""Programs that the window has run beside the desk: verbs, in processes of their own."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment

ROOT = Path(__file__).resolve().parents[1]
"""Where the program's packages are: a child has to find them too."""

END_MS = 2000
"""Longest wait for a child that is ended with the window."""


def child_of(parent: QObject) -> QProcess:
    """Make a process that finds the program's packages; ``begin`` starts it."""
    child = QProcess(parent)
    surroundings = QProcessEnvironment.systemEnvironment()
    known = surroundings.value("PYTHONPATH")
    surroundings.insert("PYTHONPATH", f"{ROOT}{os.pathsep}{known}" if known else str(ROOT))
    child.setProcessEnvironment(surroundings)
    return child


def begin(child: QProcess, arguments: Sequence[str], python: str = sys.executable) -> None:
    """Start Python in a child, behind the desk where the system knows of before and behind."""
    nice = shutil.which("nice")
    command = [*((nice, "-n", "10") if nice else ()), python, *arguments]
    child.start(command[0], command[1:])


def end(child: QProcess | None) -> None:
    """End a child now, and wait until it has."""
    if child is not None:
        child.kill()
        child.waitForFinished(END_MS)
