"""Keccak-256: published digests, and ccxt's for any length around the blocks."""

import pytest
from ccxt.static_dependencies import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.venues.keccak import keccak256

PUBLISHED = (
    (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
    (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
)
"""The Keccak team's known answers for 256 bits, as Ethereum uses them."""

BLOCK = 136


@pytest.mark.parametrize(("data", "digest"), PUBLISHED)
def test_published_digests(data: bytes, digest: str) -> None:
    assert keccak256(data).hex() == digest


@settings(max_examples=60)
@given(st.binary(max_size=3 * BLOCK))
def test_any_bytes_are_hashed_as_ccxt_does(data: bytes) -> None:
    assert keccak256(data) == bytes(keccak.SHA3(data))
