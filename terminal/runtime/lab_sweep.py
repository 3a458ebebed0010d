"""The lab verb: sweep settings of a policy over a tape of bars, on this machine or a cluster."""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct

from terminal.core.commandline import Parser
from terminal.core.errors import ConfigError, DataError
from terminal.journal.tape import read_header, read_tape
from terminal.journal.tape_cli import Meter
from terminal.lab.fast import Held, Venue, kernel
from terminal.lab.sweep import PARAMETERS, Axis, Market, Score, Task, Values, grid, hypercube, sweep
from terminal.model.instrument import Option, Perpetual, Right, coin_settled
from terminal.model.market import Bar
from terminal.model.messages import Listing
from terminal.runtime.books import OpeningBook, TapeStart, default_book, read_book
from terminal.runtime.console import complain, show
from terminal.runtime.kernels import ready_engine
from terminal.runtime.profiles import load
from terminal.runtime.worlds import tape_start
from terminal.venues.matching import IMPACT_BPS_PER_COIN

MOST = 100_000


class Part(Struct, frozen=True):
    """A line of a file that a sweep goes on from: what it is of, and the scores of one part."""

    digest: str
    first: int
    scores: tuple[Score, ...]


def lab(argv: Sequence[str]) -> int:
    """Sweep settings of a policy over a tape of one perpetual's bars, at compiled speed.

    Every setting makes the decisions of the full backtest; one that meets what the fast path does
    not model says so in its row. ``--keep`` writes each part as it is done, and a sweep begun with
    the same file goes on from there.
    """
    given = _parser().parse_args(argv)
    ready_engine("compiled")
    kernel("band_path")
    task = _task(given)
    axes = [_axis(text) for text in given.axes]
    settings = hypercube(axes, given.samples, given.seed) if given.samples else grid(axes)
    if not 0 < len(settings) <= MOST:
        raise ConfigError(f"{len(settings):,} settings: give 1 to {MOST:,}, or use --samples")
    task = task._replace(names=tuple(axis.name for axis in axes))
    meter = Meter(sys.stderr, lines=given.progress)
    try:
        with _pool(given.dask, given.workers) as pool:
            found = _swept(task, settings, pool, given.keep, meter)
    except KeyboardInterrupt:
        kept = f"; go on with --keep {given.keep}" if given.keep else "; --keep would have kept it"
        complain(f"stopped before its end{kept}")
        return 1
    finally:
        meter.close()
    result = {"parameters": task.names, "bars": int(task.market.at.size), "scores": found}
    show(result, _table(task, found), as_json=given.json)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m terminal lab", description=lab.__doc__)
    parser.add_argument("what", choices=["sweep"])
    parser.add_argument("tape", type=Path, help="a tape of one perpetual's bars")
    parser.add_argument(
        "axes", nargs="+", metavar="NAME=LOW:HIGH[:COUNT]", help=", ".join(PARAMETERS)
    )
    parser.add_argument("--profile", default="balanced", help="preset name or profile file")
    parser.add_argument("--book", type=Path, help="opening positions (default: a straddle)")
    parser.add_argument("--vol", type=float, default=0.6, help="of options that nothing quotes")
    parser.add_argument("--latency", type=int, default=0, help="bars an order takes to arrive")
    parser.add_argument("--samples", type=int, default=0, help="Latin hypercube, not the grid")
    parser.add_argument("--seed", type=int, default=1, help="of the hypercube")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="threads")
    parser.add_argument("--dask", default="", help="address of a cluster's scheduler")
    parser.add_argument("--keep", type=Path, help="file of what is done, to go on from")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--progress", action="store_true", help="percentages, a line each")
    return parser


def _axis(text: str) -> Axis:
    name, _, rest = text.partition("=")
    parts = rest.split(":")
    try:
        low, high, *count = parts
        axis = Axis(name, float(low), float(high), int(count[0]) if count else 2)
    except (ValueError, IndexError) as error:
        raise ConfigError(f"{text!r}: write NAME=LOW:HIGH:COUNT, e.g. band=0.05:1:20") from error
    if name not in PARAMETERS or axis.count < 1 or not np.isfinite([axis.low, axis.high]).all():
        raise ConfigError(f"{text!r}: NAME is one of {', '.join(PARAMETERS)}, COUNT 1 or more")
    return axis


def _task(given: argparse.Namespace) -> Task:
    """Market, book and profile of a sweep; its names are still to come."""
    header = read_header(given.tape)
    found = [each for each in header.instruments if isinstance(each, Perpetual)]
    if len(found) != 1:
        raise ConfigError(f"{given.tape} lists {len(found)} perpetuals: cut it to one")
    contract = found[0].contract
    start = tape_start(header, given.tape, given.vol)
    book = read_book(given.book, start) if given.book else default_book(start)
    at, close, spread = _bars(given.tape, contract.key)
    market = Market(at, close, spread, _options(start, book, contract.base))
    venue = Venue(
        contract=contract,
        impact_bps_per_coin=IMPACT_BPS_PER_COIN.get(contract.base, 0.0),
        cash=sum(float(each.amount) for each in book.balances),
        latency=given.latency,
    )
    return Task(market, load(given.profile), contract.base, venue, ())


def _bars(tape: Path, key: str) -> tuple[np.ndarray, np.ndarray, float]:
    """Instants, closes and half spread of a tape that holds nothing else."""
    rows: list[tuple[int, float]] = []
    spreads: set[float] = set()
    for at, event in read_tape(tape):
        if isinstance(event, Bar) and event.key == key:
            rows.append((at, event.close))
            spreads.add(event.half_spread_bps)
        elif not isinstance(event, Listing):
            kind = type(event).__name__
            raise DataError(f"{tape} holds {kind} beside bars of {key}: use the full backtest")
    if len(spreads) != 1:
        raise DataError(f"{tape}: {len(spreads)} half spreads on {len(rows)} bars, one is needed")
    instants, closes = zip(*rows, strict=True)
    return np.array(instants, dtype=np.int64), np.array(closes), spreads.pop()


def _options(start: TapeStart, book: OpeningBook, base: str) -> tuple[Held, ...]:
    listed = {each.contract.key: each for each in (*start.instruments, *book.listed)}
    vols = {each.key: each.iv for each in book.vols}
    held = []
    for position in book.positions:
        option = listed[position.key]
        if not isinstance(option, Option) or option.contract.base != base:
            raise ConfigError(f"{position.key}: the fast path begins with options of {base} alone")
        if coin_settled(option.contract) or position.key not in vols:
            raise ConfigError(f"{position.key}: only options in USD at a stated volatility are run")
        sign = 1.0 if option.right is Right.CALL else -1.0
        coins = float(position.qty) * float(option.contract.multiplier)
        held.append(Held(float(option.strike), option.expiry, sign, coins, vols[position.key]))
    return tuple(held)


def _pool(address: str, workers: int) -> Executor:
    """Threads of this process, whose kernels run at once, or a cluster by its address."""
    if workers < 1:
        raise ConfigError(f"--workers {workers}: give 1 or more")
    if not address:
        return ThreadPoolExecutor(workers, "lab")
    try:
        cluster = import_module("distributed")
    except ImportError as error:
        raise ConfigError(f"--dask needs the package distributed: install it ({error})") from error
    try:
        pool: Executor = cluster.Client(address, timeout="10s").get_executor()
    except (OSError, ValueError) as error:
        raise ConfigError(f"--dask {address}: no scheduler answers there ({error})") from error
    return pool


def _swept(
    task: Task, settings: Sequence[Values], pool: Executor, file: Path | None, meter: Meter
) -> tuple[Score, ...]:
    digest = _digest(task, settings)
    done = _kept(file, digest) if file else {}
    begun, before = time.monotonic(), sum(len(part) for part in done.values()) / len(settings)

    def tell(part: float) -> None:
        gained = part - before
        left = (time.monotonic() - begun) * (1.0 - part) / gained if gained > 0.0 else None
        meter.tell(part, "" if left is None else f"{left:,.0f} s left")

    return sweep(task, settings, pool, done=done, keep=_keeper(file, digest), tell=tell)


def _digest(task: Task, settings: Sequence[Values]) -> str:
    terms = (task.profile, task.underlying, task.venue, task.names, tuple(settings))
    whole = hashlib.sha256(msgspec.json.encode((terms, task.market.options)))
    for column in (task.market.at, task.market.close):
        whole.update(column.tobytes())
    whole.update(repr(task.market.half_spread_bps).encode())
    return whole.hexdigest()[:16]


def _kept(file: Path, digest: str) -> dict[int, tuple[Score, ...]]:
    """Parts that a file holds of this very sweep; a line cut off by a crash is done again."""
    found: dict[int, tuple[Score, ...]] = {}
    for number, line in enumerate(file.read_bytes().splitlines() if file.exists() else (), 1):
        try:
            part = msgspec.json.decode(line, type=Part)
        except msgspec.MsgspecError:
            continue
        if part.digest != digest:
            raise ConfigError(f"{file}, line {number}: of another sweep: name another file")
        found[part.first] = part.scores
    return found


def _keeper(file: Path | None, digest: str) -> Callable[[int, tuple[Score, ...]], None]:
    def keep(first: int, scores: tuple[Score, ...]) -> None:
        if file is not None:
            with file.open("ab") as out:
                out.write(b"\n" + msgspec.json.encode(Part(digest, first, scores)) + b"\n")

    return keep


def _table(task: Task, found: Sequence[Score]) -> str:
    """Settings that ran to the end, cheapest first, then why others did not."""
    ran = sorted((each for each in found if not each.left), key=lambda each: each.cost)
    names = "".join(f"{name:>16}" for name in task.names)
    lines = [f"{names}{'cost USD':>14}{'risk USD/day':>14}{'P&L USD':>14}{'trades':>9}"]
    lines += [
        "".join(f"{value:16.6g}" for value in each.values)
        + f"{each.cost:14,.2f}{each.risk:14,.2f}{each.profit:14,.2f}{each.trades:9,}"
        for each in ran
    ]
    reasons = [each.left for each in found if each.left]
    lines += [f"{reasons.count(why):,} left: {why}" for why in sorted(set(reasons))]
    return "\n".join(lines)
