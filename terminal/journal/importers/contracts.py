"""Terms of well-known contracts, for files that carry prices but no terms.

Terms change rarely but they do; the table holds those of ``AS_OF``, taken from the venues' public
instrument lists, and a tape made with it says so among its assumptions.
"""

from decimal import Decimal
from types import MappingProxyType

from terminal.core.units import HOUR
from terminal.model.instrument import Contract, Instrument, Payoff, Perpetual, Spot, TickStep

AS_OF = "2025-12"

_Row = tuple[str, str, str, str, str, str, str]
"""Symbol, base, settle, multiplier, ticks ("from:tick from:tick"), lot, minimum notional."""

_BINANCE_SPOT: tuple[_Row, ...] = (
    ("BTCUSDT", "BTC", "USDT", "1", "0.01", "0.00001", "5"),
    ("ETHUSDT", "ETH", "USDT", "1", "0.01", "0.0001", "5"),
    ("SOLUSDT", "SOL", "USDT", "1", "0.01", "0.001", "5"),
)
_BINANCE_USDM: tuple[_Row, ...] = (
    ("BTCUSDT", "BTC", "USDT", "1", "0.1", "0.001", "100"),
    ("ETHUSDT", "ETH", "USDT", "1", "0.01", "0.001", "20"),
    ("SOLUSDT", "SOL", "USDT", "1", "0.01", "0.01", "5"),
)
_BINANCE_COINM: tuple[_Row, ...] = (
    ("BTCUSD_PERP", "BTC", "BTC", "100", "0.1", "1", "0"),
    ("ETHUSD_PERP", "ETH", "ETH", "10", "0.01", "1", "0"),
    ("SOLUSD_PERP", "SOL", "SOL", "10", "0.01", "1", "0"),
)
_DERIBIT: tuple[_Row, ...] = (
    ("BTC-PERPETUAL", "BTC", "BTC", "1", "0.5", "10", "0"),
    ("ETH-PERPETUAL", "ETH", "ETH", "1", "0.05", "1", "0"),
    ("SOL_USDC-PERPETUAL", "SOL", "USDC", "1", "0.01", "0.1", "0"),
)
_FTX: tuple[_Row, ...] = (
    ("BTC-PERP", "BTC", "USD", "1", "1", "0.0001", "0"),
    ("ETH-PERP", "ETH", "USD", "1", "0.1", "0.001", "0"),
    ("SOL-PERP", "SOL", "USD", "1", "0.0025", "0.01", "0"),
)
_BYBIT: tuple[_Row, ...] = (
    ("BTCUSDT", "BTC", "USDT", "1", "0.1", "0.001", "5"),
    ("ETHUSDT", "ETH", "USDT", "1", "0.01", "0.01", "5"),
    ("SOLUSDT", "SOL", "USDT", "1", "0.01", "0.1", "5"),
    ("BTCUSD", "BTC", "BTC", "1", "0.1", "1", "0"),
    ("ETHUSD", "ETH", "ETH", "1", "0.01", "1", "0"),
)
_OKX: tuple[_Row, ...] = (
    ("BTC-USDT-SWAP", "BTC", "USDT", "0.01", "0.1", "0.01", "0"),
    ("ETH-USDT-SWAP", "ETH", "USDT", "0.1", "0.01", "0.01", "0"),
    ("SOL-USDT-SWAP", "SOL", "USDT", "1", "0.01", "0.01", "0"),
    ("BTC-USD-SWAP", "BTC", "BTC", "100", "0.1", "1", "0"),
    ("ETH-USD-SWAP", "ETH", "ETH", "10", "0.01", "1", "0"),
)
_HYPERLIQUID: tuple[_Row, ...] = (  # five significant figures, whole numbers always allowed
    ("BTC", "BTC", "USDC", "1", "0:0.1 10000:1", "0.00001", "10"),
    ("ETH", "ETH", "USDC", "1", "0:0.01 1000:0.1 10000:1", "0.0001", "10"),
    ("SOL", "SOL", "USDC", "1", "0:0.001 100:0.01 1000:0.1", "0.01", "10"),
)

_VENUES = MappingProxyType(
    {  # rows, maker bps, taker bps, funding interval (None: spot)
        "binance": (_BINANCE_SPOT, 10.0, 10.0, None),
        "binanceusdm": (_BINANCE_USDM, 2.0, 5.0, 8 * HOUR),
        "binancecoinm": (_BINANCE_COINM, 2.0, 5.0, 8 * HOUR),
        "deribit": (_DERIBIT, 0.0, 5.0, 0),
        "ftx": (_FTX, 2.0, 7.0, HOUR),
        "bybit": (_BYBIT, 2.0, 5.5, 8 * HOUR),
        "okx": (_OKX, 2.0, 5.0, 8 * HOUR),
        "hyperliquid": (_HYPERLIQUID, 1.5, 4.5, HOUR),
    }
)


def venues() -> tuple[str, ...]:
    """Venues that the table knows."""
    return tuple(_VENUES)


def known(symbol: str, venue: str) -> Instrument | None:
    """Look up the terms of a contract; None when the table does not hold it."""
    rows, maker, taker, interval = _VENUES.get(venue, ((), 0.0, 0.0, None))
    for row in rows:
        if row[0] == symbol:
            contract = _contract(row, venue, maker, taker)
            return Spot(contract) if interval is None else Perpetual(contract, interval)
    return None


def listed_at(symbol: str) -> tuple[str, ...]:
    """Venues of the table that list this symbol."""
    return tuple(venue for venue in _VENUES if known(symbol, venue))


def ladder(text: str) -> tuple[TickStep, ...]:
    """Read price steps: ``0.5``, or ``0:0.0001 0.005:0.0005`` where they widen with the price."""
    steps = [step.rpartition(":") for step in text.split()]
    return tuple(TickStep(Decimal(start or "0"), Decimal(tick)) for start, _, tick in steps)


def _contract(row: _Row, venue: str, maker: float, taker: float) -> Contract:
    symbol, base, settle, multiplier, ticks, lot, notional = row
    inverse = settle == base
    return Contract(
        venue=venue,
        symbol=symbol,
        base=base,
        quote="USD" if inverse else settle,
        settle=settle,
        payoff=Payoff.INVERSE if inverse else Payoff.LINEAR,
        multiplier=Decimal(multiplier),
        ticks=ladder(ticks),
        lot=Decimal(lot),
        min_qty=Decimal(lot),
        min_notional=Decimal(notional),
        maker_bps=maker,
        taker_bps=taker,
    )
