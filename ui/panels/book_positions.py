"""Positions of the book with their Greeks, and one row of totals per underlying."""

from collections.abc import Iterator
from operator import is_

from msgspec import Struct
from PySide6.QtWidgets import QVBoxLayout, QWidget

from terminal.core.units import SECOND
from terminal.model.frame import Desk, Frame
from terminal.model.greeks import Exposure, PositionRisk, Sensitivity
from ui.format import number, percent, usd
from ui.panels.book_cells import (
    NO_EXPIRY,
    delta_column,
    desks_of,
    exact,
    expiry_text,
    price_text,
    sign_role,
    usd_column,
)
from ui.widgets.table import Column, Table


class PositionLine(Struct, frozen=True, kw_only=True):
    """One row: a position, or the totals of an underlying if ``position`` is None."""

    underlying: str
    position: PositionRisk | None
    risk: Sensitivity
    upnl_usd: float
    flag: str
    heat: float | None  # share of the largest delta of the underlying, −1 to +1
    now: int


class _Drawn(Struct, frozen=True):
    """What is on the screen."""

    underlying: str
    second: int
    exposures: tuple[Exposure, ...]

    def shows(self, underlying: str, second: int, exposures: tuple[Exposure, ...]) -> bool:
        """Whether drawing these again would change nothing."""
        same = len(exposures) == len(self.exposures) and all(map(is_, exposures, self.exposures))
        return same and (underlying, second) == (self.underlying, self.second)


class PositionsPage(QWidget):
    """Everything held, one row each."""

    name = "Positions"

    def __init__(self) -> None:
        super().__init__()
        self.table = Table(
            _COLUMNS,
            row_id=line_id,
            is_total=lambda line: line.position is None,
            empty="No positions. They appear here as soon as the account reports them.",
        )
        self.table.setAccessibleName("Positions")
        self.setAccessibleName("Positions")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        self.setFocusProxy(self.table)
        self._drawn: _Drawn | None = None

    def count(self, frame: Frame, underlying: str) -> int:
        """Number of positions."""
        return sum(len(desk.rows) for desk in desks_of(frame, underlying))

    def show_frame(self, frame: Frame, underlying: str) -> None:
        """Show the positions, unless neither they nor the second of the clock changed."""
        desks = desks_of(frame, underlying)
        exposures = tuple(desk.exposure for desk in desks)
        second = frame.now // SECOND
        if self._drawn and self._drawn.shows(underlying, second, exposures):
            return
        self._drawn = _Drawn(underlying, second, exposures)
        lines = [line for each in desks for line in position_lines(each, frame.now)]
        self.table.show_rows(lines)


def position_lines(desk: Desk, now: int) -> Iterator[PositionLine]:
    """Rows of one underlying, its totals last; nothing for an underlying without positions."""
    if not desk.rows:
        return
    exposure = desk.exposure
    largest = max(abs(row.risk.delta) for row in desk.rows)
    for row in desk.rows:
        heat = row.risk.delta / largest if largest and not row.flag else None
        yield PositionLine(
            underlying=exposure.underlying,
            position=row,
            risk=row.risk,
            upnl_usd=row.upnl_usd,
            flag=row.flag,
            heat=heat,
            now=now,
        )
    yield PositionLine(
        underlying=exposure.underlying,
        position=None,
        risk=exposure.total,
        upnl_usd=sum(row.upnl_usd for row in desk.rows),
        flag=exposure.flag or ("" if exposure.usable else "not usable for decisions"),
        heat=None,
        now=now,
    )


def line_id(line: PositionLine) -> str:
    """Name of a row: the key of its position, or its underlying for totals."""
    return f"total {line.underlying}" if line.position is None else line.position.key


def side_word(line: PositionLine) -> str:
    """``LONG``, ``SHORT`` or ``FLAT``; collateral is held, not traded."""
    held = line.position
    if held is None:
        return ""
    if held.kind == "collateral":
        return "HELD"
    return "LONG" if held.qty > 0 else "SHORT" if held.qty < 0 else "FLAT"


def _role(line: PositionLine) -> str:
    return "warn" if line.flag else "hi" if line.position is None else "tx"


def _side_role(line: PositionLine) -> str:
    plain = {"LONG": "up", "SHORT": "dn"}.get(side_word(line), "mut")
    return "warn" if line.flag else plain


def _symbol(line: PositionLine) -> str:
    return f"Total {line.underlying}" if line.position is None else line.position.symbol


def _marked(line: PositionLine) -> str:
    """Name with a sign before it when a number is not to be trusted; the reason is at the right."""
    return f"⚠ {_symbol(line)}" if line.flag else _symbol(line)


def _expiry(line: PositionLine) -> str:
    held = line.position
    return "" if held is None else expiry_text(held.expiry, line.now, NO_EXPIRY.get(held.kind, ""))


def _iv(line: PositionLine) -> str:
    held = line.position
    if held is None or held.kind != "option":
        return ""
    return percent(held.iv).removesuffix("%") if held.iv is not None else number(None, 1)


# What the desk steers by comes first: it has to be seen without scrolling.
_COLUMNS = (
    Column(title="Instrument", get=_symbol, show=_marked, align="left", width=232, role=_role),
    Column(title="Side", get=side_word, show=side_word, align="left", width=60, role=_side_role),
    Column(
        title="Size",
        get=lambda line: line.position and line.position.qty,
        show=lambda line: exact(line.position.qty) if line.position else "",
        width=80,
        tooltip="Contracts; coins for spot and collateral",
        role=_role,
    ),
    Column(
        title="Mark",
        get=lambda line: line.position and line.position.mark,
        show=lambda line: price_text(line.position.mark) if line.position else "",
        width=88,
        tooltip="Mark price, in the currency that the instrument is quoted in",
        role=_role,
    ),
    Column(
        title="uPnL $",
        get=lambda line: line.upnl_usd,
        show=lambda line: usd(line.upnl_usd, 2, signed=True),
        width=116,
        tooltip="Unrealised profit or loss, USD",
        role=lambda line: "warn" if line.flag else sign_role(line.upnl_usd),
    ),
    delta_column(
        "Δ BS",
        lambda risk: risk.delta,
        "Black-Scholes delta on the forward, coin",
        heat=lambda line: line.heat,
        role=_role,
    ),
    usd_column(
        "Γ $/1 %", lambda risk: risk.gamma_1pct_usd, "USD of delta per 1 % move", 96, role=_role
    ),
    usd_column("Vega $/pt", lambda risk: risk.vega_usd, "USD per volatility point", 96, role=_role),
    usd_column(
        "Θ $/day", lambda risk: risk.theta_usd_day, "USD per calendar day", 96, role=_role
    ),
    Column(
        title="IV %",
        get=lambda line: line.position and line.position.iv,
        show=_iv,
        width=64,
        tooltip="Mark volatility, annual",
        role=_role,
    ),
    Column(
        title="Expiry UTC",
        get=lambda line: (line.position and line.position.expiry) or None,
        show=_expiry,
        align="left",
        width=136,
        tooltip="Date and days left; a countdown on the last day",
        role=_role,
    ),
    Column(
        title="Entry",
        get=lambda line: line.position and line.position.entry,
        show=lambda line: price_text(line.position.entry) if line.position else "",
        width=88,
        tooltip="Average entry, in the currency that the instrument is quoted in",
        role=_role,
    ),
    delta_column(
        "Δ net",
        lambda risk: risk.delta_net_of_premium,
        "Delta net of premium: the coin-numeraire delta, coin",
        role=_role,
    ),
    delta_column(
        "Δ with equity",
        lambda risk: risk.delta_with_equity,
        "Delta of the USD value of everything held, coin collateral included, coin",
        role=_role,
    ),
    Column(
        title="Flag",
        get=lambda line: line.flag,
        show=lambda line: line.flag,
        align="left",
        width=280,
        tooltip="Why a number of the row cannot be trusted",
        role=_role,
    ),
)
