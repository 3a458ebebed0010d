"""What could be done now, and what each of it scores."""

import math

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import DAY
from terminal.hedging.centre import centre
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.legs import Size, cost, size, too_small
from terminal.hedging.style import TAKING, weighed
from terminal.model.hedge import Proposal, Target
from terminal.model.instrument import CarryKind, Perpetual
from terminal.model.oracle import Candidate
from terminal.model.order import Side
from terminal.model.risk import Style

HOLD = "hold"


class Goal(Struct, frozen=True):
    """Where a hedge could stop, and what that is called."""

    name: str
    delta: float  # coin


def risk_day(inputs: HedgeInputs, net: float) -> float | None:
    """Running cost of variance at a net delta over a day, USD; None without a volatility.

    Notes
    -----
    (a/2) S^2 sigma^2 x^2 / 365 with the profile's risk aversion a and x the distance from the
    centre: what the Whalley-Wilmott band weighs against cost.
    """
    if inputs.annual_vol is None:
        return None
    swing = inputs.spot * inputs.annual_vol * (net - centre(inputs))
    return 0.5 * inputs.profile.risk_aversion * swing * swing / 365.0


def carry_day(inputs: HedgeInputs, step: float) -> float | None:
    """What a change of position pays in funding or borrow fees over a day, USD, positive: paid.

    Returns
    -------
    float or None
        At the rate told last; None while none is known.
    """
    told, listed = inputs.hedge.funding, inputs.hedge.listed
    if told is None or told.interval <= 0 or not isinstance(listed, Perpetual):
        return None
    paid = told.rate * DAY / told.interval * step * inputs.spot
    return abs(paid) if listed.carry is CarryKind.BORROW else paid


def candidates(
    inputs: HedgeInputs, target: Target, offer: Proposal | None
) -> tuple[Candidate, ...]:
    """Holding, and hedging to where the policy stops, to the edge, to the centre, to half of it.

    Parameters
    ----------
    inputs : HedgeInputs
    target : Target
        What the policy says of these inputs.
    offer : Proposal or None
        On the table or at work: the candidate nearest to it is marked as chosen, without one
        holding is.

    Returns
    -------
    tuple of Candidate
        Best score first; in the order made while no score is known. Sizes that the venue would not
        take are left out.

    Notes
    -----
    J = -cost - risk_day - carry_day - penalty (hedging.md 8): the score ranks executions and
    horizons of a day only; the band decides whether and how far. A resting order costs what
    ``style.weighed`` expects of it.
    """
    found = [_held(inputs)]
    seen: set[float] = set()
    for goal in _goals(inputs, target):
        amount = goal.delta - inputs.net_delta
        chosen = size(inputs.hedge.contract, amount, inputs.spot)
        if too_small(inputs.hedge.contract, chosen) or chosen.coins in seen:
            continue
        seen.add(chosen.coins)
        found += _both(inputs, goal, chosen, buys=amount > 0.0)
    marked = _marked(found, offer)
    if any(each.score is None for each in marked):
        return tuple(marked)
    return tuple(sorted(marked, key=lambda each: -(each.score or 0.0)))


def _goals(inputs: HedgeInputs, target: Target) -> tuple[Goal, ...]:
    """Where to stop; inside the band only the centre is worth a look."""
    net, middle = inputs.net_delta, centre(inputs)
    if target.low <= net <= target.high:
        return (Goal("to target", middle), Goal("half of the way", 0.5 * (net + middle)))
    edge = target.high if net > target.high else target.low
    return (
        Goal("to the policy's stop", target.delta),
        Goal("to the edge", edge),
        Goal("to target", middle),
        Goal("half of the way", 0.5 * (net + target.delta)),
    )


def _held(inputs: HedgeInputs) -> Candidate:
    risk = risk_day(inputs, inputs.net_delta)
    return Candidate(
        action=HOLD,
        style=None,
        step=0.0,
        after=inputs.net_delta,
        cost=0.0,
        risk_day=risk,
        carry_day=0.0,
        penalty=0.0,
        score=None if risk is None else -risk,
    )


def _both(inputs: HedgeInputs, goal: Goal, chosen: Size, *, buys: bool) -> list[Candidate]:
    """The same size rested, and taken."""
    price = cost(inputs.hedge, Side.BUY if buys else Side.SELL, chosen)
    found = weighed(inputs, chosen, price)
    step = chosen.coins if buys else -chosen.coins
    risk = risk_day(inputs, inputs.net_delta + step)
    carry = carry_day(inputs, step)
    usage = chosen.usd / inputs.profile.max_hedge_usd
    made = []
    for style, spent in ((Style.POST_ONLY, found.resting), (Style.MARKETABLE, found.taking)):
        penalty = abs(spent) * usage * usage
        score = None if risk is None else -(spent + risk + (carry or 0.0) + penalty)
        verb = "rest" if style is Style.POST_ONLY else "take"
        made.append(
            Candidate(
                action=f"{verb} {goal.name}",
                style=style,
                step=step,
                after=inputs.net_delta + step,
                cost=spent,
                risk_day=risk,
                carry_day=carry,
                penalty=penalty,
                score=score,
            )
        )
    return made


def _marked(found: list[Candidate], offer: Proposal | None) -> list[Candidate]:
    """Candidates with the one that is done marked."""
    if offer is None:
        place = 0
    else:
        step = offer.coins if offer.side is Side.BUY else -offer.coins
        takes = offer.plan.style in TAKING
        place = min(
            range(len(found)),
            key=lambda each: (
                not math.isclose(found[each].step, step, rel_tol=0.25, abs_tol=1e-12),
                (found[each].style is Style.MARKETABLE) is not takes,
                abs(found[each].step - step),
            ),
        )
    return [replace(each, chosen=number == place) for number, each in enumerate(found)]
