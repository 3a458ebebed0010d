"""What every importer is given and what it hands on."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

from terminal.core.errors import DataError
from terminal.core.units import iso_utc
from terminal.journal.tape import Origin, Timed
from terminal.model.instrument import Instrument

Progress = Callable[[float, str], None]
"""Told how much of the work is done (0..1) and what is being read."""


class Options(Struct, frozen=True, kw_only=True):
    """What a person may state about the files.

    ``instruments`` is empty (infer), one name for all files, or one per file; a name is
    ``SYMBOL``, ``SYMBOL@venue`` or ``-`` (infer this one).
    """

    spread_bps: float = 1.0  # full spread around a bar's close
    instruments: tuple[str, ...] = ()
    contracts: tuple[Instrument, ...] = ()
    funding_venue: str = ""  # take funding from this venue's rows; empty: each perpetual's own
    start: int | None = None  # UtcNs, events at or after
    end: int | None = None  # UtcNs, events before
    title: str = ""


class Source(Struct, frozen=True):
    """One file to read, with the name that a person stated for what is in it."""

    path: Path
    stated: str = ""


class Feed(Struct, frozen=True):
    """Events of some instruments in time order, read as they are taken.

    A Listing among the events names instruments that are new, not all there are. A feed that
    ``follows`` is told only between the first and the last event of the others.
    """

    instruments: tuple[Instrument, ...]
    events: Iterator[Timed]
    follows: bool = False


class Tally:
    """Counts what the importers see, for the header and the progress bar.

    Parameters
    ----------
    sizes : dict of str to int
        Bytes of each file, the weights of the progress.
    progress : callable
    """

    def __init__(self, sizes: dict[str, int], progress: Progress) -> None:
        self.rows: Counter[str] = Counter()
        self._notes: Counter[str] = Counter()
        self._assumptions: dict[str, None] = {}
        self._sizes = sizes
        self._done = dict.fromkeys(sizes, 0.0)
        self._told = -1.0
        self._progress = progress

    def read(self, path: Path, rows: int) -> None:
        """Count rows of a file."""
        self.rows[str(path)] += rows

    def note(self, text: str, count: int = 1) -> None:
        """Count something odd and what was done about it."""
        if count:
            self._notes[text] += count

    def assume(self, text: str) -> None:
        """Keep what the files did not say."""
        self._assumptions[text] = None

    @property
    def notes(self) -> tuple[str, ...]:
        """Every note with its count, in a fixed order."""
        return tuple(f"{text}: {count:,}" for text, count in sorted(self._notes.items()))

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What was assumed, in the order it came up."""
        return tuple(self._assumptions)

    def advance(self, path: Path, part: float) -> None:
        """Tell that ``part`` (0..1) of a file is done; passed on at every half percent."""
        name = str(path)
        self._done[name] = max(self._done[name], min(part, 1.0))
        total = sum(self._sizes.values()) or 1
        done = sum(self._done[each] * size for each, size in self._sizes.items()) / total
        if done - self._told >= 0.005:
            self._told = done
            self._progress(done, path.name)

    def origins(self, prints: dict[str, str]) -> tuple[Origin, ...]:
        """Files read, with their rows and fingerprints."""
        return tuple(
            Origin(Path(name).name, self.rows[name], print_) for name, print_ in prints.items()
        )


class Clock:
    """Receive times of a log, which must not run backward.

    A recorder's clock is set back by milliseconds now and then; such a row keeps the time of the
    row in front of it. A larger step back means that the file is not one recording.
    """

    LARGEST_STEP_BACK = 5_000_000_000

    def __init__(self, label: str, tally: Tally) -> None:
        self._label = label
        self._tally = tally
        self.at = 0

    def take(self, at: int, row: int) -> int:
        """Instant to use for a row stamped ``at``; DataError when time jumps back."""
        if at < self.at:
            if self.at - at > self.LARGEST_STEP_BACK:
                raise DataError(
                    f"{self._label}: row {row}: time goes back from {iso_utc(self.at)} to "
                    f"{iso_utc(at)}: split the file there"
                )
            self._tally.note("receive times a little before the row in front (kept its time)")
            return self.at
        self.at = at
        return at
