"""One expiry as a raw SVI slice: total variance, derivatives, other parametrisations."""

from __future__ import annotations

from math import acos, cos, hypot, inf, sin, sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from terminal.pricing.rows import FloatArray


class RawSvi(Struct, frozen=True):
    """Total implied variance w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)).

    Here k = ln(strike / forward) and w = vol^2 * years. Total variance carries the years already,
    so Lee's bound on the wings reads b (1 + |rho|) <= 2; in annual variance it is 2 / years.

    Attributes
    ----------
    a, b, rho, m, sigma : float
        Level, angle >= 0, tilt in [-1, 1], shift of the vertex, and its rounding > 0.
    """

    a: float
    b: float
    rho: float
    m: float
    sigma: float


class JumpWings(Struct, frozen=True):
    """The same slice by what a trader reads off it.

    Attributes
    ----------
    v : float
        At-the-money variance a year.
    psi : float
        At-the-money skew: slope of the total deviation sqrt(w) in k.
    p, c : float
        Slopes of the put (left) and the call (right) wing, divided by sqrt(w(0)); >= 0.
    v_min : float
        Smallest variance a year.
    """

    v: float
    psi: float
    p: float
    c: float
    v_min: float


class NaturalSvi(Struct, frozen=True):
    """w = delta + omega / 2 (1 + zeta rho (k - mu) + sqrt((zeta (k - mu) + rho)^2 + 1 - rho^2))."""

    delta: float
    mu: float
    rho: float
    omega: float
    zeta: float


class Derivatives(NamedTuple):
    """Total variance and its first two derivatives in k, each with the shape of k."""

    value: FloatArray
    slope: FloatArray
    curvature: FloatArray


def check_raw(smile: RawSvi) -> None:
    """Refuse parameters that describe no slice.

    Parameters
    ----------
    smile : RawSvi
        Any numbers.

    Raises
    ------
    ValueError
        A parameter is not finite, b is negative, |rho| exceeds 1, or sigma is not positive.
    """
    for name in smile.__struct_fields__:
        if not -inf < getattr(smile, name) < inf:
            raise ValueError(f"raw SVI {name} must be finite, not {getattr(smile, name)}")
    if smile.b < 0.0:
        raise ValueError(f"raw SVI b must be at least 0, not {smile.b}")
    if not -1.0 <= smile.rho <= 1.0:
        raise ValueError(f"raw SVI rho must lie in [-1, 1], not {smile.rho}")
    if smile.sigma <= 0.0:
        raise ValueError(f"raw SVI sigma must be above 0, not {smile.sigma}")


def total_variance(smile: RawSvi, k: npt.ArrayLike) -> FloatArray:
    """Total variance of a slice.

    Parameters
    ----------
    smile : RawSvi
        The slice.
    k : array_like
        ln(strike / forward).

    Returns
    -------
    ndarray
        vol^2 * years with the shape of k; NaN where k is NaN.
    """
    offset = np.asarray(k, dtype=np.float64) - smile.m
    return np.asarray(smile.a + smile.b * (smile.rho * offset + np.hypot(offset, smile.sigma)))


def derivatives(smile: RawSvi, k: npt.ArrayLike) -> Derivatives:
    """Total variance of a slice with its slope and curvature.

    Parameters
    ----------
    smile : RawSvi
        The slice.
    k : array_like
        ln(strike / forward), finite.

    Returns
    -------
    Derivatives
        w, dw/dk and d2w/dk2.
    """
    offset = np.asarray(k, dtype=np.float64) - smile.m
    height = np.hypot(offset, smile.sigma)
    return Derivatives(
        np.asarray(smile.a + smile.b * (smile.rho * offset + height)),
        np.asarray(smile.b * (smile.rho + offset / height)),
        np.asarray(smile.b * (smile.sigma / height) ** 2 / height),
    )


def lowest_variance(smile: RawSvi) -> float:
    """Smallest total variance of the slice, its limit in a wing where |rho| is 1."""
    return smile.a + smile.b * smile.sigma * sqrt((1.0 - smile.rho) * (1.0 + smile.rho))


def to_jump_wings(smile: RawSvi, years: float) -> JumpWings:
    """Jump-wings parameters of a raw slice.

    Parameters
    ----------
    smile : RawSvi
        The slice, w(0) > 0.
    years : float
        Time to expiry, > 0.

    Returns
    -------
    JumpWings
        The same slice.

    Raises
    ------
    ValueError
        The slice is none, the years are not positive, or w(0) is not positive.

    Notes
    -----
    Gatheral and Jacquier (2014), "Arbitrage-free SVI volatility surfaces", definition 3.3.
    """
    check_raw(smile)
    _check_years(years)
    height = hypot(smile.m, smile.sigma)
    at_money = smile.a + smile.b * (height - smile.rho * smile.m)
    if at_money <= 0.0:
        raise ValueError(f"w(0) must be above 0, not {at_money}: the slice has no volatility there")
    root = sqrt(at_money)
    return JumpWings(
        v=at_money / years,
        psi=0.5 * smile.b * (smile.rho - smile.m / height) / root,
        p=smile.b * (1.0 - smile.rho) / root,
        c=smile.b * (1.0 + smile.rho) / root,
        v_min=lowest_variance(smile) / years,
    )


def from_jump_wings(wings: JumpWings, years: float) -> RawSvi:
    """Raw parameters of a slice given by its jump wings.

    Parameters
    ----------
    wings : JumpWings
        v > 0, p and c >= 0 and not both 0, -p < 2 psi < c, v_min < v.
    years : float
        Time to expiry, > 0.

    Returns
    -------
    RawSvi
        The same slice.

    Raises
    ------
    ValueError
        No single raw slice has these jump wings. That includes psi = 0 with v = v_min, where the
        minimum lies at the money and the rounding sigma is lost.

    Notes
    -----
    With h = sqrt(m^2 + sigma^2), beta = m / h = rho - 2 psi sqrt(w) / b, and
    (v - v_min) T = b h (1 - cos(acos beta - acos rho)), written as a squared sine: it does not
    cancel, and the published case distinction at m = 0 is not needed.
    """
    _check_years(years)
    if not (wings.v > 0.0 and wings.p >= 0.0 and wings.c >= 0.0 and wings.p + wings.c > 0.0):
        raise ValueError(f"jump wings need v > 0, p, c >= 0 and p + c > 0, not {wings}")
    root = sqrt(wings.v * years)
    b = 0.5 * root * (wings.c + wings.p)
    rho = (wings.c - wings.p) / (wings.c + wings.p)
    beta = rho - 2.0 * wings.psi * root / b
    if not -1.0 < beta < 1.0:
        raise ValueError(f"jump wings need -p < 2 psi < c, not {wings}")
    rise = 2.0 * b * sin(0.5 * (acos(beta) - acos(rho))) ** 2
    if not (wings.v_min < wings.v and rise > 0.0):
        raise ValueError(f"jump wings need v_min < v and psi other than 0, not {wings}")
    height = (wings.v - wings.v_min) * years / rise
    sigma = height * sin(acos(beta))
    a = wings.v_min * years - b * sigma * sin(acos(rho))
    return RawSvi(a=a, b=b, rho=rho, m=height * cos(acos(beta)), sigma=sigma)


def to_natural(smile: RawSvi) -> NaturalSvi:
    """Natural parameters of a raw slice.

    Parameters
    ----------
    smile : RawSvi
        The slice, |rho| < 1.

    Returns
    -------
    NaturalSvi
        The same slice; with delta = mu = 0 it is one of SSVI.

    Raises
    ------
    ValueError
        The slice is none, or |rho| is 1.

    Notes
    -----
    Gatheral and Jacquier (2014), lemma 3.1.
    """
    check_raw(smile)
    if abs(smile.rho) == 1.0:
        raise ValueError("raw SVI with |rho| = 1 has no natural parameters")
    root = sqrt((1.0 - smile.rho) * (1.0 + smile.rho))
    return NaturalSvi(
        delta=smile.a - smile.b * smile.sigma * root,
        mu=smile.m + smile.rho * smile.sigma / root,
        rho=smile.rho,
        omega=2.0 * smile.b * smile.sigma / root,
        zeta=root / smile.sigma,
    )


def from_natural(natural: NaturalSvi) -> RawSvi:
    """Raw parameters of a slice in natural parameters.

    Parameters
    ----------
    natural : NaturalSvi
        omega >= 0, zeta > 0, |rho| < 1.

    Returns
    -------
    RawSvi
        The same slice.

    Raises
    ------
    ValueError
        The parameters describe no slice.
    """
    rho = natural.rho
    if not (natural.omega >= 0.0 and natural.zeta > 0.0 and -1.0 < rho < 1.0):
        raise ValueError(f"natural SVI needs omega >= 0, zeta > 0 and |rho| < 1, not {natural}")
    spread = (1.0 - rho) * (1.0 + rho)
    smile = RawSvi(
        a=natural.delta + 0.5 * natural.omega * spread,
        b=0.5 * natural.omega * natural.zeta,
        rho=rho,
        m=natural.mu - rho / natural.zeta,
        sigma=sqrt(spread) / natural.zeta,
    )
    check_raw(smile)
    return smile


def _check_years(years: float) -> None:
    """Refuse a time to expiry that is none."""
    if not 0.0 < years < inf:
        raise ValueError(f"years must be positive and finite, not {years}")
