"""What a search is scored on: windows of worlds and of history, with the reference's result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from terminal.core.errors import DataError
from terminal.lab.calibrate import Calibration
from terminal.lab.dynamics import Dynamics
from terminal.lab.rule import Lots
from terminal.lab.shape import BANDS, Family
from terminal.lab.simulate import simulate
from terminal.lab.straddles import Straddles, straddles
from terminal.lab.trial import reference, worst
from terminal.lab.windows import LONG_DAYS, Setup, Windows, cut
from terminal.lab.worlds import windows_in
from terminal.market.bars import Bars

HISTORY: Final = "history"
OF_HISTORY: Final = 0.5
"""Weight of the recorded windows; the worlds share the rest evenly."""

LEAST_WINDOWS: Final = 14
"""Fewer windows have no tail."""


class Ground(NamedTuple):
    """Windows of one kind, all with the same book, and what the reference comes to on them.

    Attributes
    ----------
    name : str
    weight : float
        In the score.
    book : Straddles
    setup : Setup
    lots : Lots
    aversion : float
        Risk aversion of the reference, 1/USD.
    usual_vol : float
        Annual; mean of the training's windows.
    risk, cost : float
        Of the reference at that aversion: CVaR at 95 % of the hedging P&L, and mean cost, USD.
    """

    name: str
    weight: float
    book: Straddles
    setup: Setup
    lots: Lots
    aversion: float
    usual_vol: float
    risk: float
    cost: float


class Terms(NamedTuple):
    """What all grounds of a search have in common."""

    setup: Setup
    lots: Lots
    aversion: float
    paths: int  # windows of each world
    seed: int
    family: Family = BANDS  # what is searched


def history(bars: Bars, setup: Setup) -> Windows:
    """Windows of recorded bars.

    Raises
    ------
    DataError
        Fewer than `LEAST_WINDOWS` have their bars; the message says what is missing.
    """
    if not bars.start.size:
        raise DataError("no bars in the days that are asked for: give bars of them")
    windows = cut(bars, setup)
    if windows.start.size < LEAST_WINDOWS:
        raise DataError(
            f"{windows.start.size} windows have their {setup.days} days and the {LONG_DAYS} before "
            f"({windows.left_out} have gaps), {LEAST_WINDOWS} are needed: give more bars"
        )
    return windows


def grounds_of(windows: Windows, worlds: Calibration, terms: Terms) -> tuple[Ground, ...]:
    """History and one ground of each world.

    Parameters
    ----------
    windows : Windows
        Of the same bars that the worlds were calibrated to.
    worlds : Calibration
    terms : Terms

    Returns
    -------
    tuple of Ground
        Weights sum to 1. Equal for equal arguments.
    """
    usual = float(windows.vol.mean())
    share = (1.0 - OF_HISTORY) / len(worlds.laws)
    found = [ground_of(HISTORY, windows, terms, (OF_HISTORY, usual))]
    for law, drawn in zip(worlds.laws, drawn_from(worlds.laws, worlds.price, terms), strict=True):
        found.append(ground_of(law.kind.value, drawn, terms, (share, usual)))
    return tuple(found)


def drawn_from(laws: Sequence[Dynamics], price: float, terms: Terms) -> tuple[Windows, ...]:
    """Windows of each law, from a seed of its own."""
    return tuple(
        windows_in(law, terms.setup, terms.paths, spot=price, seed=terms.seed + number)
        for number, law in enumerate(laws)
    )


def ground_of(name: str, windows: Windows, terms: Terms, told: tuple[float, float]) -> Ground:
    """Ground of some windows; ``told`` is its weight and the usual volatility."""
    weight, usual = told
    book = straddles(windows, terms.setup)
    found = simulate(reference(np.array([terms.aversion])), book, terms.setup, terms.lots)
    risk = float(worst(found.error - found.cost)[0])
    cost = float(found.cost.mean())
    bare = (terms.setup, terms.lots, terms.aversion, usual)
    return Ground(name, weight, book, *bare, risk, cost)
