"""What is signed is what ccxt would sign, the first time and every other."""

from typing import Any

import pytest
from ccxt.base.exchange import Exchange
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.venues import typed_digests
from terminal.venues.ccxt_exchange import Guards
from terminal.venues.typed_digests import TypedDigests

DOMAIN = {
    "chainId": 1337,
    "name": "Exchange",
    "verifyingContract": "0x" + "00" * 20,
    "version": "1",
}
AGENT = {
    "Agent": [
        {"name": "source", "type": "string"},
        {"name": "connectionId", "type": "bytes32"},
    ]
}
BUILDER = {
    "HyperliquidTransaction:ApproveBuilderFee": [
        {"name": "hyperliquidChain", "type": "string"},
        {"name": "maxFeeRate", "type": "string"},
        {"name": "builder", "type": "address"},
        {"name": "nonce", "type": "uint64"},
    ]
}


def _ccxt(domain: Any, types: Any, message: Any) -> bytes:
    return bytes(Exchange.eth_encode_structured_data(domain, types, message))


DIGESTS = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=3)


@settings(max_examples=15)
@given(source=st.sampled_from("ab"), digests=DIGESTS)
def test_agents_are_encoded_as_ccxt_does(source: str, digests: list[bytes]) -> None:
    ours = TypedDigests()
    for each in digests:
        message = {"source": source, "connectionId": each}
        assert ours.encoded(DOMAIN, AGENT, message) == _ccxt(DOMAIN, AGENT, message)


@pytest.mark.parametrize("digest", ["0x" + "12" * 32, b"\x01" * 31])
def test_values_of_another_kind_are_left_to_ccxt(digest: object) -> None:
    message = {"source": "a", "connectionId": digest}
    assert TypedDigests().encoded(DOMAIN, AGENT, message) == _ccxt(DOMAIN, AGENT, message)


def test_other_structures_are_left_to_ccxt() -> None:
    message = {
        "hyperliquidChain": "Mainnet",
        "maxFeeRate": "0.01%",
        "builder": "0x" + "11" * 20,
        "nonce": 7,
    }
    assert TypedDigests().encoded(DOMAIN, BUILDER, message) == _ccxt(DOMAIN, BUILDER, message)


def test_a_changed_domain_or_type_is_hashed_anew() -> None:
    ours, message = TypedDigests(), {"source": "a", "connectionId": b"\x07" * 32}
    turned = {"Agent": list(reversed(AGENT["Agent"]))}
    ours.encoded(DOMAIN, AGENT, message)
    for domain, types in (({**DOMAIN, "chainId": 1}, AGENT), (DOMAIN, turned)):
        assert ours.encoded(domain, types, message) == _ccxt(domain, types, message)


def test_little_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typed_digests, "KEPT", 4)
    ours = TypedDigests()
    for number in range(20):
        message = {"source": f"source {number}", "connectionId": b"\x07" * 32}
        assert ours.encoded(DOMAIN, AGENT, message) == _ccxt(DOMAIN, AGENT, message)
        assert len(ours._known) <= 4


WORDS = st.text(max_size=40) | st.integers(-(2**63), 2**64 - 1) | st.booleans() | st.none()
ACTIONS = st.recursive(
    WORDS,
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=30,
)


@given(ACTIONS)
def test_actions_are_packed_to_the_bytes_that_ccxt_packs(action: object) -> None:
    assert Guards.packb(action) == bytes(Exchange.packb(action))
