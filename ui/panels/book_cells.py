"""How cells of the book read: sizes, prices, sides, expiries and the coin of a symbol."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Protocol, runtime_checkable

from terminal.core.units import DAY
from terminal.model.frame import Desk, Frame
from terminal.model.greeks import Sensitivity
from terminal.model.order import Side
from ui.format import UNKNOWN, clock, coin, countdown, date, number, tick_decimals, usd
from ui.widgets.table import Column

NO_EXPIRY = {"perpetual": "perpetual", "spot": "spot", "collateral": "collateral"}


@runtime_checkable
class Page(Protocol):
    """One tab of the book."""

    @property
    def name(self) -> str:
        """Title of the tab, without its count."""

    def count(self, frame: Frame, underlying: str) -> int | None:
        """How many things the tab holds; None shows no number."""

    def show_frame(self, frame: Frame, underlying: str) -> None:
        """Show one coin of a frame, or all of them if ``underlying`` is empty."""


class Greeks(Protocol):
    """A row that has an underlying and sensitivities."""

    @property
    def underlying(self) -> str:
        """Coin that deltas are counted in."""

    @property
    def risk(self) -> Sensitivity:
        """What the row is exposed to."""


def desks_of(frame: Frame, underlying: str) -> tuple[Desk, ...]:
    """Desks of one coin, or all of them if ``underlying`` is empty."""
    return tuple(each for each in frame.desks if underlying in ("", each.underlying))


def coins_by_symbol(frame: Frame) -> Mapping[str, str]:
    """Coin of every symbol that a desk holds or hedges with."""
    known = {desk.hedge_symbol: desk.underlying for desk in frame.desks if desk.hedge_symbol}
    for desk in frame.desks:
        known |= {row.symbol: desk.underlying for row in desk.rows}
    return known


def coin_of(symbol: str, known: Mapping[str, str], frame: Frame) -> str:
    """Coin of a symbol: as a desk knows it, else the longest coin that it begins with, else ""."""
    if symbol in known:
        return known[symbol]
    starts = [desk.underlying for desk in frame.desks if symbol.startswith(desk.underlying)]
    return max(starts, key=len, default="")


def exact(x: Decimal) -> str:
    """Write a quantity or limit with all of its digits and no more."""
    return number(x, tick_decimals(x))


def price_text(x: float | None) -> str:
    """Write a price of unknown tick: premiums in coin need more digits than prices in USD."""
    if x is None:
        return UNKNOWN
    size = abs(x)
    return number(x, 2 if size >= 1.0 or size == 0.0 else 4 if size >= 0.01 else 6)


def side_text(side: Side) -> str:
    """Write the side of an order or fill as arrow and word."""
    return "▲ BUY" if side is Side.BUY else "▼ SELL"


def side_role(side: Side) -> str:
    """Colour role of a side; the word says the same."""
    return "up" if side is Side.BUY else "dn"


def expiry_text(expiry: int, now: int, without: str = "") -> str:
    """Write when something expires: a countdown on the last day, else the date and the days left.

    Parameters
    ----------
    expiry, now : int
        UTC nanoseconds; an expiry of 0 never comes.
    without : str
        What to write for 0.
    """
    if not expiry:
        return without
    left = expiry - now
    if left <= 0:
        return "expired"
    return countdown(left) if left < DAY else f"{date(expiry)} · {left // DAY} d"


def moment_text(at: int, now: int) -> str:
    """Write the UTC time of day, with the date in front when it is another day."""
    time = clock(at).removesuffix(" UTC")
    return time if at // DAY == now // DAY else f"{date(at)} {time}"


def sign_role(x: float | None) -> str:
    """Colour role of a gain or loss; the sign is written as well."""
    return "tx" if not x else "up" if x > 0 else "dn"


def delta_column(
    title: str, get: Callable[[Sensitivity], float], tooltip: str, **more: Any
) -> Column:
    """Column of one of the labelled deltas, in the coin of its row."""

    def show(row: Greeks) -> str:
        return coin(get(row.risk), row.underlying)

    return Column(
        title=title, get=lambda row: get(row.risk), show=show, width=124, tooltip=tooltip, **more
    )


def usd_column(
    title: str, get: Callable[[Sensitivity], float], tooltip: str, width: int = 104, **more: Any
) -> Column:
    """Column of one sensitivity in USD."""

    def show(row: Greeks) -> str:
        return usd(get(row.risk), 0, signed=True)

    return Column(
        title=title, get=lambda row: get(row.risk), show=show, width=width, tooltip=tooltip, **more
    )
