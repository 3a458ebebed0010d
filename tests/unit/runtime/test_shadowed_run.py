"""A run with shadows beside it: the engine does not notice, and a restart knows them."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from terminal.core.errors import ConfigError
from terminal.core.units import MINUTE
from terminal.engine.state import saved
from terminal.model.risk import Autonomy
from terminal.model.shadow import AddShadow
from terminal.runtime.opening import open_session
from terminal.runtime.runner import Runner
from terminal.runtime.session import Session
from terminal.runtime.settings import Settings
from terminal.runtime.shadow_file import file_of, read_kept
from terminal.runtime.shadows_verb import shadows

SETTINGS = Settings(history_hours=0.1, autonomy=Autonomy.AUTO)


def opened(journal: Path) -> Session:
    session = open_session(SETTINGS, journal)
    session.advance(session.opens_at + MINUTE)
    return session


def test_a_run_has_its_shadows_and_the_engine_does_not_notice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain, watched = opened(tmp_path / "plain"), opened(tmp_path / "watched")
    rules = watched.state.profile
    assert rules is not None
    Runner(watched, 1.0).send(AddShadow("same", rules))
    for session in (plain, watched):
        session.advance(session.state.now + 2 * MINUTE)
    machine: Any = SimpleNamespace()
    assert {each.underlying for each in watched.frame(machine).shadows.rows} == set(
        watched.state.desks
    )
    assert saved(plain.state) == saved(watched.state)
    for session in (plain, watched):
        session.close()
    assert read_kept(file_of(tmp_path / "watched")) is not None
    assert not file_of(tmp_path / "plain").exists()
    again = open_session(SETTINGS, tmp_path / "watched")
    assert again.views.shadows is not None
    assert [x.name for x in again.views.shadows.view(again.state, None).shadows] == ["same"]
    again.close()
    capsys.readouterr()
    assert shadows(["--data", str(tmp_path / "watched")]) == 0
    told = capsys.readouterr().out
    assert "BTC   same " in told
    assert "the same as the live profile; too early to tell" in told
    assert shadows(["--data", str(tmp_path / "watched"), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert {each["name"] for each in rows} == {"same", "live profile"}


def test_a_journal_without_shadows_is_said_to_have_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist: add shadows in the window"):
        shadows(["--data", str(tmp_path / "none")])
