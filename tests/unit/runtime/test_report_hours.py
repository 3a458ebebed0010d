"""Hour by hour: value at risk and its test, bands, drawdown; sums that tie to the day's."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.engine.state import DeskState, State
from terminal.model.greeks import Exposure, Sensitivity
from terminal.model.hedge import Target
from terminal.model.risk import Autonomy
from terminal.runtime.reporting.at_risk import coverage, value_at_risk
from terminal.runtime.reporting.hours import drawdown
from terminal.runtime.reporting.walk import EVERY, Walk, used


@pytest.mark.parametrize(
    ("confidence", "periods", "least", "most"),
    [
        (0.99, 255, 1, 6),  # the table has no lower end here: the ratio of none is 5.1
        (0.99, 510, 2, 10),
        (0.99, 1000, 5, 16),
        (0.95, 255, 7, 20),
        (0.95, 510, 17, 35),
        (0.95, 1000, 38, 64),
        (0.90, 255, 17, 35),
        (0.90, 1000, 82, 119),
    ],
)
def test_kupiec_accepts_what_his_table_accepts(
    confidence: float, periods: int, least: int, most: int
) -> None:
    """Kupiec (1995), table of regions that are not rejected at 95 %."""
    for exceptions in range(most + 20):
        p = coverage(periods, exceptions, confidence).p
        assert p is not None
        assert (p > 0.05) == (least <= exceptions <= most), exceptions


@given(st.integers(1, 3000), st.floats(0.5, 0.999), st.data())
def test_coverage_is_a_probability_and_best_at_what_is_expected(
    periods: int, confidence: float, data: st.DataObject
) -> None:
    exceptions = data.draw(st.integers(0, periods))
    found = coverage(periods, exceptions, confidence)
    assert found.p is not None
    assert 0.0 <= found.p <= 1.0
    expected = round(found.expected)
    best = coverage(periods, expected, confidence).p
    near = coverage(periods, min(expected + 1, periods), confidence).p
    assert best is not None
    assert near is not None
    assert found.p <= max(best, near, coverage(periods, max(expected - 1, 0), confidence).p or 0.0)


def test_without_a_period_nothing_is_tested() -> None:
    assert coverage(0, 0, 0.99).p is None


def _exposure(*, usable: bool = True, **greeks: float) -> Exposure:
    return Exposure(
        underlying="BTC",
        spot=100.0,
        total=Sensitivity(**greeks),
        working=0.0,
        option_delta=0.0,
        hedge_delta=0.0,
        usable=usable,
    )


def test_value_at_risk_of_a_plain_delta_is_its_quantile() -> None:
    found = value_at_risk(_exposure(delta_usd=-1000.0), 0.6, 0.95, 1.0 / 24.0)
    assert found == pytest.approx(1.6448536 * 1000.0 * 0.6 / math.sqrt(365 * 24), rel=1e-6)


def test_value_at_risk_of_the_unknown_is_unknown() -> None:
    assert value_at_risk(_exposure(usable=False, delta_usd=1.0), 0.6, 0.95) is None
    assert value_at_risk(_exposure(delta_usd=1.0), None, 0.95) is None
    assert value_at_risk(_exposure(delta_usd=1.0), 0.0, 0.95) is None


@given(st.lists(st.none() | st.floats(-1e6, 1e6), max_size=30))
def test_the_deepest_fall_is_the_deepest_of_all_pairs(path: list[float | None]) -> None:
    points = list(enumerate(path))
    known = [(at, usd) for at, usd in points if usd is not None]
    pairs = [a - b for i, (_, a) in enumerate(known) for _, b in known[i:]]
    found = drawdown(points)
    if not known:
        assert found is None
    else:
        assert found is not None
        usd, top, bottom = found
        assert usd == max(pairs)
        assert top <= bottom


def _desk(net: float | None, low: float, high: float) -> DeskState:
    target = Target(0.5 * (low + high), low, high, "rule", "reason")
    return DeskState(autonomy=Autonomy.AUTO, net=net, target=target)


def test_a_band_is_used_from_its_middle_to_its_edge() -> None:
    assert used(_desk(1.0, 0.0, 2.0)) == 0.0
    assert used(_desk(2.0, 0.0, 2.0)) == used(_desk(0.0, 0.0, 2.0)) == 1.0
    assert used(_desk(-1.0, 0.0, 2.0)) == 2.0
    assert used(_desk(None, 0.0, 2.0)) is None
    assert used(DeskState(autonomy=Autonomy.AUTO, net=1.0)) is None
    assert used(_desk(1.0, 1.0, 1.0)) == 0.0
    assert (used(_desk(1.1, 1.0, 1.0)) or 0.0) > 1.0


def test_theta_counts_for_as_long_as_the_horizon() -> None:
    found = value_at_risk(_exposure(theta_usd_day=-240.0), 0.6, 0.95, 1.0 / 24.0)
    assert found == pytest.approx(10.0)


def test_on_its_edge_delta_is_inside_its_band() -> None:
    walk = Walk()
    for at, net in enumerate((0.0, 2.0, 2.1, 1.0, None)):
        walk.step(State(now=(at + 1) * EVERY, desks={"BTC": _desk(net, 0.0, 2.0)}))
    assert walk.bands["BTC"].counts == [1, 0, 0, 2, 1]
    assert walk.bands["BTC"].unknown == 1
