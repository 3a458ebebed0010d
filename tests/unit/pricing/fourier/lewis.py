"""Independent prices: Lewis' integral, adaptively, with the textbook characteristic functions."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from itertools import pairwise

from scipy.integrate import quad

from terminal.pricing.fourier.models import Bates, Heston, Merton, Model

Characteristic = Callable[[complex], complex]


def characteristic(model: Model, years: float) -> Characteristic:
    """E[exp(iu ln(F_T / F))] as printed in Gatheral (2006) and Merton (1976)."""

    def of(u: complex) -> complex:
        drift = u * u + 1j * u
        if isinstance(model, Merton):
            exponent = -0.5 * model.vol**2 * years * drift
        else:
            exponent = _heston(model, u, drift, years)
        if not isinstance(model, Heston):
            half = 0.5 * model.jump_std**2
            excess = math.exp(model.jump_mean + half) - 1.0
            jump = cmath.exp(1j * u * model.jump_mean - half * u * u) - 1.0 - 1j * u * excess
            exponent += model.jump_rate * years * jump
        return cmath.exp(exponent)

    return of


def _heston(model: Heston | Bates, u: complex, drift: complex, years: float) -> complex:
    beta = model.kappa - 1j * model.rho * model.xi * u
    d = cmath.sqrt(beta**2 + model.xi**2 * drift)
    g = (beta - d) / (beta + d)
    decay = cmath.exp(-d * years)
    level = (beta - d) / model.xi**2 * (1 - decay) / (1 - g * decay)
    log = cmath.log((1 - g * decay) / (1 - g))
    integral = ((beta - d) * years - 2 * log) / model.xi**2
    return model.v0 * level + model.kappa * model.theta * integral


def call(model: Model, forward: float, strike: float, years: float) -> float:
    """Undiscounted call (Lewis 2001)."""
    of = characteristic(model, years)
    turn = math.log(forward / strike)

    def integrand(u: float) -> float:
        wave = cmath.exp(1j * u * turn) * of(complex(u, -0.5))
        return wave.real / (u * u + 0.25)

    total = 0.0
    edges = [0.0, *(4.0**k for k in range(-1, 7))]
    for low, high in pairwise(edges):
        total += quad(integrand, low, high, epsabs=1e-14, epsrel=1e-13, limit=400)[0]
    return forward - math.sqrt(forward * strike) / math.pi * total
