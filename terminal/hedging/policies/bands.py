"""Bands around the centre: of a fixed or a computed half-width, with a stop inside."""

import math

from terminal.hedging.centre import centre
from terminal.hedging.inputs import HedgeInputs
from terminal.model.hedge import Target
from terminal.model.instrument import Payoff

LEAST = 3.0


def edges(inputs: HedgeInputs) -> tuple[float, float]:
    """Edges of the fixed band, coin."""
    middle, spec = centre(inputs), inputs.spec
    return middle + spec.low, middle + spec.high


def computed(inputs: HedgeInputs, half: float, leave: float, words: tuple[str, str]) -> Target:
    """Band of a computed half-width, held between the least one and the policy's cap.

    Parameters
    ----------
    inputs : HedgeInputs
    half : float
        Half-width, coin; not NaN.
    leave : float
        Part of the half-width that a hedge leaves: 0 the centre, 1 the edge.
    words : tuple of str
        Rule and reason.
    """
    middle = centre(inputs)
    half = min(max(half, least_half_width(inputs)), inputs.spec.cap)
    away = leave * half if inputs.net_delta > middle else -leave * half
    return Target(middle + away, middle - half, middle + half, *words)


def fallback(inputs: HedgeInputs, rule: str, why: str) -> Target:
    """Fixed band of a policy whose own cannot be computed now, back to its centre.

    A fixed band without width is taken as the least one that can be traded.
    """
    low, high = edges(inputs)
    middle = centre(inputs)
    if low == high:
        half = least_half_width(inputs)
        low, high = middle - half, middle + half
    return Target(middle, low, high, rule, f"{why}: the fixed band holds instead")


def known(number: float | None) -> bool:
    """Whether a number can be worked with."""
    return number is not None and math.isfinite(number)


def least_half_width(inputs: HedgeInputs) -> float:
    """Half-width below which a hedge could hardly be sized, coin.

    Three lots or three times the venue's least notional: what is left after a hedge is then well
    inside the band, not a residual outside it that cannot be traded.
    """
    contract, spot = inputs.hedge.contract, inputs.spot
    lot = float(contract.lot * contract.multiplier)
    if contract.payoff is Payoff.INVERSE:
        lot /= spot
    return LEAST * max(lot, float(contract.min_notional) / spot)
