"""Bytes of a request: against the published interface description, and names made of an id."""

import json
import struct
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.errors import ConfigError
from terminal.core.secret import Secret
from terminal.venues.jupiter.addresses import decoded, encoded
from terminal.venues.jupiter.requests import (
    Change,
    checked,
    counter_of,
    instructions,
    request_address,
)
from terminal.venues.jupiter.signing import Signer
from terminal.venues.jupiter.transactions import signed
from tests.unit.venues.jupiter.chain import LONG_SOL, SHORT_SOL, WALLET
from tests.unit.venues.jupiter.validator import DECREASE, INCREASE, KEY, OWNER, PUBLIC_KEY, SEED

OURS = decoded(WALLET)
MORE = Change(
    order_id="a-1",
    place=SHORT_SOL,
    grows=True,
    size_usd=Decimal(250),
    worst=Decimal(159),
    collateral=Decimal(50),
)
LESS = Change(
    order_id="a-1", place=LONG_SOL, grows=False, size_usd=Decimal(100), worst=Decimal("158.5")
)
IDS = st.text("abcdefghijklmnop0123456789-", min_size=1, max_size=20)


def described(shared: Path, name: str) -> dict[str, Any]:
    text = (shared / "fixtures" / "jupiter" / "jupiter-perpetuals-idl.json").read_text("utf-8")
    found: dict[str, Any] = next(
        each for each in json.loads(text)["instructions"] if each["name"] == name
    )
    return found


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (MORE, "createIncreasePositionMarketRequest"),
        (LESS, "createDecreasePositionMarketRequest"),
    ],
)
def test_accounts_and_their_rights_are_those_of_the_interface(
    shared: Path, change: Change, name: str
) -> None:
    *_, asked = instructions(OURS, change)
    theirs = described(shared, name)["accounts"]
    assert [each["name"] for each in theirs][4:6] == ["position", "positionRequest"]
    assert [(each.writes, each.signs) for each in asked.accounts] == [
        (each["isMut"], each["isSigner"]) for each in theirs
    ]


def test_fixed_accounts_are_the_published_ones() -> None:
    *_, asked = instructions(OURS, MORE)
    named = [encoded(each.address) for each in asked.accounts]
    assert named[2] == "H4ND9aYttUVLFmNypZqLjZ52FYiGvdEB45GmwNoKEjTj"  # perpetuals
    assert named[14] == "37hJBDnntwqhGbK7L6M1bLyvccj4u55CCUiLPdYkiqBN"  # event authority
    assert named[10] == named[15] == "PERPHjGBqRHArX4DySjwM6UJHiR3sWAatqfdBS2qQJu"
    assert named[13] == "1" * 32


def test_parameters_lie_as_the_interface_says() -> None:
    counter = struct.pack("<Q", counter_of("a-1"))
    *_, more = instructions(OURS, MORE)
    assert more.content[:8] == INCREASE
    assert more.content[8:] == (
        struct.pack("<QQBQ", 250_000_000, 50_000_000, 2, 159_000_000) + b"\0" + counter
    )
    ready, less = instructions(OURS, LESS)
    assert less.content[:8] == DECREASE
    assert less.content[8:] == struct.pack("<QQQ", 0, 100_000_000, 158_500_000) + b"\0\0" + counter
    assert ready.content == b"\1"
    assert ready.accounts[1].address == less.accounts[1].address


@settings(max_examples=15)
@given(IDS, IDS)
def test_one_id_is_one_request_and_two_ids_are_two(one: str, other: str) -> None:
    same = replace(MORE, order_id=one)
    assert request_address(OURS, same) == request_address(OURS, replace(same, worst=Decimal(150)))
    if one != other:
        assert counter_of(one) != counter_of(other)
    assert request_address(OURS, same) != request_address(OURS, replace(same, grows=False))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (replace(MORE, place=LONG_SOL), "wrapped first"),
        (replace(MORE, size_usd=Decimal(0)), "no amount"),
        (replace(MORE, size_usd=Decimal(-5)), "no amount"),
        (replace(MORE, worst=Decimal("1e30")), "no amount"),
        (replace(MORE, collateral=Decimal(-1)), "collateral"),
        (replace(LESS, collateral=Decimal(1)), "collateral"),
        (replace(LESS, worst=Decimal(15)), "-90.6 % from the oracle"),
        (replace(MORE, worst=Decimal(170)), r"\+6.2 % from the oracle"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(change: Change, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        checked(change, 160.0)


def test_a_buy_has_a_ceiling_and_a_sale_a_floor() -> None:
    found = [
        replace(MORE, place=place, grows=grows).buys
        for place in (LONG_SOL, SHORT_SOL)
        for grows in (True, False)
    ]
    assert found == [True, False, False, True]


def test_a_key_is_taken_as_wallets_export_it_and_signs_alike() -> None:
    listed = Secret(json.dumps(list(SEED + PUBLIC_KEY)))
    first, second = Signer(KEY), Signer(listed)
    assert encoded(first.address) == OWNER
    assert first.sign(b"x") == second.sign(b"x")


@pytest.mark.parametrize(
    "text", ["", "abc", "0OIl", "[1,2]", "[1,", "[300]", encoded(SEED + bytes(32))]
)
def test_what_is_no_key_is_refused_without_telling_it(text: str) -> None:
    with pytest.raises(ConfigError, match="key") as refused:
        Signer(Secret(text))
    assert not text or len(text) < 10 or text not in str(refused.value)


@settings(max_examples=15)
@given(IDS)
def test_a_transaction_is_the_same_however_often_it_is_made(order_id: str) -> None:
    change, signer = replace(LESS, order_id=order_id), Signer(KEY)
    made = [signed(instructions(PUBLIC_KEY, change), signer, bytes(32)) for _ in range(2)]
    assert made[0] == made[1]
    assert len(made[0].raw) <= 1232
    other = signed(instructions(PUBLIC_KEY, change), signer, b"\1" * 32)
    assert other.signature != made[0].signature
