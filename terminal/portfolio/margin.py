"""Initial and maintenance margin of a book by the rules of a venue, which are data.

All results are USD at the index of the scenario. A bucket is what shares one settlement currency:
venues never net two of them, and neither may a caller (`revaluation.by_settlement`).
"""

from __future__ import annotations

from math import inf
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace

from terminal.portfolio.checks import checked, numbers
from terminal.portfolio.revaluation import (
    NO_CASH,
    USUAL_SHAPE,
    Holdings,
    VolShape,
    by_settlement,
    moved_vols,
    option_columns,
    revalue,
)
from terminal.pricing.black import price
from terminal.pricing.rows import FloatArray


class Tier(Struct, frozen=True):
    """Margin rates of the part of a position's notional up to ``up_to``, USD."""

    up_to: float
    initial: float
    maintenance: float


class Schedule(Struct, frozen=True):
    """Margin of perpetuals and futures.

    Notes
    -----
    Each slice of notional pays its own rate, as income tax does: a venue's table of "rate times
    notional less maintenance amount" is the same thing, continuous at its borders. With
    ``growth_per_coin`` g every rate rises by g for each coin of position.
    """

    tiers: tuple[Tier, ...]
    growth_per_coin: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a table that is not one."""
        checked("Schedule.growth_per_coin", self.growth_per_coin, least=0.0)
        if not self.tiers or self.tiers[-1].up_to != inf:
            raise ValueError("Schedule.tiers: the last tier must reach to infinity")
        floor = 0.0
        for tier in self.tiers:
            if not tier.up_to > floor:
                raise ValueError("Schedule.tiers: give them in rising order, each above the last")
            floor = tier.up_to
            checked("Tier.maintenance", tier.maintenance, least=0.0)
            checked("Tier.initial", tier.initial, least=tier.maintenance)


class OptionRule(Struct, frozen=True):
    """Margin of short options, as fractions of the underlying; long options need none.

    Notes
    -----
    Deribit, standard margin as its knowledge base publishes it, in coin for each coin short, with
    m the mark in coin and o the amount out of the money over the forward::

        call  maintenance  M + m                        initial  max(A - o, L) + m
        put   maintenance  max(M, M m) + m              initial  max(max(A - o, L) + m, maintenance)

    A = ``start`` 15 %, L = ``least`` 10 %, M = ``maintenance`` 7.5 %. Options settled in USD need
    the same fractions of the forward in USD.
    """

    start: float = 0.15
    least: float = 0.10
    maintenance: float = 0.075

    def __post_init__(self) -> None:
        """Refuse rates without a meaning."""
        checked("OptionRule.maintenance", self.maintenance, least=0.0)
        checked("OptionRule.least", self.least, least=self.maintenance)
        checked("OptionRule.start", self.start, least=self.least)


class StandardMargin(Struct, frozen=True):
    """Position by position, without netting.

    The mark of a short option is in its requirement, so the balance that this is compared with
    leaves option values out; otherwise the mark would count twice.
    """

    futures: Schedule
    options: OptionRule = OptionRule()


class PortfolioMargin(Struct, frozen=True):
    """Worst loss over a table of price and volatility moves.

    Notes
    -----
    The model of Deribit. Defaults are ``model_params`` of BTC in the response example of
    private/pme/simulate (https://docs.deribit.com). The table has ``2 steps + 1`` prices up to
    ``price_range`` on both sides, each with volatility up, same and down. In the extended table
    options see the moves of ``extended`` with volatility up, while futures stay at the edge of
    the price range, and a loss is reduced by ``dampener_usd`` times (move / price_range - 1),
    never below 0. Maintenance is ``maintenance_factor`` of initial. Left out: delta shock, roll
    shock and correlation contingencies, which add to it.
    """

    price_range: float = 0.16
    steps: int = 4
    vol_up: float = 0.5
    vol_down: float = 0.25
    shape: VolShape = VolShape(least_days=1e-6, least_after_rise=0.5)
    extended: tuple[float, ...] = (-0.66, -0.50, 0.50, 1.0, 2.0, 3.0, 4.0, 5.0)
    dampener_usd: float = 100_000.0
    maintenance_factor: float = 0.8

    def __post_init__(self) -> None:
        """Refuse a table that cannot be made."""
        if not 0.0 < checked("PortfolioMargin.price_range", self.price_range) < 1.0:
            raise ValueError("PortfolioMargin.price_range: give a fraction between 0 and 1")
        checked("PortfolioMargin.steps", self.steps, least=1.0)
        checked("PortfolioMargin.vol_up", self.vol_up, least=0.0)
        if not 0.0 <= checked("PortfolioMargin.vol_down", self.vol_down) <= 1.0:
            raise ValueError("PortfolioMargin.vol_down: give a fraction between 0 and 1")
        for move in self.extended:
            checked("PortfolioMargin.extended", move, above=-1.0)
        checked("PortfolioMargin.dampener_usd", self.dampener_usd, least=0.0)
        checked("PortfolioMargin.maintenance_factor", self.maintenance_factor, above=0.0)


MarginRule = StandardMargin | PortfolioMargin

DERIBIT_BTC = StandardMargin(Schedule((Tier(inf, 0.02, 0.01),), growth_per_coin=0.00005))
"""Futures: 2 % and 1 %, rising by 0.005 % a coin. Venues change these: read theirs and replace."""


class Margin(NamedTuple):
    """USD, of the shape of the scenarios: what is there and what is needed."""

    balance: FloatArray
    initial: FloatArray
    maintenance: FloatArray


def margin(
    holdings: Holdings,
    rule: MarginRule,
    spots: npt.ArrayLike | None = None,
    vol_moves: npt.ArrayLike = 0.0,
) -> Margin:
    """Balance and margin of one bucket.

    Parameters
    ----------
    holdings : Holdings
        What shares margin. Holdings of both settlement currencies are taken as cross-collateral:
        their balance and, by the portfolio rule, their losses are summed in USD.
    rule : StandardMargin or PortfolioMargin
    spots : array_like, optional
        Index of each scenario, USD per coin, > 0; the present one when not given.
    vol_moves : array_like
        Relative change of 30-day volatility in each scenario, >= -1; the moves of a portfolio
        margin table are added to it.

    Returns
    -------
    Margin
        USD, of the common shape of the scenarios.

    Raises
    ------
    ValueError, TypeError
        A scenario is out of range.
    """
    prices, moves = np.broadcast_arrays(
        numbers("spots", holdings.spot if spots is None else spots),
        numbers("vol_moves", vol_moves),
    )
    flat, flat_moves = prices.reshape(-1), moves.reshape(-1)
    if isinstance(rule, StandardMargin):
        found = _standard(holdings, rule, flat, flat_moves)
    else:
        found = _portfolio(holdings, rule, flat, flat_moves)
    return Margin(*[each.reshape(prices.shape) for each in found])


def _standard(
    holdings: Holdings, rule: StandardMargin, spots: FloatArray, vol_moves: FloatArray
) -> Margin:
    balance = revalue(replace(holdings, options=()), spots).usd
    futures = _futures(holdings, rule.futures, spots)
    options = _short_options(holdings, rule.options, spots, vol_moves)
    return Margin(balance, futures[0] + options[0], futures[1] + options[1])


def _futures(holdings: Holdings, schedule: Schedule, spots: FloatArray) -> FloatArray:
    """Initial and maintenance margin of perpetuals and futures, shape (2, scenarios).

    A linear contract is q b S USD; an inverse one is N / (b S) coin, worth N / b USD at the index.
    """
    needed = np.zeros((2, spots.size))
    for leg in holdings.linear:
        coins = abs(leg.size) / (leg.basis * spots) if leg.inverse else abs(leg.size)
        value = coins * spots if leg.inverse else coins * leg.basis * spots
        needed += schedule.growth_per_coin * coins * value
        floor = 0.0
        for tier in schedule.tiers:
            part = np.clip(value, floor, tier.up_to) - floor
            needed += np.outer((tier.initial, tier.maintenance), part)
            floor = tier.up_to
    return needed


def _short_options(
    holdings: Holdings, rule: OptionRule, spots: FloatArray, vol_moves: FloatArray
) -> FloatArray:
    """Initial and maintenance margin of short options, shape (2, scenarios)."""
    short = tuple([each for each in holdings.options if each.coins < 0.0])
    if not short:
        return np.zeros((2, spots.size))
    coins, strike, years, vol, sign, in_coin, basis = option_columns(short)
    forward = basis * spots[:, None]
    vols = moved_vols(vol, years, vol_moves[:, None], USUAL_SHAPE)
    mark = price(forward, strike, years, vols, sign) / forward
    away = np.maximum(sign * (strike - forward), 0.0) / forward
    initial = np.maximum(rule.start - away, rule.least) + mark
    call = rule.maintenance + mark
    put = np.maximum(rule.maintenance, rule.maintenance * mark) + mark
    maintenance = np.where(sign > 0.0, call, put)
    initial = np.where(sign > 0.0, initial, np.maximum(initial, maintenance))
    in_usd = -coins * np.where(in_coin, spots[:, None], forward)
    return np.array(((initial * in_usd).sum(axis=1), (maintenance * in_usd).sum(axis=1)))


def _portfolio(
    holdings: Holdings, rule: PortfolioMargin, spots: FloatArray, vol_moves: FloatArray
) -> Margin:
    """Worst loss, counted in coin and turned into USD at the index where everything is in coin."""
    moves = np.linspace(-rule.price_range, rule.price_range, 2 * rule.steps + 1)
    table = np.repeat(moves, 3), np.tile((-rule.vol_down, 0.0, rule.vol_up), moves.size)
    wide = np.array(rule.extended, dtype=np.float64)
    edge = np.clip(wide, -rule.price_range, rule.price_range)
    up = np.full(wide.size, rule.vol_up)
    futures = replace(holdings, options=(), cash=NO_CASH)
    scene = _Scene(rule.shape, spots, vol_moves, in_coin=by_settlement(holdings)[1].is_empty)
    standard = _losses(scene, holdings, table)
    extended = _losses(scene, replace(holdings, linear=()), (wide, up))
    extended += _losses(scene, futures, (edge, up))
    relief = rule.dampener_usd * np.maximum(np.abs(wide) / rule.price_range - 1.0, 0.0)
    initial = np.hstack((standard, extended - relief)).max(axis=1, initial=0.0)
    balance = revalue(holdings, spots, vol_moves).usd
    return Margin(balance, initial, rule.maintenance_factor * initial)


class _Scene(NamedTuple):
    """Where a table of moves is applied: prices and volatility moves, (n,) each."""

    shape: VolShape
    spots: FloatArray
    vol_moves: FloatArray
    in_coin: bool


def _losses(
    scene: _Scene, holdings: Holdings, table: tuple[FloatArray, FloatArray]
) -> FloatArray:
    """Losses at each scene by each move of price and volatility, USD, shape (n, moves).

    The least volatility after a rise belongs to the rises of the table, not to those of the scene.
    """
    moves, vols = table
    spots, vol_moves = scene.spots[:, None], scene.vol_moves[:, None]
    calm = replace(scene.shape, least_after_rise=0.0)
    base = revalue(holdings, spots, vol_moves, 0.0, calm)
    losses = np.empty((scene.spots.size, moves.size))
    for part, shape in ((vols > 0.0, scene.shape), (vols <= 0.0, calm)):
        shifted = np.maximum(vol_moves + vols[part], -1.0)
        worth = revalue(holdings, spots * (1.0 + moves[part]), shifted, 0.0, shape)
        in_coin = (base.coin - worth.coin) * spots
        losses[:, part] = in_coin if scene.in_coin else base.usd - worth.usd
    return losses
