"""Price and five Greeks the ways people do it in Python, each with its own library's units."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any

import numpy as np
import QuantLib as ql  # noqa: N813 - its own manual's name for it
from scipy.special import ndtr
from vollib.black import black
from vollib.black.greeks import analytical

from tests.bench.pricing_cases import Floats, Options

Job = Callable[[], Any]

ROOT_TWO_PI = sqrt(2.0 * np.pi)


def vollib_loop(options: Options) -> Job:
    """py_vollib, six calls an option; vega and rho a point, theta a day."""
    legs = [
        ("c" if sign > 0.0 else "p", forward, strike, years, vol)
        for forward, strike, years, vol, sign in zip(
            *(each.tolist() for each in options), strict=True
        )
    ]
    delta, gamma, vega = analytical.delta, analytical.gamma, analytical.vega
    theta, rho = analytical.theta, analytical.rho

    def run() -> list[tuple[float, ...]]:
        return [
            (
                black(flag, forward, strike, years, 0.0, vol),
                delta(flag, forward, strike, years, 0.0, vol),
                gamma(flag, forward, strike, years, 0.0, vol),
                vega(flag, forward, strike, years, 0.0, vol),
                theta(flag, forward, strike, years, 0.0, vol),
                rho(flag, forward, strike, years, 0.0, vol),
            )
            for flag, forward, strike, years, vol in legs
        ]

    return run


def quantlib_loop(options: Options) -> Job:
    """QuantLib's BlackCalculator, one made for each option; natural units, spot at the forward."""
    forwards, strikes, tenors, vols, signs = (each.tolist() for each in options)
    call, put = ql.Option.Call, ql.Option.Put
    kinds = [call if sign > 0.0 else put for sign in signs]
    calculator, payoff = ql.BlackCalculator, ql.PlainVanillaPayoff

    def run() -> list[tuple[float, ...]]:
        found: list[tuple[float, ...]] = []
        for kind, forward, strike, years, vol in zip(
            kinds, forwards, strikes, tenors, vols, strict=True
        ):
            one = calculator(payoff(kind, strike), forward, vol * sqrt(years))
            found.append(
                (
                    one.value(),
                    one.delta(forward),
                    one.gamma(forward),
                    one.vega(years),
                    one.theta(forward, years),
                    one.rho(years),
                )
            )
        return found

    return run


def textbook(options: Options) -> Job:
    """The formulas as a book writes them, in whole arrays, with scipy's normal distribution."""
    forward, strike, years, vol, sign = options

    def run() -> tuple[Floats, ...]:
        root = np.sqrt(years)
        deviation = vol * root
        d1 = np.log(forward / strike) / deviation + 0.5 * deviation
        d2 = d1 - deviation
        upper, lower = ndtr(sign * d1), ndtr(sign * d2)
        density = np.exp(-0.5 * d1 * d1) / ROOT_TWO_PI
        price = sign * (forward * upper - strike * lower)
        vega = forward * density * root
        return (
            price,
            sign * upper,
            density / (forward * deviation),
            vega,
            -0.5 * vega * vol / years,
            -years * price,
        )

    return run
