"""What a venue can be asked, as data: the request in ccxt's words and where its rows are."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeAlias

from msgspec import Struct

from terminal.core.errors import VenueError
from terminal.model.account import Balance, FundingPaid
from terminal.model.instrument import Contract, Future, Option
from terminal.venues.dialects.dialect import Directory, Raw
from terminal.venues.gateway.limiter import Budget

Rows: TypeAlias = Callable[[object], tuple[Raw, ...]]
"""Takes the raw objects out of a reply; raises VenueError for a reply of another shape."""


Expiring: TypeAlias = Option | Future


class Ask(Struct, frozen=True):
    """One request: a method of ccxt's instance and its arguments, and how its reply is read.

    ``more`` makes the request for the next page out of a reply and its rows, where a venue
    answers page by page; None at the last one.
    """

    method: str
    args: tuple[object, ...]
    rows: Rows
    more: "Callable[[object, tuple[Raw, ...]], Ask | None] | None" = None


class Span(Struct, frozen=True):
    """What a history is asked for: symbols that may have traded, from one time to another, ms."""

    symbols: tuple[str, ...]
    since: int
    until: int


class Sent(Struct, frozen=True):
    """How an order is called at its venue: what a question about it must name."""

    client_id: str
    symbol: str  # ccxt's unified symbol
    contract: Contract


def never(_: Raw) -> bool:
    """No: the default of ``Asks.retold``."""
    return False


def alike(_: Ask, __: int) -> float:
    """One for every request: the default of ``Asks.weight``."""
    return 1.0


def weighed(table: Mapping[str, float], other: float) -> Callable[[Ask, int], float]:
    """Weights by ccxt's method, and that of any other."""
    return lambda ask, _: table.get(ask.method, other)


def nothing(_: Directory) -> tuple[Ask, ...]:
    """No question: the default of ``Asks.modes``, for venues without a hedge mode."""
    return ()


def any_mode(_: Raw) -> None:
    """Take every mode: the default of ``Asks.mode``."""


class SettlementAsk(Struct, frozen=True):
    """How a venue tells at what price something expired.

    ``read`` gives the settlement price of the underlying, USD, from a row of the reply, and None
    from a row of something else.
    """

    ask: Callable[[Expiring], Ask]
    read: Callable[[Raw, Expiring], Decimal | None]


class Asks(Struct, frozen=True, kw_only=True):
    """The requests of one venue beside placing an order.

    Every method is one request with one reply, or with its pages, so that an answer is either
    whole or none.
    ``order`` answers with no row, or with an error of a class in ``not_found``, when the venue
    says for certain that it has no such order. ``wind`` is None where no countdown exists.
    ``owner`` is for venues whose trades do not name the client id of their order.
    """

    budget: Budget
    order: Callable[[Sent], Ask]
    cancel: Callable[[Sent], Ask]
    open_orders: Callable[[Directory], tuple[Ask, ...]]
    positions: Callable[[Directory], tuple[Ask, ...]]
    trades: Callable[[Directory, Span], tuple[Ask, ...]]
    balances: Callable[[Directory], tuple[Ask, ...]]
    balance: Callable[[Raw], Balance | None]
    trade_ms: Callable[[Raw], int]  # when a raw trade was done, ms since 1970
    trade_order: Callable[[Raw], str]  # the venue's own id of the order of a raw trade
    wind: Callable[[int, Sequence[str]], tuple[Ask, ...]] | None  # seconds (0: off); symbols
    watches: tuple[str, ...]  # ccxt's watch methods that open the private streams
    payments: Callable[[Directory, Span], tuple[Ask, ...]]  # of funding
    payment: Callable[[Raw, Directory], FundingPaid | None]
    payment_ms: Callable[[Raw], int]
    weight: Callable[[Ask, int], float] = alike  # of a request and so many rows of its reply
    retold: Callable[[Raw], bool] = never  # whether a frame repeats the past, as a snapshot does
    owner: Callable[[Contract, str], Ask] | None = None  # asks by the venue's own id of an order
    modes: Callable[[Directory], tuple[Ask, ...]] = nothing
    mode: Callable[[Raw], None] = any_mode  # raises TwoSidesError
    sided: Callable[[Raw], None] = any_mode  # raises TwoSidesError at a private frame that tells
    mode_errors: tuple[str, ...] = ()  # in refusals of orders that tell of hedge mode
    settlement: SettlementAsk | None = None  # None: a person says what became of it


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
