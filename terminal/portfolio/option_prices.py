"""Options of one underlying priced together: value and sensitivities, option by option.

One rule for all options. Let b = F / S be the basis, held constant, and B the undiscounted
Black-76 price in forward dollars. A USD option is worth U = B, a coin option U = B / b, so with
w = 1 or 1 / b: dU/dS = w b B', d2U/dS2 = w b^2 B'', vega and theta are w times those of B. The
premium of a coin option is itself coin, which the coin-numeraire delta leaves out.
"""

from collections.abc import Sequence
from math import nan
from operator import add
from typing import TypeVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from terminal.core.units import VOL_POINT
from terminal.portfolio.books import Book, HeldOption
from terminal.portfolio.option_inputs import OptionInput, View, option_inputs
from terminal.pricing.black import greeks
from terminal.pricing.black_scalar import UNDEFINED, ScalarGreeks, of_side, shared_greeks

FEW = 8
"""Options up to this many are cheaper one by one than as arrays."""

DAYS_PER_YEAR = 365.0
FIELDS = 9
"""Columns of an option that are its ``Sensitivity``; its price and its profit follow."""

UNKNOWN = (0.0,) * (FIELDS + 2)

Column = TypeVar("Column", float, NDArray[np.float64])
Columns = Sequence[Sequence[float]]


class PricedOptions(Struct, frozen=True):
    """Options with their numbers.

    ``columns`` has a row an option: the fields of ``Sensitivity`` in order, the price in the
    option's own unit and the profit in USD, all 0 where the volatility is unknown. ``total`` is
    the sum of the rows from the first to the last, digit for digit.
    """

    options: tuple[HeldOption, ...]
    inputs: list[OptionInput]
    columns: Columns | NDArray[np.float64]
    total: Sequence[float]


def price_options(view: View, book: Book) -> PricedOptions:
    """Price the options of one underlying.

    Returns
    -------
    PricedOptions
        A known mark values the option, otherwise the model does; the Greeks are always our own.
    """
    inputs = option_inputs(view, book.options)
    if len(inputs) > FEW:
        columns = _many(view.spot, book, inputs)
        total: Sequence[float] = np.add.accumulate(columns)[-1].tolist()
        return PricedOptions(book.options, inputs, columns, total)
    rows = _few(view.spot, book.options, inputs)
    return PricedOptions(book.options, inputs, rows, running_total(rows))


def running_total(rows: Columns) -> Sequence[float]:
    """Sum of rows, column by column, from the first to the last; zeros without rows."""
    if not rows:
        return UNKNOWN
    total = rows[0]
    for row in rows[1:]:
        total = [*map(add, total, row)]
    return total


def _few(
    spot: float, options: tuple[HeldOption, ...], inputs: list[OptionInput]
) -> list[Sequence[float]]:
    """Price options one by one; a call and a put of one strike in a row share their work."""
    rows: list[Sequence[float]] = []
    last, shared = (nan, nan, nan, nan), UNDEFINED
    for option, each in zip(options, inputs, strict=True):
        if each.vol is None:
            rows.append(UNKNOWN)
            continue
        terms = each.forward, option.strike, each.years, each.vol
        if terms != last:
            last, shared = terms, shared_greeks(*terms)
        unit = of_side(shared, each.forward - option.strike, option.sign)
        rows.append(_one(spot, option, each, unit))
    return rows


def _one(
    spot: float, option: HeldOption, each: OptionInput, unit: ScalarGreeks
) -> Sequence[float]:
    basis = each.forward / spot
    weight, in_usd, coin = (1.0 / basis, spot, 1.0) if option.in_coin else (1.0, 1.0, 0.0)
    worth = weight * unit[0] if each.mark is None else each.mark * in_usd
    return (
        *_columns(unit, worth, (option.coins, weight, coin), (spot, basis)),
        worth / in_usd,
        option.coins * (worth - option.entry * in_usd),
    )


def _many(spot: float, book: Book, inputs: list[OptionInput]) -> NDArray[np.float64]:
    """Price options in one call; shape (options, columns)."""
    coins, entry, strike, sign, coin = book.columns
    forward = np.array([each.forward for each in inputs])
    years = np.array([each.years for each in inputs])
    vol = np.array([each.vol for each in inputs], dtype=np.float64)  # None becomes NaN
    mark = np.array([each.mark for each in inputs], dtype=np.float64)
    unit = greeks(forward, strike, years, vol, sign)
    basis = forward / spot
    weight = np.where(coin, 1.0 / basis, 1.0)
    in_usd = np.where(coin, spot, 1.0)
    worth = np.where(np.isnan(mark), weight * unit.price, mark * in_usd)
    profit = coins * (worth - entry * in_usd)
    sensitivities = _columns(unit, worth, (coins, weight, coin), (spot, basis))
    columns = np.array((*sensitivities, worth / in_usd, profit)).T
    columns[np.isnan(vol)] = 0.0
    return columns


def _columns(
    unit: tuple[Column, Column, Column, Column, Column],
    worth: Column,
    terms: tuple[Column, Column, Column],
    market: tuple[float, Column],
) -> tuple[Column, ...]:
    """Fields of ``Sensitivity`` in order, for one option or for all of them.

    ``worth`` is the price in USD at the index; ``terms`` are coins, the weight w of the module's
    docstring and 1 for a coin option, 0 for a USD option; ``market`` is spot and basis.
    """
    (coins, weight, coin), (spot, basis) = terms, market
    amount = coins * weight
    value = coins * worth
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
    )
