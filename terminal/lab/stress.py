"""Worlds harder than those a policy was tuned in."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from terminal.lab.calibrate import Calibration
from terminal.lab.dynamics import Dynamics, Kind
from terminal.lab.ground import Terms
from terminal.lab.rule import Rule
from terminal.lab.trial import Trial, tried
from terminal.lab.worlds import windows_in

_HARDER: Final[Mapping[str, tuple[Kind, Mapping[str, float]]]] = MappingProxyType(
    {
        "calm": (Kind.HESTON, {"vol": 0.5, "noise": 0.5}),
        "storm": (Kind.HESTON, {"vol": 2.0, "noise": 2.0}),
        "jumps": (Kind.BATES, {"jumps": 3.0, "jump_vol": 2.0}),
        "regimes": (Kind.REGIME, {"wild": 1.5, "to_wild": 0.5, "to_calm": 2.0}),
        "return": (Kind.REVERTING, {"revert": 3.0}),
        "trend": (Kind.TRENDING, {"trend": 3.0}),
    }
)
"""World by name: the calibrated one that it is made from, and factors of its numbers."""

FAR: Final = 10_000
"""Added to the seed of the training, so that no path of it is seen again."""

NAMES: Final = tuple(_HARDER)


def stresses(worlds: Calibration) -> dict[str, Dynamics]:
    """Stress worlds made from calibrated ones, by name.

    Notes
    -----
    Ours: half and twice the volatility with variance as restless as before; three times the jumps
    at twice the size; a wilder state, rarer and shorter; three times the return and the trend.
    """
    laws = {law.kind: law for law in worlds.laws}
    found = {}
    for name, (kind, factors) in _HARDER.items():
        law = laws[kind]
        changed = {each: part * getattr(law, each) for each, part in factors.items()}
        found[name] = replace(law, **changed)
    return found


def stressed(rule: Rule, worlds: Calibration, terms: Terms, name: str) -> Trial:
    """Try a frozen policy of one setting in one stress world."""
    seed = terms.seed + FAR + NAMES.index(name)
    law = stresses(worlds)[name]
    windows = windows_in(law, terms.setup, terms.paths, spot=worlds.price, seed=seed)
    return tried(rule, windows, terms.setup, terms.lots)
