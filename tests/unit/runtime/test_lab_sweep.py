"""The lab verb: the full backtest's P&L, what it goes on from, and what it refuses."""

import json
import sys
from pathlib import Path

import pytest

from terminal.__main__ import main
from terminal.model.risk import PolicyKind
from terminal.runtime.profiles import save_file
from tests.bench.backtest import make_tape
from tests.unit.lab.test_fast import profile_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_tape(tmp_path / "t.tape", 1500)
    save_file(profile_of(PolicyKind.BAND_TO_TARGET), tmp_path / "p.toml")
    return tmp_path


def lab(folder: Path, *options: str) -> int:
    tape, profile = str(folder / "t.tape"), str(folder / "p.toml")
    return main(["lab", "sweep", tape, *options, "--profile", profile, "--json"])


def test_a_setting_earns_what_the_full_backtest_earns(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = str(folder / "kept.jsonl")
    assert lab(folder, "band=0.5:0.1:2", "--keep", kept, "--progress") == 0
    out, err = capsys.readouterr()
    assert "100 %" in err
    first = json.loads(out)
    tape, profile = str(folder / "t.tape"), str(folder / "p.toml")
    assert main(["backtest", tape, "--profile", profile, "--autonomy", "auto", "--json"]) == 0
    whole = json.loads(capsys.readouterr().out)
    assert first["scores"][0]["profit"] == pytest.approx(whole["pnl_usd"], abs=0.005)
    assert first["scores"][0]["trades"] == whole["fills"] > 5
    lines = Path(kept).read_text().count("digest")
    assert lab(folder, "band=0.5:0.1:2", "--keep", kept) == 0
    assert json.loads(capsys.readouterr().out) == first
    assert Path(kept).read_text().count("digest") == lines
    assert lab(folder, "band=0.5:0.2:2", "--keep", kept) == 2
    assert "of another sweep" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("band",), "write NAME=LOW:HIGH:COUNT"),
        (("colour=1:2:3",), "NAME is one of band"),
        (("band=0.1:0.2:2000", "cap=0.1:0.2:2000"), "or use --samples"),
        (("band=0.1:0.2:2", "--workers", "0"), "give 1 or more"),
    ],
)
def test_bad_input_is_named_with_its_remedy(
    folder: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], said: str
) -> None:
    assert lab(folder, *options) == 2
    assert said in capsys.readouterr().err


def test_a_cluster_without_its_package_says_what_to_install(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert lab(folder, "band=0.1:0.2:2", "--dask", "tcp://localhost:1") == 2
    assert "needs the package distributed: install it" in capsys.readouterr().err
