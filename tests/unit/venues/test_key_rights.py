"""What a key may do, read from each exchange's own words."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.venues.key_rights import READERS, Rights, rights_of

READ_ONLY_SCOPE = "account:read block_trade:read trade:read wallet:read"
FULL_SCOPE = (
    "account:read_write block_trade:read_write connection custody:read_write mainaccount name:ccxt"
    " trade:read_write wallet:read_write"
)
RESTRICTIONS = {
    "ipRestrict": False,
    "createTime": 1623840271000,
    "enableReading": True,
    "enableWithdrawals": False,
    "enableInternalTransfer": True,
    "enableMargin": False,
    "enableFutures": False,
    "permitsUniversalTransfer": True,
    "enableVanillaOptions": False,
    "enableSpotAndMarginTrading": False,
}
OKX_CONFIG = {
    "acctLv": "2",
    "posMode": "long_short_mode",
    "perm": "read_only,withdraw,trade",
    "ip": "",
    "label": "v5 test",
    "uid": "44705892343619584",
}
OWN = "0xAbcdef0000000000000000000000000000000001"
MASTER = "0x0000000000000000000000000000000000000002"


def bybit_key(permissions: Mapping[str, list[str]] | None = None, **more: Any) -> dict[str, Any]:
    told = {
        "readOnly": 0,
        "permissions": permissions or {"ContractTrade": ["Order", "Position"], "Wallet": []},
        "ips": ["*"],
    }
    return {"key": {"retCode": 0, "result": told | more}}


def positions(*sides: int) -> dict[str, Any]:
    return {"positions": {"result": {"list": [{"positionIdx": side} for side in sides]}}}


def okx(**more: Any) -> dict[str, Any]:
    return {"config": {"code": "0", "data": [OKX_CONFIG | more], "msg": ""}}


@pytest.mark.parametrize(
    ("venue", "answers", "expected"),
    [
        ("deribit", {"scope": {"scope": READ_ONLY_SCOPE}}, {"reads": True, "trades": False}),
        ("deribit", {"scope": {"scope": READ_ONLY_SCOPE}}, {"withdraws": False, "one_way": True}),
        ("deribit", {"scope": {"scope": FULL_SCOPE}}, {"trades": True, "withdraws": True}),
        ("deribit", {}, {"reads": None, "trades": None, "withdraws": None}),
        ("binanceusdm", {"restrictions": RESTRICTIONS}, {"trades": False, "withdraws": False}),
        ("binanceusdm", {"restrictions": RESTRICTIONS}, {"transfers": True, "ip_bound": False}),
        (
            "binanceusdm",
            {"restrictions": RESTRICTIONS | {"enableWithdrawals": True, "ipRestrict": True}},
            {"withdraws": True, "ip_bound": True},
        ),
        ("binanceusdm", {"position_mode": {"dualSidePosition": True}}, {"one_way": False}),
        ("binanceusdm", {"position_mode": {"dualSidePosition": "false"}}, {"one_way": True}),
        ("binanceusdm", {"margin_mode": {"multiAssetsMargin": True}}, {"margin": "multi-assets"}),
        ("binance", {"restrictions": RESTRICTIONS}, {"trades": False, "one_way": True}),
        (
            "binance",
            {"restrictions": RESTRICTIONS | {"enableVanillaOptions": True}},
            {"trades": True, "withdraws": False},
        ),
        ("binance", {"restrictions": {"enableFutures": True}}, {"trades": None}),
        ("bybit", bybit_key(), {"trades": True, "withdraws": False, "ip_bound": False}),
        ("bybit", bybit_key(readOnly=1), {"trades": False}),
        ("bybit", bybit_key({"Wallet": ["AccountTransfer", "Withdraw"]}), {"withdraws": True}),
        ("bybit", bybit_key({"Spot": ["SpotTrade"]}), {"trades": False}),
        ("bybit", bybit_key(ips=["1.2.3.4"]), {"ip_bound": True}),
        ("bybit", positions(0, 0), {"one_way": True}),
        ("bybit", positions(0, 2), {"one_way": False}),
        ("bybit", positions(), {"one_way": None}),
        ("okx", okx(), {"trades": True, "withdraws": True, "ip_bound": False, "one_way": False}),
        ("okx", okx(perm="read_only", ip="1.2.3.4"), {"trades": False, "withdraws": False}),
        ("okx", okx(ip="1.2.3.4", posMode="net_mode"), {"ip_bound": True, "one_way": True}),
        ("okx", okx(acctLv="4"), {"margin": "portfolio"}),
        ("okx", {"config": {"code": "0", "data": []}}, {"trades": None, "withdraws": None}),
    ],
)
def test_rights_are_read(venue: str, answers: Any, expected: dict[str, object]) -> None:
    found = rights_of(venue, answers)
    assert {name: getattr(found, name) for name in expected} == expected


def test_a_wallets_own_key_can_take_everything() -> None:
    found = rights_of("hyperliquid", {"own_address": OWN, "wallet": OWN.lower()})
    assert (found.trades, found.withdraws) == (True, True)
    assert "API wallet" in found.note


@pytest.mark.parametrize(
    "approval",
    [
        {"agents": [{"name": "desk", "address": OWN.lower(), "validUntil": 1_800_000_000_000}]},
        {"role": {"role": "agent", "data": {"user": MASTER}}},
    ],
)
def test_an_approved_agent_trades_and_cannot_withdraw(approval: dict[str, object]) -> None:
    found = rights_of("hyperliquid", {"own_address": OWN, "wallet": MASTER, **approval})
    assert (found.trades, found.withdraws) == (True, False)


def test_a_stranger_to_the_wallet_trades_nothing() -> None:
    told = {"role": {"role": "missing"}, "agents": []}
    found = rights_of("hyperliquid", {"own_address": OWN, "wallet": MASTER, **told})
    assert (found.trades, found.withdraws) == (False, False)
    assert "no API wallet" in found.note


def test_a_recorded_key_of_bybit(shared: Path) -> None:
    folder = shared / "fixtures" / "nautilus_adapters" / "bybit"
    told = {
        "key": json.loads((folder / "http_get_user_query_api.json").read_text()),
        "account": json.loads((folder / "http_get_account_info.json").read_text()),
        "positions": json.loads((folder / "http_get_positions.json").read_text()),
    }
    found = rights_of("bybit", told)
    assert found == Rights(
        reads=True,
        trades=False,  # it is read-only although orders are among its permissions
        withdraws=False,
        transfers=True,
        ip_bound=True,
        one_way=True,
        margin="cross",
    )


def test_a_recorded_account_of_deribit(shared: Path) -> None:
    folder = shared / "fixtures" / "nautilus_adapters" / "deribit"
    told = json.loads((folder / "http_get_account_summaries.json").read_text())
    assert rights_of("deribit", {"summary": told}).margin == "segregated sm"


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
_names = st.sampled_from(
    ["scope", "summary", "restrictions", "position_mode", "key", "positions", "config", "role"]
)
_deeper = st.sampled_from(["result", "data", "scope", "permissions", "list", "perm", "ips", "role"])


@given(
    st.sampled_from(sorted(READERS)),
    st.dictionaries(_names, _json | st.dictionaries(_deeper, _json), max_size=4),
)
def test_no_answer_can_break_a_reader(venue: str, answers: dict[str, Any]) -> None:
    found = rights_of(venue, answers)
    for flag in (found.reads, found.trades, found.withdraws, found.ip_bound, found.one_way):
        assert flag in (True, False, None)


def test_nothing_is_known_of_other_exchanges() -> None:
    assert rights_of("mtgox", {"key": {}}) == Rights()
