"""The measure of the sweep: whose minutes it runs on, what it judges, and that it can fail."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace

from terminal.core.units import MILLISECOND, MINUTE
from terminal.lab.sweep import Score
from tests.bench import sweep
from tests.bench.backtest import YEAR_OF_MINUTES
from tests.unit.lab.test_sweep import Mailed

QUICK = ["--settings", "30", "--bars", "1500", "--repeats", "2"]


def turns(
    *ratios: float, count: int = sweep.SETTINGS, core: float = 1.0, machine: float = 1.9
) -> sweep.Turns:
    found = (Score((0.1,), 0.0, 0.0, 0.0, 0, 0.0, ""),) * count
    return {
        sweep.ONE: [sweep.Turn(2.0, 2.0 * core, found) for _ in ratios],
        sweep.TWO: [sweep.Turn(2.0 / each, 2.0, found) for each in ratios],
        sweep.APART: [sweep.Turn(2.0 / machine, 0.0, found) for _ in ratios],
    }


def alone() -> Executor:
    """Two processes that are this one."""
    return Mailed()


def cluster(spoil: Callable[[Any], Any] = lambda each: each) -> ModuleType:
    """A cluster's package whose workers are this process."""

    class Spoilt(Mailed):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.set_result(spoil(super().submit(fn, *args, **kwargs).result()))
            return future

    @contextmanager
    def local(**_: Any) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(scheduler_address="tcp://here")

    def client(address: str, timeout: str) -> SimpleNamespace:
        assert address == "tcp://here"
        return SimpleNamespace(get_executor=Spoilt)

    made = ModuleType("distributed")
    vars(made).update(LocalCluster=local, Client=client)
    return made


def test_recorded_minutes_are_run_where_there_are_enough(tmp_path: Path) -> None:
    at = 1_700_000_000_000 + 60_000 * np.arange(300)
    stamps = pa.array(at, pa.timestamp("ms", "UTC"))
    table = pa.table({"ts": stamps, "close": 100.0 + np.arange(300.0)})
    pq.write_table(table, tmp_path / "binance_spot_BTCUSDT_1m_2023.parquet")
    real = sweep.minutes(300, tmp_path)
    assert "recorded minutes (binance_spot_BTCUSDT_1m_2023)" in real.told
    assert real.at[0] == at[0] * MILLISECOND + MINUTE
    assert real.close.tolist() == table["close"].to_pylist()
    walk = sweep.minutes(301, tmp_path)
    assert walk.told == "simulated minutes (the longest recorded run has 300)"
    assert walk.at.size == walk.close.size == 301
    assert "none are recorded here" in sweep.minutes(200, tmp_path / "nowhere").told


@pytest.mark.parametrize(
    ("ratios", "count", "bars", "word"),
    [
        ((1.8, 1.9, 1.2), sweep.SETTINGS, YEAR_OF_MINUTES, "met"),
        ((1.6, 1.8, 1.5), sweep.SETTINGS, YEAR_OF_MINUTES, "missed"),
        ((1.9, 1.9, 1.9), sweep.SETTINGS - 1, YEAR_OF_MINUTES, "open"),
        ((1.0, 1.0, 1.0), sweep.SETTINGS, YEAR_OF_MINUTES - 1, "open"),
    ],
)
def test_the_goal_is_judged_on_its_own_terms(
    ratios: tuple[float, ...], count: int, bars: int, word: str
) -> None:
    assert sweep.verdict(turns(*ratios, count=count), bars)[0] == word


def test_a_busy_machine_proves_nothing() -> None:
    for ratio in (1.0, 1.9):
        word, why = sweep.verdict(turns(ratio, ratio, core=0.8), YEAR_OF_MINUTES)
        assert word == "open"
        assert "one thread had 80% of a core" in why
    word, why = sweep.verdict(turns(1.1, 1.2, machine=1.2), YEAR_OF_MINUTES)
    assert word == "open"
    assert "two processes had 1.20x" in why


def test_without_dask_it_says_that_it_is_not_measured(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert sweep.main(QUICK) == 0
    said = capsys.readouterr().out
    assert "30 settings (band, target, min_gap_s) over 1,500" in said
    assert "open   two threads against one" in said
    assert "met    equal scores in all turns" in said
    assert "not measured: the package distributed is not installed" in said


def test_scores_of_a_cluster_must_be_the_same(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "processes", alone)
    monkeypatch.setitem(sys.modules, "distributed", cluster())
    assert sweep.main(QUICK) == 0
    assert "met    equal scores by Dask, 2 parts" in capsys.readouterr().out
    off = cluster(lambda part: tuple(replace(each, cost=each.cost + 1e-9) for each in part))
    monkeypatch.setitem(sys.modules, "distributed", off)
    assert sweep.main([*QUICK, "--dask", "tcp://here"]) == 1
    assert "missed equal scores by Dask" in capsys.readouterr().out


def test_a_missed_goal_is_told_by_the_exit_code(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "processes", alone)
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.setattr(sweep, "verdict", lambda *_: ("missed", ""))
    assert sweep.main(QUICK) == 1
    assert "missed two threads against one" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--settings", "--bars", "--repeats"])
def test_too_little_is_refused(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        sweep.main([option, "0"])
    assert "must be 1 or more" in capsys.readouterr().err
