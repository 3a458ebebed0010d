"""What a perpetual pays or receives: notional, payment, next stamp, and the carry of a position."""

import math
from decimal import Decimal

from msgspec import Struct

from terminal.core.units import DAY, HOUR, YEAR
from terminal.model.carry import CarryRow, Rates
from terminal.model.instrument import (
    CarryKind,
    Contract,
    FundedOn,
    Payoff,
    Perpetual,
    coin_settled,
)
from terminal.model.market import Funding
from terminal.portfolio.pnl import DOLLARS
from terminal.pricing.carry import funding_per_8h, funding_per_year

RECENT = 2
"""Intervals after its stamp for which a rate still stands for the next one."""


class Prices(Struct, frozen=True):
    """Prices that a payment is reckoned at, USD per coin; None: unknown."""

    mark: float | None
    index: float | None


def rates_of(funding: Funding) -> Rates | None:
    """Rate in all units; None when the venue's interval or rate is no number to work with."""
    if funding.interval <= 0 or not math.isfinite(funding.rate):
        return None
    hours = funding.interval / HOUR
    return Rates(
        funding.rate,
        funding.interval,
        funding_per_8h(funding.rate, hours),
        funding_per_year(funding.rate, hours),
    )


def continuous(perpetual: Perpetual) -> bool:
    """Whether funding accrues all the time and has no stamp."""
    return perpetual.funding_interval == 0


def next_stamp(perpetual: Perpetual, funding: Funding | None, now: int) -> int:
    """Instant of the next payment, UtcNs; 0 when it accrues continuously or none is known.

    Notes
    -----
    The interval is that of the latest word from the venue, not of the listing: venues change it
    in the middle of a day. A stamp that has passed is followed by the next one of that interval.
    """
    if funding is None or continuous(perpetual) or funding.next_at <= 0 or funding.interval <= 0:
        return 0
    if funding.next_at > now:
        return funding.next_at
    missed = (now - funding.next_at) // funding.interval + 1
    return funding.next_at + missed * funding.interval if missed <= RECENT else 0


def price_of(perpetual: Perpetual, prices: Prices) -> float | None:
    """Price that the venue takes the notional at, USD; the other one while it is unknown."""
    on_index = perpetual.funded_on is FundedOn.INDEX
    first, second = (prices.index, prices.mark) if on_index else (prices.mark, prices.index)
    return first if _sound(first) else second if _sound(second) else None


def payment(perpetual: Perpetual, qty: float, price: float, rate: float) -> float:
    """Payment on a position at a rate, in the settlement currency; positive is received.

    Parameters
    ----------
    perpetual : Perpetual
    qty : float
        Signed contracts.
    price : float
        USD per coin, > 0.
    rate : float
        Fraction for the span that is paid.

    Notes
    -----
    Linear: -q P r; inverse, N of USD: -(N / P) r coins; a borrow fee is paid by either side:
    -abs(q) P r (research: funding rules by venue).
    """
    contract = perpetual.contract
    units = qty * float(contract.multiplier)
    notional = units / price if contract.payoff is Payoff.INVERSE else units * price
    return -(abs(notional) if perpetual.carry is CarryKind.BORROW else notional) * rate


def in_usd(contract: Contract, amount: float, prices: Prices) -> float | None:
    """Worth of an amount of the settlement currency, USD; None without a price for it."""
    if contract.settle in DOLLARS:
        return amount
    price = prices.index if _sound(prices.index) else prices.mark
    return amount * price if coin_settled(contract) and price and _sound(price) else None


def carry_row(
    perpetual: Perpetual, qty: Decimal, funding: Funding | None, prices: Prices, now: int
) -> CarryRow:
    """Carry of one position.

    Parameters
    ----------
    perpetual : Perpetual
    qty : Decimal
        Signed contracts.
    funding : Funding or None
        Latest word of the venue on the rate.
    prices : Prices
    now : int
        UtcNs.

    Returns
    -------
    CarryRow
        What cannot be known is None, and ``note`` says why.
    """
    contract = perpetual.contract
    rates = rates_of(funding) if funding else None
    price = price_of(perpetual, prices)
    stamp = next_stamp(perpetual, funding, now)
    due = due_usd = day = None
    if rates is not None and price is not None:
        span = HOUR if continuous(perpetual) else rates.interval
        share = rates.quoted * span / rates.interval
        due = payment(perpetual, float(qty), price, share)
        due_usd = in_usd(contract, due, prices)
        day = None if due_usd is None else due_usd * DAY / span
    return CarryRow(
        key=contract.key,
        symbol=contract.symbol,
        venue=contract.venue,
        underlying=contract.base,
        kind=perpetual.carry,
        qty=qty,
        notional_usd=_notional_usd(contract, float(qty), price),
        rates=rates,
        continuous=continuous(perpetual),
        next_at=stamp,
        settle=contract.settle,
        due=due,
        due_usd=due_usd,
        day_usd=day,
        year_usd=None if day is None else day * (YEAR / DAY),
        note=_note(perpetual, funding, price, due_usd, now),
    )


def _notional_usd(contract: Contract, qty: float, price: float | None) -> float | None:
    units = qty * float(contract.multiplier)
    if contract.payoff is Payoff.INVERSE:
        return units
    return None if price is None else units * price


def _note(
    perpetual: Perpetual,
    funding: Funding | None,
    price: float | None,
    due_usd: float | None,
    now: int,
) -> str:
    """Why a number is missing, or what to think of it."""
    if funding is None:
        return "the venue has told no rate"
    if rates_of(funding) is None:
        return "the venue's rate has no usable interval"
    if price is None:
        return "neither mark nor index is known"
    if due_usd is None:
        return f"{perpetual.contract.settle} has no price in USD"
    if not continuous(perpetual):
        if next_stamp(perpetual, funding, now) == 0:
            return "no stamp is known: the venue's word is old"
        if funding.next_at <= now:
            return "rate of the last stamp: the next is not told yet"
    return "both sides pay this fee" if perpetual.carry is CarryKind.BORROW else ""


def _sound(price: float | None) -> bool:
    return price is not None and 0.0 < price < math.inf
