"""A Python for libraries that do not fit ours: made once in the user's cache, found again later."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

INSTALL_SECONDS = 900


class Unavailable(Exception):
    """The environment could not be made, or its process died; the message says why."""


def python_with(pins: Sequence[str]) -> Path:
    """Python of an environment with these requirements and what they need.

    Raises
    ------
    Unavailable
        It cannot be made here: no `venv`, no network, no wheels for this Python.
    """
    series = f"{sys.version_info.major}.{sys.version_info.minor}"
    mark = hashlib.sha256("\n".join((series, *pins)).encode()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = cache / "gammadesk-bench" / mark
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ready = home / "ready"
    if not ready.exists():
        sys.stdout.write(f"installing {', '.join(pins)} into {home}\n")
        sys.stdout.flush()
        home.parent.mkdir(parents=True, exist_ok=True)
        _run(sys.executable, "-m", "venv", "--clear", str(home))
        _run(str(python), "-m", "pip", "install", "--quiet", "--only-binary=numpy,scipy", *pins)
        ready.touch()
    return python


def _run(*command: str) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"cannot be installed: {error}") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["no message"]
        wrong = [line for line in said if line.startswith("ERROR")] or said
        raise Unavailable(f"cannot be installed: {wrong[-1][:160]}")
