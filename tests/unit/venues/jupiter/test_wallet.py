"""Reading a wallet from a node on this machine: the honest answer, and every spoiled one."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web

from terminal.core.errors import ConfigError, DataError, VenueError
from terminal.venues.jupiter import rpc
from terminal.venues.jupiter.addresses import decoded, encoded
from terminal.venues.jupiter.program import CUSTODIES, position_address
from terminal.venues.jupiter.rpc import Node
from terminal.venues.jupiter.wallet import read_wallet
from tests.unit.venues.jupiter.chain import (
    LONG_SOL,
    PROGRAM,
    SHORT_SOL,
    SHORT_SOL_USDT,
    SLOT,
    WALLET,
    Chain,
    custody_bytes,
    feed_of,
    position_bytes,
)

BEHIND = '{"jsonrpc":"2.0","id":1,"error":{"code":-32005,"message":"Node is behind"}}'
NOW = 1_760_000_500
Answer = Callable[[dict[str, Any]], web.StreamResponse | None]


@pytest.fixture
async def chain() -> AsyncIterator[Chain]:
    async with Chain() as made:
        yield made


def raw(text: str | bytes, status: int = 200) -> Answer:
    body = text.encode() if isinstance(text, str) else text
    return lambda _: web.Response(body=body, status=status, content_type="application/json")


def first_position(change: Callable[[dict[str, Any]], Any]) -> Answer:
    """Change what is said of the first position."""

    def answer(reply: dict[str, Any]) -> None:
        value = reply["result"]["value"]
        value[1] = change(value[1])

    return answer


async def test_a_wallet_is_read_with_rates_and_prices(chain: Chain) -> None:
    chain.hold(LONG_SOL)
    chain.hold(SHORT_SOL, price=200_000_000, size=1_000_000_000)
    chain.hold(SHORT_SOL_USDT, size=0)
    chain.accounts[CUSTODIES["USDC"]] = (PROGRAM, custody_bytes("USDC", dbps=10))
    chain.tell("SOL", NOW - 5)
    found = await read_wallet(Node(chain.url), WALLET, NOW)
    assert (found.address, found.slot, found.known) == (WALLET, SLOT, True)
    assert [each.position.key for each in found.holdings] == [
        "SOL-LONG-SOL@jupiter",
        "SOL-SHORT-USDC@jupiter",
    ]
    assert [each.delta for each in found.holdings] == [20.0, -5.0]
    assert [each.delta_usd for each in found.holdings] == [3200.0, -800.0]
    long, short = found.holdings
    assert short.funding.rate == pytest.approx(5e-5)  # the rate of USDC, not of SOL
    assert long.funding.rate > 0.0
    assert long.funding.rate != short.funding.rate
    assert len(chain.asked) == 2


async def test_the_fee_to_trade_is_that_of_the_coin(chain: Chain) -> None:
    chain.hold(SHORT_SOL)
    chain.accounts[CUSTODIES["SOL"]] = (PROGRAM, custody_bytes("SOL", bps=(8, 6)))
    [found] = (await read_wallet(Node(chain.url), WALLET, NOW)).holdings
    assert found.perpetual.contract.taker_bps == 8.0


async def test_a_wallet_without_positions_is_empty_and_no_price_is_asked(chain: Chain) -> None:
    found = await read_wallet(Node(chain.url), WALLET, NOW)
    assert found.holdings == ()
    assert found.known
    assert len(chain.asked) == 1


async def test_an_address_of_nobody_is_told_from_an_empty_wallet(chain: Chain) -> None:
    found = await read_wallet(Node(chain.url), encoded(bytes(31) + b"\1"), NOW)
    assert not found.known


@pytest.mark.parametrize(
    ("tell", "why"),
    [
        (lambda chain: None, "price of SOL: there is no such account"),
        (lambda chain: chain.tell("SOL", NOW - 61), "price of SOL: 61 s old"),
        (lambda chain: chain.tell("SOL", NOW + 90), "price of SOL: stamped 90 s ahead"),
        (lambda chain: chain.tell("SOL", NOW, units=0), "price of SOL: price is 0"),
        (
            lambda chain: chain.accounts.update(
                {encoded(feed_of("SOL")): (PROGRAM, custody_bytes("SOL"))}
            ),
            "price of SOL: owner of the account",
        ),
    ],
)
async def test_without_a_price_the_position_stands_and_says_why(
    chain: Chain, tell: Callable[[Chain], None], why: str
) -> None:
    chain.hold(LONG_SOL)
    tell(chain)
    [found] = (await read_wallet(Node(chain.url), WALLET, NOW)).holdings
    assert (found.delta, found.price, found.delta_usd) == (20.0, None, None)
    assert found.why_no_price.startswith(why)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (
            raw('{"jsonrpc":"2.0","id":1,"error":{"code":-32005,"message":"Node is behind"}}'),
            "Node is behind",
        ),
        (raw("<html><body>502</body></html>"), "no JSON-RPC answer"),
        (raw(""), "no JSON-RPC answer"),
        (raw("null"), "no JSON-RPC answer"),
        (raw("{}"), "no JSON-RPC answer"),
        (raw('{"result":null}'), "no JSON-RPC answer"),
        (raw('{"result":{"context":{"slot":1},"value":nu'), "no JSON-RPC answer"),
        (raw('{"result":{"context":{"slot":1},"value":[{"data":"old"}]}}'), "no JSON-RPC answer"),
        (raw('{"result":{"context":{"slot":1},"value":[null]}}'), "1 accounts for 15"),
        (raw(b"\xff\xfe\x00"), "no JSON-RPC answer"),
        (raw("<html>busy</html>", 502), "HTTP 502"),
        (raw("{}", 429), "limits how often"),
        (raw("{}", 403), "wants a key"),
        (raw("", 302), "HTTP 302"),
    ],
)
async def test_what_is_no_answer_is_said_in_one_line(
    chain: Chain, answer: Answer, why: str
) -> None:
    chain.answer = answer
    with pytest.raises(VenueError, match=why) as refused:
        await read_wallet(Node(f"{chain.url}/v2/canary-key?k=canary-key"), WALLET, NOW)
    assert "127.0.0.1" in str(refused.value)
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda said: said | {"data": [said["data"][0][:-3], "base64"]}, "no whole base64"),
        (lambda said: said | {"data": ["<html>", "base64"]}, "no whole base64"),
        (lambda said: said | {"data": ["", "base64"]}, "discriminator nothing"),
        (lambda said: said | {"data": [said["data"][0], "base58"]}, "not base64"),
        (lambda said: said | {"data": [said["data"][0][:120], "base64"]}, "end within"),
        (lambda said: said | {"owner": "1" * 32}, "owner of the account"),
    ],
)
async def test_a_damaged_account_is_named(
    chain: Chain, change: Callable[[dict[str, Any]], Any], why: str
) -> None:
    chain.hold(LONG_SOL)
    chain.answer = first_position(change)
    with pytest.raises(DataError, match=why) as refused:
        await read_wallet(Node(chain.url), WALLET, NOW)
    address = encoded(position_address(decoded(WALLET), LONG_SOL))
    assert "SOL-LONG-SOL" in str(refused.value) or address in str(refused.value)


async def test_a_position_of_the_wrong_place_is_refused(chain: Chain) -> None:
    address = encoded(position_address(decoded(WALLET), LONG_SOL))
    chain.accounts[address] = (PROGRAM, position_bytes(SHORT_SOL))
    with pytest.raises(DataError, match="position SOL-LONG-SOL: collateralCustody"):
        await read_wallet(Node(chain.url), WALLET, NOW)


async def test_a_node_of_another_network_has_no_custodies(chain: Chain) -> None:
    del chain.accounts[CUSTODIES["ETH"]]
    with pytest.raises(DataError, match=r"custody ETH: .*mainnet"):
        await read_wallet(Node(chain.url), WALLET, NOW)


async def test_accounts_of_another_program_are_refused(chain: Chain) -> None:
    chain.accounts[CUSTODIES["USDT"]] = ("1" * 32, custody_bytes("USDT"))
    with pytest.raises(DataError, match="custody USDT: owner of the account"):
        await read_wallet(Node(chain.url), WALLET, NOW)


async def test_a_redirection_is_not_followed(chain: Chain) -> None:
    moved = web.Response(status=307, headers={"Location": f"{chain.url}/elsewhere"})
    chain.answer = lambda _: moved if len(chain.asked) == 1 else None
    with pytest.raises(VenueError, match="HTTP 307"):
        await read_wallet(Node(chain.url), WALLET, NOW)
    assert len(chain.asked) == 1


async def test_a_key_that_the_node_repeats_is_hidden(chain: Chain) -> None:
    words = "canary-path and canary-query and canary-word are no keys"
    chain.answer = raw(json.dumps({"error": {"code": -32000, "message": words}}))
    url = chain.url.replace("http://", "http://user:canary-word@")
    with pytest.raises(VenueError, match="are no keys") as refused:
        await read_wallet(Node(f"{url}/v2/canary-path?api-key=canary-query"), WALLET, NOW)
    assert "canary" not in str(refused.value)


async def test_a_silent_node_is_left_in_time() -> None:
    left = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until the other side hangs up
        writer.close()
        left.set()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with server, asyncio.timeout(10):
        host, port = server.sockets[0].getsockname()[:2]
        with pytest.raises(VenueError, match=r"gave no answer in 0\.2 s"):
            await read_wallet(Node(f"http://{host}:{port}", patience=0.2), WALLET, NOW)
        await left.wait()


async def test_an_endless_answer_is_cut(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc, "MOST_BYTES", 1000)
    chain.answer = raw(json.dumps(["x" * 5000]))
    with pytest.raises(VenueError, match="more than 1,000 bytes"):
        await read_wallet(Node(chain.url), WALLET, NOW)


async def test_nobody_at_the_address_is_said() -> None:
    async with Chain() as gone:
        url = gone.url
    with pytest.raises(VenueError, match="was not reached"):
        await read_wallet(Node(url), WALLET, NOW)


async def test_a_bad_address_is_refused_before_anything_is_asked(chain: Chain) -> None:
    with pytest.raises(ConfigError, match="no Solana address"):
        await read_wallet(Node(chain.url), "0xabc", NOW)
    assert chain.asked == []


@pytest.mark.parametrize("endpoint", ["", "localhost:8899", "ws://x", "http://", "http://x:port"])
def test_an_endpoint_that_is_no_address_is_refused(endpoint: str) -> None:
    with pytest.raises(ConfigError, match="--endpoint"):
        Node(endpoint)
