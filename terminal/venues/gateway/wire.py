"""The few calls that the gateway makes on an exchange, and ccxt behind them."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from msgspec import Struct

from terminal.core.errors import VenueError
from terminal.venues.dialects.dialect import Directory, Raw, SentOrder
from terminal.venues.gateway.asks import Ask
from terminal.venues.gateway.asks_hyperliquid import WALLET
from terminal.venues.order_words import place

_SHUT_S: Final = {"RateLimitExceeded": 1.0, "DDoSProtection": 60.0}
"""Seconds that a venue keeps us out where it does not say how long."""

_LONGEST_S: Final = 3 * 86_400.0


class Wire(Protocol):
    """One exchange, with an account."""

    async def create(self, sent: SentOrder) -> Mapping[str, object]:
        """Place an order, one request; what the reply names, and the raw one in ``info``."""
        ...

    async def ask(self, ask: Ask) -> object:
        """Send one request; its raw reply."""
        ...

    async def watch(self, stream: str) -> None:
        """Keep a private stream open; returns with its news and raises when it is lost."""
        ...

    async def guard_orders(self) -> None:
        """Have the venue cancel our orders when our socket is gone, where it can."""
        ...

    def hear(self, message: Raw) -> None:
        """Take note of a frame of the private socket, which may answer a request of ours."""
        ...

    def lost(self) -> None:
        """Give up waiting for answers by a socket that is gone."""
        ...

    def shut_s(self, error: BaseException) -> float:
        """Seconds that the venue wants nothing from us after an error; 0 when it does not say."""
        ...

    async def close(self) -> None:
        """Let go of sessions and sockets."""
        ...


class NotSentError(VenueError):
    """A request did not leave this machine, for certain."""


class Unplugged:
    """Stands in before the venue was dialled: nothing leaves."""

    async def create(self, sent: SentOrder) -> Mapping[str, object]:
        """Refuse."""
        raise NotSentError(f"{sent.symbol}: there is no connection yet")

    async def ask(self, ask: Ask) -> object:
        """Refuse."""
        raise NotSentError(f"{ask.method}: there is no connection yet")

    async def watch(self, stream: str) -> None:
        """Refuse."""
        raise NotSentError(f"{stream}: there is no connection yet")

    async def guard_orders(self) -> None:
        """Refuse."""
        raise NotSentError("there is no connection yet")

    def hear(self, message: Raw) -> None:
        """Nothing to hear."""

    def lost(self) -> None:
        """Nothing to lose."""

    def shut_s(self, _: BaseException) -> float:
        """Nobody to keep us out."""
        return 0.0

    async def close(self) -> None:
        """Nothing to close."""


class Dialled(Struct, frozen=True):
    """A venue that was dialled: the wire, and what it lists, by our keys with ccxt's symbols."""

    wire: Wire
    known: Directory
    symbols: Mapping[str, str]


class CcxtWire:
    """Calls on a guarded instance of ccxt's pro class.

    Parameters
    ----------
    exchange : object
        Made by ``ccxt_exchange.guarded`` with a key, markets set.
    """

    def __init__(self, exchange: Any) -> None:
        if int(exchange.options.get("maxRetriesOnFailure") or 0) or exchange.enableRateLimit:
            raise VenueError(f"{exchange.id}: a trading instance neither retries nor queues")
        self._exchange = exchange

    def __repr__(self) -> str:
        return f"CcxtWire({self._exchange.id})"  # the instance's attributes hold the key

    async def create(self, sent: SentOrder) -> Mapping[str, object]:
        """Place an order by one request."""
        return await place(self._exchange, sent)

    async def ask(self, ask: Ask) -> object:
        """Send one request."""
        call: Callable[..., Any] = getattr(self._exchange, ask.method)
        reply: object = await call(*(self._filled_in(each) for each in ask.args))
        return reply

    def _filled_in(self, argument: object) -> object:
        if not isinstance(argument, dict):
            return argument
        wallet = self._exchange.walletAddress
        return {key: wallet if value == WALLET else value for key, value in argument.items()}

    async def watch(self, stream: str) -> None:
        """Keep a private stream open."""
        await getattr(self._exchange, stream)()

    async def guard_orders(self) -> None:
        """Refuse: orders that go by REST are not tied to a socket."""
        raise VenueError("this program cannot tie its orders to a socket of this venue")

    def hear(self, message: Raw) -> None:
        """Nothing: requests go by REST."""

    def lost(self) -> None:
        """Nothing: requests go by REST."""

    def shut_s(self, error: BaseException) -> float:
        """Seconds to stay away: what ``Retry-After`` says, else a guess by the error's class."""
        for kind in type(error).__mro__:
            if kind.__name__ in _SHUT_S:
                return _retry_after(self._exchange) or _SHUT_S[kind.__name__]
        return 0.0

    async def close(self) -> None:
        """Close sessions and sockets."""
        await self._exchange.close()


def _retry_after(exchange: Any) -> float:
    headers = exchange.last_response_headers
    if not isinstance(headers, Mapping):
        return 0.0
    said = {str(name).lower(): value for name, value in headers.items()}.get("retry-after", "")
    try:
        return min(max(float(str(said)), 0.0), _LONGEST_S)
    except ValueError:
        return 0.0
