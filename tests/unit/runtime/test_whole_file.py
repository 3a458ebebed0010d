"""A settings file is there whole after any crash: the old one or the new one."""

import os
from pathlib import Path

import pytest

from terminal.core.errors import ConfigError
from terminal.runtime.whole_file import write_whole


class Crash(BaseException):
    """The process ends here."""


def crash(*_given: object, **_named: object) -> None:
    raise Crash


@pytest.mark.parametrize(
    ("owner", "call", "left"),
    [(os, "fsync", "old"), (Path, "replace", "old"), (Path, "open", "old")],
)
def test_a_crash_while_saving_leaves_a_whole_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: object, call: str, left: str
) -> None:
    path = tmp_path / "profile.toml"
    write_whole(path, "old", "profile")
    monkeypatch.setattr(owner, call, crash)
    with pytest.raises(Crash):
        write_whole(path, "new", "profile")
    monkeypatch.undo()
    assert path.read_text("utf-8") == left
    write_whole(path, "new", "profile")
    assert [each.name for each in tmp_path.iterdir()] == ["profile.toml"]
    assert path.read_text("utf-8") == "new"


@pytest.mark.parametrize(("owner", "call"), [(os, "fsync"), (Path, "replace"), (Path, "mkdir")])
def test_a_disk_that_fails_is_named_and_the_old_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: object, call: str
) -> None:
    path = tmp_path / "profile.toml"
    write_whole(path, "old", "profile")

    def fail(*_given: object, **_named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(owner, call, fail)
    with pytest.raises(ConfigError, match=r"profile .* cannot be written: .*No space left"):
        write_whole(path, "new", "profile")
    monkeypatch.undo()
    assert path.read_text("utf-8") == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["profile.toml"]
