"""The crash test: ``python -m tests.kill --times 200 --seed 1``.

Runs the headless terminal on an accelerated simulated market where it trades often, kills it at
random moments with SIGKILL, restarts it on what it left, again and again. After every kill: each
order that reached the venue is known to the journal, none reached it twice, and what a restart
recovers is equal to a replay of every record. ``--points`` ends lives at every labelled crash point
instead, and ends the recovery that follows too. ``--careless`` runs a build that sends before it
journals, to show that the test can fail.
"""

import argparse
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.fault_points import FaultPoint
from terminal.model.risk import PolicyKind, RiskProfile
from terminal.runtime.profiles import load, save_file
from tests.kill_audit import Audit, Findings, together
from tests.kill_child import CARELESS, STRUCK
from tests.kill_labels import LABELS, Label

ROOT = Path(__file__).resolve().parent.parent
BANDS = {"BTC": 0.02, "ETH": 0.3, "SOL": 6.0}
LIVES = 20
"""Lives of one data directory before the next one is begun."""

AT_ONCE = 2
"""Data directories that are lived in at the same time."""

PATIENCE = 6.0
"""Seconds that a life is given to send an order, or to be gone after its kill."""

LONGEST = 40.0
"""Seconds that a life is given to come to its label."""


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


def labelled(plan: Plan, root: Path, number: int, label: Label, turn: int = 1) -> list[str]:
    """Command line of a life that ends at a label."""
    start, rest = child(plan, root, number)[:3], child(plan, root, number)[3:]
    span = ("--for", label.span) if label.span else ()
    return [*start, "--label", label.name, "--turn", str(turn), *rest, *span]


def one_life(command: Sequence[str], order_log: Path, chance: random.Random, errors: Path) -> str:
    """Start a process and kill it; says what went wrong when it ended by itself.

    Half of the kills come at any moment, start and recovery included; the others come just after
    one of the first orders has reached the venue.
    """
    moment, soon = chance.uniform(0.1, 2.0), chance.uniform(0.0, 0.02)
    by_order = chance.random() < 0.5
    enough = _lines(order_log) + chance.randint(1, 6)
    with errors.open("wb") as said:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=said, env=os.environ
        )
        begun = time.monotonic()
        limit = begun + (PATIENCE if by_order else moment)
        while time.monotonic() < limit and process.poll() is None:
            if by_order and _lines(order_log) >= enough:
                time.sleep(soon)
                break
            time.sleep(0.001)
        process.kill()
        ended = process.wait(PATIENCE)
    if ended != -signal.SIGKILL:
        return f"a life ended by itself with {ended}: {errors.read_text('utf-8')[-2000:]}"
    return ""


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def struck_life(command: Sequence[str], errors: Path) -> str:
    """Start a process that is to end at its label; says so where it did not."""
    with errors.open("wb") as said:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=said)
        try:
            ended = process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            process.kill()
            ended = process.wait(PATIENCE)
    if ended == STRUCK:
        return ""
    return f"not reached (ended with {ended}): {errors.read_text('utf-8')[-2000:]}"


def random_lives(plan: Plan, root: Path, number: int) -> Findings:
    """Live and die at random moments in the ``number``-th data directory."""
    chance = random.Random(f"{plan.seed}/{number}")
    command, order_log = child(plan, root, number), root / f"sent-{number}"
    audit = Audit(root / f"data-{number}", order_log, root / f"copy-{number}")
    found = Findings()
    for _ in range(min(LIVES, plan.times - number * LIVES)):
        trouble = one_life(command, order_log, chance, root / f"errors-{number}")
        found.kills += 1
        if trouble:
            found.broken.append(trouble)
        audit.look(found)
    audit.look_twice(found)
    return found


def labelled_lives(plan: Plan, root: Path, number: int) -> Findings:
    """Die at the ``number``-th label, die while that is recovered, and live on a while."""
    label = LABELS[number]
    chance = random.Random(f"{plan.seed}/{label.name}")
    order_log, errors = root / f"sent-{number}", root / f"errors-{number}"
    audit = Audit(root / f"data-{number}", order_log, root / f"copy-{number}")
    found = Findings()
    lives = (_before(label), label) if label.recovers else (label, chance.choice(ANY_RECOVERY))
    for each in lives:
        turn = chance.randint(1, 6) if each.point is FaultPoint.REPLAYING else 1
        trouble = struck_life(labelled(plan, root, number, each, turn), errors)
        found.kills += 1
        if trouble:
            found.broken.append(f"{label.name}: {each.name} {trouble}")
        audit.look(found)
    trouble = one_life(child(plan, root, number), order_log, chance, errors)
    found.kills += 1
    if trouble:
        found.broken.append(f"{label.name}: {trouble}")
    audit.look(found)
    audit.look_twice(found)
    return found


def _before(label: Label) -> Label:
    """Crash whose recovery a label is in the middle of."""
    torn = label.point in {FaultPoint.TORN_KEPT, FaultPoint.TORN_CUT}
    return named("mid_intent_write" if torn else "after_send_no_reply")


def named(name: str) -> Label:
    """Label of a name."""
    return next(each for each in LABELS if each.name == name)


ANY_RECOVERY = tuple(
    named(name)
    for name in ("recovery_locked", "recovery_replayed", "recovery_started", "recovery_cancels")
)
"""Points that every recovery passes."""


def crash_test(plan: Plan, root: Path) -> Findings:
    """Kill and check ``plan.times`` times, in directories made under ``root``."""
    return _lived(plan, root, random_lives, range(-(-plan.times // LIVES)))


def point_test(plan: Plan, root: Path, names: Sequence[str] = ()) -> Findings:
    """End lives at every label, or at those named."""
    numbers = [at for at, each in enumerate(LABELS) if not names or each.name in names]
    return _lived(plan, root, labelled_lives, numbers)


def _lived(
    plan: Plan,
    root: Path,
    live: Callable[[Plan, Path, int], Findings],
    numbers: Sequence[int],
) -> Findings:
    save_file(busy_profile(), root / "busy.toml")
    if len(numbers) == 1:
        return live(plan, root, numbers[0])
    with ProcessPoolExecutor(AT_ONCE, multiprocessing.get_context("spawn")) as pool:
        return together(pool.map(partial(live, plan, root), numbers))


def report(found: Findings) -> str:
    """Totals as lines."""
    lines = (
        ("kills", found.kills),
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
        f"  {text}\n" for text in found.broken[:10]
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the crash test; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.kill", description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=int, default=240)
    parser.add_argument(CARELESS, action="store_true")
    parser.add_argument("--points", nargs="*", metavar="LABEL", help="at labels; all without names")
    given = parser.parse_args(argv)
    plan = Plan(times=given.times, seed=given.seed, speed=given.speed, careless=given.careless)
    with tempfile.TemporaryDirectory(prefix="gammadesk-kill-") as folder:
        if given.points is None:
            found = crash_test(plan, Path(folder))
        else:
            found = point_test(plan, Path(folder), given.points)
    sys.stdout.write(report(found))
    return 1 if found.orphans or found.doubles or found.broken else 0


if __name__ == "__main__":
    sys.exit(main())
