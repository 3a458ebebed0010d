"""Deltas that know how the smile moves with the forward, and when to believe them."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from terminal.pricing.rows import FloatArray, flat_columns

STICKY_STRIKE: Final = 1.0
STICKY_DELTA: Final = 0.0
LOCAL_VOL: Final = 2.0
# Observations at which a fitted stickiness counts half, and the error it must get below.
HALF_TRUST: Final = 2000.0
ACTIVE_BELOW: Final = 0.98


class HullWhite(Struct, frozen=True):
    """Coefficients of the minimum-variance delta, and the observations behind them."""

    a: float
    b: float
    c: float
    count: int


class StickinessFit(Struct, frozen=True):
    """Fitted skew stickiness R and the observations behind it."""

    stickiness: float
    count: int


class Moves(Struct, frozen=True):
    """What options did between two looks, tuples of equal length, one entry for each option.

    Attributes
    ----------
    dvalue : tuple of float
        Change of the option, USD per unit.
    dforward : tuple of float
        Change of its forward, USD.
    decay : tuple of float
        theta * dt, USD per unit: negative for time that passed.
    delta, vega : tuple of float
        Black-76 at the first look; vega per 1.00 of volatility.
    slope : tuple of float
        dvol / dk of the smile at the first look.
    forward, years : tuple of float
        At the first look.
    """

    dvalue: tuple[float, ...]
    dforward: tuple[float, ...]
    decay: tuple[float, ...]
    delta: tuple[float, ...]
    vega: tuple[float, ...]
    slope: tuple[float, ...]
    forward: tuple[float, ...]
    years: tuple[float, ...]


def stickiness_delta(
    delta: npt.ArrayLike,
    vega: npt.ArrayLike,
    slope: npt.ArrayLike,
    forward: npt.ArrayLike,
    *,
    stickiness: float,
) -> FloatArray:
    """Delta when the smile follows the forward by a stickiness R.

    Parameters
    ----------
    delta, vega : array_like
        Black-76, coins and USD per 1.00 of volatility.
    slope : array_like
        dvol / dk of the smile at the strike.
    forward : array_like
        USD, > 0.
    stickiness : float
        R: 1 sticky strike (the Black-76 delta), 0 sticky delta (vol a function of K / F), 2 the
        local-volatility rule of thumb.

    Returns
    -------
    ndarray
        delta + vega (R - 1) slope / forward; NaN where an input is, or forward is not positive.

    Raises
    ------
    TypeError
        An input holds something else than real numbers.
    ValueError
        The shapes do not broadcast, or the stickiness is not finite.

    Notes
    -----
    With vol = f(ln K / F), dvol / dF = -f' / F, which is R = 0.
    """
    if not np.isfinite(stickiness):
        raise ValueError(f"stickiness must be finite, not {stickiness}")
    columns, shape = flat_columns(delta=delta, vega=vega, slope=slope, forward=forward)
    base, per_vol, skew, level = columns
    with np.errstate(all="ignore"):
        moved = base + per_vol * (stickiness - 1.0) * skew / np.where(level > 0.0, level, np.nan)
    return moved.reshape(shape)


def minimum_variance_delta(
    delta: npt.ArrayLike,
    vega: npt.ArrayLike,
    forward: npt.ArrayLike,
    years: npt.ArrayLike,
    *,
    model: HullWhite,
) -> FloatArray:
    """Hull and White's delta, which expects the volatility move that tends to come with a move.

    Parameters
    ----------
    delta, vega : array_like
        Black-76, coins and USD per 1.00 of volatility.
    forward : array_like
        USD, > 0.
    years : array_like
        Time to expiry, > 0.
    model : HullWhite
        Fitted coefficients.

    Returns
    -------
    ndarray
        delta + vega / (forward sqrt(years)) (a + b delta + c delta^2); NaN where an input is NaN
        or not positive.

    Raises
    ------
    TypeError
        An input holds something else than real numbers.
    ValueError
        The shapes do not broadcast.

    Notes
    -----
    Hull and White (2017), "Optimal delta hedging for options".
    """
    columns, shape = flat_columns(delta=delta, vega=vega, forward=forward, years=years)
    base, per_vol, level, tenor = columns
    with np.errstate(all="ignore"):
        sound = (level > 0.0) & (tenor > 0.0)
        scale = per_vol / (level * np.sqrt(tenor))
        moved = base + scale * (model.a + base * (model.b + model.c * base))
    return np.where(sound, moved, np.nan).reshape(shape)


def fit_stickiness(moves: Moves) -> StickinessFit | None:
    """Skew stickiness R that explains what Black-76 deltas missed.

    Parameters
    ----------
    moves : Moves
        Observations; those that are not finite, or whose vega is not positive, are left out.

    Returns
    -------
    StickinessFit or None
        None where no usable option had a skew and a move.

    Notes
    -----
    Least squares of (dV - delta dF - theta dt) / vega on slope dF / F, so that an observation
    counts by its error in volatility.
    """
    rows, missed = _usable(moves)
    regressor = rows[5] * rows[1] / rows[6]
    square = float(regressor @ regressor)
    if square <= 0.0:
        return None
    return StickinessFit(1.0 + float(regressor @ missed) / square, missed.size)


def fit_hull_white(moves: Moves) -> HullWhite | None:
    """Coefficients of the minimum-variance delta.

    Parameters
    ----------
    moves : Moves
        Observations; those that are not finite, or whose vega is not positive, are left out.

    Returns
    -------
    HullWhite or None
        None where the observations do not determine three coefficients.

    Notes
    -----
    Least squares of (dV - delta dF - theta dt) on vega dF / (F sqrt T) (1, delta, delta^2), both
    sides divided by vega.
    """
    rows, missed = _usable(moves)
    scale = rows[1] / (rows[6] * np.sqrt(rows[7]))
    design = scale * np.stack((np.ones_like(scale), rows[3], rows[3] ** 2))
    if design.shape[1] < 3:
        return None
    found, _, rank, _ = np.linalg.lstsq(design.T, missed, rcond=None)
    if rank < 3:
        return None
    a, b, c = found.tolist()
    return HullWhite(a, b, c, missed.size)


def shrunk(fit: StickinessFit) -> float:
    """Stickiness drawn to sticky strike: n / (n + 2000) of the way the fit goes.

    Parameters
    ----------
    fit : StickinessFit
        Fitted R and its observations.

    Returns
    -------
    float
        Between 1 and the fitted R.
    """
    return 1.0 + (fit.stickiness - 1.0) * fit.count / (fit.count + HALF_TRUST)


def error_ratio(moves: Moves, delta: npt.ArrayLike) -> float | None:
    """Squared hedging error of a delta, as a share of that of Black-76.

    Parameters
    ----------
    moves : Moves
        Observations that the delta was not fitted to.
    delta : array_like (n,)
        The delta to be judged, one for each option.

    Returns
    -------
    float or None
        Below 1 where the delta hedges better; None without usable observations.

    Raises
    ------
    ValueError
        The deltas are not as many as the observations.
    """
    judged = np.asarray(delta, dtype=np.float64)
    if judged.shape != (len(moves.delta),):
        raise ValueError(f"delta must have shape {(len(moves.delta),)}, not {judged.shape}")
    usable = _is_usable(_matrix(moves)) & np.isfinite(judged)
    rows = _matrix(moves)[:, usable]
    plain = rows[0] - rows[3] * rows[1] - rows[2]
    other = rows[0] - judged[usable] * rows[1] - rows[2]
    base = float(plain @ plain)
    return float(other @ other) / base if base > 0.0 else None


def is_active(ratio: float | None) -> bool:
    """Whether a smile delta may replace Black-76: its error out of sample is below 0.98.

    Parameters
    ----------
    ratio : float or None
        Trailing `error_ratio`; None is unknown, and not enough.

    Returns
    -------
    bool
        False for NaN too.
    """
    return ratio is not None and ratio < ACTIVE_BELOW


def _matrix(moves: Moves) -> FloatArray:
    """All fields as rows; raises ValueError where they differ in length."""
    fields = [getattr(moves, name) for name in moves.__struct_fields__]
    if len({len(field) for field in fields}) > 1:
        raise ValueError("the tuples of moves differ in length")
    return np.array(fields, dtype=np.float64)


def _is_usable(rows: FloatArray) -> npt.NDArray[np.bool_]:
    """Observations that a regression can use."""
    sound = np.isfinite(rows).all(axis=0)
    return np.asarray(sound & (rows[4] > 0.0) & (rows[6] > 0.0) & (rows[7] > 0.0))


def _usable(moves: Moves) -> tuple[FloatArray, FloatArray]:
    """Usable observations, and what Black-76 missed in them, in volatility."""
    rows = _matrix(moves)
    rows = rows[:, _is_usable(rows)]
    return rows, (rows[0] - rows[3] * rows[1] - rows[2]) / rows[4]
