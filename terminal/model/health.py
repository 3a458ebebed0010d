"""How well the feeds of a venue are: a light each, with the words why."""

from enum import StrEnum

from msgspec import Struct


class Light(StrEnum):
    """Condition of a venue's feeds."""

    GREEN = "green"
    AMBER = "amber"  # look: something is late, or was bad a moment ago
    RED = "red"  # hedging that needs it is locked


class Channel(StrEnum):
    """What a venue says, by kind."""

    BOOK = "book"
    TICKER = "ticker"
    TRADES = "trades"
    ACCOUNT = "account"
    ORDERS = "orders"


class ChannelAge(Struct, frozen=True):
    """One channel and how long ago it said something, ns."""

    channel: Channel
    age: int


class FeedWatch(Struct, frozen=True):
    """What the data that hedges one coin was lately.

    ``fault`` is what is wrong now, empty while nothing is; ``since`` is when that began, the fault
    or the soundness, UtcNs.
    """

    fault: str = ""
    since: int = 0
    locked: str = ""  # the fault that hedging is locked for
    locked_at: int = 0  # UtcNs
