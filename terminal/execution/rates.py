"""How fast own resting orders fill, learnt from those that are over."""

from msgspec import Struct

from terminal.core.units import seconds
from terminal.hedging.urgency import USUAL_FILL_RATE
from terminal.model.order import Order

MEMORY = 0.9
"""Weight that each newer order leaves to those before it."""


class FillRate(Struct, frozen=True):
    """Orders filled (parts count as parts) and seconds rested, older ones fading."""

    filled: float = 0.0
    rested_s: float = 0.0


def fill_rate(known: FillRate | None) -> float:
    """Fills per second, > 0.

    Notes
    -----
    Exposure-weighted mean of a Poisson rate, with one order's worth of the usual rate as a prior
    that never fades: a run of orders without a fill lowers the rate without ending the trying.
    """
    rate = known or FillRate()
    return (1.0 + rate.filled) / (1.0 / USUAL_FILL_RATE + rate.rested_s)


def observed(known: FillRate | None, order: Order) -> FillRate:
    """Rate after a resting order that is over."""
    rate = known or FillRate()
    rested = max(seconds(order.changed_at - order.created_at), 0.0)
    share = float(order.filled / order.intent.qty)
    return FillRate(MEMORY * rate.filled + share, MEMORY * rate.rested_s + rested)
