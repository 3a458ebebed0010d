"""The Oracle's row of forecasts: what is foretold, its state in a word, its scores, what it did."""

from typing import Any

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from terminal.core.units import DAY, HOUR
from terminal.model.forecast import (
    Card,
    ForecastView,
    Foresight,
    Foretold,
    Reliable,
    Score,
    Season,
)
from terminal.model.oracle import OracleView
from tests.ui.panel_frame import frame
from tests.ui.test_book_oracle import ENTRIES, VIEW, pick, texts
from ui.panels.book_oracle import FORECAST, OraclePage
from ui.panels.oracle_forecast import NO_FORECAST, changed, said_of, state_of

MONDAY = 1_767_571_200 * 1_000_000_000
DAY_TOLD = Foretold(name="volatility 1 d", value=0.452, low=0.274, high=0.538, usual=0.342, on=True)
WEEK_TOLD = Foretold(name="volatility 7 d", value=0.389, reason="turned off by drift: worse")
SEASON_TOLD = Foretold(name="season 1 h", value=2.16, low=1.9, high=2.4, usual=1.0, on=True)
SPIKE_TOLD = Foretold(name="spike 1 h", reason="the past is too short: 40 days are known")
FORECASTS = ForecastView(
    underlying="BTC",
    at=MONDAY + 13 * HOUR,
    days=400.0,
    cards=(
        Card(DAY_TOLD, (Score("EWMA", "QLIKE", 0.252, 0.291, -0.012, 435),)),
        Card(WEEK_TOLD, (Score("EWMA", "QLIKE", 0.15, 0.11, 0.09, 172),), MONDAY - 7 * DAY),
        Card(SEASON_TOLD),
        Card(SPIKE_TOLD),
    ),
    reliability=(Reliable(0.01, 0.02, 0.0144, 0.0114, 2369, 0.0078, 0.0165),),
    seasons=tuple(Season(n // 24, n % 24, 1.0 + n / 168, 0.1, 50) for n in range(168)),
)
USED = Foresight(
    at=MONDAY, age=HOUR, vol=0.6, usual=0.342, p_spike=None, factor=0.7, most=3.0, text="said"
)


def shown(used: Foresight | None = None, **more: Any) -> Any:
    last = ENTRIES[-1]
    entry = replace(last, decision=replace(last.decision, forecast=used), seal="x" if used else "y")
    given: dict[str, Any] = {"forecasts": {"BTC": FORECASTS}} | more
    return frame(oracle=OracleView(VIEW.latest, (*ENTRIES[:-1], entry)), **given)


@pytest.fixture
def page(qtbot: QtBot) -> OraclePage:
    made = OraclePage()
    qtbot.addWidget(made)
    made.show_frame(shown(), "")
    return made


def test_the_head_says_what_is_foretold_and_that_a_default_policy_lets_none_in(
    page: OraclePage,
) -> None:
    said = page.forecast.text()
    assert said.startswith("Forecast of 13:00:00")
    assert "volatility 1 d 45.2% (27.4% to 53.8%)" in said
    assert "volatility 7 d 38.9% (band not known) off" in said
    assert "spike 1 h too short" in said
    assert said.endswith("In use: the policy lets no forecast in")


def test_the_head_says_what_was_made_of_it(page: OraclePage) -> None:
    page.show_frame(shown(USED), "")
    assert page.forecast.text().endswith("band 0.70 times as wide, urgency up to 3.0 times")
    nothing = replace(USED, vol=None, text="no forecast is on: too short")
    assert changed(nothing) == "nothing, no forecast is on: too short"


def test_every_forecast_has_its_state_its_band_and_its_scores(page: OraclePage) -> None:
    pick(page, FORECAST)
    rows = {row["Forecast"]: row for row in texts(page)}
    day, week = rows["volatility 1 d"], rows["volatility 7 d"]
    assert (day["Now"], day["Band"], day["State"]) == ("45.2%", "27.4% to 53.8%", "on")
    assert (week["State"], rows["spike 1 h"]["State"]) == ("off", "too short")
    assert "turned off on" in week["Why"]
    assert "drift" in week["Why"]
    assert "40 days are known" in rows["spike 1 h"]["Why"]
    score = rows["  volatility 1 d"]
    assert (score["Loss"], score["Naive"]) == ("QLIKE 0.252", "EWMA 0.291")
    assert (score["95 % bound"], score["Outcomes"]) == ("−0.012", "435")
    assert score["Why"] == "better than chance allows"
    assert rows["  volatility 7 d"]["Why"] == "no better beyond chance"


def test_reliability_and_the_season_to_come_are_rows_too(page: OraclePage) -> None:
    pick(page, FORECAST)
    found = texts(page)
    said = next(row for row in found if row["Forecast"].startswith("spike said"))
    assert (said["Now"], said["Band"]) == ("1.44%", "0.78% to 1.65%")
    assert "came in 1.14%" in said["Why"]
    seasons = [row["Forecast"] for row in found if "UTC" in row["Forecast"]]
    assert len(seasons) == 24
    assert (seasons[0], seasons[-1]) == ("season Mon 13:00 UTC", "season Tue 12:00 UTC")


def test_no_forecast_is_said_and_a_newer_one_replaces_it(page: OraclePage) -> None:
    page.show_frame(shown(forecasts={}), "")
    assert page.forecast.text() == f"Forecast: {NO_FORECAST}"
    pick(page, FORECAST)
    assert texts(page) == []
    page.show_frame(shown(), "")
    assert len(texts(page)) > 20
    assert said_of(None, USED) == f"Forecast: {NO_FORECAST}"


def test_states_in_a_word() -> None:
    assert state_of(DAY_TOLD) == "on"
    assert state_of(WEEK_TOLD) == "off"
    assert state_of(SPIKE_TOLD) == "too short"
    assert state_of(replace(SPIKE_TOLD, reason="the past has a gap")) == "none"
