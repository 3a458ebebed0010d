"""A thirty-day volatility index from a chain of option quotes: the DVOL proxy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from terminal.core.units import DAY, YEAR
from terminal.market.arrays import LARGEST, MaskArray, known, numbers, whole, within
from terminal.pricing.rows import FloatArray

HORIZON: Final = 30 * DAY
LEAST_STRIKES: Final = 5
WING: Final = 2.5
"""Standard deviations the strikes must reach on both sides, or the index reads low."""


class ExpiryQuotes(NamedTuple):
    """Quotes of the options of one expiry; make them with `expiry_quotes`.

    Attributes
    ----------
    expiry : int
        UtcNs.
    forward : float
        USD per coin, > 0.
    strike : ndarray (n,)
        USD.
    sign : ndarray (n,)
        +1 call, -1 put.
    bid, ask : ndarray (n,)
        USD per coin, undiscounted; NaN where there is none.
    """

    expiry: int
    forward: float
    strike: FloatArray
    sign: FloatArray
    bid: FloatArray
    ask: FloatArray


class LeftOut(Struct, frozen=True):
    """Out-of-the-money quotes that did not enter, by reason.

    Attributes
    ----------
    missing : int
        No bid above zero, or no ask.
    crossed : int
        Bid above ask.
    impossible : int
        Strike, sign or price that cannot be.
    arbitrage : int
        Bid above the ask of a strike nearer to the money.
    """

    missing: int = 0
    crossed: int = 0
    impossible: int = 0
    arbitrage: int = 0


class ExpiryVariance(Struct, frozen=True):
    """Fair strike of a variance swap to one expiry.

    Attributes
    ----------
    expiry : int
        UtcNs.
    years : float
        Time to expiry, ACT/365.
    variance : float or None
        Annual variance; None with a reason.
    strikes : int
        Strikes that entered.
    left_out : LeftOut
    lowest, highest : float or None
        How far the strikes reach below and above the forward, standard deviations, >= 0.
    truncated : bool
        A wing is shorter than 2.5 standard deviations: the true variance is higher.
    reason : str
        Why there is no variance; empty where there is one.
    """

    expiry: int
    years: float
    variance: float | None
    strikes: int
    left_out: LeftOut
    lowest: float | None = None
    highest: float | None = None
    truncated: bool = False
    reason: str = ""


class VolIndex(Struct, frozen=True):
    """Volatility index at one instant.

    Attributes
    ----------
    vol : float or None
        Annual fraction (0.59 is shown as 59); None with a reason.
    near, far : ExpiryVariance or None
        The expiries it was interpolated between; one and the same where one falls on the horizon.
    unusable : tuple of ExpiryVariance
        Expiries passed over, each with its reason.
    truncated : bool
        A wing of `near` or `far` is too short: the index reads low.
    reason : str
        Why there is no volatility; empty where there is one.
    """

    vol: float | None
    near: ExpiryVariance | None
    far: ExpiryVariance | None
    unusable: tuple[ExpiryVariance, ...]
    truncated: bool
    reason: str = ""


class _Strip(NamedTuple):
    """Strikes in rising order, and the mid at each of the option out of the money."""

    strike: FloatArray
    mid: FloatArray
    centre: float


def expiry_quotes(
    expiry: int, forward: float, strike: npt.ArrayLike, sign: npt.ArrayLike, quotes: npt.ArrayLike
) -> ExpiryQuotes:
    """Quotes of one expiry.

    Parameters
    ----------
    expiry : int
        UtcNs.
    forward : float
        USD per coin, > 0, of this expiry.
    strike, sign : array_like (n,)
        USD; +1 call, -1 put. In any order.
    quotes : array_like (2, n)
        Rows bid and ask, USD per coin, NaN where missing; premiums in coin are multiplied by the
        forward first.

    Returns
    -------
    ExpiryQuotes

    Raises
    ------
    TypeError
        Something is not a number.
    ValueError
        Shapes that do not fit, or a forward that is not positive and finite.
    """
    strikes, signs = numbers("strike", strike), numbers("sign", sign)
    bid_ask = numbers("quotes", quotes, dimensions=2)
    if signs.shape != strikes.shape or bid_ask.shape != (2, strikes.size):
        raise ValueError(f"sign must have {strikes.size} values and quotes (2, {strikes.size})")
    level = within("forward", forward, 1.0 / LARGEST, LARGEST)
    return ExpiryQuotes(whole("expiry", expiry), level, strikes, signs, bid_ask[0], bid_ask[1])


def expiry_variance(quotes: ExpiryQuotes, *, now: int) -> ExpiryVariance:
    """Annual variance that the options of one expiry pay for.

    Parameters
    ----------
    quotes : ExpiryQuotes
        Of one expiry.
    now : int
        UtcNs.

    Returns
    -------
    ExpiryVariance
        None with a reason where fewer than five strikes, or none on one side, are usable.

    Notes
    -----
    ``2/T sum dK/K^2 Q(K) - (F/K0 - 1)^2 / T``, the sum of the exchanges' volatility indices
    (CBOE VIX white paper) with no interest: Q is the mid of the option out of the money, at the
    centre K0 (highest usable strike at or below the forward) the mean of call and put. A strike
    left out widens the steps of its neighbours. Steps of finite width read high, in variance by
    about ``(dK/K0)^2 / (6 T)``: over thirty days a tenth of a volatility point for steps of 2000
    at 90,000. Checked against flat surfaces, the log contract of a lognormal mixture and the
    published evidence of another index in tests/unit/market/test_vol_index.py.
    """
    years = (quotes.expiry - now) / YEAR
    usable, left_out = _usable(quotes)
    if years <= 0.0:
        return ExpiryVariance(quotes.expiry, years, None, 0, left_out, reason="expired")
    strip = _strip(quotes, usable)
    count = strip.strike.size
    if count < LEAST_STRIKES:
        why = f"{count} usable strikes on both sides, at least {LEAST_STRIKES} are needed"
        return ExpiryVariance(quotes.expiry, years, None, count, left_out, reason=why)
    # Half the distance between the neighbours; at the ends, all of it to the only one.
    step = np.gradient(strip.strike)
    with np.errstate(over="ignore"):
        paid = 2.0 * float(np.sum(step / strip.strike**2 * strip.mid))
    apart = quotes.forward / strip.centre - 1.0
    total = paid - apart * apart
    if not 0.0 < total < math.inf:
        why = "the quotes pay for no variance, or for more than a number holds"
        return ExpiryVariance(quotes.expiry, years, None, count, left_out, reason=why)
    below, above = np.log(quotes.forward / strip.strike[[0, -1]]) / math.sqrt(total)
    return ExpiryVariance(
        expiry=quotes.expiry,
        years=years,
        variance=total / years,
        strikes=count,
        left_out=left_out,
        lowest=known(below),
        highest=known(-above),
        truncated=bool(min(below, -above) < WING),
    )


def vol_index(chain: Sequence[ExpiryQuotes], *, now: int, horizon: int = HORIZON) -> VolIndex:
    """Volatility over a fixed horizon, from the expiries either side of it.

    Parameters
    ----------
    chain : sequence of ExpiryQuotes
        Expiries in any order.
    now : int
        UtcNs.
    horizon : int
        ns, thirty days by default.

    Returns
    -------
    VolIndex
        None with a reason where no usable expiry lies on one of the sides: total variance is
        interpolated in time, never extrapolated.

    Notes
    -----
    A proxy, not the exchange's DVOL, whose cleaning rules are not public enough to follow.
    """
    target = now + whole("horizon", horizon)
    every = sorted((expiry_variance(each, now=now) for each in chain), key=lambda v: v.expiry)
    usable = [each for each in every if each.variance is not None]
    unusable = tuple(each for each in every if each.variance is None)
    near = max((v for v in usable if v.expiry <= target), key=lambda v: v.expiry, default=None)
    far = min((v for v in usable if v.expiry >= target), key=lambda v: v.expiry, default=None)
    if near is None or far is None or near.variance is None or far.variance is None:
        side = "before" if near is None else "after"
        why = f"no usable expiry {side} the horizon of {horizon / DAY:g} days"
        return VolIndex(None, near, far, unusable, truncated=False, reason=why)
    years = horizon / YEAR
    low, high = near.variance * near.years, far.variance * far.years
    weight = (years - near.years) / (far.years - near.years) if far is not near else 0.0
    total = low + weight * (high - low)
    truncated = near.truncated or far.truncated
    return VolIndex(math.sqrt(total / years), near, far, unusable, truncated)


def _usable(quotes: ExpiryQuotes) -> tuple[MaskArray, LeftOut]:
    """Quotes fit to enter, and a count of those out of the money that are not."""
    strike, sign, bid, ask = quotes.strike, quotes.sign, quotes.bid, quotes.ask
    with np.errstate(invalid="ignore", over="ignore"):
        outside = sign * (strike - quotes.forward) >= 0.0
    missing = np.isnan(bid) | np.isnan(ask) | (bid == 0.0) | (ask == 0.0)
    possible = (strike > 1.0 / LARGEST) & (strike < LARGEST) & (np.abs(sign) == 1.0)
    possible &= missing | ((bid > 0.0) & (ask > 0.0) & (bid < LARGEST) & (ask < LARGEST))
    crossed = possible & ~missing & (bid > ask)
    usable = possible & ~missing & ~crossed
    arbitrage = np.zeros_like(usable)
    for side in (1.0, -1.0):
        rows = np.flatnonzero(usable & outside & (sign == side))
        rows = rows[np.argsort(side * strike[rows], kind="stable")]
        nearest_ask = np.minimum.accumulate(ask[rows])
        arbitrage[rows[1:]] = bid[rows[1:]] > nearest_ask[:-1]
    counted = outside | ~possible
    left_out = LeftOut(
        missing=int(np.sum(missing & possible & counted)),
        crossed=int(np.sum(crossed & counted)),
        impossible=int(np.sum(~possible & counted)),
        arbitrage=int(np.sum(arbitrage)),
    )
    return usable & ~arbitrage, left_out


def _strip(quotes: ExpiryQuotes, usable: MaskArray) -> _Strip:
    """Strip of options out of the money; empty where there is nothing on one side."""
    with np.errstate(invalid="ignore", over="ignore"):
        mid = 0.5 * (quotes.bid + quotes.ask)
    puts = _by_strike(quotes.strike, mid, usable & (quotes.sign < 0.0))
    calls = _by_strike(quotes.strike, mid, usable & (quotes.sign > 0.0))
    nothing = _Strip(np.empty(0), np.empty(0), math.nan)
    below = [strike for strike in puts if strike <= quotes.forward]
    if not below:
        return nothing
    centre = max(below)
    wing_puts = sorted(strike for strike in below if strike < centre)
    wing_calls = sorted(strike for strike in calls if strike > quotes.forward)
    if not wing_puts or not wing_calls:
        return nothing
    # A put is worth what the call is plus the distance to the forward: parity stands in for it.
    call = calls.get(centre, puts[centre] + quotes.forward - centre)
    strikes = np.array([*wing_puts, centre, *wing_calls])
    middle = 0.5 * (puts[centre] + call)
    prices = [*(puts[each] for each in wing_puts), middle, *(calls[each] for each in wing_calls)]
    return _Strip(strikes, np.array(prices), centre)


def _by_strike(strike: FloatArray, mid: FloatArray, mask: MaskArray) -> dict[float, float]:
    """Mid by strike; of a strike listed twice the last counts."""
    return dict(zip(strike[mask].tolist(), mid[mask].tolist(), strict=True))
