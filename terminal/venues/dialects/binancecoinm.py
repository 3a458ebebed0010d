"""Binance's coin-margined futures: inverse, in contracts of 100 USD (BTC) or 10 USD."""

from typing import Final

from terminal.model.instrument import Instrument
from terminal.model.order import OrderIntent
from terminal.venues.dialects import binance_terms
from terminal.venues.dialects.binance_futures import BinanceFuturesDecoder
from terminal.venues.dialects.binanceusdm import FUNDING_NOTE, NO_SCOPE_NEEDED
from terminal.venues.dialects.client_ids import as_text
from terminal.venues.dialects.dialect import DeadMan, Dialect, SentOrder
from terminal.venues.dialects.limit_orders import limit_order


def sent(intent: OrderIntent, instrument: Instrument) -> SentOrder:
    """Limit order in contracts."""
    return limit_order(intent, instrument, intent.qty)


BINANCECOINM: Final = Dialect(
    venue=binance_terms.COINM,
    ccxt_id="binancecoinm",
    title="Binance COIN-M",
    why_read_only="",
    key_fields=("apiKey", "secret"),
    client_id_param="clientOrderId",
    dead_man=DeadMan.COUNTDOWN,
    dead_man_seconds=60,
    sandbox="demo",
    options=NO_SCOPE_NEEDED,
    lookup=("order", "open", "trades"),
    decoder=BinanceFuturesDecoder(binance_terms.inverse),
    sent=sent,
    client_id=as_text,
    greeks_convention="no options here",
    funding_note=FUNDING_NOTE,
    terms_beside=binance_terms.DAPI_INTERVALS,
)
