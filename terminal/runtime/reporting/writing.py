"""Values as a reader sees them: what is unknown says so."""

from datetime import UTC, datetime
from decimal import Decimal

from terminal.core.units import SECOND
from terminal.core.words import amount
from terminal.model.report import Cell, Column, Form

UNKNOWN = "unknown"


def money(usd: Decimal | float) -> str:
    """USD with cents."""
    return f"{usd:,.2f}".replace("-", "−")


def day_text(at: int, *, clock: bool = False) -> str:
    """Day of an instant, with its time to the second where asked for; UTC."""
    moment = datetime.fromtimestamp(at // SECOND, tz=UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S" if clock else "%Y-%m-%d")


def shown(cell: Cell, column: Column) -> str:
    """A cell for the eye."""
    if cell is None:
        return UNKNOWN
    if isinstance(cell, str):
        return cell
    match column.form:
        case Form.MONEY:
            return money(cell)
        case Form.PERCENT:
            return f"{100 * float(cell):,.2f}".replace("-", "−")
        case Form.AMOUNT:
            return amount(float(cell))
        case _:
            return f"{cell:,}" if isinstance(cell, int) else f"{cell:f}".replace("-", "−")


def plain_value(cell: Cell) -> str:
    """A cell for a program: all its digits, no thousands."""
    if cell is None:
        return UNKNOWN
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return cell if isinstance(cell, str) else repr(cell)
