"""Scenarios of what is held, for the screen: made anew when the engine has looked again."""

from collections.abc import Mapping
from decimal import Decimal

from terminal.core.units import SECOND
from terminal.engine.state import State
from terminal.model.frame import ScenarioView, StressRow
from terminal.portfolio.exposure import View
from terminal.portfolio.option_inputs import sound_mark
from terminal.portfolio.revaluation import Built, Cash, holdings_of
from terminal.portfolio.scenarios import Axes, scenario_grid
from terminal.portfolio.stress import StressResult, stressed

EVERY = 5 * SECOND
"""Engine time between two revaluations of one underlying."""

AT_ONCE = Axes(days=(0.0,))


class Scenes:
    """Keeps the latest scenarios of each underlying."""

    def __init__(self) -> None:
        self._views: Mapping[str, ScenarioView] = {}
        self._made_at: dict[str, int] = {}

    def of(self, state: State) -> Mapping[str, ScenarioView]:
        """Scenarios by underlying; the same mapping while none is due.

        One underlying at a time, the one that has waited longest: a frame must not take long.
        """
        views = {name: view for name, view in (state.views or {}).items() if view is not None}
        name = min(views, key=lambda each: self._made_at.get(each, 0), default="")
        view = views.get(name)
        if view is not None and view.scene.now - self._made_at.get(name, -EVERY) >= EVERY:
            self._made_at[name] = view.scene.now
            self._views = {**self._views, name: scenario_view(view)}
        return self._views


def held_in(view: View) -> Built:
    """Everything held in one underlying as it was looked at, ready to be valued elsewhere."""
    scene, book = view.scene, view.sheet.book
    marks = {each.key: sound_mark(scene.market, each.key) for each in book.futures}
    return holdings_of(
        book,
        view.sheet.inputs,
        {key: mark for key, mark in marks.items() if mark is not None},
        spot=scene.spot,
        now=scene.now,
        cash=Cash(coins=float(view.balance or Decimal(0))),
    )


def scenario_view(view: View) -> ScenarioView:
    """Grid and stress days of one underlying as it was looked at."""
    scene, built = view.scene, held_in(view)
    grid = scenario_grid(built.holdings, AT_ONCE)
    return ScenarioView(
        underlying=scene.underlying,
        spots=grid.axes.spots,
        vols=grid.axes.vols,
        pnl_usd=tuple([tuple(row) for row in grid.pnl_usd[0].tolist()]),
        delta=tuple([tuple(row) for row in grid.delta[0].tolist()]),
        stress=tuple([_row(each) for each in stressed(built.holdings, scene.underlying)]),
        missing=built.missing,
    )


def _row(result: StressResult) -> StressRow:
    day, move = result.day, result.move
    return StressRow(
        name=day.name,
        date=day.date,
        source=day.source,
        spot_move=move.spot if move else None,
        vol_move=move.vol if move else None,
        pnl_usd=result.pnl_usd,
        delta=result.delta,
    )
