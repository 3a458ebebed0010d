"""A band backtest against other engines: ``python -m tests.bench.band [BARS]``.

Minutes of one perpetual, a straddle held, delta hedged to zero whenever it is beyond a band, 5 bp
an order. The full engine plays the tape with its journal's steps, its venue and its limits; the
compiled path and every rival are given the same closes and the straddle's delta at each. Trades
must be the same in all of them, and so must their result, valued at the closes, to the cent.
"""

import gc
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from terminal.core.units import BPS
from terminal.engine.state import State
from terminal.lab.fast import Held, Run, Venue, kernel, path_of, run
from terminal.lab.fast import Path as Market
from terminal.model.instrument import Contract, Option, Perpetual
from terminal.model.market import Bar
from terminal.model.messages import Record
from terminal.model.order import Fill
from terminal.model.risk import PolicyKind, RiskProfile, Style
from terminal.runtime.profiles import save_file
from terminal.runtime.recorder import Recorder
from terminal.runtime.session import Session
from tests.bench.backtest import VOL, band_profile, make_tape, open_run, play
from tests.bench.rival_python import Unavailable, python_with

PINS = {
    ("vectorbt",): ("vectorbt==1.2.0",),
    ("hftbacktest", "nautilus_trader", "backtrader"): (
        "hftbacktest==2.4.4",
        "nautilus_trader==1.221.0",
        "backtrader==1.9.78.123",
    ),
}
"""Rivals that fit into one environment; no numpy fits both of them."""

BARS = 500_000
COIN = "BTC"
WIDTH = 0.17  # coins either side of zero: a trade every fifty bars
HALF_SPREAD_BPS = 0.5
TURNS = 5
LONGEST = 1800.0
RIVALS = Path(__file__).with_name("band_rivals.py")

GOALS = (
    ("full engine", "nautilus_trader", 1.0),
    ("full engine", "backtrader", 3.0),
    ("fast path", "nautilus_trader", 500.0),
    ("fast path", "backtrader", 1_600.0),
    ("fast path", "vectorbt", 5.0),
    ("fast path", "hftbacktest", 10.0),
)


class Came(NamedTuple):
    """What an engine's run came to; profit is of the hedges at the closes, after fees, USD."""

    rate: float  # bars a second
    trades: int
    profit: float


class Watcher(Recorder):
    """Keeps the closes and the fills of a run, and draws nothing."""

    def __init__(self) -> None:
        super().__init__(draws=False)
        self.bars: list[tuple[int, float]] = []
        self.fills: list[tuple[int, float]] = []

    def watch(self, state: State, record: Record) -> None:
        """Note a bar, or a fill with the number of its bar."""
        event = record.event
        if isinstance(event, Bar):
            self.bars.append((record.at, event.close))
        elif isinstance(event, Fill):
            sign = 1.0 if event.side == "buy" else -1.0
            self.fills.append((len(self.bars) - 1, sign * float(event.qty)))


def rule() -> RiskProfile:
    """To zero beyond the band, at once, held back by nothing that the rivals do not know."""
    profile = band_profile()
    terms = {"kind": PolicyKind.BAND_TO_TARGET, "low": -WIDTH, "high": WIDTH, "patience": 0.0}
    policies = {coin: replace(spec, **terms) for coin, spec in profile.policies.items()}
    return replace(
        profile,
        policies=policies,
        style=Style.MARKET,
        learned_cost_pct=0.0,
        min_gap_s=1.0,
        hedges_per_hour=60,
        flips_per_10min=15,
        turnover_day_usd=1e9,
        cost_day_usd=1e8,
        orders_per_day=8000,
    )


def valued(close: np.ndarray, bars: np.ndarray, coins: np.ndarray, fee: float) -> float:
    """Result of trades at the closes of their bars, held to the last one."""
    at = close[bars]
    return float((coins * (close[-1] - at)).sum() - fee * (np.abs(coins) * at).sum())


def full_engine(folder: Path, count: int) -> tuple[Came, Session, Watcher]:
    """Play the tape as the verb ``backtest`` does."""
    save_file(rule(), folder / "band.toml")
    make_tape(folder / "bars.tape", count)
    session = open_run(folder / "bars.tape", folder / "band.toml")
    seen = session.recorder = Watcher()
    gc.freeze()
    begun = time.perf_counter()
    play(session)
    rate = count / (time.perf_counter() - begun)
    close = np.array([each[1] for each in seen.bars])
    bars, coins = (np.array(each) for each in zip(*seen.fills, strict=True))
    fee = perpetual(session).taker_bps * BPS
    return Came(rate, coins.size, valued(close, bars, coins, fee)), session, seen


def perpetual(session: Session) -> Contract:
    """The contract that hedges."""
    listed = session.state.market.instruments.values()
    return next(each.contract for each in listed if isinstance(each, Perpetual))


def market_of(session: Session, seen: Watcher) -> Market:
    """The same bars and options for the compiled path."""
    market, ledger = session.state.market, session.state.ledger
    options = tuple(
        Held(
            float(each.strike),
            each.expiry,
            1.0 if each.right.value == "call" else -1.0,
            float(ledger.positions[key].qty),
            VOL,
        )
        for key, each in market.instruments.items()
        if isinstance(each, Option)
    )
    at, close = (np.array(each) for each in zip(*seen.bars, strict=True))
    return path_of(at, close, HALF_SPREAD_BPS, options)


def fast_path(market: Market, contract: Contract) -> tuple[Came, Run]:
    """The compiled path, net delta and P&L of every bar kept."""
    venue = Venue(contract=contract, impact_bps_per_coin=0.08, cash=1e7)
    kernel("band_path")
    found, spent = run(market, rule(), COIN, venue, curve=True), []
    for _ in range(TURNS):
        begun = time.perf_counter()
        found = run(market, rule(), COIN, venue, curve=True)
        spent.append(time.perf_counter() - begun)
    if found.left:
        raise SystemExit(f"the fast path left at bar {found.left_at}: {found.left}")
    close = market.rows[0]
    profit = valued(close, found.bar, found.coins, contract.taker_bps * BPS)
    return Came(market.at.size / median(spent), found.bar.size, profit), found


def rival(python: Path, job: Path, name: str, count: int) -> Came | str:
    """One rival in a process of its own, or why it gave no answer."""
    command = [str(python), "-I", "-W", "ignore", str(RIVALS), str(job), name, str(count)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired:
        return f"no answer in {LONGEST:g} s"
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["no message"])[-1][:160]
    found = json.loads(done.stdout.splitlines()[-1])
    return Came(found["bars"] / found["seconds"], found["trades"], found["profit"])


def measured(count: int) -> dict[str, Came | str]:
    """Run everything, ours first."""
    with tempfile.TemporaryDirectory(prefix="band-bench-") as name:
        folder = Path(name)
        full, session, seen = full_engine(folder, count)
        contract = perpetual(session)
        market = market_of(session, seen)
        fast, _ = fast_path(market, contract)
        found: dict[str, Came | str] = {"full engine": full, "fast path": fast}
        job = folder / "job.npz"
        np.savez(
            job,
            allow_pickle=False,
            at=market.at,
            close=market.rows[0],
            delta=market.rows[2],
            lot=float(contract.lot * contract.multiplier),
            band=WIDTH,
            fee=contract.taker_bps * BPS,
            tick=float(contract.ticks[0].tick),
        )
        for rivals, pins in PINS.items():
            try:
                python = python_with(pins)
            except Unavailable as error:
                found |= dict.fromkeys(rivals, str(error))
                continue
            for each in rivals:
                found[each] = rival(python, job, each, count)
    return found


def main() -> int:
    """Print rates, agreement and ratios; 1 when a goal is missed or trades differ."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else BARS
    found = measured(count)
    ours = found["fast path"]
    out = sys.stdout.write
    out(f"{count:,} bars; band {WIDTH} coins either side, fee 5 bp, results at the closes\n")
    for name, each in found.items():
        if isinstance(each, str):
            out(f"  {name:<16} not measured: {each}\n")
        else:
            rate, trades = f"{each.rate:>14,.0f} bars/s", f"{each.trades:>9,} trades"
            out(f"  {name:<16}{rate}{trades}{each.profit:>15.2f} USD\n")
    good = True
    for mine, theirs, least in GOALS:
        one, other = found[mine], found.get(theirs, "not run")
        if isinstance(one, str) or isinstance(other, str):
            out(f"  open   {mine} against {theirs}: not measured\n")
            continue
        ratio = one.rate / other.rate
        good &= ratio >= least
        verdict = "met" if ratio >= least else "missed"
        out(f"  {verdict:<6} {mine} against {theirs}: {ratio:,.1f}x, {least:,g}x asked\n")
    same = [each for each in found.values() if isinstance(each, Came)]
    agree = isinstance(ours, Came) and all(each.trades == ours.trades for each in same)
    out(f"trades are {'the same' if agree else 'NOT the same'} in {len(same)} engines\n")
    return 0 if good and agree else 1


if __name__ == "__main__":
    sys.exit(main())
