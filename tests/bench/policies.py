"""Cost of the policies at equal risk against its goals: ``python -m tests.bench.policies``."""

import contextlib
import io
import json
import sys
import time
from collections.abc import Sequence
from typing import Any

from terminal.__main__ import main as terminal

GOAL = 180.0  # s of processor time for each measure
MEASURES = (
    ("recorded bars", ()),
    ("random walks, 5 USD an order", ("--simulated", "--fixed-cost", "5")),
)


def measured(options: Sequence[str]) -> tuple[dict[str, Any], float]:
    """What the sweep found, and the seconds of processor time it took."""
    said = io.StringIO()
    start = time.process_time()
    with contextlib.redirect_stdout(said):
        code = terminal(["sweep", *options, "--json"])
    if code:
        raise SystemExit(code)  # the reason has been said
    found: dict[str, Any] = json.loads(said.getvalue())
    return found, time.process_time() - start


def line(goal: dict[str, Any]) -> str:
    """One goal in words."""
    low, high = goal["band"]
    verdict = "met" if goal["met"] else "missed" if goal["certain"] else "open"
    return (
        f"  {verdict:<6} {goal['name']:<9} {goal['measure']:<5} {goal['policy']} against"
        f" {goal['against']}: {goal['saving']:.1%} ± {goal['error']:.1%}"
        f" [{low:.1%} {high:.1%}], {goal['least']:.0%} asked\n"
    )


def main() -> None:
    """Print every goal with what was measured, and the time it took."""
    for name, options in MEASURES:
        found, took = measured(options)
        fast = "within" if took <= GOAL else "beyond"
        sys.stdout.write(f"{name}: {took:.0f} s, {fast} {GOAL:.0f} s\n")
        sys.stdout.writelines(line(goal) for goal in found["goals"])


if __name__ == "__main__":
    main()
