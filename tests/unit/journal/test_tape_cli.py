"""The tape verb: what it writes, prints and answers."""

import io
import json
import os
from pathlib import Path

import pytest

from terminal.core.units import MINUTE
from terminal.journal import tape_cli
from terminal.journal.tape import read_header, read_tape
from terminal.journal.tape_cli import Meter, main
from terminal.model.market import Bar
from tests.unit.journal.importing import BAR_NAME, START, prices, write_csv

FROM, TO = "2025-05-04T15:02", "2025-05-04T15:04"


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    return write_csv(tmp_path / f"{BAR_NAME}.csv", prices(10))


def made(bars: Path) -> Path:
    out = bars.with_name("out.tape")
    assert main(["import", str(bars), "-o", str(out)]) == 0
    return out


def test_import_info_cut(bars: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, part = made(bars), bars.with_name("part.tape")
    text = capsys.readouterr()
    assert "BTCUSDT@binanceusdm" in text.out
    assert text.err == ""
    assert main(["info", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["events"], told["first"]) == (11, START + MINUTE)
    assert told["origins"][0]["rows"] == 10
    assert told["gaps"] == []
    assert main(["cut", str(out), "--from", FROM, "--to", TO, "-o", str(part), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["events"] == 3
    closes = [at for at, event in read_tape(part) if isinstance(event, Bar)]
    assert closes == [START + 2 * MINUTE, START + 3 * MINUTE]


def test_options_reach_the_import(bars: Path) -> None:
    out = bars.with_name("out.tape")
    contract = "symbol=XRPUSDT,venue=here,base=XRP,quote=USDT,tick=0.0001,lot=1"
    arguments = ["import", str(bars), "-o", str(out), "--spread-bps", "6", "--title", "Mine"]
    arguments += ["--contract", contract, "--instrument", "XRPUSDT@here", "--from", FROM]
    assert main(arguments) == 0
    header = read_header(out)
    assert (header.title, header.count) == ("Mine", 10)
    assert header.instruments[0].contract.key == "XRPUSDT@here"
    assert next(e for _, e in read_tape(out) if isinstance(e, Bar)).half_spread_bps == 3.0


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "required"),
        (["eat"], "invalid choice"),
        (["import", "BARS"], "-o/--out"),
        (["import", "none.csv", "-o", "OUT"], "none.csv: cannot be opened"),
        (["import", "BARS", "-o", "OUT", "--spread-bps", "-1"], "not 0 to 1000"),
        (["import", "BARS", "-o", "OUT", "--spread-bps", "wide"], "'wide' is not 0 to 1000"),
        (["import", "BARS", "-o", "OUT", "--from", "then"], "'then' is no instant"),
        (["import", "BARS", "-o", "OUT", "--from", TO, "--to", FROM], "--from must be before"),
        (["import", "BARS", "-o", "BARS"], "a tape ends in .tape"),
        (["import", "BARS", "-o", "OTHER"], "exists and is no tape"),
        (["import", "BARS", "-o", "nowhere/x.tape"], "there is no folder"),
        (["import", "BARS", "-o", "OUT", "--contract", "x"], "--contract 'x' lacks symbol"),
        (["info", "BARS"], "is no tape"),
        (["cut", "BARS", "-o", "OUT"], "is no tape"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(
    bars: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], why: str
) -> None:
    other = bars.with_name("other.tape")
    other.write_text("notes")
    before = {each: each.read_bytes() for each in bars.parent.iterdir()}
    names = {"BARS": bars, "OUT": bars.with_name("out.tape"), "OTHER": other}
    assert main([str(names.get(each, each)) for each in arguments]) == 2
    text = capsys.readouterr()
    assert why in text.err
    assert text.err.count("\n") == 1
    assert text.out == ""
    assert {each: each.read_bytes() for each in bars.parent.iterdir()} == before


def test_a_bad_row_leaves_the_old_tape(bars: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = made(bars)
    before = out.read_bytes()
    bars.write_text(bars.read_text().replace("104.0", "-104.0"))
    assert main(["import", str(bars), "-o", str(out)]) == 2
    assert "column open: -104.0 is not a positive number" in capsys.readouterr().err
    assert out.read_bytes() == before
    assert {each.name for each in bars.parent.iterdir()} == {bars.name, "out.tape"}


def test_an_interrupt_leaves_nothing(
    bars: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(self: Meter, part: float, what: str) -> None:
        if part > 0.5:
            raise KeyboardInterrupt

    monkeypatch.setattr(Meter, "tell", interrupt)
    assert main(["import", str(bars), "-o", str(bars.with_name("out.tape"))]) == 1
    assert "nothing was written" in capsys.readouterr().err
    assert [each.name for each in bars.parent.iterdir()] == [bars.name]


@pytest.mark.skipif(os.name == "nt", reason="folders are not write-protected like this")
def test_a_disk_that_refuses_is_a_failure(
    bars: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device", "out.tape")

    monkeypatch.setattr(tape_cli, "write_tape", refuse)
    assert main(["import", str(bars), "-o", str(bars.with_name("out.tape"))]) == 1
    assert capsys.readouterr().err == "out.tape: No space left on device\n"


def test_help_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "import" in capsys.readouterr().out


def test_progress_lines(bars: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = bars.with_name("out.tape")
    assert main(["import", str(bars), "-o", str(out), "--progress"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].startswith("100 % ")
    percents = [int(line.split()[0]) for line in lines]
    assert percents == sorted(set(percents))


def test_a_bar_is_drawn_on_a_terminal() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    meter = Meter(out, lines=False)
    for part in (0.0, 0.001, 0.5, 1.0):
        meter.tell(part, "a.csv")
    meter.close()
    assert out.getvalue().count("\r") == 3
    assert f"[{'#' * 15}{'.' * 15}]  50 %" in out.getvalue()
    assert out.getvalue().endswith("\n")
