"""Frontiers as the lab writes them, small enough to be read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from terminal.lab.compare import Cell, Comparison

REFERENCE = "Whalley-Wilmott, to edge"
CHEAP, DEAR = "Zakamouline, to edge", "fixed band, to centre"
RISKS = (("0.0013", 10_000.0), ("0.0004", 14_000.0))


def cell(policy: str = REFERENCE, target: str = "0.0013", **changes: Any) -> Cell:
    """One cell, by default of the reference."""
    terms = {
        "policy": policy,
        "measure": "net",
        "target": target,
        "risk": dict(RISKS)[target],
        "reached": True,
        "setting": 1.3e-3,
        "unit": "1/USD",
        "cost": 1_000.0,
        "cost_band": (900.0, 1_100.0),
        "ratio": 1.0,
        "ratio_band": (1.0, 1.0),
        "ratio_error": 0.0,
        "saving": 0.0,
        "saving_band": (0.0, 0.0),
        "saving_error": 0.0,
        "orders_per_day": 12.5,
        "turnover_per_day": 1e6,
    }
    return msgspec.convert(terms | changes, Cell)


def cells() -> tuple[Cell, ...]:
    """Three policies at two risks in both measures; the dear one does not reach the second."""
    found = []
    for measure in ("net", "error"):
        for target, _ in RISKS:
            far = target == RISKS[1][0]
            found += [
                cell(
                    DEAR, target, measure=measure, ratio=1.5, ratio_band=(0.9, 2.5), reached=not far
                ),
                cell(target=target, measure=measure),
                cell(CHEAP, target, measure=measure, ratio=0.8, ratio_band=(0.7, 0.9)),
            ]
    return tuple(found)


def frontier_json(given: Sequence[Cell] | None = None, **changes: Any) -> bytes:
    """What the verb writes as frontier.json."""
    terms: dict[str, Any] = {
        "name": "BTC",
        "windows": 222,
        "left_out": 3,
        "opened": (1_738_195_200_000_000_000, 1_757_289_600_000_000_000),
        "vol": 0.45,
        "uncontrolled": 9_768.0,
        "cells": tuple(cells() if given is None else given),
    }
    return msgspec.json.format(msgspec.json.encode(Comparison(**terms | changes)))


def write_frontier(path: Path, given: Sequence[Cell] | None = None) -> Path:
    """Write one into a file, and its folder where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(frontier_json(given))
    return path
