"""One coin as a hedge for the whole book: betas, the beta-adjusted delta, and the risk that stays.

Coins move together, but not enough to be one: a hedge in the proxy alone leaves what each coin
does by itself, which is most of the variance of a book of other coins. So the number never stands
without the standard deviation that remains after it.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct

from terminal.model.hedge_with import ProxyCoin, ProxyView
from terminal.pricing.rows import FloatArray

PROXY = "BTC"

HALF_LIFE = 240.0
"""Hours after which a return counts half: ten days. Betas over 30 days wander by a quarter."""

USUAL: Mapping[str, float] = {"BTC": 1.0, "ETH": 1.3, "SOL": 1.45}
"""Long-run betas of hourly returns, toward which measured ones are drawn."""

DRAWN = 0.5
"""Weight of the long-run beta."""

LEAST_HOURS = 48
"""Hourly returns of all coins below which nothing is said."""

HOURS = 24.0


class Moves(Struct, frozen=True):
    """Hourly log returns of several coins, seen at the same hours.

    Attributes
    ----------
    names : tuple of str
        Columns.
    returns : ndarray (n, k)
        Oldest first, finite.
    """

    names: tuple[str, ...]
    returns: FloatArray


def covariance(returns: FloatArray, half_life: float = HALF_LIFE) -> FloatArray:
    """Covariance of one step, the latest weighing most.

    Parameters
    ----------
    returns : ndarray (n, k)
        Oldest first, n >= 1.
    half_life : float
        Steps after which the weight is half.

    Returns
    -------
    ndarray (k, k)

    Notes
    -----
    Means are taken as zero: an hour's drift is nothing beside its noise, and estimating it adds
    more error than it removes.
    """
    age = np.arange(len(returns) - 1, -1, -1)
    weight = np.exp2(-age / half_life)
    found: FloatArray = (returns * weight[:, None]).T @ returns / weight.sum()
    return found


def drawn_beta(name: str, measured: float) -> float:
    """Beta half-way to its long-run value; a coin without one keeps what was measured."""
    usual = USUAL.get(name)
    return measured if usual is None else DRAWN * usual + (1.0 - DRAWN) * measured


def proxy_view(
    deltas_usd: Mapping[str, float | None], spot: float | None, moves: Moves
) -> ProxyView:
    """Hedge of the whole book in the proxy coin.

    Parameters
    ----------
    deltas_usd : mapping
        Net delta of every coin, USD; None where it is unknown.
    spot : float or None
        Price of the proxy coin, USD.
    moves : Moves
        Of every coin that has a delta, and of the proxy.

    Returns
    -------
    ProxyView
        Without numbers, and with the reason, while something is unknown.

    Notes
    -----
    beta_i = cov(r_i, r_p) / var(r_p); the hedge that leaves the least variance is minus the sum of
    beta_i D_i, and what remains has the standard deviation sqrt(d' C d) of the deltas with it.
    """
    unknown = [name for name, delta in deltas_usd.items() if delta is None]
    held = {name: delta for name, delta in deltas_usd.items() if delta}
    reason = _missing(unknown, held, spot, moves)
    if reason or not spot:
        return ProxyView(proxy=PROXY, reason=reason or f"no price of {PROXY} yet")
    if not held:
        return ProxyView(
            proxy=PROXY, delta_usd=0.0, hedge_coins=0.0, sd_before_usd=0.0, sd_after_usd=0.0
        )
    step = covariance(moves.returns)
    place = moves.names.index(PROXY)
    if not step[place, place] > 0.0:
        return ProxyView(proxy=PROXY, reason=f"{PROXY} has not moved")
    coins = [_coin(name, delta, moves.names, step) for name, delta in held.items()]
    adjusted = sum(each.delta_usd * each.beta for each in coins)
    deltas = np.array([held.get(name, 0.0) for name in moves.names])
    after = deltas.copy()
    after[place] -= adjusted
    return ProxyView(
        proxy=PROXY,
        coins=tuple(coins),
        delta_usd=adjusted,
        hedge_coins=-adjusted / spot,
        sd_before_usd=_one_day(deltas, step),
        sd_after_usd=_one_day(after, step),
    )


def _missing(
    unknown: Sequence[str], held: Mapping[str, float], spot: float | None, moves: Moves
) -> str:
    """Why nothing can be said; empty when something can."""
    if unknown:
        return f"net delta of {', '.join(unknown)} is unknown"
    if spot is None or not 0.0 < spot < math.inf:
        return f"no price of {PROXY} yet"
    if not held:
        return ""
    unseen = [name for name in (PROXY, *held) if name not in moves.names]
    if unseen:
        return f"no prices of {', '.join(dict.fromkeys(unseen))} yet"
    hours = len(moves.returns)
    if hours < LEAST_HOURS:
        return f"{hours} of {LEAST_HOURS} hourly returns seen in this run"
    return ""


def _coin(name: str, delta: float, names: Sequence[str], step: FloatArray) -> ProxyCoin:
    place, own = names.index(PROXY), names.index(name)
    both, alone, mine = (float(step[pair]) for pair in ((own, place), (place, place), (own, own)))
    measured = both / alone
    correlation = both / math.sqrt(alone * mine) if mine > 0.0 else None
    return ProxyCoin(name, delta, drawn_beta(name, measured), measured, correlation)


def _one_day(deltas: FloatArray, step: FloatArray) -> float:
    """Standard deviation of one day's profit, USD."""
    return math.sqrt(max(float(deltas @ step @ deltas), 0.0) * HOURS)
