"""What would change a decision: price, cost, urgency, delta, another profile. Each is verified."""

from collections.abc import Mapping

from msgspec.structs import replace

from terminal.core.words import delta
from terminal.hedging.centre import gamma_of
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.target import target_of
from terminal.model.hedge import Plan, Target
from terminal.model.oracle import Flip
from terminal.model.risk import RiskProfile

REACH = 0.25
"""Moves of price beyond this part of it are no news: gamma would be another."""

WIDEST = 64.0
"""Costs this many times as high, or as low, are looked at."""

HALVINGS = 40


def flips(
    inputs: HedgeInputs,
    target: Target,
    plan: Plan | None,
    profiles: Mapping[str, RiskProfile],
) -> tuple[Flip, ...]:
    """Everything known that would turn holding into hedging or the other way round.

    Parameters
    ----------
    inputs : HedgeInputs
    target : Target
        What the policy says of these inputs.
    plan : Plan or None
        Of the hedge on the table.
    profiles : mapping
        Others to compare with, by name; the one in use is left out.
    """
    found = [*_price(inputs, target), *_cost(inputs, target), *_urgency(inputs, plan)]
    for name, profile in profiles.items():
        if name.casefold() != inputs.profile.name.casefold():
            found += _profile(inputs, target, name, profile)
    return tuple(found)


def triggers(
    inputs: HedgeInputs, target: Target, after: float
) -> tuple[float | None, float | None]:
    """Prices above and below at which delta leaves its band once it is at ``after``, coin.

    Notes
    -----
    S + (edge - after) / gamma with the gamma of now; None without gamma or beyond ``REACH``.
    """
    gamma, spot = gamma_of(inputs), inputs.spot
    if gamma == 0.0 or not target.low <= after <= target.high:
        return None, None
    first, second = (target.high - after) / gamma, (target.low - after) / gamma
    up, down = max(first, second), min(first, second)
    limit = REACH * spot
    return (
        spot + up if up < limit else None,
        spot + down if -down < limit else None,
    )


def is_outside(inputs: HedgeInputs, target: Target) -> bool:
    """Whether delta is outside a band."""
    return not target.low <= inputs.net_delta <= target.high


def _price(inputs: HedgeInputs, target: Target) -> list[Flip]:
    coin, spot = inputs.underlying, inputs.spot
    if not is_outside(inputs, target):
        up, down = triggers(inputs, target, inputs.net_delta)
        return [
            Flip("price", price, f"{side} {price:,.2f} delta leaves the band: a hedge is due")
            for side, price in (("above", up), ("below", down))
            if price is not None
        ]
    gamma = gamma_of(inputs)
    if gamma == 0.0:
        return []
    edge = target.high if inputs.net_delta > target.high else target.low
    price = spot + (edge - inputs.net_delta) / gamma
    if abs(price - spot) > REACH * spot:
        return []
    side = "below" if price < spot else "above"
    return [
        Flip(
            "price",
            price,
            f"{side} {price:,.2f} the book's own gamma brings {coin} back inside its band",
        )
    ]


def _cost(inputs: HedgeInputs, target: Target) -> list[Flip]:
    """Cost of trading at which the band is as wide as delta is far."""
    now = is_outside(inputs, target)
    there = WIDEST if now else 1.0 / WIDEST

    def outside(factor: float) -> bool:
        other = replace(inputs, one_way_cost=inputs.one_way_cost * factor)
        return is_outside(other, target_of(other))

    if inputs.one_way_cost <= 0.0 or outside(there) is now:
        return []
    near, far = 1.0, there
    for _ in range(HALVINGS):
        middle = (near * far) ** 0.5
        if outside(middle) is now:
            near = middle
        else:
            far = middle
    value = inputs.one_way_cost * far * 1e4
    if now:
        text = f"above {value:.2f} bp of cost the band is wider than delta: hold"
    else:
        text = f"below {value:.2f} bp of cost the band is narrower than delta: hedge"
    return [Flip("cost", value, text)]


def _urgency(inputs: HedgeInputs, plan: Plan | None) -> list[Flip]:
    if plan is None or plan.urgency is None:
        return []
    limit = inputs.profile.urgency_limit
    way = "rests" if plan.urgency > limit else "takes at once"
    side = "below" if plan.urgency > limit else "above"
    return [
        Flip(
            "urgency", limit, f"{side} an urgency of {limit:g} it {way}: {_small(plan.urgency)} now"
        )
    ]


def _small(value: float) -> str:
    """A number without an exponent."""
    return "under 0.001" if value < 1e-3 else f"{value:.3g}"


def _profile(inputs: HedgeInputs, target: Target, name: str, profile: RiskProfile) -> list[Flip]:
    """What another profile would do with the same book; nothing when it would do the same."""
    spec = profile.policies.get(inputs.underlying)
    if spec is None:
        return []
    other = replace(inputs, profile=profile, spec=replace(spec, delta=inputs.spec.delta))
    band = target_of(other)
    if is_outside(other, band) is is_outside(inputs, target):
        return []
    act = "hedge" if is_outside(other, band) else "hold"
    edges = f"{delta(band.low)} to {delta(band.high)}"
    text = f"{name}: band {edges} {inputs.underlying}, {act}"
    return [Flip(name, None, text)]
