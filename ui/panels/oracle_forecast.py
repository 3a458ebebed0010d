"""The Oracle's second row: what is foretold, what it is worth, whether it counts, what it did."""

from msgspec import Struct

from terminal.core.units import HOUR
from terminal.model.forecast import Card, ForecastView, Foresight, Foretold, Reliable, Score, Season
from ui.format import UNKNOWN, clock, count, date, number, percent
from ui.widgets.table import Column, Table

NO_FORECAST = "No forecast yet: the first is made as soon as a coin has a price."
AHEAD = 24
"""Hours to come whose season is shown."""


class Row(Struct, frozen=True):
    """One line of the table."""

    name: str
    now: str = ""
    band: str = ""
    usual: str = ""
    state: str = ""
    loss: str = ""
    naive: str = ""
    bound: str = ""
    outcomes: str = ""
    text: str = ""


def forecast_table() -> Table:
    """Forecasts with their scorecards, the reliability of spikes, and the season to come."""
    columns = (
        _column("Forecast", "name", 152, left=True),
        _column("Now", "now", 72, "Volatility a year, probability, or variance over its mean"),
        _column("Band", "band", 128, "68 % of what came; of a spike 95 % of how often it came"),
        _column("Usual", "usual", 72, "Of the last 30 days; of a spike, of all hours"),
        _column("State", "state", 80, "Only what is on may be used", left=True),
        _column("Loss", "loss", 104, "QLIKE or Brier out of sample; lower is better"),
        _column("Naive", "naive", 176, "What it is held against, and its loss", left=True),
        _column("95 % bound", "bound", 96, "Of our loss minus theirs; below 0: better than chance"),
        _column("Outcomes", "outcomes", 80, "Forecasts that have met what came"),
        _column("Why", "text", 520, left=True),
    )
    return Table(columns, row_id=lambda row: f"{row.name}{row.naive}", empty=NO_FORECAST)


def _column(title: str, name: str, width: int, tooltip: str = "", *, left: bool = False) -> Column:
    return Column(
        title=title,
        get=lambda row: getattr(row, name),
        show=lambda row: str(getattr(row, name)),
        align="left" if left else "right",
        role=_role if name == "state" else None,
        width=width,
        tooltip=tooltip,
    )


def _role(row: Row) -> str:
    return {"on": "up", "off": "warn"}.get(row.state, "mut")


def forecast_rows(view: ForecastView | None) -> list[Row]:
    """Everything that is foretold of a coin."""
    if view is None:
        return []
    rows = [row for card in view.cards for row in _card(card)]
    rows += [_reliable(each) for each in view.reliability]
    return rows + _seasons(view)


def said_of(view: ForecastView | None, used: Foresight | None) -> str:
    """The row of the head: what is foretold and what was made of it."""
    if view is None:
        return f"Forecast: {NO_FORECAST}"
    parts = [_short(card.told) for card in view.cards]
    made = "the policy lets no forecast in" if used is None else changed(used)
    return f"Forecast of {clock(view.at)}: {', '.join(parts)}. In use: {made}"


def changed(used: Foresight) -> str:
    """What a decision made of a forecast."""
    if used.at is None or (used.vol is None and used.p_spike is None):
        return f"nothing, {used.text}"
    words = [f"band {number(used.factor, 2)} times as wide"]
    if used.most > 1.0:
        words.append(f"urgency up to {number(used.most, 1)} times")
    return ", ".join(words)


def state_of(told: Foretold) -> str:
    """Whether a forecast counts, in a word."""
    if told.value is None:
        return "too short" if "too short" in told.reason else "none"
    return "on" if told.on else "off"


def _short(told: Foretold) -> str:
    state = state_of(told)
    if told.value is None:
        return f"{told.name} {state}"
    text = f"{told.name} {_value(told, told.value)} ({_band(told)})"
    return text if told.on else f"{text} {state}"


def _value(told: Foretold, value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return f"{number(value, 2)}x" if told.name.startswith("season") else percent(value)


def _band(told: Foretold) -> str:
    if told.low is None or told.high is None:
        return "band not known"
    return f"{_value(told, told.low)} to {_value(told, told.high)}"


def _card(card: Card) -> list[Row]:
    told = card.told
    why = told.reason
    if card.changed:
        turned = "last turned on by its proof" if told.on else "turned off"
        why = f"{turned} on {date(card.changed)}; {why}".removesuffix("; ")
    first = Row(
        told.name,
        _value(told, told.value),
        _band(told) if told.value is not None else "",
        _value(told, told.usual),
        state_of(told),
        text=why,
    )
    scored = [_score(told, each) for each in card.scores]
    return [first, *scored]


def _score(told: Foretold, score: Score) -> Row:
    decimals = 5 if score.loss == "Brier" else 3
    better = "better than chance allows" if score.bound < 0.0 else "no better beyond chance"
    return Row(
        f"  {told.name}",
        loss=f"{score.loss} {number(score.ours, decimals)}",
        naive=f"{score.naive} {number(score.theirs, decimals)}",
        bound=number(score.bound, decimals, signed=True),
        outcomes=count(score.outcomes),
        text=better,
    )


def _reliable(row: Reliable) -> Row:
    return Row(
        f"spike said {percent(row.low)} to {percent(row.high)}",
        percent(row.said, 2),
        f"{percent(row.came_low, 2)} to {percent(row.came_high, 2)}",
        outcomes=count(row.outcomes),
        text=f"came in {percent(row.came, 2)} of those hours",
    )


def _seasons(view: ForecastView) -> list[Row]:
    """The hours of the week to come, from the one that has begun."""
    if not view.seasons:
        return []
    first = (view.at // HOUR + 72) % len(view.seasons)  # 1970 began on a Thursday
    places = [(first + step) % len(view.seasons) for step in range(AHEAD)]
    return [_season(view.seasons[each]) for each in places]


def _season(season: Season) -> Row:
    low, high = max(season.factor - season.error, 0.0), season.factor + season.error
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[season.weekday]
    return Row(
        f"season {day} {season.hour:02d}:00 UTC",
        f"{number(season.factor, 2)}x",
        f"{number(low, 2)}x to {number(high, 2)}x",
        outcomes=count(season.hours),
        text="variance over that of the mean hour of a week",
    )
