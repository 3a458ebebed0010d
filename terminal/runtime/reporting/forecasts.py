"""Forecasts as a span ends, and what those made before were worth."""

from terminal.engine.state import State
from terminal.market.hours import until
from terminal.market.outlook import SEASON_NAME, foreseen, learned
from terminal.model.forecast import ForecastView, Foretold
from terminal.model.report import Cell, Column, Form, Table
from terminal.runtime.hour_files import HourFiles, folder_of
from terminal.runtime.reporting.lived import Lived
from terminal.runtime.reporting.writing import day_text

TOO_SHORT = "The past that is kept beside the journal is too short."


def forecast_tables(day: Lived) -> tuple[Table, ...]:
    """Forecasts that decisions could use, their scores, and how reliable those of jumps were."""
    views = forecast_views(day)
    missing = [f"{each.underlying}: {each.missing}" for each in views if each.missing]
    why = "; ".join(missing) or TOO_SHORT
    return _forecasts(day.state, views, why), _scores(views, why), _reliability(views, why)


def forecast_views(day: Lived) -> tuple[ForecastView, ...]:
    """Forecasts of every coin and their scores, of the hours kept beside the journal until then."""
    files, found = HourFiles(folder_of(day.journal)), []
    for name in day.state.desks:
        hours = until(files.read(name), day.state.now)
        if hours.variance.size:
            found.append(foreseen(name, hours, learned(hours))[1])
    return tuple(found)


def _forecasts(state: State, views: tuple[ForecastView, ...], why: str) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name, found in state.market.outlooks.items():
        for each in (found.day, found.week, found.season, found.spike):
            use = "on" if each.on else each.reason or "off"
            rows.append((name, day_text(found.at, clock=True), *_told(each), use))
    for view in views:
        if view.underlying not in state.market.outlooks:
            for card in view.cards:
                use = card.told.reason or "shown only: no policy asks for it"
                rows.append(
                    (view.underlying, day_text(view.at, clock=True), *_told(card.told), use)
                )
    return Table(
        name="forecasts",
        title="Forecasts",
        columns=(
            Column("coin", "Coin"),
            Column("at", "Made, UTC"),
            Column("what", "Of"),
            Column("value", "Forecast", "", Form.AMOUNT),
            Column("low", "Low", "", Form.AMOUNT),
            Column("high", "High", "", Form.AMOUNT),
            Column("use", "Use"),
        ),
        rows=tuple(rows),
        note=(
            "Volatilities are annual and chances are percent; a season is variance of the coming"
            " hour times the usual."
        ),
        empty=why,
    )


def _told(each: Foretold) -> tuple[Cell, ...]:
    unit = 1.0 if each.name == SEASON_NAME else 100.0
    numbers = (None if x is None else unit * x for x in (each.value, each.low, each.high))
    return (each.name, *numbers)


def _scores(views: tuple[ForecastView, ...], why: str) -> Table:
    return Table(
        name="forecast_scores",
        title="Forecasts against naive ones, out of sample",
        columns=(
            Column("coin", "Coin"),
            Column("forecast", "Forecast"),
            Column("naive", "Against"),
            Column("loss", "Loss"),
            Column("ours", "Ours", "", Form.AMOUNT),
            Column("theirs", "Theirs", "", Form.AMOUNT),
            Column("bound", "Difference at most", "", Form.AMOUNT),
            Column("outcomes", "Outcomes", "", Form.COUNT),
        ),
        rows=tuple(
            (
                view.underlying,
                card.told.name,
                each.naive,
                each.loss,
                each.ours,
                each.theirs,
                each.bound,
                each.outcomes,
            )
            for view in views
            for card in view.cards
            for each in card.scores
        ),
        note="Ours less theirs, 95 % one-sided: below 0 ours is better beyond chance.",
        empty=why,
    )


def _reliability(views: tuple[ForecastView, ...], why: str) -> Table:
    return Table(
        name="spike_reliability",
        title="Jumps foretold, and how often they came",
        columns=(
            Column("coin", "Coin"),
            Column("said", "Said", "", Form.PERCENT),
            Column("came", "Came", "", Form.PERCENT),
            Column("low", "At least", "", Form.PERCENT),
            Column("high", "At most", "", Form.PERCENT),
            Column("outcomes", "Hours", "", Form.COUNT),
        ),
        rows=tuple(
            (view.underlying, each.said, each.came, each.came_low, each.came_high, each.outcomes)
            for view in views
            for each in view.reliability
        ),
        empty=why,
    )
