"""Instruments: only the wanted ones, kept on disk, and a bad copy is no copy."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from terminal.core.errors import DataError
from terminal.core.units import HOUR
from terminal.model.instrument import Perpetual
from terminal.venues.ccxt_exchange import Connection, Taps
from terminal.venues.dialects.binancecoinm import BINANCECOINM
from terminal.venues.dialects.binanceusdm import BINANCEUSDM
from terminal.venues.dialects.deribit import DERIBIT
from terminal.venues.dialects.dialect import Dialect
from terminal.venues.markets import (
    CACHE_VERSION,
    Fetched,
    MarketCache,
    equip,
    fetch_markets,
)
from tests.unit.venues.small_server import SmallServer, instrument
from tests.venue_servers.binance_futures import BinanceFuturesServer
from tests.venue_servers.binancecoinm import BinanceCoinmServer
from tests.venue_servers.binanceusdm import BinanceUsdmServer
from tests.venue_servers.faults import Fault

COINS = ("BTC",)
HERE = Connection(endpoint="http://127.0.0.1:9")


def market(**info: Any) -> dict[str, Any]:
    """One of ccxt's markets, as far as it is needed here."""
    name = str(info.get("instrument_name", "BTC-PERPETUAL"))
    return {
        "id": name,
        "symbol": f"{name}:X",
        "base": "BTC",
        "quote": "USD",
        "spot": False,
        "linear": False,
        "inverse": True,
        "precision": {"amount": 10.0, "price": 0.5},
        "info": instrument(name) | info,
    }


def fetched(*markets: dict[str, Any]) -> Fetched:
    return Fetched(
        version=CACHE_VERSION,
        venue="deribit",
        endpoint=HERE.endpoint,
        underlyings=COINS,
        at=5,
        markets=markets,
    )


async def test_only_wanted_and_living_markets_are_kept() -> None:
    listed = [
        instrument(),
        instrument("ETH-PERPETUAL", base_currency="ETH"),
        instrument("BTC-DEAD", is_active=False, quote_currency="X", counter_currency="X"),
    ]
    async with SmallServer(listed) as server:
        here = Connection(endpoint=server.url)
        found = await asyncio.to_thread(fetch_markets, DERIBIT, here, COINS, 7)
    assert [each["id"] for each in found.markets] == ["BTC-PERPETUAL"]
    assert (found.at, found.venue, found.underlyings) == (7, "deribit", COINS)


@pytest.mark.parametrize(
    ("dialect", "made", "four"),
    [
        (BINANCEUSDM, BinanceUsdmServer, "ETHUSDT"),
        (BINANCECOINM, BinanceCoinmServer, "ETHUSD_PERP"),
    ],
    ids=lambda each: each.venue if isinstance(each, Dialect) else "",
)
async def test_binance_tells_in_a_second_list_how_often_funding_is_paid(
    dialect: Dialect, made: Callable[[], BinanceFuturesServer], four: str
) -> None:
    async with made() as server:
        server.adjusted = [{"symbol": four, "fundingIntervalHours": 4}, {"symbol": "XYZ"}]
        here = Connection(endpoint=server.url)
        found = await asyncio.to_thread(fetch_markets, dialect, here, ("BTC", "ETH"), 7)
    assert found.note == ""
    known = equip(dialect, Taps(), here, found).directory.by_symbol
    paid = {n: p.funding_interval for n, p in known.items() if isinstance(p, Perpetual)}
    assert paid.pop(four) == 4 * HOUR
    assert set(paid.values()) == {8 * HOUR}


@pytest.mark.parametrize("fault", [Fault.STATUS_502, Fault.BODY_NULL])
async def test_without_the_second_list_the_first_serves_and_it_is_said(fault: Fault) -> None:
    async with BinanceUsdmServer() as server:
        server.faults.plan(fault, "GET /fapi/v1/fundingInfo")
        here = Connection(endpoint=server.url)
        found = await asyncio.to_thread(fetch_markets, BINANCEUSDM, here, COINS, 7)
    loaded = equip(BINANCEUSDM, Taps(), here, found)
    assert "fundingIntervalHours" in loaded.note
    assert loaded.note.endswith("taken to be paid every 8 hours")
    assert list(loaded.directory.by_key) == ["BTCUSDT@binanceusdm"]


def test_what_cannot_be_read_is_left_out_and_counted() -> None:
    broken = market(instrument_name="BTC-BROKEN", kind="future", tick_size=-1.0)
    loaded = equip(DERIBIT, Taps(), HERE, fetched(market(), broken))
    assert list(loaded.directory.by_key) == ["BTC-PERPETUAL@deribit"]
    assert loaded.symbols == {"BTC-PERPETUAL@deribit": "BTC-PERPETUAL:X"}
    assert loaded.skipped == 1
    with pytest.raises(DataError, match="nothing on BTC"):
        equip(DERIBIT, Taps(), HERE, fetched(broken))


def test_a_list_on_disk_is_for_one_venue_address_and_choice_of_coins(tmp_path: Path) -> None:
    cache, kept = MarketCache(tmp_path / "new" / "folder"), fetched(market())
    cache.write(DERIBIT, HERE, kept)
    assert cache.read(DERIBIT, HERE, COINS) == kept
    assert cache.read(DERIBIT, HERE, ("BTC", "ETH")) is None
    assert cache.read(DERIBIT, Connection(), COINS) is None
    assert cache.read(DERIBIT, Connection(endpoint=HERE.endpoint, test_network=True), COINS) is None
    cache.write(DERIBIT, HERE, replace(kept, version=0))
    assert cache.read(DERIBIT, HERE, COINS) is None


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\x00\xff"])
def test_a_damaged_list_is_asked_for_anew(tmp_path: Path, damage: bytes) -> None:
    cache = MarketCache(tmp_path)
    cache.write(DERIBIT, HERE, fetched(market()))
    (path,) = tmp_path.iterdir()
    path.write_bytes(damage)
    assert cache.read(DERIBIT, HERE, COINS) is None


def test_a_list_that_was_cut_short_is_asked_for_anew(tmp_path: Path) -> None:
    cache = MarketCache(tmp_path)
    cache.write(DERIBIT, HERE, fetched(market(), market(instrument_name="BTC-2")))
    (path,) = tmp_path.iterdir()
    lines = path.read_bytes().splitlines(keepends=True)
    for kept in range(len(lines)):
        path.write_bytes(b"".join(lines[:kept]))
        assert cache.read(DERIBIT, HERE, COINS) is None


def test_a_disk_that_takes_nothing_costs_only_the_copy(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    cache = MarketCache(in_the_way)
    cache.write(DERIBIT, HERE, fetched(market()))
    assert cache.read(DERIBIT, HERE, COINS) is None
