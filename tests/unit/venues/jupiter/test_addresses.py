"""Addresses: base 58 both ways, the curve, and published addresses derived again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import ConfigError
from terminal.venues.jupiter.addresses import decoded, encoded, on_curve, program_address
from terminal.venues.jupiter.program import (
    CUSTODIES,
    MINTS,
    POOL,
    PROGRAM,
    discriminator,
    places,
    position_address,
)

BY_SYMBOL = {each.symbol: each for each in places()}
PRIME = 2**255 - 19


@given(st.binary(min_size=32, max_size=32))
def test_an_address_comes_back_from_its_text(address: bytes) -> None:
    assert decoded(encoded(address)) == address


@given(st.integers(0, 31), st.binary(min_size=32, max_size=32))
def test_leading_zeros_are_kept(zeros: int, tail: bytes) -> None:
    address = bytes(zeros) + tail[zeros:]
    assert decoded(encoded(address)) == address


@given(st.text(max_size=31) | st.text(min_size=45, max_size=60))
def test_text_of_another_length_is_no_address(text: str) -> None:
    with pytest.raises(ConfigError, match="no Solana address"):
        decoded(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "0 bytes"),
        ("abc", "3 bytes"),
        ("0x52908400098527886E0F7030069857D2E4169EE7", "no '0'"),
        ("F3YvPiLdniRPGpeKrbeGWR2zg2wPpzVuvqBA5BBJBQ5l", "no 'l'"),
        ("F3YvPiLdniRPGpeKrbeGWR2zg2wPpzVuvqBA5BBJB", "30 bytes"),
        ("z" * 44, "33 bytes"),
        ("1" * 45, "45 characters"),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        decoded(text)


def test_the_base_point_and_the_neutral_point_are_on_the_curve() -> None:
    base = 4 * pow(5, -1, PRIME) % PRIME
    assert on_curve(base.to_bytes(32, "little"))
    assert on_curve((base | 1 << 255).to_bytes(32, "little"))  # the other root of x
    assert on_curve((1).to_bytes(32, "little"))
    assert not on_curve((2).to_bytes(32, "little"))


def test_about_half_of_all_numbers_are_on_the_curve() -> None:
    points = sum(on_curve(number.to_bytes(32, "little")) for number in range(2000))
    assert 900 < points < 1100


def test_a_wallet_is_on_the_curve_and_its_positions_are_not() -> None:
    wallet = decoded("F3YvPiLdniRPGpeKrbeGWR2zg2wPpzVuvqBA5BBJBQ5S")
    assert on_curve(wallet)
    found = [position_address(wallet, each) for each in places()]
    assert len(set(found)) == 9
    assert not any(on_curve(each) for each in found)


@pytest.mark.parametrize(
    ("seed", "address"),
    [
        (b"perpetuals", "H4ND9aYttUVLFmNypZqLjZ52FYiGvdEB45GmwNoKEjTj"),
        (b"__event_authority", "37hJBDnntwqhGbK7L6M1bLyvccj4u55CCUiLPdYkiqBN"),
    ],
)
def test_published_addresses_of_the_program_are_derived(seed: bytes, address: str) -> None:
    assert encoded(program_address([seed], decoded(PROGRAM))) == address


@pytest.mark.parametrize("token", CUSTODIES)
def test_custodies_are_those_that_the_program_derives_of_the_tokens(token: str) -> None:
    seeds = [b"custody", decoded(POOL), decoded(MINTS[token])]
    assert encoded(program_address(seeds, decoded(PROGRAM))) == CUSTODIES[token]


@pytest.mark.parametrize(
    ("wallet", "symbol", "address"),
    [
        (
            "F3YvPiLdniRPGpeKrbeGWR2zg2wPpzVuvqBA5BBJBQ5S",
            "SOL-SHORT-USDC",
            "6HFhuYzQGcqdj4NGwC6vfVETRvMA3pXaVeZnHgWSKsJK",
        ),
        (
            "F3YvPiLdniRPGpeKrbeGWR2zg2wPpzVuvqBA5BBJBQ5S",
            "SOL-LONG-SOL",
            "FqymRcB92t63jpwh7om4RLbxMNUGoHnZPQMkkAA8ksVY",
        ),
        (
            "CZKPYBkGXg1G6W8EXLxHDLRwsYtMz8TBk1qfPgCMzxG1",
            "SOL-LONG-SOL",
            "5RUuGzNkb6pnQdhpCTYfwf1TTnm1omVSvmZUHcXiuG6D",
        ),
    ],
)
def test_positions_published_from_mainnet_are_derived(
    wallet: str, symbol: str, address: str
) -> None:
    assert encoded(position_address(decoded(wallet), BY_SYMBOL[symbol])) == address


def test_the_nine_places_are_those_of_the_documentation() -> None:
    assert set(BY_SYMBOL) == {
        "SOL-LONG-SOL",
        "ETH-LONG-ETH",
        "BTC-LONG-BTC",
        "SOL-SHORT-USDC",
        "SOL-SHORT-USDT",
        "ETH-SHORT-USDC",
        "ETH-SHORT-USDT",
        "BTC-SHORT-USDC",
        "BTC-SHORT-USDT",
    }


@pytest.mark.parametrize(
    ("account", "head"),
    [
        ("Position", [170, 188, 143, 228, 122, 64, 247, 208]),
        ("Custody", [1, 184, 48, 81, 93, 131, 63, 145]),
    ],
)
def test_discriminators_are_the_published_ones(account: str, head: list[int]) -> None:
    assert list(discriminator(account)) == head
