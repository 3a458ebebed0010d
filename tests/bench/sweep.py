"""A lab's sweep on one thread, two, and Dask: ``python -m tests.bench.sweep``.

A thousand settings of a fixed band over a year of minutes, a strip of straddles held, through the
very function that the verb ``lab sweep`` runs. The runs on one thread and on two take turns; their
medians make the ratio. Two processes with half of the settings each, which share nothing, say what
the machine can give. The minutes are recorded ones where a file has as many, else simulated, and it
is said which. Every run must give equal scores, those that come back from Dask too. Ends with 1
where a goal is missed or scores differ. A run that is shorter than the goal's, or beside which the
machine had other work, leaves it open.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as pq

from terminal.core.units import DAY, MILLISECOND, MINUTE
from terminal.lab.fast import Held, Venue, kernel
from terminal.lab.sweep import PART, Axis, Market, Score, Task, Values, hypercube, scores, sweep
from terminal.market.arrays import InstantArray
from terminal.model.instrument import Perpetual
from terminal.model.market import Bar
from terminal.pricing.rows import FloatArray
from terminal.runtime.lab_sweep import _pool
from terminal.venues.sim_listing import listing
from terminal.venues.sim_market import DEFAULT_SPOTS
from tests.bench.backtest import START, VOL, YEAR_OF_MINUTES, bars
from tests.bench.band import COIN, HALF_SPREAD_BPS, rule

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "ohlcv_1m"
SETTINGS, REPEATS = 1_000, 5
THREADS = {"1 thread": 1, "2 threads": 2}
ONE, TWO, APART = *THREADS, "2 processes"
GOAL = 1.7
WHOLE_CORE = 0.9
"""Part of a core that one thread must have had: beside other work two say nothing of the code."""

LEAST_BARS = 100
AXES = (Axis("band", 0.05, 1.0), Axis("target", -0.25, 0.25), Axis("min_gap_s", 60.0, 3_600.0))
STRIKES = (0.6, 0.8, 1.0, 1.25, 1.6)
"""Of the first close: wherever a year's walk goes, there is gamma to hedge."""


class Minutes(NamedTuple):
    """Closes of minutes, and where they are from."""

    at: InstantArray
    close: FloatArray
    told: str


class Turn(NamedTuple):
    """One run of the whole sweep."""

    spent: float  # s
    processor: float  # s, of all threads
    found: tuple[Score, ...]


Turns = dict[str, list[Turn]]


def minutes(count: int, folder: Path = SHARED) -> Minutes:
    """So many recorded minutes of one file, or as many simulated ones where no file has them."""
    kept = {path: pq.read_metadata(path).num_rows for path in sorted(folder.glob("*_1m_*.parquet"))}
    longest = max(kept, key=lambda path: kept[path], default=None)
    if longest is not None and kept[longest] >= count:
        table = pq.read_table(longest, columns=["ts", "close"])[:count]
        at = table["ts"].cast("int64").to_numpy() * MILLISECOND + MINUTE  # a bar's close ends it
        return Minutes(at, table["close"].to_numpy(), f"recorded minutes ({longest.stem})")
    why = f"the longest recorded run has {kept[longest]:,}" if longest else "none are recorded here"
    walk = [(at, event.close) for at, event in bars("", count) if isinstance(event, Bar)]
    instants, closes = (np.array(each) for each in zip(*walk, strict=True))
    return Minutes(instants, closes, f"simulated minutes ({why})")


def task_of(found: Minutes) -> Task:
    """A strip of straddles on some minutes, hedged with the perpetual of the simulated venue."""
    first, expiry = float(found.close[0]), int(found.at[-1]) + 30 * DAY
    held = tuple(
        Held(first * strike, expiry, sign, 1.0, VOL) for strike in STRIKES for sign in (1.0, -1.0)
    )
    contract = next(
        each.contract
        for each in listing(START, DEFAULT_SPOTS).instruments
        if isinstance(each, Perpetual) and each.contract.key.startswith("BTC_USDC")
    )
    market = Market(found.at, found.close, HALF_SPREAD_BPS, held)
    venue = Venue(contract=contract, impact_bps_per_coin=0.08, cash=1e7)
    return Task(market, rule(), COIN, venue, tuple(axis.name for axis in AXES))


def swept(task: Task, settings: Sequence[Values], pool: Executor) -> tuple[Score, ...]:
    """What the verb does, without its file and its meter."""
    return sweep(task, settings, pool, done={}, keep=lambda *_: None, tell=lambda _: None)


def timed(task: Task, settings: Sequence[Values], threads: int) -> Turn:
    """One run on some threads of this process."""
    with ThreadPoolExecutor(threads) as pool:
        used, begun = time.process_time(), time.perf_counter()
        found = swept(task, settings, pool)
        return Turn(time.perf_counter() - begun, time.process_time() - used, found)


def in_parts(task: Task, settings: Sequence[Values]) -> tuple[Score, ...]:
    """Scores of some settings, by the parts that a sweep sends."""
    firsts = range(0, len(settings), PART)
    return tuple(each for at in firsts for each in scores(task, settings[at : at + PART]))


def apart(task: Task, settings: Sequence[Values], pool: Executor) -> Turn:
    """Half of the settings in each of two processes, in as many parts."""
    begun, half = time.perf_counter(), -(-len(settings) // 2)
    parts = [pool.submit(in_parts, task, part) for part in (settings[:half], settings[half:])]
    found = tuple(score for part in parts for score in part.result())
    return Turn(time.perf_counter() - begun, 0.0, found)


def processes() -> Executor:
    """Two processes, begun anew."""
    return ProcessPoolExecutor(2, get_context("spawn"))


def in_turns(task: Task, settings: Sequence[Values], repeats: int) -> Turns:
    """Repeats of each, one after the other, the first to go changing."""
    turns: Turns = {name: [] for name in (ONE, TWO, APART)}
    with processes() as pool:
        apart(task, settings[:2], pool)  # what it takes to begin is not measured
        for number in range(repeats):
            for name in turns if number % 2 == 0 else reversed(turns):
                alone = name == APART
                run = apart(task, settings, pool) if alone else timed(task, settings, THREADS[name])
                turns[name].append(run)
    return turns


def by_dask(task: Task, settings: Sequence[Values], address: str) -> tuple[Score, ...] | str:
    """Scores of the same sweep on a cluster, by the verb's own pool; or why there are none."""
    try:
        package: Any = import_module("distributed")
    except ImportError:
        return "the package distributed is not installed"
    if address:
        with _pool(address, 1) as pool:
            return swept(task, settings, pool)
    workers = package.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with workers as local, _pool(local.scheduler_address, 1) as pool:
        return swept(task, settings, pool)


def ratio(turns: Turns, other: str = TWO) -> tuple[float, float, float]:
    """Medians of one thread over another's, and the least and the greatest of single turns."""
    one, two = (np.array([each.spent for each in turns[name]]) for name in (ONE, other))
    single = one / two
    return float(np.median(one) / np.median(two)), float(single.min()), float(single.max())


def verdict(turns: Turns, count: int) -> tuple[str, str]:
    """Met, missed or open; and why it is open."""
    if len(turns[ONE][0].found) < SETTINGS or count < YEAR_OF_MINUTES:
        return "open", f": the goal is of {SETTINGS:,} settings over {YEAR_OF_MINUTES:,} bars"
    had = float(np.median([each.processor / each.spent for each in turns[ONE]]))
    if had < WHOLE_CORE:
        return "open", f": the machine is busy, one thread had {had:.0%} of a core"
    if ratio(turns)[0] >= GOAL:
        return "met", ""
    given = ratio(turns, APART)[0]
    if given < GOAL:
        return "open", f": the machine is busy, two processes had {given:.2f}x"
    return "missed", ""


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _speeds(turns: Turns, count: int) -> None:
    for name, found in turns.items():
        spent = float(np.median([each.spent for each in found]))
        rate = len(found[0].found) / spent
        used = float(np.median([each.processor for each in found]))
        speed = f"{rate:10,.1f} settings/s {rate * count / 1e6:9,.1f} M bars/s"
        told = f" {used:8.2f} s of processor time" if used else ""
        _say(f"  {name:<12}{spent:8.2f} s {speed}{told}")


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sweep", description=__doc__)
    parser.add_argument("--settings", type=int, default=SETTINGS, help="of the Latin hypercube")
    parser.add_argument("--bars", type=int, default=YEAR_OF_MINUTES, help="minutes of the market")
    parser.add_argument("--repeats", type=int, default=REPEATS, help="turns of each")
    parser.add_argument("--dask", default="", help="a scheduler's address (default: two workers)")
    given = parser.parse_args(arguments)
    if given.settings < 1 or given.repeats < 1 or given.bars < LEAST_BARS:
        parser.error(f"--settings and --repeats must be 1 or more, --bars {LEAST_BARS} or more")
    return given


def main(arguments: Sequence[str] | None = None) -> int:
    """Print speeds, the ratio and whether scores agree."""
    given = _asked(arguments)
    found = minutes(given.bars)
    task, settings = task_of(found), hypercube(AXES, given.settings, 1)
    names = ", ".join(task.names)
    _say(f"{given.settings:,} settings ({names}) over {given.bars:,} {found.told}")
    _say(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before; {given.repeats} turns")
    kernel("band_path")
    scores(task, settings[:1])  # the compiler's time is nobody's
    turns = in_turns(task, settings, given.repeats)
    first = turns[ONE][0].found
    left = [each.left for each in first if each.left]
    if left:
        raise SystemExit(f"{len(left)} settings were left before the end: {left[0]}")
    _speeds(turns, given.bars)
    middle, low, high = ratio(turns)
    word, why = verdict(turns, given.bars)
    told = f"{middle:.2f}x [{low:.2f} {high:.2f}], {GOAL}x asked{why}"
    _say(f"  {word:<6} two threads against one: {told}")
    same = all(each.found == first for found in turns.values() for each in found)
    trades = f"{sum(each.trades for each in first):,} trades"
    _say(f"  {'met' if same else 'missed':<6} equal scores in all turns, {trades}")
    back = by_dask(task, settings, given.dask)
    if isinstance(back, str):
        _say(f"  open   equal scores by Dask: not measured: {back}")
    else:
        same &= back == first
        parts = -(-given.settings // PART)
        _say(f"  {'met' if back == first else 'missed':<6} equal scores by Dask, {parts:,} parts")
    return 0 if same and word != "missed" else 1


if __name__ == "__main__":
    sys.exit(main())
