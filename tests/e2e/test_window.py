"""A person's first minute, in a real window: a proposal appears, one click, delta is back."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

needs_screen = pytest.mark.skipif(
    shutil.which("Xvfb") is None or shutil.which("xdotool") is None,
    reason="needs Xvfb and xdotool: packaging/start.py test installs them where it may",
)


@pytest.fixture
def display() -> Iterator[str]:
    """A virtual screen of its own."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1920x1080x24", "-nolisten", "tcp"],
        pass_fds=(writing,),
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as pipe:
        number = pipe.readline().strip()
    try:
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(10)


@contextlib.contextmanager
def window(display: str, data: Path) -> Iterator[subprocess.Popen[str]]:
    """The application on that screen, with a data directory of its own."""
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "QT_API": "pyside6"}
    command = [sys.executable, "-m", "tests.e2e.window_driver", "--data", str(data)]
    child = subprocess.Popen(
        [*command, "--size", "1600x900", "--speed", "2"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
            child.wait(10)
        for pipe in (child.stdout, child.stderr):
            if pipe is not None:
                pipe.close()


def told(child: subprocess.Popen[str], seconds: float) -> Iterator[dict[str, Any]]:
    """What the application tells, for at most so long."""
    deadline = time.monotonic() + seconds
    assert child.stdout is not None
    for line in child.stdout:
        yield json.loads(line)
        if time.monotonic() > deadline:
            return


@needs_screen
@pytest.mark.timeout(120)
def test_one_click_brings_delta_back_inside_the_band(display: str, tmp_path: Path) -> None:
    with window(display, tmp_path) as child:
        proposal = next(each for each in told(child, 60) if each["event"] == "proposal")
        subprocess.run(
            ["xdotool", "mousemove", str(proposal["x"]), str(proposal["y"]), "click", "1"],
            env={**os.environ, "DISPLAY": display},
            check=True,
        )
        seen = [each for each in _until_back(child) if each["event"] == "delta"]
        assert seen[-1]["inside"], seen[-1]
        assert seen[-1]["fills"] >= 1
        child.send_signal(signal.SIGTERM)
        last = [each for each in told(child, 20) if each["event"] == "left"]
        assert last == [{"event": "left", "code": 0}]
        assert child.wait(10) == 0
        assert child.stderr is not None
        assert child.stderr.read() == ""


def _until_back(child: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    for each in told(child, 60):
        yield each
        if each["event"] == "delta" and each["inside"] and each["fills"] and not each["working"]:
            return
