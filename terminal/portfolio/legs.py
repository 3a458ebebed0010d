"""Legs written by hand: read strictly, then valued one by one and in total."""

import math
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeAlias

import msgspec
from msgspec import Struct

from terminal.core.errors import ConfigError
from terminal.model.instrument import Right
from terminal.pricing.engines import NUMPY, Engine
from terminal.pricing.position_greeks import (
    OptionTerms,
    Sensitivities,
    coin_balance,
    coin_settled_option,
    inverse_future,
    inverse_perpetual,
    linear_future,
    linear_perpetual,
    usd_settled_option,
)

Numbers: TypeAlias = dict[str, float]
Total: TypeAlias = dict[str, float | dict[str, Numbers] | None]

COIN_FIELDS = ("price_coin", "delta", "delta_net_of_premium", "gamma")
"""Numbers in coin, which do not add up across underlyings."""


class Kind(StrEnum):
    """What a leg can be."""

    OPTION = "option"
    PERPETUAL = "perpetual"
    FUTURE = "future"
    SPOT = "spot"
    COLLATERAL = "collateral"


class Settle(StrEnum):
    """Currency of profit and premium: coin means an inverse future or a coin-premium option."""

    COIN = "coin"
    USD = "usd"


class Leg(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One holding and the market it is valued in. Fields that its kind does not need are ignored.

    ``qty`` is in coin, for an inverse perpetual or future in USD.
    """

    kind: Kind
    underlying: str
    qty: float
    spot: float  # USD per coin
    settle: Settle | None = None  # option, perpetual, future
    forward: float | None = None  # option, future; spot when absent
    strike: float | None = None
    years: float | None = None  # ACT/365; 0 = at expiry
    vol: float | None = None  # fraction a year; 0 = intrinsic value
    right: Right | None = None
    entry: float | None = None  # perpetual, future; absent: no profit yet


NEEDS = {
    Kind.OPTION: ("settle", "strike", "years", "vol", "right"),
    Kind.PERPETUAL: ("settle",),
    Kind.FUTURE: ("settle",),
    Kind.SPOT: (),
    Kind.COLLATERAL: (),
}

REMEDIES = {
    "kind": "write option, perpetual, future, spot or collateral",
    "underlying": "write the coin, for example BTC",
    "qty": "write a number of coins (USD for an inverse perpetual or future)",
    "spot": "write the index price in USD, for example 60000",
    "settle": "write coin (inverse, or premium in coin) or usd",
    "forward": "write the forward in USD, or leave it out to use spot",
    "strike": "write the strike in USD",
    "years": "write the time to expiry in years of 365 days, 0 at expiry",
    "vol": "write the annual volatility as a fraction, 0.65 for 65 %",
    "right": "write call or put",
    "entry": "write the entry price in USD, or leave it out",
}

RANGES = {
    "qty": (-1e15, 1e15),
    "spot": (1e-9, 1e12),
    "forward": (1e-9, 1e12),
    "strike": (1e-9, 1e12),
    "entry": (1e-9, 1e12),
    "years": (0.0, 100.0),
    "vol": (0.0, 10.0),
}
"""Inclusive. Wider than any market, narrow enough that no sum overflows."""


def read_legs(text: str) -> tuple[Leg, ...]:
    """Read the legs of a book.

    Parameters
    ----------
    text : str
        A JSON list of objects with the fields of ``Leg``.

    Returns
    -------
    tuple of Leg
        At least one.

    Raises
    ------
    ConfigError
        One line that names the leg (from 1) and the field, and says what to write instead.
    """
    try:
        rows = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise ConfigError(f"the legs are no JSON: {error}; write a list of objects") from error
    if not isinstance(rows, list) or not rows:
        raise ConfigError('the legs must be a JSON list with at least one object: [{"kind": ...}]')
    return tuple(_leg(number, row) for number, row in enumerate(rows, start=1))


def _leg(number: int, row: object) -> Leg:
    if not isinstance(row, dict):
        raise ConfigError(f'leg {number} is no object: write {{"kind": ..., "qty": ...}}')
    try:
        leg = msgspec.convert(row, Leg)
    except msgspec.ValidationError as error:
        raise ConfigError(_explained(number, str(error))) from error
    for field in NEEDS[leg.kind]:
        if getattr(leg, field) is None:
            raise ConfigError(f"leg {number}, {field}: missing for {leg.kind}; {REMEDIES[field]}")
    if not leg.underlying.strip():
        raise ConfigError(f"leg {number}, underlying: empty; {REMEDIES['underlying']}")
    for field, (low, high) in RANGES.items():
        value = getattr(leg, field)
        if value is not None and not low <= value <= high:  # also catches NaN
            raise ConfigError(
                f"leg {number}, {field}: {value:g} is outside {low:g} to {high:g};"
                f" {REMEDIES[field]}"
            )
    return leg


def _explained(number: int, error: str) -> str:
    """Message of the parser with the leg, the field and the remedy put in."""
    what, _, path = error.partition(" - at ")
    named = re.search(r"`\$\.(\w+)", path) or re.search(r"required field `(\w+)`", what)
    field = named.group(1) if named else ""
    remedy = REMEDIES.get(field, f"the fields are {', '.join(REMEDIES)}")
    return f"leg {number}{', ' if field else ''}{field}: {what}; {remedy}"


def leg_greeks(
    legs: Iterable[Leg], engine: Engine = NUMPY
) -> dict[str, list[Numbers] | Total]:
    """Value and Greeks of legs.

    Parameters
    ----------
    legs : iterable of Leg
        From ``read_legs``.
    engine : Engine
        What prices the options.

    Returns
    -------
    dict
        ``legs``: one dict a leg with price_coin, price_usd, delta, delta_net_of_premium,
        delta_usd, gamma, gamma_1pct_usd, vega_usd and theta_usd_day. ``total``: their plain sum
        when there is one underlying. With several, coins of different kinds do not add up: the
        coin fields of the total are None, and ``by_underlying`` holds a total each.

    Raises
    ------
    ConfigError
        A result of a leg is no finite number (a volatility of 1e-300 at the strike).

    Notes
    -----
    Units and signs are those of ``pricing.position_greeks.Sensitivities``: spot and collateral
    have their coins as delta here, and 0 as coin-numeraire delta.
    """
    book = tuple(legs)
    rows = [_numbers(number, leg, engine) for number, leg in enumerate(book, start=1)]
    groups: dict[str, list[Numbers]] = {}
    for leg, row in zip(book, rows, strict=True):
        groups.setdefault(leg.underlying, []).append(row)
    total: Total = {**_sum(rows)}
    if len(groups) > 1:
        total.update(dict.fromkeys(COIN_FIELDS))
        total["by_underlying"] = {name: _sum(part) for name, part in groups.items()}
    return {"legs": rows, "total": total}


def _numbers(number: int, leg: Leg, engine: Engine) -> Numbers:
    """Fields of the leg's sensitivities as plain floats, by name."""
    row = {name: float(value) for name, value in _sensitivities(leg, engine)._asdict().items()}
    wild = [name for name, value in row.items() if not math.isfinite(value)]
    if wild:
        raise ConfigError(f"leg {number}: {wild[0]} is beyond any number; check vol and years")
    return row


def _sensitivities(leg: Leg, engine: Engine) -> Sensitivities:
    forward = leg.spot if leg.forward is None else leg.forward
    match leg.kind, leg.settle:
        case ((Kind.SPOT | Kind.COLLATERAL), _):
            return coin_balance(leg.qty, leg.spot)
        case Kind.PERPETUAL, Settle.COIN:
            return inverse_perpetual(leg.qty, leg.spot, leg.entry)
        case Kind.PERPETUAL, _:
            return linear_perpetual(leg.qty, leg.spot, leg.entry)
        case Kind.FUTURE, Settle.COIN:
            return inverse_future(leg.qty, leg.spot, forward, leg.entry)
        case Kind.FUTURE, _:
            return linear_future(leg.qty, leg.spot, forward, leg.entry)
        case _, Settle.COIN:
            return coin_settled_option(leg.qty, leg.spot, _terms(leg, forward), engine)
        case _:
            return usd_settled_option(leg.qty, leg.spot, _terms(leg, forward), engine)


def _terms(leg: Leg, forward: float) -> OptionTerms:
    """Terms of an option leg; ``read_legs`` has seen to it that all of them are there."""
    sign = 1.0 if leg.right is Right.CALL else -1.0
    return OptionTerms(forward, leg.strike or 0.0, leg.years or 0.0, leg.vol or 0.0, sign)


def _sum(rows: Iterable[Mapping[str, float]]) -> Numbers:
    total = dict.fromkeys(Sensitivities._fields, 0.0)
    for row in rows:
        for name, value in row.items():
            total[name] += value
    return total
