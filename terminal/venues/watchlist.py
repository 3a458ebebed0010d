"""Which instruments of an exchange are followed, and by which of ccxt's streams."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct

from terminal.core.errors import TerminalError
from terminal.core.ids import client_order_id
from terminal.model.instrument import Contract, Future, Instrument, Option, Perpetual
from terminal.model.order import OrderIntent, Side, TimeInForce
from terminal.venues.dialects.dialect import Dialect, Directory


class Streams(Struct, frozen=True):
    """Streams of one exchange by ccxt's method names.

    ``prices`` are asked for lists of instruments (marks, index, funding, best prices), the others
    one by one. An empty name: the exchange has none, or another stream carries it.
    """

    prices: tuple[str, ...] = ("watch_tickers",)
    option_prices: tuple[str, ...] = ("watch_tickers",)
    book: str = "watch_order_book"
    trades: str = "watch_trades"
    single: tuple[str, ...] = ()
    chunk: int = 100  # instruments in one request
    beside: Callable[[Any, Directory], Sequence[Awaitable[object]]] | None = None
    """Streams that ccxt has no method for, asked for with what it has underneath."""


def _okx_beside(exchange: Any, known: Directory) -> Sequence[Awaitable[object]]:
    """Indices of the pairs that perpetuals are on, and the volatilities of option families."""
    pairs = {
        each.contract.symbol.removesuffix("-SWAP"): None
        for each in known.by_key.values()
        if isinstance(each, Perpetual)
    }
    families = {
        "-".join(each.contract.symbol.split("-")[:2]): None
        for each in known.by_key.values()
        if isinstance(each, Option)
    }
    asked = [("index-tickers", {"instId": pair}) for pair in pairs]
    asked += [("opt-summary", {"instFamily": family}) for family in families]
    return [
        exchange.subscribe("public", f"{channel}|{params}", channel, None, params)
        for channel, params in asked
    ]


def _binance_options_beside(exchange: Any, known: Directory) -> Sequence[Awaitable[object]]:
    """Marks, best prices, volatilities and index of all options on a coin: a stream for each."""
    named = {
        each.contract.base: each.contract.symbol
        for each in known.by_key.values()
        if isinstance(each, Option)
    }
    symbols = (exchange.safe_symbol(name, None, None, "option") for name in named.values())
    return [exchange.watch_mark_prices([symbol]) for symbol in symbols]


STREAMS: Final[Mapping[str, Streams]] = MappingProxyType(
    {
        "deribit": Streams(),
        "binanceusdm": Streams(prices=("watch_mark_prices",), option_prices=()),
        "binancecoinm": Streams(prices=("watch_mark_prices",), option_prices=()),
        "binance": Streams(prices=(), option_prices=(), trades="", beside=_binance_options_beside),
        "bybit": Streams(chunk=10),
        "okx": Streams(
            prices=("watch_tickers", "watch_mark_prices"),
            option_prices=("watch_tickers", "watch_mark_prices"),
            single=("watch_funding_rate",),
            beside=_okx_beside,
        ),
        "hyperliquid": Streams(prices=(), single=("watch_ticker",)),
    }
)
"""By ccxt's id; others are asked for tickers, books and trades."""


class Chain(Struct, frozen=True, kw_only=True):
    """How much of the option chains is followed, beside what is held."""

    expiries: int = 4  # nearest ones of each underlying
    width: float = 0.3  # strikes no further from the index than this part of it


def streams_of(ccxt_id: str) -> Streams:
    """Streams of an exchange."""
    return STREAMS.get(ccxt_id, Streams())


def hedges_of(known: Directory) -> tuple[str, ...]:
    """Keys of perpetuals, whose books are followed level by level."""
    return tuple(key for key, each in known.by_key.items() if isinstance(each, Perpetual))


def quoted_of(
    known: Directory, chain: Chain, spots: Mapping[str, float], now: int, held: Collection[str]
) -> tuple[str, ...]:
    """Keys of the futures and options whose prices are followed.

    Parameters
    ----------
    known : Directory
    chain : Chain
    spots : mapping
        Index by underlying, USD; of an underlying without one only what is held is followed.
    now : int
        UtcNs; what has expired is left out.
    held : collection of str
        Keys that are followed in any case.
    """
    ahead = {
        key: each
        for key, each in known.by_key.items()
        if isinstance(each, Option | Future) and each.expiry > now
    }
    near = _near_expiries(ahead.values(), chain.expiries)
    return tuple(
        key
        for key, each in ahead.items()
        if key in held or isinstance(each, Future) or _in_chain(each, chain, spots, near)
    )


def _near_expiries(ahead: Collection[Option | Future], count: int) -> dict[str, frozenset[int]]:
    dates: dict[str, set[int]] = {}
    for each in ahead:
        if isinstance(each, Option):
            dates.setdefault(each.contract.base, set()).add(each.expiry)
    return {base: frozenset(sorted(found)[:count]) for base, found in dates.items()}


def _in_chain(
    option: Option, chain: Chain, spots: Mapping[str, float], near: Mapping[str, frozenset[int]]
) -> bool:
    spot = spots.get(option.contract.base)
    if spot is None or option.expiry not in near[option.contract.base]:
        return False
    return abs(float(option.strike) / spot - 1.0) <= chain.width


def contracts_in_unit(dialect: Dialect, instrument: Instrument) -> float | None:
    """Contracts in one unit of the exchange's amounts; None where the dialect does not say.

    Books are counted in the unit of orders, and how orders are written the dialect knows.
    """
    contract: Contract = instrument.contract
    qty = max(contract.min_qty, contract.lot)
    intent = OrderIntent(
        order_id=client_order_id("unit", contract.key, 1),
        proposal_id="",
        attempt=0,
        key=contract.key,
        side=Side.BUY,
        qty=qty,
        limit=max(each.tick for each in contract.ticks) * 1000,
        tif=TimeInForce.IOC,
        reduce_only=False,
        decision_mid=1.0,
    )
    try:
        amount = dialect.sent(intent, instrument).amount
    except TerminalError:
        return None
    return float(qty / amount) if amount > Decimal(0) else None
