"""Rows of the pricing benchmark about models: Heston prices and fits, and a slice of SVI."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from terminal.pricing.implied import implied_vol
from tests.bench import pricing_heston_case as heston
from tests.bench import pricing_svi_case as svi
from tests.bench.pricing_cases import Floats
from tests.bench.pricing_heston_case import SPOT, START, TRUTH, HestonTruth, Surface
from tests.bench.pricing_ours import Job, Maker, available, fought, part
from tests.bench.pricing_table import Contest, Findings, Line
from tests.bench.pricing_timing import Effort, medians, timer

PRICES = Contest("Heston surface", 80, "QuantLib Laguerre 64", (1.3, 6.0))
SLICE = Contest("SVI slice, no arbitrage", svi.STRIKES, "scipy least_squares trf", (1.0, 400.0))
FIT = Contest("Heston calibration", 80, "QuantLib LM", (1.2, 8.0))
SAME = 5e-14
"""Error, as a part of spot, up to which prices count as equally accurate: both are rounding."""
COSINE = "terminal.pricing.fourier.cosine"


def surface(effort: Effort) -> Iterator[Line]:
    """Eighty prices after a move of spot, against QuantLib's fastest engine."""
    case = heston.surface()
    exact = heston.exact_prices(case, TRUTH)
    rival, at_spot = heston.quantlib_surface(case)
    make = surface_job(case)
    theirs = float(np.abs(at_spot() - exact).max()) / SPOT
    remarks, conditions = [f"QuantLib Laguerre 64: error {theirs:.0e} of spot"], dict[str, bool]()
    for path, job in available(make):
        if not isinstance(job, str):
            ours = float(np.abs(job() - exact).max()) / SPOT
            remarks.append(f"{path}: error {ours:.0e} of spot")
            conditions[f"{path}: same accuracy"] = ours < SAME
    found = Findings(tuple(remarks), conditions)
    yield fought(PRICES, timer(rival), make, effort, found)


def surface_job(case: Surface) -> Maker:
    """Prices of the surface with one of our paths."""

    def make(path: str) -> Job:
        from terminal.pricing.fourier.cosine import price
        from terminal.pricing.fourier.models import Heston

        kernel, years = part(path, COSINE, "put_values"), case.years[:, None]
        model = Heston(*TRUTH)
        return lambda: price(model, SPOT, case.strike, years, case.sign, kernel=kernel)

    return make


def calibration(effort: Effort) -> Iterator[Line]:
    """Five parameters from eighty volatilities, from a far start."""
    case = heston.surface()
    exact = heston.exact_prices(case, TRUTH)
    vols, _ = implied_vol(exact, SPOT, case.strike, case.years[:, None], case.sign)
    rival, make = heston.quantlib_fit(case, vols), calibration_job(case, vols)
    remarks, conditions = [f"QuantLib LM: parameters off by {_off(rival()):.0e}"], dict[str, bool]()
    for path, job in available(make):
        if isinstance(job, str):
            continue
        fit = job()
        model = fit.model
        off = _off(HestonTruth(model.v0, model.kappa, model.theta, model.xi, model.rho))
        remarks.append(f"{path}: {fit.evaluations} surfaces priced, parameters off by {off:.0e}")
        conditions[f"{path}: the parameters found"] = off < 1e-6
    yield fought(FIT, timer(rival), make, effort, Findings(tuple(remarks), conditions))


def calibration_job(case: Surface, vols: Floats) -> Maker:
    """Fit with one of our paths, the chain included: theirs had its helpers made beforehand."""

    def make(path: str) -> Job:
        from terminal.pricing.fourier.calibration import calibrate
        from terminal.pricing.fourier.chain import chain_of_vols
        from terminal.pricing.fourier.models import Heston

        kernel, years = part(path, COSINE, "put_gradients"), case.years[:, None]
        start = Heston(*START)

        def run() -> object:
            chain = chain_of_vols(SPOT, case.strike, years, vols)
            return calibrate(chain, Heston, start=start, kernel=kernel)

        return run

    return make


def svi_slice(effort: Effort) -> Iterator[Line]:
    """One expiry, our constraints on; theirs has bounds on its parameters and no other."""
    case = svi.smile()
    rival, unbounded = svi.scipy_fit(case, "trf"), svi.scipy_fit(case, "lm")
    theirs, make = svi.rmse(rival(), case), slice_job(case)
    without = medians({"lm": timer(unbounded)}, effort)["lm"]
    remarks = [
        f"scipy trf: error {theirs:.6e} of total variance",
        f"scipy lm, without any bounds: {without * 1e6:,.0f} us",
    ]
    conditions: dict[str, bool] = {}
    for path, job in available(make):
        if isinstance(job, str):
            continue
        fit = job()
        smile = fit.smile
        ours = svi.rmse((smile.a, smile.b, smile.rho, smile.m, smile.sigma), case)
        remarks.append(f"{path}: error {ours:.6e} of total variance, {fit.status.name.lower()}")
        conditions[f"{path}: same error"] = ours <= theirs * (1.0 + 1e-6)
    yield fought(SLICE, timer(rival), make, effort, Findings(tuple(remarks), conditions))


def slice_job(case: svi.Smile) -> Maker:
    """Fit of a slice with one of our paths, equal weights."""
    weights = np.ones(svi.STRIKES)

    def make(path: str) -> Job:
        fit_slice = part(path, "terminal.pricing.surface.svi_fit", "fit_slice")
        return lambda: fit_slice(case.moneyness, case.variance, weights, svi.YEARS)

    return make


def _off(found: HestonTruth) -> float:
    return float(np.abs(np.array(found) / np.array(TRUTH) - 1.0).max())
