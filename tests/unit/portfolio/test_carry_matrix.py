"""The matrix of venues: every perpetual has its cell, and the best is the best."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import HOUR
from terminal.model.carry import CarryQuote
from terminal.model.instrument import CarryKind, Perpetual
from terminal.model.market import Funding
from terminal.portfolio.carry_matrix import carry_quote, matrix
from tests.unit.portfolio.books import NOW, inverse_perp, linear_perp


def at(venue: str, perpetual: Perpetual | None = None, **terms: Any) -> Perpetual:
    made = perpetual or linear_perp()
    return replace(made, contract=replace(made.contract, venue=venue), **terms)


def quoted(perpetual: Perpetual, rate: float | None, hours: int = 8) -> CarryQuote:
    key = perpetual.contract.key
    told = None if rate is None else Funding(key, rate, hours * HOUR, NOW + HOUR)
    return carry_quote(perpetual, told, NOW)


def test_coins_against_venues() -> None:
    quotes = [
        quoted(at("deribit", inverse_perp()), 2e-4),
        quoted(at("binance"), 1e-4),
        quoted(at("hyperliquid"), 5e-5, hours=1),
        quoted(at("jupiter", carry=CarryKind.BORROW), 2e-5, hours=1),
        quoted(at("binance", linear_perp("ETH")), -1e-4),
        quoted(at("okx", linear_perp("ETH")), None),
    ]
    columns, coins = matrix(quotes)
    assert columns == (
        "binance USDC", "deribit coin", "hyperliquid USDC", "jupiter USDC", "okx USDC",
    )  # fmt: skip
    btc, eth = coins
    assert btc.cells == (quotes[1], quotes[0], quotes[2], quotes[3], None)
    assert (btc.best_long, btc.worst_long) == (quotes[1], quotes[2])
    assert (btc.best_short, btc.worst_short) == (quotes[2], quotes[3])
    assert eth.best_long is eth.worst_long is eth.best_short is quotes[4]
    assert eth.cells[4] is quotes[5]


def test_two_perpetuals_of_one_kind_have_a_column_each() -> None:
    small = linear_perp()
    other = replace(small, contract=replace(small.contract, symbol="BTC-MINI"))
    columns, (coin,) = matrix([quoted(small, 1e-4), quoted(other, 2e-4)])
    assert columns == ("sim USDC", "sim USDC 2")
    assert [each.symbol for each in coin.cells if each] == ["BTC_USDC-PERP", "BTC-MINI"]


@given(st.lists(st.floats(-0.01, 0.01), min_size=1, max_size=8))
def test_best_and_worst_bound_every_venue(rates: list[float]) -> None:
    quotes = [quoted(at(f"v{place}"), rate) for place, rate in enumerate(rates)]
    _, (coin,) = matrix(quotes)
    longs = [each.long_year for each in quotes if each.long_year is not None]
    assert coin.best_long is not None
    assert coin.worst_long is not None
    assert coin.best_short is not None
    assert coin.best_long.long_year == max(longs)
    assert coin.worst_long.long_year == min(longs)
    assert coin.best_short.short_year == -min(longs)


def test_nothing_listed_is_an_empty_matrix() -> None:
    assert matrix([]) == ((), ())
    (coin,) = matrix([quoted(linear_perp(), None)])[1]
    assert coin.best_long is coin.worst_short is None
