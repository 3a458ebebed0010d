"""Opening positions for a tape: from a file, or a straddle per coin near the money."""

import math
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec
from msgspec import Struct

from terminal.core.errors import ConfigError
from terminal.core.units import DAY
from terminal.model.account import Balance, Position
from terminal.model.instrument import (
    Contract,
    Instrument,
    Option,
    Payoff,
    Right,
    TickStep,
    coin_settled,
)
from terminal.model.market import AssumedVol
from terminal.pricing.black import price
from terminal.pricing.carry import expiry_ns, parse_expiry, years_between

STRADDLES = {"BTC": Decimal(10), "ETH": Decimal(100), "SOL": Decimal(1000)}
"""Straddles of the default book by coin; a hundred of any other."""

_EPOCH = date(1970, 1, 1).toordinal()

CASH = Decimal(1_000_000)
"""USD that a book begins with."""


class BookLine(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One position of a book file: a listed instrument, or an option described in full."""

    qty: Decimal  # contracts of a listed instrument, coins of a described option
    instrument: str = ""
    underlying: str = ""
    right: Right | None = None
    strike: Decimal | None = None
    expiry: str = ""  # 27JUN25
    vol: float | None = None
    settle: str = "usd"  # or coin


class OpeningBook(Struct, frozen=True):
    """Positions, cash, and what must be listed or assumed for them."""

    positions: tuple[Position, ...]
    balances: tuple[Balance, ...]
    listed: tuple[Instrument, ...] = ()
    vols: tuple[AssumedVol, ...] = ()


class TapeStart(Struct, frozen=True, kw_only=True):
    """What a tape offers at its beginning."""

    instruments: tuple[Instrument, ...]
    prices: dict[str, float]  # first price by coin
    first: int
    last: int
    vol: float  # for options that nothing quotes
    bars: bool  # whether bars move its prices


def read_book(path: Path, start: TapeStart) -> OpeningBook:
    """Read a book file: a JSON list of :class:`BookLine`.

    Raises
    ------
    ConfigError
        Names the file, the line and the remedy.
    """
    try:
        lines = msgspec.json.decode(path.read_bytes(), type=list[BookLine])
    except (OSError, msgspec.MsgspecError) as error:
        msg = f"book {path}: {error}. Give a list of positions, each with its qty"
        raise ConfigError(msg) from error
    parts = [_line(line, number, path, start) for number, line in enumerate(lines, 1)]
    return OpeningBook(
        tuple(position for position, _, _ in parts),
        (Balance("USDC", CASH),),
        tuple(each for _, each, _ in parts if each is not None),
        tuple(each for _, _, each in parts if each is not None),
    )


def _line(
    line: BookLine, number: int, path: Path, start: TapeStart
) -> tuple[Position, Option | None, AssumedVol | None]:
    where = f"book {path}, position {number}"
    if line.instrument:
        found = next(
            (
                each
                for each in start.instruments
                if line.instrument in (each.contract.symbol, each.contract.key)
            ),
            None,
        )
        if found is None:
            msg = f"{where}: the tape does not list {line.instrument!r}"
            raise ConfigError(msg)
        price = _opening_price(found, start)
        return Position(found.contract.key, line.qty, price), None, None
    if not line.underlying or line.strike is None or line.right is None or not line.expiry:
        msg = f"{where}: name an instrument, or underlying, right, strike and expiry (27JUN25)"
        raise ConfigError(msg)
    option = _synthetic(
        line.underlying, line.strike, line.right, parse_expiry(line.expiry), line.settle
    )
    vol = AssumedVol(option.contract.key, line.vol if line.vol is not None else start.vol)
    return Position(option.contract.key, line.qty, _premium(option, start, vol.iv)), option, vol


def _opening_price(instrument: Instrument, start: TapeStart) -> Decimal:
    """Entry of a position whose own price the book does not say: the first price seen."""
    if isinstance(instrument, Option):
        return _premium(instrument, start, start.vol)
    return Decimal(repr(start.prices.get(instrument.contract.base, 0.0)))


def _premium(option: Option, start: TapeStart, vol: float) -> Decimal:
    """Black-76 premium at the tape's first price and the stated volatility, in its own unit.

    Nothing quotes the option at that moment; an entry of zero would show its whole value as
    profit.
    """
    spot = start.prices.get(option.contract.base)
    if spot is None:
        return Decimal(0)
    years = years_between(start.first, option.expiry)
    sign = 1.0 if option.right is Right.CALL else -1.0
    value = float(price(spot, float(option.strike), years, vol, sign))
    premium = value / spot if coin_settled(option.contract) else value
    return Decimal(f"{premium:.6g}")


def default_book(start: TapeStart) -> OpeningBook:
    """A long straddle per coin, the strike nearest the money.

    Listed options at the expiry nearest 30 days are taken where the tape has them; otherwise a
    USD-settled straddle is described, with the stated volatility, to expire after the tape ends.
    """
    positions: list[Position] = []
    listed: list[Instrument] = []
    vols: list[AssumedVol] = []
    for coin, first in start.prices.items():
        size = STRADDLES.get(coin, Decimal(100))
        options = _nearest(start, coin, first)
        if not options:
            options = _described(coin, first, start.last)
            listed += options
        vols += [AssumedVol(each.contract.key, start.vol) for each in options]
        positions += [
            Position(each.contract.key, size, _premium(each, start, start.vol))
            for each in options
        ]
    balances = (Balance("USDC", CASH),)
    return OpeningBook(tuple(positions), balances, tuple(listed), tuple(vols))


def _nearest(start: TapeStart, coin: str, price: float) -> list[Option]:
    """Listed call and put nearest 30 days and the money."""
    mine = [
        each
        for each in start.instruments
        if isinstance(each, Option) and each.contract.base == coin and each.expiry > start.first
    ]
    if not mine:
        return []
    expiry = min({each.expiry for each in mine}, key=lambda at: abs(at - start.first - 30 * DAY))
    near = [each for each in mine if each.expiry == expiry]
    strike = min({each.strike for each in near}, key=lambda k: (abs(float(k) - price), k))
    pair = {each.right: each for each in near if each.strike == strike}
    return [pair[right] for right in Right if right in pair]


def _described(coin: str, price: float, last: int) -> list[Option]:
    step = 10.0 ** math.floor(math.log10(price) - 1)
    strike = Decimal(repr(round(price / step) * step))
    expiry = expiry_ns(date.fromordinal(_EPOCH + last // DAY + 2))
    return [_synthetic(coin, strike, right, expiry, "usd") for right in Right]


def _synthetic(coin: str, strike: Decimal, right: Right, expiry: int, settle: str) -> Option:
    """An option of a described book; nobody quotes it and it cannot be traded."""
    day = date.fromordinal(_EPOCH + expiry // DAY).strftime("%d%b%y").upper()
    symbol = f"{coin}-{day}-{strike.normalize():f}-{right.value[0].upper()}"
    contract = Contract(
        venue="book",
        symbol=symbol,
        base=coin,
        quote="USD",
        settle=coin if settle == "coin" else "USDC",
        payoff=Payoff.LINEAR,
        multiplier=Decimal(1),
        ticks=(TickStep(Decimal(0), Decimal("0.0001")),),
        lot=Decimal("0.1"),
        min_qty=Decimal("0.1"),
        min_notional=Decimal(0),
        maker_bps=3.0,
        taker_bps=3.0,
    )
    return Option(contract, expiry, strike, right)

