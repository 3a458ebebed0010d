"""What moved the value of holdings between two looks, by Greeks taken at the start of the step.

Let b = F / S, and U = B / b for a coin option, B for a USD one, with B the Black-76 price in
forward dollars. With E = U / S the value in coin, dU = S1 dE + E0 dS: the second term is what the
index makes of a value held in coin, and is collateral, like the coins themselves. The rest is
split by the USD Taylor terms, so that gamma is 1/2 gamma dS^2 in every book. There S is the index
at which the option was marked; what the index did to a coin mark since then is collateral too.
What has no curvature is split without any remainder.
"""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from terminal.core.units import HOUR
from terminal.model.attribution import Amounts, Bucket, Why
from terminal.portfolio.attribution_legs import CASH, Leg
from terminal.pricing.black import price
from terminal.pricing.rows import FloatArray
from terminal.pricing.taylor_greeks import TaylorGreeks, taylor_greeks

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
    Bucket.RESIDUAL,
)


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
    before, after = (_Columns(legs) for legs in zip(*pairs, strict=True))
    greeks = taylor_greeks(before.forward, before.strike, before.years, before.vol, before.sign)
    with np.errstate(all="ignore"):
        rows = _taylor(before, after, greeks)
    model = price(after.forward, after.strike, after.years, after.vol, after.sign)
    held, now = before.size * before.weight * greeks.price, after.size * after.weight * model
    marked = after.value - after.since - (before.value - before.since)
    drift = marked - (now - held)
    found = []
    for number, (first, last) in enumerate(pairs):
        usd = {
            bucket: float(row[number])
            for bucket, row in zip(OPTION_BUCKETS, rows, strict=True)
            if row[number]
        }
        residual = usd.get(Bucket.RESIDUAL, 0.0)
        found.append(Explained(usd, _why(first, last, residual, float(drift[number]))))
    return found


class _Columns:
    """Options side by side."""

    def __init__(self, legs: Sequence[Leg]) -> None:
        rows = [
            (
                each.size,
                each.spot,
                each.index,
                each.basis,
                each.strike,
                each.sign,
                each.years,
                each.vol,
                each.value,
                each.in_coin,
            )
            for each in legs
        ]
        columns: FloatArray = np.array(rows, dtype=np.float64).T
        self.size, self.spot, self.index, self.basis, self.strike = columns[:5]
        self.sign, self.years, self.vol, self.value, self.in_coin = columns[5:]
        self.forward = self.basis * self.index
        self.weight = np.where(self.in_coin > 0.0, 1.0 / self.basis, 1.0)
        self.coins = self.in_coin * self.value / self.spot  # worth, where that is coin
        self.since = self.coins * (self.spot - self.index)  # USD made since the mark


def _taylor(before: _Columns, after: _Columns, greeks: TaylorGreeks) -> FloatArray:
    """Rows in the order of ``OPTION_BUCKETS``, USD."""
    amount = before.size * before.weight
    index = before.basis * (after.index - before.index)  # of the forward, the basis held
    forward = after.forward - before.forward
    vol = after.vol - before.vol
    held = before.coins * (after.index - before.index)
    near, far = (
        greeks.price + x * (greeks.delta + x * (greeks.gamma / 2.0 + x * greeks.speed / 6.0))
        for x in (index, forward)
    )
    rows = [
        amount * greeks.delta * index - held,
        amount * greeks.gamma * index**2 / 2.0,
        amount * greeks.speed * index**3 / 6.0,
        amount * greeks.theta * (before.years - after.years),
        amount * greeks.vega * vol,
        amount * greeks.vanna * forward * vol,
        amount * greeks.volga * vol**2 / 2.0,
        before.size * (far * after.weight - near * before.weight),
        held + (after.since - before.since),
    ]
    split = np.array([*rows, after.value - before.value - np.sum(rows, axis=0)])
    lost = ~np.isfinite(split).all(axis=0)  # inputs beyond any float explain nothing
    split[:, lost] = 0.0
    split[-1, lost] = (after.value - before.value)[lost]
    return split


def _why(before: Leg, after: Leg, residual: float, drift: float) -> Why:
    """What the residual of an option comes from; ``drift`` is of its mark against the model."""
    if after.at - before.at > LONG_STEP:
        return Why.GAP
    if after.years == 0.0 < before.years:
        return Why.EXPIRY
    if abs(drift) > abs(residual) / 2.0:
        return Why.MARKS
    return Why.LARGE_MOVE
