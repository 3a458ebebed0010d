"""Terms of Binance's futures, linear and inverse, and of its European options."""

from decimal import Decimal
from types import MappingProxyType
from typing import Final

from terminal.core.errors import DataError
from terminal.core.units import HOUR
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
from terminal.venues.dialects.dialect import TermsBeside
from terminal.venues.dialects.raw import Raw

USDM: Final = "binanceusdm"
COINM: Final = "binancecoinm"
OPTIONS: Final = "binanceoptions"

FUNDING_INTERVAL: Final = 8 * HOUR
"""Interval of perpetuals that the list of exceptions does not name: BTC, ETH, SOL, most others."""

FUNDING_INFO: Final = "fundingIntervalHours"

_OTHERWISE: Final = "funding is taken to be paid every 8 hours"
FAPI_INTERVALS: Final = TermsBeside(
    "fapiPublicGetFundingInfo", "symbol", FUNDING_INFO, otherwise=_OTHERWISE
)
DAPI_INTERVALS: Final = TermsBeside(
    "dapiPublicGetFundingInfo", "symbol", FUNDING_INFO, otherwise=_OTHERWISE
)
"""Both list the perpetuals whose interval, cap or floor was adjusted, and no others (Binance, "Get
Funding Rate Info"); the list of instruments says nothing of intervals."""

_DATED: Final = frozenset({"CURRENT_MONTH", "NEXT_MONTH", "CURRENT_QUARTER", "NEXT_QUARTER"})
_HOURS: Final = frozenset({1, 2, 3, 4, 6, 8, 12, 24})
_RIGHTS: Final = MappingProxyType({"CALL": Right.CALL, "PUT": Right.PUT})

_FUTURES_BPS: Final = (2.0, 5.0)
"""Maker and taker fee of an account without discounts, which the list does not tell."""


def linear(info: Raw) -> Instrument | None:
    """Terms from a row of ``fapi/v1/exchangeInfo``; None for anything but futures on coins.

    Notes
    -----
    One contract is one coin. ``MARKET_LOT_SIZE`` is left alone: every order has a limit.
    """
    if raw.decimal_or_none(info, "contractSize") is not None:
        return None
    return _future(info, _futures_contract(info, USDM, Payoff.LINEAR, Decimal(1)))


def inverse(info: Raw) -> Instrument | None:
    """Terms from a row of ``dapi/v1/exchangeInfo``: contracts of 100 USD (BTC) or 10 USD."""
    if raw.text_or_none(info, "contractType") is None:
        return None
    size = raw.positive(info, "contractSize")
    return _future(info, _futures_contract(info, COINM, Payoff.INVERSE, size))


def option(info: Raw) -> Instrument | None:
    """Terms from a row of ``eapi/v1/exchangeInfo``, in coins times ``unit``."""
    if raw.text_or_none(info, "strikePrice") is None:
        return None
    right = raw.one_of(info, "side", _RIGHTS)
    underlying, quote = raw.text(info, "underlying"), raw.text(info, "quoteAsset")
    base = underlying.removesuffix(quote)
    if base == underlying or not base:
        raise DataError(f"field 'underlying' is {underlying!r}: expected a coin and {quote}")
    contract = _contract(
        info,
        venue=OPTIONS,
        base=base,
        settle=quote,
        payoff=Payoff.LINEAR,
        multiplier=raw.positive(info, "unit"),
        fees=(raw.number(info, "makerFeeRate") * 1e4, raw.number(info, "takerFeeRate") * 1e4),
    )
    strike = raw.positive(info, "strikePrice").normalize()  # written with eight decimals
    return Option(contract, raw.millis(info, "expiryDate"), Decimal(f"{strike:f}"), right)


def _future(info: Raw, contract: Contract | None) -> Instrument | None:
    if contract is None:
        return None
    if raw.text(info, "contractType") == "PERPETUAL":
        return Perpetual(contract, _funding_interval(info))
    return Future(contract, raw.millis(info, "deliveryDate"))


def _funding_interval(info: Raw) -> int:
    hours = raw.decimal_or_none(info, FUNDING_INFO)
    if hours is None:
        return FUNDING_INTERVAL
    if hours not in _HOURS:
        raise DataError(f"field '{FUNDING_INFO}' is {hours}: expected hours that divide a day")
    return int(hours) * HOUR


def _futures_contract(
    info: Raw, venue: str, payoff: Payoff, multiplier: Decimal
) -> Contract | None:
    kind = raw.text_or_none(info, "contractType")
    if kind != "PERPETUAL" and kind not in _DATED:  # spot, delivering, shares, not yet listed
        return None
    return _contract(
        info,
        venue=venue,
        base=raw.text(info, "baseAsset"),
        settle=raw.text(info, "marginAsset"),
        payoff=payoff,
        multiplier=multiplier,
        fees=_FUTURES_BPS,
    )


def _contract(
    info: Raw,
    *,
    venue: str,
    base: str,
    settle: str,
    payoff: Payoff,
    multiplier: Decimal,
    fees: tuple[float, float],
) -> Contract:
    filters = {raw.text(row, "filterType"): row for row in raw.rows(info, "filters")}
    lots, prices = _filter(filters, "LOT_SIZE"), _filter(filters, "PRICE_FILTER")
    least = filters.get("MIN_NOTIONAL")
    return Contract(
        venue=venue,
        symbol=raw.text(info, "symbol"),
        base=base,
        quote=raw.text(info, "quoteAsset"),
        settle=settle,
        payoff=payoff,
        multiplier=multiplier,
        ticks=(TickStep(Decimal(0), raw.positive(prices, "tickSize")),),
        lot=raw.positive(lots, "stepSize"),
        min_qty=raw.positive(lots, "minQty"),
        min_notional=Decimal(0) if least is None else raw.decimal(least, "notional"),
        maker_bps=fees[0],
        taker_bps=fees[1],
    )


def _filter(filters: dict[str, Raw], name: str) -> Raw:
    found = filters.get(name)
    if found is None:
        raise DataError(f"field 'filters' has no {name}: expected one")
    return found
