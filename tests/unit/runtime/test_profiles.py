"""Presets, kept profiles and their files."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from terminal.core.errors import ConfigError
from terminal.risk.profiles import faults
from terminal.runtime.profiles import PRESETS, load, load_file, presets, save_file, saved_profiles
from tests.helpers.builders import profile


def test_presets_come_most_careful_first() -> None:
    found = presets()
    assert [name.lower() for name in found] == list(PRESETS)
    caps = [each.max_hedge_usd for each in found.values()]
    assert caps == sorted(caps)
    assert not any(faults(each) for each in found.values())
    assert load("BALANCED") == found["Balanced"]


def test_a_kept_profile_is_found_by_name_and_path(tmp_path: Path) -> None:
    mine = replace(profile(), name="My Desk!")
    path = tmp_path / "kept" / "my-desk.toml"
    save_file(mine, path)
    assert load("My Desk!", path.parent) == load(str(path)) == mine
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_an_unsound_profile_is_not_written_over_a_good_one(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    save_file(profile(), path)
    with pytest.raises(ConfigError):
        save_file(replace(profile(), max_order_usd=1e9), path)
    assert load_file(path) == profile()


def test_bad_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no profile 'nobody'"):
        load("nobody", tmp_path)
    with pytest.raises(ConfigError, match=r"gone\.toml"):
        load_file(tmp_path / "gone.toml")
    (tmp_path / "latin.toml").write_bytes(b"name = '\xff'")
    with pytest.raises(ConfigError, match=r"latin\.toml"):
        load_file(tmp_path / "latin.toml")
    with pytest.raises(ConfigError, match="cannot be written"):
        save_file(profile(), tmp_path / "latin.toml" / "x.toml")


def test_saved_profiles_are_those_that_are_sound(tmp_path: Path) -> None:
    assert saved_profiles(tmp_path / "none") == ()
    for name in ("b", "a"):
        save_file(replace(profile(), name=name), tmp_path / f"{name}.toml")
    (tmp_path / "c.toml").write_text("name = 3")
    (tmp_path / "d.txt").write_text("no profile")
    assert [each.name for each in saved_profiles(tmp_path)] == ["a", "b"]
