"""A venue in memory: takes orders, fills them when told, and fails in every way that is asked."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from terminal.core.errors import VenueError
from terminal.core.ids import client_order_id
from terminal.model.account import Balance, FundingPaid, Position
from terminal.model.order import Fill, OrderIntent, OrderStatus, OrderUpdate, Side, TimeInForce
from terminal.venues.ccxt_exchange import Taps
from terminal.venues.dialects.dialect import (
    DeadMan,
    Dialect,
    Directory,
    PrivateEvent,
    PublicEvent,
    Raw,
    SentOrder,
)
from terminal.venues.gateway.asks import Ask, Asks, at, done
from terminal.venues.gateway.limiter import Budget
from terminal.venues.gateway.wire import Dialled
from terminal.venues.sim_listing import perpetuals

LISTED = {each.contract.key: each for each in perpetuals()}
KNOWN = Directory(LISTED, {each.contract.symbol: each for each in perpetuals()})
KEY = "BTC-PERPETUAL@sim"


class Decoder:
    """Reads the fake venue's own rows."""

    def instrument(self, market: Raw) -> None:
        raise NotImplementedError

    def public(self, message: Raw, known: Directory) -> tuple[PublicEvent, ...]:
        return ()

    def private(self, message: Raw, known: Directory) -> tuple[PrivateEvent, ...]:
        if "fill" in message:
            fill = self.fill(message["fill"], known)  # type: ignore[arg-type]
            return (fill,) if fill else ()
        if "order" in message:
            update = self.order(message["order"], known)  # type: ignore[arg-type]
            return (update,) if update else ()
        return ()

    def position(self, info: Raw, known: Directory) -> Position | None:
        return Position(str(info["key"]), Decimal(str(info["qty"])), Decimal(1))

    def order(self, info: Raw, known: Directory) -> OrderUpdate | None:
        if "status" not in info:
            return None
        return OrderUpdate(
            str(info["cid"]), OrderStatus(str(info["status"])), "", Decimal(str(info["filled"]))
        )

    def fill(self, info: Raw, known: Directory) -> Fill | None:
        return Fill(
            fill_id=str(info["id"]),
            order_id=str(info["cid"]),
            key=KEY,
            side=Side(str(info["side"])),
            qty=Decimal(str(info["qty"])),
            price=Decimal(100),
            fee=Decimal(0),
            fee_currency="BTC",
            maker=False,
        )


def _sent(intent: OrderIntent, _: object) -> SentOrder:
    return SentOrder(
        symbol="BTC/USD:BTC",
        kind="limit",
        side=intent.side.value,
        amount=intent.qty,
        price=intent.limit,
        params={"cid": intent.order_id},
    )


def dialect(dead_man: DeadMan = DeadMan.NONE, seconds: int = 0) -> Dialect:
    return Dialect(
        venue="sim",
        ccxt_id="fake",
        title="Fake",
        why_read_only="",
        key_fields=("apiKey",),
        client_id_param="cid",
        dead_man=dead_man,
        dead_man_seconds=seconds,
        sandbox="",
        options={},
        lookup=("order", "open", "trades"),
        decoder=Decoder(),
        sent=_sent,
        client_id=lambda order_id: order_id,
        greeks_convention="",
        funding_note="",
    )


def _asks(kind: str, *args: object) -> Ask:
    return Ask(kind, args, at("rows") if kind not in ("cancel", "wind") else done)


def _wind(seconds: int, symbols: Sequence[str]) -> tuple[Ask, ...]:
    return (_asks("wind", seconds, *symbols),)


def wind_each(seconds: int, symbols: Sequence[str]) -> tuple[Ask, ...]:
    """Wind symbol by symbol, as Binance does."""
    return tuple(Ask("wind", ({"symbol": each}, seconds), done) for each in symbols)


def asks(budget: Budget | None = None) -> Asks:
    return Asks(
        budget=budget or Budget(10_000.0, 10_000.0, 10.0, 10.0),
        order=lambda sent: _asks("order", sent.client_id),
        cancel=lambda sent: _asks("cancel", sent.client_id),
        open_orders=lambda _: (_asks("open"),),
        positions=lambda _: (_asks("positions"),),
        trades=lambda _, span: (_asks("trades", span.since),),
        balances=lambda _: (_asks("balances"),),
        balance=lambda raw: Balance(str(raw["coin"]), Decimal(str(raw["amount"]))),
        trade_ms=lambda raw: int(str(raw["ms"])),
        trade_order=lambda raw: str(raw["venue_id"]),
        wind=_wind,
        payments=lambda _, span: (_asks("payments", span.since),),
        payment=lambda raw, known: FundingPaid(
            KEY, Decimal(str(raw["amount"])), "BTC", None, payment_id=str(raw["id"])
        ),
        payment_ms=lambda raw: int(str(raw["ms"])),
        watches=("stream",),
    )


class FakeVenue:
    """Orders by client id, a position, trades, and a private stream.

    ``faults`` holds what the next call of a kind does instead: an exception to raise, or a
    callable that gets the honest call to make or not. ``created`` counts what reached the venue.
    """

    def __init__(self) -> None:
        self.created: list[str] = []
        self.calls: list[str] = []
        self.orders: dict[str, dict[str, object]] = {}
        self.trades: list[dict[str, object]] = []
        self.position = Decimal(0)
        self.faults: dict[str, list[object]] = {}
        self.delay_s = 0.0
        self.listening = True
        self.taps = Taps()
        self.payments: list[dict[str, object]] = []
        self.guarded = 0
        self.wound: list[tuple[object, ...]] = []
        self.shut = 0.0
        self.ms = 1_764_000_000_500
        self._lost: asyncio.Future[None] | None = None

    # -- Wire --------------------------------------------------------------------------------------

    def dial(self, taps: Taps) -> Dialled:
        self.taps = taps
        return Dialled(self, KNOWN, {KEY: "BTC/USD:BTC"})

    async def create(self, sent: SentOrder) -> Mapping[str, object]:
        return await self._call("create", lambda: self._take(sent))  # type: ignore[return-value]

    async def ask(self, ask: Ask) -> object:
        kind = ask.method
        answers: dict[str, Callable[[], object]] = {
            "order": lambda: {"rows": [self.orders[x] for x in ask.args if x in self.orders]},
            "open": lambda: {"rows": [x for x in self.orders.values() if x["status"] == "live"]},
            "trades": lambda: {"rows": list(self.trades)},
            "positions": lambda: {"rows": self._positions()},
            "payments": lambda: {"rows": list(self.payments)},
            "balances": lambda: {"rows": [{"coin": "BTC", "amount": "2"}]},
            "cancel": lambda: self._cancel(str(ask.args[0])),
            "wind": lambda: self._wind(ask.args),
        }
        return await self._call(kind, answers[kind])

    async def watch(self, stream: str) -> None:
        if self._lost is None:
            self._lost = asyncio.get_running_loop().create_future()
            self.taps.up("ws://fake?listenKey=hidden")
        await asyncio.shield(self._lost)

    async def guard_orders(self) -> None:
        await self._call("guard", lambda: None)
        self.guarded += 1

    def hear(self, message: Raw) -> None:
        pass

    def lost(self) -> None:
        pass

    def shut_s(self, error: BaseException) -> float:
        return self.shut

    async def close(self) -> None:
        if self._lost is not None and not self._lost.done():
            self._lost.cancel()

    # -- What happens there ------------------------------------------------------------------------

    def fill(self, cid: str, qty: str, *, told: bool = True) -> None:
        """Fill part of an order; the stream tells of it unless it is not to."""
        order = self.orders[cid]
        filled = Decimal(str(order["filled"])) + Decimal(qty)
        order["filled"] = str(filled)
        if filled == Decimal(str(order["qty"])):
            order["status"] = "filled"
        sign = 1 if order["side"] == "buy" else -1
        self.position += sign * Decimal(qty)
        trade: dict[str, object] = {
            "id": f"t{len(self.trades)}",
            "cid": cid,
            "venue_id": order["venue_id"],
            "side": order["side"],
            "qty": qty,
            "ms": self.ms,
        }
        self.trades.append(trade)
        if told:
            self.say({"fill": trade})
            self.say({"order": dict(order)})

    def say(self, message: dict[str, object]) -> None:
        if self.listening:
            self.taps.frame(message)

    def drop(self) -> None:
        """Lose the private socket."""
        lost, self._lost = self._lost, None
        self.taps.down("ws://fake?listenKey=hidden", "gone")
        if lost is not None and not lost.done():
            lost.set_exception(VenueError("the socket is gone"))

    def _take(self, sent: SentOrder) -> object:
        cid = str(sent.params["cid"])
        self.created.append(cid)
        self.orders[cid] = {
            "cid": cid,
            "venue_id": f"v{len(self.created)}",
            "status": "live",
            "filled": "0",
            "qty": str(sent.amount),
            "side": sent.side,
        }
        order = dict(self.orders[cid])
        return {"id": order["venue_id"], "clientOrderId": cid, "info": order}

    def _cancel(self, cid: str) -> object:
        order = self.orders.get(cid)
        if order is None or order["status"] != "live":
            raise VenueError("not open")
        order["status"] = "cancelled"
        return {"ok": 1}

    def _wind(self, args: tuple[object, ...]) -> object:
        self.wound.append(args)
        return {"ok": 1}

    def _positions(self) -> list[dict[str, object]]:
        return [{"key": KEY, "qty": str(self.position)}] if self.position else []

    async def _call(self, kind: str, honest: Callable[[], object]) -> object:
        self.calls.append(kind)
        await asyncio.sleep(self.delay_s)
        waiting = self.faults.get(kind)
        if not waiting:
            return honest()
        fault = waiting.pop(0)
        if isinstance(fault, BaseException):
            raise fault
        assert callable(fault)
        return await fault(honest)


def order_id(number: int) -> str:
    return client_order_id("run", "test", number)


def intent(number: int = 1, qty: str = "100", side: Side = Side.BUY) -> OrderIntent:
    return OrderIntent(
        order_id=order_id(number),
        proposal_id="p",
        attempt=1,
        key=KEY,
        side=side,
        qty=Decimal(qty),
        limit=Decimal(90_000),
        tif=TimeInForce.GTC,
        reduce_only=False,
        decision_mid=90_000.0,
    )


def refused(text: str = "margin") -> Exception:
    """Make an error that ccxt raises for a refusal; by its name and module, as it is judged."""
    kind = type("InvalidOrder", (Exception,), {"__module__": "ccxt.base.errors"})
    error = kind(text)
    assert isinstance(error, Exception)
    return error


def not_found() -> Exception:
    kind = type("OrderNotFound", (Exception,), {"__module__": "ccxt.base.errors"})
    error = kind("no such order")
    assert isinstance(error, Exception)
    return error
