"""Rehearsals: a stop on a market of its own, timed and remembered."""

import json
from pathlib import Path

import msgspec
import pytest

from terminal.__main__ import main
from terminal.model.messages import StopStage
from terminal.runtime import drill
from terminal.runtime.drill import HISTORY, KEPT, Drill, drilled, line, past, rehearse, remember


def made(**more: object) -> Drill:
    usual: dict[str, object] = {
        "at": 1_767_614_400_000_000_000,
        "stage": StopStage.FREEZE,
        "resting": 2,
        "latch_ms": 3.0,
        "wire_ms": 5.0,
        "safe_ms": 120.0,
    }
    return msgspec.convert({**usual, **more}, Drill)


def test_a_freeze_is_rehearsed_with_something_to_cancel() -> None:
    found = rehearse(StopStage.FREEZE)
    assert found.resting > 0
    assert found.safe_ms is not None
    assert found.wire_ms is not None
    assert found.trouble == ""


def test_one_that_is_never_safe_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(drill, "PATIENCE_S", 0.0)
    assert main(["drill", "--data", str(tmp_path), "--stage", "freeze"]) == 1
    assert "NOT SAFE" in capsys.readouterr().out


def test_the_history_keeps_the_newest_and_survives_damage(tmp_path: Path) -> None:
    assert past(tmp_path) == ()
    remember(tmp_path, tuple(made(resting=each) for each in range(KEPT + 5)))
    assert [each.resting for each in past(tmp_path)] == list(range(5, KEPT + 5))
    (tmp_path / HISTORY).write_text("nonsense")
    assert past(tmp_path) == ()
    remember(tmp_path, (made(),))
    assert len(past(tmp_path)) == 1


def test_a_history_that_cannot_be_written_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(drill, "rehearse", lambda stage: made(stage=stage))
    (tmp_path / "file").touch()
    (found,) = drilled(tmp_path / "file", (StopStage.FREEZE,))
    assert "cannot be written" in line(found)


def test_the_verb_lists_what_was_rehearsed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(drill, "rehearse", lambda stage: made(stage=stage))
    assert main(["drill", "--data", str(tmp_path)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == (
        "2026-01-05 12:00 freeze: latched 3 ms, cancels out 5 ms, safe after 0.1 s, 2 orders"
    )
    assert len(said) == 3
    assert main(["drill", "--data", str(tmp_path), "--list", "--json"]) == 0
    assert [each["stage"] for each in json.loads(capsys.readouterr().out)] == list(StopStage)
    assert main(["drill", "--data", str(tmp_path / "new"), "--list"]) == 0
    assert "no drill yet" in capsys.readouterr().out
