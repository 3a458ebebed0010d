"""What the core makes of a proposal: the band it would give, and the last day under it."""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from terminal.engine.state import State
from terminal.model.frame import Tracks
from terminal.model.preview import Applied
from terminal.model.risk import RiskProfile
from terminal.runtime.past_days import past_days
from terminal.runtime.previews import previewed


class Score(Struct, frozen=True):
    """A proposal by the core's own numbers, or why it cannot be used."""

    words: str = ""
    refused: str = ""


def scored(
    state: State, underlying: str, draft: RiskProfile, tracks: Mapping[str, Tracks]
) -> Score:
    """Score a profile on the present book and on the last day, by the code that hedges.

    Parameters
    ----------
    state : State
    underlying : str
    draft : RiskProfile
    tracks : mapping
        Curves of what was lived.
    """
    desk = state.desks.get(underlying)
    if desk is None:
        return Score(refused=f"there is no book of {underlying} any more")
    view = previewed(state, draft, underlying)
    if view.fault:
        return Score(refused=view.fault)
    band = ""
    if view.low is not None and view.high is not None:
        band = f"Band {view.low:+.4g} to {view.high:+.4g} now. "
    day = past_days(replace(state, desks={underlying: desk}), draft, tracks).get(underlying)
    if day is None:
        return Score(f"{band}No past day is known yet to score it on.")
    return Score(band + _compared(day.draft, day.in_use))


def _compared(draft: Applied, now: Applied) -> str:
    return (
        f"Last {draft.span / 3.6e12:.3g} h: {draft.hedges} hedges instead of {now.hedges},"
        f" cost {draft.cost_usd:,.2f} instead of {now.cost_usd:,.2f} USD,"
        f" mean distance {draft.mean_off:.4g} instead of {now.mean_off:.4g} coin."
    )
