"""The verb ``stop``: stop a running desk from another terminal, whatever its window is doing."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from terminal.core.commandline import Parser
from terminal.core.errors import ConfigError, JournalError
from terminal.journal.latch import Latched, LatchFile
from terminal.journal.lock import LOCK_NAME
from terminal.model.messages import StopStage
from terminal.runtime.settings import default_data_dir

BY = "python -m terminal stop"


def stop(argv: Sequence[str]) -> int:
    """Latch the stop of every run that keeps its journal under a directory."""
    parser = Parser(prog="python -m terminal stop", description=stop.__doc__)
    parser.add_argument("--data", type=Path, default=None, help="data directory, or one journal")
    parser.add_argument(
        "--stage",
        choices=[each.value for each in StopStage],
        default=StopStage.FREEZE.value,
        help="how far: freeze (default), neutralise, or flatten, which needs --yes",
    )
    parser.add_argument("--reason", default="stopped from a terminal", help="kept in the journal")
    parser.add_argument("--yes", action="store_true", help="close every perpetual and future")
    given = parser.parse_args(argv)
    stage = StopStage(given.stage)
    if stage is StopStage.FLATTEN and not given.yes:
        raise ConfigError("flatten closes every perpetual and future: say so with --yes")
    reason = given.reason.strip()
    if not reason:
        raise ConfigError("--reason is empty: say why, or leave it out")
    latched = Latched(stage=stage, reason=reason, at=time.time_ns(), by=BY)
    failed = [
        f"{each}: {words}"
        for each in journals(given.data or default_data_dir())
        if (words := _latch(each, latched))
    ]
    if failed:
        raise JournalError(f"not stopped: {'; '.join(failed)}. End the process instead")
    return 0


def journals(directory: Path) -> tuple[Path, ...]:
    """Directories of journals: the named one, or those right under it.

    Raises
    ------
    ConfigError
        There is none: a stop that stops nothing must not pass for one.
    """
    if (directory / LOCK_NAME).exists():
        return (directory,)
    found = tuple(sorted(each.parent for each in directory.glob(f"*/{LOCK_NAME}")))
    if not found:
        raise ConfigError(f"{directory} holds no journal: name the data directory of the run")
    return found


def _latch(directory: Path, latched: Latched) -> str:
    """Latch one journal; why that failed, or empty."""
    file = LatchFile(directory)
    began = time.perf_counter()
    try:
        file.pull(latched)
    except OSError as error:
        if file.read() is None:
            return error.strerror or str(error)
    took = (time.perf_counter() - began) * 1e3
    standing = file.read() or latched
    sys.stdout.write(f"{directory}: {standing.stage.value} is latched ({took:.0f} ms)\n")
    return ""
