"""Files of the advisor: its settings, and every prompt and answer beside the decisions."""

import contextlib
import logging
import os
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from terminal.core.errors import ConfigError, JournalError
from terminal.core.units import DAY, iso_utc
from terminal.journal.disk import open_private
from terminal.model.advice import AdvisorSettings
from terminal.oracle.words_budget import Spent
from terminal.runtime.whole_file import write_whole

log = logging.getLogger(__name__)

FILE: Final = "advisor.json"
KEEP_FILES: Final = 90
"""Days of words that are kept."""

LONGEST_FILE: Final = 16 << 20
"""Bytes of a day's words that are read back for the budgets."""


def load_settings(directory: Path) -> AdvisorSettings:
    """Settings of the data directory; the defaults, which are off, where there are none.

    Raises
    ------
    ConfigError
        The file cannot be read or is unsound.
    """
    path = directory / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=AdvisorSettings)
    except FileNotFoundError:
        return AdvisorSettings()
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigError(f"advisor {path}: {error}; put it right or move it away") from error


def save_settings(directory: Path, settings: AdvisorSettings) -> None:
    """Write the settings; raises ConfigError where they are unsound or cannot be written."""
    content = msgspec.json.encode(settings)
    try:
        msgspec.json.decode(content, type=AdvisorSettings)
    except msgspec.MsgspecError as error:
        raise ConfigError(f"advisor: {error}") from error
    text = msgspec.json.format(content).decode() + "\n"
    write_whole(directory / FILE, text, "settings of the advisor")


def folder_of(journal: Path) -> Path:
    """Folder of the words that belong to a journal, beside its decisions."""
    return journal.with_name(f"{journal.name}-words")


class Asked(Struct, frozen=True, kw_only=True, tag="asked"):
    """Written before a prompt leaves: it counts as the most that it could use."""

    at: int  # UtcNs, wall time; names the exchange of words
    underlying: str
    number: int  # of the decision
    seal: str
    host: str
    model: str
    prompt: str
    tokens: int
    usd: float


class Answered(Struct, frozen=True, kw_only=True, tag="answered"):
    """Written when its answer has been judged, or there is none."""

    at: int
    took_ms: int
    tokens: int
    usd: float
    answer: str  # as it came, at most as long as an answer may be
    fault: str = ""
    notes: tuple[str, ...] = ()


class WordsJournal:
    """One file a day, a line for each prompt and each answer, for this user alone.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._used: dict[int, Spent] | None = None

    def write(self, entry: Asked | Answered) -> None:
        """Append a line; raises JournalError where it cannot be kept."""
        path = self._path(entry.at)
        flags = os.O_CREAT | os.O_WRONLY | os.O_APPEND
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = not path.exists()
            with os.fdopen(open_private(path, flags), "ab") as file:
                file.write(msgspec.json.encode(entry) + b"\n")
            if fresh:
                self._drop_old()
        except OSError as error:
            reason = error.strerror or str(error)
            raise JournalError(f"words cannot be kept in {self.folder}: {reason}") from error
        if self._used is not None:
            self._used[entry.at] = Spent(entry.at, entry.tokens, entry.usd)

    def spent(self, now: int) -> tuple[Spent, ...]:
        """What the last day's calls have used, oldest first; read from the files once.

        Raises
        ------
        JournalError
            A file is there and cannot be read: what was used is unknown.
        """
        if self._used is None:
            self._used = self._read(now)
        used = {at: each for at, each in self._used.items() if at > now - DAY}
        self._used = used
        return tuple(used[at] for at in sorted(used))

    def _read(self, now: int) -> dict[int, Spent]:
        found: dict[int, Spent] = {}
        for path in dict.fromkeys((self._path(now - DAY), self._path(now))):
            for line in self._lines(path):
                with contextlib.suppress(msgspec.MsgspecError):  # cut by a crash
                    entry = msgspec.json.decode(line, type=Asked | Answered)
                    found[entry.at] = Spent(entry.at, entry.tokens, entry.usd)
        return found

    def _lines(self, path: Path) -> list[bytes]:
        try:
            if path.stat().st_size > LONGEST_FILE:
                raise JournalError(f"{path} is too long to tell what was used: move it away")
            return path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise JournalError(f"{path} cannot be read: {error.strerror or error}") from error

    def _path(self, at: int) -> Path:
        return self.folder / f"{iso_utc(at)[:10]}.jsonl"

    def _drop_old(self) -> None:
        for path in sorted(self.folder.glob("*.jsonl"))[:-KEEP_FILES]:
            path.unlink()
