"""The verb ``guard``: a process beside the desk that can do one thing, latch its stop."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from terminal.core.commandline import Parser
from terminal.core.errors import ConfigError
from terminal.core.plain import plain
from terminal.core.units import iso_utc
from terminal.journal.latch import Latched, LatchFile
from terminal.journal.lock import LOCK_NAME
from terminal.model.account import Position
from terminal.model.live import Network
from terminal.model.messages import StopStage
from terminal.runtime.guard_limits import Limits, checked, read_limits
from terminal.runtime.key_desk import KeyDesk
from terminal.runtime.onlooker import Onlooker
from terminal.runtime.settings import default_data_dir
from terminal.runtime.venue_books import watching
from terminal.venues.dialects.registry import dialect

PULSE_S: Final = 1.0
HELD_UP_S: Final = 5.0
"""A pulse this late means that the guard itself was held up: it has seen nothing meanwhile."""


def guard(argv: Sequence[str]) -> int:
    """Watch a desk from outside; freeze it when it falls silent, errs or goes beyond a limit."""
    parser = Parser(prog="python -m terminal guard", description=guard.__doc__)
    parser.add_argument("--data-dir", type=Path, required=True, help="journal of the desk")
    parser.add_argument("--venue", default="", help="exchange whose positions are compared")
    parser.add_argument("--account", default="", help="label of a key that may only read")
    parser.add_argument("--test-network", action="store_true", help="the key is for this one")
    parser.add_argument("--limits", type=Path, help="TOML file of limits of the guard's own")
    parser.add_argument("--silent", type=float, help="seconds without a sign of life: 10")
    parser.add_argument("--every", type=float, default=60.0, help="seconds between two looks")
    parser.add_argument("--once", action="store_true", help="look once and leave: 1 if it stopped")
    given = parser.parse_args(argv)
    if not (given.data_dir / LOCK_NAME).exists():
        raise ConfigError(f"{given.data_dir} holds no journal: name the one of the desk")
    if not given.every > 0.0:
        raise ConfigError("--every is seconds above 0")
    onlooker = Onlooker(given.data_dir, _limits(given), _venue(given))
    watch = _Watch(onlooker, LatchFile(given.data_dir))
    if given.once:
        return 1 if watch.pulse() or watch.look(2) else 0
    watch.run(given.every)
    return 0


def _limits(given: argparse.Namespace) -> Limits:
    """Limits of the file, or the usual ones; a silence that is named goes before them."""
    limits = read_limits(given.limits) if given.limits is not None else Limits()
    if given.silent is None:
        return limits
    return checked(replace(limits, silent_s=given.silent), "--silent")


def _venue(given: argparse.Namespace) -> Callable[[], tuple[Position, ...]] | None:
    """Reader of the account's positions, once its key has been found harmless."""
    if not given.venue:
        return None
    desk = KeyDesk(default_data_dir())
    desk.clean_logs()
    network = Network.TEST if given.test_network else Network.MAIN
    venue = dialect(given.venue).venue
    labels = [
        each.account.label
        for each in desk.accounts()
        if (each.account.venue, each.account.network) == (venue, network)
    ]
    if not given.account and len(labels) != 1:
        raise ConfigError(f"name the key by --account: {', '.join(labels) or 'there is none'}")
    stored = desk.account(venue, network, given.account or labels[0])
    return watching(desk, stored, given.data_dir)


class _Watch:
    """Latches what an onlooker finds."""

    def __init__(self, onlooker: Onlooker, latch: LatchFile) -> None:
        self._onlooker = onlooker
        self._latch = latch
        self._noted: tuple[str, ...] = ()

    def run(self, every_s: float) -> None:
        """Watch until interrupted."""
        due = before = time.monotonic()
        try:
            while True:
                now = time.monotonic()
                if now - before < HELD_UP_S:
                    self.pulse()
                before = now
                if now >= due:
                    self.look()
                    before = time.monotonic()
                    due = before + every_s
                time.sleep(PULSE_S)
        except KeyboardInterrupt:
            _say("the guard ends: nobody watches the desk from outside any more")

    def pulse(self) -> bool:
        """Stop a desk that has fallen silent; whether it did."""
        return self._stop(self._onlooker.silent(time.time()))

    def look(self, times: int = 1) -> bool:
        """Stop a desk whose books are wrong; whether it did."""
        why = ""
        for _ in range(times):
            why = self._onlooker.look()
            if self._onlooker.notes != self._noted:
                self._noted = self._onlooker.notes
                _say("; ".join(self._noted) or "everything can be looked at again")
        return self._stop(why)

    def _stop(self, why: str) -> bool:
        if not why or self._latch.read() is not None:
            return False
        stop = Latched(stage=StopStage.FREEZE, reason=why, at=time.time_ns(), by="guard")
        try:
            self._latch.pull(stop)
        except OSError as error:
            _say(f"NOT STOPPED, the latch cannot be written ({error}): {why}")
            return self._latch.read() is not None
        _say(f"stopped: {why}")
        return True


def _say(text: str) -> None:
    sys.stdout.write(f"{iso_utc(time.time_ns())[:19]} {plain(text)}\n")
    sys.stdout.flush()
