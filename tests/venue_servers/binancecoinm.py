"""Binance COIN-M on this machine: perpetuals margined in their coin, contracts of dollars."""

from decimal import Decimal

from tests.venue_servers.binance_futures import BinanceFuturesServer
from tests.venue_servers.listing import Terms, Unit

BALANCES = {"BTC": Decimal(10), "ETH": Decimal(100), "SOL": Decimal(1_000)}


class BinanceCoinmServer(BinanceFuturesServer):
    """Binance COIN-M: perpetuals on BTC (contracts of 100 USD), ETH and SOL (of 10 USD)."""

    def __init__(self) -> None:
        super().__init__("dapi", listing(), BALANCES)


def listing() -> list[Terms]:
    """The perpetuals, in contracts."""
    return [
        _perpetual("BTC", size="100", tick="0.1"),
        _perpetual("ETH", size="10", tick="0.01"),
        _perpetual("SOL", size="10", tick="0.01"),
    ]


def _perpetual(base: str, *, size: str, tick: str) -> Terms:
    return Terms(
        name=f"{base}USD_PERP",
        base=base,
        quote="USD",
        settle=base,
        unit=Unit.USD,
        size=Decimal(size),
        tick=Decimal(tick),
        lot=Decimal(1),
        minimum=Decimal(1),
    )
