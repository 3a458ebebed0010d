"""Hedge mode in the exchanges' own words, and frames that say nothing of it."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import DataError
from terminal.venues.dialects import binance_private, bybit_private, okx_private
from terminal.venues.dialects.raw import Raw
from terminal.venues.dialects.two_sides import TwoSidesError

SIDED: tuple[Callable[[Raw], None], ...] = (
    binance_private.sided,
    bybit_private.sided,
    okx_private.sided,
)

TOLD: tuple[tuple[Callable[[Raw], None], dict[str, Any]], ...] = (
    (binance_private.sided, {"e": "ORDER_TRADE_UPDATE", "o": {"s": "X", "ps": "LONG"}}),
    (binance_private.sided, {"e": "ACCOUNT_UPDATE", "a": {"P": [{"s": "X", "ps": "SHORT"}]}}),
    (bybit_private.sided, {"topic": "order", "data": [{"symbol": "X", "positionIdx": 2}]}),
    (okx_private.sided, {"arg": {}, "data": [{"instId": "X", "posSide": "short"}]}),
    (binance_private.mode, {"dualSidePosition": True}),
    (bybit_private.mode, {"symbol": "X", "positionIdx": 1}),
    (okx_private.mode, {"posMode": "long_short_mode"}),
)

ONE_WAY: tuple[tuple[Callable[[Raw], None], dict[str, Any]], ...] = (
    (binance_private.sided, {"o": {"s": "X", "ps": "BOTH"}}),
    (bybit_private.sided, {"data": [{"symbol": "X", "positionIdx": 0}]}),
    (okx_private.sided, {"data": [{"instId": "X", "posSide": "net"}]}),
    (binance_private.mode, {"dualSidePosition": False}),
    (bybit_private.mode, {"symbol": "X", "positionIdx": 0}),
    (okx_private.mode, {"posMode": "net_mode"}),
)


@pytest.mark.parametrize(("look", "told"), TOLD)
def test_hedge_mode_is_seen_and_its_remedy_said(
    look: Callable[[Raw], None], told: dict[str, Any]
) -> None:
    with pytest.raises(TwoSidesError, match=r"hedge mode; switch it to (one-way|net) mode at"):
        look(told)


@pytest.mark.parametrize(("look", "told"), ONE_WAY)
def test_one_way_mode_is_taken(look: Callable[[Raw], None], told: dict[str, Any]) -> None:
    look(told)


@pytest.mark.parametrize("look", [binance_private.mode, okx_private.mode])
def test_a_mode_that_is_not_said_is_not_taken_for_one_way(look: Callable[[Raw], None]) -> None:
    with pytest.raises(DataError):
        look({})


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("data", "a", "o", "P", "ps", "posSide")), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(message=st.dictionaries(st.sampled_from(("data", "a", "o", "e")), ANY, max_size=4))
def test_no_frame_breaks_the_look_at_it(message: dict[str, Any]) -> None:
    for look in SIDED:
        look(message)
