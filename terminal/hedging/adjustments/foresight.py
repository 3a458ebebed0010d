"""What a forecast may do: scale the band and raise the urgency, inside the policy's own bounds."""

import math

from terminal.core.units import HOUR, YEAR
from terminal.hedging.adjustments.widening import widened
from terminal.hedging.centre import centre
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.policies.bands import least_half_width
from terminal.model.forecast import Foresight, Foretold, Outlook
from terminal.model.hedge import Target
from terminal.model.risk import PolicySpec

STALE = 2 * HOUR
"""An outlook is made every hour: an older one has been missed, and is not used."""

EXPONENT = 2.0 / 3.0
"""The best band of a book of flows falls with volatility to this power (Whalley-Wilmott)."""

LIKELY = 0.05
"""Probability of a spike within an hour from which the band is as narrow as its bound lets it."""

SPIKE = 1.5
"""Standard deviations of an hour that a spike moves price against a waiting order, on average."""

SMALL = 5e-3
"""A band that would change less than this stays."""


def looks_ahead(spec: PolicySpec) -> bool:
    """Whether a policy lets a forecast do anything."""
    return spec.foresight_pct > 0.0 or spec.foresight_hurry > 1.0


def foresight_of(inputs: HedgeInputs) -> Foresight | None:
    """What is made of the outlook on an underlying; None where its policy lets none in.

    Parameters
    ----------
    inputs : HedgeInputs

    Returns
    -------
    Foresight or None
        Without an outlook that is on and fresh nothing is scaled, and its text says why.

    Notes
    -----
    The band is scaled by ``(usual / (day sqrt(season))) ^ (2/3)``, of which a part that is off
    counts as 1 (hedging.md 6.1), between ``1 / (1 + b)`` and ``1 + b`` with b the policy's bound; a
    spike of 5 % or more narrows it to the lower end (6.3). The same probability of a spike drifts
    price against whoever waits by ``p 1.5 sigma_hour / 3600`` a second (6.3).
    """
    spec, outlook = inputs.spec, inputs.outlook
    if not looks_ahead(spec):
        return None
    if outlook is None:
        return _nothing(None, None, "no forecast has been made yet")
    age = inputs.now - outlook.at
    day, season, spike = _used(outlook.day), _used(outlook.season), _used(outlook.spike)
    if day is None and season is None and spike is None:
        why = outlook.day.reason or outlook.spike.reason or outlook.season.reason
        return _nothing(outlook.at, age, f"no forecast is on: {why}")
    if age > STALE:
        return _nothing(outlook.at, age, f"the forecast is {age / HOUR:.1f} h old: it is not used")
    usual = outlook.day.usual
    vol = _coming(day, season, usual)
    return Foresight(
        at=outlook.at,
        age=age,
        vol=vol,
        usual=usual,
        p_spike=spike,
        factor=_factor(spec, vol, usual, spike),
        drift=_drift(spec, usual if vol is None else vol, spike),
        most=spec.foresight_hurry,
        text=_said(outlook, vol, usual, spike),
    )


def foreseen(inputs: HedgeInputs, target: Target) -> Target:
    """Target scaled by the forecast, never beyond its caps.

    Notes
    -----
    A computed band stays between the least that can be traded and the policy's cap. A fixed one is
    not widened beyond the delta cap, nor narrowed below the least that can be traded: a forecast
    must neither allow what the profile forbids nor stop the hedging.
    """
    found = foresight_of(inputs)
    if found is None or abs(found.factor - 1.0) < SMALL:
        return target
    middle = centre(inputs)
    below = _capped(inputs, middle - target.low, found.factor)
    above = _capped(inputs, target.high - middle, found.factor)
    why = f"{found.text}: {found.factor:.2f} times as wide"
    return widened(inputs, target, below, above, why)


def hurry(inputs: HedgeInputs, waiting: float) -> float:
    """Times that a forecast raises the cost of waiting, from 1 to the policy's bound.

    Parameters
    ----------
    inputs : HedgeInputs
    waiting : float
        Risk cost of waiting, fraction of notional a second.
    """
    if inputs.spec.foresight_hurry <= 1.0 or waiting <= 0.0:
        return 1.0
    found = foresight_of(inputs)
    if found is None:
        return 1.0
    return min(1.0 + found.drift / waiting, found.most)


def _nothing(at: int | None, age: int | None, why: str) -> Foresight:
    return Foresight(at=at, age=age, vol=None, usual=None, p_spike=None, text=why)


def _used(told: Foretold) -> float | None:
    return told.value if told.on else None


def _coming(day: float | None, season: float | None, usual: float | None) -> float | None:
    """Volatility of the coming hour; the usual one stands in for a day that is off."""
    base = day if day is not None else usual
    if base is None or (day is None and season is None):
        return None
    return base * math.sqrt(season) if season is not None else base


def _factor(spec: PolicySpec, vol: float | None, usual: float | None, spike: float | None) -> float:
    bound = math.log1p(spec.foresight_pct / 100.0)
    if spike is not None and spike >= LIKELY:
        return math.exp(-bound)
    if vol is None or usual is None or vol <= 0.0 or usual <= 0.0:
        return 1.0
    # By logarithms: a power of an extreme ratio overflows before it is bounded.
    power = EXPONENT * (math.log(usual) - math.log(vol))
    return math.exp(min(max(power, -bound), bound))


def _drift(spec: PolicySpec, vol: float | None, spike: float | None) -> float:
    if spec.foresight_hurry <= 1.0 or vol is None or spike is None:
        return 0.0
    return spike * SPIKE * vol * math.sqrt(HOUR / YEAR) / 3600.0


def _capped(inputs: HedgeInputs, width: float, factor: float) -> float:
    """Factor of one side, cut where its edge would pass a cap; an edge beyond already stays."""
    if width <= 0.0:
        return factor
    if factor > 1.0:
        return min(factor, max(inputs.profile.delta_cap_usd / inputs.spot / width, 1.0))
    return max(factor, min(least_half_width(inputs) / width, 1.0))


def _said(outlook: Outlook, vol: float | None, usual: float | None, spike: float | None) -> str:
    """Say what is foretold, and what of it is off."""
    words = []
    if vol is not None and usual is not None:
        words.append(f"forecast volatility {vol:.1%}, usual {usual:.1%}")
    if spike is not None:
        words.append(f"a spike within the hour {spike:.1%} likely")
    off = [each.name for each in (outlook.day, outlook.season, outlook.spike) if not each.on]
    if off:
        words.append(f"off: {', '.join(off)}")
    return ", ".join(words)
