"""Policies at equal risk in the report of a backtest: what is compared, and what cannot be."""

from concurrent.futures import BrokenExecutor, Future
from decimal import Decimal

import numpy as np
import pytest
from msgspec.structs import replace

from terminal.core.units import DAY, SECOND
from terminal.lab.compare import compare
from terminal.lab.ground import history
from terminal.lab.rule import Lots
from terminal.lab.rules import REFERENCE
from terminal.lab.windows import LONG_DAYS, Setup
from terminal.model.instrument import Payoff
from terminal.runtime.reporting import policies
from terminal.runtime.reporting.policies import (
    DRAWN,
    DRAWS,
    RISKS,
    Compared,
    Ground,
    compared,
    on_grid,
    policies_section,
)
from terminal.runtime.reporting.variants import compared_of
from terminal.runtime.reporting.walk import SAMPLE, Point
from tests.unit.portfolio.books import inverse_perp, linear_perp

DAYS = LONG_DAYS + 7 + 20
LOTS = Lots(0.001, 0.001, 5.0)


def ground(days: int = DAYS) -> Ground:
    """Prices of a random walk at 60 % a year, from a midnight on."""
    count = days * DAY // SAMPLE + 1
    draws = np.random.default_rng(5).normal(0.0, 0.6 * np.sqrt(SAMPLE / (365 * DAY)), count)
    at = [(20_000 * DAY + number * SAMPLE) for number in range(count)]
    return Ground("BTC", at, (60_000.0 * np.exp(draws.cumsum())).tolist(), 5e-4, LOTS)


@pytest.fixture(scope="module")
def found() -> Compared:
    return compared(ground())


def test_every_policy_stands_beside_the_reference_at_the_same_risk(found: Compared) -> None:
    assert found.found is not None
    assert found.found.windows == 21  # one a day, while seven days are left
    section = policies_section((found,))
    rows = section.tables[0].rows
    names = {row[2] for row in rows}
    assert len(names) >= 11
    assert len(rows) == len(names) * len(RISKS)
    for risk in {row[1] for row in rows}:
        at = {row[2]: row for row in rows if row[1] == risk}
        assert at[REFERENCE][6:9] == (1.0, 1.0, 1.0)
        for row in at.values():
            assert row[6] == pytest.approx(row[3] / at[REFERENCE][3])  # type: ignore[operator]
            assert row[4] <= row[5]  # type: ignore[operator]
    (chart,) = section.charts
    assert len(chart.curves) == DRAWN
    assert REFERENCE in {curve.name for curve in chart.curves}


def test_the_prices_are_those_that_the_lab_would_cut(found: Compared) -> None:
    """Bars rebuilt from samples give the windows that the samples themselves do."""
    given = ground()
    bars = policies._bars(given)
    windows = history(bars, Setup(cost=given.cost))
    place = [given.at.index(int(start)) for start in windows.start]
    assert windows.price[0].tolist() == [given.price[each] for each in place]
    assert windows.price[-1].tolist() == [given.price[each + 7 * 288] for each in place]
    again = compare(
        "BTC", windows, Setup(cost=given.cost), LOTS, DRAWS, tell=lambda *_: None, targets=RISKS
    )
    assert again == found.found


def test_a_hole_leaves_its_days_out() -> None:
    whole = ground()
    hole = slice(45 * 288 + 7, 45 * 288 + 8)
    del whole.at[hole], whole.price[hole]
    assert (result := compared(whole)).found is None  # thirty days before each window have it
    assert "windows have their 7 days" in result.fault
    assert "give more bars" in result.fault


def test_a_short_run_says_how_much_is_missing() -> None:
    result = compared(ground(20))
    (line,) = [word for word in policies_section((result,)).words if "BTC" in word]
    assert line.startswith("BTC was not compared: 0 windows have their 7 days and the 30 before")
    assert policies_section((result,)).tables[0].rows == ()
    assert "--quick" in policies_section(None).words[0]


def test_samples_come_to_the_grid_and_late_ones_do_not() -> None:
    start = 20_000 * DAY

    def point(late: int, spot: float | None) -> Point:
        return Point(start + late, spot, None, None, None)

    points = [
        point(0, 1.0),
        point(SAMPLE + 9 * SECOND, 2.0),
        point(SAMPLE + 20 * SECOND, 2.5),  # the first after the instant counts
        point(2 * SAMPLE + 61 * SECOND, 3.0),  # too late
        point(3 * SAMPLE, None),
        point(4 * SAMPLE, 5.0),
    ]
    assert on_grid(points) == ([start, start + SAMPLE, start + 4 * SAMPLE], [1.0, 2.0, 5.0])


def test_lots_of_an_inverse_contract_are_coins_at_the_last_price() -> None:
    inverse = replace(inverse_perp().contract, min_qty=Decimal(2))
    lot, least, usd = policies._lots(inverse, 50_000.0)
    assert inverse.payoff is Payoff.INVERSE
    assert lot == pytest.approx(float(inverse.lot) * 10 / 50_000)
    assert least == pytest.approx(20 / 50_000)
    assert usd == float(inverse.min_notional)
    linear = linear_perp().contract
    assert policies._lots(linear, 1.0).lot == float(linear.lot) * float(linear.multiplier)


def test_a_process_that_ends_early_is_said() -> None:
    ended: Future[Compared] = Future()
    ended.set_exception(BrokenExecutor("killed"))
    assert compared_of("BTC", ended) == Compared("BTC", fault="its process ended: killed")
