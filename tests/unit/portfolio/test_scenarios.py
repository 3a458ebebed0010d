"""Grids of price, volatility and time: no move is no P&L, small moves are the Greeks."""

from decimal import Decimal
from math import exp, inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import DAY, YEAR
from terminal.model.instrument import Right
from terminal.portfolio.books import NO_BOOK, Book, Books, refreshed
from terminal.portfolio.option_inputs import OptionInput
from terminal.portfolio.revaluation import (
    Cash,
    Holdings,
    LinearLeg,
    OptionLeg,
    VolShape,
    by_settlement,
    holdings_of,
    revalue,
)
from terminal.portfolio.scenarios import Axes, scenario_grid
from terminal.pricing import position_greeks
from terminal.pricing.position_greeks import OptionTerms
from tests.unit.portfolio import books

SPOT = 60_000.0
sizes = st.floats(-20.0, 20.0)
bases = st.floats(0.9, 1.15)


@st.composite
def option_legs(draw: st.DrawFn) -> OptionLeg:
    return OptionLeg(
        coins=draw(sizes),
        strike=draw(st.floats(30_000.0, 120_000.0)),
        years=draw(st.floats(0.02, 1.5)),
        vol=draw(st.floats(0.2, 1.5)),
        sign=draw(st.sampled_from([1.0, -1.0])),
        in_coin=draw(st.booleans()),
        basis=draw(bases),
    )


@st.composite
def linear_legs(draw: st.DrawFn) -> LinearLeg:
    inverse = draw(st.booleans())
    return LinearLeg(
        size=draw(sizes) * (SPOT if inverse else 1.0),
        entry=draw(st.none() | st.floats(30_000.0, 90_000.0)),
        inverse=inverse,
        basis=draw(bases),
        years=draw(st.none() | st.floats(0.02, 1.0)),
    )


@st.composite
def books_of_legs(draw: st.DrawFn) -> Holdings:
    return Holdings(
        SPOT,
        tuple(draw(st.lists(option_legs(), max_size=12))),
        tuple(draw(st.lists(linear_legs(), max_size=3))),
        Cash(draw(sizes), draw(st.floats(-1e6, 1e6))),
    )


def scale(holdings: Holdings) -> float:
    """Size of the numbers that are added, for rounding."""
    coins = sum(abs(each.coins) for each in holdings.options) + abs(holdings.cash.coins)
    futures = sum(abs(each.size) * (1.0 if each.inverse else SPOT) for each in holdings.linear)
    return SPOT * 2.0 * coins + 2.0 * futures + abs(holdings.cash.usd) + 1.0


@given(books_of_legs())
def test_no_move_is_no_profit(holdings: Holdings) -> None:
    grid = scenario_grid(holdings, Axes((0.0, -0.1), (0.0, 0.2), (0.0, 1.0)))
    assert abs(grid.pnl_usd[0, 0, 0]) <= 1e-13 * scale(holdings)
    assert abs(grid.pnl_coin[0, 0, 0]) <= 1e-13 * scale(holdings) / SPOT


@given(books_of_legs(), st.floats(-1e-4, 1e-4))
def test_small_moves_are_delta_and_gamma(holdings: Holdings, move: float) -> None:
    grid = scenario_grid(holdings, Axes((0.0, move), (0.0,), (0.0,)))
    step = SPOT * move
    delta, gamma = grid.delta[0, 0, 0], grid.gamma[0, 0, 0]
    taylor = delta * step + 0.5 * gamma * step * step
    third = 400.0 * scale(holdings) * abs(move) ** 3
    assert grid.pnl_usd[0, 0, 1] == pytest.approx(taylor, rel=1e-9, abs=third + 1e-7)
    worth = revalue(holdings, [SPOT, SPOT * exp(move)])
    change = worth.coin[1] - worth.coin[0]
    bound = (3.0 * scale(holdings) / SPOT) * (200.0 * move * move + 1e-12)
    assert abs(change - worth.delta_coin[0] * move) <= bound


@given(option_legs())
def test_a_leg_has_the_sensitivities_of_its_kind(leg: OptionLeg) -> None:
    terms = OptionTerms(leg.basis * SPOT, leg.strike, leg.years, leg.vol, leg.sign)
    of_kind = (
        position_greeks.coin_settled_option
        if leg.in_coin
        else position_greeks.usd_settled_option
    )
    expected = of_kind(leg.coins, SPOT, terms)
    worth = revalue(Holdings(SPOT, (leg,)), SPOT)
    assert float(worth.usd) == pytest.approx(float(expected.price_usd), rel=1e-12, abs=1e-9)
    assert float(worth.delta) == pytest.approx(float(expected.delta), rel=1e-12, abs=1e-15)
    assert float(worth.gamma) == pytest.approx(float(expected.gamma), rel=1e-12, abs=1e-18)
    assert float(worth.delta_coin) == pytest.approx(
        float(expected.delta) - float(expected.price_coin), rel=1e-9, abs=1e-12
    )


@given(linear_legs())
def test_futures_have_the_value_of_their_kind(leg: LinearLeg) -> None:
    of_kind = position_greeks.inverse_future if leg.inverse else position_greeks.linear_future
    expected = of_kind(leg.size, SPOT, leg.basis * SPOT, leg.entry)
    worth = revalue(Holdings(SPOT, (), (leg,)), SPOT)
    assert float(worth.usd) == pytest.approx(float(expected.price_usd), rel=1e-9, abs=1e-6)
    assert float(worth.delta_coin) == pytest.approx(
        float(expected.delta_net_of_premium), rel=1e-9, abs=1e-9
    )


@settings(max_examples=20)
@given(books_of_legs())
def test_a_grid_is_its_cells_one_by_one(holdings: Holdings) -> None:
    axes = Axes((-0.3, 0.0, 0.25), (-0.5, 0.3), (0.0, 9.0))
    grid = scenario_grid(holdings, axes)
    base = revalue(holdings, SPOT)
    for t, days in enumerate(axes.days):
        for v, vol in enumerate(axes.vols):
            for s, spot in enumerate(axes.spots):
                cell = revalue(holdings, SPOT * (1.0 + spot), vol, days)
                close = 1e-12 * scale(holdings)
                assert abs(grid.pnl_usd[t, v, s] - (cell.usd - base.usd)) <= close
                assert abs(grid.pnl_coin[t, v, s] - (cell.coin - base.coin)) <= close / SPOT * 2
                assert abs(grid.delta[t, v, s] - cell.delta) <= close / SPOT


@given(books_of_legs())
def test_the_worst_cell_is_the_worst(holdings: Holdings) -> None:
    grid = scenario_grid(holdings)
    assert grid.pnl_usd.shape == (3, 5, 9)
    assert grid.worst_usd.pnl == grid.pnl_usd.min()
    assert grid.worst_coin.pnl == grid.pnl_coin.min()
    axes, worst = grid.axes, grid.worst_usd
    where = (
        axes.days.index(worst.days),
        axes.vols.index(worst.vol_move),
        axes.spots.index(worst.spot_move),
    )
    assert grid.pnl_usd[where] == worst.pnl


@given(books_of_legs())
def test_positions_turned_round_lose_what_they_earned(holdings: Holdings) -> None:
    mirror = replace(
        holdings,
        options=tuple([replace(each, coins=-each.coins) for each in holdings.options]),
        linear=tuple([replace(each, size=-each.size) for each in holdings.linear]),
        cash=Cash(-holdings.cash.coins, -holdings.cash.usd),
    )
    np.testing.assert_array_equal(
        scenario_grid(holdings).pnl_usd, -scenario_grid(mirror).pnl_usd
    )


@given(books_of_legs())
def test_settlement_currencies_sum_to_the_whole(holdings: Holdings) -> None:
    spots = [50_000.0, 60_000.0]
    parts = [revalue(each, spots, 0.1, 2.0).usd for each in by_settlement(holdings)]
    np.testing.assert_allclose(
        sum(parts), revalue(holdings, spots, 0.1, 2.0).usd, atol=1e-12 * scale(holdings)
    )


def call(**changes: float | bool) -> OptionLeg:
    return replace(OptionLeg(1.0, 60_000.0, 5.0 / 365.0, 0.6, 1.0, in_coin=True), **changes)


def test_an_option_that_expires_on_the_way_pays_its_intrinsic_value() -> None:
    """The forward has run into the index by then, and volatility does not matter."""
    spots = np.array([50_000.0, 60_000.0, 75_000.0])
    for in_coin in (True, False):
        worth = revalue(
            Holdings(SPOT, (call(in_coin=in_coin, basis=1.02),)), spots, [0.5, 0.0, -0.5], 5.0
        )
        np.testing.assert_allclose(worth.usd, [0.0, 0.0, 15_000.0])
        np.testing.assert_allclose(worth.gamma, 0.0)
        np.testing.assert_allclose(worth.delta, [0.0, 0.5, 1.0])


def test_a_future_runs_into_the_index() -> None:
    leg = LinearLeg(2.0, 61_000.0, basis=1.1, years=10.0 / 365.0)
    worth = revalue(Holdings(SPOT, (), (leg,)), SPOT, 0.0, [0.0, 5.0, 10.0, 20.0])
    settled = 2.0 * (SPOT - 61_000.0)
    half = 2.0 * (1.1**0.5 * SPOT - 61_000.0)
    np.testing.assert_allclose(
        worth.usd, [2.0 * (66_000.0 - 61_000.0), half, settled, settled], rtol=1e-12
    )
    perpetual = LinearLeg(2.0, 61_000.0, basis=1.01)
    assert float(revalue(Holdings(SPOT, (), (perpetual,)), SPOT, 0.0, 400.0).usd) == pytest.approx(
        2.0 * (1.01 * SPOT - 61_000.0)
    )


def test_an_inverse_short_against_its_coins_is_dollars() -> None:
    grid = scenario_grid(
        Holdings(SPOT, (), (LinearLeg(-60_000.0, SPOT, inverse=True),), Cash(coins=1.0))
    )
    np.testing.assert_allclose(grid.pnl_usd, 0.0, atol=1e-9)
    assert grid.worst_coin.spot_move == 0.4
    assert grid.worst_coin.pnl == pytest.approx(1.0 / 1.4 - 1.0)


def test_shifts_of_volatility_depend_on_expiry() -> None:
    """A 20 % shift is 20 % at 30 days, more before it, less after it, and never below zero."""
    for days, expected in ((30.0, 0.2), (7.5, 0.2 * 4.0**0.3), (120.0, 0.2 * 4.0**-0.13)):
        leg = call(years=days / 365.0)
        moved = revalue(Holdings(SPOT, (leg,)), SPOT, 0.2)
        assert float(moved.usd) == pytest.approx(
            float(revalue(Holdings(SPOT, (replace(leg, vol=0.6 * (1.0 + expected)),)), SPOT).usd)
        )
    short = Holdings(SPOT, (call(years=0.5 / 365.0, strike=55_000.0),))
    assert float(revalue(short, SPOT, -0.5).usd) == pytest.approx(5_000.0)
    hour, day = call(years=1.0 / 8760.0), replace(call(), years=1.0 / 365.0)
    by_hour, by_day = (
        revalue(Holdings(SPOT, (replace(each, vol=0.6),)), SPOT, 0.1) for each in (hour, day)
    )
    factor = 1.0 + 0.1 * 30.0**0.3
    for leg, found in ((hour, by_hour), (day, by_day)):
        alone = revalue(Holdings(SPOT, (replace(leg, vol=0.6 * factor),)), SPOT)
        assert float(found.usd) == pytest.approx(float(alone.usd))
    floored = VolShape(least_after_rise=0.9)
    low = revalue(Holdings(SPOT, (call(),)), SPOT, 1e-9, 0.0, floored)
    assert float(low.usd) == pytest.approx(
        float(revalue(Holdings(SPOT, (call(vol=0.9),)), SPOT).usd)
    )


def held(*, option_expiry: int = books.EXPIRY) -> Book:
    ledger = books.ledger_of(
        (books.option("50000", expiry=option_expiry), "2", "0.2"),
        (books.option("70000", Right.PUT, "USDC", option_expiry), "-3", "9000"),
        (books.linear_perp(), "1.5", "59000"),
        (books.inverse_perp(), "-100", "61000"),
        (books.linear_future(), "1", "60500"),
    )
    instruments = {
        each.contract.key: each
        for each in (
            books.option("50000", expiry=option_expiry),
            books.option("70000", Right.PUT, "USDC", option_expiry),
            books.linear_perp(),
            books.inverse_perp(),
            books.linear_future(),
        )
    }
    return refreshed(Books(), instruments, ledger).by_underlying["BTC"]


def test_a_book_becomes_holdings() -> None:
    book = held()
    inputs = [OptionInput(1.01, 0.5, None), OptionInput(1.01, 0.7, None)]
    future = books.linear_future().contract.key
    built = holdings_of(
        book, inputs, {future: 60_900.0}, spot=SPOT, now=books.NOW, cash=Cash(2.0, 100.0)
    )
    assert built.missing == ()
    made = built.holdings
    years = 30 * DAY / YEAR
    assert made.options == (
        OptionLeg(2.0, 50_000.0, years, 0.5, 1.0, in_coin=True, basis=1.01),
        OptionLeg(-3.0, 70_000.0, years, 0.7, -1.0, in_coin=False, basis=1.01),
    )
    assert set(made.linear) == {
        LinearLeg(1.5, 59_000.0),
        LinearLeg(-1_000.0, 61_000.0, inverse=True),
        LinearLeg(1.0, 60_500.0, basis=60_900.0 / SPOT, years=years),
    }
    assert made.cash == Cash(2.0, 100.0)


def test_what_is_unknown_is_named_and_left_out() -> None:
    book = held()
    inputs = [OptionInput(1.01, None, None), OptionInput(1.0, 0.7, None, usable=False)]
    built = holdings_of(book, inputs, {}, spot=SPOT, now=books.NOW)
    dated = books.linear_future().contract.key
    assert set(built.missing) == {*(each.key for each in book.options), dated}
    assert built.holdings.options == ()
    assert len(built.holdings.linear) == 2
    nameless = replace(book, futures=tuple([replace(each, entry=None) for each in book.futures]))
    assert len(holdings_of(nameless, inputs, {}, spot=SPOT, now=books.NOW).missing) == 5


def test_an_expired_option_is_the_cash_it_pays() -> None:
    book = held(option_expiry=books.NOW)
    inputs = [OptionInput(1.0, 0.0, None), OptionInput(1.0, 0.0, None)]
    built = holdings_of(book, inputs, {}, spot=SPOT, now=books.NOW, cash=Cash(1.0, 0.0))
    assert built.holdings.cash.coins == pytest.approx(1.0 + 2.0 * 10_000.0 / SPOT)
    assert built.holdings.cash.usd == pytest.approx(-3.0 * 10_000.0)


def test_inputs_must_be_those_of_the_options() -> None:
    with pytest.raises(ValueError, match="shorter"):
        holdings_of(held(), [], {}, spot=SPOT, now=books.NOW)
    empty = holdings_of(NO_BOOK, [], {}, spot=SPOT, now=books.NOW).holdings
    assert empty.is_empty
    assert scenario_grid(empty).worst_usd.pnl == 0.0


@pytest.mark.parametrize("bad", [nan, inf, -inf])
@pytest.mark.parametrize("name", ["coins", "strike", "years", "vol", "sign", "basis"])
def test_legs_refuse_what_is_not_finite(name: str, bad: float) -> None:
    with pytest.raises(ValueError, match=name):
        call(**{name: bad})


@pytest.mark.parametrize(
    ("name", "bad"),
    [("strike", 0.0), ("years", 0.0), ("vol", -0.1), ("sign", 0.5), ("basis", -1.0)],
)
def test_legs_refuse_what_is_out_of_range(name: str, bad: float) -> None:
    with pytest.raises(ValueError, match=name):
        call(**{name: bad})


def test_other_bad_input() -> None:
    with pytest.raises(ValueError, match=r"Holdings\.spot"):
        Holdings(0.0)
    with pytest.raises(TypeError, match=r"Holdings\.spot"):
        Holdings("60000")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"Cash\.coins"):
        Cash(Decimal(1))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"LinearLeg\.entry"):
        LinearLeg(1.0, 0.0)
    with pytest.raises(ValueError, match=r"VolShape\.pivot_days"):
        VolShape(pivot_days=0.0)
    one = Holdings(SPOT, (call(),))
    with pytest.raises(ValueError, match=r"Axes\.vols is empty"):
        scenario_grid(one, Axes(vols=()))
    with pytest.raises(ValueError, match="price > 0"):
        scenario_grid(one, Axes(spots=(-1.0,)))
    with pytest.raises(ValueError, match="vol_moves"):
        revalue(one, SPOT, -1.1)
    with pytest.raises(ValueError, match="days >= 0"):
        revalue(one, SPOT, 0.0, -1.0)
    with pytest.raises(ValueError, match="finite"):
        revalue(one, [SPOT, nan])
    with pytest.raises(TypeError, match="spots"):
        revalue(one, ["60000"])
    with pytest.raises(TypeError, match="days"):
        revalue(one, SPOT, 0.0, np.array([1.0], dtype=object))
    with pytest.raises(ValueError, match="broadcast"):
        revalue(one, [1.0, 2.0], [0.0, 0.0, 0.0])
    with pytest.raises(ValueError, match="too large"):
        revalue(Holdings(SPOT, cash=Cash(coins=1e300)), 1e300)


def test_no_scenarios_are_no_values() -> None:
    assert revalue(Holdings(SPOT, (call(),)), []).usd.shape == (0,)


def test_long_histories_are_priced_in_parts() -> None:
    """More option prices than fit one call: the same values as one by one."""
    legs = tuple([call(strike=40_000.0 + 100.0 * k) for k in range(400)])
    spots = np.linspace(30_000.0, 90_000.0, 700)
    whole = revalue(Holdings(SPOT, legs), spots)
    some = [0, 654, 655, 656, 699]
    np.testing.assert_allclose(
        whole.usd[some], revalue(Holdings(SPOT, legs), spots[some]).usd, rtol=1e-12
    )
