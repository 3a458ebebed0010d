"""The tick path in compiled code: a whole book of options revalued by one call."""

from __future__ import annotations

from typing import Final

import numpy as np

from terminal.pricing.book import (
    DAYS_PER_YEAR,
    INPUTS,
    OUTPUTS,
    VOL_POINT,
    WRONG_TYPES,
    wrong_shapes,
)
from terminal.pricing.compiled.black_kernel import any_unit, is_ordinary, ordinary_unit
from terminal.pricing.compiled.elementary import exact, kernel, piece, sum_of, use_widest_vectors
from terminal.pricing.rows import FloatArray

Unit = tuple[float, float, float, float, float]
Terms = tuple[float, float, float, float, float]
Fields = tuple[float, ...]
Sums = tuple[float, float, float, float, float, float]

WRONG_ROWS: Final = f"columns must be ({INPUTS}, n): one row for each input of a book"


@piece
def _fields(unit: Unit, market: tuple[float, float], terms: Terms) -> Fields:
    """Rows of a filled book but the third and the fourth, which repeat the second.

    The rule of `terminal.pricing.book`: with the basis b = F / S held constant and w = 1 / b for a
    coin option, 1 for a USD option, dU/dS = w b B' and d2U/dS2 = w b^2 B''.
    """
    spot, per_spot = market
    price, delta_unit, gamma_unit, vega, theta = unit
    coins, entry, in_coin, basis, mark = terms
    pays_coin = in_coin != 0.0
    weight = 1.0 / basis if pays_coin else 1.0
    in_usd, to_unit = (spot, per_spot) if pays_coin else (1.0, 1.0)
    worth = weight * price if np.isnan(mark) else mark * in_usd
    value = coins * worth
    amount = coins * weight
    in_coins = amount * basis
    delta = in_coins * delta_unit
    gamma = in_coins * basis * gamma_unit
    return (
        value,
        delta,
        delta - (value * per_spot if pays_coin else 0.0),
        gamma,
        gamma * (spot * spot * 0.01),
        amount * vega * VOL_POINT,
        amount * theta * (1.0 / DAYS_PER_YEAR),
        worth * to_unit,
        coins * (worth - entry * in_usd),
    )


@piece
def _write(out: FloatArray, i: int, fields: Fields) -> None:
    out[0, i], out[1, i], out[2, i] = fields[0], fields[1], fields[2]
    out[5, i], out[6, i], out[7, i] = fields[3], fields[4], fields[5]
    out[8, i], out[9, i], out[10, i] = fields[6], fields[7], fields[8]


@exact
def _add_up(out: FloatArray, total: FloatArray) -> None:
    """Sums of rows, each from the first option to the last as a running sum has them."""
    value, delta, equity, dollar = out[0, 0], out[1, 0], out[2, 0], out[4, 0]
    gamma, percent, vega, theta = out[5, 0], out[6, 0], out[7, 0], out[8, 0]
    price, profit = out[9, 0], out[10, 0]
    for i in range(1, out.shape[1]):
        value += out[0, i]
        delta += out[1, i]
        equity += out[2, i]
        dollar += out[4, i]
        gamma += out[5, i]
        percent += out[6, i]
        vega += out[7, i]
        theta += out[8, i]
        price += out[9, i]
        profit += out[10, i]
    total[0], total[1], total[2], total[3], total[4] = value, delta, equity, delta, dollar
    total[5], total[6], total[7], total[8] = gamma, percent, vega, theta
    total[9], total[10] = price, profit


@piece
def _leg(columns: FloatArray, i: int, spot: float) -> Unit:
    return columns[5, i] * spot, columns[2, i], columns[6, i], columns[7, i], columns[3, i]


@piece
def _terms(columns: FloatArray, i: int) -> Terms:
    return columns[0, i], columns[1, i], columns[4, i], columns[5, i], columns[8, i]


@piece
def _added(sums: Sums, fields: Fields, counts: int) -> Sums:
    """Sums with the fields of one more option, 0 for one that does not count."""
    return (
        sum_of(sums[0], fields[0] if counts else 0.0),
        sum_of(sums[1], fields[1] if counts else 0.0),
        sum_of(sums[2], fields[2] if counts else 0.0),
        sum_of(sums[3], fields[3] if counts else 0.0),
        sum_of(sums[4], fields[5] if counts else 0.0),
        sum_of(sums[5], fields[6] if counts else 0.0),
    )


@kernel("UniTuple(f8, 6)(f8, f8[:, ::1])")
def sums(spot: float, columns: FloatArray) -> Sums:
    """Value, delta, delta without premium, gamma, vega and theta of a whole book."""
    use_widest_vectors()
    if columns.shape[0] != INPUTS:
        raise ValueError(WRONG_ROWS)
    market = spot, 1.0 / spot
    found = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    count = columns.shape[1]
    ordinary = 0
    for i in range(count):
        leg = _leg(columns, i, spot)
        counts = is_ordinary(*leg)
        found = _added(found, _fields(ordinary_unit(*leg), market, _terms(columns, i)), counts)
        ordinary += counts
    if ordinary < count:
        for i in range(count):
            leg = _leg(columns, i, spot)
            if not (is_ordinary(*leg) or np.isnan(columns[7, i])):
                found = _added(found, _fields(any_unit(*leg), market, _terms(columns, i)), 1)
    return found


@kernel("boolean(f8, f8[:, ::1], f8[:, ::1], f8[::1])")
def fill(spot: float, columns: FloatArray, out: FloatArray, total: FloatArray) -> bool:
    """Fill `out` and `total`; False where the shapes do not fit each other."""
    use_widest_vectors()
    count = columns.shape[1]
    if columns.shape[0] != INPUTS or out.shape != (OUTPUTS, count) or total.size != OUTPUTS:
        return False
    market = spot, 1.0 / spot
    ordinary = 0
    # Write more than nine rows in one loop, and LLVM gives up proving that none overlaps another.
    for i in range(count):
        leg = _leg(columns, i, spot)
        _write(out, i, _fields(ordinary_unit(*leg), market, _terms(columns, i)))
        ordinary += is_ordinary(*leg)
    if ordinary < count:
        for i in range(count):
            leg = _leg(columns, i, spot)
            if np.isnan(columns[7, i]):
                out[:, i] = 0.0
            elif not is_ordinary(*leg):
                _write(out, i, _fields(any_unit(*leg), market, _terms(columns, i)))
    for i in range(count):
        out[3, i] = out[1, i]
        out[4, i] = out[1, i] * spot
    if count:
        _add_up(out, total)
    else:
        total[:] = 0.0
    return True


def price_book(spot: float, columns: FloatArray, out: FloatArray, total: FloatArray) -> None:
    """Value and sensitivities of a book: `terminal.pricing.book.price_book_numpy`, compiled.

    Parameters
    ----------
    spot : float
        USD per coin.
    columns : ndarray (9, n)
        As there.
    out : ndarray (11, n)
        As there.
    total : ndarray (11,)
        As there.

    Raises
    ------
    TypeError
        An array is not contiguous float64 that may be written to, or `spot` is no number.
    ValueError
        The shapes do not fit each other.
    """
    try:
        fits = fill(spot, columns, out, total)
    except TypeError:
        raise TypeError(WRONG_TYPES) from None
    if not fits:
        raise ValueError(wrong_shapes(columns, out, total))


def total_at(spot: float, columns: FloatArray) -> list[float]:
    """Sums of the fields of ``Sensitivity`` over a book, without a row for any option.

    Parameters
    ----------
    spot : float
        USD per coin.
    columns : ndarray (9, n)
        As in `price_book`.

    Returns
    -------
    list of float
        The first nine totals of `price_book`, to rounding: vectors of options are added up side by
        side, not one option after another.

    Raises
    ------
    TypeError
        `columns` is not contiguous float64 that may be written to, or `spot` is no number.
    ValueError
        `columns` has not nine rows.
    """
    try:
        value, delta, equity, gamma, vega, theta = sums(spot, columns)
    except TypeError:
        raise TypeError(WRONG_TYPES) from None
    percent = gamma * (spot * spot * 0.01)
    return [value, delta, equity, delta, delta * spot, gamma, percent, vega, theta]
