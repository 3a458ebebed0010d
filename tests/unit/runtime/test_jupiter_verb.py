"""The jupiter verb: a table for people, JSON for scripts, one line for every mistake."""

import json
import time
from collections.abc import Iterator

import pytest
from aiohttp import web

from terminal.__main__ import main
from tests.unit.venues.jupiter.chain import LONG_SOL, SHORT_SOL, WALLET, Chain, served


@pytest.fixture
def chain() -> Iterator[Chain]:
    made = Chain()
    with served(made):
        yield made


def test_positions_are_printed_with_delta_and_cost(
    chain: Chain, capfd: pytest.CaptureFixture[str]
) -> None:
    chain.hold(LONG_SOL)
    chain.hold(SHORT_SOL, size=1_500_000_000)
    chain.tell("SOL", int(time.time()))
    assert main(["jupiter", WALLET, "--endpoint", chain.url]) == 0
    said = capfd.readouterr().out
    assert "SOL-LONG-SOL" in said
    assert "SOL-SHORT-USDC" in said
    assert "net delta SOL: +10.00 SOL, +1,600 USD" in said
    assert "This only reads" in said
    assert "Unproven on mainnet" in said


def test_json_sums_up(chain: Chain, capfd: pytest.CaptureFixture[str]) -> None:
    chain.hold(LONG_SOL)
    chain.hold(SHORT_SOL, size=1_500_000_000)
    chain.tell("SOL", int(time.time()))
    assert main(["jupiter", WALLET, "--endpoint", chain.url, "--json"]) == 0
    said = json.loads(capfd.readouterr().out)
    long, short = said["positions"]
    assert (long["delta_coin"], short["delta_coin"]) == (20.0, -10.0)
    assert (long["side"], short["side"]) == ("long", "short")
    assert (long["size_usd"], long["entry"], long["collateral_usd"]) == (3000.0, 150.0, 500.0)
    assert said["net_delta"] == {"SOL": {"coin": 10.0, "usd": 1600.0}}
    assert said["borrow_usd_hour"] == long["borrow_usd_hour"] + short["borrow_usd_hour"] > 0.0
    assert said["borrow_usd_day"] == 24.0 * said["borrow_usd_hour"]
    assert said["read_only"] is True


def test_an_unknown_price_is_said_and_never_0(
    chain: Chain, capfd: pytest.CaptureFixture[str]
) -> None:
    chain.hold(LONG_SOL)
    assert main(["jupiter", WALLET, "--endpoint", chain.url]) == 0
    said = capfd.readouterr().out
    assert "net delta SOL: +20.00 SOL, unknown USD" in said
    assert "price of SOL: there is no such account" in said


def test_an_empty_wallet_says_so(chain: Chain, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["jupiter", WALLET, "--endpoint", chain.url]) == 0
    said = capfd.readouterr().out
    assert "no open position" in said
    assert "mistyped" not in said
    assert main(["jupiter", WALLET, "--endpoint", chain.url, "--json"]) == 0
    empty = json.loads(capfd.readouterr().out)
    assert (empty["known"], empty["positions"], empty["borrow_usd_day"]) == (True, [], 0.0)
    assert main(["jupiter", "1" * 31 + "2", "--endpoint", chain.url]) == 0
    assert "mistyped" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((), "wallet"),
        (("0xdeadbeef",), "no Solana address"),
        ((WALLET[:-1] + "0",), "base 58 has no '0'"),
        ((WALLET, "--endpoint", "node.example"), "--endpoint"),
    ],
)
def test_bad_input_is_one_line(
    words: tuple[str, ...], why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["jupiter", *words]) == 2
    said = capfd.readouterr().err
    assert why in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("damage", ["html", "account"])
def test_a_bad_node_is_a_failed_run(
    damage: str, chain: Chain, capfd: pytest.CaptureFixture[str]
) -> None:
    chain.hold(LONG_SOL, price=0)
    if damage == "html":
        chain.answer = lambda _: web.Response(text="<html>")
    assert main(["jupiter", WALLET, "--endpoint", chain.url]) == 1
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert ("no JSON-RPC answer" if damage == "html" else "price is 0") in said


def test_help_says_what_is_not_offered(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["jupiter", "--help"])
    assert left.value.code == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "This only reads" in said
    assert "Unproven on mainnet" in said
