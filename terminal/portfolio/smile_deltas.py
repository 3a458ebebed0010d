"""What a delta that knows the smile adds to the Black-Scholes delta of a book of options."""

import numpy as np

from terminal.core.units import VOL_POINT, YEAR
from terminal.model.greeks import DeltaKind
from terminal.model.market import Smile, SmileSlice, StochasticVol
from terminal.portfolio.option_inputs import Scene
from terminal.portfolio.option_prices import option_rows, option_totals
from terminal.portfolio.option_sheet import Sheet
from terminal.pricing.fourier.hedge_ratio import hedge_delta
from terminal.pricing.fourier.models import Heston
from terminal.pricing.rows import FloatArray
from terminal.pricing.surface.smile_delta import stickiness_delta
from terminal.pricing.surface.svi import RawSvi, derivatives

DELTA, VEGA = 1, 7
"""Places of delta (coin) and vega (USD per volatility point) among the fields of an option."""


def smile_delta(scene: Scene, sheet: Sheet, kind: DeltaKind) -> float | None:
    """Coins to add to the Black-Scholes delta of a book of options.

    Parameters
    ----------
    scene : Scene
        Holds the fits to the option chain.
    sheet : Sheet
    kind : DeltaKind
        One of ``SMILE_AWARE``.

    Returns
    -------
    float or None
        None while there is no fit, or an option that lives is of an expiry without one.

    Notes
    -----
    With volatility sigma(x), x = ln(K / F), and stickiness R: dB/dF = N(d1) + vega (R - 1)
    sigma'(x) / F. R = 0 is sticky delta, R = 1 sticky strike, which is Black-Scholes, and the
    minimum-variance R is the one that the chain's own moves gave (Derman 1999; Hull and White
    2017). Basis and volatility unit cancel, so in coins it is 100 vega_usd (R - 1) sigma'(x) / S.
    """
    if not sheet.book.options:
        return 0.0
    smile, model = (
        scene.market.smiles.get(scene.underlying),
        scene.market.models.get(scene.underlying),
    )
    if kind is DeltaKind.STOCHASTIC_VOL:
        return None if model is None else _of_model(scene, sheet, model)
    if smile is None:
        return None
    stickiness = smile.stickiness if kind is DeltaKind.MIN_VARIANCE else 0.0
    return _of_smile(scene, sheet, smile, stickiness)


def _of_smile(scene: Scene, sheet: Sheet, smile: Smile, stickiness: float) -> float | None:
    book, spot = sheet.book, scene.spot
    basis = np.array([each.basis for each in sheet.inputs])
    moneyness = np.log(book.columns[2] / (basis * spot))
    slope = np.full(len(basis), np.nan)
    for fit in smile.slices:
        here = book.expiries == fit.expiry
        years = (fit.expiry - sheet.clock) / YEAR
        if years > 0.0 and here.any():
            slope[here] = vol_slope(fit, moneyness[here], years)
    rows = option_rows(sheet, spot, scene.engine)
    vega = np.array([row[VEGA] for row in rows]) / VOL_POINT
    alive = vega != 0.0  # expired, without time value, or of unknown volatility: nothing to add
    # Per coin of spot in place of the forward: basis and volatility unit cancel.
    added = stickiness_delta(0.0, vega, slope, spot, stickiness=stickiness)[alive]
    return float(added.sum()) if np.isfinite(added).all() else None


def vol_slope(fit: SmileSlice, moneyness: FloatArray, years: float) -> FloatArray:
    """Slope of volatility by log-moneyness, d sigma / dk at k = ln(K / F).

    Notes
    -----
    sigma = sqrt(w / T) with total variance w, so d sigma / dk = w'(k) / (2 sqrt(w T)).
    """
    smile = RawSvi(fit.a, fit.b, fit.rho, fit.m, fit.sigma)
    variance, slope, _ = derivatives(smile, moneyness)
    found: FloatArray = slope / (2.0 * np.sqrt(variance * years))
    return found


def _of_model(scene: Scene, sheet: Sheet, fit: StochasticVol) -> float | None:
    coins, _, strike, sign, coin = sheet.book.columns
    years = np.maximum(sheet.book.expiries - sheet.clock, 0) / YEAR
    basis = np.array([each.basis for each in sheet.inputs])
    known = np.array([each.vol is not None for each in sheet.inputs])
    model = Heston(v0=fit.v0, kappa=fit.kappa, theta=fit.theta, xi=fit.xi, rho=fit.rho)
    ratio: FloatArray = hedge_delta(model, basis * scene.spot, strike, years, sign)
    # A coin option is worth B / b: its delta in coins is the ratio itself.
    delta = coins * np.where(coin, 1.0, basis) * ratio
    total = float(delta[known].sum())
    plain = option_totals(sheet, scene.spot, scene.engine)[DELTA]
    return total - plain if np.isfinite(total) else None
