"""What one exchange does its own way: names, units, ids, modes and how its messages read."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from terminal.model.account import AccountSnapshot, Balance, FundingPaid, Position
from terminal.model.instrument import Instrument
from terminal.model.market import Funding, Index, OpenInterest, Quote, Trade
from terminal.model.order import Fill, OrderIntent, OrderUpdate
from terminal.venues.dialects.quote_parts import QuotePart

Raw = Mapping[str, object]
"""One JSON object as the exchange sent it."""

PublicEvent = Index | Quote | QuotePart | Trade | Funding | OpenInterest
PrivateEvent = OrderUpdate | Fill | FundingPaid | AccountSnapshot | Position | Balance


class AmountUnit(StrEnum):
    """What the amount of an order is counted in, at the exchange."""

    COIN = "coin"
    USD = "usd"
    CONTRACT = "contract"


class DeadMan(StrEnum):
    """How an exchange cancels orders by itself when its client falls silent."""

    NONE = "none"
    ON_DISCONNECT = "on_disconnect"  # as soon as the socket is gone
    COUNTDOWN = "countdown"  # unless a timer is wound up again and again


class Directory(Struct, frozen=True):
    """Instruments of one exchange, by our key and by the exchange's own name."""

    by_key: Mapping[str, Instrument]
    by_symbol: Mapping[str, Instrument]


class SentOrder(Struct, frozen=True, kw_only=True):
    """One limit order in ccxt's words, of which ``order_words`` makes the exchange's own."""

    symbol: str  # ccxt's unified symbol
    kind: str  # ccxt's order type
    side: str
    amount: Decimal  # in the exchange's ``AmountUnit``
    price: Decimal
    params: Mapping[str, object]


class Decoder(Protocol):
    """Reads what one exchange sends. Pure: what it does not know it leaves out, never guesses.

    Every method raises DataError, naming the field, for a message that contradicts its own
    format; a message about something else gives nothing.
    """

    def instrument(self, market: Raw) -> Instrument | None:
        """Terms of one of ccxt's markets (its ``info`` is the exchange's own); None: not ours."""
        ...

    def public(self, message: Raw, known: Directory) -> tuple[PublicEvent, ...]:
        """Market events in one frame of a public stream."""
        ...

    def private(self, message: Raw, known: Directory) -> tuple[PrivateEvent, ...]:
        """Account events in one frame of a private stream; order ids are ours."""
        ...

    def position(self, info: Raw, known: Directory) -> Position | None:
        """Signed contracts from one raw position; None where it is not of a known instrument."""
        ...

    def order(self, info: Raw, known: Directory) -> OrderUpdate | None:
        """State of one raw order, None where its client id is not one of ours."""
        ...

    def fill(self, info: Raw, known: Directory) -> Fill | None:
        """One raw trade of the account; ``order_id`` is empty where the order is not ours."""
        ...


class TermsBeside(Struct, frozen=True):
    """A second list of an exchange, with a term that its list of instruments lacks."""

    method: str  # of ccxt's; it answers with rows
    name: str  # field of a row that names the instrument
    field: str  # field of a row that is added to the instrument's own
    otherwise: str  # what holds where there is no row, for the screen


class Dialect(Struct, frozen=True, kw_only=True):
    """One exchange: what the generic adapter must know of it.

    ``why_read_only`` is empty for an exchange that may be traded on. ``lookup`` names the ways in
    which an order can be found by our own id, best first: ``order`` (one order by its client id),
    ``open``, ``trades``. ``options`` go to ccxt's constructor as they are.
    """

    venue: str  # our name, the one in ``Contract.venue``
    ccxt_id: str
    title: str
    why_read_only: str
    key_fields: tuple[str, ...]  # what a key consists of, by ccxt's names
    client_id_param: str  # of ccxt's create_order
    dead_man: DeadMan
    dead_man_seconds: int
    sandbox: str  # "urls" (set_sandbox_mode), "demo" (enable_demo_trading) or "" for none
    options: Mapping[str, object]
    lookup: tuple[str, ...]
    decoder: Decoder
    sent: Callable[[OrderIntent, Instrument], SentOrder]
    client_id: Callable[[str], str]  # our order id -> a legal client id; the same for ever
    greeks_convention: str  # one line for the screen: how the exchange's own Greeks are meant
    funding_note: str  # one line: what its funding rate is and for how long
    terms_beside: TermsBeside | None = None
    funding_by_clock: bool = False
    """Funding is paid at every full interval from midnight UTC on, though no message says when."""


class Outcome(StrEnum):
    """What a failed request says of the order it was about."""

    REFUSED = "refused"  # the exchange has it not, for certain
    UNKNOWN = "unknown"  # it may be there: ask, never resend
