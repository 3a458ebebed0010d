"""What hedges cost to execute: each against its decision, its arrival and its prediction."""

from collections.abc import Callable

from terminal.model.frame import Frame
from terminal.model.tca import HedgeCost
from terminal.model.tca_view import TcaView
from ui.format import number, usd
from ui.panels.book_cells import moment_text, price_text, side_role, side_text
from ui.panels.table_page import TablePage
from ui.widgets.table import Column, Table


class TcaPage(TablePage):
    """Hedges of the run with the parts of their cost."""

    def __init__(self) -> None:
        table = Table(
            HEDGE_COLUMNS,
            row_id=lambda hedge: hedge.hedge_id,
            empty="No hedge was approved in this run yet: its costs appear here.",
        )
        super().__init__("TCA", table)
        self._drawn: tuple[TcaView, str] | None = None

    def show_frame(self, frame: Frame, underlying: str) -> None:
        """Show the hedges if they changed."""
        drawn = self._drawn
        if drawn and drawn[0] is frame.tca and drawn[1] == underlying:
            return
        self._drawn = frame.tca, underlying
        self.table.show_rows(hedges_of(frame.tca, underlying))


def hedges_of(view: TcaView, underlying: str) -> tuple[HedgeCost, ...]:
    """Hedges of one coin, or all of them if ``underlying`` is empty."""
    return tuple(each for each in view.hedges if underlying in ("", each.underlying))


Amount = Callable[[HedgeCost], float | None]


def _part(title: str, get: Amount, tooltip: str, width: int = 84) -> Column:
    """Column of a part of the cost in basis points of the value at the decision mid."""

    def value(hedge: HedgeCost) -> float | None:
        return hedge.bps(get(hedge))

    return Column(
        title=title,
        get=value,
        show=lambda hedge: number(value(hedge), 1, signed=True),
        width=width,
        tooltip=tooltip,
    )


def _mark(title: str, place: int) -> Column:
    def value(hedge: HedgeCost) -> float | None:
        return hedge.marks[place].bps

    return Column(
        title=title,
        get=value,
        show=lambda hedge: number(value(hedge), 1, signed=True),
        width=92,
        tooltip="Mid this long after the fills against their price; positive: it went our way",
    )


HEDGE_COLUMNS = (
    Column(
        title="Decided UTC",
        get=lambda hedge: hedge.decided_at,
        show=lambda hedge: moment_text(hedge.decided_at, hedge.last_fill_at or hedge.decided_at),
        align="left",
        width=104,
    ),
    Column(
        title="Instrument",
        get=lambda hedge: hedge.key,
        show=lambda hedge: hedge.key.partition("@")[0],
        align="left",
        width=136,
    ),
    Column(
        title="Side",
        get=lambda hedge: hedge.side.value,
        show=lambda hedge: side_text(hedge.side),
        align="left",
        width=76,
        role=lambda hedge: side_role(hedge.side),
    ),
    Column(
        title="Filled $",
        get=lambda hedge: hedge.notional,
        show=lambda hedge: usd(hedge.notional, 0),
        width=88,
    ),
    Column(
        title="Decision mid $",
        get=lambda hedge: hedge.decision_mid,
        show=lambda hedge: price_text(hedge.decision_mid),
        width=112,
    ),
    Column(
        title="Arrival $",
        get=lambda hedge: hedge.arrival_mid,
        show=lambda hedge: price_text(hedge.arrival_mid),
        width=96,
        tooltip="Mid when the first order was sent",
    ),
    Column(
        title="Fill $",
        get=lambda hedge: hedge.fill_price,
        show=lambda hedge: price_text(hedge.fill_price),
        width=96,
        tooltip="Average price",
    ),
    _part("Delay bp", lambda hedge: hedge.paid.delay, "Decision mid to the mid at sending"),
    _part("Spread bp", lambda hedge: hedge.paid.spread, "Half spread: makers earn it"),
    _part("Impact bp", lambda hedge: hedge.paid.impact, "Touch at sending to the fill", 88),
    _part("Fee bp", lambda hedge: hedge.paid.fee, "Negative is a rebate", 72),
    _part("Total bp", lambda hedge: hedge.paid.total, "Positive is a cost"),
    Column(
        title="Total $",
        get=lambda hedge: hedge.paid.total if hedge.coins else None,
        show=lambda hedge: usd(hedge.paid.total, 2) if hedge.coins else "–",
        width=88,
    ),
    _part("Predicted bp", lambda hedge: hedge.predicted, "By the proposal, for what filled", 104),
    _mark("1 s bp", 0),
    _mark("10 s bp", 1),
    _mark("60 s bp", 2),
)
