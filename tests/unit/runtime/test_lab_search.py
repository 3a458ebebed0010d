"""The lab's search verbs: what they print and write, how they go on, what they refuse."""

from pathlib import Path

import pytest

from terminal.__main__ import main
from terminal.core.errors import ConfigError
from terminal.lab import search
from terminal.runtime.lab_files import keeper, read_tuned
from tests.unit.lab.walks import walk
from tests.unit.runtime.test_sweep import NAME, write_bars

SMALL = ("--paths", "40", "--samples", "8", "--rounds", "1")


def test_a_search_writes_what_it_found_and_goes_on_from_what_it_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = str(write_bars(tmp_path / NAME, walk(1, 52)))
    out, kept = tmp_path / "found.json", tmp_path / "kept.jsonl"
    argv = ["lab", "search", data, *SMALL, "--keep", str(kept)]

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(search, "_ended", interrupted)
        assert main(argv) == 1
    assert f"go on with --keep {kept}" in capsys.readouterr().err
    lines = kept.read_text().count("digest")
    assert main([*argv, "--out", str(out), "--progress"]) == 0
    text, err = capsys.readouterr()
    assert "100 % training 1, 0 s left" in err
    assert "BTCUSDT: 52 days to" in text
    assert "leave = " in text
    assert kept.read_text().count("digest") == lines == 1
    found = read_tuned(out)
    assert found.frozen.found.score <= found.frozen.found.prior_score
    assert main([*argv, "--seed", "2"]) == 2
    assert "of another search: name another file" in capsys.readouterr().err


def test_a_walk_forward_prints_each_fold_and_the_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = str(write_bars(tmp_path / NAME, walk(2, 82)))
    days = ("--train-days", "60", "--test-days", "21", "--draws", "100")
    assert main(["lab", "walk-forward", data, *SMALL, *days, "--workers", "2"]) == 0
    text = capsys.readouterr().out
    assert "out of sample" in text
    assert len([line for line in text.splitlines() if line.endswith("]")]) == 2


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("search", "--over", "colour"), "'colour' to be searched: choose of leave"),
        (("search", "--samples", "3"), "samples 3: give 8 to 512"),
        (("search", "--aversion", "7"), "--aversion 7: give 1e-07 to 0.01"),
        (("search", "--cost-bp", "0"), "give 0.1 to 100"),
        (("search", "--paths", "1"), "give 40 to 4096"),
        (("search", "--workers", "0"), "--workers must be 1 or more"),
        (("walk-forward", "--draws", "1"), "--draws 1: give 100 to 10000"),
        (("search", "--coin", "DOGE"), "name one of them with --coin"),
        (("search",), "windows have their 7 days and the 30 before"),
        (("walk-forward",), "41 days of bars, 141 are needed"),
        (("fly",), "lab does not know 'fly': use one of sweep, search"),
        ((), "lab does not know nothing"),
    ],
)
def test_bad_input_is_one_line_with_its_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], argv: tuple[str, ...], said: str
) -> None:
    data = [str(write_bars(tmp_path / NAME, walk(3, 41)))] if len(argv) and argv[0] != "fly" else []
    assert main(["lab", *argv[:1], *data, *argv[1:]]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert said in err


def test_a_file_that_cannot_be_kept_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep = keeper(tmp_path / "none" / "kept.jsonl", "digest")
    with pytest.raises(ConfigError, match="cannot be written: No such file"):
        keep(0, 0, ((0.0, 1e-5),))
    data = str(write_bars(tmp_path / NAME, walk(1, 52)))
    assert main(["lab", "search", data, *SMALL, "--keep", str(tmp_path)]) == 2
    assert "cannot be read: Is a directory" in capsys.readouterr().err


def test_the_words_of_the_lab_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "--help"]) == 0
    assert "walk-forward" in capsys.readouterr().out
