"""An order in each exchange's own words, and what its reply names: one request, nothing before it.

ccxt's ``create_order`` takes floats for numbers and reads the whole reply into its own form, a
quarter of the time that an order spends here. It turns post-only into the time in force GTX at all
of Binance, where options do not list it, and drops the parameter that they do (ccxt 4.5.90).
Signatures, addresses and errors stay ccxt's, and so does what stands for an exchange that has no
words here.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct

from terminal.core.errors import VenueError
from terminal.venues.dialects.dialect import SentOrder


def _same(told: object) -> object:
    return told


class Said(Struct, frozen=True):
    """One request: a method of ccxt's instance, and what it is given."""

    method: str
    asked: object


class Words(Struct, frozen=True):
    """How one exchange is asked for an order, and where its reply names the order."""

    say: Callable[[Any, SentOrder], Said]
    row: Callable[[object], object]  # what tells of the order in a reply
    venue_id: str
    client_id: str
    names: Callable[[object], object] = _same  # of such a row what has both names of the order


def plain(number: Decimal) -> str:
    """Write a number without an exponent and without zeros at its end."""
    return f"{number.normalize():f}"


def _flag(params: Mapping[str, object], name: str, value: object) -> dict[str, object]:
    return {name: value} if params.get(name) else {}


def _binance(
    method: str, client_id: str, maker_alone: Mapping[str, str], exchange: Any, sent: SentOrder
) -> Said:
    params = sent.params
    asked = {
        "symbol": exchange.market(sent.symbol)["id"],
        "side": sent.side.upper(),
        "type": sent.kind.upper(),
        "quantity": plain(sent.amount),
        "price": plain(sent.price),
        "timeInForce": params.get("timeInForce", "GTC"),
        client_id: params["clientOrderId"],
        "newOrderRespType": "RESULT",  # the short one does not say how the order stands
        **(maker_alone if params.get("postOnly") else {}),
        **_flag(params, "reduceOnly", "true"),
    }
    return Said(method, asked)


def _bybit(exchange: Any, sent: SentOrder) -> Said:
    market, params = exchange.market(sent.symbol), sent.params
    linear = "linear" if market["linear"] else "inverse"
    asked = {
        "category": "option" if market["option"] else linear,
        "symbol": market["id"],
        "side": sent.side.capitalize(),
        "orderType": sent.kind.capitalize(),
        "qty": plain(sent.amount),
        "price": plain(sent.price),
        "timeInForce": params.get("timeInForce", "PostOnly"),
        "orderLinkId": params["clientOrderId"],
        "positionIdx": params["positionIdx"],
        **_flag(params, "reduceOnly", True),
    }
    return Said("privatePostV5OrderCreate", asked)


_OKX_KINDS: Final = MappingProxyType({"GTC": "limit", "IOC": "ioc", "PO": "post_only"})


def _okx(exchange: Any, sent: SentOrder) -> Said:
    """An order in a list of one, as ccxt sends it: lists have a limit of their own."""
    params = sent.params
    asked = {
        "instId": exchange.market(sent.symbol)["id"],
        "side": sent.side,
        "ordType": _OKX_KINDS[str(params.get("timeInForce", "PO"))],
        "sz": plain(sent.amount),
        "px": plain(sent.price),
        "tdMode": params["tdMode"],
        "clOrdId": params["clientOrderId"],
        **_flag(params, "reduceOnly", True),
    }
    return Said("privatePostTradeBatchOrders", [asked])


def _hyperliquid(exchange: Any, sent: SentOrder) -> Said:
    """A signed action; the order of its fields is signed too ("Signing", API documentation)."""
    params = sent.params
    order = {
        "a": int(exchange.market(sent.symbol)["baseId"]),
        "b": sent.side == "buy",
        "p": plain(sent.price),
        "s": plain(sent.amount),
        "r": bool(params.get("reduceOnly")),
        "t": {"limit": {"tif": str(params.get("timeInForce", "ALO")).capitalize()}},
        "c": params["clientOrderId"],
    }
    action = {"type": "order", "orders": [order], "grouping": "na"}
    nonce = exchange.incrementing_nonce()
    signature = exchange.sign_l1_action(action, nonce)
    asked = {"action": action, "nonce": nonce, "signature": signature}
    return Said("privatePostExchange", asked)


def _under(*path: str | int) -> Callable[[object], object]:
    """Reader of what stands under a path; None where there is nothing."""

    def found(reply: object) -> object:
        told: Any = reply
        for each in path:
            try:
                told = told[each]
            except (LookupError, TypeError):
                return None
        return told

    return found


def _of_binance(method: str, client_id: str, **maker_alone: str) -> Words:
    say = partial(_binance, method, client_id, maker_alone)
    return Words(say, _same, "orderId", "clientOrderId")


def _inner(status: object) -> object:
    """What stands under how an order stands: ``resting`` or ``filled``."""
    told = status.values() if isinstance(status, dict) else ()
    return next((each for each in told if isinstance(each, dict)), None)


WORDS: Final[Mapping[str, Words]] = MappingProxyType(
    {
        "binanceusdm": _of_binance("fapiPrivatePostOrder", "newClientOrderId", timeInForce="GTX"),
        "binancecoinm": _of_binance("dapiPrivatePostOrder", "newClientOrderId", timeInForce="GTX"),
        "binance": _of_binance("eapiPrivatePostOrder", "clientOrderId", postOnly="true"),  # options
        "bybit": Words(_bybit, _under("result"), "orderId", "orderLinkId"),
        "okx": Words(_okx, _under("data", 0), "ordId", "clOrdId"),
        "hyperliquid": Words(
            _hyperliquid, _under("response", "data", "statuses", 0), "oid", "cloid", _inner
        ),
    }
)
"""By ccxt's id. Deribit's orders go by its socket, where ccxt's own are put in the right words."""


async def place(exchange: Any, sent: SentOrder) -> Mapping[str, object]:
    """Place a limit order by one request.

    Parameters
    ----------
    exchange : object
        Guarded instance of ccxt's class with a key, markets set.
    sent : SentOrder

    Returns
    -------
    mapping
        ``id`` and ``clientOrderId``, None where the reply names none, and what it tells of the
        order in ``info``.

    Raises
    ------
    VenueError
        The reply is no object.
    """
    words = WORDS.get(exchange.id)
    if words is None:
        amount, price = float(sent.amount), float(sent.price)
        reply = await exchange.create_order(
            sent.symbol, sent.kind, sent.side, amount, price, dict(sent.params)
        )
        return _object(reply)
    said = words.say(exchange, sent)
    reply = await getattr(exchange, said.method)(said.asked)
    row = words.row(_object(reply))
    found = words.names(row)
    named = found if isinstance(found, dict) else {}
    venue_id = named.get(words.venue_id)
    return {
        "id": str(venue_id) if venue_id else None,
        "clientOrderId": named.get(words.client_id),
        "info": row,
    }


def _object(reply: object) -> Mapping[str, object]:
    if not isinstance(reply, dict):
        raise VenueError("the reply to an order is no object")
    return reply
