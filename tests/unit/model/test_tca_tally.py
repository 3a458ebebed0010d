"""Totals of execution costs: sums of their hedges, and the fit of the prediction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import SECOND
from terminal.execution.tca import filled
from terminal.model.tca import NO_MARKS, HedgeCost, Mark, Shortfall
from terminal.model.tca_tally import Calibration, Tally, observed, tally_of
from terminal.model.tca_view import delays
from tests.helpers.builders import NOW
from tests.unit.execution.test_tca import bought, working

PAIRS = st.lists(
    st.tuples(st.floats(0.1, 100.0), st.floats(-100.0, 200.0)), min_size=2, max_size=40
)


def fitted(pairs: list[tuple[float, float]]) -> Calibration:
    return sum((observed(x, y) for x, y in pairs), Calibration())


@given(pairs=PAIRS)
def test_the_slope_and_its_error_are_those_of_least_squares(
    pairs: list[tuple[float, float]]
) -> None:
    x, y = np.array(pairs).T
    slope = float(np.linalg.lstsq(x[:, None], y, rcond=None)[0][0])
    left = y - slope * x
    n = len(pairs)
    white = float(np.sqrt(np.sum((x * left) ** 2) * n / (n - 1)) / np.sum(x * x))
    fit = fitted(pairs)
    assert fit.slope == pytest.approx(slope, rel=1e-9, abs=1e-9)
    # Sums cancel when the fit is nearly perfect: the error is then small, not exact.
    assert fit.error == pytest.approx(white, rel=1e-3, abs=1e-5 * (1.0 + float(np.abs(y).max())))


def test_no_slope_without_a_prediction_and_no_error_of_one_hedge() -> None:
    assert Calibration().slope is Calibration().error is None
    assert observed(0.0, 5.0).slope is None
    assert observed(5.0, 6.0).slope == pytest.approx(1.2)
    assert observed(5.0, 6.0).error is None
    assert fitted([(5.0, 6.0), (10.0, 12.0)]).error == pytest.approx(0.0, abs=1e-7)


def hedge(price: float = 50_012.0, **more: object) -> HedgeCost:
    return replace(filled(working(), bought(price)), **more)


@given(prices=st.lists(st.floats(49_000.0, 51_000.0), min_size=1, max_size=8))
def test_totals_are_the_sums_of_their_hedges(prices: list[float]) -> None:
    hedges = [hedge(price) for price in prices]
    whole = sum((tally_of(each) for each in hedges), Tally())
    assert whole.hedges == len(hedges)
    assert whole.total == pytest.approx(sum(each.paid.total or 0.0 for each in hedges), abs=1e-6)
    assert whole.value == pytest.approx(50_000.0 * len(hedges))
    assert whole.predicted == pytest.approx(sum(each.predicted for each in hedges))
    assert whole.fit.count == len(hedges)


def test_what_is_unknown_is_counted_and_left_out() -> None:
    blind = tally_of(hedge(decision_mid=None))
    assert (blind.hedges, blind.unknown, blind.value, blind.total) == (1, 1, 0.0, 0.0)
    assert blind.notional > 0.0
    unfee = Shortfall(delay=1.0, spread=1.0, impact=1.0, price=3.0, fee=None)
    assert tally_of(hedge(paid=unfee)).unknown == 1
    both = blind + tally_of(hedge())
    assert both.bps(both.total) == pytest.approx(13.0 / 50_000.0 * 1e4)
    assert Tally().bps(0.0) is None
    assert Tally().maker_share is None


def test_an_unfilled_hedge_costs_nothing_but_what_it_missed() -> None:
    tally = tally_of(replace(working(), opportunity=400.0))
    assert (tally.hedges, tally.unfilled, tally.unknown) == (1, 1, 0)
    assert (tally.opportunity, tally.total, tally.fit.count) == (400.0, 0.0, 0)
    assert tally_of(replace(working(), opportunity=None)).opportunity == 0.0


def test_marks_add_up_by_notional() -> None:
    marks = (Mark(5.0, 50_000.0), *NO_MARKS[1:])
    whole = tally_of(hedge(marks=marks)) + tally_of(hedge())
    assert [each.bps for each in whole.marks] == [pytest.approx(1.0), None, None]


def test_delays_are_nearest_ranks_of_what_was_passed() -> None:
    base = hedge(decided_at=NOW, approved_at=NOW, ended_at=NOW)
    hedges = [
        replace(base, acked_at=base.sent_at + number * SECOND) for number in range(1, 21)
    ]
    found = {each.stage: each for each in delays([*hedges, working(decided_at=NOW)])}
    ack = found["sent to ack"]
    assert (ack.median, ack.high, ack.count) == (10 * SECOND, 19 * SECOND, 20)
    assert found["decision to approval"].count == 21
    assert delays(()) == ()
