"""An exchange of ccxt with guards: nothing is resent, no socket goes deaf, no book is wrong."""

import importlib
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct

from terminal.core.errors import ConfigError
from terminal.venues.dialects.dialect import Dialect
from terminal.venues.endpoints import original, redirected
from terminal.venues.keccak import keccak256
from terminal.venues.sequences import NUMBERINGS, Sequences, Step
from terminal.venues.typed_digests import TypedDigests

TIMEOUT_MS: Final = 10_000
"""Longest wait for the answer to a request."""

ASKED: Final = 512
"""Requests on a socket whose answer is still known to belong to them."""

LISTED: Final = 20
"""Trades of a market that ccxt keeps; it would be a thousand, and nobody here reads them."""

_RESEND: Final = 1_000_000_000
"""First number of our own requests on a socket: ccxt counts from 1."""


def _ignore(*_: object) -> None:
    """Listen to nothing."""


class Taps(Struct, frozen=True, kw_only=True):
    """Who is told what an exchange's sockets say, before or beside ccxt.

    Called synchronously, so they take notes and return. What they raise is told to ``fault``.
    """

    frame: Callable[[object], None] = _ignore  # every decoded message, before ccxt has it
    book: Callable[[Mapping[str, Any]], None] = _ignore  # ccxt's live book, after each change
    gap: Callable[[str, str], None] = _ignore  # the exchange's name of an instrument, and why
    up: Callable[[str], None] = _ignore  # address of a socket that was opened
    down: Callable[[str, str], None] = _ignore  # address of a socket that was lost, and why
    fault: Callable[[str], None] = _ignore  # a message that could not be handled, in one line


class Connection(Struct, frozen=True, kw_only=True):
    """Where an instance connects to, and how."""

    endpoint: str = ""  # http://host:port in place of the exchange's own addresses
    test_network: bool = False
    paced: bool = False  # by ccxt's own limiter, which knows no priorities
    options: Mapping[str, object] = {}  # beside the dialect's


if TYPE_CHECKING:

    class _Exchange:
        """What the guards call of ccxt's pro classes, which carry no types."""

        id: str
        session: Any
        orderbooks: dict[str, Any]
        orders: Any
        myTrades: Any  # noqa: N815 - ccxt's name
        options: dict[str, Any]
        closed_by_user: bool

        def hash(self, data: bytes, algorithm: str = "md5", digest: str = "hex") -> Any: ...
        def open(self, lazy: bool = False) -> None: ...  # noqa: FBT001, FBT002 - ccxt's
        def client(self, url: str) -> Any: ...
        def handle_message(self, client: Any, message: Any) -> None: ...
        def watch(self, url: str, message_hash: str, *asked: Any) -> Any: ...
        def watch_multiple(self, url: str, hashes: list[str], *asked: Any) -> Any: ...
        def on_connected(self, client: Any, message: Any = None) -> None: ...
        def on_error(self, client: Any, error: Any) -> None: ...
        def on_close(self, client: Any, error: Any) -> None: ...
        def handle_errors(self, *reply: Any) -> Any: ...
        def handle_http_status_code(self, *reply: Any) -> None: ...
        def safe_symbol(self, market: str) -> str: ...
        def spawn(self, method: Any, *arguments: Any) -> Any: ...

else:
    _Exchange = object


class Guards(_Exchange):
    """Goes before a pro class of ccxt and closes the holes measured in it.

    Notes
    -----
    - aiohttp sends a GET again when the socket dies before the answer; deribit places orders by
      GET, so that one order would become two: resending is switched off.
    - What a handler raises would end the receiving loop for good: it is caught, told, and refused
      to the one who asked. The same for a frame that is no JSON.
    - A change missing from a book (deribit, bybit) drops the book and asks for a snapshot.
    - A snapshot replaces the book (deribit would merge it into the one before the reconnect).
    - A reply that is neither an object nor a list is an error, never "nothing".
    - What ccxt keeps of trades and orders is let go: an order at binance collects every trade.
    """

    taps: Taps

    def guard(self, taps: Taps, endpoint: str = "") -> None:
        """Set the guards up; once, before anything is sent."""
        self.taps = taps
        self._endpoint = endpoint
        self._numbering = NUMBERINGS.get(self.id)
        self._sequences: dict[str, Sequences] = {}
        self._asked: dict[str, tuple[list[str], list[str]]] = {}
        self._again = _RESEND
        self._digests = TypedDigests()
        self.options.update(dict.fromkeys(("tradesLimit", "ordersLimit"), LISTED))

    def open(self, lazy: bool = False) -> None:  # noqa: FBT001, FBT002 - ccxt's signature
        """Open the session, which must never send a request twice by itself."""
        super().open(lazy)
        if self.session is not None:
            self.session._retry_connection = False  # noqa: SLF001 - aiohttp has no other switch

    # -- Requests -----------------------------------------------------------------------------

    async def handle_builder_fee_approval(self) -> bool:
        """Approve no broker's fee in the user's name, as ccxt would at Hyperliquid unasked.

        Neither does an order then name a broker: one that was never approved may be refused.
        """
        return False

    def hash(self, data: bytes, algorithm: str = "md5", digest: str = "hex") -> Any:
        """Hash as ccxt does, Keccak by a library that is compiled."""
        if algorithm != "keccak" or digest not in ("hex", "binary"):
            return super().hash(data, algorithm, digest)
        return keccak256(data).hex() if digest == "hex" else keccak256(data)

    @staticmethod
    def packb(o: Any) -> bytes:
        """Pack what is signed at Hyperliquid to the bytes that ccxt's packing in Python makes."""
        return msgspec.msgpack.encode(o)

    async def initialize_client(self) -> bool:
        """Ask nothing first: ccxt would ask Hyperliquid, before each order until it is told."""
        return True

    def eth_encode_structured_data(self, domain: Any, types: Any, message: Any) -> bytes:
        """Encode what is signed at Hyperliquid; half the time of the order's way was this."""
        return self._digests.encoded(domain, types, message)

    def on_json_response(self, body: str) -> object:
        """Decode strictly: NaN is no number of an exchange."""
        return msgspec.json.decode(body)

    def handle_errors(self, code: int, reason: str, url: str, method: str, *rest: Any) -> Any:
        """Refuse an unreadable body, which ccxt would take for an empty answer."""
        _, body, reply = rest[:3]
        if isinstance(reply, dict | list):
            where = original(url, self._endpoint) if self._endpoint else url
            return super().handle_errors(code, reason, where, method, *rest)
        self.handle_http_status_code(code, reason, url, method, body or "")
        errors = importlib.import_module("ccxt.base.errors")
        size = len(body or "")
        raise errors.BadResponse(f"{self.id} {method} answered {code} with no JSON ({size} bytes)")

    # -- Sockets ------------------------------------------------------------------------------

    def client(self, url: str) -> Any:
        """Socket of an address; its decoding and its books pass by us."""
        made = super().client(url)
        if not hasattr(made, "guarded"):
            made.guarded = True
            self._sequences[url] = Sequences()
            resolve = made.resolve

            def resolved(result: Any, message_hash: Any) -> Any:
                if isinstance(result, dict) and "bids" in result and "asks" in result:
                    self._tell(self.taps.book, result)
                return resolve(result, message_hash)

            made.resolve = resolved
            made.handle_text_or_binary_message = lambda data: self._receive(made, data)
        return made

    def watch(self, url: str, message_hash: str, *asked: Any, **named: Any) -> Any:
        """Ask for a stream, and remember whose question it was."""
        message = named.get("message", asked[0] if asked else None)
        subscribe = named.get("subscribe_hash", asked[1] if len(asked) > 1 else None)
        self._remember(message, [message_hash], [subscribe] if subscribe else [])
        return super().watch(url, message_hash, *asked, **named)

    def watch_multiple(self, url: str, hashes: list[str], *asked: Any, **named: Any) -> Any:
        """Ask for several streams, and remember whose question it was."""
        message = named.get("message", asked[0] if asked else None)
        subscribe = named.get("subscribe_hashes", asked[1] if len(asked) > 1 else None)
        self._remember(message, list(hashes), list(subscribe or ()))
        return super().watch_multiple(url, hashes, *asked, **named)

    def _remember(self, message: object, hashes: list[str], subscribed: list[str]) -> None:
        number = _number(message)
        if number:
            self._asked[number] = hashes, subscribed
            if len(self._asked) > ASKED:
                del self._asked[next(iter(self._asked))]

    def _receive(self, client: Any, data: str | bytes) -> None:
        try:
            text = data.decode() if isinstance(data, bytes) else data
            message = msgspec.json.decode(text) if text[:1] in ("{", "[") else text
        except ValueError as error:  # msgspec's and the codec's alike
            self.taps.fault(f"{self.id} sent a frame that cannot be read: {error}")
            return
        self.handle_message(client, message)

    def handle_message(self, client: Any, message: Any) -> None:
        """Hand a message on unless its book missed a change; whatever is raised ends here."""
        self._tell(self.taps.frame, message)
        try:
            if self._sound(client, message):
                super().handle_message(client, message)
                self.orders = self.myTrades = None  # ours are in the frames; these only grow
        except Exception as error:  # noqa: BLE001 - a raise here would deafen the whole socket
            self.taps.fault(f"{self.id} {type(error).__name__}: {error}")
            self._refuse(client, message, error)

    def _tell(self, tap: Callable[[Any], None], message: Any) -> None:
        try:
            tap(message)
        except Exception as error:  # noqa: BLE001 - a listener must not deafen the socket either
            self.taps.fault(f"{self.id} {type(error).__name__}: {error}")

    def _refuse(self, client: Any, message: object, error: Exception) -> None:
        """Tell whoever asked, and nobody else."""
        hashes, subscribed = self._asked.pop(_number(message), ([], []))
        for each in subscribed:
            client.subscriptions.pop(each, None)
        for each in hashes:
            if each in client.futures:
                client.reject(error, each)

    # -- Books --------------------------------------------------------------------------------

    def _sound(self, client: Any, message: object) -> bool:
        """Whether a message may change a book; asks for a snapshot where one was missed."""
        step = None
        if self._numbering is not None and isinstance(message, dict):
            step = self._numbering.step(message)
        if step is None:
            return True
        sequences = self._sequences[client.url]
        if step.before is not None and sequences.waits(step.channel):
            return False
        wrong = sequences.take(step)
        if wrong or step.before is None:
            self.orderbooks.pop(self.safe_symbol(step.market), None)
        if wrong:
            self._lost_place(client, step, wrong)
        return not wrong

    def _lost_place(self, client: Any, step: Step, wrong: str) -> None:
        self.taps.gap(step.market, wrong)
        self.spawn(self._subscribe_again, client, step.channel)

    async def _subscribe_again(self, client: Any, channel: str) -> None:
        if self._numbering is None:
            return
        self._again += 2
        try:
            for request in self._numbering.again(channel, self._again):
                await client.send(request)
        except Exception as error:  # noqa: BLE001 - told, and the lost socket tells the rest
            self.taps.fault(f"{self.id} {channel} was not asked for again: {error}")

    # -- Ends of connections ------------------------------------------------------------------

    def on_connected(self, client: Any, message: Any = None) -> None:
        """Tell of a new connection."""
        super().on_connected(client, message)
        self.taps.up(client.url)

    def on_error(self, client: Any, error: Any) -> None:
        """Tell of a connection that failed or could not be made."""
        super().on_error(client, error)
        self._lost(client, f"{type(error).__name__}: {error}")

    def on_close(self, client: Any, error: Any) -> None:
        """Tell of a connection that the exchange closed."""
        super().on_close(client, error)
        self._lost(client, f"closed by the exchange ({error})")

    def _lost(self, client: Any, why: str) -> None:
        if not self.closed_by_user:  # an end of our own making is no loss
            self.taps.down(client.url, why)


def venue_errors() -> tuple[type[Exception], ...]:
    """What a request raises where an exchange is out of reach or answers nonsense.

    ccxt is asked for its class late: importing it takes seconds.
    """
    told: type[Exception] = importlib.import_module("ccxt.base.errors").BaseError
    return (told, OSError, ValueError)


def _number(message: object) -> str:
    """Number of a request or of the answer to it; empty where it has none."""
    if not isinstance(message, dict):
        return ""
    for name in ("id", "req_id", "reqId"):
        if message.get(name) is not None:
            return str(message[name])
    return ""


def guarded(
    dialect: Dialect,
    taps: Taps,
    connection: Connection,
    *,
    credentials: Mapping[str, str] | None = None,
) -> Any:
    """Make a guarded instance of ccxt's pro class; nothing is sent by this.

    Call it in a worker thread the first time: importing ccxt takes about a second. The loop that
    first awaits the instance is its loop. ``close()`` it when it is done with.

    Parameters
    ----------
    dialect : Dialect
    taps : Taps
        Listeners.
    connection : Connection
    credentials : mapping, optional
        Key by ccxt's names. They are in the instance's attributes: never log an instance.

    Returns
    -------
    object
        ccxt's exchange, retries off.

    Raises
    ------
    ConfigError
        A test network that the exchange does not have.
    """
    logging.getLogger("ccxt").setLevel(logging.WARNING)  # its debug lines hold keys
    parent = getattr(importlib.import_module("ccxt.pro"), dialect.ccxt_id)
    kind = type(f"Guarded{parent.__name__}", (Guards, parent), {})
    options = dict(dialect.options) | dict(connection.options) | {"maxRetriesOnFailure": 0}
    config = {"enableRateLimit": connection.paced, "timeout": TIMEOUT_MS, "options": options}
    exchange = kind(config | dict(credentials or {}))
    exchange.guard(taps, connection.endpoint)
    if connection.test_network:
        _use_test_network(exchange, dialect)
    if connection.endpoint:
        hostname = str(exchange.hostname or "")
        exchange.urls["api"] = redirected(exchange.urls["api"], connection.endpoint, hostname)
    return exchange


def _use_test_network(exchange: Any, dialect: Dialect) -> None:
    if dialect.sandbox == "urls":
        exchange.set_sandbox_mode(True)
    elif dialect.sandbox == "demo":
        exchange.enable_demo_trading(True)
    else:
        msg = f"{dialect.title} has no test network that this program knows: use the main one"
        raise ConfigError(msg)
