"""Accounts: what was written is read, and what is damaged is refused by the field's name."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import DataError
from terminal.venues.jupiter import accounts
from terminal.venues.jupiter.addresses import decoded
from terminal.venues.jupiter.layouts import LAYOUTS, SIZES
from terminal.venues.jupiter.program import CUSTODIES, places
from tests.unit.venues.jupiter.chain import (
    LONG_ETH,
    LONG_SOL,
    SHORT_SOL,
    WALLET,
    custody_bytes,
    feed_of,
    position_bytes,
    price_bytes,
)

OWNER = decoded(WALLET)
WHOLE = st.integers(0, 2**64 - 1)
PLACE = st.sampled_from(places())


@given(PLACE, st.integers(1, 2**64 - 1), st.integers(1, 2**64 - 1), WHOLE)
def test_a_position_is_read_as_it_was_written(
    place: Any, price: int, size: int, collateral: int
) -> None:
    raw = position_bytes(place, price=price, size=size, collateral=collateral)
    found = accounts.position(raw, OWNER, place)
    assert found is not None
    assert (found.place, found.opened_at) == (place, 1_760_000_000)
    assert found.entry * 10**6 == price
    assert found.size_usd * 10**6 == size
    assert found.collateral_usd * 10**6 == collateral


@given(PLACE, WHOLE)
def test_a_position_of_size_0_is_closed(place: Any, price: int) -> None:
    assert accounts.position(position_bytes(place, size=0, price=price), OWNER, place) is None


@given(WHOLE, WHOLE, st.integers(0, 2**128 - 1), st.integers(0, 2**128 - 1))
def test_a_custody_is_read_as_it_was_written(
    owned: int, locked: int, debt: int, interest: int
) -> None:
    raw = custody_bytes(
        "USDC", owned=owned, locked=locked, debt=debt, interest=interest, bps=(6, 7)
    )
    found = accounts.custody(raw, "USDC")
    assert (found.owned, found.locked) == (owned, locked)
    assert (found.debt_scaled, found.interest_scaled) == (debt, interest)
    assert (found.min_bps, found.target_bps, found.max_bps) == (1000, 3500, 15000)
    assert (found.target_use, found.hourly_dbps, found.fee_bps) == (800_000_000, 0, 7)
    assert found.feed == feed_of("USDC")


def test_a_price_is_read_in_dollars() -> None:
    found = accounts.price(price_bytes("SOL", 1_760_000_000, 160_12345678), "SOL")
    assert found == accounts.OraclePrice(160.12345678, 1_760_000_000)


@pytest.mark.parametrize(
    ("at", "name"),
    [(9, "owner"), (60, "pool"), (90, "custody"), (160, "price"), (168, "sizeUsd"), (209, "bump")],
)
def test_a_cut_position_names_the_field_it_ends_in(at: int, name: str) -> None:
    with pytest.raises(DataError, match=rf"SOL-LONG-SOL: {at} bytes end within {name}"):
        accounts.position(position_bytes(LONG_SOL)[:at], OWNER, LONG_SOL)


@given(st.integers(0, 1059))
def test_a_cut_custody_is_never_read(at: int) -> None:
    with pytest.raises(DataError, match="custody SOL"):
        accounts.custody(custody_bytes("SOL")[:at], "SOL")


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "discriminator nothing"),
        (custody_bytes("SOL"), "discriminator .* is not that of a Position"),
        (position_bytes(SHORT_SOL), "collateralCustody is G18j"),
        (position_bytes(LONG_ETH), "custody is AQCG"),
        (
            position_bytes(LONG_SOL)[:40] + position_bytes(LONG_SOL)[8:40] + bytes(138),
            "pool is F3Yv",
        ),
        (position_bytes(LONG_SOL, side=2), "side is 2"),
        (position_bytes(LONG_SOL, side=0), "side is 0"),
        (position_bytes(LONG_SOL, side=7), "side is 7"),
        (position_bytes(LONG_SOL, price=0), "price is 0"),
        (position_bytes(LONG_SOL, wallet=CUSTODIES["SOL"]), "owner is 7xS2"),
    ],
)
def test_what_is_not_this_position_is_refused(raw: bytes, why: str) -> None:
    with pytest.raises(DataError, match=rf"position SOL-LONG-SOL: {why}"):
        accounts.position(raw, OWNER, LONG_SOL)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (position_bytes(LONG_SOL), "discriminator"),
        (custody_bytes("ETH"), "mint is 7vfC"),
        (custody_bytes("SOL", curve=(0, 9, 5, 0)), "targetUtilizationRate is 0"),
        (custody_bytes("SOL", curve=(0, 9, 5, 10**9)), "targetUtilizationRate is 1000000000"),
        (custody_bytes("SOL", curve=(6, 9, 5, 10**8)), "targetRateBps"),
        (custody_bytes("SOL", curve=(0, 4, 5, 10**8)), "targetRateBps"),
    ],
)
def test_what_is_not_this_custody_is_refused(raw: bytes, why: str) -> None:
    with pytest.raises(DataError, match=rf"custody SOL: .*{why}"):
        accounts.custody(raw, "SOL")


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (price_bytes("ETH", 0), "mint"),
        (price_bytes("SOL", 0, 0), "price is 0"),
        (price_bytes("SOL", 0, 1, 1), "expo is 1"),
        (price_bytes("SOL", 0, 1, -19), "expo is -19"),
        (price_bytes("SOL", 0)[:-1], "end within timestamp"),
    ],
)
def test_what_is_no_price_is_refused(raw: bytes, why: str) -> None:
    with pytest.raises(DataError, match=why):
        accounts.price(raw, "SOL")


@given(st.binary(max_size=300), PLACE)
def test_no_bytes_raise_anything_else(content: bytes, place: Any) -> None:
    head = position_bytes(place)[:8]
    for raw in (content, head + content):
        with pytest.raises(DataError):
            accounts.position(raw, OWNER, place)


@pytest.mark.parametrize("kind", ["Position", "Custody"])
def test_layouts_are_those_of_the_published_description(kind: str, shared: Path) -> None:
    path = shared / "fixtures" / "jupiter" / "jupiter-perpetuals-idl.json"
    idl = json.loads(path.read_text("utf-8"))
    named = {each["name"]: each["type"] for each in (*idl["types"], *idl["accounts"])}
    assert _flat(named, kind, "") == [(name, SIZES[shape]) for name, shape in LAYOUTS[kind]]


def _flat(named: dict[str, Any], kind: str, head: str) -> list[tuple[str, int]]:
    """Every field of a struct with its size, structs within it laid out."""
    sizes = {"publicKey": 32, "bool": 1, "f32": 4, "u32": 4, "u8": 1, "u64": 8, "i64": 8}
    fields: list[tuple[str, int]] = []
    for field in named[kind]["fields"]:
        name, shape = head + field["name"], field["type"]
        if isinstance(shape, dict) and "defined" in shape:
            inner = named[shape["defined"]]
            if inner["kind"] == "enum":
                fields.append((name, 1))
            else:
                fields += _flat(named, shape["defined"], f"{name}.")
        elif isinstance(shape, dict):
            of, count = shape["array"]
            fields.append((name, sizes[of] * count))
        else:
            fields.append((name, 16 if shape == "u128" else sizes[shape]))
    return fields


def test_money_is_exact() -> None:
    found = accounts.position(position_bytes(LONG_SOL, price=158_225_872), OWNER, LONG_SOL)
    assert found is not None
    assert found.entry == Decimal("158.225872")
