"""An advisor at work on a desk with a proposal on the table, for the tests of it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec

from terminal.engine.state import State
from terminal.model.advice import AdviceView, AdvisorSettings, AskAdvice
from terminal.model.frame import Tracks
from terminal.model.keys import Keeping
from terminal.model.oracle import OracleView, Sealed
from terminal.oracle.watch import Memory, decisions
from terminal.runtime.advisor import Advisor
from terminal.runtime.advisor_files import Answered, Asked, WordsJournal
from terminal.runtime.advisor_keys import AdvisorKeys
from terminal.runtime.advisor_server import HttpServer
from terminal.venues.keychain import Found, Keychain
from terminal.venues.redaction import Redactor
from tests.helpers.hostile_words import answer
from tests.helpers.stores import MemoryStore
from tests.helpers.trial import Trial
from tests.helpers.words_server import WordsServer, envelope

GOOD = envelope(answer())
"""A reply that stands."""


def asking(server: WordsServer) -> AdvisorSettings:
    """Settings for a server, with budgets that no test passes by chance."""
    return AdvisorSettings(
        on=True,
        endpoint=server.address,
        model="small",
        timeout_s=2.0,
        calls_hour=600,
        tokens_hour=10_000_000,
        tokens_day=10_000_000,
    )


def offered() -> tuple[State, OracleView]:
    """A state with a proposal on the table, and its decisions."""
    trial = Trial()
    trial.tick()
    memory = Memory()
    memory, made = decisions(memory, trial.state, {})
    found: tuple[Sealed, ...] = made
    return trial.state, OracleView({"BTC": found[-1]}, found)


STATE, VIEW = offered()


async def until(true: Callable[[], object]) -> None:
    """Wait a few seconds at most."""
    for _ in range(2000):
        if true():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it has not come")


class Desk:
    """An advisor at work, and what it shows."""

    def __init__(self, settings: AdvisorSettings, folder: Path, keys: AdvisorKeys) -> None:
        self.journal = WordsJournal(folder)
        server = HttpServer(settings, keys)
        self.advisor = Advisor(settings, server, self.journal, keys.redactor)
        self.tracks: dict[str, Tracks] = {}

    def view(self) -> AdviceView:
        return self.advisor.of(STATE, self.tracks, VIEW)

    async def asked(self) -> AdviceView:
        """Ask, and wait until it is all over."""
        self.view()
        before = self.view()
        self.advisor.take(AskAdvice("BTC"))
        for _ in range(4000):
            await asyncio.sleep(0.002)
            found = self.view()
            scores = found.advice.suggestions if found.advice else ()
            open_scores = [each for each in scores if not each.outcome and not each.refused]
            if found is not before and not found.busy and not open_scores:
                return found
            before = before if found is before else AdviceView()
        raise AssertionError(self.view())

    def lines(self) -> list[Asked | Answered]:
        texts = [each.read_bytes() for each in sorted(self.journal.folder.iterdir())]
        return [
            msgspec.json.decode(line, type=Asked | Answered)
            for text in texts
            for line in text.splitlines()
        ]


@contextlib.asynccontextmanager
async def at_work(desk: Desk) -> AsyncIterator[Desk]:
    task = asyncio.create_task(desk.advisor.serve())
    try:
        yield desk
    finally:
        assert not task.done()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def no_keys(chest: MemoryStore | None = None) -> AdvisorKeys:
    found = Found(chest, Keeping("chest")) if chest else Found(None, Keeping("", "there is none"))
    keychain = Keychain(found)
    return AdvisorKeys(Redactor(), lambda: keychain)
