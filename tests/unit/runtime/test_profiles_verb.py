"""Profiles at the command line: listed, imported from the older program's files, kept."""

import json
from pathlib import Path

import pytest

from terminal.core.errors import ConfigError
from terminal.runtime.profiles import load
from terminal.runtime.profiles_verb import profiles
from tests.unit.oracle.test_personas import STRATEGY


def test_presets_are_listed_and_the_old_strategy_is_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert profiles(["list"]) == 0
    text = capsys.readouterr().out
    assert [line.split()[0] for line in text.splitlines()] == ["Cautious", "Balanced", "Degen"]


def test_an_import_is_told_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, kept = tmp_path / "dynamic_hedging.json", tmp_path / "old.toml"
    path.write_text(json.dumps(STRATEGY), encoding="utf-8")
    assert profiles(["import", str(path)]) == 0
    text = capsys.readouterr().out
    assert "Dynamic hedging (legacy, deprecated)" in text
    assert "30 bp" in text
    assert "Not kept" in text
    assert profiles(["import", str(path), "--to", str(kept), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["deprecated"] is True
    assert load(str(kept)).slippage_cap_bps == result["profile"]["slippage_cap_bps"] == 30.0


@pytest.mark.parametrize(
    ("given", "words"),
    [(["import"], "name the file"), (["import", "nowhere.json"], "No such file")],
)
def test_what_cannot_be_imported_is_said(given: list[str], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        profiles(given)


def test_a_file_beyond_a_ceiling_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "wild.json"
    wild = {"name": "a", "modifiers": {"execution_constraints": {"slippage_tolerance": 9}}}
    path.write_text(json.dumps(wild), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"wild\.json"):
        profiles(["import", str(path)])
