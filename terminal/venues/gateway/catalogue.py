"""Requests of every venue that can be traded on, by ccxt's id."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from terminal.core.errors import ConfigError
from terminal.venues.dialects.dialect import Dialect
from terminal.venues.gateway.asks import Asks
from terminal.venues.gateway.asks_binance import COIN_MARGINED, USD_MARGINED
from terminal.venues.gateway.asks_binance_options import OPTIONS
from terminal.venues.gateway.asks_bybit import BYBIT
from terminal.venues.gateway.asks_deribit import DERIBIT
from terminal.venues.gateway.asks_hyperliquid import HYPERLIQUID
from terminal.venues.gateway.asks_okx import OKX
from terminal.venues.gateway.bybit_wire import BybitWire
from terminal.venues.gateway.deribit_wire import DeribitWire
from terminal.venues.gateway.hyperliquid_wire import HyperliquidWire
from terminal.venues.gateway.wire import CcxtWire, Wire

ASKS: Final[Mapping[str, Asks]] = MappingProxyType(
    {
        "deribit": DERIBIT,
        "binanceusdm": USD_MARGINED,
        "binancecoinm": COIN_MARGINED,
        "binance": OPTIONS,
        "bybit": BYBIT,
        "okx": OKX,
        "hyperliquid": HYPERLIQUID,
    }
)

WIRES: Final[Mapping[str, type[CcxtWire]]] = MappingProxyType(
    {"deribit": DeribitWire, "bybit": BybitWire, "hyperliquid": HyperliquidWire}
)
"""Venues that ccxt's own calls do not serve well enough; the others get ``CcxtWire``."""


def asks_of(dialect: Dialect) -> Asks:
    """Requests of a venue.

    Raises
    ------
    ConfigError
        The venue is read-only, or nobody has said how its orders are found again.
    """
    if dialect.why_read_only:
        raise ConfigError(f"{dialect.title} cannot be traded on: {dialect.why_read_only}")
    found = ASKS.get(dialect.ccxt_id)
    if found is None:
        raise ConfigError(f"{dialect.title} cannot be traded on: its orders cannot be looked up")
    return found


def wire_of(dialect: Dialect, exchange: Any) -> Wire:
    """Calls on a guarded instance, the way this venue wants its orders.

    Raises
    ------
    ConfigError
        The venue cannot be traded on.
    """
    asks_of(dialect)
    return WIRES.get(dialect.ccxt_id, CcxtWire)(exchange)
