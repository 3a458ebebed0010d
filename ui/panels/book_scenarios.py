"""What the book would gain or lose: a grid of price and volatility, and named historic days."""

from collections.abc import Callable, Iterator
from operator import is_

from msgspec import Struct

from terminal.model.frame import Frame, ScenarioView, StressRow
from ui.format import coin, percent, usd
from ui.panels.book_cells import desks_of
from ui.panels.table_page import TablePage
from ui.widgets.label import plain_label
from ui.widgets.table import Column, Table

SPOTS = (-0.4, -0.2, -0.1, -0.05, 0.0, 0.05, 0.1, 0.2, 0.4)
"""Price moves that have a column."""


SHORT_FROM = 1e4
"""P&L from here on is written short, USD."""


class GridLine(Struct, frozen=True):
    """One volatility move: P&L by price move, USD; ``worst`` is the largest loss of the grid."""

    vol: float
    pnl: tuple[float, ...]
    scale: float


class StressLine(Struct, frozen=True):
    """One named day of one coin."""

    underlying: str
    row: StressRow
    scale: float


def shown(frame: Frame, underlying: str) -> tuple[ScenarioView, ...]:
    """Scenarios of one coin, or of all of them."""
    names = (desk.underlying for desk in desks_of(frame, underlying))
    return tuple(frame.scenarios[name] for name in names if name in frame.scenarios)


def grid_lines(views: tuple[ScenarioView, ...]) -> Iterator[GridLine]:
    """Lines of the grid; several coins are added up as if they moved together."""
    if not views:
        return
    rows = [
        tuple(sum(cells) for cells in zip(*same, strict=True))
        for same in zip(*(view.pnl_usd for view in views), strict=True)
    ]
    scale = max(abs(value) for row in rows for value in row)
    for vol, row in zip(views[0].vols, rows, strict=True):
        yield GridLine(vol, row, scale)


def stress_lines(views: tuple[ScenarioView, ...]) -> Iterator[StressLine]:
    """Lines of the named days, coin after coin, days on which the coin did not trade left out."""
    known = [row.pnl_usd for view in views for row in view.stress if row.pnl_usd is not None]
    scale = max((abs(value) for value in known), default=0.0)
    for view in views:
        for row in view.stress:
            if row.pnl_usd is not None:
                yield StressLine(view.underlying, row, scale)


class _ScenarioPage(TablePage):
    """A table of what the scenarios of a frame hold, and what they leave out.

    Parameters
    ----------
    name : str
    table : Table
    lines_of : callable
        From the scenarios that are shown to the rows of the table.
    """

    def __init__(
        self,
        name: str,
        table: Table,
        lines_of: Callable[[tuple[ScenarioView, ...]], Iterator[object]],
    ) -> None:
        super().__init__(name, table)
        self._lines_of = lines_of
        self._drawn: tuple[tuple[ScenarioView, ...], str] | None = None
        self.left_out = plain_label("", "warn", wrap=True)
        self.left_out.setContentsMargins(8, 4, 8, 4)
        self.left_out.hide()
        self.column.insertWidget(0, self.left_out)

    def show_frame(self, frame: Frame, underlying: str) -> None:
        """Show the scenarios, unless they are those that are shown."""
        views = shown(frame, underlying)
        drawn = self._drawn
        same = drawn and drawn[1] == underlying and len(drawn[0]) == len(views)
        if drawn and same and all(map(is_, drawn[0], views)):
            return
        self._drawn = views, underlying
        missing = [name for view in views for name in view.missing]
        self.left_out.setText(f"Left out, a number is unknown: {', '.join(missing)}")
        self.left_out.setVisible(bool(missing))
        self.table.show_rows(list(self._lines_of(views)))


class ScenariosPage(_ScenarioPage):
    """The grid of price and volatility."""

    def __init__(self) -> None:
        empty = "No scenarios: nothing is held, or nothing has a price."
        table = Table(_GRID, row_id=lambda line: f"{line.vol}", empty=empty)
        super().__init__("Scenarios", table, grid_lines)


class StressPage(_ScenarioPage):
    """Named historic days."""

    def __init__(self) -> None:
        empty = "No stress days: nothing is held, or nothing has a price."
        table = Table(
            _STRESS, row_id=lambda line: f"{line.underlying} {line.row.name}", empty=empty
        )
        super().__init__("Stress", table, stress_lines)


def _money(pnl: float) -> str:
    return usd(pnl, 0, signed=True, short=abs(pnl) >= SHORT_FROM)


def _cell(place: int) -> Callable[[GridLine], float]:
    return lambda line: line.pnl[place]


def _warmth(place: int) -> Callable[[GridLine], float | None]:
    return lambda line: line.pnl[place] / line.scale if line.scale else None


def _move_column(place: int, move: float) -> Column:
    get = _cell(place)
    return Column(
        title=percent(move, 0, signed=True),
        get=get,
        show=lambda line: _money(get(line)),
        width=76,
        sort=False,
        heat=_warmth(place),
        tooltip="P&L in USD if price and volatility moved at once, everything valued anew",
    )


_GRID = (
    Column(
        title="Vol \\ price",
        get=lambda line: line.vol,
        show=lambda line: percent(line.vol, 0, signed=True),
        align="left",
        width=84,
        sort=False,
        tooltip="Relative move of a 30-day volatility; shorter expiries move more, longer less",
    ),
    *(_move_column(place, move) for place, move in enumerate(SPOTS)),
    Column(
        title="Worst",
        get=lambda line: min(line.pnl),
        show=lambda line: _money(min(line.pnl)),
        width=84,
        sort=False,
        role=lambda line: "dn" if min(line.pnl) < 0.0 else "mut",
        tooltip="Smallest P&L of the row",
    ),
)
_STRESS = (
    Column(
        title="Day",
        get=lambda line: line.row.date,
        show=lambda line: f"{line.row.date} {line.row.name}",
        align="left",
        width=208,
    ),
    Column(
        title="Coin",
        get=lambda line: line.underlying,
        show=lambda line: line.underlying,
        align="left",
        width=56,
    ),
    Column(
        title="Price",
        get=lambda line: line.row.spot_move,
        show=lambda line: percent(line.row.spot_move, 1, signed=True),
        width=76,
    ),
    Column(
        title="Vol",
        get=lambda line: line.row.vol_move,
        show=lambda line: percent(line.row.vol_move, 0, signed=True),
        width=68,
        tooltip="Relative move of a 30-day volatility",
    ),
    Column(
        title="P&L $",
        get=lambda line: line.row.pnl_usd,
        show=lambda line: usd(line.row.pnl_usd, 0, signed=True),
        width=112,
        heat=lambda line: line.row.pnl_usd / line.scale if line.scale else None,
        tooltip="Of the positions held now, everything valued anew",
    ),
    Column(
        title="Δ after",
        get=lambda line: line.row.delta,
        show=lambda line: coin(line.row.delta, line.underlying, signed=True),
        width=112,
        tooltip="Delta of everything held after the move, coin collateral included",
    ),
    Column(
        title="Source",
        get=lambda line: line.row.source,
        show=lambda line: line.row.source,
        align="left",
        width=420,
    ),
)
