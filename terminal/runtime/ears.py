"""Who listens to every record beside the engine: ages of channels, and a tape that is recorded."""

import logging
from collections.abc import Mapping
from pathlib import Path

from terminal.engine.state import ASKED, State
from terminal.journal.recording import Recording
from terminal.market.standing import standing
from terminal.model.account import AccountSnapshot
from terminal.model.health import Channel
from terminal.model.market import Depth, Funding, Quote, Trade
from terminal.model.messages import Record
from terminal.model.order import Fill
from terminal.model.recording import RecordingView
from terminal.portfolio.accounts import venue_of

log = logging.getLogger(__name__)

KINDS = {
    Quote: Channel.BOOK,
    Depth: Channel.BOOK,
    Funding: Channel.TICKER,
    Trade: Channel.TRADES,
    Fill: Channel.ORDERS,
}


class Ears:
    """Hears records while there is somebody to hear them for; ``open`` says whether there is."""

    def __init__(self) -> None:
        self.open = False
        self._heard: dict[tuple[str, Channel], int] = {}
        self._tape: Recording | None = None
        self._fault = ""

    def hear(self, record: Record) -> None:
        """Note when a venue's channel said something, and record what its market said."""
        event = record.event
        if isinstance(event, Quote | Depth | Funding | Trade | Fill):
            self._heard[venue_of(event.key), KINDS[type(event)]] = record.at
        elif isinstance(event, AccountSnapshot):
            self._heard[event.venue, Channel.ACCOUNT] = record.at
        if self._tape is not None:
            self._tape.take(record.at, event)

    def heard(self, state: State) -> Mapping[tuple[str, Channel], int]:
        """When each channel last said something, UtcNs; kept where venues are real."""
        self.open = self._tape is not None or state.mode in ASKED
        return self._heard

    def record(self, path: str, state: State) -> None:
        """Begin to record to a file, with what holds already; end it where the path is empty."""
        self._end()
        self._fault = ""
        if path:
            events = ((state.now, event) for event in standing(state.market))
            self._tape = Recording(Path(path), events if state.now else ())
            self.open = True

    def recording(self) -> RecordingView:
        """How the recording stands; one that ended by itself is told once in the log."""
        tape = self._tape
        if tape is not None and tape.fault:
            self._fault = tape.fault
            log.warning("%s", tape.fault)
            self._end()
        if self._tape is None:
            return RecordingView(fault=self._fault)
        return self._tape.view

    def close(self) -> None:
        """Finish the tape that is recorded."""
        self._end()

    def _end(self) -> None:
        tape, self._tape = self._tape, None
        if tape is not None:
            tape.close()
            self._fault = self._fault or tape.fault
