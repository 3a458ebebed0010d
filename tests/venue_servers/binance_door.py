"""The door of all of Binance's exchanges: whose request is let in, and how others are refused."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from tests.venue_servers.binance_streams import BinanceStreams
from tests.venue_servers.core import Refusal, RefusedError
from tests.venue_servers.faults import Fault, Planned
from tests.venue_servers.hosting import Answer, Asked, Json
from tests.venue_servers.listing import Terms
from tests.venue_servers.server import Signed
from tests.venue_servers.signatures import in_hex

RECEIVE_MS = 5_000
AHEAD_MS = 1_000
UNSIGNED = ("time", "ping", "exchangeInfo", "depth", "ticker", "premiumIndex", "funding", "trades")


class ApiError(Exception):
    """An error reply."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.answer = Answer({"code": code, "msg": message}, status)


def _said(asked: Asked) -> dict[str, str]:
    """Parameters of a request, wherever they stand."""
    return {**asked.query, **dict(parse_qsl(asked.body, keep_blank_values=True))}


class BinanceDoor(BinanceStreams):
    """One of Binance's exchanges, with its one good key.

    Attributes
    ----------
    refusals
        Code and words of each refusal of an order.
    routes
        What answers each route.
    """

    refusals: ClassVar[Mapping[Refusal, tuple[int, str]]]

    def __init__(self, listed: Iterable[Terms], held: dict[str, Decimal]) -> None:
        super().__init__(listed, held)
        self.credentials = {"apiKey": "test-key", "secret": "test-secret"}
        self.routes: Mapping[str, Callable[[Json], Any]] = {}

    def answer(self, asked: Asked) -> Answer:
        """Carry out a request."""
        route, given = self.route(asked), _said(asked)
        try:
            self._admit(asked, given)
            if route not in self.routes:
                why = f"Path {asked.path}, Method {asked.verb} is invalid"
                return ApiError(-5000, why, 404).answer
            return Answer(self.routes[route](given))
        except ApiError as error:
            return error.answer
        except RefusedError as error:
            return ApiError(*self.refusals[error.why]).answer
        except (KeyError, InvalidOperation):
            return ApiError(-1102, "Mandatory parameter was not sent or malformed.").answer

    def refusal(self, planned: Planned) -> Answer:
        """Refuse as planned."""
        if planned.kind is Fault.MAINTENANCE:
            return ApiError(-1016, "This service is no longer available.", 503).answer
        if planned.kind is Fault.RPC_ERROR:
            return ApiError(int(planned.code or -1000), "An unknown error occurred.").answer
        status = 429 if planned.kind is Fault.RATE_LIMIT_429 else 418
        body = ApiError(-1003, "Too many requests.", status).answer.body
        return Answer(body, status, {"Retry-After": "1"})

    def _admit(self, asked: Asked, given: Mapping[str, str]) -> None:
        """Verify key, signature and time, as far as the path asks for it."""
        last = asked.path.rpartition("/v")[2].partition("/")[2]
        if last.startswith(UNSIGNED):
            return
        if asked.headers.get("x-mbx-apikey") != self.credentials["apiKey"]:
            raise ApiError(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        if last == "listenKey":
            return
        payload, _, signature = f"{asked.query_text}{asked.body}".rpartition("&signature=")
        right = in_hex(self.credentials["secret"], payload) == signature
        self.signed.append(Signed(self.route(asked), dict(given), right))
        if not right:
            raise ApiError(-1022, "Signature for this request is not valid.")
        late = self.exchange.now_ms() - int(given["timestamp"])
        if late > int(given.get("recvWindow", RECEIVE_MS)) or late < -AHEAD_MS:
            raise ApiError(-1021, "Timestamp for this request is outside of the recvWindow.")
