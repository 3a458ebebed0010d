"""The few numbers of a profile that words may propose to change, and how far."""

from typing import Final

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from terminal.model.risk import COMPUTED, PolicyKind, PolicySpec, RiskProfile
from terminal.risk.profiles import faults

FACTOR: Final = 2.0
"""A number may at most be doubled or halved by one proposal."""


class Bound(Struct, frozen=True):
    """One number that may be proposed: where it stands and how far it may go."""

    name: str
    label: str
    unit: str
    now: float
    low: float
    high: float


_FROM_ZERO: Final = {
    "patience": 1.0,
    "regime": 1.0,
    "interval_s": 600.0,
    "hysteresis_pct": 50.0,
    "vol_skip_pct": 25.0,
}
"""Numbers that may be zero, which has no double: how far they may go from there."""

_EVERY: Final = ("hysteresis_pct", "interval_s", "patience", "regime", "vol_skip_pct")


def bounds(profile: RiskProfile, underlying: str) -> tuple[Bound, ...]:
    """Numbers of a coin's policy that may be proposed, in a fixed order.

    Parameters
    ----------
    profile : RiskProfile
        In use.
    underlying : str

    Returns
    -------
    tuple of Bound
        Empty without a policy. Each lies inside the range that the profile editor allows.

    Notes
    -----
    Limits, sizes, autonomy, targets, costs and who approves are not among them: no words reach
    those.
    """
    spec = profile.policies.get(underlying)
    if spec is None:
        return ()
    own = ("cap",) if spec.kind in COMPUTED else ("low", "high")
    if spec.kind in (PolicyKind.GAMMA_BAND, PolicyKind.PRICE_STEP):
        own = (*own, "sigmas")
    if spec.kind in (PolicyKind.TIMER, PolicyKind.HYBRID):
        own = (*own, "every_s")
    return tuple(_bound(spec, name) for name in (*own, *_EVERY))


def refusal(bound: Bound, value: float) -> str:
    """Why a value may not be proposed; empty when it may."""
    if not bound.low <= value <= bound.high:
        return f"{bound.name} {value:g} is outside {bound.low:g} to {bound.high:g}"
    if value == bound.now:
        return f"{bound.name} is {value:g} already"
    return ""


def drafted(profile: RiskProfile, underlying: str, name: str, value: float) -> RiskProfile | str:
    """The profile with one number changed, or why it could not be used."""
    spec = profile.policies[underlying]
    changed = replace(spec, **{name: value})
    draft = replace(profile, policies={**profile.policies, underlying: changed})
    wrong = faults(draft)
    return f"the profile would not be sound: {wrong[0]}" if wrong else draft


def _bound(spec: PolicySpec, name: str) -> Bound:
    meta, label, unit = _declared(name)
    now = float(getattr(spec, name))
    ends = sorted((now / FACTOR, now * FACTOR))
    if name in _FROM_ZERO:
        ends = [0.0, max(ends[1], _FROM_ZERO[name])]
    low = max(ends[0], float(meta.ge or 0.0))
    high = min(ends[1], float(meta.le or 0.0))
    return Bound(name, label, unit, now, low, high)


def _declared(name: str) -> tuple[Meta, str, str]:
    """Range, label and unit as the profile declares them."""
    field = next(each for each in msgspec.structs.fields(PolicySpec) if each.name == name)
    meta = next(note for note in field.type.__metadata__ if isinstance(note, Meta))
    form = (meta.extra or {})["form"]
    return meta, form["label"], form["unit"]
