"""Tables of the carry page: positions, the matrix of venues, what was paid, and what comes."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from msgspec import Struct

from terminal.core.units import DAY
from terminal.model.carry import CarryCoin, CarryQuote, CarryRow, CarryStamp, FundingDay
from ui.format import UNKNOWN, coin, count, countdown, usd
from ui.panels.book_cells import exact, moment_text, sign_role
from ui.panels.carry_words import (
    CONTINUOUS,
    cell_text,
    day_text,
    next_text,
    per_8h_text,
    per_year_text,
    quoted_text,
    side_words,
    stamp_note,
)
from ui.widgets.table import Column, Table


class HeldLine(Struct, frozen=True):
    """One position at an instant."""

    row: CarryRow
    now: int


class PaidLine(Struct, frozen=True):
    """One line of the funding ledger, or a sum (without ``day``)."""

    name: str
    day: FundingDay | None
    currency: str
    amount: Decimal
    usd: float | None


class ClockLine(Struct, frozen=True):
    """One stamp at an instant."""

    stamp: CarryStamp
    now: int


def held_table() -> Table:
    """Make the table of what is held."""
    return Table(
        _HELD,
        row_id=lambda line: line.row.key,
        empty="No perpetual is held: nothing is paid or received.",
    )


def matrix_table(columns: Sequence[str]) -> Table:
    """Make the table of coins by venue."""
    return Table(
        (
            Column(
                title="Coin",
                get=lambda line: line.underlying,
                show=lambda line: line.underlying,
                align="left",
                width=64,
            ),
            *(_cell_column(place, name) for place, name in enumerate(columns)),
            *_SIDES,
        ),
        row_id=lambda line: line.underlying,
        empty="No perpetual is listed for the coins of the desk.",
    )


def paid_table() -> Table:
    """Make the table of payments made."""
    return Table(
        _PAID,
        row_id=lambda line: line.name,
        is_total=lambda line: line.day is None,
        empty="No funding has been paid or received in this run.",
    )


def clock_table() -> Table:
    """Make the table of what comes."""
    return Table(
        _CLOCK,
        row_id=lambda line: f"{line.stamp.underlying} {line.stamp.what} {line.stamp.at}",
        empty="Nothing to come: no market has been heard yet.",
    )


def _cell_column(place: int, name: str) -> Column:
    def quote(line: CarryCoin) -> CarryQuote | None:
        return line.cells[place]

    def year(line: CarryCoin) -> float | None:
        found = quote(line)
        return found.rates.per_year if found and found.rates else None

    return Column(
        title=name,
        get=year,
        show=lambda line: cell_text(quote(line)),
        width=160,
        tooltip="Funding per 8 h and per year of 365 days; longs pay a positive rate. "
        "A fee is paid by both sides",
    )


def _side_column(
    title: str, quote: Callable[[CarryCoin], CarryQuote | None], *, short: bool, tooltip: str
) -> Column:
    def earned(line: CarryCoin) -> float | None:
        found = quote(line)
        if found is None:
            return None
        return found.short_year if short else found.long_year

    return Column(
        title=title,
        get=earned,
        show=lambda line: side_words(quote(line), earned(line)),
        align="left",
        width=272,
        role=lambda line: sign_role(earned(line)),
        tooltip=tooltip,
    )


def _stamp(line: HeldLine) -> str:
    if line.row.continuous:
        return CONTINUOUS
    return moment_text(line.row.next_at, line.now) if line.row.next_at else UNKNOWN


def _left(line: ClockLine) -> str:
    span = line.stamp.at - line.now
    return countdown(span) if span < DAY else f"{span // DAY} d {countdown(span % DAY)}"


_SIDES = (
    _side_column(
        "Long best at", lambda line: line.best_long, short=False, tooltip="Per year, of notional"
    ),
    _side_column(
        "Short best at", lambda line: line.best_short, short=True, tooltip="Per year, of notional"
    ),
    _side_column(
        "Long worst at", lambda line: line.worst_long, short=False, tooltip="Per year, of notional"
    ),
    _side_column(
        "Short worst at",
        lambda line: line.worst_short,
        short=True,
        tooltip="Per year, of notional",
    ),
)
_HELD = (
    Column(
        title="Instrument",
        get=lambda line: line.row.symbol,
        show=lambda line: line.row.symbol,
        align="left",
        width=168,
    ),
    Column(
        title="Next",
        get=lambda line: line.row.due_usd,
        show=lambda line: next_text(line.row, line.now),
        align="left",
        width=248,
        role=lambda line: sign_role(line.row.due_usd),
        tooltip="Payment of the next stamp at the rate told now; of an hour where it accrues",
    ),
    Column(
        title="Day $",
        get=lambda line: line.row.day_usd,
        show=lambda line: usd(line.row.day_usd, 2, signed=True),
        width=96,
        role=lambda line: sign_role(line.row.day_usd),
        tooltip="At the rate told now",
    ),
    Column(
        title="Year $",
        get=lambda line: line.row.year_usd,
        show=lambda line: usd(line.row.year_usd, 0, signed=True),
        width=96,
        role=lambda line: sign_role(line.row.year_usd),
        tooltip="At the rate told now, 365 days",
    ),
    Column(
        title="Quoted",
        get=lambda line: line.row.rates.quoted if line.row.rates else None,
        show=lambda line: quoted_text(line.row.rates),
        width=136,
        tooltip="As the venue quotes it; longs pay a positive rate",
    ),
    Column(
        title="Per 8 h",
        get=lambda line: line.row.rates.per_8h if line.row.rates else None,
        show=lambda line: per_8h_text(line.row.rates),
        width=88,
    ),
    Column(
        title="Per year",
        get=lambda line: line.row.rates.per_year if line.row.rates else None,
        show=lambda line: per_year_text(line.row.rates),
        width=80,
        tooltip="365 days, not compounded",
    ),
    Column(
        title="Stamp UTC",
        get=lambda line: line.row.next_at or None,
        show=_stamp,
        width=136,
    ),
    Column(
        title="Notional $",
        get=lambda line: line.row.notional_usd,
        show=lambda line: usd(line.row.notional_usd, 0, signed=True),
        width=112,
    ),
    Column(
        title="Venue",
        get=lambda line: line.row.venue,
        show=lambda line: line.row.venue,
        align="left",
        width=80,
    ),
    Column(
        title="",
        get=lambda line: line.row.note,
        show=lambda line: line.row.note,
        align="left",
        width=280,
        role=lambda _line: "mut",
    ),
)

_PAID = (
    Column(
        title="Day UTC",
        get=lambda line: line.day.day if line.day else None,
        show=lambda line: day_text(line.day) if line.day else line.name,
        align="left",
        width=136,
    ),
    Column(
        title="Instrument",
        get=lambda line: line.day.key if line.day else "",
        show=lambda line: line.day.key.partition("@")[0] if line.day else "",
        align="left",
        width=168,
    ),
    Column(
        title="Venue",
        get=lambda line: line.day.key.rpartition("@")[2] if line.day else "",
        show=lambda line: line.day.key.rpartition("@")[2] if line.day else "",
        align="left",
        width=88,
    ),
    Column(
        title="Amount",
        get=lambda line: line.amount,
        show=lambda line: exact(line.amount),
        width=144,
        role=lambda line: sign_role(float(line.amount)),
        tooltip="Positive is received",
    ),
    Column(
        title="In",
        get=lambda line: line.currency,
        show=lambda line: line.currency,
        align="left",
        width=64,
    ),
    Column(
        title="USD when paid",
        get=lambda line: line.usd,
        show=lambda line: usd(line.usd, 2, signed=True),
        width=128,
        role=lambda line: sign_role(line.usd),
        tooltip="At the index of the payment",
    ),
    Column(
        title="Payments",
        get=lambda line: line.day.payments if line.day else None,
        show=lambda line: count(line.day.payments) if line.day else "",
        width=88,
    ),
)
_CLOCK = (
    Column(
        title="In",
        get=lambda line: line.stamp.at,
        show=_left,
        width=104,
    ),
    Column(
        title="UTC",
        get=lambda line: line.stamp.at,
        show=lambda line: moment_text(line.stamp.at, line.now),
        align="left",
        width=152,
    ),
    Column(
        title="Coin",
        get=lambda line: line.stamp.underlying,
        show=lambda line: line.stamp.underlying or "all",
        align="left",
        width=56,
    ),
    Column(
        title="What",
        get=lambda line: line.stamp.what,
        show=lambda line: line.stamp.what,
        align="left",
        width=216,
    ),
    Column(
        title="Δ that ends",
        get=lambda line: line.stamp.delta,
        show=lambda line: ""
        if line.stamp.delta is None
        else coin(line.stamp.delta, line.stamp.underlying),
        width=128,
        tooltip="Black-Scholes delta now of what expires then",
    ),
    Column(
        title="",
        get=lambda line: line.stamp.usd,
        show=lambda line: stamp_note(line.stamp),
        align="left",
        width=248,
        role=lambda line: "mut" if line.stamp.usd is None else sign_role(line.stamp.usd),
    ),
)
