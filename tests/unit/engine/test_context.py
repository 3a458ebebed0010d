"""Which instrument a desk hedges with."""

from msgspec.structs import replace

from terminal.core.units import HOUR, SECOND
from terminal.engine.context import hedge_contract
from terminal.engine.state import State
from terminal.market.state import Market, apply
from terminal.model.instrument import Perpetual
from terminal.model.market import Quote
from terminal.model.messages import Listing
from tests.helpers.builders import NOW, contract, profile, quote

A, B = "A@sim", "B@sim"
TWO = Listing("sim", tuple(Perpetual(contract(name), 8 * HOUR) for name in "AB"))


def state(*quotes: Quote, at: int = NOW) -> State:
    market = apply(Market(), TWO, NOW)
    for each in quotes:
        market = apply(market, each, at)
    return State(now=NOW, profile=profile(), market=market)


def chosen(given: State, current: str = "") -> str:
    found = hedge_contract(given, "BTC", current)
    return found.key if found else ""


def test_the_cheapest_is_taken_and_kept_until_another_is_cheaper_by_a_point() -> None:
    near = state(quote(A, 49_998.0, 50_002.0), quote(B))
    assert chosen(near) == B
    assert chosen(near, A) == A
    assert chosen(state(quote(A, 49_990.0, 50_010.0), quote(B)), A) == B


def test_a_crossed_or_stale_book_is_the_last_choice() -> None:
    crossed = state(quote(A, 50_010.0, 49_990.0), quote(B, 49_900.0, 50_100.0))
    assert chosen(crossed, A) == B
    old = state(quote(A), at=NOW - 6 * SECOND)
    market = apply(old.market, quote(B, 49_900.0, 50_100.0), NOW)
    assert chosen(replace(old, market=market), A) == B
    assert chosen(old) == A


def test_without_a_two_sided_book_there_is_none() -> None:
    assert not chosen(state())
    assert not chosen(state(quote(A, bid=None)))
