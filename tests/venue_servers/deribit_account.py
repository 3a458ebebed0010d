"""Deribit's private methods: orders, trades, positions and the account."""

from collections.abc import Callable, Iterable, Mapping

from tests.venue_servers import deribit_words as words
from tests.venue_servers.account import Ask, Order
from tests.venue_servers.core import RefusedError
from tests.venue_servers.deribit_listing import CURRENCIES
from tests.venue_servers.deribit_market import chosen
from tests.venue_servers.deribit_rpc import Call, Method, RpcError, refused
from tests.venue_servers.hosting import Json


def _send(side: str) -> Method:
    def send(call: Call) -> Json:
        made = call.exchange.place(_ask(call, side))
        trades = [words.trade(call.exchange, made, each) for each in made.fills]
        return {"order": words.order(call.exchange, made), "trades": trades}

    return _refusing(send)


def _ask(call: Call, side: str) -> Ask:
    kind = str(call.parameters.get("type", "limit"))
    tifs = {text: name for name, text in words.TIFS.items()}
    return Ask(
        name=call.terms().name,
        side=side,
        quantity=call.number("amount"),
        price=call.number("price") if kind == "limit" else None,
        client_id=str(call.parameters.get("label", "")),
        tif=tifs[str(call.parameters.get("time_in_force", words.TIFS["gtc"]))],
        post_only=call.flag("post_only") and call.flag("reject_post_only"),
        reduce_only=call.flag("reduce_only"),
        session=call.socket.number if call.socket is not None else 0,
    )


def _refusing(method: Method) -> Method:
    def guarded(call: Call) -> object:
        try:
            return method(call)
        except RefusedError as error:
            raise refused(error) from None

    return guarded


def _cancel(call: Call) -> Json:
    return words.order(call.exchange, call.exchange.cancel(call.order().number))


def _cancel_many(wanted: Callable[[Call], list[Order]]) -> Method:
    def cancel(call: Call) -> int:
        orders = [each for each in wanted(call) if each.status == "open"]
        for each in orders:
            call.exchange.cancel(each.number)
        return len(orders)

    return cancel


def _state(call: Call) -> Json:
    return words.order(call.exchange, call.order())


def _told(wanted: Callable[[Call], list[Order]]) -> Method:
    return lambda call: [words.order(call.exchange, each) for each in wanted(call)]


def _open(orders: Iterable[Order]) -> list[Order]:
    return [each for each in orders if each.status == "open"]


def _of_currency(call: Call) -> list[Order]:
    names = {each.name for each in chosen(call)}
    return [each for each in call.exchange.account.orders.values() if each.ask.name in names]


def _of_instrument(call: Call) -> list[Order]:
    name = call.terms().name
    return [each for each in call.exchange.account.orders.values() if each.ask.name == name]


def _of_label(call: Call) -> list[Order]:
    label = call.text("label")
    return [each for each in _of_currency(call) if each.ask.client_id == label]


def _closed(orders: list[Order]) -> list[Order]:
    return [each for each in reversed(orders) if each.status != "open"]


def _trades(wanted: Callable[[Call], list[Order]]) -> Method:
    def told(call: Call) -> Json:
        start = int(call.parameters.get("start_timestamp", 0))
        end = int(call.parameters.get("end_timestamp", call.exchange.now_ms()))
        count = min(int(call.parameters.get("count", 10)), 1_000)
        old = call.flag("historical")
        recent = call.exchange.now_ms() - 86_400_000
        newest_first = str(call.parameters.get("sorting", "default")) != "asc"
        pairs = [
            (made, fill)
            for made in wanted(call)
            for fill in made.fills
            if start <= fill.at_ms <= end and (old or fill.at_ms >= recent)
        ]
        pairs.sort(key=lambda each: each[1].number, reverse=newest_first)
        trades = [words.trade(call.exchange, made, fill) for made, fill in pairs[:count]]
        return {"trades": trades, "has_more": len(pairs) > count}

    return told


def _trades_of_order(call: Call) -> list[Json]:
    made = call.order()
    return [words.trade(call.exchange, made, each) for each in made.fills]


def _positions(call: Call) -> list[Json]:
    names = {each.name for each in chosen(call)}
    held = call.exchange.account.positions.values()
    return [words.position(call.exchange, each) for each in held if each.name in names]


def _position(call: Call) -> Json:
    return words.position(call.exchange, call.exchange.account.held(call.terms().name))


def _summary(call: Call) -> Json:
    return words.summary(call.exchange, call.text("currency"))


def _summaries(call: Call) -> Json:
    told = [words.summary(call.exchange, each) for each in CURRENCIES]
    return {"id": words.USER, "type": "main", "username": "user", "summaries": told}


def _log(call: Call) -> Json:
    currency = call.text("currency")
    start, end = call.number("start_timestamp"), call.number("end_timestamp")
    entries = [
        {
            "id": each.number,
            "type": "settlement",
            "instrument_name": each.name,
            "currency": each.coin,
            "timestamp": each.at_ms,
            "interest_pl": float(each.funding),
            "total_interest_pl": float(each.funding),
            "change": float(each.change),
            "cashflow": float(each.change),
        }
        for each in reversed(call.exchange.account.settlements)
        if each.coin == currency and start <= each.at_ms <= end
    ]
    first, count = int(call.parameters.get("continuation", 0)), int(call.number("count"))
    following = first + count if first + count < len(entries) else None
    return {"logs": entries[first : first + count], "continuation": following}


def _keep_orders_no_longer_than(call: Call) -> str:
    """Cancel on disconnect: per connection by default, or the whole account."""
    if call.socket is None:
        raise RpcError(10030, "must_be_websocket_request")
    call.socket.notes["cancel"] = str(call.parameters.get("scope", "connection"))
    return "ok"


def _keep_orders(call: Call) -> str:
    if call.socket is not None:
        call.socket.notes.pop("cancel", None)
    return "ok"


def _kept(call: Call) -> Json:
    scope = call.socket.notes.get("cancel") if call.socket is not None else None
    return {"scope": scope or "connection", "enabled": scope is not None}


def _every(call: Call) -> list[Order]:
    return list(call.exchange.account.orders.values())


ACCOUNT_METHODS: Mapping[str, Method] = {
    "private/buy": _send("buy"),
    "private/sell": _send("sell"),
    "private/cancel": _refusing(_cancel),
    "private/cancel_all": _cancel_many(_every),
    "private/cancel_all_by_currency": _cancel_many(_of_currency),
    "private/cancel_all_by_instrument": _cancel_many(_of_instrument),
    "private/cancel_by_label": _cancel_many(_of_label),
    "private/get_order_state": _state,
    "private/get_order_state_by_label": _told(_of_label),
    "private/get_open_orders": _told(lambda call: _open(_every(call))),
    "private/get_open_orders_by_currency": _told(lambda call: _open(_of_currency(call))),
    "private/get_open_orders_by_instrument": _told(lambda call: _open(_of_instrument(call))),
    "private/get_open_orders_by_label": _told(lambda call: _open(_of_label(call))),
    "private/get_order_history_by_currency": _told(lambda call: _closed(_of_currency(call))),
    "private/get_order_history_by_instrument": _told(lambda call: _closed(_of_instrument(call))),
    "private/get_user_trades_by_currency": _trades(_of_currency),
    "private/get_user_trades_by_currency_and_time": _trades(_of_currency),
    "private/get_user_trades_by_instrument": _trades(_of_instrument),
    "private/get_user_trades_by_instrument_and_time": _trades(_of_instrument),
    "private/get_user_trades_by_order": _trades_of_order,
    "private/get_positions": _positions,
    "private/get_position": _position,
    "private/get_account_summary": _summary,
    "private/get_account_summaries": _summaries,
    "private/get_transaction_log": _log,
    "private/enable_cancel_on_disconnect": _keep_orders_no_longer_than,
    "private/disable_cancel_on_disconnect": _keep_orders,
    "private/get_cancel_on_disconnect": _kept,
}
