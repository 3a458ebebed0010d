"""The questions of a key check: asked by methods that exist, and the smallest order there is."""

import importlib
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import DAY
from terminal.model.instrument import Instrument, Option, Payoff, Perpetual, Right, coins
from terminal.venues.dialects.registry import DIALECTS
from terminal.venues.key_calls import QUESTIONS, _tried_on, smallest
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


def _option(base: str, strike: int, days: int, right: Right = Right.CALL) -> Option:
    terms = replace(CONTRACT, base=base, symbol=f"{base}-{days}-{strike}-{right.value}")
    return Option(terms, days * DAY, Decimal(strike), right)


def _tried(*listed: Instrument) -> str | None:
    """Symbol that a key is tried on, of what an exchange lists, at the start of day 10."""
    decoder = SimpleNamespace(instrument=lambda market: market)
    spoken = replace(DIALECTS["binanceoptions"], decoder=decoder)
    found = _tried_on(spoken, {str(at): each for at, each in enumerate(listed)}, 10 * DAY)
    return None if found is None else found.contract.symbol


def test_a_key_is_tried_on_bitcoins_perpetual_or_the_middle_of_its_first_calls() -> None:
    chain = [_option("BTC", each, 12) for each in (80_000, 90_000, 100_000)]
    more = [_option("ETH", 3_000, 11), _option("BTC", 90_000, 10), _option("BTC", 90_000, 40)]
    puts = [_option("BTC", 90_000, 12, Right.PUT)]
    assert _tried(*more, *puts, *reversed(chain)) == "BTC-12-90000-call"
    perpetual = Perpetual(replace(CONTRACT, base="ETH", symbol="ETH-P"), DAY)
    assert _tried(*chain, perpetual) == "ETH-P"
    assert _tried(*puts) is None
    assert _tried() is None


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
