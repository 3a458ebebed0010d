"""Drift of a forecast: off when it has become worse than a naive one, on when it is better again.

Page's cumulative sum of the difference of two losses, one sum for getting worse while the forecast
is on, and one for getting better while it is off.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from terminal.market.arrays import numbers, whole

LEAST: Final = 30
"""Outcomes before anything is judged: they tell how far a difference usually goes."""

SLACK: Final = 0.05
"""Standard deviations an outcome that count as nothing."""

LIMIT: Final = 12.0
"""Sum, in standard deviations, at which a forecast is turned off. Of independent outcomes it takes
25 (median) of a forecast that is half a deviation worse than the naive one, 210 of one that is no
better, and ten years of days of one that is a fifth of a deviation better."""

PROVEN: Final = 6.0
"""Sum of the other sign at which it is turned on again: 12 outcomes, half a deviation better."""

LARGEST: Final = 3.0
"""Standard deviations that one outcome counts at most: a crash must not decide alone."""


class Verdict(Struct, frozen=True):
    """What the sums say after the last outcome.

    Attributes
    ----------
    on : bool
        Whether the forecast may be used.
    changed : int
        Row of the outcome that turned it off, or on again; -1 if none ever did.
    level : float
        Sum that counts now, standard deviations: towards off while on, towards on while off.
    limit : float
        What the sum must pass for the next change.
    outcomes : int
        Known differences that were judged.
    """

    on: bool
    changed: int
    level: float
    limit: float
    outcomes: int


def judged(differences: npt.ArrayLike, *, overlap: int = 1) -> Verdict:
    """Judge a forecast by its loss minus that of a naive one.

    Parameters
    ----------
    differences : array_like (n,)
        Oldest first, above 0 where the naive forecast was better; NaN where no outcome is known.
        Outcomes that cluster, as those of hours do, are to be averaged by day first.
    overlap : int
        Outcomes that share the same time, >= 1: seven for a week ahead judged daily.

    Returns
    -------
    Verdict
        On until 30 outcomes are known: until then nothing speaks against it but its short past.

    Raises
    ------
    TypeError, ValueError
        Not numbers, or `overlap` below one.

    Notes
    -----
    Page (1954) with the slack of Hinkley (1971): ``S = max(0, S + z - slack)``, z the difference
    over its root mean square so far, cut at three. Overlapping outcomes say the same thing several
    times, so the limits grow with the overlap. Nothing later than an outcome judges it.
    """
    whole("overlap", overlap)
    values = numbers("differences", differences)
    known = np.flatnonzero(np.isfinite(values))
    squares, sums, on, changed, count = 0.0, 0.0, True, -1, 0
    for row, value in zip(known.tolist(), values[known].tolist(), strict=True):
        if count >= LEAST and squares > 0.0:
            z = value / math.sqrt(squares / count)
            z = min(max(z, -LARGEST), LARGEST)
            sums = max(0.0, sums + (z if on else -z) - SLACK)
            if sums > _limit(overlap, on=on):
                on, sums, changed = not on, 0.0, row
        squares += value * value
        count += 1
    return Verdict(on, changed, sums, _limit(overlap, on=on), count)


def _limit(overlap: int, *, on: bool) -> float:
    return (LIMIT if on else PROVEN) * overlap
