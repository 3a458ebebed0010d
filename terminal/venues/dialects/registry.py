"""Every exchange that this program knows how to talk to."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from terminal.core.errors import ConfigError
from terminal.venues.dialects.binance_options import BINANCE_OPTIONS
from terminal.venues.dialects.binancecoinm import BINANCECOINM
from terminal.venues.dialects.binanceusdm import BINANCEUSDM
from terminal.venues.dialects.bybit import BYBIT
from terminal.venues.dialects.deribit import DERIBIT
from terminal.venues.dialects.derive import DERIVE
from terminal.venues.dialects.dialect import Dialect
from terminal.venues.dialects.dydx import DYDX
from terminal.venues.dialects.gate import GATE
from terminal.venues.dialects.hyperliquid import HYPERLIQUID
from terminal.venues.dialects.krakenfutures import KRAKENFUTURES
from terminal.venues.dialects.okx import OKX
from terminal.venues.dialects.paradex import PARADEX

_ALL: Final[tuple[Dialect, ...]] = (
    DERIBIT,
    BINANCEUSDM,
    BINANCECOINM,
    BINANCE_OPTIONS,
    BYBIT,
    OKX,
    HYPERLIQUID,
    DERIVE,
    PARADEX,
    KRAKENFUTURES,
    GATE,
    DYDX,
)

DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType({each.venue: each for each in _ALL})
"""Dialects by our name of the venue."""


def dialect(venue: str) -> Dialect:
    """Dialect of a venue; raises ConfigError, naming the known ones, for any other."""
    found = DIALECTS.get(venue)
    if found is None:
        known = ", ".join(DIALECTS)
        raise ConfigError(f"{venue!r} is no exchange this program knows: choose one of {known}")
    return found
