"""What is asked of a venue day in, day out is within what it allows, and leaves room to trade."""

from collections.abc import Iterator

import pytest

from terminal.model.instrument import Payoff, Perpetual
from terminal.venues.dialects.dialect import Directory
from terminal.venues.gateway.asks import Ask, Asks, Span
from terminal.venues.gateway.catalogue import ASKS
from tests.helpers.builders import contract, inverse_contract

SYMBOLS = ("BTC-1", "ETH-1", "SOL-1")
CYCLE_S = 15.0
"""How often the engine asks for the account, and trades are read beside the stream."""

ALLOWED = {
    "deribit": 5.0,
    "binanceusdm": 2_400 / 60,
    "binancecoinm": 2_400 / 60,
    "binance": 2_400 / 60,
    "bybit": 10.0,
    "okx": 30.0,
    "hyperliquid": 1_200 / 60,
}
"""Weight a second that the documentation of each venue names, in the weights of its asks."""

each_venue = pytest.mark.parametrize("name", sorted(ASKS))


def listed() -> Directory:
    """Make a directory of three linear perpetuals and an inverse one."""
    linear = [Perpetual(contract(each, base=each[:3]), 0) for each in SYMBOLS]
    every = [*linear, Perpetual(inverse_contract("BTC-2", payoff=Payoff.INVERSE), 0)]
    return Directory(
        {each.contract.key: each for each in every},
        {each.contract.symbol: each for each in every},
    )


def cycle(asks: Asks) -> Iterator[Ask]:
    """Yield what is asked in one cycle: a statement, the trades once more, a winding, the mode."""
    known, span = listed(), Span(SYMBOLS, 10**12, 10**12 + 60_000)
    for _ in range(3):
        yield from asks.trades(known, span)
    yield from asks.open_orders(known)
    yield from asks.balances(known)
    yield from asks.payments(known, span)
    yield from asks.positions(known)
    yield from asks.modes(known)
    if asks.wind is not None:
        yield from asks.wind(60, SYMBOLS)


@each_venue
def test_a_budget_is_within_what_the_venue_allows(name: str) -> None:
    budget = ASKS[name].budget
    assert budget.per_second <= ALLOWED[name]
    assert budget.for_cancels >= 3.0
    assert budget.burst >= budget.for_cancels + budget.for_orders + 4.0


@each_venue
def test_a_day_of_statements_leaves_a_quarter_of_it(name: str) -> None:
    asks = ASKS[name]
    spent = sum(asks.weight(each, 0) for each in cycle(asks))
    assert spent / CYCLE_S <= 0.75 * asks.budget.per_second


@each_venue
def test_a_cancel_weighs_no_less_than_an_order(name: str) -> None:
    asks = ASKS[name]
    assert asks.weight(Ask("cancel_order", (None, "X", {}), dict), 0) >= 1.0  # type: ignore[arg-type]


def test_a_long_answer_of_hyperliquid_weighs_more() -> None:
    asks = ASKS["hyperliquid"]
    (fills,) = asks.trades(listed(), Span((), 0, 1))
    assert asks.weight(fills, 0) == 20.0
    assert asks.weight(fills, 2_000) == 120.0
