"""The weather of a run: which faults strike and when, a function of the seed alone."""

from collections.abc import Mapping
from random import Random

from msgspec import Struct

from terminal.core.units import HOUR

RATES: Mapping[str, float] = {
    "lost_before": 3.0,
    "lost_after": 6.0,
    "spike": 6.0,
    "disconnect": 2.0,
    "zombie": 0.5,
    "gap": 4.0,
    "duplicate": 20.0,
    "reorder": 20.0,
    "missing_fill": 1.0,
    "late_statement": 6.0,
    "no_statement": 1.0,
    "rate_limit": 2.0,
    "ban": 0.1,
    "maintenance": 0.05,
    "bad_quote": 1.0,
    "outlier": 1.0,
    "crossed": 2.0,
    "one_sided": 1.0,
    "jump": 0.2,
    "foreign_trade": 0.2,
    "liquidation": 0.02,
    "relisting": 0.05,
    "kill": 1.0,
    "freeze": 1.0,
    "clock": 0.2,
    "disk": 0.1,
    "click": 5.0,
    "advice": 10.0,
}
"""Faults an hour (reliability.md 6)."""

OFTEN = 0.5
"""Chance that a class of faults strikes at all in a run: each run has weather of its own."""


class Strike(Struct, frozen=True):
    """One fault at one moment; ``chance`` is its own source of randomness."""

    at: int  # UtcNs
    kind: str
    chance: int


def weather(seed: int, start: int, hours: float, factor: float) -> tuple[Strike, ...]:
    """Every fault of a run, in order of time.

    Parameters
    ----------
    seed : int
    start : int
        UtcNs.
    hours : float
    factor : float
        Rates are multiplied by it; classes that do not strike in this run give theirs to the
        others, so that the number of faults stays what it is.
    """
    draw = Random(f"weather|{seed}")
    kinds = [kind for kind in RATES if draw.random() < OFTEN] or ["duplicate"]
    share = sum(RATES.values()) / sum(RATES[kind] for kind in kinds)
    found = []
    for kind in kinds:
        rate = RATES[kind] * min(share, 4.0) * factor
        at = float(start)
        while True:
            at += draw.expovariate(rate) * HOUR
            if at >= start + hours * HOUR:
                break
            found.append(Strike(int(at), kind, draw.getrandbits(32)))
    return tuple(sorted(found, key=lambda each: (each.at, each.kind, each.chance)))
