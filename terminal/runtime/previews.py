"""Bands of the profile in use, or of one being edited, on the present books: for the screen."""

from collections.abc import Mapping

from msgspec.structs import replace

from terminal.core.units import SECOND
from terminal.engine.context import Missing, inputs_for
from terminal.engine.state import State
from terminal.hedging.preview import preview
from terminal.model.frame import Tracks
from terminal.model.preview import BandPreview, Draft, PastDay
from terminal.model.risk import RiskProfile
from terminal.risk.profiles import faults
from terminal.runtime.past_days import PastDays

EVERY = SECOND
"""Engine time between two looks at one underlying."""

NOTHING: Mapping[str, Tracks] = {}


class Previews:
    """Keeps the latest preview of each underlying."""

    def __init__(self) -> None:
        self._draft: RiskProfile | None = None
        self._views: Mapping[str, BandPreview] = {}
        self._made_at: dict[str, int] = {}
        self._days = PastDays()
        self._past: Mapping[str, PastDay] = {}

    @property
    def draft(self) -> RiskProfile | None:
        """Profile that is being edited, if one is."""
        return self._draft

    def ask(self, draft: Draft) -> None:
        """Look at another profile from the next frame on."""
        self._draft = draft.profile
        self._made_at = {}

    def of(self, state: State, tracks: Mapping[str, Tracks] = NOTHING) -> Mapping[str, BandPreview]:
        """Previews by underlying; the same mapping while none is due.

        After a new question every underlying is due; else one a frame, which has waited longest.
        """
        profile = self._draft or state.profile
        if profile is None:
            return self._views
        names = [each for each in state.desks if each not in self._made_at]
        if not names:
            names = sorted(state.desks, key=lambda each: self._made_at[each])[:1]
        due = [each for each in names if state.now - self._made_at.get(each, -EVERY) >= EVERY]
        for name in due:
            self._made_at[name] = state.now
            made = replace(previewed(state, profile, name), past=self._past.get(name))
            self._views = {**self._views, name: made}
        past = self._days.of(state, self._draft, tracks)
        if past is not self._past:
            self._past = past
            self._views = {
                name: replace(view, past=past.get(name)) for name, view in self._views.items()
            }
        return self._views

    def close(self) -> None:
        """Wait for what is worked out beside the loop."""
        self._days.close()


def previewed(state: State, profile: RiskProfile, underlying: str) -> BandPreview:
    """Band of one underlying if this were the profile in use."""
    spec = profile.policies.get(underlying)
    wrong = [each for each in faults(profile) if f"policies.{underlying}" in each]
    if spec is None or wrong:
        fault = wrong[0] if wrong else f"no policy for {underlying}"
        return BandPreview(underlying=underlying, kind=spec.kind if spec else None, fault=fault)
    supposed = replace(state, profile=profile)
    inputs = inputs_for(supposed, underlying, state.desks[underlying])
    if isinstance(inputs, Missing):
        return BandPreview(underlying=underlying, kind=spec.kind, fault=inputs.reason)
    return preview(inputs)
