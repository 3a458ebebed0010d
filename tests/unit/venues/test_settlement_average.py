"""Settlement at the mean of the last half hour: laws of the mean, and the venue that pays it."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.units import MINUTE, SECOND
from terminal.model.account import Balance, Position, Settled
from terminal.model.instrument import Option
from terminal.model.market import Index
from terminal.model.messages import Listing
from terminal.venues.settlement_average import NEVER, WINDOW, SettlementAverages
from terminal.venues.simulated import SimulatedVenue, VenueTerms
from tests.helpers.builders import EXPIRY, OPTION, instruments

OPENS = EXPIRY - WINDOW


def averages(*points: tuple[int, float], before: float | None = None) -> SettlementAverages:
    """Averages that were told these prices, seconds after the window opened."""
    made = SettlementAverages()
    made.plan([EXPIRY], OPENS - MINUTE)
    for seconds, price in points:
        made.note("BTC", OPENS + seconds * SECOND, price, before)
        before = price
    return made


prices = st.floats(1e3, 1e5)
seconds = st.integers(0, 1800)


@given(price=prices, when=st.lists(seconds, max_size=8, unique=True))
def test_a_price_that_stands_still_is_its_own_mean(price: float, when: list[int]) -> None:
    made = averages(*((each, price) for each in sorted(when)), before=price)
    assert float(made.price("BTC", EXPIRY, price)) == pytest.approx(price, abs=1e-4)


@given(st.lists(st.tuples(seconds, prices), min_size=1, max_size=12, unique_by=lambda p: p[0]))
def test_the_mean_is_that_of_the_line_through_the_prices(
    points: list[tuple[int, float]],
) -> None:
    points = sorted(points)
    made = averages(*points, before=50_000.0)
    grid = np.linspace(0.0, 1800.0, 180_001)
    corners = [(0.0, 50_000.0), *((float(at), price) for at, price in points)]
    line = np.interp(grid, *np.array(corners).T)
    mean = float(np.trapezoid(line, grid)) / 1800.0
    steepest = max((price for _, price in corners)) * 0.02 / 1800.0  # corners between grid points
    got = float(made.price("BTC", EXPIRY, 1.0))
    assert got == pytest.approx(mean, abs=max(60.0 * steepest, 5.0), rel=2e-4)
    low, high = min(price for _, price in corners), max(price for _, price in corners)
    assert low - 1e-4 <= got <= high + 1e-4


def test_half_an_hour_of_a_straight_move_settles_half_way() -> None:
    moved = averages((0, 50_000.0), (1800, 52_000.0))
    assert moved.price("BTC", EXPIRY, 1.0) == Decimal("51000.0000")


def test_what_comes_after_expiry_does_not_count() -> None:
    made = averages((0, 50_000.0), (1800, 50_000.0), (1801, 90_000.0))
    assert made.price("BTC", EXPIRY, 90_000.0) == Decimal("50000.0000")


def test_a_jump_in_the_last_minute_moves_a_thirtieth() -> None:
    steady = [(each, 50_000.0) for each in range(0, 1741, 60)]
    made = averages(*steady, (1741, 53_000.0), (1800, 53_000.0))
    assert float(made.price("BTC", EXPIRY, 53_000.0)) == pytest.approx(50_000 + 3_000 / 30, abs=2.0)


def test_without_a_note_the_latest_price_settles() -> None:
    made = averages()
    assert made.price("BTC", EXPIRY, 49_999.5) == Decimal("49999.5000")


def test_only_what_was_known_enters() -> None:
    late = averages((1200, 40_000.0), (1800, 40_000.0))  # ten minutes of it, nothing before
    assert late.price("BTC", EXPIRY, 1.0) == Decimal("40000.0000")


def test_nothing_is_kept_far_from_an_expiry() -> None:
    made = averages((0, 50_000.0))
    made.plan([EXPIRY], EXPIRY)
    assert made.opens_at == NEVER - WINDOW
    assert made.price("BTC", EXPIRY, 7.0) == Decimal("7.0000")


def test_of_two_expiries_the_second_keeps_its_own_half_hour() -> None:
    later = EXPIRY + 10 * MINUTE + 30 * SECOND  # its half hour begins between two prices
    made = SettlementAverages()
    made.plan([EXPIRY, later], OPENS)
    for minute in range(31):
        made.note("BTC", OPENS + minute * MINUTE, 50_000.0 + 100.0 * minute, None)
    assert made.price("BTC", EXPIRY, 1.0) == Decimal("51500.0000")
    made.plan([EXPIRY, later], EXPIRY)
    for half in range(62, 82):
        made.note("BTC", OPENS + half * 30 * SECOND, 50_000.0 + 50.0 * half, None)
    assert made.price("BTC", later, 1.0) == Decimal("52550.0000")


def venue() -> SimulatedVenue:
    held = (Position(OPTION, Decimal(1), Decimal(20_000)),)
    made = SimulatedVenue(VenueTerms(name="sim"), held, (Balance("USDC", Decimal(0)),))
    made.on_market(OPENS - 60 * MINUTE, Listing("sim", instruments()))
    return made


def test_the_venue_settles_an_option_at_the_mean() -> None:
    made = venue()
    made.on_market(OPENS - MINUTE, Index("BTC", 10.0))  # before the window: does not count
    for minute in range(31):
        made.on_market(OPENS + minute * MINUTE, Index("BTC", 50_000.0 + 100.0 * minute))
    made.advance(EXPIRY + SECOND)
    _, outcome = made.pop()
    # The line of 50,000 to 53,000, and 0 to 50,000 in the first instant of the window.
    assert isinstance(outcome, Settled)
    assert float(outcome.price) == pytest.approx(51_500.0, abs=1.0)
    paid = {each.currency: each.amount for each in made.snapshot().balances}
    assert paid["USDC"] == outcome.price - instrument().strike


def instrument() -> Option:
    return next(each for each in instruments() if isinstance(each, Option))


def test_the_same_market_settles_the_same() -> None:
    def run() -> Decimal:
        made = venue()
        rng = np.random.default_rng(9)
        for second in range(0, 1801, 7):
            price = 50_000.0 + float(rng.normal(0.0, 50.0))
            made.on_market(OPENS + second * SECOND, Index("BTC", price))
        made.advance(EXPIRY + SECOND)
        outcome = made.pop()[1]
        assert isinstance(outcome, Settled)
        return outcome.price

    assert run() == run()
