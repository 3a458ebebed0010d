"""Scenarios of a running engine: made every few seconds, equal to the engine's own numbers."""

import pytest

from terminal.core.units import SECOND
from terminal.runtime.scenes import Scenes, scenario_view
from tests.helpers.builders import OPTION
from tests.helpers.trial import ready


def test_they_are_renewed_every_few_seconds() -> None:
    trial = ready(positions={OPTION: "1"})
    scenes = Scenes()
    assert not scenes.of(type(trial.state)())
    first = scenes.of(trial.state)
    assert set(first) == {"BTC"}
    trial.tick(0.25)
    assert scenes.of(trial.state) is first
    trial.tick(5.0)
    assert scenes.of(trial.state)["BTC"] is not first["BTC"]


def test_no_move_is_no_profit_and_small_moves_follow_delta() -> None:
    trial = ready(positions={OPTION: "1"})
    view = trial.state.views["BTC"]
    found = scenario_view(view)
    here = found.vols.index(0.0), found.spots.index(0.0)
    assert found.pnl_usd[here[0]][here[1]] == 0.0
    assert not found.missing
    held = trial.state.exposures["BTC"].total
    assert found.delta[here[0]][here[1]] == pytest.approx(held.delta_with_equity, rel=1e-6)
    names = [row.name for row in found.stress]
    assert "FTX" in names
    assert trial.now - view.scene.now < SECOND
