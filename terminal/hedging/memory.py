"""What a policy remembers of one underlying from one look to the next.

The engine keeps it in its state, so that a restart or a replay decides the same. Nothing is
sampled that the policy in use does not read.
"""

import math

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import DAY, MINUTE, YEAR

SAMPLE = 5 * MINUTE
"""Time between two samples of cost, volatility and flow."""

HALF_LIFE = DAY

ENOUGH = 10 * SAMPLE
"""Time that samples must cover before a flow counts as measured."""


class Anchor(Struct, frozen=True, gc=False):
    """The book at the first look after its last fill."""

    net: float  # coin
    spot: float  # USD
    gamma: float  # coin per USD
    vol: float | None  # of the book's options, annual


class Samples(Struct, frozen=True, gc=False):
    """Exponential means of what is usual, and the spread of net delta without our hedges."""

    at: int
    cost: float  # one way, fraction
    vol: float | None  # annual
    level: float  # net delta without our own fills, coin
    squares: float = 0.0  # coin^2, weighted
    span: float = 0.0  # ns, weighted


class Look(Struct, frozen=True, gc=False):
    """A moment, and the price at it."""

    at: int
    spot: float


class Memory(Struct, frozen=True, gc=False):
    """Everything remembered; maps of nothing are None."""

    look: Look | None = None  # when a policy with a clock last decided
    news_at: int = 0  # UtcNs of the last fill of an option, or of an order that is not ours
    hedged: float = 0.0  # coins that our own fills have added since the start
    side: int = 0  # of our last fill: 1 bought, -1 sold
    anchor: Anchor | None = None
    samples: Samples | None = None


def filled(before: Memory, now: int, own_coins: float, *, news: bool) -> Memory:
    """Memory after a fill.

    Parameters
    ----------
    before : Memory
    now : int
        UtcNs.
    own_coins : float
        Signed coins of a fill of our own orders; 0 for a trade from elsewhere.
    news : bool
        Whether it changes what is hedged: an option, or a trade from elsewhere. The fill of a
        hedge does not; it is what was decided.
    """
    side = before.side if own_coins == 0.0 else int(math.copysign(1.0, own_coins))
    return replace(
        before,
        news_at=now if news else before.news_at,
        hedged=before.hedged + own_coins,
        side=side,
        anchor=None,
    )


def looked(before: Memory, now: int, spot: float) -> Memory:
    """Memory after a decision by a policy with a clock."""
    return replace(before, look=Look(now, spot))


def sampled(before: Samples | None, fresh: Samples) -> Samples:
    """Samples with a newer one taken in.

    Parameters
    ----------
    before : Samples or None
    fresh : Samples
        One observation: its sums are not read.
    """
    if before is None:
        return fresh
    elapsed = fresh.at - before.at
    keep = 0.5 ** (elapsed / HALF_LIFE)
    change = fresh.level - before.level
    vol = fresh.vol
    if vol is not None and before.vol is not None:
        vol = keep * before.vol + (1.0 - keep) * vol
    return Samples(
        at=fresh.at,
        cost=keep * before.cost + (1.0 - keep) * fresh.cost,
        vol=before.vol if vol is None else vol,
        level=fresh.level,
        squares=keep * before.squares + change * change,
        span=keep * before.span + elapsed,
    )


def flow_vol(samples: Samples | None) -> float | None:
    """Standard deviation of net delta without our hedges, coin per square root of a year.

    Returns
    -------
    float or None
        None until `ENOUGH` time has been sampled.
    """
    if samples is None or samples.span < 0.95 * ENOUGH:  # old samples weigh a little less
        return None
    return math.sqrt(samples.squares / samples.span * YEAR)
