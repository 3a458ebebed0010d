"""The border that events cross before they become records: nothing unreadable gets in."""

import math
from decimal import Decimal

import msgspec
from msgspec import Struct
from msgspec.structs import astuple

from terminal.model.market import Bar, Quote
from terminal.model.messages import Event

_PLAIN = frozenset({str, int, bool, type(None)})
"""Types that hold no number which could be infinite: almost all of what markets send."""


def unsound(event: Event) -> str:
    """Name the first number of an event that is not finite; empty when all are.

    Notes
    -----
    JSON has no NaN: such a number would be replayed as unknown, and a replay must be equal to
    what was lived. A bad number from a venue is refused whole; the quote before it grows old,
    and its age then forbids trading.
    """
    if type(event) is Bar:
        together = event.open + event.high + event.low + event.close + event.half_spread_bps
        if math.isfinite(together + (event.volume or 0.0)):
            return ""  # an infinity or a NaN survives every sum
    for value in astuple(event):
        kind = type(value)
        if kind is float:
            if not math.isfinite(value):
                break
        elif kind not in _PLAIN:
            break
    else:
        return ""
    for name in event.__struct_fields__:
        value = getattr(event, name)
        if _finite(value):
            continue
        single = isinstance(value, float | Decimal)
        return f"{name} is {value}" if single else f"{name} holds a number that is not finite"
    return ""


def _finite(value: object) -> bool:
    """Whether every number in a value, however deep, is finite."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, Decimal):
        return value.is_finite()
    if isinstance(value, tuple):
        return all(_finite(each) for each in value)
    if isinstance(value, dict):
        return all(_finite(each) for each in value.values())
    if isinstance(value, Struct):
        return all(_finite(getattr(value, name)) for name in value.__struct_fields__)
    return True


def key_of(event: Event) -> str:
    """Instrument an event is about, for messages; its type's name where it is about none."""
    if isinstance(event, Quote):
        return event.key
    fields = msgspec.structs.asdict(event)
    return str(fields.get("key") or fields.get("underlying") or type(event).__name__)
