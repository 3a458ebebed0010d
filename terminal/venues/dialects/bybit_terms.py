"""Terms of Bybit's instruments: linear in coins, inverse in USD, options in coins."""

from decimal import Decimal
from types import MappingProxyType
from typing import Final

from terminal.core.errors import DataError
from terminal.core.units import HOUR, MINUTE
from terminal.model.instrument import (
    Contract,
    Future,
    Instrument,
    Option,
    Payoff,
    Perpetual,
    Right,
    TickStep,
)
from terminal.venues.dialects import raw
from terminal.venues.dialects.raw import Raw

VENUE: Final = "bybit"

_RIGHTS: Final = MappingProxyType({"Call": Right.CALL, "Put": Right.PUT})
_PAYOFFS: Final = MappingProxyType({"Linear": Payoff.LINEAR, "Inverse": Payoff.INVERSE})

_MAKER_BPS, _TAKER_BPS = 2.0, 5.5
_OPTION_MAKER_BPS, _OPTION_TAKER_BPS = 2.0, 3.0
"""Fees of an account without discounts: the list of instruments does not tell them."""


def instrument(info: Raw) -> Instrument | None:
    """Terms from one row of ``v5/market/instruments-info``; None for spot.

    Notes
    -----
    One of our contracts is one unit of Bybit's ``qty``: a coin, or a USD of an inverse contract
    (whose size ccxt takes from ``minOrderQty``, which is the smallest order and no size at all).
    """
    if raw.text_or_none(info, "optionsType") is not None:
        return _option(info)
    kind = raw.text_or_none(info, "contractType")
    if kind is None:
        return None
    for word, payoff in _PAYOFFS.items():
        if kind == f"{word}Perpetual":
            return Perpetual(_contract(info, payoff), _interval(info))
        if kind == f"{word}Futures":
            return Future(_contract(info, payoff), raw.millis(info, "deliveryTime"))
    raise DataError(f"field 'contractType' is {kind!r}: expected a perpetual or a future")


def _option(info: Raw) -> Option:
    right = raw.one_of(info, "optionsType", _RIGHTS)
    symbol = raw.text(info, "symbol")
    parts = symbol.split("-")  # BTC-26DEC25-100000-C, and -USDT where it settles in that
    if len(parts) not in (4, 5) or parts[3] != right.value[0].upper():
        raise DataError(f"field 'symbol' is {symbol!r}: expected COIN-DAY-STRIKE-C or -P")
    strike = raw.exact(parts[2], "strike in 'symbol'")
    if strike <= 0:
        raise DataError(f"field 'symbol' is {symbol!r}: expected a strike above zero")
    contract = _contract(info, Payoff.LINEAR, _OPTION_MAKER_BPS, _OPTION_TAKER_BPS)
    return Option(contract, raw.millis(info, "deliveryTime"), strike, right)


def _contract(
    info: Raw, payoff: Payoff, maker: float = _MAKER_BPS, taker: float = _TAKER_BPS
) -> Contract:
    lots = raw.child(info, "lotSizeFilter")
    return Contract(
        venue=VENUE,
        symbol=raw.text(info, "symbol"),
        base=raw.text(info, "baseCoin"),
        quote=raw.text(info, "quoteCoin"),
        settle=raw.text(info, "settleCoin"),
        payoff=payoff,
        multiplier=Decimal(1),
        ticks=(TickStep(Decimal(0), raw.positive(raw.child(info, "priceFilter"), "tickSize")),),
        lot=raw.positive(lots, "qtyStep"),
        min_qty=raw.positive(lots, "minOrderQty"),
        min_notional=raw.decimal_or_none(lots, "minNotionalValue") or Decimal(0),
        maker_bps=maker,
        taker_bps=taker,
    )


def _interval(info: Raw) -> int:
    """Time between two payments; Bybit writes minutes."""
    minutes = raw.decimal(info, "fundingInterval")
    span = int(minutes) * MINUTE
    if span < HOUR or span % HOUR or span > 24 * HOUR:
        raise DataError(f"field 'fundingInterval' is {minutes}: expected minutes, whole hours")
    return span
