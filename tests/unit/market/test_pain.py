"""Max pain: worked by hand, against every price, and nothing from nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.market.pain import Open, Pain, max_pain, payout
from terminal.model.instrument import Right

CALL, PUT = Right.CALL, Right.PUT

strikes = st.sampled_from([80.0, 90.0, 100.0, 105.0, 120.0])
helds = st.lists(st.builds(Open, strikes, st.sampled_from(Right), st.floats(0.0, 1e4)), max_size=12)


def test_worked_by_hand() -> None:
    """At 90 the call of 80 is paid 100 and the put of 100 30; at 80 puts get 90; at 100 calls."""
    held = [
        Open(80.0, CALL, 10.0),
        Open(90.0, CALL, 1.0),
        Open(90.0, PUT, 3.0),
        Open(100.0, PUT, 3.0),
    ]
    assert payout(held, 80.0) == 3.0 * 10.0 + 3.0 * 20.0
    assert payout(held, 90.0) == 10.0 * 10.0 + 3.0 * 10.0
    assert payout(held, 100.0) == 10.0 * 20.0 + 1.0 * 10.0
    assert max_pain(held) == Pain(80.0, 90.0)


@given(helds, st.floats(1.0, 500.0))
def test_no_price_pays_holders_less(held: list[Open], price: float) -> None:
    found = max_pain(held)
    if found is None:
        assert all(each.coins == 0.0 for each in held)
        return
    assert found.usd == payout(held, found.strike)
    assert payout(held, price) >= found.usd - 1e-6 * (1.0 + found.usd)


@given(helds, st.floats(0.5, 100.0))
def test_the_unit_of_coins_moves_no_strike(held: list[Open], unit: float) -> None:
    found = max_pain(held)
    scaled = max_pain([Open(each.strike, each.right, each.coins * unit) for each in held])
    if found is not None and scaled is not None:
        assert payout(held, scaled.strike) == pytest.approx(found.usd, abs=1e-6)


def test_nothing_open_has_no_pain() -> None:
    assert max_pain([]) is None
    assert max_pain([Open(90.0, CALL, 0.0)]) is None
