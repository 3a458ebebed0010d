"""Binance's USD-margined futures: linear, in coins, settled in stablecoins."""

from types import MappingProxyType
from typing import Final

from terminal.model.instrument import Instrument
from terminal.model.order import OrderIntent
from terminal.venues.dialects import binance_terms
from terminal.venues.dialects.binance_futures import BinanceFuturesDecoder
from terminal.venues.dialects.client_ids import as_text
from terminal.venues.dialects.dialect import DeadMan, Dialect, SentOrder
from terminal.venues.dialects.limit_orders import limit_order

FUNDING_NOTE: Final = "estimate for the next payment, every 8 hours (some every 4 or 1); longs pay"

NO_SCOPE_NEEDED: Final = MappingProxyType(
    {
        "fetchCurrencies": False,
        "fetchMargins": False,
        "watchPositions": {"fetchPositionsSnapshot": False},
    }
)
"""Loading markets would call the wallet's endpoints and fail with a key that may only trade. With
the private stream ccxt would ask for positions and brackets that nobody here reads, those of the
futures even for an account of options."""


def sent(intent: OrderIntent, instrument: Instrument) -> SentOrder:
    """Limit order in coins.

    A smallest notional (5 to 100 USDT) binds all orders but reducing ones (error -4164).
    """
    return limit_order(intent, instrument, intent.qty * instrument.contract.multiplier)


BINANCEUSDM: Final = Dialect(
    venue=binance_terms.USDM,
    ccxt_id="binanceusdm",
    title="Binance USD-M",
    why_read_only="",
    key_fields=("apiKey", "secret"),
    client_id_param="clientOrderId",  # newClientOrderId on the wire, 36 characters at most
    dead_man=DeadMan.COUNTDOWN,  # by symbol
    dead_man_seconds=60,
    sandbox="demo",  # the old test network is gone: set_sandbox_mode raises
    options=NO_SCOPE_NEEDED,
    lookup=("order", "open", "trades"),
    decoder=BinanceFuturesDecoder(binance_terms.linear),
    sent=sent,
    client_id=as_text,
    greeks_convention="no options here",
    funding_note=FUNDING_NOTE,
    terms_beside=binance_terms.FAPI_INTERVALS,
)
"""A client id is unique among open orders only: sent again after a fill it is a second order."""
