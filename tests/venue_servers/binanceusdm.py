"""Binance USDⓈ-M on this machine: perpetuals margined and settled in USDT, counted in coins."""

from decimal import Decimal

from tests.venue_servers.binance_futures import BinanceFuturesServer
from tests.venue_servers.listing import Terms, Unit


class BinanceUsdmServer(BinanceFuturesServer):
    """Binance USDⓈ-M: perpetuals on BTC, ETH and SOL."""

    def __init__(self) -> None:
        super().__init__("fapi", listing(), {"USDT": Decimal(1_000_000)})


def listing() -> list[Terms]:
    """The perpetuals, in coins."""
    return [
        _perpetual("BTC", tick="0.1", lot="0.001", least="100"),
        _perpetual("ETH", tick="0.01", lot="0.001", least="20"),
        _perpetual("SOL", tick="0.01", lot="0.01", least="5"),
    ]


def _perpetual(base: str, *, tick: str, lot: str, least: str) -> Terms:
    return Terms(
        name=f"{base}USDT",
        base=base,
        quote="USDT",
        settle="USDT",
        unit=Unit.COIN,
        tick=Decimal(tick),
        lot=Decimal(lot),
        minimum=Decimal(lot),
        min_notional=Decimal(least),
    )
