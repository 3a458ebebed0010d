"""The volatility verb: train, score, score again from the file, and what it refuses."""

import json
from pathlib import Path

import numpy as np
import pytest

from terminal.__main__ import main
from terminal.lab.recurrent import SHAPES
from terminal.runtime.weight_files import write_weights
from tests.unit.lab.walks import walk
from tests.unit.runtime.test_sweep import NAME, write_bars

SMALL = ("--train-days", "75", "--epochs", "10")


@pytest.fixture
def data(tmp_path: Path) -> str:
    return str(write_bars(tmp_path / NAME, walk(1, 118)))


def test_weights_are_trained_and_score_the_same_from_their_file(
    tmp_path: Path, data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "gru.npz"
    assert main(["lab", "volatility", data, *SMALL, "--out", str(out), "--json", "--progress"]) == 0
    text, err = capsys.readouterr()
    assert "100 % training" in err
    first = json.loads(text)
    assert first["cards"][0]["coin"] == "BTC"
    assert first["cards"][0]["scores"][0]["naive"] == "log-HAR"
    assert first["cards"][0]["scores"][0]["outcomes"] >= 30
    assert main(["lab", "volatility", data, "--weights", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == first
    assert main(["lab", "volatility", data, "--weights", str(out)]) == 0
    assert "it stays in the lab" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--epochs", "0"), "--epochs must be 1 to 10000"),
        (("--train-days", "0"), "--train-days 0: give 1 or more"),
        (("--train-days", "30"), "60 are needed: give a longer history"),
        (("--train-days", "110", "--epochs", "1"), "fewer than 30 days after"),
    ],
)
def test_bad_input_is_named(
    data: str, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], said: str
) -> None:
    assert main(["lab", "volatility", data, *options]) == 2
    assert said in capsys.readouterr().err


def test_weights_of_something_else_are_refused(
    tmp_path: Path, data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "w.npz"
    arrays = {name: np.ones(shape) for name, shape in SHAPES}
    about = b'{"coins": [], "trained_until": 0, "lesson": {}}'
    for part, text, said in (
        (arrays, b"{}", "are no weights of a recurrent forecast"),
        (arrays | {"scale": np.zeros(4)}, about, "range or scale is not above 0"),
        (arrays | {"out": np.ones(3)}, about, "out is float64 of (3,), not float64 of (8,)"),
    ):
        write_weights(path, part, text)
        assert main(["lab", "volatility", data, "--weights", str(path)]) == 2
        assert said in capsys.readouterr().err
