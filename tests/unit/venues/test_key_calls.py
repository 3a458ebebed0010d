"""The questions of a key check: asked by methods that exist, and the smallest order there is."""

import importlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.model.instrument import Payoff, coins
from terminal.venues.dialects.registry import DIALECTS
from terminal.venues.key_calls import QUESTIONS, smallest
from terminal.venues.key_rights import READERS
from tests.helpers.dialects import CONTRACT

TRADABLE = [each for each in DIALECTS.values() if not each.why_read_only]


@pytest.mark.parametrize("exchange", sorted(QUESTIONS))
def test_every_question_is_a_method_of_its_exchange(exchange: str) -> None:
    kind = getattr(importlib.import_module("ccxt.pro"), exchange)
    asked = QUESTIONS[exchange]
    for method, _ in (asked.balance, *asked.more.values()):
        assert hasattr(kind, method), method


@pytest.mark.parametrize("dialect", TRADABLE, ids=lambda each: str(each.venue))
def test_of_every_exchange_that_can_be_traded_on_the_rights_are_read(dialect: object) -> None:
    name = getattr(dialect, "ccxt_id", "")
    assert name in READERS
    assert name in QUESTIONS or name == "hyperliquid"


@given(
    st.sampled_from(list(Payoff)),
    st.decimals("0.001", "100", places=3),
    st.decimals("0.001", "10", places=3),
    st.integers(0, 200),
    st.integers(100, 100_000),
)
def test_the_smallest_order_is_one_that_the_venue_takes(
    payoff: Payoff, lot: Decimal, multiplier: Decimal, least_usd: int, price: int
) -> None:
    contract = replace(
        CONTRACT,
        payoff=payoff,
        lot=lot,
        multiplier=multiplier,
        min_qty=lot * 3,
        min_notional=Decimal(least_usd),
    )
    qty = smallest(contract, Decimal(price))
    usd = abs(coins(contract, float(qty), float(price))) * price
    assert qty % lot == 0
    assert qty >= contract.min_qty
    assert usd >= least_usd * (1.0 - 1e-9)
    if qty > contract.min_qty:
        less = abs(coins(contract, float(qty - lot), float(price))) * price
        assert less < least_usd * (1.0 + 1e-9), "a lot less would do too"
