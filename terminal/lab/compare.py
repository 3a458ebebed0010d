"""What every policy costs at the risk of one of them, with the band of chance around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from msgspec import Struct

from terminal.lab.bootstrap import band, block_weights, moments
from terminal.lab.frontier import Frontier, cost_at, frontier, position, reaches
from terminal.lab.rule import Lots, Rule
from terminal.lab.rules import DEFAULT, REFERENCE, rules
from terminal.lab.simulate import Outcome, simulate
from terminal.lab.straddles import straddles
from terminal.lab.windows import Setup, Windows
from terminal.pricing.rows import FloatArray

TARGETS: Final = (("tight", 1e-4), ("middle", 2e-5), ("wide", 3e-6))
"""Equal risk is that of the reference policy at these risk aversions, 1/USD: those of the preset
profiles Cautious, Balanced (the default) and Degen."""

MEASURES: Final = ("net", "error")
"""Standard deviation of the net P&L, and of the hedging error alone."""

Progress: TypeAlias = Callable[[float, str], None]


class Draws(Struct, frozen=True):
    """How chance is measured: resamples, windows that stay together, and a seed."""

    count: int
    block: int
    seed: int


class Cell(Struct, frozen=True):
    """One policy at one risk. Costs are of a window, in USD; bands hold 95 % of the resamples."""

    policy: str
    measure: str  # net or error
    target: str  # tight, middle or wide, or as the targets asked for are called
    risk: float  # standard deviation, USD
    reached: bool  # False: no setting tried carries this risk; the outermost one is shown
    setting: float
    unit: str
    cost: float
    cost_band: tuple[float, float]
    ratio: float  # cost over that of the reference
    ratio_band: tuple[float, float]
    ratio_error: float  # standard error
    saving: float  # of the default against this policy, a fraction of this policy's cost
    saving_band: tuple[float, float]
    saving_error: float  # standard error
    orders_per_day: float
    turnover_per_day: float  # USD


class Comparison(Struct, frozen=True):
    """Every policy on one coin's windows.

    ``uncontrolled`` is the standard deviation that is left with a costless hedge at every decision,
    USD: realised against implied volatility, which no policy decides.
    """

    name: str
    windows: int
    left_out: int
    opened: tuple[int, int]  # UtcNs of the first and the last window's opening
    vol: float  # mean implied volatility
    uncontrolled: float
    cells: tuple[Cell, ...]

    def cell(self, policy: str, measure: str, target: str) -> Cell:
        """One policy at one risk."""
        wanted = (policy, measure, target)
        return next(e for e in self.cells if (e.policy, e.measure, e.target) == wanted)


class _Curve(NamedTuple):
    """Frontiers of a policy by measure: of all windows (k,), and of each resample (draws, k)."""

    rule: Rule
    orders: FloatArray
    turnover: FloatArray
    whole: dict[str, Frontier]
    drawn: dict[str, Frontier]


def compare(
    name: str,
    windows: Windows,
    setup: Setup,
    lots: Lots,
    draws: Draws,
    *,
    tell: Progress,
    targets: Sequence[tuple[str, float]] = TARGETS,
) -> Comparison:
    """Hedge all windows with all policies and compare their costs at equal risk.

    Parameters
    ----------
    name : str
        Of the coin.
    windows : Windows
        At least two.
    setup : Setup
    lots : Lots
    draws : Draws
    tell : callable
        Told the part that is done (0..1), and what is being done.
    targets : sequence of (str, float)
        Risk aversions of the reference whose risks are equalled, 1/USD, and what they are called.

    Returns
    -------
    Comparison
        Equal for equal arguments.
    """
    book = straddles(windows, setup)
    count = book.coins.size
    weights = block_weights(draws.seed, draws.count, count, draws.block)
    chosen = rules(order_cost=setup.order_cost > 0.0)
    curves = {}
    for number, rule in enumerate(chosen):
        tell(number / len(chosen), f"{name}: {rule.name}")
        curves[rule.name] = _curve(rule, simulate(rule, book, setup, lots), weights, setup.days)
    tell(1.0, name)
    cells = []
    for measure in MEASURES:
        for target in targets:
            cells += _cells(curves, measure, target)
    return Comparison(
        name=name,
        windows=count,
        left_out=windows.left_out,
        opened=(int(windows.start[0]), int(windows.start[-1])),
        vol=float(windows.vol.mean()),
        uncontrolled=float(book.perfect.std()),
        cells=tuple(cells),
    )


def _curve(rule: Rule, outcome: Outcome, weights: FloatArray, days: int) -> _Curve:
    every = np.full((1, weights.shape[1]), 1.0 / weights.shape[1])
    whole: dict[str, Frontier] = {}
    drawn: dict[str, Frontier] = {}
    for measure in MEASURES:
        values = getattr(outcome, measure)
        for where, shares in ((whole, every), (drawn, weights)):
            cost, _ = moments(shares, outcome.cost)
            _, deviation = moments(shares, values)
            where[measure] = frontier(deviation, cost)
    per_day = (outcome.orders.mean(axis=1) / days, outcome.turnover.mean(axis=1) / days)
    return _Curve(rule, *per_day, whole, drawn)


def _cells(curves: dict[str, _Curve], measure: str, target: tuple[str, float]) -> list[Cell]:
    """Every policy at the risk that the reference carries at one aversion."""
    called, aversion = target
    reference = curves[REFERENCE]
    at = int(np.argmin(np.abs(np.log(reference.rule.settings / aversion))))
    risk = reference.whole[measure].risk[..., at]
    drawn_risk = reference.drawn[measure].risk[..., at]
    costs = {name: cost_at(each.whole[measure], risk) for name, each in curves.items()}
    drawn = {name: cost_at(each.drawn[measure], drawn_risk) for name, each in curves.items()}
    found = []
    for name, curve in curves.items():
        ratios = drawn[name] / drawn[REFERENCE]
        savings = 1.0 - drawn[DEFAULT] / drawn[name]
        whole = curve.whole[measure]
        place = float(position(whole, risk)[0])
        index = np.arange(curve.orders.size)
        found.append(
            Cell(
                policy=name,
                measure=measure,
                target=called,
                risk=float(risk[0]),
                reached=bool(reaches(whole, risk)[0]),
                setting=float(np.exp(np.interp(place, index, np.log(curve.rule.settings)))),
                unit=curve.rule.unit,
                cost=float(costs[name][0]),
                cost_band=band(drawn[name]),
                ratio=float(costs[name][0] / costs[REFERENCE][0]),
                ratio_band=band(ratios),
                ratio_error=float(ratios.std(ddof=1)),
                saving=float(1.0 - costs[DEFAULT][0] / costs[name][0]),
                saving_band=band(savings),
                saving_error=float(savings.std(ddof=1)),
                orders_per_day=float(np.interp(place, index, curve.orders)),
                turnover_per_day=float(np.interp(place, index, curve.turnover)),
            )
        )
    return found
