"""The virtual environment in .venv and the locked packages inside it."""

import hashlib
import importlib
import importlib.util
import subprocess
import sys
from pathlib import Path

import system
import versions

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
RUN_LOCK = ROOT / "packaging" / "requirements.lock"
TEST_LOCK = ROOT / "packaging" / "requirements-dev.lock"   # everything in RUN_LOCK, and more

_PROBE = "import pip, sys; print(*sys.version_info[:2])"


class InstallProblem(Exception):
    """The packages could not be installed; the message says what to try."""


def interpreter(venv: Path) -> Path:
    """Return the path of an environment's own Python."""
    return venv / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def usable(venv: Path) -> bool:
    """Whether the environment starts, has pip and is of a supported version.

    False for one whose creation was interrupted and for one whose Python has since been removed.
    """
    python = interpreter(venv)
    if not python.exists():
        return False
    done = subprocess.run(
        [str(python), "-c", _PROBE], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        return False
    major, minor = map(int, done.stdout.split())
    return versions.version_problem((major, minor)) is None


def lock_stamp(lock: Path) -> str:
    """Return what identifies the content of a lock file."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def stamp_file(venv: Path, lock: Path) -> Path:
    """Return where an environment remembers that it holds the packages of a lock file."""
    return venv / f"{lock.stem}.installed"


def installed(venv: Path, lock: Path) -> bool:
    """Whether the environment already holds exactly this lock's packages."""
    stamp = stamp_file(venv, lock)
    return stamp.exists() and stamp.read_text(encoding="ascii") == lock_stamp(lock)


def create(venv: Path) -> None:
    """Make an empty environment, replacing an unusable one.

    Raises
    ------
    system.SystemProblem
        Debian keeps ensurepip in a package of its own and it cannot be installed from here.
    InstallProblem
        The environment could not be created.
    """
    if importlib.util.find_spec("ensurepip") is None:
        system.install([f"python{sys.version_info.major}.{sys.version_info.minor}-venv"])
        importlib.invalidate_caches()
    print(f"Creating {venv.name} ...", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(venv)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise InstallProblem(f"Could not create {venv}:\n{(done.stdout + done.stderr).strip()}")


def prepare(venv: Path, lock: Path) -> Path:
    """Make the environment hold a lock's packages; return its Python.

    The stamp that says so is written last, so an interrupted run is simply repeated.

    Raises
    ------
    system.SystemProblem, InstallProblem
        The machine or the network stands in the way; the message says what to do.
    """
    if not usable(venv):
        create(venv)
    python = interpreter(venv)
    if installed(venv, lock):
        return python
    print("Installing Python packages (about a minute, only when they change) ...", flush=True)
    options = ["--quiet", "--no-input", "--disable-pip-version-check"]
    pinned = ["--require-hashes", "--only-binary", ":all:", "-r", str(lock)]
    done = subprocess.run([str(python), "-m", "pip", "install", *options, *pinned], check=False)
    if done.returncode != 0:
        raise InstallProblem(
            "The packages could not be installed (pip's message is above). "
            "Check the network connection and start again."
        )
    covered = {lock, RUN_LOCK} if lock == TEST_LOCK else {lock}
    for each in covered:
        stamp_file(venv, each).write_text(lock_stamp(each), encoding="ascii")
    return python
