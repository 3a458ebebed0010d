"""Delta left open between hedges: its P&L, how it swings, and Derman and Kamal's expectation."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import DAY, HOUR
from terminal.engine.state import DeskState, State
from terminal.market.state import Level, Market
from terminal.model.greeks import PositionRisk, Sensitivity
from terminal.model.hedge import Target
from terminal.model.order import Side
from terminal.model.risk import Autonomy
from terminal.model.tca import HedgeCost
from terminal.runtime.reporting.hedging_error import (
    Error,
    error_tables,
    error_words,
    expected_shares,
    filled_hedges,
)
from terminal.runtime.reporting.open_delta import OpenDelta, OpenSum, Scatter, scatter
from terminal.runtime.reporting.walk import EVERY, Walk

NOON = 20_000 * DAY + 12 * HOUR
SPAN = (NOON, NOON + DAY)


def option(days: float, vega: float, vol: float | None = 0.5) -> PositionRisk:
    return PositionRisk(
        key=f"{days}@sim",
        symbol="",
        kind="option",
        qty=Decimal(1),
        coins=1.0,
        entry=None,
        mark=None,
        iv=vol,
        upnl_usd=0.0,
        expiry=NOON + int(days * DAY),
        risk=Sensitivity(vega_usd=vega),
    )


def hedge(name: str, coins: float = 1.0, **parts: int) -> HedgeCost:
    return replace(
        HedgeCost(
            hedge_id=name,
            underlying="BTC",
            key="P@sim",
            rule="",
            by="auto",
            side=Side.BUY,
            asked=Decimal(1),
            asked_coins=1.0,
            decided_at=NOON,
            approved_at=NOON,
            decision_mid=100.0,
            predicted_usd=0.0,
            expected_slip=0.0,
            coins=coins,
        ),
        **parts,
    )


def test_delta_left_open_earns_the_moves_that_came_after_it() -> None:
    path = OpenDelta()
    for price, away in ((100.0, 2.0), (101.0, -1.0), (98.0, 5.0)):
        path.look(price, away)
    path.close(1)
    assert path.sums == [OpenSum(1, 2.0 * 1.0 + -1.0 * -3.0, 2, 0)]


def test_what_is_unknown_interrupts_and_is_counted() -> None:
    path = OpenDelta()
    for price, away in ((100.0, 2.0), (None, 2.0), (150.0, None), (200.0, 1.0), (201.0, 0.0)):
        path.look(price, away)
    path.close(1)
    path.close(1)
    assert path.sums == [OpenSum(1, 1.0, 1, 2)]
    assert scatter([OpenSum(1, 0.0, 0, 7)]) == Scatter(0.0, 0.0, 0, 7)


@given(st.lists(st.floats(1.0, 1e5), min_size=2, max_size=30), st.floats(-1e3, 1e3), st.data())
def test_an_open_delta_that_stands_earns_the_whole_move_wherever_samples_end(
    prices: list[float], delta: float, data: st.DataObject
) -> None:
    path = OpenDelta()
    for at, price in enumerate(prices):
        path.look(price, delta)
        if data.draw(st.booleans()):
            path.close(at)
    path.close(len(prices))
    found = scatter(path.sums)
    assert found.usd == pytest.approx(
        delta * (prices[-1] - prices[0]), abs=1e-6 * abs(delta) + 1e-9
    )
    assert found.deviation <= sum(abs(each.usd) for each in path.sums) + 1e-9


def test_samples_add_up_as_squares() -> None:
    sums = [OpenSum(1, 3.0, 1, 0), OpenSum(2, -4.0, 1, 0)]
    assert scatter(sums) == Scatter(-1.0, 5.0, 2, 0)


def test_a_walk_measures_delta_from_the_middle_of_the_band() -> None:
    walk = Walk()
    for at, price in enumerate((100.0, 110.0, 105.0)):
        desk = DeskState(autonomy=Autonomy.AUTO, net=4.0, target=Target(0.0, 0.0, 2.0, "", ""))
        market = Market(index={"BTC": Level(0, price)})
        state = State(now=(at + 1) * EVERY, desks={"BTC": desk}, market=market)
        walk.step(state)
    walk.close(state)
    assert scatter(walk.left_open.coins["BTC"].sums).usd == pytest.approx(3.0 * 5.0)
    assert walk.left_open.coins["BTC"].sums[-1].known == 2


def test_expectation_worked_by_hand() -> None:
    """A day of an option of two days, hedged four times: eight to expiry, half of its life."""
    (found,), why = expected_shares([option(2.0, 10.0)], 4, SPAN)
    assert why == ""
    assert found.hedges == 8.0
    assert found.to_expiry == pytest.approx(math.sqrt(math.pi / 4.0 / 8.0) * 1000.0 * 0.5)
    assert found.to_expiry == pytest.approx(156.66, abs=0.01)
    # arcsin(1/2) = pi/6, halved: pi/12
    assert found.here == pytest.approx(math.sqrt(math.pi / 12.0 / 8.0) * 500.0)
    assert found.here == pytest.approx(90.45, abs=0.01)


def test_an_option_that_expires_within_the_span_is_hedged_to_its_expiry() -> None:
    (found,), _ = expected_shares([option(0.5, 10.0)], 4, SPAN)
    assert found.hedges == 4.0
    assert found.here == found.to_expiry


@given(st.floats(0.01, 400.0), st.floats(0.1, 1e6), st.integers(1, 500))
def test_short_options_undo_long_ones_and_more_hedges_leave_less(
    days: float, vega: float, hedges: int
) -> None:
    (net,), _ = expected_shares([option(days, vega), option(days, -vega)], hedges, SPAN)
    assert net.here == net.to_expiry == 0.0
    (once,), _ = expected_shares([option(days, vega)], hedges, SPAN)
    (often,), _ = expected_shares([option(days, -vega)], 4 * hedges, SPAN)
    assert often.here == pytest.approx(-0.5 * once.here)
    assert 0.0 < once.here <= once.to_expiry


@pytest.mark.parametrize(
    ("options", "hedges", "span", "why"),
    [
        ([], 3, SPAN, "no option"),
        ([option(2.0, 1.0)], 0, SPAN, "no hedge"),
        ([option(2.0, 1.0), option(2.0, 1.0, None)], 3, SPAN, "volatility"),
        ([option(-1.0, 1.0)], 3, SPAN, "expired"),
        ([option(2.0, 1.0)], 3, (NOON, NOON), "no time"),
    ],
)
def test_without_its_inputs_nothing_is_expected(
    options: list[PositionRisk], hedges: int, span: tuple[int, int], why: str
) -> None:
    shares, said = expected_shares(options, hedges, span)
    assert shares == ()
    assert why in said


def test_parts_of_a_hedge_are_one_and_what_never_filled_is_none() -> None:
    hedges = [hedge("a"), hedge("a.2"), hedge("b"), hedge("c", 0.0), hedge("d", decided_at=1)]
    assert filled_hedges(hedges, "BTC", NOON) == 2
    assert filled_hedges(hedges, "ETH", NOON) == 0


def error(expected: float | None, samples: int = 40, why: str = "") -> Error:
    found = Scatter(-7.0, 30.0, samples, 2)
    return Error(underlying="BTC", hedges=3, found=found, expected=expected, shares=(), remark=why)


def test_the_ratio_is_said_with_its_sample_and_never_made_up() -> None:
    (line,) = error_words([error(20.0)])
    assert "ratio of 1.50, from 40 stretches" in line
    assert "little" not in line
    (line,) = error_words([error(20.0, samples=4)])
    assert line.endswith("So few say little.")
    nothing = [error(None, why="no option"), error(0.0), error(20.0, samples=0)]
    assert list(error_words(nothing)) == []
    table, _ = error_tables(nothing)
    assert [row[-2] for row in table.rows] == [None, None, None]
    assert table.rows[0][-1] == "no option"
    assert table.rows[2][2] is table.rows[2][3] is None


def test_a_day_without_a_desk_says_so() -> None:
    for each in error_tables(()):
        assert each.rows == ()
        assert each.empty
