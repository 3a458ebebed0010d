"""The lab's frontier as its file holds it: cost of every policy at equal risks, with bands."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from terminal.core.errors import DataError

NET, ERROR = "net", "error"
"""Measures of risk: standard deviation of the net P&L, and of the hedging error alone."""

MOST_CELLS: Final = 5_000


class FrontierCell(Struct, frozen=True):
    """One policy at one risk. Costs are of a window, USD; bands hold 95 % of the resamples."""

    policy: str
    measure: str
    target: str  # name of the risk among those that are equalled
    risk: float  # standard deviation, USD
    reached: bool  # False: no setting tried carries this risk; the outermost one is shown
    setting: float
    unit: str
    cost: float
    cost_band: tuple[float | None, float | None]
    ratio: float | None  # cost over that of the reference; None where the reference costs nothing
    ratio_band: tuple[float | None, float | None]
    orders_per_day: float


class Frontier(Struct, frozen=True):
    """Every policy on one coin's windows."""

    name: str  # of the coin
    windows: int
    left_out: int
    opened: tuple[int, int]  # UtcNs of the first and the last window's opening
    uncontrolled: float  # risk that is left with a costless hedge at every decision, USD
    cells: tuple[FrontierCell, ...]

    def of(self, measure: str) -> tuple[FrontierCell, ...]:
        """Cells of one measure of risk."""
        return tuple(cell for cell in self.cells if cell.measure == measure)

    def reference(self) -> str:
        """Policy that all are held against: its ratio is 1 at every risk; empty for none."""
        names = dict.fromkeys(cell.policy for cell in self.cells)
        others = {cell.policy for cell in self.cells if cell.ratio_band != (1.0, 1.0)}
        return next((name for name in names if name not in others), "")


def frontier_of(raw: bytes) -> Frontier:
    """Read what ``lab frontier`` writes as frontier.json.

    Parameters
    ----------
    raw : bytes
        JSON.

    Raises
    ------
    DataError
        It is none, or its numbers cannot be: the message says what is wrong, not where it is from.
    """
    try:
        found = msgspec.json.decode(raw, type=Frontier)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DataError(f"it is not what the lab writes: {error}") from error
    if not found.of(NET):
        raise DataError("it holds no policy")
    if len(found.cells) > MOST_CELLS:
        raise DataError(f"it holds {len(found.cells):,} cells, {MOST_CELLS:,} at most are shown")
    known = set[tuple[str, str, str]]()
    for cell in found.cells:
        name = (cell.policy, cell.measure, cell.target)
        fault = "is given twice" if name in known else _fault(cell)
        if fault:
            raise DataError(f"{cell.policy!r} at risk {cell.target!r} {fault}")
        known.add(name)
    if not found.reference():
        raise DataError("no policy in it is the reference, whose cost ratio is 1 at every risk")
    return found


def _fault(cell: FrontierCell) -> str:
    """Why a cell cannot be; empty where it can."""
    if cell.measure not in (NET, ERROR):
        return f"measures {cell.measure!r}, which is neither {NET} nor {ERROR}"
    if cell.risk <= 0.0:
        return f"has a risk of {cell.risk:g} USD"
    if cell.cost < 0.0 or (cell.ratio is not None and cell.ratio < 0.0):
        return "costs less than nothing"
    low, high = cell.ratio_band
    if low is not None and high is not None and low > high:
        return f"has a band from {low:g} down to {high:g}"
    return ""
