"""How near a venue says it is to closing positions by itself: liquidation prices, queues of ADL.

Advice for alerts, and never more: what cannot be read is left out and stops nothing.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from terminal.model.facts import ForcedRisk, ForcedRow
from terminal.venues.dialects.dialect import Raw
from terminal.venues.gateway.line import Line


class Words(Struct, frozen=True):
    """Where a venue's row of a position says it. ``last`` is the place of who is closed next."""

    liquidation: tuple[str, ...]  # names on the way to the price
    queue: str = ""  # name of the place in the queue; empty: not told
    last: int = 1


WORDS: Final[Mapping[str, Words]] = MappingProxyType(
    {
        "binanceusdm": Words(("liquidationPrice",), "adl", 4),
        "binancecoinm": Words(("liquidationPrice",), "adl", 4),
        "bybit": Words(("liqPrice",), "adlRankIndicator", 5),
        "okx": Words(("liqPx",), "adl", 5),
        "deribit": Words(("estimated_liquidation_price",)),
        "hyperliquid": Words(("position", "liquidationPx")),
    }
)
"""By ccxt's id. Binance: 0 to 4 (Position-ADL-Quantile-Estimation); Bybit: 0, none held, to 5
(v5/position, adlRankIndicator); OKX: 0 to 5 (account/positions, adl)."""

DIGITS: Final = 4
"""Figures of a liquidation price that are told: it follows every move of the mark, and a record of
each would say nothing."""


MOST: Final = 1e12
"""Largest price that is believed; the largest floats do not survive rounding."""


def forced_row(ccxt_id: str, key: str, raw: Raw) -> ForcedRow | None:
    """What a venue's row of a position says of its end; None where it says nothing."""
    words = WORDS.get(ccxt_id)
    if words is None:
        return None
    found: object = raw
    for name in words.liquidation:
        found = found.get(name) if isinstance(found, Mapping) else None
    price = _number(found)
    place = _number(raw.get(words.queue)) if words.queue else None
    price = float(f"{price:.{DIGITS}g}") if price else None
    queue = None if place is None else min(max(place / words.last, 0.0), 1.0)
    return None if price is None and queue is None else ForcedRow(key, price, queue)


def _number(value: object) -> float | None:
    """Number that a price or a place can be; None for anything else, an empty text as well."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if 0.0 <= found <= MOST else None


def tell_forced(line: Line, held: Iterable[tuple[str, Raw]]) -> None:
    """Tell what the rows of positions say of their end, where that is new.

    Parameters
    ----------
    line : Line
    held : iterable of (str, mapping)
        Key of each position that is not flat, and its row.
    """
    rows = [forced_row(line.dialect.ccxt_id, key, raw) for key, raw in held]
    known = sorted([each for each in rows if each is not None], key=lambda each: each.key)
    said = ForcedRisk(line.dialect.venue, tuple(known))
    if said.rows != line.forced:
        line.forced = said.rows
        line.tell(said)
