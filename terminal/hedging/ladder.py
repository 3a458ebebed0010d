"""Where a book will trade next: the prices at which its delta leaves the band, and how much."""

from collections.abc import Callable
from functools import cache

from msgspec.structs import replace

from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.legs import size, too_small
from terminal.hedging.target import target_of
from terminal.model.greeks import Exposure, net_delta
from terminal.model.hedge import HedgeLadder, Rung
from terminal.model.order import Side

REACH = 0.10
"""How far from the present price rungs are looked for, as a share of it."""

STRIDES = 20
"""Prices looked at on each side; two edges crossed within one stride would be missed."""

LOOKS = 30
"""Prices tried for an edge, at most."""

NEAR = 1e-3
"""How near to an edge its rung stands, as a share of a stride."""

RUNGS = 5
"""Rungs a side."""

ExposureAt = Callable[[float], Exposure | None]

Laid = Callable[[HedgeInputs], HedgeInputs]
"""Puts on inputs at a price what moves with it beside the book: a perps-only mode's target."""


class _Walk:
    """A price that walks away from the present one, and the hedges that it would meet."""

    def __init__(
        self, inputs: HedgeInputs, exposure_at: ExposureAt, laid: Laid | None = None
    ) -> None:
        self._inputs = inputs
        self._exposure_at = exposure_at
        self._laid = laid
        self._hedged = 0.0

    def book_delta(self, price: float) -> float | None:
        """Net delta at a price before the hedges of this walk, coin."""
        exposure = self._exposure_at(price)
        return net_delta(exposure, self._inputs.spec.delta) if exposure else None

    def _inputs_at(self, price: float) -> HedgeInputs | None:
        exposure = self._exposure_at(price)
        net = net_delta(exposure, self._inputs.spec.delta) if exposure else None
        if exposure is None or net is None:
            return None
        there = replace(self._inputs, exposure=exposure, net_delta=net + self._hedged, spot=price)
        return self._laid(there) if self._laid else there

    def beyond(self, price: float) -> float | None:
        """How far delta is beyond the nearer edge of its band at a price, coin; <= 0 inside."""
        there = self._inputs_at(price)
        if there is None:
            return None
        target = target_of(there)
        return max(target.low - there.net_delta, there.net_delta - target.high)

    def is_outside(self, price: float) -> bool:
        """Whether delta is outside its band at a price."""
        beyond = self.beyond(price)
        return beyond is not None and beyond > 0.0

    def hedge(self, price: float) -> Rung | None:
        """Trade as the policy says at a price; None where that is less than the venue takes."""
        there = self._inputs_at(price)
        if there is None:
            return None
        amount = target_of(there).delta - there.net_delta
        chosen = size(there.hedge.contract, amount, price)
        if too_small(there.hedge.contract, chosen):
            return None
        side = Side.BUY if amount > 0.0 else Side.SELL
        after = there.net_delta + (chosen.coins if side is Side.BUY else -chosen.coins)
        self._hedged += after - there.net_delta
        return Rung(price, side, chosen.coins, chosen.usd, there.net_delta, after)

    def rungs(self, direction: int) -> list[Rung]:
        """Rungs met on the way up (1) or down (-1), the nearest first."""
        inside, found = self._inputs.spot, list[Rung]()
        for number in range(1, STRIDES + 1):
            outside = _price(self._inputs, direction * number)
            while self.is_outside(outside):
                rung = self.hedge(self._edge(inside, outside))
                if rung is None:
                    return found
                found.append(rung)
                if len(found) == RUNGS:
                    return found
                inside = rung.price
            inside = outside
        return found

    def _edge(self, inside: float, outside: float) -> float:
        """Price at which delta leaves the band, on the outer side of it.

        Notes
        -----
        Regula falsi, Illinois variant (Dowell and Jarratt 1971), aimed just past the edge, then
        just before it: on a straight line that is all. Every third look halves, for the band of
        some policies closes with a jump.
        """
        within, past = self.beyond(inside), self.beyond(outside)
        near = NEAR * abs(outside - inside)
        for look in range(LOOKS):
            span = outside - inside
            if abs(span) <= near or within is None or past is None or not within < past:
                break
            guess, margin = within / (within - past), 0.5 * near / abs(span)
            share = (guess + margin, guess - margin, 0.5)[look % 3]
            price = inside + span * min(max(share, 0.0), 1.0)
            here = self.beyond(price)
            if here is not None and here > 0.0:
                outside, past, within = price, here, 0.5 * within
            else:
                inside, within, past = price, here, 0.5 * past
        return outside


def hedge_ladder(
    inputs: HedgeInputs, exposure_at: ExposureAt, laid: Laid | None = None
) -> HedgeLadder:
    """Prices at which the policy will hedge if only the index moves, and the sizes.

    Parameters
    ----------
    inputs : HedgeInputs
        Of this moment.
    exposure_at : callable
        Exposure of the same book at another index price (USD per coin), everything else as it is;
        None where a number is unknown.
    laid : callable, optional
        Inputs at a price with the target that they have there; at the present price they are
        ``inputs`` already.

    Returns
    -------
    HedgeLadder
        Up to ``RUNGS`` a side within ``REACH``, each after the hedges before it were filled. A
        hedge that is due at once is not among them: both sides begin where it has been filled.
        Without a rung, ``note`` says why.

    Notes
    -----
    The book is priced anew at every price looked at, so a rung is where the whole book trades and
    not where its gamma of now would put it; the hedges themselves have the delta that they have
    at the price where they are made. Time and volatility stand still.
    """
    exposure_at = cache(exposure_at)  # both walks and the curve look at the same prices
    target, coin = target_of(inputs), inputs.underlying
    curve = _curve(inputs, exposure_at)
    if not target.low < target.high:
        reason = "the policy has no band: it does not trade by price"
        return HedgeLadder(coin, (), (), curve, reason)
    sides = []
    for direction in (1, -1):
        walk = _Walk(inputs, exposure_at, laid)
        if walk.is_outside(inputs.spot):
            walk.hedge(inputs.spot)
        sides.append(tuple(walk.rungs(direction)))
    above, below = sides
    note = "" if above or below else _why_none(curve, inputs)
    return HedgeLadder(coin, above, below, curve, note)


def _curve(inputs: HedgeInputs, exposure_at: ExposureAt) -> tuple[tuple[float, float], ...]:
    """Net delta along the price, without any hedge on the way."""
    walk = _Walk(inputs, exposure_at)
    prices = (_price(inputs, number) for number in range(-STRIDES, STRIDES + 1))
    known = ((price, walk.book_delta(price)) for price in prices)
    return tuple((price, net) for price, net in known if net is not None)


def _price(inputs: HedgeInputs, number: int) -> float:
    """Price a number of strides away."""
    return inputs.spot * (1.0 + REACH * number / STRIDES)


def _why_none(curve: tuple[tuple[float, float], ...], inputs: HedgeInputs) -> str:
    nets = [net for _, net in curve]
    if not nets:
        return "delta at other prices is unknown"
    if max(nets) - min(nets) < 1e-9 * (1.0 + abs(inputs.net_delta)):
        return "gamma is flat: no price moves this delta out of its band"
    return f"no price within {REACH:.0%} moves delta out of its band"
