"""Orders on any instrument, for tests of what is sent to an exchange."""

from decimal import Decimal
from typing import Any

from terminal.core.ids import client_order_id
from terminal.model.instrument import Contract
from terminal.model.order import OrderIntent, Side, TimeInForce

OURS = client_order_id("run", "hedge", 1)


def intent_on(contract: Contract, **changes: Any) -> OrderIntent:
    """One sound order: the smallest one, to buy, until cancelled, unless ``changes`` differ."""
    fields: dict[str, Any] = {
        "order_id": OURS,
        "proposal_id": "BTC-1-abcd",
        "attempt": 1,
        "key": contract.key,
        "side": Side.BUY,
        "qty": max(contract.lot, contract.min_qty),
        "limit": max(each.tick for each in contract.ticks) * Decimal(1000),
        "tif": TimeInForce.GTC,
        "reduce_only": False,
        "decision_mid": 1.0,
    }
    return OrderIntent(**(fields | changes))
