"""Executions, newest first."""

from msgspec import Struct
from PySide6.QtWidgets import QVBoxLayout, QWidget

from terminal.model.frame import FillRow, Frame
from ui.format import coin, number, usd
from ui.panels.book_cells import (
    coin_of,
    coins_by_symbol,
    exact,
    moment_text,
    side_role,
    side_text,
)
from ui.widgets.table import Column, Table


class FillLine(Struct, frozen=True):
    """One execution with the coin it moved."""

    fill: FillRow
    underlying: str  # empty: no desk knows the symbol
    now: int


class FillsPage(QWidget):
    """Fills of the run."""

    name = "Fills"

    def __init__(self) -> None:
        super().__init__()
        self._drawn: tuple[tuple[FillRow, ...], str] | None = None
        self.setAccessibleName(self.name)
        self.table = Table(
            _COLUMNS, row_id=lambda line: line.fill.fill_id, empty="No fills in this run yet."
        )
        self.table.setAccessibleName(self.name)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        self.setFocusProxy(self.table)

    def count(self, frame: Frame, underlying: str) -> int:
        """Number of fills."""
        return len(fills_of(frame, underlying)) if underlying else len(frame.fills)

    def show_frame(self, frame: Frame, underlying: str) -> None:
        """Show the fills if they changed."""
        drawn = self._drawn
        if drawn and drawn[0] is frame.fills and drawn[1] == underlying:
            return
        self._drawn = (frame.fills, underlying)
        self.table.show_rows(fills_of(frame, underlying))


def fills_of(frame: Frame, underlying: str) -> tuple[FillLine, ...]:
    """Fills of one coin, or all of them if ``underlying`` is empty."""
    known = coins_by_symbol(frame)
    lines = (FillLine(row, coin_of(row.symbol, known, frame), frame.now) for row in frame.fills)
    return tuple(line for line in lines if underlying in ("", line.underlying))


_COLUMNS = (
    Column(
        title="Time UTC",
        get=lambda line: line.fill.at,
        show=lambda line: moment_text(line.fill.at, line.now),
        align="left",
        width=152,
    ),
    Column(
        title="Instrument",
        get=lambda line: line.fill.symbol,
        show=lambda line: line.fill.symbol,
        align="left",
        width=216,
    ),
    Column(
        title="Side",
        get=lambda line: line.fill.side.value,
        show=lambda line: side_text(line.fill.side),
        align="left",
        width=76,
        role=lambda line: side_role(line.fill.side),
    ),
    Column(
        title="Coins",
        get=lambda line: abs(line.fill.coins),
        show=lambda line: coin(abs(line.fill.coins), line.underlying, signed=False),
        width=124,
        tooltip="Amount of the coin that the fill moved; the side is its direction",
    ),
    Column(
        title="Size",
        get=lambda line: line.fill.qty,
        show=lambda line: exact(line.fill.qty),
        width=96,
        tooltip="Contracts",
    ),
    Column(
        title="Price",
        get=lambda line: line.fill.price,
        show=lambda line: exact(line.fill.price),
        width=104,
        tooltip="In the currency that the instrument is quoted in",
    ),
    Column(
        title="Fee $",
        get=lambda line: line.fill.fee_usd,
        show=lambda line: usd(line.fill.fee_usd),
        width=88,
        tooltip="USD; negative is a rebate",
    ),
    Column(
        title="Slippage bp",
        get=lambda line: line.fill.slippage_bps,
        show=lambda line: number(line.fill.slippage_bps, 1, signed=True),
        width=104,
        tooltip="Against the mid at the decision; positive is worse",
    ),
    Column(
        title="Liquidity",
        get=lambda line: line.fill.maker,
        show=lambda line: "maker" if line.fill.maker else "taker",
        align="left",
        width=88,
    ),
)
