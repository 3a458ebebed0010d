"""Options whose settlement is being averaged, and what volatility does to delta."""

import math

from msgspec import Struct

from terminal.core.units import HOUR, VOL_POINT, YEAR
from terminal.portfolio.exposure import View
from terminal.portfolio.option_prices import option_rows
from terminal.pricing.black_scalar import shared_greeks

DELTA, GAMMA, VEGA = 1, 5, 7
"""Places of delta (coin), gamma (coin per USD) and vega (USD per point) in an option's row."""


CALM = HOUR
"""Bands are as wide as if no option were nearer than this to its expiry: there gamma at the strike
grows without bound, and a band made of it would be wider than any position."""


class Settling(Struct, frozen=True, gc=False):
    """Options of the next expiry while its settlement price is averaged."""

    delta: float  # coin
    gamma: float  # coin per USD
    left: float  # part of the averaging still to come, 0 to 1


def settling(view: View, span: int) -> Settling | None:
    """Options of the next expiry, if its averaging has begun.

    Parameters
    ----------
    view : View
    span : int
        Length of the averaging before an expiry, ns, > 0.

    Returns
    -------
    Settling or None
        None while no option of the book is that near its expiry.

    Notes
    -----
    Venues settle options on the mean index of the last half hour. The part that has been averaged
    is fixed, so an option's delta fades evenly to nothing over it.
    """
    sheet, scene = view.sheet, view.scene
    left = sheet.expires - scene.now
    if not 0 <= left < span:
        return None
    delta = gamma = 0.0
    rows = option_rows(sheet, scene.spot, scene.engine)
    for option, row in zip(sheet.book.options, rows, strict=True):
        if option.expiry == sheet.expires:
            delta, gamma = delta + row[DELTA], gamma + row[GAMMA]
    if not math.isfinite(delta + gamma):
        return None
    return Settling(delta, gamma, left / span)


def calm_gamma(view: View, averaging: int) -> float | None:
    """Gamma of the options if none of them were nearer than ``CALM`` to its expiry, coin per USD.

    Parameters
    ----------
    view : View
    averaging : int
        Span before an expiry over which its options fade evenly, ns; 0 when they do not.

    Returns
    -------
    float or None
        None while no option is that near: the gamma that is known already will do.
    """
    sheet, scene = view.sheet, view.scene
    if not 0 <= sheet.expires - scene.now < CALM:
        return None
    total = 0.0
    rows = option_rows(sheet, scene.spot, scene.engine)
    for option, each, row in zip(sheet.book.options, sheet.inputs, rows, strict=True):
        left = option.expiry - scene.now
        gamma = row[GAMMA]
        if 0 <= left < CALM and each.vol is not None:
            forward = each.basis * scene.spot
            unit = shared_greeks(forward, option.strike, CALM / YEAR, each.vol)[2]
            gamma = option.coins * unit * each.basis * (1.0 if option.in_coin else each.basis)
        total += gamma * left / averaging if 0 <= left < averaging else gamma
    return total if math.isfinite(total) else None


def book_vanna(view: View) -> float:
    """Change of the options' delta per 1.00 of volatility, coin.

    Notes
    -----
    d delta / d sigma = -vega d2 / (F sigma sqrt(T)) of an option, vega per 1.00; per USD of spot
    in place of the forward its basis cancels. Options without time or volatility add nothing.
    """
    sheet, scene = view.sheet, view.scene
    total = 0.0
    rows = option_rows(sheet, scene.spot, scene.engine)
    for option, each, row in zip(sheet.book.options, sheet.inputs, rows, strict=True):
        years = (option.expiry - sheet.clock) / YEAR
        if each.vol is None or each.vol <= 0.0 or years <= 0.0:
            continue
        spread = each.vol * math.sqrt(years)
        moneyness = math.log(each.basis * scene.spot / option.strike)
        below = moneyness / spread - 0.5 * spread
        total -= row[VEGA] / VOL_POINT / scene.spot * below / spread
    return total if math.isfinite(total) else 0.0
