"""System libraries and programs outside pip's reach: what is missing, and how to get it."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


class SystemProblem(Exception):
    """Something only the owner of the machine can change; the message says how."""


@dataclass(frozen=True, slots=True)
class Need:
    """A shared library or program, and the Debian package that brings it."""

    name: str
    package: str


# Needed to import Qt and to draw without a display.
QT_LIBRARIES = (
    Need("libglib-2.0.so.0", "libglib2.0-0"),
    Need("libGL.so.1", "libgl1"),
    Need("libEGL.so.1", "libegl1"),
    Need("libxkbcommon.so.0", "libxkbcommon0"),
    Need("libfontconfig.so.1", "libfontconfig1"),
    Need("libdbus-1.so.3", "libdbus-1-3"),
    Need("libX11.so.6", "libx11-6"),
)

# Needed on top by Qt's X11 platform; Qt aborts without a readable message when one is missing.
DISPLAY_LIBRARIES = (
    Need("libxcb-cursor.so.0", "libxcb-cursor0"),
    Need("libxcb-icccm.so.4", "libxcb-icccm4"),
    Need("libxcb-keysyms.so.1", "libxcb-keysyms1"),
    Need("libxcb-shape.so.0", "libxcb-shape0"),
    Need("libxcb-xkb.so.1", "libxcb-xkb1"),
    Need("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
)

# Tests that drive a real window start their own X server; they skip where these are missing.
TEST_PROGRAMS = (
    Need("Xvfb", "xvfb"),
    Need("xauth", "xauth"),
    Need("xdotool", "xdotool"),
    Need("openbox", "openbox"),
)

# Tests of the keychain run a Secret Service of their own; they skip where these are missing.
KEYCHAIN_PROGRAMS = (
    Need("dbus-daemon", "dbus-daemon"),
    Need("gnome-keyring-daemon", "gnome-keyring"),
)


def can_load(library: str) -> bool:
    """Whether the dynamic loader finds and accepts the library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_program(program: str) -> bool:
    """Whether the program is on the search path."""
    return shutil.which(program) is not None


def missing(needs: Iterable[Need], present: Callable[[str], bool]) -> list[Need]:
    """Return the needs that are not there, in their given order."""
    return [need for need in needs if not present(need.name)]


def apt_command(packages: Sequence[str]) -> list[str]:
    """Return the command that installs Debian packages and nothing beyond them."""
    return ["apt-get", "install", "-y", "--no-install-recommends", *packages]


def may_install() -> bool:
    """Whether this process may install Debian packages without asking anybody."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return is_root and Path("/etc/debian_version").exists() and has_program("apt-get")


def remedy(packages: Sequence[str]) -> str:
    """One line a person can paste, for the system it was printed on."""
    if has_program("apt-get"):
        return "sudo " + " ".join(apt_command(packages))
    return f"install your distribution's counterparts of the packages {' '.join(packages)}"


def install(packages: Sequence[str]) -> None:
    """Install Debian packages.

    Raises
    ------
    SystemProblem
        This process may not install packages, or apt failed; the message holds the command
        that would do it.
    """
    if not may_install():
        raise SystemProblem(f"Run this first, then start again:\n  {remedy(packages)}")
    print(f"Installing system packages: {' '.join(packages)} ...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # Without a network the update fails, yet a cached package may still install: the second counts.
    for command in (["apt-get", "update"], apt_command(packages)):
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False
        )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no message"]
        raise SystemProblem(f"apt-get failed: {lines[-1]}\nTry it by hand:\n  {remedy(packages)}")


def require(needs: Iterable[Need], *, purpose: str) -> None:
    """Make shared libraries available, or explain what is missing.

    Raises
    ------
    SystemProblem
        A library is missing and could not be installed from here.
    """
    absent = missing(needs, can_load)
    if not absent:
        return
    names = ", ".join(need.name for need in absent)
    print(f"Missing for {purpose}: {names}", flush=True)
    install([need.package for need in absent])
    still = missing(absent, can_load)
    if still:
        names = ", ".join(need.name for need in still)
        raise SystemProblem(f"Still missing after the installation: {names}")


def offer_for_tests() -> None:
    """Install what tests on a real display and keychain use, or say which will be skipped."""
    display = [*missing(DISPLAY_LIBRARIES, can_load), *missing(TEST_PROGRAMS, has_program)]
    keychain = missing(KEYCHAIN_PROGRAMS, has_program)
    if not display and not keychain:
        return
    try:
        install([need.package for need in (*display, *keychain)])
    except SystemProblem as problem:
        for purpose, absent in (("on a real display", display), ("of the keychain", keychain)):
            if absent:
                names = ", ".join(need.name for need in absent)
                print(f"Tests {purpose} will be skipped without {names}.", flush=True)
        print(problem, flush=True)
