"""Slices and icebergs: exact sums on any grid, at times that depend on nothing else."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.units import SECOND
from terminal.execution.parts import MOST_PARTS, due, least, shown, slices
from terminal.model.instrument import Contract, coins
from tests.helpers.builders import SPOT, contract, inverse_contract

TERMS = st.sampled_from(
    [
        contract(),
        contract(lot=Decimal("0.1"), min_qty=Decimal("0.3"), min_notional=Decimal(20_000)),
        inverse_contract(),
        inverse_contract(multiplier=Decimal(100), lot=Decimal(5), min_qty=Decimal(10)),
    ]
)


def usd(terms: Contract, qty: Decimal) -> float:
    return abs(coins(terms, float(qty), SPOT)) * SPOT


@given(TERMS, st.integers(1, 100_000), st.integers(2, 10))
def test_slices_sum_to_the_size_on_the_grid(terms: Contract, lots: int, count: int) -> None:
    qty = lots * terms.lot
    cut = slices(qty, terms, count, SPOT)
    assert sum(cut) == qty
    assert 1 <= len(cut) <= count
    assert all(each > 0 and each % terms.lot == 0 for each in cut)
    assert max(cut) - min(cut) <= terms.lot
    if qty >= least(terms, SPOT):
        assert min(cut) >= terms.min_qty
        assert usd(terms, min(cut)) >= float(terms.min_notional) * (1 - 1e-9)


@pytest.mark.parametrize("qty", ["0", "-1", "0.0005", "NaN", "Infinity"])
def test_what_is_no_size_is_not_cut(qty: str) -> None:
    with pytest.raises(ValueError, match="cannot be cut"):
        slices(Decimal(qty), contract(), 4, SPOT)


def test_no_slices_are_no_slices() -> None:
    with pytest.raises(ValueError, match="0 slices"):
        slices(Decimal(1), contract(), 0, SPOT)


def test_slices_fall_due_at_even_times() -> None:
    cut = slices(Decimal(1), contract(), 4, SPOT)
    span = 60 * SECOND
    assert due(cut, span, 0) == (Decimal("0.25"), 15 * SECOND)
    assert due(cut, span, 15 * SECOND - 1) == (Decimal("0.25"), 15 * SECOND)
    assert due(cut, span, 15 * SECOND) == (Decimal("0.50"), 30 * SECOND)
    assert due(cut, span, 45 * SECOND) == (Decimal(1), None)


@given(TERMS, st.integers(1, 1000), st.integers(2, 10), st.lists(st.integers(0, 10**11)))
def test_what_is_due_only_grows(terms: Contract, lots: int, count: int, times: list[int]) -> None:
    cut = slices(lots * terms.lot, terms, count, SPOT)
    owed = [due(cut, 60 * SECOND, at)[0] for at in sorted(times)]
    assert all(a <= b for a, b in pairwise(owed))
    assert due(cut, 60 * SECOND, 60 * SECOND) == (lots * terms.lot, None)


@given(TERMS, st.integers(1, 100_000), st.floats(10.0, 1e9))
def test_an_iceberg_shows_some_of_it_and_is_over_after_ten(
    terms: Contract, lots: int, show: float
) -> None:
    qty = lots * terms.lot
    part = shown(qty, terms, show, SPOT)
    assert 0 < part <= qty
    assert part % terms.lot == 0
    assert part * MOST_PARTS >= qty
    if part < qty:
        assert part >= terms.min_qty
