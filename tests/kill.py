"""The crash test: ``python -m tests.kill --times 200 --seed 1``.

Runs the headless terminal on an accelerated simulated market where it trades often, kills it at
random moments with SIGKILL, restarts it on what it left, again and again. After every kill: each
order that reached the venue is known to the journal, none reached it twice, and what a restart
recovers is equal to a replay of every record. ``--careless`` runs a build that sends before it
journals, to show that the test can fail.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from terminal.model.risk import PolicyKind, RiskProfile
from terminal.runtime.profiles import load, save_file
from tests.kill_audit import Audit, Findings
from tests.kill_child import CARELESS

ROOT = Path(__file__).resolve().parent.parent
BANDS = {"BTC": 0.02, "ETH": 0.3, "SOL": 6.0}
LIVES = 20
"""Lives of one data directory before the next one is begun."""

PATIENCE = 6.0
"""Seconds that a life is given to send an order, or to be gone after its kill."""


class Plan(Struct, frozen=True, kw_only=True):
    """What to run."""

    times: int
    seed: int
    speed: int = 240
    careless: bool = False


def busy_profile() -> RiskProfile:
    """Narrow bands and wide limits: hedges all the time."""
    profile = load("balanced")
    policies = {
        coin: replace(spec, kind=PolicyKind.BAND_TO_TARGET, low=-BANDS[coin], high=BANDS[coin])
        for coin, spec in profile.policies.items()
    }
    return replace(
        profile,
        name="Crash test",
        policies=policies,
        auto_hedge_usd=1e9,
        max_order_usd=40_000.0,  # so that a hedge takes several orders
        max_hedge_usd=1e9,
        delta_cap_usd=1e9,
        min_gap_s=1.0,
        hedges_per_hour=60,
        orders_per_minute=60,
        orders_per_day=8000,
        flips_per_10min=15,
        rejects_halt=8,
        turnover_day_usd=1e11,
        cost_day_usd=1e8,
        day_loss_reduce_usd=1e9,
        day_loss_halt_usd=1e9,
        drawdown_7d_usd=1e9,
        gross_leverage=10.0,
        margin_use_pct=90.0,
        liquidation_pct=5.0,
        passive_wait_s=2.0,
        loop_lag_ms=5000.0,
    )


def child(plan: Plan, root: Path, number: int) -> list[str]:
    """Command line of one life in the ``number``-th data directory."""
    return [
        *(sys.executable, "-m", "tests.kill_child"),
        *([CARELESS] if plan.careless else []),
        *("run", "--speed", str(plan.speed), "--autonomy", "auto"),
        *("--seed", str(plan.seed + number), "--profile", str(root / "busy.toml")),
        *("--data", str(root / f"data-{number}"), "--order-log", str(root / f"sent-{number}")),
    ]


def one_life(command: Sequence[str], order_log: Path, chance: random.Random, errors: Path) -> str:
    """Start a process and kill it; says what went wrong when it ended by itself.

    Half of the kills come at any moment, start and recovery included; the others come just after
    an order has reached the venue.
    """
    moment, soon = chance.uniform(0.1, 2.0), chance.uniform(0.0, 0.02)
    by_order = chance.random() < 0.5
    size = _size(order_log)
    with errors.open("wb") as said:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=said, env=os.environ
        )
        begun = time.monotonic()
        limit = begun + (PATIENCE if by_order else moment)
        while time.monotonic() < limit and process.poll() is None:
            if by_order and _size(order_log) > size:
                time.sleep(soon)
                break
            time.sleep(0.001)
        process.kill()
        ended = process.wait(PATIENCE)
    if ended != -signal.SIGKILL:
        return f"a life ended by itself with {ended}: {errors.read_text('utf-8')[-2000:]}"
    return ""


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def crash_test(plan: Plan, root: Path) -> Findings:
    """Kill and check ``plan.times`` times, in directories made under ``root``."""
    chance = random.Random(plan.seed)
    save_file(busy_profile(), root / "busy.toml")
    found = Findings()
    for first in range(0, plan.times, LIVES):
        number = first // LIVES
        command, order_log = child(plan, root, number), root / f"sent-{number}"
        audit = Audit(root / f"data-{number}", order_log, root / "copy")
        for _ in range(first, min(first + LIVES, plan.times)):
            trouble = one_life(command, order_log, chance, root / "errors")
            if trouble:
                found.broken.append(trouble)
            audit.look(found)
        audit.look_twice(found)
    return found


def report(plan: Plan, found: Findings) -> str:
    """Totals as lines."""
    lines = (
        ("kills", plan.times),
        ("orders at the venue", found.orders),
        ("fills", found.fills),
        ("kills with an order under way", found.in_flight),
        ("kills in the middle of a write", found.repaired),
        ("recoveries from a snapshot", found.restored),
        ("orphan orders", len(found.orphans)),
        ("orders sent twice", len(found.doubles)),
        ("other broken promises", len(found.broken)),
    )
    return "".join(f"{name:<34}{count:>8,}\n" for name, count in lines) + "".join(
        f"  {text}\n" for text in found.broken[:5]
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the crash test; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.kill", description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=int, default=240)
    parser.add_argument(CARELESS, action="store_true")
    given = parser.parse_args(argv)
    plan = Plan(times=given.times, seed=given.seed, speed=given.speed, careless=given.careless)
    with tempfile.TemporaryDirectory(prefix="gammadesk-kill-") as folder:
        found = crash_test(plan, Path(folder))
    sys.stdout.write(report(plan, found))
    return 1 if found.orphans or found.doubles or found.broken else 0


if __name__ == "__main__":
    sys.exit(main())
