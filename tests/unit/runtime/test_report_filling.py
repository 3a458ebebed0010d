"""How hedges filled: ratios and times worked by hand, and hedges that never did."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import SECOND
from terminal.model.tca import HedgeCost, Sent
from terminal.runtime.reporting.filling import filling_table
from tests.unit.runtime.test_report_hedging_error import NOON, hedge


def filled(
    coins: float, first: float, last: float, maker: float = 0.0, *, worse: bool = False
) -> HedgeCost:
    """A hedge of two coins, sent at noon; times in seconds from then."""
    return replace(
        hedge("h", coins),
        asked=Decimal(2),
        asked_coins=2.0,
        orders=(Sent("o", NOON, 100.0, 0.5),),
        first_fill_at=NOON + int(first * SECOND) if coins else 0,
        last_fill_at=NOON + int(last * SECOND) if coins else 0,
        notional=100.0 * coins,
        maker_notional=100.0 * coins * maker,
        worse=worse,
    )


def test_worked_by_hand() -> None:
    hedges = [
        filled(2.0, 1.0, 1.0),
        filled(1.0, 2.0, 5.0, worse=True),
        filled(2.0, 4.0, 9.0),
        filled(1.5, 30.0, 40.0, 1.0),
    ]
    maker, taker = filling_table(hedges).rows
    assert taker == ("BTC", "taker", 3, 3, 5.0 / 6.0, 2.0, 5.0, 9.0, 1)
    assert maker == ("BTC", "maker", 1, 1, 0.75, 30.0, 40.0, 40.0, 0)


def test_a_hedge_that_never_filled_has_no_time_and_one_without_a_proposal_no_ratio() -> None:
    (row,) = filling_table([filled(0.0, 0.0, 0.0)]).rows
    assert row == ("BTC", "none", 1, 1, 0.0, "", "", "", 0)
    (row,) = filling_table([replace(filled(2.0, 1.0, 1.0), asked_coins=0.0)]).rows
    assert row[4] is None


@given(st.lists(st.tuples(st.floats(0.01, 2.0), st.floats(0.1, 9.0), st.floats(0.0, 9.0))))
def test_every_hedge_is_in_one_row_and_no_median_is_beyond_the_longest(
    drawn: list[tuple[float, float, float]],
) -> None:
    hedges = [filled(coins, first, first + more) for coins, first, more in drawn]
    rows = filling_table(hedges).rows
    assert sum(row[2] for row in rows if isinstance(row[2], int)) == len(hedges)
    for *_, ratio, first, last, longest, _ in rows:
        assert isinstance(ratio, float)
        assert 0.0 < ratio <= 1.0 + 1e-12
        assert isinstance(first, float)
        assert isinstance(last, float)
        assert isinstance(longest, float)
        assert first <= longest
        assert last <= longest


def test_a_day_without_a_hedge_says_so() -> None:
    assert filling_table(()).rows == ()
    assert filling_table(()).empty
