"""Calls of Deribit's JSON-RPC: reading parameters, and refusing in Deribit's words."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec import Struct

from tests.venue_servers.account import Order
from tests.venue_servers.core import Exchange, Refusal, RefusedError
from tests.venue_servers.deribit_words import order_id
from tests.venue_servers.hosting import Json, Socket
from tests.venue_servers.listing import Terms


class RpcError(Exception):
    """An error reply."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data

    def shape(self) -> Json:
        """Return the ``error`` of a reply."""
        shape: Json = {"message": self.message, "code": self.code}
        return shape if self.data is None else {**shape, "data": self.data}


class Call(Struct, frozen=True):
    """One call: of the exchange, with parameters (text by HTTP, typed by WebSocket)."""

    exchange: Exchange
    parameters: Json
    socket: Socket | None

    def text(self, name: str) -> str:
        """Return a parameter that must be there."""
        found = self.parameters.get(name)
        if found is None:
            raise invalid(name, "missing parameter")
        return str(found)

    def number(self, name: str) -> Decimal:
        """Return a number that must be there."""
        try:
            return Decimal(self.text(name))
        except InvalidOperation:
            raise invalid(name, "wrong format") from None

    def flag(self, name: str) -> bool:
        """Return a yes or no; no without it."""
        return str(self.parameters.get(name, "false")).lower() == "true"

    def terms(self) -> Terms:
        """Return the instrument the call is about."""
        name = self.text("instrument_name")
        if name not in self.exchange.listed:
            raise invalid("instrument_name", "wrong format")
        return self.exchange.listed[name]

    def order(self) -> Order:
        """Return the order the call is about."""
        asked = self.text("order_id")
        for each in self.exchange.account.orders.values():
            if order_id(self.exchange, each) == asked:
                return each
        raise refused(RefusedError(Refusal.NOT_FOUND))


Method = Callable[[Call], Any]


def invalid(name: str, why: str) -> RpcError:
    """Return the refusal of a parameter."""
    return RpcError(-32602, "Invalid params", {"reason": why, "param": name})


REFUSALS_OF_ORDERS: Mapping[Refusal, Callable[[], RpcError]] = {
    Refusal.INSTRUMENT: lambda: invalid("instrument_name", "wrong format"),
    Refusal.AMOUNT: lambda: invalid("amount", "must be a multiple of the minimum order size"),
    Refusal.TICK: lambda: invalid("price", "does not conform to tick size"),
    Refusal.PRICE: lambda: invalid("price", "must be positive"),
    Refusal.NOTIONAL: lambda: RpcError(10032, "whole_cost_too_low"),
    Refusal.FUNDS: lambda: RpcError(10009, "not_enough_funds"),
    Refusal.POST_ONLY: lambda: RpcError(11054, "post_only_reject"),
    Refusal.REDUCE_ONLY: lambda: RpcError(11030, "other_reject", {"reason": "reduce_only"}),
    Refusal.NOT_FOUND: lambda: RpcError(10004, "order_not_found"),
    Refusal.CLOSED: lambda: RpcError(11044, "not_open_order"),
}


def refused(error: RefusedError) -> RpcError:
    """Put a refusal of the exchange into Deribit's words."""
    return REFUSALS_OF_ORDERS[error.why]()
