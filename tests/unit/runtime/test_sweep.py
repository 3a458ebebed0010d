"""The sweep verb: what it prints, what it refuses, and recorded bars."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from terminal.__main__ import main
from terminal.core.units import DAY, MILLISECOND
from terminal.lab.goals import LEAST
from terminal.pricing.rows import FloatArray
from tests.unit.lab.walks import SPAN, walk

START_MS = 19_000 * DAY // MILLISECOND
NAME = "binance_usdm_BTCUSDT_5m_made.parquet"
SMALL = ["--draws", "100", "--paths", "100"]


def write_bars(path: Path, closes: FloatArray, **columns: FloatArray | None) -> Path:
    """Bars of five minutes; a column given as None is left out."""
    opens = np.concatenate((closes[:1], closes[:-1]))
    values = {
        "ts": pa.array(START_MS + np.arange(closes.size) * (SPAN // MILLISECOND)),
        "open": opens,
        "high": np.maximum(opens, closes),
        "low": np.minimum(opens, closes),
        "close": closes,
    }
    kept = {name: each for name, each in (values | columns).items() if each is not None}
    pq.write_table(pa.table(kept), path)
    return path


def refusal(argv: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["sweep", *argv]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err


def test_bars_of_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_bars(tmp_path / NAME, walk(1, 51))
    (tmp_path / "notes.txt").write_text("not bars")
    write_bars(tmp_path / "binance_spot_BTCUSDT_5m_made.parquet", walk(2, 51))
    assert main(["sweep", str(tmp_path), "--json", *SMALL]) == 0
    first = capsys.readouterr()
    assert first.err == ""
    found = json.loads(first.out)
    assert [each["name"] for each in found["compared"]] == ["BTC"]
    assert found["compared"][0]["windows"] == 51 - 37 + 1
    assert len(found["goals"]) == 2 * len(LEAST)
    assert main(["sweep", str(tmp_path / NAME), "--json", *SMALL]) == 0
    assert capsys.readouterr().out == first.out


def test_the_table_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_bars(tmp_path / NAME, walk(1, 51))
    assert main(["sweep", str(tmp_path), *SMALL]) == 0
    text = capsys.readouterr().out
    assert "BTC: 15 windows" in text
    assert "Goals, at middle risk:" in text
    assert max(map(len, text.splitlines())) <= 150


def test_random_walks_with_an_order_cost(capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["sweep", "--simulated", "--fixed-cost", "5", *SMALL, "--progress"]
    assert main(argv) == 0
    out, err = capsys.readouterr()
    assert "impulse band" in out
    assert "of Whalley-Wilmott, to edge, 35% asked" in out
    assert "100 % simulated" in err


def test_a_missing_folder_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert "nowhere: is not there: name a folder or files" in refusal(["nowhere"], capsys)


def test_a_folder_without_such_bars(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "holds no five-minute bars of a linear perpetual" in refusal([str(tmp_path)], capsys)


def test_wrong_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_bars(tmp_path / NAME, walk(1, 40), close=None)
    assert f"{path}: its columns (ts, open, high, low)" in refusal([str(path)], capsys)


def test_a_price_that_cannot_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    closes = walk(1, 40)
    closes[700] = -1.0
    said = refusal([str(write_bars(tmp_path / NAME, closes))], capsys)
    assert "row 702: column open: -1.0 is not a positive number" in said


def test_too_few_bars(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = refusal([str(write_bars(tmp_path / NAME, walk(1, 45)))], capsys)
    assert "9 windows of BTC" in said
    assert "14 are needed: give more bars" in said


@pytest.mark.parametrize("stem", ["binance_spot_BTCUSDT", "deribit_BTC-PERPETUAL", "bars"])
def test_other_instruments(
    tmp_path: Path, stem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_bars(tmp_path / f"{stem}_5m_made.parquet", walk(1, 45))
    assert "its name tells no linear perpetual that is known" in refusal([str(path)], capsys)


def test_two_perpetuals_of_a_coin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for seed, name in enumerate((NAME, "bybit_BTCUSDT_5m_made.parquet")):
        write_bars(tmp_path / name, walk(seed, 45))
    assert "BTC has a second perpetual" in refusal([str(tmp_path)], capsys)


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (["--fixed-cost", "-1"], "'-1' is not 0 to 10000"),
        (["--cost-bp", "nan"], "'nan' is not 0.1 to 100"),
        (["--paths", "10"], "'10' is no whole number from 100"),
        (["--simulated", "--tenor", "7"], "a straddle lives 14 days at least"),
        (["--colour"], "unrecognized arguments: --colour"),
    ],
)
def test_bad_options(argv: list[str], why: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert why in refusal(argv, capsys)


def test_recorded_bars(shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Sixty days of Bitcoin's real bars: by hedging error the default saves as it should."""
    name = "binance_usdm_BTCUSDT_5m_20241231_20250914.parquet"
    source = shared / "data" / "ohlcv_5m" / name
    if not source.exists():
        pytest.skip(f"no recorded bars: {name} is not in the folder 'shared'")
    pq.write_table(pq.read_table(source).slice(0, 70 * 288), tmp_path / name)
    assert main(["sweep", str(tmp_path), "--json", *SMALL]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["compared"][0]["windows"] == 34
    saved = {g["against"]: g["saving"] for g in found["goals"] if g["measure"] == "error"}
    assert saved["time-based, to centre"] > 0.4
    assert saved["fixed band, to centre"] > 0.2


def test_a_person_stops_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("terminal.runtime.sweep_verb.compare", stopped)
    assert main(["sweep", "--simulated", *SMALL]) == 1
    assert capsys.readouterr().err == "stopped: nothing was compared\n"
