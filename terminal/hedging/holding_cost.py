"""What a hedge costs while it is held: how long that is, funding, basis and borrow fees."""

import math

from terminal.core.units import DAY, HOUR, MINUTE, YEAR, from_seconds
from terminal.hedging.inputs import HedgeInputs
from terminal.model.hedge import Target
from terminal.model.market import Funding
from terminal.model.order import Side
from terminal.model.risk import PolicyKind

SHORTEST, LONGEST = 15 * MINUTE, DAY
"""Bounds of the holding time. Funding forgets itself within about a day (its autocorrelation over
eight hours is 0.79), so a rate of now says nothing about a longer one."""

UNKNOWN_VOL = 8 * HOUR
"""Holding time while volatility is unknown: one usual funding interval."""


def expected_holding(inputs: HedgeInputs, target: Target) -> int:
    """Time until the policy is expected to trade again after a hedge, ns, bounded.

    Parameters
    ----------
    inputs : HedgeInputs
    target : Target
        Band of the policy and where the hedge stops.

    Returns
    -------
    int
        Between ``SHORTEST`` and ``LONGEST``; ``UNKNOWN_VOL`` without a volatility.

    Notes
    -----
    Delta diffuses with nu = |Gamma| S sigma coin per sqrt(year); a Brownian motion that starts at
    x leaves [low, high] after (x - low)(high - x) / nu^2 on average.
    """
    if inputs.spec.kind is PolicyKind.TIMER:
        return _bounded(float(from_seconds(inputs.spec.every_s)))
    if inputs.annual_vol is None:
        return UNKNOWN_VOL
    spread = abs(inputs.exposure.total.gamma) * inputs.spot * inputs.annual_vol
    room = (target.delta - target.low) * (target.high - target.delta)
    variance = spread * spread
    if not variance > 0.0 or not math.isfinite(room):
        return LONGEST
    return _bounded(max(room, 0.0) / variance * YEAR)


def _bounded(span: float) -> int:
    return round(min(max(span, float(SHORTEST)), float(LONGEST)))


def payments(funding: Funding, now: int, holding: int, *, accrues: bool) -> float:
    """Funding payments expected while a hedge is held.

    Parameters
    ----------
    funding : Funding
    now, holding : int
        UtcNs; ns on average.
    accrues : bool
        Whether funding accrues continuously instead of being paid at stamps.

    Returns
    -------
    float
        Payments of the quoted rate, >= 0.

    Notes
    -----
    The end of a hedge is taken as exponential with mean ``holding``: the k-th stamp is then
    reached with probability exp(-(t1 + k I) / holding), and the sum over k is geometric. Accrual
    gives holding / I, which is also taken where the next stamp is unknown.
    """
    share = holding / funding.interval
    wait = funding.next_at - now
    if accrues or not 0 <= wait <= funding.interval:
        return share
    return math.exp(-wait / holding) / -math.expm1(-1.0 / share)


def funding_cost(
    funding: Funding | None, side: Side, now: int, holding: int, *, accrues: bool
) -> float | None:
    """Funding that a new position pays, as a fraction of notional; negative: it is paid.

    Longs pay a positive rate. Closing a position that pays saves as much, so the sign of the
    order is all that counts. None without a usable rate.
    """
    if funding is None or funding.interval <= 0 or not math.isfinite(funding.rate):
        return None
    paid = funding.rate * payments(funding, now, holding, accrues=accrues)
    return paid if side is Side.BUY else -paid


def basis_cost(forward: float, spot: float, left: int, side: Side, holding: int) -> float | None:
    """What a dated future loses to its convergence, as a fraction; None where it has none left.

    Notes
    -----
    ln(F / S) runs to 0 at a constant rate until expiry, ``left`` ns away: who bought above the
    index pays for it.
    """
    if left <= 0 or not (forward > 0.0 and spot > 0.0):
        return None
    paid = math.log(forward / spot) * min(holding / left, 1.0)
    return paid if side is Side.BUY else -paid


def borrow_cost(rate_hour: float, holding: int) -> float:
    """Borrow fee over the holding time, a fraction: both sides pay it, nobody receives it."""
    return abs(rate_hour) * holding / HOUR
