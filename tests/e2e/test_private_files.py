"""Everything a run makes, temporary files included, is its user's alone under a lax shell."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.helpers.rights import open_to_others

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="rights are the folder's there")

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Everything that a program may write to, with nothing in it."""
    for name in ("tmp", "files"):
        (tmp_path / name).mkdir(mode=0o700)
    return tmp_path


@contextlib.contextmanager
def started(home: Path, *words: object) -> Iterator[subprocess.Popen[str]]:
    """A program in that home."""
    variables = {
        **os.environ,
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_DATA_HOME": str(home / "share"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    child = subprocess.Popen(
        [sys.executable, *map(str, words)],
        cwd=ROOT,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        umask=0,  # the most careless shell there is
    )
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def walked(home: Path, true: Callable[[], bool]) -> set[str]:
    """Look at everything again and again until something is true."""
    found: set[str] = set()
    limit = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < limit, "it never came"
        found |= open_to_others(home)
        time.sleep(0.02)
    return found | open_to_others(home)


def ran(home: Path, *words: object) -> set[str]:
    """Run a verb to its end; return what was ever open to others."""
    with started(home, "-m", "terminal", *words) as child:
        found = walked(home, lambda: child.poll() is not None)
        assert child.returncode == 0, child.communicate()
    return found


def test_a_run_without_a_window(home: Path) -> None:
    files = home / "files"
    journal, tape = files / "journal", files / "run.tape"
    run = ("run", "--for", "3m", "--speed", "max", "--autonomy", "auto", "--data", journal)
    assert ran(home, *run, "--record", tape) == set()
    assert ran(home, "tape", "from-journal", journal, files / "lived.tape") == set()
    made = {each.name for each in files.rglob("*")}
    assert {"journal", "journal-decisions", "lived.tape", "journal.lock"} <= made, made
    assert any(name.startswith("run") and name.endswith(".tape") for name in made), made
    assert any(name.endswith(".jsonl") for name in made), made


def test_a_window(home: Path) -> None:
    data = home / "share" / "gammadesk"
    with started(home, "-m", "ui.app", "--speed", "20", "--engine", "numpy") as child:
        found = walked(home, lambda: any(data.rglob("*.seg")) and any(data.rglob("*.jsonl")))
        child.send_signal(signal.SIGTERM)
        found |= walked(home, lambda: child.poll() is not None)
        assert child.returncode == 0, child.communicate()
    assert found == set()
    made = {each.name for each in home.rglob("*")}
    assert {"sim", "window.ini"} <= made, made


def test_a_picture(home: Path) -> None:
    picture = home / "files" / "picture.png"
    words = ("-m", "ui.app", "--engine", "numpy", "--screenshot", picture, "--after", "1s")
    with started(home, *words) as child:
        assert walked(home, lambda: child.poll() is not None) == set()
        assert child.returncode == 0, child.communicate()
    assert picture.exists()
