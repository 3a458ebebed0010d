"""A book valued anew at other prices, volatilities and dates.

S is the index (USD per coin) and b = F / S the basis of a leg. When S moves, b stays; when time
passes, b runs to 1 at the constant rate ln(b) / T, as a future settles on the index. An option
that expires on the way settles at its intrinsic value at the scenario's price: the price is taken
to jump at once and to stay. U is the value in USD and E = U / S the value in coin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import YEAR
from terminal.portfolio.books import Book, HeldOption
from terminal.portfolio.checks import checked, numbers
from terminal.portfolio.option_inputs import OptionInput
from terminal.pricing.engines import NUMPY, Engine
from terminal.pricing.position_greeks import DAYS_PER_YEAR
from terminal.pricing.rows import FloatArray

CHUNK = 1 << 15
"""Option prices per pricing call: what is made on the way stays in the cache."""


class OptionLeg(Struct, frozen=True):
    """A European option. Positive ``coins`` are long; ``sign`` is +1 for a call, -1 for a put."""

    coins: float
    strike: float  # USD per coin
    years: float  # to expiry, ACT/365, > 0
    vol: float  # annual, fraction
    sign: float
    in_coin: bool  # premium and payoff in coin
    basis: float = 1.0  # forward over index

    def __post_init__(self) -> None:
        """Refuse numbers that cannot be priced."""
        checked("OptionLeg.coins", self.coins)
        checked("OptionLeg.strike", self.strike, above=0.0)
        checked("OptionLeg.years", self.years, above=0.0)
        checked("OptionLeg.vol", self.vol, least=0.0)
        checked("OptionLeg.basis", self.basis, above=0.0)
        if abs(checked("OptionLeg.sign", self.sign)) != 1.0:
            raise ValueError(f"OptionLeg.sign is {self.sign!r}: give +1 for a call, -1 for a put")


class LinearLeg(Struct, frozen=True):
    """A perpetual or a dated future. ``size`` is in coins, for an inverse contract in USD.

    Without an ``entry`` the leg was opened at the present mark, ``basis`` times the index.
    """

    size: float
    entry: float | None = None  # USD per coin
    inverse: bool = False
    basis: float = 1.0  # mark over index
    years: float | None = None  # to expiry; None never expires

    def __post_init__(self) -> None:
        """Refuse numbers that cannot be valued."""
        checked("LinearLeg.size", self.size)
        checked("LinearLeg.basis", self.basis, above=0.0)
        if self.entry is not None:
            checked("LinearLeg.entry", self.entry, above=0.0)
        if self.years is not None:
            checked("LinearLeg.years", self.years, above=0.0)


class Cash(Struct, frozen=True):
    """Balances: ``coins`` of the underlying, spot holdings included, and ``usd``."""

    coins: float = 0.0
    usd: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is not a finite number."""
        checked("Cash.coins", self.coins)
        checked("Cash.usd", self.usd)


NO_CASH = Cash()


class Holdings(Struct, frozen=True):
    """Everything held in one underlying, at the index price ``spot``."""

    spot: float
    options: tuple[OptionLeg, ...] = ()
    linear: tuple[LinearLeg, ...] = ()
    cash: Cash = NO_CASH

    def __post_init__(self) -> None:
        """Refuse a price that is none."""
        checked("Holdings.spot", self.spot, above=0.0)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is held, not even cash."""
        return not (self.options or self.linear or self.cash.coins or self.cash.usd)


class VolShape(Struct, frozen=True):
    """How a shift of volatility depends on time to expiry.

    Volatility becomes sigma (1 + shift (30 / days)^p), never less than 0, with p = ``short_power``
    below ``pivot_days`` and ``long_power`` above. Lives shorter than ``least_days`` count as that.
    Days are those at the start of the scenario. A rise ends at ``least_after_rise`` or higher.

    Notes
    -----
    The powers are those of the Deribit portfolio margin model (``short_term_vega_power``,
    ``long_term_vega_power`` in the response example of private/pme/simulate).
    """

    pivot_days: float = 30.0
    short_power: float = 0.3
    long_power: float = 0.13
    least_days: float = 1.0
    least_after_rise: float = 0.0

    def __post_init__(self) -> None:
        """Refuse days and powers without a meaning."""
        checked("VolShape.pivot_days", self.pivot_days, above=0.0)
        checked("VolShape.short_power", self.short_power, least=0.0)
        checked("VolShape.long_power", self.long_power, least=0.0)
        checked("VolShape.least_days", self.least_days, above=0.0)
        checked("VolShape.least_after_rise", self.least_after_rise, least=0.0)


USUAL_SHAPE = VolShape()


class Worth(NamedTuple):
    """Value of holdings in scenarios; every field has the common shape of the scenarios.

    Attributes
    ----------
    usd, coin : ndarray
        U and E. Perpetuals and futures count with their unrealised P&L, options with their price.
    delta : ndarray
        Coins, dU/dS of everything held, cash and coin already earned included.
    delta_coin : ndarray
        Coins, S dE/dS = dU/dS - E: what to flatten to keep the value in coin.
    gamma : ndarray
        Coins per USD, d2U/dS2.
    """

    usd: FloatArray
    coin: FloatArray
    delta: FloatArray
    delta_coin: FloatArray
    gamma: FloatArray


class Built(Struct, frozen=True):
    """Holdings made from a book, and the keys that are missing because a number is unknown."""

    holdings: Holdings
    missing: tuple[str, ...]


def holdings_of(
    book: Book,
    inputs: Sequence[OptionInput],
    marks: Mapping[str, float],
    *,
    spot: float,
    now: int,
    cash: Cash = NO_CASH,
) -> Built:
    """Holdings of one underlying.

    Parameters
    ----------
    book : Book
    inputs : sequence of OptionInput
        One for each option of the book, in its order.
    marks : mapping
        USD per coin, by key of a perpetual or future.
    spot : float
        Index, USD per coin.
    now : int
        UtcNs.
    cash : Cash
        Balances; their coins include those bought as a hedge.

    Returns
    -------
    Built
        An option without volatility, a dated future without a mark and a contract without an
        entry price are left out and named. An expired option is the cash that it will pay.

    Raises
    ------
    ValueError
        The inputs are not as many as the options, or a number is not finite and positive.
    """
    options, linear, missing, coins, usd = [], [], [], cash.coins, cash.usd
    for option, each in zip(book.options, inputs, strict=True):
        if option.expiry <= now:
            paid = _settled(option, each.basis * spot)
            coins, usd = coins + paid.coins, usd + paid.usd
        elif each.vol is None or not each.usable:
            missing.append(option.key)
        else:
            years = (option.expiry - now) / YEAR
            terms = option.coins, option.strike, years, each.vol, option.sign
            options.append(OptionLeg(*terms, option.in_coin, each.basis))
    for held in book.futures:
        mark = marks.get(held.key, None if held.expiry else spot)
        if mark is None or held.entry is None:
            missing.append(held.key)
            continue
        left = max((held.expiry - now) / YEAR, 1.0 / YEAR) if held.expiry else None
        linear.append(LinearLeg(held.size, held.entry, held.inverse, mark / spot, left))
    made = Holdings(spot, tuple(options), tuple(linear), Cash(coins, usd))
    return Built(made, tuple(missing))


def _settled(option: HeldOption, forward: float) -> Cash:
    """Payout of an expired option, whose price no longer moves."""
    payout = option.coins * max(option.sign * (forward - option.strike), 0.0)
    return Cash(coins=payout / forward) if option.in_coin else Cash(usd=payout)


def by_settlement(holdings: Holdings) -> tuple[Holdings, Holdings]:
    """Split holdings into what is settled in coin and what is settled in USD."""
    return (
        replace(
            holdings,
            options=tuple([each for each in holdings.options if each.in_coin]),
            linear=tuple([each for each in holdings.linear if each.inverse]),
            cash=Cash(coins=holdings.cash.coins),
        ),
        replace(
            holdings,
            options=tuple([each for each in holdings.options if not each.in_coin]),
            linear=tuple([each for each in holdings.linear if not each.inverse]),
            cash=Cash(usd=holdings.cash.usd),
        ),
    )


def revalue(
    holdings: Holdings,
    spots: npt.ArrayLike,
    vol_moves: npt.ArrayLike = 0.0,
    days: npt.ArrayLike = 0.0,
    shape: VolShape = USUAL_SHAPE,
    *,
    engine: Engine = NUMPY,
) -> Worth:
    """Value holdings in scenarios, options by Black-76.

    Parameters
    ----------
    holdings : Holdings
    spots : array_like
        Index of each scenario, USD per coin, > 0.
    vol_moves : array_like
        Relative change of a 30-day volatility, >= -1; ``shape`` scales it for other expiries.
    days : array_like
        Days ahead, >= 0.
    shape : VolShape
    engine : Engine
        What prices the options.

    Returns
    -------
    Worth
        Of the common shape of the three.

    Raises
    ------
    ValueError
        A scenario is not finite or out of range, the shapes do not broadcast, or the numbers are
        so large that the value is not finite.
    TypeError
        A scenario is no number.
    """
    wide = np.broadcast_arrays(
        numbers("spots", spots), numbers("vol_moves", vol_moves), numbers("days", days)
    )
    price, vol_move, ahead = (np.ascontiguousarray(each).reshape(-1, 1) for each in wide)
    if price.size and price.min() <= 0.0:
        raise ValueError("spots: every scenario needs a price > 0")
    if price.size and (vol_move.min() < -1.0 or ahead.min() < 0.0):
        raise ValueError("vol_moves must be >= -1 and days >= 0")
    total = np.zeros((3, price.size))
    step = max(1, CHUNK // max(1, len(holdings.options)))
    with np.errstate(all="ignore"):
        for start in range(0, price.size, step):
            part = slice(start, start + step)
            scene = price[part], vol_move[part], ahead[part]
            total[:, part] += _options(holdings.options, scene, shape, engine)
            total[:, part] += _linear(holdings, price[part], ahead[part])
        usd, delta, gamma = total
        spot = price[:, 0]
        usd += holdings.cash.coins * spot + holdings.cash.usd
        delta += holdings.cash.coins
        coin = usd / spot
        fields = usd, coin, delta, delta - coin, gamma
    if not np.isfinite(total).all():
        raise ValueError("holdings or spots: the value is too large to be a number")
    return Worth(*[each.reshape(wide[0].shape) for each in fields])


def _options(
    legs: tuple[OptionLeg, ...],
    scene: tuple[FloatArray, FloatArray, FloatArray],
    shape: VolShape,
    engine: Engine,
) -> FloatArray:
    """Value, delta and gamma of all options, shape (3, scenarios).

    With w = 1 for a USD option and 1 / b for a coin option: U = w B(b S), as a coin option pays
    B / F coin, and so dU/dS = w b B' and d2U/dS2 = w b^2 B''.
    """
    spot, vol_move, ahead = scene
    if not legs:
        return np.zeros((3, spot.size))
    coins, strike, years, vol, sign, in_coin, basis = option_columns(legs)
    left = np.maximum(years - ahead / DAYS_PER_YEAR, 0.0)
    carry = basis ** (left / years)
    unit = engine.greeks(carry * spot, strike, left, moved_vols(vol, years, vol_move, shape), sign)
    amount = coins * np.where(in_coin, 1.0 / carry, 1.0)
    slope = amount * carry
    return np.array(
        (
            (amount * unit.price).sum(axis=1),
            (slope * unit.delta).sum(axis=1),
            (slope * carry * unit.gamma).sum(axis=1),
        )
    )


def option_columns(legs: tuple[OptionLeg, ...]) -> FloatArray:
    """Fields of options in order, shape (7, options)."""
    rows = [
        (each.coins, each.strike, each.years, each.vol, each.sign, each.in_coin, each.basis)
        for each in legs
    ]
    return np.array(rows, dtype=np.float64).reshape(-1, 7).T


def moved_vols(
    vol: FloatArray, years: FloatArray, vol_move: FloatArray, shape: VolShape
) -> FloatArray:
    """Volatilities after relative moves of a 30-day volatility, as ``shape`` spreads them."""
    days = np.maximum(years * DAYS_PER_YEAR, shape.least_days)
    power = np.where(days < shape.pivot_days, shape.short_power, shape.long_power)
    moved = np.maximum(vol * (1.0 + vol_move * (shape.pivot_days / days) ** power), 0.0)
    return np.where(vol_move > 0.0, np.maximum(moved, shape.least_after_rise), moved)


def _linear(holdings: Holdings, spot: FloatArray, ahead: FloatArray) -> FloatArray:
    """Unrealised P&L of perpetuals and futures with its delta and gamma, shape (3, scenarios).

    Linear: q (b S - entry). Inverse: N (1 / entry - 1 / (b S)) coin, N (S / entry - 1 / b) USD.
    """
    legs = holdings.linear
    if not legs:
        return np.zeros((3, spot.size))
    columns = [
        (
            each.size,
            each.basis * holdings.spot if each.entry is None else each.entry,
            each.inverse,
            each.basis,
            inf if each.years is None else each.years,
        )
        for each in legs
    ]
    size, entry, inverse, basis, years = np.array(columns, dtype=np.float64).T
    left = np.where(years < inf, np.maximum(1.0 - ahead / (DAYS_PER_YEAR * years), 0.0), 1.0)
    carry = basis**left
    usd = np.where(inverse, size * (spot / entry - 1.0 / carry), size * (carry * spot - entry))
    delta = np.where(inverse, size / entry, size * carry)
    return np.array((usd.sum(axis=1), delta.sum(axis=1), np.zeros(spot.size)))
