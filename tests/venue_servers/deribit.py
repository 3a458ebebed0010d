"""Deribit on this machine: JSON-RPC over HTTP and WebSocket, with signatures verified.

Routes are named by method, for both transports: ``public/ticker``, ``private/buy``. Streams are
named by channel: ``book.BTC-PERPETUAL.100ms``, ``user.trades.any.any.raw``.
"""

import json
from decimal import Decimal
from time import time_ns
from typing import Any

from tests.venue_servers.deribit_account import ACCOUNT_METHODS
from tests.venue_servers.deribit_keys import Keys
from tests.venue_servers.deribit_listing import listing
from tests.venue_servers.deribit_market import MARKET_METHODS
from tests.venue_servers.deribit_rpc import Call, RpcError
from tests.venue_servers.deribit_streams import DeribitStreams
from tests.venue_servers.faults import REFUSALS, Fault, Planned
from tests.venue_servers.hosting import Answer, Asked, Json, Socket, spoil_text
from tests.venue_servers.server import Signed

BALANCES = {"BTC": Decimal(10), "ETH": Decimal(100), "SOL": Decimal(0), "USDC": Decimal(500_000)}
_STATUS = {10028: 429, 11051: 503}


class DeribitServer(DeribitStreams):
    """Deribit: coin and USDC perpetuals, coin options on BTC and ETH, USDC options on SOL."""

    def __init__(self) -> None:
        super().__init__(listing(time_ns() // 1_000_000), BALANCES)
        self.credentials = {"apiKey": "test-key", "secret": "test-secret"}
        self.exchange.unique_client_ids = False  # labels may repeat
        self.keys = Keys(self.credentials, self.exchange)

    def test_request(self) -> None:
        """Ask every client with a heartbeat whether it is alive."""
        message = {"jsonrpc": "2.0", "method": "heartbeat", "params": {"type": "test_request"}}
        for socket in self.sockets:
            if "heartbeat" in socket.notes:
                socket.send(message)

    # --------------------------------------------------------------------------------- requests

    def route(self, asked: Asked) -> str:
        """Name of the method, with its scope."""
        return asked.path.removeprefix("/api/v2/")

    def answer(self, asked: Asked) -> Answer:
        """Carry out a call that came by HTTP."""
        method = self.route(asked)
        try:
            if method.startswith("private/"):
                right = self.keys.right_header(asked)
                self._admit(Signed(method, dict(asked.query), right), 13004, "invalid_credentials")
            return Answer(self._reply({"result": self._call(method, asked.query, None)}))
        except RpcError as error:
            return self._error(error)

    def _admit(self, signed: Signed, code: int, why: str) -> None:
        self.signed.append(signed)
        if not signed.right:
            raise RpcError(code, why)

    def refusal(self, planned: Planned) -> Answer:
        """Refuse as planned."""
        return self._error(_refusal(planned), 418 if planned.kind is Fault.BAN_418 else 0)

    def _error(self, error: RpcError, status: int = 0) -> Answer:
        body = self._reply({"error": error.shape()})
        return Answer(body, status or _STATUS.get(error.code, 400))

    def _reply(self, part: Json) -> Json:
        now = self.exchange.now_ms() * 1000
        return {"jsonrpc": "2.0", **part, "usIn": now, "usOut": now, "usDiff": 0, "testnet": False}

    def heard(self, socket: Socket, text: str) -> None:
        """Carry out a call that came by WebSocket."""
        message = json.loads(text)
        method, number = message["method"], message.get("id")
        planned = self.faults.reply(method)
        if planned is not None and not planned.accepted:
            part = {"error": _refusal(planned).shape()} if planned.kind in REFUSALS else None
        else:
            part = self._part(socket, method, message.get("params") or {})
        if planned is not None and planned.kind in (Fault.DROP_AFTER_ACCEPT, Fault.STATUS_502):
            socket.drop()
            return
        if part is None or (planned is not None and planned.kind is Fault.HANG):
            return
        whole = {"id": number, **self._reply(part)}
        if planned is not None and planned.kind not in REFUSALS:
            socket.send(spoil_text(planned, json.dumps(whole)))
            return
        socket.send(whole)
        for channel in part["result"] if method.endswith("/subscribe") and "result" in part else ():
            self.greet(socket, channel)

    def _part(self, socket: Socket, method: str, parameters: Json) -> Json:
        try:
            if method.startswith("private/"):
                right = socket.signed_in or self.keys.right_token(parameters.get("access_token"))
                self._admit(Signed(method, parameters, right), 13009, "unauthorized")
            return {"result": self._call(method, parameters, socket)}
        except RpcError as error:
            return {"error": error.shape()}

    def _call(self, method: str, parameters: Json, socket: Socket | None) -> Any:
        name = method.partition("/")[2]
        if name in ("subscribe", "unsubscribe", "unsubscribe_all"):
            return self.subscription(name, parameters, socket)
        if method == "public/auth":
            return self.keys.sign_in(parameters, socket)
        if name in ("set_heartbeat", "disable_heartbeat") and socket is not None:
            socket.notes["heartbeat"] = name == "set_heartbeat"
            return "ok"
        if method == "private/logout" and socket is not None:
            socket.notes.pop("cancel", None)  # a graceful end cancels nothing
            socket.drop()
            return "ok"
        known = MARKET_METHODS.get(method) or ACCOUNT_METHODS.get(method)
        if known is None:
            raise RpcError(-32601, "Method not found")
        return known(Call(self.exchange, parameters, socket))

    def left(self, socket: Socket) -> None:
        """Cancel on disconnect, if the client asked for it."""
        scope = socket.notes.get("cancel")
        for each in self.exchange.account.open_orders():
            if scope == "account" or (scope and each.ask.session == socket.number):
                self.exchange.cancel(each.number)


def _refusal(planned: Planned) -> RpcError:
    if planned.kind is Fault.MAINTENANCE:
        return RpcError(11051, "system_maintenance")
    if planned.kind is Fault.RPC_ERROR:
        return RpcError(int(planned.code or 10001), "error")
    return RpcError(10028, "too_many_requests")
