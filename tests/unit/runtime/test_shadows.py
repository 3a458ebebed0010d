"""Shadows beside a run: kept over a restart, refused with a reason, and never in its way."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from terminal.core.errors import ConfigError
from terminal.core.units import DAY, HOUR
from terminal.engine.state import State
from terminal.model.risk import PolicyKind, RiskProfile
from terminal.model.shadow import MOST, AddShadow, DropShadow, ShadowView
from terminal.oracle.shadow import LOOK, looked_at, stopped
from terminal.runtime import shadows as under_test
from terminal.runtime.shadow_file import days_in_shadow, read_kept
from terminal.runtime.shadows import NEVER, Shadows
from tests.helpers.builders import NOW, profile, spec
from tests.helpers.trial import Trial, ready

TIGHT = profile(spec(low=-0.01, high=0.01))
PRESETS = (profile(),)


def beside(path: Path | None = None) -> tuple[Trial, Shadows]:
    trial = ready()
    made = Shadows(path, PRESETS)
    made.open(trial.state)
    return trial, made


def look(trial: Trial, shadows: Shadows, times: int = 1) -> None:
    for _ in range(times):
        trial.tick(seconds=LOOK / 1e9)
        shadows.see(trial.state)


def seen(shadows: Shadows, state: State) -> ShadowView:
    return shadows.view(state, None)


def test_nothing_is_looked_at_until_there_is_a_shadow() -> None:
    trial, shadows = beside()
    assert shadows.next_at == NEVER
    assert seen(shadows, trial.state).rows == ()
    shadows.take(AddShadow("tight", TIGHT), trial.state)
    assert shadows.next_at == trial.state.now
    look(trial, shadows, 2)
    assert {each.name for each in seen(shadows, trial.state).rows} == {"tight", "live profile"}
    shadows.take(DropShadow("tight"), trial.state)
    assert shadows.next_at == NEVER
    assert seen(shadows, trial.state).rows == ()


def test_profiles_that_a_person_keeps_are_offered_too() -> None:
    trial, shadows = beside()
    assert seen(shadows, trial.state).choices == PRESETS
    shadows.offer((TIGHT,))
    assert seen(shadows, trial.state).choices == (*PRESETS, TIGHT)


def test_a_view_is_the_same_until_something_is_new() -> None:
    trial, shadows = beside()
    shadows.take(AddShadow("tight", TIGHT), trial.state)
    look(trial, shadows)
    first = seen(shadows, trial.state)
    assert seen(shadows, trial.state) is first
    assert first.choices == PRESETS
    edited = shadows.view(trial.state, TIGHT)
    assert edited.edited is TIGHT
    look(trial, shadows)
    assert seen(shadows, trial.state).rows != first.rows


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (AddShadow("one", TIGHT), "There is a 'one' already"),
        (AddShadow("ONE", TIGHT), "There is a 'ONE' already"),
        (AddShadow("Live profile", TIGHT), "already"),
        (AddShadow("", TIGHT), "Give the shadow a name of 1 to 40 characters"),
        (AddShadow(" two", TIGHT), "Give the shadow a name"),
        (AddShadow("two\nlines", TIGHT), "Give the shadow a name"),
        (AddShadow("x" * 41, TIGHT), "Give the shadow a name"),
        (AddShadow("wild", profile(spec(low=0.5))), "wild cannot be tried: "),
        (DropShadow("nobody"), "There is no shadow 'nobody'"),
    ],
)
def test_a_wish_that_cannot_be_followed_is_answered(wish: Any, said: str) -> None:
    trial, shadows = beside()
    shadows.take(AddShadow("one", TIGHT), trial.state)
    assert seen(shadows, trial.state).answer == ""
    shadows.take(wish, trial.state)
    assert said in seen(shadows, trial.state).answer
    assert [each.name for each in seen(shadows, trial.state).shadows] == ["one"]


def test_a_sixth_is_refused() -> None:
    trial, shadows = beside()
    for number in range(MOST + 1):
        shadows.take(AddShadow(f"no. {number}", TIGHT), trial.state)
    view = seen(shadows, trial.state)
    assert len(view.shadows) == MOST
    assert view.answer == "5 shadows are the most there can be: drop one first"


def test_a_record_goes_on_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "j-shadows.json"
    trial, shadows = beside(path)
    shadows.take(AddShadow("tight", TIGHT), trial.state)
    look(trial, shadows, 3)
    before = seen(shadows, trial.state)
    shadows.close()
    again = Shadows(path, PRESETS)
    again.open(trial.state)
    after = seen(again, trial.state)
    assert after.rows == before.rows
    assert after.shadows == before.shadows
    look(trial, again)
    grown = {each.name: each.span for each in seen(again, trial.state).rows}
    assert grown["tight"] == 3 * LOOK


def test_the_gate_is_told_how_long_a_policy_was_in_shadow(tmp_path: Path) -> None:
    path = tmp_path / "j-shadows.json"
    fields = {"risk_aversion": 3e-5, "leave": 1.0, "tilt_pct": 12.5, "regime": 0.0}
    assert read_kept(path) is None
    assert days_in_shadow(None, "BTC", fields) == 0.0
    trial, shadows = beside(path)
    band = spec(PolicyKind.WHALLEY_WILMOTT, leave=1.0, tilt_pct=12.501)
    tuned = replace(profile(band), risk_aversion=3e-5)
    shadows.take(AddShadow("tuned", tuned), trial.state)
    look(trial, shadows, 3)
    shadows.take(AddShadow("again", tuned), trial.state)
    shadows.take(AddShadow("tight", TIGHT), trial.state)
    look(trial, shadows, 2)
    shadows.close()
    kept = read_kept(path)
    assert days_in_shadow(kept, "BTC", fields) == 4 * LOOK / DAY
    assert days_in_shadow(kept, "ETH", fields) == 0.0
    assert days_in_shadow(kept, "BTC", {}) == 0.0
    for name, other in (("risk_aversion", 2e-5), ("tilt_pct", 12.0), ("regime", 0.5)):
        assert days_in_shadow(kept, "BTC", fields | {name: other}) == 0.0
    assert kept is not None
    over = {name: {"BTC": stopped(run["BTC"], "x")} for name, run in kept.runs.items()}
    assert days_in_shadow(replace(kept, runs=over), "BTC", fields) == 0.0


@pytest.mark.logs
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda text: text.replace('"cost_usd":', '"cost_usd":1'), "not as it was written"),
        (lambda text: text[: len(text) // 2], "not as it was written"),
        (lambda _text: "", "not as it was written"),
        (lambda _text: "\x00\xff", "not as it was written"),
    ],
)
def test_a_file_that_was_changed_is_laid_aside(
    tmp_path: Path, spoil: Any, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "j-shadows.json"
    trial, shadows = beside(path)
    shadows.take(AddShadow("tight", TIGHT), trial.state)
    look(trial, shadows, 2)
    shadows.close()
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
    again = Shadows(path, PRESETS)
    again.open(trial.state)
    view = seen(again, trial.state)
    assert view.shadows == ()
    assert said in view.fault
    assert said in caplog.text
    assert (tmp_path / "j-shadows.json.aside").exists()
    again.take(AddShadow("new", TIGHT), trial.state)
    assert read_kept(path) is not None


@pytest.mark.logs
@pytest.mark.parametrize("other", [{"run": "other"}, {"now": NOW - 2 * HOUR}])
def test_a_file_of_another_journal_is_laid_aside(
    tmp_path: Path, other: Mapping[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "j-shadows.json"
    trial, shadows = beside(path)
    shadows.take(AddShadow("tight", TIGHT), trial.state)
    again = Shadows(path, PRESETS)
    again.open(replace(trial.state, **other))
    assert "belongs to another journal" in seen(again, trial.state).fault
    assert "belongs to another journal" in caplog.text


@pytest.mark.logs
def test_a_disk_that_refuses_costs_the_record_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(path: Path, _kept: object) -> None:
        raise ConfigError(f"shadows {path} cannot be written: no space left on device")

    monkeypatch.setattr(under_test, "write_kept", full)
    trial, shadows = beside(tmp_path / "j-shadows.json")
    shadows.take(AddShadow("tight", TIGHT), trial.state)
    look(trial, shadows)
    view = seen(shadows, trial.state)
    assert "no space left on device" in view.fault
    assert "no space left on device" in caplog.text
    assert len(view.rows) == 2
    monkeypatch.undo()
    shadows.close()
    assert seen(shadows, trial.state).fault == ""


@pytest.mark.logs
def test_a_file_that_cannot_be_read_is_never_written_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    trial, shadows = beside(tmp_path / "file" / "j-shadows.json")
    shadows.take(AddShadow("tight", TIGHT), trial.state)
    assert "are not kept" in seen(shadows, trial.state).fault
    assert "Not a directory" in caplog.text
    assert (tmp_path / "file").read_text() == "in the way"


@pytest.mark.logs
def test_a_policy_that_raises_stops_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    trial, shadows = beside()
    shadows.take(AddShadow("broken", TIGHT), trial.state)
    shadows.take(AddShadow("sound", profile(spec(low=-0.3, high=0.3))), trial.state)
    look(trial, shadows)

    def planted(run: Any, state: State, underlying: str, rules: RiskProfile) -> Any:
        if rules.policies["BTC"].high == 0.01:
            raise ZeroDivisionError("float division by zero")
        return looked_at(run, state, underlying, rules)

    monkeypatch.setattr(under_test, "looked_at", planted)
    look(trial, shadows)
    monkeypatch.undo()
    assert "shadow broken failed on BTC" in caplog.text
    look(trial, shadows)
    rows = {each.name: each for each in seen(shadows, trial.state).rows}
    assert rows["broken"].stopped
    assert "hedging goes on: ZeroDivisionError('float division by zero')" in rows["broken"].note
    assert rows["broken"].span == 0
    assert rows["sound"].span == rows["live profile"].span == 2 * LOOK


def test_a_change_of_the_live_profile_is_a_change_of_every_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trial, shadows = beside()
    shadows.take(AddShadow("tight", TIGHT), trial.state)
    look(trial, shadows)
    asked: list[RiskProfile] = []

    def told(run: Any, _state: State, _underlying: str, rules: RiskProfile) -> Any:
        asked.append(rules)
        return run

    monkeypatch.setattr(under_test, "looked_at", told)
    stricter = replace(profile(), max_hedge_usd=1e6 + 1.0)
    shadows.see(replace(trial.state, profile=stricter))
    assert [each.max_hedge_usd for each in asked] == [1e6 + 1.0] * 2
