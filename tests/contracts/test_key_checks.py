"""Checks of a key against exchanges that run here, by the exchange's own client library."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from terminal.core.secret import Secret
from terminal.model.keys import CheckRow, CheckState, KeyEntry, KeyReport
from terminal.model.live import LiveAccount, Network
from terminal.runtime.key_desk import KeyDesk
from terminal.venues.dialects.registry import DIALECTS
from tests.venue_servers.binanceoptions import BinanceOptionsServer
from tests.venue_servers.binanceusdm import BinanceUsdmServer
from tests.venue_servers.bybit import BybitServer
from tests.venue_servers.deribit import DeribitServer
from tests.venue_servers.hyperliquid import HyperliquidServer
from tests.venue_servers.okx import OkxServer
from tests.venue_servers.server import VenueServer

SERVERS: Mapping[str, Callable[[], VenueServer]] = {
    "deribit": DeribitServer,
    "binanceusdm": BinanceUsdmServer,
    "binanceoptions": BinanceOptionsServer,
    "bybit": BybitServer,
    "okx": OkxServer,
}
WRONG = "canary-of-a-wrong-secret-0b"

EVERY = pytest.mark.parametrize("venue", [each for each in SERVERS if each in DIALECTS])


def entry(server: VenueServer, venue: str) -> KeyEntry:
    account = LiveAccount(venue, Network.MAIN, "main", server.url)
    return KeyEntry(
        account=account,
        fields={name: Secret(text) for name, text in server.credentials.items()},
    )


def rows_of(report: KeyReport) -> dict[str, CheckRow]:
    assert report.failure == ""
    return {row.what: row for row in report.rows}


@EVERY
async def test_a_good_key_is_found_good_and_leaves_nothing_behind(
    venue: str, tmp_path: Path
) -> None:
    async with SERVERS[venue]() as server:
        report = await KeyDesk(tmp_path).check(entry(server, venue), with_order=True)
        rows = rows_of(report)
        for what in ("Withdrawals", "Reading", "Trading"):
            assert rows[what].state is CheckState.OK, rows[what]
        assert "placed and cancelled" in rows["Trading"].found
        assert not [row for row in report.rows if row.state is CheckState.BAD]
        account = server.exchange.account
        assert len(account.orders) == 1
        assert not account.open_orders()


@EVERY
async def test_nothing_is_placed_unless_it_is_asked_for(venue: str, tmp_path: Path) -> None:
    async with SERVERS[venue]() as server:
        rows = rows_of(await KeyDesk(tmp_path).check(entry(server, venue)))
        assert rows["Trading"].state is CheckState.OK
        assert "not tried" in rows["Trading"].found
        assert not server.exchange.account.orders


@EVERY
async def test_the_right_to_withdraw_is_found(venue: str, tmp_path: Path) -> None:
    async with SERVERS[venue]() as server:
        server.exchange.account.withdrawals_allowed = True
        row = rows_of(await KeyDesk(tmp_path).check(entry(server, venue)))["Withdrawals"]
        assert row.loud
        assert "WITHDRAWALS ARE ENABLED" in row.found


@EVERY
async def test_a_wrong_secret_is_said_to_be_wrong_and_not_shown(
    venue: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with SERVERS[venue]() as server:
        good = entry(server, venue)
        wrong = replace(good, fields={**good.fields, "secret": Secret(WRONG)})
        report = await KeyDesk(tmp_path).check(wrong, with_order=True)
        assert rows_of(report)["Reading"].state is CheckState.BAD
        assert not server.exchange.account.orders
    assert WRONG not in repr(report)
    assert WRONG not in caplog.text


@EVERY
async def test_an_exchange_that_is_gone_is_reported(venue: str, tmp_path: Path) -> None:
    async with SERVERS[venue]() as server:
        asked = entry(server, venue)
    report = await KeyDesk(tmp_path).check(asked)
    assert rows_of(report)["Reading"].state is CheckState.BAD


@EVERY
async def test_the_loop_stays_free_meanwhile(venue: str, tmp_path: Path) -> None:
    async with SERVERS[venue]() as server:
        checking = asyncio.ensure_future(KeyDesk(tmp_path).check(entry(server, venue)))
        beats = 0
        while not checking.done():
            await asyncio.sleep(0.005)
            beats += 1
        await checking
    assert beats > 10


async def test_a_wallets_own_key_is_warned_of_and_signs_nothing(tmp_path: Path) -> None:
    async with HyperliquidServer() as server:
        asked = entry(server, "hyperliquid")
        row = rows_of(await KeyDesk(tmp_path).check(asked))["Withdrawals"]
        assert row.loud
        assert "API wallet" in row.found
        assert not [each for each in server.requests if each.startswith("exchange")]
        rows = rows_of(await KeyDesk(tmp_path).check(asked, with_order=True))
        assert "placed and cancelled" in rows["Trading"].found
        signed = [each for each in server.requests if each.startswith("exchange")]
        assert signed == ["exchange order", "exchange cancel"]
