"""Counters of orders, hedges, flips and budgets, and the day they are counted in."""

from hypothesis import given
from hypothesis import strategies as st

from terminal.core.units import DAY, HOUR, MINUTE, SECOND
from terminal.model.order import Side
from terminal.risk.activity import (
    Activity,
    Pace,
    as_expected,
    flips,
    forgiven,
    hedge_started,
    hedges_last_hour,
    order_sent,
    orders_last_minute,
    rejected,
    risen_anew,
    rolled,
    slipped,
    traded,
    transferred,
)

MIDNIGHT = 20_001 * DAY


def test_day_counters_start_anew_at_midnight_utc() -> None:
    late = rolled(Activity(), MIDNIGHT - 1, 100.0)
    late = traded(order_sent(late, MIDNIGHT - 1), 5_000.0, 7.0)
    assert rolled(late, MIDNIGHT - 1, 50.0) == late
    anew = rolled(late, MIDNIGHT, 42.0)
    assert (anew.orders_day, anew.turnover_usd, anew.cost_usd) == (0, 0.0, 0.0)
    assert anew.day_start_pnl == 42.0
    assert orders_last_minute(anew, MIDNIGHT) == 1  # a minute knows no midnight


def test_the_days_first_known_result_is_what_it_is_measured_from() -> None:
    unknown = rolled(Activity(), MIDNIGHT, None)
    assert unknown.day_start_pnl is None
    known = rolled(unknown, MIDNIGHT + SECOND, -3.0)
    assert known.day_start_pnl == -3.0
    assert rolled(known, MIDNIGHT + HOUR, -9.0).day_start_pnl == -3.0


@given(st.lists(st.tuples(st.integers(0, DAY), st.none() | st.floats(-1e6, 1e6)), max_size=40))
def test_the_peak_is_the_highest_result_of_seven_days(
    steps: list[tuple[int, float | None]],
) -> None:
    activity, now, seen = Activity(), MIDNIGHT, []
    for gap, pnl in steps:
        now += gap
        activity = rolled(activity, now, pnl)
        if pnl is not None:
            seen.append((now // DAY, pnl))
    if not seen:
        assert activity.peak is None
        return
    newest = activity.peaks[-1][0]
    assert activity.peak == max(pnl for day, pnl in seen if newest - day < 7)
    assert len(activity.peaks) <= 7
    anew = risen_anew(activity)
    assert rolled(anew, now, -5.0).peak == -5.0


@given(st.lists(st.integers(0, 3 * HOUR), max_size=40))
def test_windows_count_what_lies_in_them(gaps: list[int]) -> None:
    activity, now, times = Activity(), MIDNIGHT, []
    for gap in gaps:
        now += gap
        times.append(now)
        activity = hedge_started(order_sent(activity, now), "BTC", Side.BUY, now)
        assert orders_last_minute(activity, now) == sum(now - at < MINUTE for at in times)
        pace = activity.paces["BTC"]
        assert hedges_last_hour(pace, now) == sum(now - at < HOUR for at in times)
    assert activity.orders_day == len(gaps)


def test_flips_count_changes_of_side_in_ten_minutes() -> None:
    buy, sell, now = Side.BUY, Side.SELL, MIDNIGHT
    pace = Pace(sides=((now - 11 * MINUTE, sell), (now - 9 * MINUTE, buy), (now - MINUTE, sell)))
    assert flips(pace, now, sell) == 1
    assert flips(pace, now, buy) == 2
    assert flips(Pace(), now, buy) == 0


def test_rejects_are_counted_in_a_row() -> None:
    twice = rejected(rejected(Activity(), "BTC"), "BTC")
    assert twice.paces["BTC"].rejects == 2
    assert forgiven(twice, "BTC").paces["BTC"].rejects == 0
    assert forgiven(twice, "ETH") is twice


def test_money_that_comes_or_goes_is_neither_profit_nor_loss() -> None:
    before = rolled(Activity(), MIDNIGHT, 100.0)
    richer = transferred(before, 1_000.0)
    assert (richer.day_start_pnl, richer.peak) == (1_100.0, 1_100.0)
    assert transferred(richer, -1_000.0) == before
    assert transferred(Activity(), 5.0) == Activity()


def test_a_row_of_bad_fills_ends_with_a_good_one() -> None:
    bad = slipped(slipped(Activity(), "BTC"), "BTC")
    assert bad.paces["BTC"].slips == 2
    assert as_expected(bad, "BTC").paces["BTC"].slips == 0
    for untouched in (Activity(), rejected(Activity(), "BTC")):
        assert as_expected(untouched, "BTC") is untouched
