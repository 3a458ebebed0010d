"""A feed recorded to tapes as it comes: in parts of a bounded size, of which the newest are kept.

A part becomes a tape when it is full or the recording ends; until then it is a nameless file, which
a crash takes away. The journal has the same events: ``tape from-journal`` makes a tape of them.
"""

import tempfile
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final, get_args

from terminal.core.errors import DataError
from terminal.core.units import iso_utc
from terminal.journal.tape import Header, Timed
from terminal.journal.tape_writing import Spool
from terminal.model.market import AssumedVol, Funding, OpenInterest
from terminal.model.messages import Listing, MarketEvent
from terminal.model.recording import RecordingView

BLOCK: Final = 512
"""Events packed at once: some milliseconds of the loop that the window shares."""

PART_BYTES: Final = 64 << 20
KEEP_PARTS: Final = 16
"""Parts kept, so that a recording that is forgotten takes a gigabyte and no more."""

_MARKET = get_args(MarketEvent)
_STANDING = (Listing, Funding, AssumedVol, OpenInterest)
"""What holds until it is replaced: the next part opens with it."""


class Recording:
    """Takes market events; everything else passes by.

    Nothing that goes wrong is raised: the recording ends and says why in ``view``.

    Parameters
    ----------
    path : Path
        Of the first tape; the next are named after it, with their number.
    standing : iterable of (int, event)
        What already holds when the recording begins: listings, funding, stated volatilities,
        open interest.
    part_bytes, keep : int
        Size of a part, and how many are kept.
    """

    def __init__(
        self,
        path: Path,
        standing: Iterable[Timed] = (),
        *,
        part_bytes: int = PART_BYTES,
        keep: int = KEEP_PARTS,
    ) -> None:
        self.fault = ""
        self._path = path
        self._part_bytes, self._keep = part_bytes, keep
        self._number = 0
        self._events = 0
        self._last = 0
        self._standing: dict[tuple[type, str], MarketEvent] = {}
        self._block: list[Timed] = []
        self._parts: list[Path] = []
        self._sizes: dict[Path, int] = {}
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="tape")
        self._finishing: Future[int] | None = None
        self._fresh = False  # whether this part holds more than what stood before it
        self._spool: Spool | None = None
        try:
            self._begin()
        except OSError as error:
            self._fail(error)
        for at, event in standing:
            self.take(at, event)

    @property
    def view(self) -> RecordingView:
        """How it stands now."""
        open_bytes = self._spool.file.tell() if self._spool else 0
        return RecordingView(
            path=str(self._named(self._number)) if self._spool else "",
            bytes=sum(self._sizes.values()) + open_bytes,
            events=self._events,
            fault=self.fault,
        )

    def take(self, at: int, event: object) -> None:
        """Record an event of the market at ``at`` (UtcNs); times that fall back are held."""
        if self._spool is None or not isinstance(event, _MARKET):
            return
        self._last = max(self._last, at)
        self._events += 1
        self._fresh = True
        self._block.append((self._last, event))
        if isinstance(event, _STANDING):
            name = event.venue if isinstance(event, Listing) else event.key
            self._standing[type(event), name] = event
        if len(self._block) >= BLOCK:
            self._guarded(self._spool)

    def close(self) -> None:
        """End the recording; its last part is a tape when this returns."""
        if self._spool is not None:
            self._guarded(self._spool, ending=True)
        self._writer.shutdown()
        self._look()

    def _guarded(self, spool: Spool, *, ending: bool = False) -> None:
        """Pack what waits; on any trouble the recording ends, and nothing else does."""
        try:
            if self._block:
                spool.put(self._block)
                self._block = []
            if ending or spool.file.tell() >= self._part_bytes:
                self._hand_over(spool)
                if not ending:
                    self._begin()
        except (OSError, DataError) as error:
            self._fail(error)
        self._look()

    def _begin(self) -> None:
        self._number += 1
        path = self._named(self._number)
        file = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115 - closed when it is a tape
        self._spool = Spool(file, path.name)
        self._block = [(self._last, each) for each in self._standing.values()]
        self._fresh = False

    def _hand_over(self, spool: Spool) -> None:
        """Have a full part made into a tape beside the loop: copying takes a while."""
        self._spool = None
        if self._fresh:
            path = self._named(self._number)
            self._parts.append(path)
            previous, self._finishing = self._finishing, None
            if previous is not None:
                self._sizes[self._parts[-2]] = previous.result()
            self._finishing = self._writer.submit(_finished, spool, path)
        else:
            spool.file.close()

    def _look(self) -> None:
        """Take the result of the last part, and drop parts beyond those that are kept."""
        done = self._finishing
        if done is None or not done.done():
            return
        self._finishing = None
        try:
            self._sizes[self._parts[-1]] = done.result()
            while len(self._parts) > self._keep:
                gone = self._parts.pop(0)
                gone.unlink(missing_ok=True)
                self._sizes.pop(gone, None)
        except (OSError, DataError) as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        self.fault = f"recording to {self._path.name} ended: {error}"
        if self._spool is not None:
            self._spool.file.close()
        self._spool, self._block = None, []

    def _named(self, number: int) -> Path:
        if number == 1:
            return self._path
        return self._path.with_name(f"{self._path.stem}-{number:04d}{self._path.suffix}")


def _finished(spool: Spool, path: Path) -> int:
    """Make a part a tape; its size."""
    with spool.file:
        since = iso_utc(spool.written.first)
        spool.finish(path, Header(title=f"{path.stem}, recorded from {since}"))
    return path.stat().st_size
