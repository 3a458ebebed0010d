"""Columns of the frontier's table: every policy at every risk."""

from collections.abc import Callable

from terminal.model.frontier import FrontierCell
from ui.charts.frontier import band_text
from ui.format import number
from ui.widgets.table import Column, Table

NO_FRONTIER = "No frontier is open."


def cells_table() -> Table:
    """Every policy at every risk; the rows of the reference stand out."""
    columns = (
        _left("Policy", lambda cell: str(cell.policy), 172),
        _amount("Risk $", "risk", 0, "Standard deviation of a window, the same for every policy"),
        *_ratio(),
        _amount("Cost $", "cost", 0, "Of the hedges of a window"),
        _amount("Orders/d", "orders_per_day", 1, "Hedges a day at this setting"),
        _left("Setting", lambda cell: f"{cell.setting:.3g} {cell.unit}", 112),
        _left("To be read as", note, 260),
    )
    return Table(
        columns,
        row_id=row_name,
        empty=NO_FRONTIER,
        is_shaded=lambda cell: cell.ratio_band == (1.0, 1.0),
    )


def _ratio() -> tuple[Column, ...]:
    """Cost over the reference's, and how sure it is."""
    return (
        Column(
            title="Cost ratio",
            get=lambda cell: cell.ratio,
            show=lambda cell: number(cell.ratio, 2),
            width=76,
            role=tone,
            tooltip="Cost over that of the reference at this risk: under 1 is cheaper",
        ),
        Column(
            title="95 % band",
            get=lambda cell: cell.ratio_band[1],
            show=lambda cell: band_text(cell).strip(),
            width=100,
            tooltip="Holds 95 % of the resamples of the windows; where it holds 1, the difference"
            " may be chance",
        ),
    )


def row_name(cell: FrontierCell) -> str:
    """Name of a line; the risk's comes first, for it holds no line break."""
    return f"{cell.target}\n{cell.policy}"


def tone(cell: FrontierCell) -> str:
    """Cheaper or dearer only where the band leaves 1 out."""
    low, high = cell.ratio_band
    if not cell.reached or low is None or high is None or low <= 1.0 <= high:
        return "tx"
    return "up" if high < 1.0 else "dn"


def note(cell: FrontierCell) -> str:
    """What stands against a line, or what it says beyond chance."""
    if not cell.reached:
        return "no setting tried carries this risk: the outermost"
    if cell.ratio_band == (1.0, 1.0):
        return "the reference"
    return {"up": "cheaper", "dn": "dearer", "tx": "undecided: the band holds 1"}[tone(cell)]


def _amount(title: str, name: str, decimals: int, tooltip: str) -> Column:
    return Column(
        title=title,
        get=lambda cell: getattr(cell, name),
        show=lambda cell: number(getattr(cell, name), decimals),
        width=72,
        tooltip=tooltip,
    )


def _left(title: str, words: Callable[[FrontierCell], str], width: int) -> Column:
    return Column(title=title, get=words, show=words, align="left", width=width)
