"""What a split would save, as the screen says it."""

from typing import Any

import pytest

from terminal.core.units import HOUR, SECOND
from terminal.hedging.ranking import Choice, Need, price
from terminal.hedging.routing import ONE_BY_ONE, split_row
from terminal.model.hedge_with import SplitRow
from terminal.model.market import Depth, Funding
from terminal.model.order import Side
from tests.helpers.builders import NOW, SPOT, contract, depth, inverse_contract, quote, seen


def choice(name: str, **more: Any) -> Choice:
    terms = more.pop("contract", None) or contract(name)
    plain: dict[str, Any] = {
        "contract": terms,
        "kind": "perpetual",
        "seen": seen(quote(terms.key)),
        "depth": depth(terms.key, step_usd=50.0, size=0.5),
        "funding": Funding(terms.key, 0.0, 8 * HOUR, NOW),
    }
    return Choice(**plain | more)


def split(*choices: Choice, coins: float = 2.0) -> SplitRow | None:
    need = Need(side=Side.SELL, coins=coins, spot=SPOT, now=NOW, holding=HOUR, oldest=5 * SECOND)
    return split_row([price(each, need) for each in choices], need)


def test_two_equal_books_share_a_hedge() -> None:
    row = split(choice("A"), choice("B"))
    assert row is not None
    assert [leg.coins for leg in row.legs] == pytest.approx([1.0, 1.0])
    # one book alone: levels at 0, 50, 100, 150; both: 0 and 50 of each
    assert row.saves_usd == pytest.approx((75.0 - 25.0) * 2.0)
    assert row.saves_bp == pytest.approx(10.0)
    assert row.total_bp == pytest.approx(5.1 + 5.0)
    assert row.reason == f"saves 10.0 bp; {ONE_BY_ONE}"


def test_one_book_that_is_deep_enough_stays_alone() -> None:
    row = split(choice("A", depth=depth(size=10.0)), choice("B"))
    assert row is not None
    assert row.legs == ()
    assert row.reason == "one book alone is as cheap"


def test_a_size_beyond_every_single_book_has_nothing_to_save_against() -> None:
    row = split(choice("A"), choice("B"), coins=4.0)
    assert row is not None
    assert row.saves_bp is None
    assert row.reason.startswith(f"no single book shows the whole size; {ONE_BY_ONE}")
    more = split(choice("A"), choice("B"), coins=10.0)
    assert more is not None
    assert "5.000 coins find no book" in more.reason


def test_books_that_cannot_be_used_are_left_out() -> None:
    empty = choice("B", depth=Depth("B@sim", (), ()))
    one_sided = choice("C", seen=seen(quote("C@sim", ask=None)))
    assert split(choice("A"), empty, one_sided) is None
    assert split() is None


def test_without_depth_the_best_level_is_all_there_is() -> None:
    touch = seen(quote("B@sim", bid_qty=0.7))
    row = split(choice("A"), choice("B", depth=None, seen=touch))
    assert row is not None
    assert {leg.symbol: leg.coins for leg in row.legs}["B"] == pytest.approx(0.7)


def test_inverse_and_linear_contracts_are_split_in_coins() -> None:
    dollars = inverse_contract("INV")
    levels = tuple((price, 2500.0) for price in (49_999.5, 49_949.5, 49_899.5, 49_849.5))
    row = split(
        choice("A"),
        choice("INV", contract=dollars, depth=Depth("INV@sim", levels, levels)),
    )
    assert row is not None
    assert sum(leg.coins for leg in row.legs) == pytest.approx(2.0, abs=0.001)
    assert {leg.symbol for leg in row.legs} == {"A", "INV"}
