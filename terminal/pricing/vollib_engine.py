"""Option by option through vollib, an independent implementation, in this program's units."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib import import_module
from types import ModuleType

import numpy as np
import numpy.typing as npt

from terminal.core.errors import ConfigError
from terminal.pricing.black import BlackGreeks
from terminal.pricing.implied import NOISE, QuoteStatus, StatusArray
from terminal.pricing.rows import FloatArray, flat_columns

# vollib states vega per volatility point and theta per calendar day.
POINTS_PER_UNIT = 100.0
DAYS_PER_YEAR = 365.0
UNDISCOUNTED = 0.0


def greeks(
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    vol: npt.ArrayLike,
    sign: npt.ArrayLike,
) -> BlackGreeks:
    """Undiscounted Black-76 price and Greeks by vollib.

    Parameters
    ----------
    forward, strike, years, vol, sign : array_like
        As in `terminal.pricing.black.greeks`.

    Returns
    -------
    BlackGreeks
        Same units and conventions as `terminal.pricing.black.greeks`, limits included: an expired
        option or one without volatility is settled here, as vollib has no answer for it. NaN in
        every field where an input is bad or vollib refuses.

    Raises
    ------
    TypeError, ValueError
        As in `terminal.pricing.black.greeks`.
    ConfigError
        vollib is not installed.
    """
    columns, shape = flat_columns(forward=forward, strike=strike, years=years, vol=vol, sign=sign)
    value, analytical = _module("vollib.black").black, _module("vollib.black.greeks.analytical")
    result = np.full((5, columns[0].size), np.nan)
    legs = zip(*(column.tolist() for column in columns), strict=True)
    for index, (f, k, t, v, s) in enumerate(legs):
        if not _is_option(f, k, s) or not (math.isfinite(t) and 0.0 <= v < math.inf):
            continue
        if t <= 0.0 or v == 0.0:
            result[:, index] = _settled(f, k, s)
            continue
        terms = (_flag(s), f, k, t, UNDISCOUNTED, v)
        result[:, index] = (
            _number(value, *terms),
            _number(analytical.delta, *terms),
            _number(analytical.gamma, *terms),
            _number(analytical.vega, *terms) * POINTS_PER_UNIT,
            _number(analytical.theta, *terms) * DAYS_PER_YEAR,
        )
    result[:, np.isnan(result).any(axis=0)] = np.nan
    return BlackGreeks(*result.reshape(5, *shape))


def implied_vol(
    price: npt.ArrayLike,
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    sign: npt.ArrayLike,
) -> tuple[FloatArray, StatusArray]:
    """Black-76 implied volatility of undiscounted prices by vollib.

    Parameters
    ----------
    price, forward, strike, years, sign : array_like
        As in `terminal.pricing.implied.implied_vol`.

    Returns
    -------
    vol : ndarray
        Annual volatility as a fraction, NaN where the status is not OK.
    status : ndarray of int8
        `QuoteStatus` values; NO_TIME_VALUE also where vollib finds no positive volatility.

    Raises
    ------
    TypeError, ValueError
        As in `terminal.pricing.implied.implied_vol`.
    ConfigError
        vollib is not installed.
    """
    columns, shape = flat_columns(
        price=price, forward=forward, strike=strike, years=years, sign=sign
    )
    solve = _module("vollib.black.implied_volatility").implied_volatility
    refusal = _module("lets_be_rational.exceptions").VolatilityValueException
    vol = np.full(columns[0].size, np.nan)
    status = np.full(columns[0].size, QuoteStatus.OK, np.int8)
    quotes = zip(*(column.tolist() for column in columns), strict=True)
    for index, (p, f, k, t, s) in enumerate(quotes):
        status[index] = _status(p, f, k, t, s)
        if status[index] == QuoteStatus.OK:
            try:
                found = _number(solve, p, f, k, UNDISCOUNTED, t, _flag(s))
            except refusal:
                found = math.nan
            if 0.0 < found < math.inf:
                vol[index] = found
            else:
                status[index] = QuoteStatus.NO_TIME_VALUE
    return vol.reshape(shape), status.reshape(shape)


def _module(name: str) -> ModuleType:
    """A module of vollib, imported on first use: it brings scipy and pandas with it."""
    try:
        return import_module(name)
    except ImportError as problem:
        raise ConfigError(f"engine vollib needs the package vollib ({problem})") from problem


def _number(function: Callable[..., float], *arguments: object) -> float:
    """What vollib answers, NaN where it refuses."""
    try:
        return float(function(*arguments))
    except (ArithmeticError, ValueError, RuntimeError):
        return math.nan


def _flag(sign: float) -> str:
    return "c" if sign > 0.0 else "p"


def _is_option(forward: float, strike: float, sign: float) -> bool:
    return 0.0 < forward < math.inf and 0.0 < strike < math.inf and abs(sign) == 1.0


def _settled(forward: float, strike: float, sign: float) -> tuple[float, ...]:
    """Intrinsic value and its slope, the mean of both sides at the strike."""
    gap = sign * (forward - strike)
    share = 0.5 if gap == 0.0 else float(gap > 0.0)
    return max(gap, 0.0), sign * share, 0.0, 0.0, 0.0


def _status(price: float, forward: float, strike: float, years: float, sign: float) -> QuoteStatus:
    """Whether a quote can have a volatility at all."""
    usable = _is_option(forward, strike, sign) and 0.0 < years < math.inf
    if not usable or not 0.0 <= price < math.inf:
        return QuoteStatus.BAD_INPUT
    intrinsic = max(sign * (forward - strike), 0.0)
    time_value = price - intrinsic
    noise = NOISE * price if intrinsic > 0.0 else 0.0
    if time_value < -noise:
        return QuoteStatus.BELOW_INTRINSIC
    if time_value <= noise:
        return QuoteStatus.NO_TIME_VALUE
    if time_value >= min(forward, strike):
        return QuoteStatus.ABOVE_MAXIMUM
    return QuoteStatus.OK
