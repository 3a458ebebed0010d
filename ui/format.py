"""How numbers, money and time read on the screen: plain functions, no Qt."""

import math
from datetime import UTC, datetime
from decimal import Decimal

from terminal.core.units import DAY, HOUR, MILLISECOND, MINUTE, SECOND

Number = float | Decimal

UNKNOWN = "–"
"""What stands where a value is not known; never 0."""

MINUS = "−"
"""The typographic minus, as wide as the plus and the figures."""

_TIERS = ("", "K", "M", "B", "T")
_BYTES = ("B", "kB", "MB", "GB", "TB")
_COIN_DECIMALS = {"BTC": 4, "ETH": 3, "SOL": 2}


def number(x: Number | None, decimals: int, signed: bool = False) -> str:
    """Write a number with grouped thousands and fixed decimals.

    Parameters
    ----------
    x : float, Decimal or None
        None, NaN and infinities are unknown.
    decimals : int
        Digits after the point, >= 0.
    signed : bool
        Write ``+`` before positive values. A value that rounds to zero has no sign.

    Returns
    -------
    str
        ``1,234.50``, ``−0.3``, ``+7`` or ``–``.
    """
    return _worded(x, decimals, signed=signed)


def usd(
    x: Number | None, decimals: int = 2, signed: bool = False, short: bool = False
) -> str:
    """Write US dollars: ``+$1,231.40``, ``−$86``, and ``$1.2M`` when short.

    Parameters
    ----------
    x : float, Decimal or None
        USD.
    decimals : int
        Digits after the point; amounts of 1,000 and more have one digit when short.
    signed : bool
        Write ``+`` before positive amounts.
    short : bool
        Scale to K, M, B or T.
    """
    if x is None or not math.isfinite(x):
        return UNKNOWN
    if not short:
        return _worded(x, decimals, signed=signed, before="$")
    size, tier = abs(float(x)), 0
    # 999.96 K would round to 1,000.0K, so a tier ends where its rounded text would overflow.
    while tier < len(_TIERS) - 1 and round(size, 1 if tier else decimals) >= 1000:
        size, tier = size / 1000, tier + 1
    scaled = size if x > 0 else -size
    return _worded(scaled, 1 if tier else decimals, signed=signed, before="$", after=_TIERS[tier])


def coin(x: Number | None, unit: str, decimals: int | None = None, signed: bool = True) -> str:
    """Write an amount of a coin, such as ``−0.3120 BTC``.

    Parameters
    ----------
    x : float, Decimal or None
        Coins.
    unit : str
        Name of the coin; decides the decimals (BTC 4, ETH 3, SOL 2, others 4) if none are given.
    """
    places = _COIN_DECIMALS.get(unit, 4) if decimals is None else decimals
    return _worded(x, places, signed=signed, after=f" {unit}" if unit else "")


def price(x: Number | None, tick: Number | None = None, decimals: int = 2) -> str:
    """Write a price with the digits of its tick (``tick``), or with ``decimals`` without one."""
    return _worded(x, decimals if tick is None else tick_decimals(tick))


def tick_decimals(tick: Number) -> int:
    """Count the digits after the point that a price on this tick needs (0.05 needs 2)."""
    exponent = Decimal(str(tick)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def bps(x: Number | None, decimals: int = 1, signed: bool = False) -> str:
    """Write basis points (``x`` is in bps): ``3.2 bps``."""
    return _worded(x, decimals, signed=signed, after=" bps")


def percent(x: Number | None, decimals: int = 1, signed: bool = False) -> str:
    """Write a fraction as a percentage: 0.123 reads ``12.3%``."""
    return _worded(_hundred(x), decimals, signed=signed, after="%")


def vol_points(x: Number | None, decimals: int = 1, signed: bool = True) -> str:
    """Write a difference of annual volatilities: 0.012 reads ``+1.2 vol pts``."""
    return _worded(_hundred(x), decimals, signed=signed, after=" vol pts")


def count(x: int | None) -> str:
    """Write a whole number of things with grouped thousands."""
    return UNKNOWN if x is None else _worded(Decimal(x), 0)


def size_bytes(x: int | None) -> str:
    """Write a size of data in decimal units: ``512 B``, ``1.2 MB``."""
    if x is None:
        return UNKNOWN
    size, tier = float(abs(x)), 0
    while tier < len(_BYTES) - 1 and round(size, 1 if tier else 0) >= 1000:
        size, tier = size / 1000, tier + 1
    return _worded(math.copysign(size, x), 1 if tier else 0, after=f" {_BYTES[tier]}")


def age(ns: int | None) -> str:
    """Write how long ago something was: ``0.4 s``, ``12 s``, ``2 min``, ``3 h``, ``5 d``.

    Whole units are cut, not rounded. A negative age (a clock that runs ahead) keeps its sign.
    """
    if ns is None:
        return UNKNOWN
    span = abs(ns)
    tenths = span // (SECOND // 10)
    sign = MINUS if ns < 0 and tenths else ""
    if span < 10 * SECOND:
        return f"{sign}{tenths // 10}.{tenths % 10} s"
    for unit, name, limit in ((SECOND, "s", MINUTE), (MINUTE, "min", HOUR), (HOUR, "h", DAY)):
        if span < limit:
            return f"{sign}{span // unit} {name}"
    return f"{sign}{span // DAY:,} d"


def countdown(ns: int | None) -> str:
    """Write the time left as ``mm:ss`` or ``hh:mm:ss``; ``00:00`` only once nothing is left."""
    if ns is None:
        return UNKNOWN
    left = max(0, -(-ns // SECOND))
    minutes, secs = divmod(left, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{secs:02d}" if hours else f"{minutes:02d}:{secs:02d}"


def clock(ns: int | None) -> str:
    """Write the time of day of an instant (UTC nanoseconds): ``14:32:07 UTC``."""
    return UNKNOWN if ns is None else _utc(ns).strftime("%H:%M:%S UTC")


def date(ns: int | None) -> str:
    """Write the UTC day of an instant (UTC nanoseconds): ``2026-01-25``."""
    return UNKNOWN if ns is None else _utc(ns).strftime("%Y-%m-%d")


def duration(ns: int | None) -> str:
    """Write a span in its two largest units: ``850 ms``, ``12.4 s``, ``2 d 04 h``."""
    if ns is None:
        return UNKNOWN
    span = abs(ns)
    sign = MINUS if ns < 0 and span >= MILLISECOND else ""
    if span < SECOND:
        return f"{sign}{span // MILLISECOND} ms"
    if span < MINUTE:
        tenths = span // (SECOND // 10)
        return f"{sign}{tenths // 10}.{tenths % 10} s"
    if span < HOUR:
        return f"{sign}{span // MINUTE} min {span % MINUTE // SECOND:02d} s"
    if span < DAY:
        return f"{sign}{span // HOUR} h {span % HOUR // MINUTE:02d} min"
    return f"{sign}{span // DAY:,} d {span % DAY // HOUR:02d} h"


def _worded(
    x: Number | None, decimals: int, *, signed: bool = False, before: str = "", after: str = ""
) -> str:
    if x is None or not math.isfinite(x):
        return UNKNOWN
    body = f"{abs(x):,.{decimals}f}"
    sign = ""
    if any(digit in "123456789" for digit in body):
        sign = MINUS if x < 0 else "+" if signed else ""
    return f"{sign}{before}{body}{after}"


def _hundred(x: Number | None) -> Number | None:
    return None if x is None else x * 100


def _utc(ns: int) -> datetime:
    return datetime.fromtimestamp(ns // SECOND, tz=UTC)
