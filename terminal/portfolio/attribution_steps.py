"""What moved the value of holdings between two looks, by Greeks taken at the start of the step.

Let b = F / S, and U = B / b for a coin option, B for a USD one, with B the Black-76 price in
forward dollars. With E = U / S the value in coin, dU = S1 dE + E0 dS: the second term is what the
index makes of a value held in coin, and is collateral, like the coins themselves. The rest is
split by the USD Taylor terms, so that gamma is 1/2 gamma dS^2 in every book. There S is the index
at which the option was marked; what the index did to a coin mark since then is collateral too.
What has no curvature is split without any remainder.
"""

from collections.abc import Sequence
from math import isfinite
from typing import NamedTuple, TypeAlias

import numpy as np
from msgspec import Struct

from terminal.core.units import HOUR
from terminal.model.attribution import Amounts, Bucket, Why
from terminal.portfolio.attribution_legs import CASH, Leg
from terminal.pricing.black import price
from terminal.pricing.black_scalar import greeks_scalar
from terminal.pricing.rows import FloatArray
from terminal.pricing.taylor_greeks import taylor_greeks, taylor_scalar

LONG_STEP = 2 * HOUR
"""Steps are an hour at most; a longer one has a gap in its records."""

LINEAR_DELTA = {
    "perpetual": Bucket.PERP_DELTA,
    "future": Bucket.FUTURE_DELTA,
    "spot": Bucket.SPOT_DELTA,
    "collateral": Bucket.COLLATERAL,
}

OPTION_BUCKETS = (
    Bucket.DELTA,
    Bucket.GAMMA,
    Bucket.SPEED,
    Bucket.THETA,
    Bucket.VEGA,
    Bucket.VANNA,
    Bucket.VOLGA,
    Bucket.BASIS,
    Bucket.COLLATERAL,
)

Number: TypeAlias = float | FloatArray
"""Of one option, or of many side by side: the arithmetic is the same."""

FEW = 6
"""Options up to this many are cheaper one by one."""


class Greeks(NamedTuple):
    """Of one option or many, as in `TaylorGreeks`."""

    price: Number
    delta: Number
    gamma: Number
    vega: Number
    theta: Number
    vanna: Number
    volga: Number
    speed: Number


class Explained(Struct, frozen=True):
    """USD by cause of one holding in one step; ``why`` is about its residual."""

    usd: Amounts
    why: Why = Why.LARGE_MOVE


def explained(pairs: Sequence[tuple[Leg, Leg]]) -> list[Explained]:
    """Split the change of value of each holding by its causes.

    Parameters
    ----------
    pairs : sequence of (Leg, Leg)
        The same holding at the start and at the end of a step, both of known value.

    Returns
    -------
    list of Explained
        In the order given; the amounts of each sum to its change of value, to rounding.
    """
    options = [each for each in pairs if each[0].kind == "option"]
    split = iter(_options(options) if options else ())
    return [
        next(split) if before.kind == "option" else Explained(linear(before, after))
        for before, after in pairs
    ]


def linear(before: Leg, after: Leg) -> Amounts:
    """Causes of a holding without curvature, without a remainder.

    Parameters
    ----------
    before, after : Leg
        A perpetual, future, coin or cash at the start and at the end of a step.

    Returns
    -------
    dict
        USD. With the mark b S, a linear contract earns q b0 dS on the index and q S1 db on its
        basis; N inverse dollars earn (N / b0) dS / S0 and N (1/b0 - 1/b1), and on the coin profit
        made before, V0 / S0, the index earns dS.
    """
    move = after.spot - before.spot
    if before.kind == CASH:
        return {}
    bucket = LINEAR_DELTA[before.kind]
    if before.kind in ("spot", "collateral"):
        return {bucket: before.size * move}
    if not before.in_coin:
        return {
            bucket: before.size * before.basis * move,
            Bucket.BASIS: before.size * (after.basis - before.basis) * after.spot,
        }
    return {
        bucket: before.size / before.basis * move / before.spot,
        Bucket.BASIS: before.size * (1.0 / before.basis - 1.0 / after.basis),
        Bucket.COLLATERAL: (before.value or 0.0) / before.spot * move,
    }


def _options(pairs: Sequence[tuple[Leg, Leg]]) -> list[Explained]:
    """Split options: few one by one, which beats the fixed cost of numpy calls, else as arrays."""
    if len(pairs) <= FEW:
        few = [_taylor(_terms(before), _terms(after)) for before, after in pairs]
        rows: list[list[float]] = [[float(each) for each in row] for row in few]
    else:
        before, after = (_stacked(legs) for legs in zip(*pairs, strict=True))
        with np.errstate(all="ignore"):
            rows = np.array(_taylor(before, after)).T.tolist()
    return [
        _of_row(row, first, last) for row, (first, last) in zip(rows, pairs, strict=True)
    ]


def _of_row(row: Sequence[float], before: Leg, after: Leg) -> Explained:
    """Amounts of one option; inputs beyond any float explain nothing of its change."""
    change = (after.value or 0.0) - (before.value or 0.0)
    *parts, drift = row
    if not all(map(isfinite, parts)):
        return Explained({Bucket.RESIDUAL: change} if change else {})
    usd = {bucket: amount for bucket, amount in zip(OPTION_BUCKETS, parts, strict=True) if amount}
    residual = change - sum(parts)
    if residual:
        usd[Bucket.RESIDUAL] = residual
    return Explained(usd, _why(before, after, residual, drift))


class _Terms(NamedTuple):
    """Numbers of one option, or of many side by side."""

    size: Number
    spot: Number
    marked: Number  # index when it was marked
    basis: Number
    strike: Number
    sign: Number
    years: Number
    vol: Number
    value: Number
    weight: Number  # 1 / basis of a coin option
    coins: Number  # worth, where that is coin


def _terms(leg: Leg) -> _Terms:
    value = leg.value or 0.0
    return _Terms(
        leg.size,
        leg.spot,
        leg.index,
        leg.basis,
        leg.strike,
        leg.sign,
        leg.years,
        leg.vol,
        value,
        1.0 / leg.basis if leg.in_coin and leg.basis else 1.0,
        value / leg.spot if leg.in_coin else 0.0,
    )


def _stacked(legs: Sequence[Leg]) -> _Terms:
    return _Terms(*np.array([_terms(each) for each in legs], dtype=np.float64).T)


def _taylor(before: _Terms, after: _Terms) -> tuple[Number, ...]:
    """Rows in the order of ``OPTION_BUCKETS``, then how the mark moved against the model, USD."""
    start = before.basis * before.marked
    end = after.basis * after.marked
    greeks = _greeks(start, before)
    amount = before.size * before.weight
    index = before.basis * (after.marked - before.marked)  # of the forward, the basis held
    forward, vol = end - start, after.vol - before.vol
    held = before.coins * (after.marked - before.marked)
    near, far = (
        greeks.price + x * (greeks.delta + x * (greeks.gamma / 2.0 + x * greeks.speed / 6.0))
        for x in (index, forward)
    )
    # What the index did to a coin mark that has stood since.
    waited = after.coins * (after.spot - after.marked)
    waited = waited - before.coins * (before.spot - before.marked)
    model = after.size * after.weight * _price(end, after) - amount * greeks.price
    return (
        amount * greeks.delta * index - held,
        amount * greeks.gamma * index * index / 2.0,
        amount * greeks.speed * index * index * index / 6.0,
        amount * greeks.theta * (before.years - after.years),
        amount * greeks.vega * vol,
        amount * greeks.vanna * forward * vol,
        amount * greeks.volga * vol * vol / 2.0,
        before.size * (far * after.weight - near * before.weight),
        held + waited,
        after.value - before.value - waited - model,
    )


def _greeks(forward: Number, terms: _Terms) -> Greeks:
    if isinstance(forward, float):
        leg = (forward, terms.strike, terms.years, terms.vol, terms.sign)
        return Greeks(*taylor_scalar(*map(float, leg)))
    return Greeks(*taylor_greeks(forward, terms.strike, terms.years, terms.vol, terms.sign))


def _price(forward: Number, terms: _Terms) -> Number:
    if isinstance(forward, float):
        leg = (forward, terms.strike, terms.years, terms.vol, terms.sign)
        return greeks_scalar(*map(float, leg))[0]
    return price(forward, terms.strike, terms.years, terms.vol, terms.sign)


def _why(before: Leg, after: Leg, residual: float, drift: float) -> Why:
    """What the residual of an option comes from; ``drift`` is of its mark against the model."""
    if after.at - before.at > LONG_STEP:
        return Why.GAP
    if after.years == 0.0 < before.years:
        return Why.EXPIRY
    if abs(drift) > abs(residual) / 2.0:
        return Why.MARKS
    return Why.LARGE_MOVE
