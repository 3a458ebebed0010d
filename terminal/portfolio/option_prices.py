"""Options of one underlying priced together: value and sensitivities, option by option.

One rule for all options. Let b = F / S be the basis, held constant, and B the undiscounted
Black-76 price in forward dollars. A USD option is worth U = B, a coin option U = B / b, so with
w = 1 or 1 / b: dU/dS = w b B', d2U/dS2 = w b^2 B'', vega and theta are w times those of B. The
premium of a coin option is itself coin, which the coin-numeraire delta leaves out.
"""

from collections.abc import Sequence
from math import nan
from operator import add

import numpy as np

from terminal.core.units import VOL_POINT, YEAR
from terminal.portfolio.books import HeldOption
from terminal.portfolio.option_inputs import OptionInput
from terminal.portfolio.option_sheet import Sheet
from terminal.pricing.black_scalar import UNDEFINED, ScalarGreeks, of_side, shared_greeks
from terminal.pricing.engines import FIELDS, Engine

DAYS_PER_YEAR = 365.0

UNKNOWN = (0.0,) * (FIELDS + 2)


def option_totals(sheet: Sheet, spot: float, engine: Engine) -> Sequence[float]:
    """Sums of the options of one underlying: the fields of ``Sensitivity`` in order.

    Parameters
    ----------
    sheet : Sheet
    spot : float
        USD per coin.
    engine : Engine
        Used where the sheet has columns.

    Returns
    -------
    sequence of float
        The sums of ``option_rows``: to the digit where options are priced one by one, to rounding
        where they are summed as arrays.
    """
    if sheet.columns is None:
        return running_total(_one_by_one(sheet, spot))
    return engine.total_at(spot, sheet.folded)


def option_rows(sheet: Sheet, spot: float, engine: Engine) -> Sequence[Sequence[float]]:
    """Numbers of the options of one underlying, a row each.

    Parameters
    ----------
    sheet, spot, engine
        As in ``option_totals``.

    Returns
    -------
    sequence of sequence of float
        The fields of ``Sensitivity`` in order, the price in the option's own unit and the profit
        in USD, all 0 where the volatility is unknown. A known mark values the option, otherwise
        the model does; the Greeks are always our own.
    """
    columns = sheet.columns
    if columns is None:
        return _one_by_one(sheet, spot)
    out, total = np.empty((FIELDS + 2, columns.shape[1])), np.empty(FIELDS + 2)
    engine.price_book(spot, columns, out, total)
    rows: list[list[float]] = out.T.tolist()
    return rows


def running_total(rows: Sequence[Sequence[float]]) -> Sequence[float]:
    """Sum of rows, column by column, from the first to the last; zeros without rows."""
    if not rows:
        return UNKNOWN
    total = rows[0]
    for row in rows[1:]:
        total = [*map(add, total, row)]
    return total


def _one_by_one(sheet: Sheet, spot: float) -> list[Sequence[float]]:
    """Price few options; a call and a put of one strike in a row share their work."""
    rows: list[Sequence[float]] = []
    last, shared, clock = (nan, nan, 0, nan), UNDEFINED, sheet.clock
    for option, each in zip(sheet.book.options, sheet.inputs, strict=True):
        if each.vol is None:
            rows.append(UNKNOWN)
            continue
        forward, strike = each.basis * spot, option.strike
        terms = forward, strike, option.expiry, each.vol
        if terms != last:
            left = option.expiry - clock
            last = terms
            shared = shared_greeks(forward, strike, left / YEAR if left > 0 else 0.0, each.vol)
        rows.append(_one(spot, option, each, of_side(shared, forward - strike, option.sign)))
    return rows


def _one(spot: float, option: HeldOption, each: OptionInput, unit: ScalarGreeks) -> Sequence[float]:
    basis = each.basis
    weight, in_usd, coin = (1.0 / basis, spot, 1.0) if option.in_coin else (1.0, 1.0, 0.0)
    worth = weight * unit[0] if each.mark is None else each.mark * in_usd
    amount = option.coins * weight
    value = option.coins * worth
    delta = amount * basis * unit[1]
    gamma = amount * basis * basis * unit[2]
    return (
        value,
        delta,
        delta - coin * value / spot,
        delta,
        delta * spot,
        gamma,
        gamma * spot * spot * 0.01,
        amount * unit[3] * VOL_POINT,
        amount * unit[4] / DAYS_PER_YEAR,
        worth / in_usd,
        option.coins * (worth - option.entry * in_usd),
    )
