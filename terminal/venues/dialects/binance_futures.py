"""Decoder of Binance's two futures exchanges, which differ in their terms alone."""

from collections.abc import Callable

from terminal.model.account import Position
from terminal.model.instrument import Instrument
from terminal.model.order import Fill, OrderUpdate
from terminal.venues.dialects import binance_private, binance_public, raw
from terminal.venues.dialects.dialect import Directory, PrivateEvent, PublicEvent
from terminal.venues.dialects.raw import Raw


class BinanceFuturesDecoder:
    """Reads the frames and replies of one of Binance's futures exchanges.

    Parameters
    ----------
    terms : callable
        Reads a row of its list of instruments.
    """

    def __init__(self, terms: Callable[[Raw], Instrument | None]) -> None:
        self._terms = terms

    def instrument(self, market: Raw) -> Instrument | None:
        """Terms of a market, from the exchange's own row."""
        return self._terms(raw.child(market, "info"))

    def public(self, message: Raw, known: Directory) -> tuple[PublicEvent, ...]:
        """Events of the streams of best prices, marks, indices and trades."""
        return binance_public.events(message, known)

    def private(self, message: Raw, known: Directory) -> tuple[PrivateEvent, ...]:
        """Events of ``ORDER_TRADE_UPDATE`` and ``ACCOUNT_UPDATE``."""
        return binance_private.events(message, known)

    def position(self, info: Raw, known: Directory) -> Position | None:
        """Signed contracts of one row of ``positionRisk``."""
        return binance_private.position(info, known)

    def order(self, info: Raw, known: Directory) -> OrderUpdate | None:
        """State of one order; its client id is our order id."""
        return binance_private.order(info, known)

    def fill(self, info: Raw, known: Directory) -> Fill | None:
        """One execution of the account."""
        return binance_private.fill(info, known)
