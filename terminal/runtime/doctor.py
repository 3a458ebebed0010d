"""The doctor verb: whether this machine is fit to run the terminal."""

import ctypes.util
import os
import platform
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from terminal.core.commandline import Parser
from terminal.core.errors import TerminalError
from terminal.runtime.console import show
from terminal.runtime.profiles import presets
from terminal.runtime.settings import default_data_dir
from terminal.venues.keychain import find

QT_LIBRARIES = ("glib-2.0", "GL", "EGL", "xkbcommon", "fontconfig", "dbus-1")
LOW_DISK = 500 << 20


class Finding(Struct, frozen=True):
    """One check: its name, whether it is in order, and what was found."""

    check: str
    ok: bool
    found: str


def doctor(argv: Sequence[str]) -> int:
    """Check Python, Qt's libraries, the keychain, the clock, the disk and the profiles."""
    parser = Parser(prog="python -m terminal doctor", description=doctor.__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--data", type=Path, default=None, help="data directory to check")
    given = parser.parse_args(argv)
    findings = [
        _python(),
        _qt(),
        _keychain(),
        _clock(),
        _disk(given.data or default_data_dir()),
        _profiles(),
    ]
    text = "\n".join(f"{'ok  ' if f.ok else 'LOOK'}  {f.check:<10} {f.found}" for f in findings)
    show({"checks": findings}, text, as_json=given.json)
    return 0


def _python() -> Finding:
    fit = (3, 11) <= sys.version_info[:2] < (3, 14)
    return Finding("python", fit, platform.python_version())


def _qt() -> Finding:
    if sys.platform != "linux":
        return Finding("qt", ok=True, found="comes with its libraries on this system")
    missing = [name for name in QT_LIBRARIES if ctypes.util.find_library(name) is None]
    found = f"missing: {', '.join(missing)}" if missing else "system libraries are there"
    return Finding("qt", not missing, found)


def _keychain() -> Finding:
    keeping = find(os.environ).keeping
    if keeping.name:
        return Finding("keychain", ok=True, found=f"{keeping.name}: allowed, keys are kept there")
    return Finding("keychain", ok=False, found=f"keys stay in memory only: {keeping.why}")


def _clock() -> Finding:
    resolution = time.get_clock_info("monotonic").resolution
    year = time.gmtime().tm_year
    sane = resolution <= 1e-3 and 2024 <= year <= 2100
    stamp = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
    return Finding("clock", sane, f"{stamp}, steps of {resolution:.0e} s")


def _disk(directory: Path) -> Finding:
    here = directory
    while not here.exists() and here != here.parent:
        here = here.parent
    free = shutil.disk_usage(here).free
    return Finding("disk", free > LOW_DISK, f"{free / (1 << 30):.1f} GB free for {directory}")


def _profiles() -> Finding:
    try:
        names = ", ".join(presets())
    except TerminalError as error:
        return Finding("profiles", ok=False, found=str(error))
    return Finding("profiles", ok=True, found=names)
