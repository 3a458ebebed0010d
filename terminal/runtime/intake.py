"""The border that events cross before they become records: nothing unreadable gets in."""

import math

import msgspec

from terminal.model.market import Quote
from terminal.model.messages import Event


def unsound(event: Event) -> str:
    """Name the first number of an event that is not finite; empty when all are.

    Notes
    -----
    JSON has no NaN: such a number would be replayed as unknown, and a replay must be equal to
    what was lived. A bad number from a venue is refused whole; the quote before it grows old,
    and its age then forbids trading.
    """
    for name in event.__struct_fields__:
        value = getattr(event, name)
        if isinstance(value, float) and not math.isfinite(value):
            return f"{name} is {value}"
        if isinstance(value, tuple) and value and isinstance(value[0], tuple):
            pairs = (number for level in value for number in level)
            if any(isinstance(each, float) and not math.isfinite(each) for each in pairs):
                return f"{name} holds a number that is not finite"
    return ""


def key_of(event: Event) -> str:
    """Instrument an event is about, for messages; its type's name where it is about none."""
    if isinstance(event, Quote):
        return event.key
    fields = msgspec.structs.asdict(event)
    return str(fields.get("key") or fields.get("underlying") or type(event).__name__)
