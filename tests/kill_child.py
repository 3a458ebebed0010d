"""One life of the crash test: the run verb, re-armed at its start, with small segments."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

from terminal.__main__ import main as terminal_main
from terminal.model.messages import Event, Rearm, Record, SetAutonomy
from terminal.model.risk import Autonomy
from terminal.runtime import opening, verbs
from terminal.runtime.opening import open_session
from terminal.runtime.session import Session
from terminal.runtime.settings import Settings

CARELESS = "--careless"
SEGMENT_BYTES = 1 << 18
"""Small, so that lives end in the middle of rotations and start from snapshots too."""


def armed(settings: Settings, directory: Path, **more: Any) -> Session:
    """Open a session and do what a person does after a restart: re-arm and go back to auto."""
    session = open_session(settings, directory, **more)
    if session.state.desks:
        session.command(Rearm("crash test"))
    for underlying in session.state.desks:
        session.command(SetAutonomy(underlying, Autonomy.AUTO))
    return session


class CarelessSession(Session):
    """A session with the mistake that the crash test is there to find: it sends, then journals."""

    def process(self, at: int, source: str, event: Event) -> None:
        """Step and perform first, write later, never wait for the drive."""
        record = Record(self.state.seq + 1, at, source, event)
        self._take(record)
        self.journal.append(record)

    def _durable(self) -> bool:
        return True


def main(argv: Sequence[str]) -> int:
    """Run ``python -m terminal`` with these arguments until killed."""
    given = list(argv)
    with ExitStack() as changed:
        changed.enter_context(patch.object(opening, "SEGMENT_BYTES", SEGMENT_BYTES))
        changed.enter_context(patch.object(verbs, "open_session", armed))
        if given[:1] == [CARELESS]:
            given = given[1:]
            changed.enter_context(patch.object(opening, "Session", CarelessSession))
        return terminal_main(given)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
