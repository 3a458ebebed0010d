"""Everything a decision record may be made of: one look at the engine's state."""

from collections.abc import Mapping

from msgspec import Struct

from terminal.engine.choices import decided
from terminal.engine.context import Missing, halts_of, inputs_for
from terminal.engine.state import DeskState, State
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.target import target_of
from terminal.model.hedge import Proposal, Propose, Target
from terminal.model.risk import RiskProfile
from terminal.oracle.past import Past
from terminal.risk.halts import Halt

AUTO = "auto"
"""Who approves what the automatic limits allow."""


class Facts(Struct, frozen=True, kw_only=True):
    """One underlying at one moment."""

    state: State
    underlying: str
    desk: DeskState
    inputs: HedgeInputs | None
    target: Target | None
    missing: str  # why there are no inputs
    halts: tuple[Halt, ...]
    past: Past
    profiles: Mapping[str, RiskProfile]  # others that could be in use, by name
    offer: Proposal | None  # on the table, or approved by the engine itself just now

    @property
    def outside(self) -> bool:
        """Whether delta is outside its band."""
        if self.inputs is None or self.target is None:
            return False
        return not self.target.low <= self.inputs.net_delta <= self.target.high


def gather(state: State, underlying: str, past: Past, profiles: Mapping[str, RiskProfile]) -> Facts:
    """Look at one underlying.

    Parameters
    ----------
    state : State
        After the record that brought the decision.
    underlying : str
        One of its desks.
    past : Past
        Prices and volatilities of the last day.
    profiles : mapping
        Profiles to compare with, by name.
    """
    desk = state.desks[underlying]
    found = inputs_for(state, underlying, desk)
    missing = found.reason if isinstance(found, Missing) else ""
    inputs = None if isinstance(found, Missing) else found
    target = target_of(inputs) if inputs else None
    return Facts(
        state=state,
        underlying=underlying,
        desk=desk,
        inputs=inputs,
        target=target,
        missing=missing,
        halts=halts_of(state, underlying),
        past=past,
        profiles=profiles,
        offer=desk.proposal or (_taken(state, desk, inputs, target) if inputs else None),
    )


def _taken(
    state: State, desk: DeskState, inputs: HedgeInputs, target: Target | None
) -> Proposal | None:
    """The proposal that the engine made and approved within this very record.

    It is gone from the desk, and is what the same inputs decide again: exposures are of before the
    order, for they are looked at before anything is decided.
    """
    hedge = desk.hedge
    if hedge is None or hedge.started_at != state.now or hedge.by != AUTO:
        return None
    decision = decided(state, inputs, hedge.hedge_id, policy=target)
    return decision.proposal if isinstance(decision, Propose) else None
