"""Heston, Merton and Bates: their parameters, and the one form in which all three are computed."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import msgspec
import numpy as np

from terminal.pricing.rows import FloatArray

# Allowed values, both ends included. Wide enough for any market, narrow enough that no formula
# overflows: variances up to (1,000 %)^2, jumps up to a factor of e^5.
RANGES: Final[dict[str, tuple[float, float]]] = {
    "v0": (1e-8, 100.0),
    "kappa": (1e-4, 1000.0),
    "theta": (1e-8, 100.0),
    "xi": (0.0, 100.0),
    "rho": (-0.9999, 0.9999),
    "vol": (1e-4, 10.0),
    "jump_rate": (0.0, 1000.0),
    "jump_mean": (-5.0, 5.0),
    "jump_std": (0.0, 5.0),
}


class Heston(msgspec.Struct, frozen=True, tag="heston"):
    """Stochastic variance: dF = sqrt(v) F dW, dv = kappa (theta - v) dt + xi sqrt(v) dZ.

    Attributes
    ----------
    v0 : float
        Variance now, per year (0.36 is a volatility of 60 %).
    kappa : float
        Speed of mean reversion, per year.
    theta : float
        Long-run variance, per year.
    xi : float
        Volatility of variance, per year; 0 makes the variance deterministic.
    rho : float
        Correlation of the two Brownian motions.

    Raises
    ------
    ValueError
        A parameter is outside `RANGES`.
    """

    v0: float
    kappa: float
    theta: float
    xi: float
    rho: float

    def __post_init__(self) -> None:
        """Refuse values for which the model is not defined."""
        _check(self)


class Merton(msgspec.Struct, frozen=True, tag="merton"):
    """Constant volatility and lognormal jumps.

    Attributes
    ----------
    vol : float
        Volatility between jumps, per year, as a fraction.
    jump_rate : float
        Expected number of jumps per year.
    jump_mean, jump_std : float
        Mean and standard deviation of the logarithm of the jump factor.

    Raises
    ------
    ValueError
        A parameter is outside `RANGES`.
    """

    vol: float
    jump_rate: float
    jump_mean: float
    jump_std: float

    def __post_init__(self) -> None:
        """Refuse values for which the model is not defined."""
        _check(self)


class Bates(msgspec.Struct, frozen=True, tag="bates"):
    """Heston variance with Merton jumps; attributes as there.

    Raises
    ------
    ValueError
        A parameter is outside `RANGES`.
    """

    v0: float
    kappa: float
    theta: float
    xi: float
    rho: float
    jump_rate: float
    jump_mean: float
    jump_std: float

    def __post_init__(self) -> None:
        """Refuse values for which the model is not defined."""
        _check(self)


Model = Heston | Merton | Bates


class Coefficients(NamedTuple):
    """The parameters of any of the three models, in the form of Bates.

    Attributes
    ----------
    v0, kappa, theta, xi, rho, jump_rate, jump_mean, jump_std : float
        As in `Bates`; a Merton model has xi = 0 and v0 = theta.
    """

    v0: float
    kappa: float
    theta: float
    xi: float
    rho: float
    jump_rate: float
    jump_mean: float
    jump_std: float


def coefficients(model: Model) -> Coefficients:
    """Parameters in the common form.

    Parameters
    ----------
    model : Heston, Merton or Bates
        Any model.

    Returns
    -------
    Coefficients
        A Heston model has no jumps; in a Merton model the variance stays where it is, so that
        kappa has no influence.
    """
    if isinstance(model, Merton):
        variance = model.vol * model.vol
        jumps = (model.jump_rate, model.jump_mean, model.jump_std)
        return Coefficients(variance, 1.0, variance, 0.0, 0.0, *jumps)
    diffusion = (model.v0, model.kappa, model.theta, model.xi, model.rho)
    if isinstance(model, Heston):
        return Coefficients(*diffusion, 0.0, 0.0, 0.0)
    return Coefficients(*diffusion, model.jump_rate, model.jump_mean, model.jump_std)


def in_own_parameters(model: Model, gradient: FloatArray) -> FloatArray:
    """Turn derivatives by `Coefficients` into derivatives by the model's own fields.

    Parameters
    ----------
    model : Heston, Merton or Bates
        Where the derivatives were taken.
    gradient : ndarray (8, ...)
        One row per field of `Coefficients`.

    Returns
    -------
    ndarray (number of fields of the model, ...)
        Rows in the order of the fields.
    """
    if isinstance(model, Merton):
        by_vol = 2.0 * model.vol * (gradient[0] + gradient[2])
        return np.concatenate((by_vol[np.newaxis], gradient[5:]))
    return gradient[: len(model.__struct_fields__)]


def feller_holds(model: Heston | Bates) -> bool:
    """Whether the variance can never reach zero: 2 kappa theta >= xi^2.

    Parameters
    ----------
    model : Heston or Bates
        A model with stochastic variance.

    Returns
    -------
    bool
        False is common for fits to markets; prices stay valid, simulations need care.
    """
    return 2.0 * model.kappa * model.theta >= model.xi * model.xi


def jump_drift(c: Coefficients) -> float:
    """Expected relative size of one jump.

    Parameters
    ----------
    c : Coefficients
        Any model.

    Returns
    -------
    float
        E[e^J] - 1.
    """
    return math.expm1(c.jump_mean + 0.5 * c.jump_std * c.jump_std)


def _check(model: Model) -> None:
    for name in model.__struct_fields__:
        low, high = RANGES[name]
        value = getattr(model, name)
        if not low <= value <= high:
            kind = type(model).__name__
            raise ValueError(f"{kind}.{name} is {value}; it must be between {low} and {high}")
