"""A believable desk to start with: long gamma in BTC, short in ETH, long calls in SOL."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

import numpy as np
from msgspec import Struct

from terminal.core.units import YEAR
from terminal.model.account import Balance, Position
from terminal.model.instrument import (
    Future,
    Instrument,
    Option,
    Perpetual,
    Right,
    coins,
    contracts_for,
    tick_at,
)
from terminal.model.market import Quote
from terminal.model.messages import Listing
from terminal.pricing.black import greeks
from terminal.venues.sim_options import opening_marks
from terminal.venues.sim_paths import COINS, FACTOR_MEAN, Factor

BALANCES: Final = (
    Balance("BTC", Decimal("0.8")),
    Balance("ETH", Decimal(5)),
    Balance("USDC", Decimal(250_000)),
)

OPEN_DELTA: Final[Mapping[str, float]] = {"BTC": 0.47, "ETH": -9.5, "SOL": 150.0}
"""Net Black-Scholes delta that the hedges leave, coin: outside a typical band on purpose."""

HEDGES: Final[Mapping[str, str]] = {
    "BTC": "BTC-PERPETUAL", "ETH": "ETH-PERPETUAL", "SOL": "SOL_USDC-PERPETUAL",
}  # fmt: skip


class Leg(Struct, frozen=True):
    """Options of a coin: the ``expiry``-th, ``away`` strikes from the money, signed coins."""

    coin: str
    expiry: int
    away: int
    right: Right
    coins: float


LEGS: Final = (
    Leg("BTC", 0, 0, Right.CALL, 3.0),
    Leg("BTC", 0, 0, Right.PUT, 3.0),
    Leg("BTC", 1, 0, Right.CALL, 2.0),
    Leg("BTC", 1, 0, Right.PUT, 2.0),
    Leg("BTC", 2, 2, Right.CALL, -3.0),
    Leg("ETH", 0, 2, Right.CALL, -40.0),
    Leg("ETH", 0, -2, Right.PUT, -40.0),
    Leg("ETH", 1, 2, Right.CALL, -30.0),
    Leg("ETH", 1, -2, Right.PUT, -30.0),
    Leg("SOL", 0, 0, Right.CALL, 1000.0),
    Leg("SOL", 1, 1, Right.CALL, 1000.0),
    Leg("SOL", 2, 2, Right.CALL, 500.0),
)

FUTURES: Final[Mapping[str, float]] = {"BTC": -0.5}
"""Dated futures held beside the options, signed coins."""


def demo_book(
    listing: Listing, spots: Mapping[str, float], at: int
) -> tuple[tuple[Position, ...], tuple[Balance, ...]]:
    """Positions and balances of a desk that a market is about to open for.

    Parameters
    ----------
    listing : Listing
        Of the simulated venue at ``at``.
    spots : mapping of str to float
        Index price by coin, USD.
    at : int
        UtcNs.

    Returns
    -------
    positions : tuple of Position
        Entries are the opening marks, rounded to the tick, so P&L starts near zero.
    balances : tuple of Balance
    """
    marks = opening_marks(listing.instruments, spots, at)
    positions = [_option(leg, listing.instruments, spots, marks) for leg in LEGS]
    positions += [_future(coin, listing.instruments, spots, at) for coin in FUTURES]
    chosen = {each.contract.key: each for each in listing.instruments}
    for coin in COINS:
        delta = sum(
            _delta(chosen[each.key], each.qty, marks, (spots[coin], at))
            for each in positions
            if chosen[each.key].contract.base == coin
        )
        positions.append(_hedge(coin, listing.instruments, spots, OPEN_DELTA[coin] - delta))
    return tuple(positions), BALANCES


def _option(
    leg: Leg,
    instruments: Sequence[Instrument],
    spots: Mapping[str, float],
    marks: Mapping[str, Quote],
) -> Position:
    options = [
        each
        for each in instruments
        if isinstance(each, Option) and each.contract.base == leg.coin and each.right is leg.right
    ]
    expiry = sorted({each.expiry for each in options})[leg.expiry]
    strikes = sorted((each for each in options if each.expiry == expiry), key=_strike)
    middle = min(range(len(strikes)), key=lambda n: abs(_strike(strikes[n]) - spots[leg.coin]))
    option = strikes[min(max(middle + leg.away, 0), len(strikes) - 1)]
    mark = marks[option.contract.key].mark
    return _position(option, contracts_for(option.contract, leg.coins, 1.0), mark or 0.0)


def _strike(option: Option) -> float:
    return float(option.strike)


def _future(
    coin: str, instruments: Sequence[Instrument], spots: Mapping[str, float], at: int
) -> Position:
    found = next(
        each for each in instruments if isinstance(each, Future) and each.contract.base == coin
    )
    price = spots[coin] * _carry(coin, found.expiry, at)
    return _position(found, contracts_for(found.contract, FUTURES[coin], price), price)


def _carry(coin: str, expiry: int, at: int) -> float:
    """Forward over spot of a market that opens."""
    rate = FACTOR_MEAN[Factor.CARRY, COINS.index(coin)]
    return float(np.exp(rate * (expiry - at) / YEAR))


def _hedge(
    coin: str, instruments: Sequence[Instrument], spots: Mapping[str, float], delta: float
) -> Position:
    perpetual = next(
        each
        for each in instruments
        if isinstance(each, Perpetual) and each.contract.symbol == HEDGES[coin]
    )
    mean = FACTOR_MEAN[:, COINS.index(coin)]
    price = spots[coin] * (1.0 + float(mean[Factor.PREMIUM] + mean[Factor.BASIS]))
    return _position(perpetual, contracts_for(perpetual.contract, delta, price), price)


def _delta(
    instrument: Instrument,
    qty: Decimal,
    marks: Mapping[str, Quote],
    spot_and_time: tuple[float, int],
) -> float:
    """Black-Scholes delta of a position, coin: of the spot for options, of notional for others."""
    spot, at = spot_and_time
    contract = instrument.contract
    if not isinstance(instrument, Option):
        return coins(contract, float(qty), spot)
    mark = marks[contract.key]
    years = (instrument.expiry - at) / YEAR
    sign = 1.0 if instrument.right is Right.CALL else -1.0
    per_coin = greeks(mark.forward or spot, _strike(instrument), years, mark.iv or 0.0, sign).delta
    return coins(contract, float(qty), spot) * float(per_coin)


def _position(instrument: Instrument, contracts: float, price: float) -> Position:
    """Whole lots at a price on the tick grid."""
    contract = instrument.contract
    qty = round(contracts / float(contract.lot)) * contract.lot
    exact = Decimal(repr(round(price, 8)))
    tick = tick_at(contract, exact)
    entry = max((exact / tick).to_integral_value() * tick, tick)
    return Position(contract.key, qty, entry)
