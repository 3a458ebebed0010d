"""Liquidation prices and queues of ADL as venues state them, and told only when they are new."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.model.facts import ForcedRisk, ForcedRow
from terminal.venues.gateway.catalogue import ASKS
from terminal.venues.gateway.forced import WORDS, forced_row, tell_forced
from terminal.venues.gateway.line import Line

KEY = "BTC-PERP@there"


@pytest.mark.parametrize(
    ("exchange", "raw", "expected"),
    [
        (
            "binanceusdm",
            {"symbol": "BTCUSDT", "liquidationPrice": "61234.5678", "adl": 3},
            ForcedRow(KEY, 61_230.0, 0.75),
        ),
        ("binanceusdm", {"liquidationPrice": "0", "adl": 0}, ForcedRow(KEY, None, 0.0)),
        ("binancecoinm", {"liquidationPrice": "0"}, None),
        ("bybit", {"liqPrice": "", "adlRankIndicator": 5}, ForcedRow(KEY, None, 1.0)),
        ("okx", {"liqPx": "2352.8496681818233", "adl": "1"}, ForcedRow(KEY, 2353.0, 0.2)),
        ("okx", {"liqPx": "", "adl": ""}, None),
        ("deribit", {"estimated_liquidation_price": 1.74}, ForcedRow(KEY, 1.74)),
        ("deribit", {"estimated_liquidation_price": None}, None),
        ("hyperliquid", {"position": {"liquidationPx": "2125.00856238"}}, ForcedRow(KEY, 2125.0)),
        ("hyperliquid", {"position": {"liquidationPx": None}}, None),
        ("nowhere", {"liqPrice": "1"}, None),
    ],
)
def test_rows_of_positions(
    exchange: str, raw: dict[str, object], expected: ForcedRow | None
) -> None:
    assert forced_row(exchange, KEY, raw) == expected


def test_every_venue_that_can_be_traded_on_is_read() -> None:
    untold = {"binance"}  # rows of its options have neither price nor place
    assert WORDS.keys() == ASKS.keys() - untold


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


@given(st.sampled_from(sorted(WORDS)), JSON, JSON)
def test_whatever_a_venue_writes_there_it_stops_nothing(
    exchange: str, price: object, place: object
) -> None:
    words = WORDS[exchange]
    nested: object = price
    for name in reversed(words.liquidation):
        nested = {name: nested}
    raw = {**cast("dict[str, object]", nested), (words.queue or "other"): place}
    found = forced_row(exchange, KEY, raw)
    if found is not None:
        assert found.liquidation is None or 0.0 < found.liquidation < float("inf")
        assert found.queue is None or 0.0 <= found.queue <= 1.0


def test_it_is_told_once_and_again_when_it_has_changed() -> None:
    said: list[Any] = []
    dialect = SimpleNamespace(ccxt_id="okx", venue="okx")
    line = cast("Line", SimpleNamespace(dialect=dialect, forced=(), tell=said.append))
    tell_forced(line, [])
    assert said == []
    near = [(KEY, {"liqPx": "100", "adl": "5"})]
    tell_forced(line, near)
    tell_forced(line, near)
    tell_forced(line, [(KEY, {"liqPx": "100.001", "adl": "5"})])
    assert said == [ForcedRisk("okx", (ForcedRow(KEY, 100.0, 1.0),))]
    tell_forced(line, [])  # it was closed
    assert said[1:] == [ForcedRisk("okx")]
