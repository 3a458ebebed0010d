"""A Secret Service of one's own: a session bus and a GNOME keyring that a test starts and ends."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

PROGRAMS = ("dbus-daemon", "gnome-keyring-daemon")
PASSWORD = "a-test-password"
READY = "GNOME_KEYRING_CONTROL"


def missing_programs() -> str:
    """Names of the programs that are not here; empty when all are."""
    return ", ".join(name for name in PROGRAMS if shutil.which(name) is None)


@contextlib.contextmanager
def secret_service(home: Path, password: str = PASSWORD) -> Iterator[Mapping[str, str]]:
    """Run a bus and an unlocked keyring whose files are in ``home``; gives the variables for it."""
    (home / "share").mkdir(parents=True, exist_ok=True)
    (home / "run").mkdir(exist_ok=True, mode=0o700)
    variables = {
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "share"),
        "XDG_RUNTIME_DIR": str(home / "run"),
    }
    with contextlib.ExitStack() as ends:
        bus = _started(["dbus-daemon", "--session", "--nofork", "--print-address=1"], variables)
        ends.callback(_end, bus)
        assert bus.stdout is not None
        variables["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().decode().strip()
        keyring = _started(
            ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"], variables
        )
        ends.callback(_end, keyring)
        assert keyring.stdin is not None
        assert keyring.stdout is not None
        keyring.stdin.write(password.encode())
        keyring.stdin.close()
        while line := keyring.stdout.readline().decode():  # ends when the daemon is up, or ends
            if line.startswith(READY):
                break
        yield variables


def _started(command: list[str], variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], **variables},
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
