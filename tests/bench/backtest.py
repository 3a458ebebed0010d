"""Speed of a backtest over a year of minutes: ``python -m tests.bench.backtest [BARS]``."""

import gc
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from terminal.core.units import MINUTE, SECOND
from terminal.journal.tape import Header, Timed, read_tape
from terminal.journal.tape_writing import write_tape
from terminal.model.instrument import Perpetual
from terminal.model.market import Bar
from terminal.model.messages import Listing, Mode
from terminal.model.risk import Autonomy, PolicyKind, RiskProfile
from terminal.runtime.opening import open_replay
from terminal.runtime.outcome import outcome
from terminal.runtime.profiles import load, save_file
from terminal.runtime.recorder import Recorder
from terminal.runtime.session import Session
from terminal.runtime.settings import MAX_SPEED, Settings
from terminal.venues.sim_listing import listing
from terminal.venues.sim_market import DEFAULT_SPOTS
from tests.bench.floors import in_words, shares

YEAR_OF_MINUTES = 525_600
START = 1_735_689_600 * SECOND
VOL = 0.6
GOAL = 20_000


def bars(key: str, count: int, seed: int = 20_250_101) -> Iterator[Timed]:
    """Minutes of a geometric random walk at 60 % a year."""
    rng = np.random.default_rng(seed)
    step = VOL / np.sqrt(YEAR_OF_MINUTES)
    moves = np.cumsum(rng.normal(-0.5 * step * step, step, count))
    closes = (60_000.0 * np.exp(moves)).round(1).tolist()
    reach = (1.0 + np.abs(rng.normal(0.0, 0.5 * step, (2, count)))).tolist()
    opened = 60_000.0
    for i, close in enumerate(closes):
        high, low = max(opened, close) * reach[0][i], min(opened, close) / reach[1][i]
        at = START + (i + 1) * MINUTE
        yield at, Bar(key, opened, high, low, close, 12.5, MINUTE, 0.5)
        opened = close


def make_tape(path: Path, count: int) -> None:
    """Write a year of one perpetual, or its beginning."""
    found = listing(START, DEFAULT_SPOTS).instruments
    perpetual = next(
        each
        for each in found
        if isinstance(each, Perpetual) and each.contract.key.startswith("BTC_USDC")
    )
    listed = (START + MINUTE, Listing(perpetual.contract.venue, (perpetual,)))
    events = bars(perpetual.contract.key, count)
    write_tape(path, Header(title="a year of minutes"), (listed, *events))


def band_profile() -> RiskProfile:
    """Balanced with its fixed band, and with day limits that a whole year does not reach."""
    profile = load("balanced")
    policies = {
        coin: replace(spec, kind=PolicyKind.BAND_TO_TARGET, patience=0.0)
        for coin, spec in profile.policies.items()
    }
    return replace(
        profile,
        name="Bench",
        policies=policies,
        max_order_usd=250_000.0,
        max_hedge_usd=250_000.0,
        auto_hedge_usd=250_000.0,
        delta_cap_usd=1_000_000.0,
        day_loss_reduce_usd=1e8,
        day_loss_halt_usd=1e9,
        drawdown_7d_usd=1e9,
        gross_leverage=10.0,
        margin_use_pct=90.0,
        liquidation_pct=5.0,
    )


def open_run(tape: Path, profile: Path) -> Session:
    """Set up what ``python -m terminal backtest TAPE --json`` sets up."""
    settings = Settings(
        mode=Mode.BACKTEST,
        tape=tape,
        speed=MAX_SPEED,
        profile=str(profile),
        autonomy=Autonomy.AUTO,
        vol=VOL,
    )
    session = open_replay(settings, None)
    session.recorder = Recorder(draws=False)
    return session


def play(session: Session) -> None:
    """Play a tape to its end, as the verb does."""
    session.play()
    session.close()


def bare_loop(tape: Path) -> int:
    """Look at every bar of a tape and do nothing with it."""
    count = 0
    for _, event in read_tape(tape):
        if isinstance(event, Bar):
            count += 1
    return count


def main() -> None:
    """Measure the run and a bare loop over the same bars, then say where the time goes."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else YEAR_OF_MINUTES
    with tempfile.TemporaryDirectory() as folder:
        tape, part = Path(folder) / "year.tape", Path(folder) / "part.tape"
        profile = Path(folder) / "band.toml"
        save_file(band_profile(), profile)
        make_tape(tape, count)
        make_tape(part, min(count, 20_000))
        session = open_run(tape, profile)
        gc.freeze()
        begun = time.perf_counter()
        play(session)
        spent = time.perf_counter() - begun
        begun = time.perf_counter()
        bare = count / (bare_loop(tape) and time.perf_counter() - begun)
        rate = count / spent
        result = outcome(session.state, session.records)
        told = {key: result[key] for key in ("records", "orders", "fills", "pnl_usd", "halts")}
        short = open_run(part, profile)
        lines = (
            f"{count:,} bars in {spent:.1f} s: {rate:,.0f} bars/s (goal {GOAL:,})",
            f"a bare loop that only reads them: {bare:,.0f} bars/s, {bare / rate:.0f} times",
            json.dumps(told),
            f"own time by floor: {in_words(shares(lambda: play(short)))}",
        )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
