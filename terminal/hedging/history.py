"""A profile on the book's own last day: the hedges it would have made, and what they cost.

The path is what was lived with the own hedges taken out; the policy then hedges it minute by
minute by the very code that hedges the present book.
"""

import math
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import MINUTE, YEAR, from_seconds
from terminal.hedging.centre import centre
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.legs import Size, size, too_small
from terminal.hedging.memory import Memory, filled, looked
from terminal.hedging.target import target_of
from terminal.hedging.watch import observed
from terminal.model.preview import Applied
from terminal.model.risk import PolicyKind

STEP = MINUTE

HALF_LIFE = 60.0
"""Steps after which a return counts half in the volatility, as in the live estimate."""

LEAST = 10
"""Returns before a volatility is believed."""


class Moment(Struct, frozen=True, gc=False):
    """One minute of the past."""

    at: int  # UtcNs
    spot: float
    net: float  # coin, without any own hedge
    gamma: float  # coin per USD


def applied(inputs: HedgeInputs, path: Sequence[Moment]) -> Applied | None:
    """What a profile would have done.

    Parameters
    ----------
    inputs : HedgeInputs
        Of this moment, with the profile and policy to try: its hedge instrument, cost and the
        shape of its book stand for the whole day.
    path : sequence of Moment
        Oldest first; a break of more than two steps forgets the volatility.

    Returns
    -------
    Applied or None
        None for a path of less than two moments.

    Notes
    -----
    Theta and vega follow gamma in proportion, so that the book keeps its implied volatility. Every
    hedge is filled at once at its one-way cost: an upper bound for whoever rests orders.
    """
    if len(path) < 2:
        return None
    run = _Run(inputs)
    for moment, vol in _with_vols(path):
        run.live(moment, vol)
    return run.outcome(path[-1].at - path[0].at)


class _Run:
    """The policy on its way through the path."""

    def __init__(self, inputs: HedgeInputs) -> None:
        self._inputs = replace(
            inputs,
            memory=Memory(),
            last_hedge_at=0,
            data_age=0,
            expiring=None,
            outlook=None,  # that of now was not known then
        )
        self._gap = from_seconds(inputs.profile.min_gap_s)
        self._own = 0.0
        self._hedges = self._steps = self._outside = 0
        self._turnover = self._cost = self._sum = self._most = 0.0

    def live(self, moment: Moment, vol: float | None) -> None:
        """Look at one minute, and hedge if the policy says so."""
        here = self._at(moment, vol)
        target = target_of(here)
        here = replace(here, memory=observed(here))
        out = not target.low <= here.net_delta <= target.high
        if out and not target.hold:
            if here.spec.kind is PolicyKind.HYBRID:
                here = replace(here, memory=looked(here.memory, here.now, here.spot))
            here = self._hedged(here, target.delta)
        self._inputs = here
        self._steps += 1
        self._outside += out
        off = abs(moment.net + self._own - centre(here))
        self._sum += off
        self._most = max(self._most, off)

    def _at(self, moment: Moment, vol: float | None) -> HedgeInputs:
        given, net = self._inputs, moment.net + self._own
        total = given.exposure.total
        scale = moment.gamma / total.gamma if total.gamma else 1.0
        total = replace(
            total,
            delta=net,
            gamma=moment.gamma,
            vega_usd=total.vega_usd * scale,
            theta_usd_day=total.theta_usd_day * scale,
        )
        return replace(
            given,
            now=moment.at,
            spot=moment.spot,
            net_delta=net,
            exposure=replace(given.exposure, total=total, spot=moment.spot),
            annual_vol=vol if vol is not None else given.annual_vol,
            calm_gamma=None,
        )

    def _hedged(self, here: HedgeInputs, goal: float) -> HedgeInputs:
        amount = goal - here.net_delta
        chosen = self._size(here, amount)
        if chosen is None:
            return here
        step = math.copysign(chosen.coins, amount)
        self._own += step
        self._hedges += 1
        self._turnover += chosen.usd
        self._cost += chosen.usd * here.one_way_cost + self._order_cost(here)
        memory = filled(here.memory, here.now, step, news=False)
        return replace(here, memory=memory, last_hedge_at=here.now)

    def _size(self, here: HedgeInputs, amount: float) -> Size | None:
        """What may be traded: nothing too soon after the last, nor what the venue would refuse."""
        if here.last_hedge_at and here.now - here.last_hedge_at < self._gap:
            return None
        most = here.profile.max_hedge_usd / here.spot
        chosen = size(here.hedge.contract, min(abs(amount), most), here.spot)
        return None if too_small(here.hedge.contract, chosen) else chosen

    def _order_cost(self, here: HedgeInputs) -> float:
        """What an order costs whatever its size, where the policy reckons with it."""
        return here.spec.order_cost_usd if here.spec.kind is PolicyKind.IMPULSE else 0.0

    def outcome(self, span: int) -> Applied:
        """Everything counted."""
        return Applied(
            span=span,
            hedges=self._hedges,
            turnover_usd=self._turnover,
            cost_usd=self._cost,
            mean_off=self._sum / self._steps,
            max_off=self._most,
            outside=self._outside / self._steps,
        )


def _with_vols(path: Sequence[Moment]) -> Iterator[tuple[Moment, float | None]]:
    """Each moment with the volatility known then, annual; None until enough is known."""
    keep = 0.5 ** (1.0 / HALF_LIFE)
    squares = span = 0.0
    count, before = 0, path[0]
    for moment in path:
        elapsed = moment.at - before.at
        if elapsed > 2 * STEP:
            squares, span, count = 0.0, 0.0, 0
        elif elapsed > 0:
            squares = keep * squares + math.log(moment.spot / before.spot) ** 2
            span = keep * span + elapsed
            count += 1
        before = moment
        yield moment, math.sqrt(squares / span * YEAR) if count >= LEAST else None
