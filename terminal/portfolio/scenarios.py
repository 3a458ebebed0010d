"""Grids of price, volatility and time over a book, every cell valued anew."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from terminal.portfolio.checks import numbers
from terminal.portfolio.revaluation import USUAL_SHAPE, Holdings, VolShape, revalue
from terminal.pricing.engines import NUMPY, Engine
from terminal.pricing.rows import FloatArray


class Axes(Struct, frozen=True):
    """Moves of a grid: relative price and volatility (-0.2 is 20 % down), and days ahead."""

    spots: tuple[float, ...] = (-0.4, -0.2, -0.1, -0.05, 0.0, 0.05, 0.1, 0.2, 0.4)
    vols: tuple[float, ...] = (-0.5, -0.2, 0.0, 0.2, 0.5)
    days: tuple[float, ...] = (0.0, 1.0, 7.0)


USUAL_AXES = Axes()


class Cell(Struct, frozen=True):
    """One scenario and what it does to the book, USD or coin."""

    spot_move: float
    vol_move: float
    days: float
    pnl: float


class ScenarioGrid(Struct, frozen=True):
    """P&L and sensitivities over a grid; arrays have the shape (days, vols, spots).

    ``delta`` and ``gamma`` are those of ``Worth`` in each cell. The worst cell in coin is another
    than the worst in USD as a rule: a coin account gains nothing when coin falls with the book.
    """

    axes: Axes
    pnl_usd: FloatArray
    pnl_coin: FloatArray
    delta: FloatArray
    gamma: FloatArray
    worst_usd: Cell
    worst_coin: Cell


def scenario_grid(
    holdings: Holdings,
    axes: Axes = USUAL_AXES,
    shape: VolShape = USUAL_SHAPE,
    *,
    engine: Engine = NUMPY,
) -> ScenarioGrid:
    """P&L of holdings over price, volatility and time, everything valued anew.

    Parameters
    ----------
    holdings : Holdings
    axes : Axes
        Price moves > -1, volatility moves >= -1, days >= 0; none of them empty.
    shape : VolShape
    engine : Engine
        What prices the options.

    Returns
    -------
    ScenarioGrid
        Against the present value by the same model, so that no move is no P&L.

    Raises
    ------
    ValueError, TypeError
        An axis is empty or has a move that is not possible.
    """
    for name in ("spots", "vols", "days"):
        if not len(getattr(axes, name)):
            raise ValueError(f"Axes.{name} is empty: give at least one move, 0 for none")
    spots = holdings.spot * (1.0 + numbers("Axes.spots", axes.spots))
    vols, days = numbers("Axes.vols", axes.vols), numbers("Axes.days", axes.days)
    cells = np.broadcast_arrays(spots, vols[:, None], days[:, None, None])
    here = holdings.spot, 0.0, 0.0
    price, vol, ahead = (np.append(each, one) for each, one in zip(cells, here, strict=True))
    worth = revalue(holdings, price, vol, ahead, shape, engine=engine)
    whole = cells[0].shape
    usd = (worth.usd[:-1] - worth.usd[-1]).reshape(whole)
    coin = (worth.coin[:-1] - worth.coin[-1]).reshape(whole)
    return ScenarioGrid(
        axes=axes,
        pnl_usd=usd,
        pnl_coin=coin,
        delta=worth.delta[:-1].reshape(whole),
        gamma=worth.gamma[:-1].reshape(whole),
        worst_usd=_worst(axes, usd),
        worst_coin=_worst(axes, coin),
    )


def _worst(axes: Axes, pnl: FloatArray) -> Cell:
    """Cell of the largest loss, the first of equals."""
    day, vol, spot = np.unravel_index(int(pnl.argmin()), pnl.shape)
    return Cell(axes.spots[spot], axes.vols[vol], axes.days[day], float(pnl[day, vol, spot]))


