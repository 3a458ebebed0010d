"""Orders in Binance's options, whose post-only ccxt says in words that only futures know.

ccxt turns ``postOnly`` into the time in force GTX, which options do not list, and drops the
parameter that they do (measured on ccxt 4.5.90; developers.binance.com, options, "New Order").
"""

from collections.abc import Mapping
from typing import Any

from terminal.core.errors import VenueError
from terminal.venues.dialects.dialect import SentOrder
from terminal.venues.gateway.wire import CcxtWire


class BinanceOptionsWire(CcxtWire):
    """Everything as ccxt does it; an order is said in the exchange's own words."""

    async def create(self, sent: SentOrder) -> Mapping[str, object]:
        """Place an order by one request."""
        return await place_option(self._exchange, sent)


async def place_option(exchange: Any, sent: SentOrder) -> Mapping[str, object]:
    """Place a limit order in an option by one request.

    Parameters
    ----------
    exchange : object
        Guarded instance of ccxt's ``binance`` with a key, markets set.
    sent : SentOrder

    Returns
    -------
    mapping
        ``id``, ``clientOrderId`` and the raw reply in ``info``, as ccxt has them.

    Raises
    ------
    VenueError
        The reply is no object.
    """
    params = sent.params
    flags = {name: "true" for name in ("postOnly", "reduceOnly") if params.get(name)}
    reply = await exchange.eapiPrivatePostOrder(
        {
            "symbol": exchange.market(sent.symbol)["id"],
            "side": sent.side.upper(),
            "type": sent.kind.upper(),
            "quantity": f"{sent.amount:f}",
            "price": f"{sent.price:f}",
            "timeInForce": params.get("timeInForce", "GTC"),
            "clientOrderId": params["clientOrderId"],
            "newOrderRespType": "RESULT",  # the short one does not say how the order stands
            **flags,
        }
    )
    if not isinstance(reply, dict):
        raise VenueError("the reply to an order is no object")
    named = str(reply["orderId"]) if "orderId" in reply else None
    return {"id": named, "clientOrderId": reply.get("clientOrderId"), "info": reply}
