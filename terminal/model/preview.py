"""What a policy would do with the present book: the question of an editor, and its answer."""

from msgspec import Struct

from terminal.model.risk import PolicyKind, RiskProfile


class Draft(Struct, frozen=True):
    """A profile that is being edited, to be looked at and not to be used; None: no more."""

    profile: RiskProfile | None


class Applied(Struct, frozen=True, kw_only=True):
    """What a profile would have done with one underlying's book of the past day."""

    span: int  # ns that were looked at
    hedges: int
    turnover_usd: float
    cost_usd: float
    mean_off: float  # mean distance of net delta from its target, coin
    max_off: float
    outside: float  # part of the time outside the band


class PastDay(Struct, frozen=True):
    """The same past under the profile being edited and under the one in use."""

    draft: Applied
    in_use: Applied


class BandPreview(Struct, frozen=True, kw_only=True):
    """Band of one underlying's policy on its present book. Deltas and widths are in coin."""

    underlying: str
    kind: PolicyKind | None  # None: the profile has no policy for it
    fault: str  # why there is no band, or why it cannot be armed; empty when it can
    reason: str = ""  # the policy's own word
    low: float | None = None  # None with a fault that leaves no band
    high: float | None = None
    stop_below: float | None = None  # where a hedge from below the band stops
    stop_above: float | None = None
    below_usd: float | None = None  # widths from the centre, USD
    above_usd: float | None = None
    up: float | None = None  # price steps to the next hedge, USD; None: price alone brings none
    down: float | None = None
    past: PastDay | None = None  # only of a profile being edited, once it has been worked out
