"""What hedging in an instrument really costs, against its quoted fee and half spread.

The quoted cost moves with the spread of the moment and must keep doing so, so what is learned is
a factor on it: paid over quoted, from the mid when the first order of a hedge was sent to its
fills, fee included. That counts what a missed passive order gives away before it crosses; the
time a person took to approve does not count, no band can change it.

The quoted cost is a taker's. Where hedges rest and fill, they pay the maker's fee and earn the
half spread, so the factor falls to its floor and belongs there: at a perpetual without a maker fee
a filled resting hedge pays next to none of the 5 bp quoted. On the simulated market nearly every
resting hedge fills within seconds. The share that rested is kept beside the factor, to tell.
"""

from msgspec import Struct

HALF_LIFE = 100.0
"""Hedges after which an observation weighs half."""

KEEP = 0.5 ** (1.0 / HALF_LIFE)

PRIOR = 30.0
"""Hedges that the quoted cost is worth: a fill some seconds later is off by its noise, about a
quoted cost on live books and three on bars, and 30 hold the factor to 0.15 of noise even there."""

LEAST, MOST = 0.5, 2.0
"""Bounds of the factor. A band grows with the cube root of its cost, so it moves by -21 to +26 %
at most whatever fills say."""

REACH = 3.0
"""One hedge is believed to be off by three times the quoted cost at most, alike on both sides."""


class Learned(Struct, frozen=True, gc=False):
    """Weighted sums of paid over quoted cost of one instrument, and the factor they make."""

    hedges: int = 0
    weight: float = 0.0
    total: float = 0.0  # weighted sum of the ratios
    factor: float = 1.0  # on the quoted cost, between LEAST and MOST
    rested: float = 0.0  # weighted sum of the parts that resting orders filled

    @property
    def rested_share(self) -> float | None:
        """Part of the hedges, recent ones more, that resting orders filled; None without any."""
        return self.rested / self.weight if self.weight else None


def learn(before: Learned, ratio: float, rested: float = 0.0) -> Learned:
    """Take one more hedge: its paid cost over its quoted one, and the part of it that rested.

    Notes
    -----
    The factor is (PRIOR + sum of w r) / (PRIOR + sum of w): the mean of a normal with a normal
    prior at 1 whose variance is a 30th of one observation's. It grows with every ratio.
    """
    held = min(max(ratio, 1.0 - REACH), 1.0 + REACH)
    weight, total = KEEP * before.weight + 1.0, KEEP * before.total + held
    mean = (PRIOR + total) / (PRIOR + weight)
    return Learned(
        hedges=before.hedges + 1,
        weight=weight,
        total=total,
        factor=min(max(mean, LEAST), MOST),
        rested=KEEP * before.rested + rested,
    )


def used_cost(quoted: float, learned: Learned | None, percent: float) -> float:
    """One-way cost that a band uses.

    Parameters
    ----------
    quoted : float
        Taker fee and half spread now, fraction of notional.
    learned : Learned or None
        What fills in the instrument taught.
    percent : float
        How far to follow it: 0 takes the quoted cost, 100 the learned one.

    Returns
    -------
    float
        Fraction of notional, between 0.5 and 2 times ``quoted``.
    """
    if learned is None:
        return quoted
    return quoted * (1.0 + 0.01 * percent * (learned.factor - 1.0))
