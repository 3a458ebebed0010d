"""Hyperliquid on this machine: the signer of every action is recovered from its signature.

Routes are named by path and kind: ``info clearinghouseState``, ``exchange order``; the same for
what is posted by WebSocket. Streams are named by kind and subject: ``l2Book:BTC``, ``userFills``.
"""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tests.venue_servers.account import Ask, Order
from tests.venue_servers.core import Refusal, RefusedError
from tests.venue_servers.ethereum import (
    ZERO_ADDRESS,
    action_digest,
    address_of,
    signer,
    typed_digest,
)
from tests.venue_servers.faults import Fault, Planned
from tests.venue_servers.hosting import Answer, Asked, Json
from tests.venue_servers.hyperliquid_info import INFORMATION
from tests.venue_servers.hyperliquid_streams import HyperliquidStreams
from tests.venue_servers.plain import plain
from tests.venue_servers.server import Signed

SECRET = 0x1234567890ABCDEF1234567890ABCDEF1234567890ABCDEF1234567890ABCDEF
DAY_MS = 86_400_000

REFUSALS_OF_ORDERS = {
    Refusal.INSTRUMENT: "Order has invalid asset.",
    Refusal.AMOUNT: "Order has invalid size.",
    Refusal.TICK: "Price must be divisible by tick size. asset={asset}",
    Refusal.PRICE: "Order has invalid price.",
    Refusal.NOTIONAL: "Order must have minimum value of $10. asset={asset}",
    Refusal.FUNDS: "Insufficient margin to place order. asset={asset}",
    Refusal.POST_ONLY: "Post only order would have immediately matched, bbo was {bbo}.",
    Refusal.REDUCE_ONLY: "Reduce only order would increase position. asset={asset}",
    Refusal.DUPLICATE: "Order has duplicate cloid. asset={asset}",
    Refusal.NOT_FOUND: "Order was never placed, already canceled, or filled. asset={asset}",
    Refusal.CLOSED: "Order was never placed, already canceled, or filled. asset={asset}",
}
NO_MATCH = "Order could not immediately match against any resting orders. asset={asset}"


class HyperliquidServer(HyperliquidStreams):
    """Hyperliquid: perpetuals on BTC, ETH and SOL, cross margin in USDC.

    Unlike the real one it lets the dead-man's timer be set to less than five seconds.
    """

    def __init__(self) -> None:
        super().__init__()
        self.credentials = {"walletAddress": address_of(SECRET), "privateKey": f"0x{SECRET:064x}"}
        self._nonces: set[int] = set()
        self._actions: Mapping[str, Callable[[Json], Json]] = {
            "order": self._order,
            "cancel": self._cancel,
            "cancelByCloid": self._cancel,
            "scheduleCancel": self._schedule,
            "setReferrer": lambda _: {"type": "default"},
            "approveBuilderFee": lambda _: {"type": "default"},
            "updateLeverage": lambda _: {"type": "default"},
        }

    def route(self, asked: Asked) -> str:
        """Path and kind of a request."""
        body = json.loads(asked.body) if asked.body else {}
        kind = body.get("action", body).get("type", "")
        return f"{asked.path.strip('/')} {kind}"

    def answer(self, asked: Asked) -> Answer:
        """Carry out a request."""
        body = asked.json()
        if asked.path == "/exchange":
            return Answer(self.act(body))
        told = INFORMATION.get(body.get("type", ""))
        if asked.path != "/info" or told is None:
            return Answer("Failed to deserialize the JSON body into the target type", 422)
        return Answer(told(self.exchange, body))

    def refusal(self, planned: Planned) -> Answer:
        """Refuse as planned."""
        statuses = {Fault.RATE_LIMIT_429: 429, Fault.BAN_418: 418, Fault.MAINTENANCE: 503}
        why = "Too many cumulative requests sent"
        if planned.kind is Fault.MAINTENANCE:
            why = "Exchange is under maintenance"
        if planned.kind is Fault.RPC_ERROR:
            why = str(planned.code or "Internal error")
        return Answer({"status": "err", "response": why}, statuses.get(planned.kind, 200))

    # ------------------------------------------------------------------------------- signatures

    def act(self, body: Json) -> Json:
        """Carry out a signed action."""
        action, nonce = body["action"], int(body["nonce"])
        kind = action["type"]
        who = signer(_digest(body), body["signature"])
        right = who == self.credentials["walletAddress"]
        self.signed.append(Signed(f"exchange {kind}", action, right))
        if not right:
            return _error(f"User or API Wallet {who} does not exist.")
        why = self._nonce_fault(nonce, body.get("expiresAfter"))
        if why:
            return _error(why)
        self._nonces.add(nonce)
        do = self._actions.get(kind)
        if do is None:
            return _error(f"Unknown action {kind}")
        return {"status": "ok", "response": do(action)}

    def _nonce_fault(self, nonce: int, expires: int | None) -> str:
        """Nonces are times: from two days ago to a day ahead, each only once."""
        now = self.exchange.now_ms()
        if nonce in self._nonces:
            return f"Invalid nonce: duplicate nonce {nonce}"
        if not now - 2 * DAY_MS < nonce < now + DAY_MS:
            return f"Invalid nonce: {nonce} is out of range"
        return "Action has expired" if expires is not None and expires < now else ""

    # ------------------------------------------------------------------------------------ orders

    def _order(self, action: Json) -> Json:
        statuses = [self._place(each) for each in action["orders"]]
        return {"type": "order", "data": {"statuses": statuses}}

    def _place(self, given: Json) -> Json:
        names = list(self.exchange.listed)
        asset, tif = given["a"], given["t"]["limit"]["tif"]
        try:
            made = self.exchange.place(
                Ask(
                    name=names[asset] if asset < len(names) else "",
                    side="buy" if given["b"] else "sell",
                    quantity=Decimal(given["s"]),
                    price=Decimal(given["p"]),
                    client_id=given.get("c", ""),
                    tif="ioc" if tif == "Ioc" else "gtc",
                    post_only=tif == "Alo",
                    reduce_only=given["r"],
                )
            )
        except RefusedError as error:
            return self._refused(error.why, asset)
        return self._acknowledged(made, asset)

    def _acknowledged(self, made: Order, asset: int) -> Json:
        told: Json = {"oid": made.number}
        if made.ask.client_id:
            told["cloid"] = made.ask.client_id
        if made.filled:
            return {"filled": {"totalSz": plain(made.filled), "avgPx": plain(made.average), **told}}
        return (
            {"resting": told} if made.status == "open" else {"error": NO_MATCH.format(asset=asset)}
        )

    def _refused(self, why: Refusal, asset: int) -> Json:
        book = next(iter(self.exchange.books.values()))
        bbo = f"{book.best('bid')}@{book.best('ask')}"
        return {"error": REFUSALS_OF_ORDERS[why].format(asset=asset, bbo=bbo)}

    def _cancel(self, action: Json) -> Json:
        statuses = [self._cancelled(each) for each in action["cancels"]]
        return {"type": "cancel", "data": {"statuses": statuses}}

    def _cancelled(self, given: Json) -> Any:
        number = given.get("o", -1)
        if "cloid" in given:
            found = self.exchange.account.by_client_id(given["cloid"])
            number = found[-1].number if found else -1
        try:
            self.exchange.cancel(int(number))
        except RefusedError as error:
            return self._refused(error.why, int(given["a"] if "a" in given else given["asset"]))
        return "success"

    def _schedule(self, action: Json) -> Json:
        """Cancel everything at a time, unless another one is set; without a time, never."""
        at = action.get("time")
        self.wind((at - self.exchange.now_ms()) / 1000 if at is not None else 0)
        return {"type": "default"}


def _digest(body: Json) -> bytes:
    """What was signed: most actions packed, a few as a readable structure."""
    action = body["action"]
    if action["type"] != "approveBuilderFee":
        vault = body.get("vaultAddress")
        return action_digest(action, int(body["nonce"]), vault, body.get("expiresAfter"))
    domain = {
        "name": "HyperliquidSignTransaction",
        "version": "1",
        "chainId": int(action["signatureChainId"], 16),
        "verifyingContract": ZERO_ADDRESS,
    }
    fields = (
        ("hyperliquidChain", "string"),
        ("maxFeeRate", "string"),
        ("builder", "address"),
        ("nonce", "uint64"),
    )
    return typed_digest(domain, "HyperliquidTransaction:ApproveBuilderFee", fields, action)


def _error(why: str) -> Json:
    return {"status": "err", "response": why}
