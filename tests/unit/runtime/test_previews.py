"""Bands of the profile in use and of one being edited, made for the screen a little at a time."""

from msgspec.structs import replace

from terminal.core.units import SECOND
from terminal.model.preview import Draft
from terminal.model.risk import PolicyKind
from terminal.runtime.previews import EVERY, Previews
from tests.helpers.builders import profile, spec
from tests.helpers.trial import ready


def test_the_profile_in_use_is_looked_at_once_a_second() -> None:
    trial, previews = ready(), Previews()
    first = previews.of(trial.state)
    assert (first["BTC"].low, first["BTC"].high, first["BTC"].fault) == (-0.1, 0.1, "")
    assert previews.of(trial.state) is first
    later = replace(trial.state, now=trial.state.now + EVERY)
    assert previews.of(later) is not first


def test_a_draft_is_looked_at_at_once_and_changes_nothing() -> None:
    trial, previews = ready(), Previews()
    in_use = previews.of(trial.state)["BTC"]
    wide = profile(spec(PolicyKind.BAND_TO_EDGE, low=-3.0, high=4.0))
    previews.ask(Draft(wide))
    found = previews.of(trial.state)["BTC"]
    assert (found.kind, found.low, found.high) == (PolicyKind.BAND_TO_EDGE, -3.0, 4.0)
    assert (found.stop_below, found.stop_above) == (-3.0, 4.0)
    previews.ask(Draft(None))
    assert previews.of(trial.state)["BTC"] == in_use
    assert trial.state.profile != wide


def test_what_has_no_band_says_why() -> None:
    trial, previews = ready(), Previews()
    previews.ask(Draft(replace(profile(), policies={})))
    assert previews.of(trial.state)["BTC"].fault == "no policy for BTC"
    previews.ask(Draft(profile(spec(low=0.0, high=0.0))))
    assert "the band is empty" in previews.of(trial.state)["BTC"].fault
    previews.ask(Draft(profile(spec(low=-1e-4, high=1e-4))))
    assert "widen it" in previews.of(trial.state)["BTC"].fault
    assert EVERY == SECOND
