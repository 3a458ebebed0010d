"""A Heston surface, its exact prices, and QuantLib pricing it and fitting it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import QuantLib as ql  # noqa: N813 - its own manual's name for it

from tests.bench.pricing_cases import Floats

Job = Callable[[], Any]

SPOT = 100.0
DAYS = (1, 4, 7, 14, 30, 60, 120, 270)
SCORES = (-2.0, -1.5, -1.0, -0.6, -0.2, 0.2, 0.6, 1.0, 1.5, 2.0)
LAGUERRE = 64
PANELS, NODES = 64, 48


class HestonTruth(NamedTuple):
    """Parameters of the variance process, per year.

    Attributes
    ----------
    v0, kappa, theta, xi, rho
        Variance now, speed of reversion, long-run variance, volatility of variance, correlation
        with the spot.
    """

    v0: float
    kappa: float
    theta: float
    xi: float
    rho: float


TRUTH = HestonTruth(0.36, 4.0, 0.42, 1.6, -0.35)
START = HestonTruth(0.20, 1.5, 0.25, 0.8, -0.10)


class Surface(NamedTuple):
    """Out-of-the-money options by expiry: (8,) years and (8, 10) USD strikes and signs."""

    years: Floats
    strike: Floats
    sign: Floats


def surface() -> Surface:
    """Eight expiries from a day to nine months, ten strikes within two deviations each."""
    years = np.array(DAYS) / 365.0
    width = np.sqrt(TRUTH.v0 * years)[:, None]
    strike = SPOT * np.exp(width * np.array(SCORES))
    return Surface(years, strike, np.where(strike >= SPOT, 1.0, -1.0))


def exact_prices(of: Surface, model: HestonTruth) -> Floats:
    """Prices of a surface by Lewis's integral with far more nodes than it needs.

    Notes
    -----
    C = S - sqrt(S K) / pi * integral over u > 0 of Re[e^(iuk) phi(u - i/2)] / (u^2 + 1/4),
    k = ln(S / K), on Gauss-Legendre panels of u = sinh(x) / 2, in which the integrand is smooth to
    the end of the range. Twice the panels move nothing above 1e-13 of spot.
    """
    nodes, weights = _panels()
    found = np.empty(of.strike.shape)
    for row, years in enumerate(of.years):
        # The narrower the density the farther its characteristic function reaches.
        end = 6.3 - 0.5 * np.log(model.v0 * years)
        u = 0.5 * np.sinh(end * nodes)
        weight = end * weights * 2.0 / np.cosh(end * nodes)  # du / (u^2 + 1/4)
        value = _characteristic(u - 0.5j, float(years), model)
        k = np.log(SPOT / of.strike[row])
        integral = (np.exp(1j * np.outer(k, u)) * value).real @ weight
        call = SPOT - np.sqrt(SPOT * of.strike[row]) / np.pi * integral
        found[row] = np.where(of.sign[row] > 0.0, call, call - SPOT + of.strike[row])
    return found


def quantlib_surface(of: Surface) -> tuple[Job, Callable[[], Floats]]:
    """Job that prices the surface after a move of spot, and what it answers at ``SPOT``."""
    today = ql.Date(15, 1, 2026)
    ql.Settings.instance().evaluationDate = today
    spot = ql.SimpleQuote(SPOT)
    engine = ql.AnalyticHestonEngine(ql.HestonModel(_process(today, spot, TRUTH)), LAGUERRE)
    options = []
    for row, days in enumerate(DAYS):
        exercise = ql.EuropeanExercise(today + days)
        for strike, sign in zip(of.strike[row].tolist(), of.sign[row].tolist(), strict=True):
            payoff = ql.PlainVanillaPayoff(ql.Option.Call if sign > 0 else ql.Option.Put, strike)
            option = ql.VanillaOption(payoff, exercise)
            option.setPricingEngine(engine)
            options.append(option)
    moved = [SPOT * 1.000_001, SPOT * 0.999_999]

    def run() -> list[float]:
        spot.setValue(moved[0])
        moved.reverse()
        return [option.NPV() for option in options]

    def at_spot() -> Floats:
        spot.setValue(SPOT)
        return np.array([option.NPV() for option in options]).reshape(of.strike.shape)

    return run, at_spot


def quantlib_fit(of: Surface, vols: Floats) -> Callable[[], HestonTruth]:
    """Calibration to the volatilities of the surface from a far start; helpers made beforehand."""
    today = ql.Date(15, 1, 2026)
    ql.Settings.instance().evaluationDate = today
    model = ql.HestonModel(_process(today, ql.SimpleQuote(SPOT), START))
    engine = ql.AnalyticHestonEngine(model, LAGUERRE)
    rate = ql.YieldTermStructureHandle(ql.FlatForward(today, 0.0, ql.Actual365Fixed()))
    helpers = []
    for row, days in enumerate(DAYS):
        for strike, vol in zip(of.strike[row].tolist(), vols[row].tolist(), strict=True):
            helper = ql.HestonModelHelper(
                ql.Period(days, ql.Days),
                ql.NullCalendar(),
                SPOT,
                strike,
                ql.QuoteHandle(ql.SimpleQuote(vol)),
                rate,
                rate,
                ql.BlackCalibrationHelper.ImpliedVolError,
            )
            helper.setPricingEngine(engine)
            helpers.append(helper)
    begin = ql.Array([START.theta, START.kappa, START.xi, START.rho, START.v0])
    method, stop = ql.LevenbergMarquardt(), ql.EndCriteria(500, 50, 1e-10, 1e-10, 1e-10)

    def run() -> HestonTruth:
        model.setParams(begin)
        model.calibrate(helpers, method, stop)
        theta, kappa, xi, rho, v0 = model.params()
        return HestonTruth(v0, kappa, theta, xi, rho)

    return run


def _panels() -> tuple[Floats, Floats]:
    """Nodes and weights of Gauss-Legendre rules side by side on [0, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    starts = np.arange(PANELS)[:, None]
    return ((starts + 0.5 * (nodes + 1.0)) / PANELS).ravel(), np.tile(weights, PANELS) / 2 / PANELS


def _process(today: Any, spot: Any, model: HestonTruth) -> Any:
    rate = ql.YieldTermStructureHandle(ql.FlatForward(today, 0.0, ql.Actual365Fixed()))
    quote = ql.QuoteHandle(spot)
    v0, kappa, theta, xi, rho = model
    return ql.HestonProcess(rate, rate, quote, v0, kappa, theta, xi, rho)


def _characteristic(u: Any, years: float, model: HestonTruth) -> Any:
    """E[exp(iu ln(S_T / S_0))] in the form whose logarithm has no jumps."""
    v0, kappa, theta, xi, rho = model
    b = kappa - 1j * rho * xi * u
    d = np.sqrt(b * b + xi * xi * (u * u + 1j * u))
    g = (b - d) / (b + d)
    decay = np.exp(-d * years)
    drift = (b - d) * years - 2.0 * np.log((1.0 - g * decay) / (1.0 - g))
    exponent = kappa * theta / (xi * xi) * drift
    return np.exp(exponent + v0 / (xi * xi) * (b - d) * (1.0 - decay) / (1.0 - g * decay))
