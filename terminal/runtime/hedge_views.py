"""What each underlying could be hedged with now, for the screen: costs of every instrument."""

from collections.abc import Mapping

from msgspec.structs import replace

from terminal.core.units import SECOND
from terminal.engine.choices import Size, choices_of, need_of
from terminal.engine.context import Missing, inputs_for
from terminal.engine.state import DeskState, State
from terminal.hedging.centre import centre
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.ranking import in_order, price
from terminal.hedging.routing import split_row
from terminal.model.hedge import Target
from terminal.model.hedge_with import HedgeWith
from terminal.model.order import Side
from terminal.runtime.baskets import Baskets

EVERY = 2 * SECOND
"""Engine time between two rankings of one underlying."""


class HedgeViews:
    """Keeps the latest ranking of each underlying."""

    def __init__(self) -> None:
        self._views: Mapping[str, HedgeWith] = {}
        self._made_at: dict[str, int] = {}
        self.baskets = Baskets()

    def of(self, state: State) -> Mapping[str, HedgeWith]:
        """Rankings by underlying; the same mapping while none is due.

        One underlying at a time, the one that has waited longest: a frame must not take long.
        """
        solved = self.baskets.of(state)
        name = min(state.desks, key=lambda each: self._made_at.get(each, 0), default="")
        if name and state.now - self._made_at.get(name, -EVERY) >= EVERY:
            self._made_at[name] = state.now
            view, found = hedge_with(state, name), solved.get(name)
            if found is not None:
                view = replace(view, baskets=found.rows, basket_note=found.note)
            self._views = {**self._views, name: view}
        return self._views


def hedge_with(state: State, underlying: str) -> HedgeWith:
    """Ranking for the proposal on the table; without one, for half of the policy's band."""
    desk = state.desks[underlying]
    inputs = inputs_for(state, underlying, desk)
    if isinstance(inputs, Missing):
        return _nothing(underlying, inputs.reason)
    target = desk.target
    if target is None:
        return _nothing(underlying, desk.verdict or "the policy has not spoken yet")
    asked, occasion = _size(desk, inputs, target)
    if not 0.0 < asked.coins < float("inf"):
        return _nothing(underlying, "the policy's band has no width to price")
    need = need_of(inputs, target, asked)
    priced = [price(each, need) for each in choices_of(state, underlying)]
    return HedgeWith(
        underlying=underlying,
        side=asked.side,
        coins=asked.coins,
        occasion=occasion,
        holding=need.holding,
        rows=in_order(priced, need),
        split=split_row([each for each in priced if each.choice.kind == "perpetual"], need),
    )


def _size(desk: DeskState, inputs: HedgeInputs, target: Target) -> tuple[Size, str]:
    offer = desk.proposal
    if offer is not None:
        return Size(offer.side, offer.coins), "the proposal"
    side = Side.SELL if inputs.net_delta > centre(inputs) else Side.BUY
    return Size(side, 0.5 * (target.high - target.low)), "half a band"


def _nothing(underlying: str, reason: str) -> HedgeWith:
    return HedgeWith(underlying=underlying, side=None, coins=0.0, occasion=reason, holding=None)
