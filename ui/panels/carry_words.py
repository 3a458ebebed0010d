"""How carry reads: who pays whom, how much, and when."""

from collections.abc import Iterable

from terminal.core.units import DAY, HOUR, MINUTE
from terminal.model.carry import CarryQuote, CarryRow, CarryStamp, FundingDay, Rates
from terminal.model.instrument import CarryKind
from ui.format import UNKNOWN, bps, countdown, date, number, percent

CONTINUOUS = "all the time"


def interval_text(span: int) -> str:
    """Write the span a rate is quoted for: ``8 h``, ``30 min``."""
    if span >= HOUR:
        return f"{number(span / HOUR, 0 if span % HOUR == 0 else 1)} h"
    return f"{number(span / MINUTE, 0 if span % MINUTE == 0 else 1)} min"


def quoted_text(rates: Rates | None) -> str:
    """Write a rate as the venue quotes it, with its interval: ``+0.0100% / 8 h``."""
    if rates is None:
        return UNKNOWN
    return f"{percent(rates.quoted, 4, signed=True)} / {interval_text(rates.interval)}"


def per_8h_text(rates: Rates | None) -> str:
    """Write a rate per eight hours in basis points."""
    return UNKNOWN if rates is None else bps(rates.per_8h * 1e4, 2, signed=True)


def per_year_text(rates: Rates | None) -> str:
    """Write a rate per year as a percentage."""
    return UNKNOWN if rates is None else percent(rates.per_year, 1, signed=True)


def money_verb(usd: float) -> str:
    """Say what an amount is to the holder: ``PAY 12.40 USD`` or ``RECEIVE 3.10 USD``."""
    text = number(abs(usd), 2)
    return f"{'PAY' if usd < 0.0 else 'RECEIVE'} {text} USD"


def next_text(row: CarryRow, now: int) -> str:
    """Say what comes next on a position: ``you PAY 12.40 USD in 00:41``."""
    if row.due_usd is None:
        return UNKNOWN
    words = f"you {money_verb(row.due_usd)}"
    if row.continuous:
        return f"{words} an hour, {CONTINUOUS}"
    return f"{words} in {countdown(row.next_at - now)}" if row.next_at else UNKNOWN


def headline(rows: Iterable[CarryRow], now: int) -> tuple[str, float | None]:
    """Next payment of everything shown and the carry of a day, and who it favours.

    Returns
    -------
    text : str
    sign : float or None
        USD of the next payment; None while it is unknown or nothing is due.
    """
    held = list(rows)
    if not held:
        return "No perpetual is held: nothing is paid or received.", None
    stamps = [row.next_at for row in held if row.next_at > now]
    due = [row for row in held if stamps and row.next_at == min(stamps)]
    amounts = [row.due_usd for row in due if row.due_usd is not None]
    days = [row.day_usd for row in held if row.day_usd is not None]
    day = f"at these rates {number(sum(days), 2, signed=True)} USD a day"
    unknown = len(held) - len(days)
    tail = f"{day}, {unknown} unknown" if unknown else day
    if not due:
        return f"No stamp to come; {tail}.", None
    left = countdown(min(stamps) - now)
    if len(amounts) < len(due):
        return f"Next payment in {left}, its amount is unknown; {tail}.", None
    total = sum(amounts)
    return f"You {money_verb(total)} in {left}; {tail}.", total


def cell_text(quote: CarryQuote | None) -> str:
    """Write a cell of the matrix: eight-hour equivalent and year."""
    if quote is None:
        return ""
    if quote.rates is None:
        return UNKNOWN
    fee = " fee" if quote.kind is CarryKind.BORROW else ""
    return f"{per_8h_text(quote.rates)} · {per_year_text(quote.rates)}{fee}"


def side_words(quote: CarryQuote | None, earned: float | None) -> str:
    """Say where a side is held best or worst: ``BTC-PERP@sim, pays 3.1%``."""
    if quote is None or earned is None:
        return UNKNOWN
    verb = "earns" if earned >= 0.0 else "pays"
    return f"{quote.key}, {verb} {percent(abs(earned), 1)}"


def day_text(line: FundingDay) -> str:
    """Write the day of a line of the ledger."""
    return date(line.day * DAY)


def stamp_note(stamp: CarryStamp) -> str:
    """Say what a stamp does to the book."""
    if stamp.usd is not None:
        return f"you {money_verb(stamp.usd)}"
    if stamp.delta is not None:
        return "this delta disappears"
    return "the amount is unknown" if stamp.what == "funding" else "options and futures expire"
