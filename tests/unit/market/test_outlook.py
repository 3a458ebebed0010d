"""The outlook: everything at once, honest where the past is short, full of gaps, or went wrong."""

import numpy as np
import pytest

from terminal.core.units import DAY, HOUR
from terminal.market.forecasts import future_means
from terminal.market.har_walk import least_days, naive_paths, walked
from terminal.market.hours import Spans, days_of
from terminal.market.outlook import foreseen, learned, midnight
from terminal.model.forecast import ForecastView, Outlook
from tests.unit.market.hourly import MONDAY, cut, gap, made
from tests.unit.market.test_spikes import prone

NAMES = ["volatility 1 d", "volatility 7 d", "season 1 h", "spike 1 h"]


def both(underlying: str, hours: Spans) -> tuple[Outlook, ForecastView]:
    """Outlook and view of what the same hours teach."""
    return foreseen(underlying, hours, learned(hours))


def told_of(outlook: Outlook) -> list[str]:
    return [each.name for each in (outlook.day, outlook.week, outlook.season, outlook.spike)]


@pytest.mark.parametrize("horizon", [1, 7])
def test_no_walked_forecast_knows_what_came_after_it(horizon: int) -> None:
    days = days_of(made(1, 150))
    path = walked(days, horizon)
    first = least_days(horizon)
    assert np.isnan(path[: first - 1]).all()
    assert np.isfinite(path[first - 1 :]).all()
    for count in (first, first + 31, 140):
        early = Spans(days.first, days.span, *(each[:count] for each in days[2:]))
        assert np.array_equal(walked(early, horizon), path[:count], equal_nan=True)


def test_naive_forecasts_by_hand() -> None:
    days = days_of(made(2, 20))
    found = naive_paths(days, 3)
    past = days.variance
    assert found["random walk"][10] == pytest.approx(past[8:11].mean())
    assert found["unconditional"][10] == pytest.approx(past[:11].mean())
    assert set(found) == {"random walk", "EWMA", "unconditional"}


def test_a_long_past_foretells_everything() -> None:
    hours = prone(3, 300)
    outlook, view = both("BTC", hours)
    assert told_of(outlook) == NAMES
    assert [each.told.name for each in view.cards] == NAMES
    assert outlook.at == hours.end == view.at
    assert view.days == 300.0
    assert len(view.seasons) == 168
    assert view.reliability
    for card in view.cards:
        told = card.told
        assert told.value is not None
        assert told.low is not None
        assert told.high is not None
        assert told.low < told.high
        assert told.usual is not None
        assert [each.naive for each in card.scores] == ["random walk", "EWMA", "unconditional"]
        assert told.on == (told.reason == "")
    truth = future_means(days_of(hours).variance, 1)[-30:-1].mean() * 365
    assert outlook.day.value == pytest.approx(truth**0.5, rel=0.6)
    assert both("BTC", hours) == (outlook, view)


@pytest.mark.parametrize(
    ("days", "words"), [(0, "0 whole days"), (20, "20 whole days"), (49, "49")]
)
def test_a_short_past_foretells_nothing_and_says_so(days: int, words: str) -> None:
    outlook, view = both("BTC", cut(made(4, 60), 24 * days))
    for card in view.cards:
        assert not card.told.on
        if card.told.name != "season 1 h" or days < 28:  # four of each hour are enough to look at
            assert card.told.value is None
            assert "too short" in card.told.reason
    assert words in outlook.day.reason


def test_a_forecast_is_used_only_after_it_has_met_thirty_outcomes() -> None:
    outlook, _ = both("BTC", made(5, 70))
    assert outlook.day.value is not None
    assert not outlook.day.on
    assert "20 outcomes" in outlook.day.reason


def test_a_gap_takes_the_volatility_and_says_so() -> None:
    outlook, _ = both("BTC", gap(made(6, 200), 190))
    assert outlook.day.value is None
    assert "gap" in outlook.day.reason
    assert outlook.season.on  # an hour of the week needs no unbroken month
    older, _ = both("BTC", gap(made(6, 200), 120))
    assert older.day.value is not None


def test_what_forecasts_worse_than_a_naive_one_is_off() -> None:
    hours = made(7, 300)
    random = np.random.default_rng(1)
    for day in range(210, 300):  # variance jumps from day to day with no memory: the mean is best
        hours.variance[24 * day : 24 * (day + 1)] *= np.exp(3.0 * random.choice([-1.0, 1.0]))
    outlook, view = both("BTC", hours)
    card = view.cards[0]
    assert card.told.value is not None
    best = min(card.scores, key=lambda each: each.theirs)
    if card.told.on:
        assert best.ours < best.theirs
    assert not outlook.day.on
    assert "drift" in outlook.day.reason or "no better" in outlook.day.reason
    if card.changed:
        assert MONDAY + 210 * DAY <= card.changed < hours.end


def test_a_drifted_forecast_says_what_it_has_still_to_prove(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hours = made(8, 200)
    monkeypatch.setattr("terminal.market.drift.LIMIT", 0.01)
    monkeypatch.setattr("terminal.market.drift.PROVEN", 1e9)
    outlook, view = both("BTC", hours)
    assert not outlook.day.on
    assert "turned off by drift: worse than" in outlook.day.reason
    assert "on again once better" in outlook.day.reason
    assert view.cards[0].changed % DAY == 0
    assert MONDAY < view.cards[0].changed < MONDAY + 200 * DAY
    assert outlook.day.value is not None  # still shown, not used


def test_forecasts_scale_with_volatility() -> None:
    hours = prone(9, 200)
    doubled = Spans(hours.first, HOUR, 4.0 * hours.variance, 4.0 * hours.bipower, 2.0 * hours.move)
    plain, _ = both("BTC", hours)
    twice, _ = both("BTC", doubled)
    assert plain.day.value is not None
    assert twice.day.value == pytest.approx(2.0 * plain.day.value, rel=1e-6)
    assert twice.season.value == pytest.approx(plain.season.value, rel=1e-6)
    assert twice.spike.value == pytest.approx(plain.spike.value, rel=1e-6)


def test_what_is_learned_changes_at_midnight_alone() -> None:
    hours = prone(10, 130)
    noon = cut(hours, 129 * 24 + 12)
    known = learned(noon)
    assert known.until == midnight(noon) == MONDAY + 129 * DAY
    assert learned(cut(hours, 129 * 24)) == known
    assert learned(noon, learned(cut(hours, 125 * 24))) == known  # fitted once, not again
    early, _ = foreseen("BTC", cut(hours, 129 * 24 + 3), known)
    late, _ = foreseen("BTC", noon, known)
    assert early.day == late.day
    assert early.spike.value != late.spike.value
    assert early.season.value != late.season.value
    assert early.spike.on == late.spike.on


def test_an_hour_that_was_not_seen_takes_the_spike_until_a_day_is_known_again() -> None:
    hours = prone(11, 130)
    for column in hours[2:]:
        column[-2] = np.nan
    outlook, _ = both("BTC", hours)
    assert outlook.spike.value is None
    assert not outlook.spike.on
    assert "gap" in outlook.spike.reason
    assert outlook.day.value is not None
