"""Paper trading against Deribit on this machine: real prices in, not one order out."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QMenu

from terminal.core.errors import ConfigError
from terminal.model.frame import Frame
from terminal.model.hedge import Proposal
from terminal.model.messages import Approve, Disturb, DisturbanceKind, Mode
from terminal.runtime.opening import open_session
from terminal.runtime.runner import Runner
from terminal.runtime.settings import LiveData, Settings
from terminal.venues.dialects.registry import DIALECTS
from terminal.venues.paper_world import PaperWorld
from tests.unit.venues.small_server import until
from tests.venue_servers.deribit import DeribitServer
from ui.app import Application
from ui.options import read_options
from ui.theme.apply import apply_theme
from ui.theme.tokens import load_tokens

ROOT = Path(__file__).resolve().parents[2]
NOBODY = "http://127.0.0.1:9"


def settings(url: str) -> Settings:
    live = LiveData(underlyings=("BTC",), endpoint=url)
    return Settings(mode=Mode.PAPER, live=live, start_at=time.time_ns(), history_hours=0.0)


@asynccontextmanager
async def paper(url: str, directory: Path) -> AsyncIterator[Runner]:
    """Run a paper desk."""
    session = open_session(settings(url), directory)
    runner = Runner(session, 1.0)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(runner.run())
            try:
                await until(lambda: runner.latest is not None)
                yield runner
            finally:
                runner.stop()
    finally:
        session.close()


def frame(runner: Runner) -> Frame:
    assert runner.latest is not None
    return runner.latest


def symbols(runner: Runner) -> set[str]:
    return {row.key.partition("@")[0] for desk in frame(runner).desks for row in desk.rows}


def proposal(runner: Runner) -> Proposal | None:
    return runner.latest.proposals[0] if runner.latest and runner.latest.proposals else None


async def test_book_moves_proposal_click_and_a_simulated_fill(tmp_path: Path) -> None:
    async with DeribitServer() as server:
        server.drip(100, *[name for name in server.exchange.books if name.startswith("BTC")])
        async with paper(server.url, tmp_path) as runner:
            await until(lambda: proposal(runner) is not None, 30.0)
            shown = frame(runner)
            assert shown.mode is Mode.PAPER
            assert server.url in shown.title
            before = shown.desks[0].bid
            await until(lambda: frame(runner).desks[0].bid != before, 30.0)
            asked = proposal(runner)
            assert asked is not None
            runner.send(Approve(asked.proposal_id, asked.revision))
            await until(lambda: len(frame(runner).fills) > 0, 30.0)
            fill = frame(runner).fills[0]
            await until(lambda: fill.symbol in symbols(runner), 30.0)
        assert server.signed == []
        assert [each for each in server.requests if "private" in each] == []

        async with paper(server.url, tmp_path) as runner:  # the account outlives the process
            await until(lambda: len(frame(runner).fills) > 0, 30.0)
            await until(lambda: fill.symbol in symbols(runner), 30.0)


async def test_a_lost_feed_locks_hedging_and_is_shown(tmp_path: Path) -> None:
    async with DeribitServer() as server:
        server.drip(100, *[name for name in server.exchange.books if name.startswith("BTC")])
        async with paper(server.url, tmp_path) as runner:
            await until(lambda: proposal(runner) is not None, 30.0)
            await server.still()
            await server.stop()
            await until(lambda: any(feed.lost for feed in frame(runner).feeds), 30.0)
            await until(lambda: frame(runner).desks[0].halted != "", 30.0)
            assert any("deribit" in notice.cause for notice in frame(runner).notices)


async def test_without_a_network_it_waits_and_says_so(tmp_path: Path) -> None:
    async with paper(NOBODY, tmp_path) as runner:
        await until(
            lambda: any("cannot be reached" in each.cause for each in frame(runner).notices),
            30.0,
        )
        assert runner.failure == ""
        assert frame(runner).proposals == ()


def test_real_prices_cannot_be_moved(tmp_path: Path) -> None:
    session = open_session(settings(NOBODY), tmp_path)
    assert isinstance(session.world, PaperWorld)
    with pytest.raises(ConfigError, match="real prices"):
        session.world.disturb(Disturb(DisturbanceKind.JUMP, "BTC", 0.03, 0.0), 0)
    session.close()


def test_an_unknown_exchange_is_named(tmp_path: Path) -> None:
    unknown = Settings(mode=Mode.PAPER, live=LiveData(venue="nowhere"))
    with pytest.raises(ConfigError, match="nowhere"):
        open_session(unknown, tmp_path)


async def test_the_window_shows_real_prices_and_where_they_come_from(
    qapp: QApplication, tmp_path: Path
) -> None:
    qapp.setQuitOnLastWindowClosed(False)
    async with DeribitServer() as server:
        server.drip(100, *[name for name in server.exchange.books if name.startswith("BTC")])
        given = ["--mode", "paper", "--underlyings", "BTC", "--endpoint", server.url]
        given += ["--data", str(tmp_path), "--engine", "numpy"]
        application = Application(read_options(given), qapp)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(application.run())
            window = application.window
            await until(lambda: window._frame is not None and bool(window._frame.proposals), 60.0)
            header = window.header
            assert server.url in header._title.text()
            assert header._mode.text() == "PAPER"
            assert not header._pace.isVisibleTo(header)  # real time is not to be paused
            application.leave()
        assert running.result() == 0
        assert (tmp_path / "paper-deribit").is_dir()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    for menu in qapp.topLevelWidgets():
        if isinstance(menu, QMenu):
            menu.deleteLater()
    apply_theme(qapp, load_tokens("dark"))


def test_exchanges_are_listed_with_what_is_particular_to_each() -> None:
    done = _python("-m", "terminal", "venues", "--json")
    assert done.returncode == 0, done.stderr
    rows = {row["venue"]: row for row in json.loads(done.stdout)}
    assert rows.keys() == DIALECTS.keys()
    assert rows["deribit"]["tradable"]
    assert rows["deribit"]["key_fields"] == ["apiKey", "secret"]
    assert all(row["tradable"] or row["why_read_only"] for row in rows.values())
    people = _python("-m", "terminal", "venues").stdout
    assert all(f"{row['title']}" in people for row in rows.values())


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def test_the_headless_verb_without_a_network_ends_in_order(tmp_path: Path) -> None:
    done = _python(
        *("-m", "terminal", "run", "--mode", "paper", "--endpoint", NOBODY, "--for", "2s"),
        *("--json", "--data", str(tmp_path)),
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["fills"] == 0
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--venue", "nowhere"), "nowhere"),
        (("--endpoint", "here"), "--endpoint"),
        (("--speed", "10"), "--speed"),
        (("--underlyings", "BTC,,"), "--underlyings"),
    ],
)
def test_bad_options_are_one_clear_line(arguments: tuple[str, ...], why: str) -> None:
    done = _python("-m", "terminal", "run", "--mode", "paper", *arguments)
    assert done.returncode == 2
    assert why in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_paper_process_holds_nothing_that_could_send_an_order(tmp_path: Path) -> None:
    code = f"""
import asyncio, sys, time
from pathlib import Path
from terminal.model.messages import Mode
from terminal.runtime.opening import open_session
from terminal.runtime.runner import Runner
from terminal.runtime.settings import LiveData, Settings

settings = Settings(
    mode=Mode.PAPER, live=LiveData(endpoint="{NOBODY}"), start_at=time.time_ns(), history_hours=0.0
)
session = open_session(settings, Path({str(tmp_path)!r}))
runner = Runner(session, 1.0, session.opens_at + 2 * 10**9)
asyncio.run(runner.run())
session.close()
print("ccxt.pro" in sys.modules)
mine = [name for name in sys.modules if name.startswith("terminal.")]
print([name for name in mine if "gateway" in name or "trading" in name])
"""
    done = _python("-c", code)
    assert done.stdout.splitlines() == ["True", "[]"], done.stderr
