"""Standard deviation of one day's profit of what stays open."""

import math

from terminal.core.units import DAY, VOL_POINT, YEAR
from terminal.hedging.solver.problem import DELTA, GAMMA, VEGA, Outlook, Risk


def one_day(net: dict[str, float], outlook: Outlook | None) -> Risk | None:
    """One-day standard deviation of the profit of net Greeks.

    Parameters
    ----------
    net : dict of str to float
        Delta in coin, gamma in USD of delta per 1 % move, vega in USD per volatility point.
    outlook : Outlook or None
        Spot and volatilities; None: unknown.

    Returns
    -------
    Risk or None
        USD, each part >= 0; None without an outlook or without one of the three Greeks.

    Notes
    -----
    The profit of a small day is ``D S r + G r**2 / 2 + V dv`` with normal return ``r`` of standard
    deviation ``s = vol sqrt(1/365)``, dollar gamma ``G = 100 gamma_1pct`` and volatility change
    ``dv`` of ``vol * vol_of_vol sqrt(1/365)``. The variance of ``r**2`` is ``2 s**4``; its
    covariances with ``r`` and ``dv`` vanish. Checked by simulation in
    tests/unit/hedging/solver/test_residual.py.
    """
    if outlook is None or not all(greek in net for greek in (DELTA, GAMMA, VEGA)):
        return None
    day = math.sqrt(DAY / YEAR)
    move = outlook.vol * day
    delta = net[DELTA] * outlook.spot * move
    gamma = 50.0 * net[GAMMA] * math.sqrt(2.0) * move * move
    vega = net[VEGA] * outlook.vol * outlook.vol_of_vol * day / VOL_POINT
    shared = 2.0 * outlook.correlation * delta * vega
    variance = delta * delta + gamma * gamma + vega * vega + shared
    return Risk(math.sqrt(max(variance, 0.0)), abs(delta), abs(gamma), abs(vega))
