"""What a venue can be asked, as data: the request in ccxt's words and where its rows are."""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from msgspec import Struct

from terminal.core.errors import VenueError
from terminal.model.account import Balance
from terminal.model.instrument import Contract
from terminal.venues.dialects.dialect import Directory, Raw
from terminal.venues.gateway.limiter import Budget

Rows: TypeAlias = Callable[[object], tuple[Raw, ...]]
"""Takes the raw objects out of a reply; raises VenueError for a reply of another shape."""


class Ask(Struct, frozen=True):
    """One request: a method of ccxt's instance and its arguments, and how its reply is read."""

    method: str
    args: tuple[object, ...]
    rows: Rows


class Sent(Struct, frozen=True):
    """How an order is called at its venue: what a question about it must name."""

    client_id: str
    symbol: str  # ccxt's unified symbol
    contract: Contract


def never(_: Raw) -> bool:
    """No: the default of ``Asks.retold``."""
    return False


class Asks(Struct, frozen=True, kw_only=True):
    """The requests of one venue beside placing an order.

    Every method is one request with one reply, so that an answer is either whole or none.
    ``order`` answers with no row, or with an error of a class in ``not_found``, when the venue
    says for certain that it has no such order. ``wind`` is None where no countdown exists.
    """

    budget: Budget
    order: Callable[[Sent], Ask]
    cancel: Callable[[Sent], Ask]
    open_orders: Callable[[Directory], tuple[Ask, ...]]
    positions: Callable[[Directory], tuple[Ask, ...]]
    trades: Callable[[Directory, Sequence[str], int], tuple[Ask, ...]]  # symbols; since, ms
    balances: Callable[[Directory], tuple[Ask, ...]]
    balance: Callable[[Raw], Balance | None]
    trade_ms: Callable[[Raw], int]  # when a raw trade was done, ms since 1970
    trade_order: Callable[[Raw], str]  # the venue's own id of the order of a raw trade
    wind: Callable[[int, Sequence[str]], tuple[Ask, ...]] | None  # seconds (0: off); symbols
    watches: tuple[str, ...]  # ccxt's watch methods that open the private streams
    retold: Callable[[Raw], bool] = never  # whether a frame repeats the past, as a snapshot does


NOT_FOUND: Final = frozenset({"OrderNotFound"})
"""Classes of ccxt that answer a question about one order with a certain no."""


def listed(reply: object, *path: str) -> tuple[Raw, ...]:
    """Objects of the list under ``path`` of a reply.

    Raises
    ------
    VenueError
        There is no such list, or it holds something else: an unreadable reply is no empty one.
    """
    found = reply
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        where = ".".join(path) or "the reply"
        raise VenueError(f"{where} is no list of objects: the answer cannot be read")
    return tuple(found)


def at(*path: str) -> Rows:
    """Reader of the list under ``path``."""
    return lambda reply: listed(reply, *path)


def single(reply: object) -> tuple[Raw, ...]:
    """Reader of a reply that is the object itself; an empty one says nothing."""
    if not isinstance(reply, dict) or not reply:
        raise VenueError("the reply is no object: the answer cannot be read")
    return (reply,)


def done(reply: object) -> tuple[Raw, ...]:
    """Reader of a reply whose content does not matter, as long as it is one."""
    if not isinstance(reply, dict | list):
        raise VenueError("the reply is no object: the answer cannot be read")
    return ()


def bases(known: Directory) -> tuple[str, ...]:
    """Currencies that instruments of a venue settle in, in the order they are listed."""
    return tuple(dict.fromkeys(each.contract.settle for each in known.by_key.values()))
