"""The advisor against a server on this machine: what is sent, and what hostile answers do."""

import asyncio
import json
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from terminal.core.units import SECOND
from terminal.engine.state import saved
from terminal.model.advice import AdvisorSettings, SwitchAdvice
from terminal.model.frame import Track, Tracks
from terminal.runtime import advisor as module
from terminal.runtime.advisor_files import Answered, Asked
from tests.helpers.advised import STATE, VIEW, Desk, asking, at_work, no_keys
from tests.helpers.hostile_words import answer, proposal, refused, unbound, wordless
from tests.helpers.words_server import WordsServer, envelope, http


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WordsServer]:
    monkeypatch.setattr(module, "LOOK_S", 0.001)
    async with WordsServer() as made:
        yield made


@pytest.fixture
def settings(server: WordsServer) -> AdvisorSettings:
    return asking(server)


# -- What works -------------------------------------------------------------------------------


async def test_words_are_asked_for_shown_and_kept(
    server: WordsServer, settings: AdvisorSettings, tmp_path: Path
) -> None:
    said = answer(
        summary="Net delta is 1 coin against a band from -0.1 to 0.1.",
        proposals=[proposal(value=0.15, evidence="the band ends at 0.1")],
    )
    server.reply = http(envelope(said, usage={"prompt_tokens": 900, "completion_tokens": 80}))
    async with at_work(Desk(settings, tmp_path / "words", no_keys())) as desk:
        found = await desk.asked()
    assert found.advice is not None
    assert found.words == "Net delta is 1 coin against a band from -0.1 to 0.1."
    (made,) = found.advice.suggestions
    assert (made.before, made.after) == (0.1, 0.15)
    assert "Band -0.1 to +0.15 now." in made.outcome
    assert "No past day" in made.outcome
    assert made.draft is not None
    assert found.advice.base is STATE.profile
    head, fields, body = server.heard[0]
    assert head == "POST /v1/chat/completions HTTP/1.1"
    assert "authorization" not in fields
    sent = json.loads(body)
    assert sent["model"] == "small"
    assert "tools" not in sent
    for part in sent["messages"]:
        assert part["content"] in found.prompt
    asked, answered = desk.lines()
    assert isinstance(asked, Asked)
    assert isinstance(answered, Answered)
    assert asked.prompt == found.prompt
    assert asked.seal == VIEW.recent[-1].seal
    assert answered.answer == said
    assert answered.tokens == 980
    (path,) = desk.journal.folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_it_is_off_by_default_and_asks_nothing(
    server: WordsServer, settings: AdvisorSettings, tmp_path: Path
) -> None:
    assert not AdvisorSettings().on
    async with at_work(Desk(replace(settings, on=False), tmp_path, no_keys())) as desk:
        found = await desk.asked()
        assert "switch it on" in found.words
        assert server.heard == []
        desk.advisor.take(SwitchAdvice(on=True))
        server.reply = http(envelope(answer()))
        assert (await desk.asked()).advice is not None
        desk.advisor.take(SwitchAdvice(on=False))
        assert desk.view().advice is None
    assert len(server.heard) == 1


def test_a_run_that_asks_nothing_loads_no_client() -> None:
    code = "import sys, terminal.runtime.advisor_server; print('aiohttp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


async def test_a_past_day_scores_a_proposal(
    server: WordsServer, settings: AdvisorSettings, tmp_path: Path
) -> None:
    server.reply = http(envelope(answer(proposals=[proposal()])))
    desk = Desk(settings, tmp_path, no_keys())
    desk.tracks = {"BTC": lived(STATE.now)}
    async with at_work(desk):
        found = await desk.asked()
    assert found.advice is not None
    assert "hedges instead of" in found.advice.suggestions[0].outcome


def lived(now: int) -> Tracks:
    """An hour of minutes with a delta that swings."""
    times = now / SECOND + np.arange(-3600.0, 1.0, 60.0)
    wave = np.sin(times / 300.0)
    nothing = Track(times, 0.0 * wave)
    return Tracks(
        price=Track(times, 60_000.0 + 50.0 * wave),
        delta=Track(times, 0.3 * wave),
        low=nothing,
        high=nothing,
        gamma=Track(times, 1000.0 + 0.0 * wave),
        vega=nothing,
        funding=nothing,
        markers=(),
    )


async def test_it_asks_by_itself_once_for_each_decision(
    server: WordsServer, settings: AdvisorSettings, tmp_path: Path
) -> None:
    server.reply = http(envelope(answer()))
    async with at_work(Desk(replace(settings, every_s=0.001), tmp_path, no_keys())) as desk:
        desk.view()
        await asyncio.sleep(0.3)
    assert len(server.heard) == 1


# -- What comes ---------------------------------------------------------------------------------


async def test_hostile_answers_change_nothing(
    server: WordsServer, settings: AdvisorSettings, tmp_path: Path
) -> None:
    before = saved(STATE)
    count = 0
    async with at_work(Desk(settings, tmp_path, no_keys())) as desk:
        for make in (refused, wordless, unbound):
            for kind, text in make():
                server.reply = http(envelope(text))
                found = await desk.asked()
                count += 1
                if make is refused:
                    assert found.advice is None, (kind, text[:200])
                    assert found.words.startswith("No words: "), kind
                    assert "The rules go on" in found.words
                else:
                    assert found.advice is not None
                    assert found.advice.notes
                    assert found.advice.suggestions == ()
        server.reply = http(envelope(answer()))
        assert (await desk.asked()).advice is not None
    assert count >= 200
    assert len(server.heard) == count + 1
    assert saved(STATE) == before
