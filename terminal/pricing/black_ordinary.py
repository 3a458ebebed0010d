"""Undiscounted Black-76 where nothing is extreme: few numpy passes, and a note of what is left."""

from __future__ import annotations

from collections.abc import Generator
from typing import Final, NamedTuple

import numpy as np

from terminal.pricing.black_block import (
    DENSITY_SCALE,
    HALF,
    HALF_BITS,
    MINUS_HALF,
    NARROW,
    NARROW_SHARE,
    SIGN_BIT,
    IntegerArray,
)
from terminal.pricing.mills import (
    POWER_ROWS,
    WIDE_LOW,
    WIDE_MATRIX,
    Quotient,
    divided,
    fill_powers,
    quotient_in,
)
from terminal.pricing.rows import FloatArray

Columns = tuple[FloatArray, ...]

# Options per pass: the fixed cost of forty-odd numpy calls is spread thin, the rows stay in cache.
# Rows a multiple of 4 KiB apart would get in each other's way there: no power of two.
BLOCK: Final = 2504
# Doubles in a cache line. Rows that start at one are a sixth faster for wide vector instructions.
LINE: Final = 8
LINE_BYTES: Final = 8 * LINE

ONE_BITS: Final = np.array(1.0).view(np.int64)
# What the bits of 1 and -1 leave after an exclusive or with those of 1.
PLUS_ONLY: Final = 0
MINUS_TOO: Final = int(SIGN_BIT)

# Rows of n doubles in `Scratch`.
ROWS: Final = 6 + 2 * (POWER_ROWS + 4)


class Scratch(NamedTuple):
    """Memory of a pass over n options.

    Attributes
    ----------
    tested : ndarray (4, n)
        Total deviation, forward times phi(d1), and the two scores: what tells ordinary options.
    deviation, weight, upper, lower : ndarray (n,)
        Its rows. The scores are d1 and d2, turned in sign where the forward is below the strike.
    quotient : Quotient
        Twice the Mills ratios of both scores, side by side.
    upper_square, upper_ratio, lower_ratio : ndarray (n,)
        Parts of its squares and of its top.
    root_years, gap, side, density : ndarray (n,)
        Square root of time, forward less strike, 1/2 with the sign of the gap, phi(d1).
    gap_bits, side_bits : ndarray (n,) of int64
        The memory of gap and side; the latter holds what is known of the signs at last.
    """

    tested: FloatArray
    deviation: FloatArray
    weight: FloatArray
    upper: FloatArray
    lower: FloatArray
    quotient: Quotient
    upper_square: FloatArray
    upper_ratio: FloatArray
    lower_ratio: FloatArray
    root_years: FloatArray
    gap: FloatArray
    side: FloatArray
    density: FloatArray
    gap_bits: IntegerArray
    side_bits: IntegerArray


class _Memory:
    """Room for a pass, and how it was laid out last."""

    def __init__(self) -> None:
        self._piece = _aligned(ROWS * (BLOCK + LINE))
        self._scratch = _laid_out(self._piece, 0)

    def scratch(self, size: int) -> Scratch:
        """Rows for so many options."""
        if self._scratch.gap.size != size:
            self._scratch = _laid_out(self._piece, size)
        return self._scratch


_FREE: Final[list[_Memory]] = []
"""Memory that no pass uses now: to fetch it anew takes a sixth of a short pass.

Whoever takes some out has it alone, in whatever thread, and puts it back: there is never more of it
than passes have run at once.
"""


def passes(count: int) -> Generator[tuple[slice, Scratch], None, None]:
    """Slices that cover `count` options in nearly equal parts, each with memory of its length.

    Be done with a part before the next is asked for: the memory is the same.
    """
    parts = -(-count // BLOCK)
    size = -(-count // parts) if parts else 0
    if parts > 1:
        size += -size % LINE
    memory = _taken()
    try:
        for start in range(0, count, size or 1):
            length = min(size, count - start)
            yield slice(start, start + length), memory.scratch(length)
    finally:
        _FREE.append(memory)


def _taken() -> _Memory:
    try:
        return _FREE.pop()  # at once: no other thread can get the same
    except IndexError:
        return _Memory()


def _aligned(count: int) -> FloatArray:
    """Memory for so many doubles that starts at a cache line."""
    piece = np.empty(count + LINE)
    first = -piece.__array_interface__["data"][0] % LINE_BYTES // piece.itemsize
    return piece[first : first + count]


def _laid_out(piece: FloatArray, size: int) -> Scratch:
    """Rows for passes over `size` options; a last pass that is shorter takes the same memory."""
    rows = piece[: ROWS * size].reshape(ROWS, size)
    wide = rows[2:-4].reshape(POWER_ROWS + 4, 2 * size)
    quotient = quotient_in(wide[:POWER_ROWS], wide[POWER_ROWS:])
    gap, side = rows[-3], rows[-2]
    return Scratch(
        tested=rows[:4],
        deviation=rows[0],
        weight=rows[1],
        upper=rows[2],
        lower=rows[3],
        quotient=quotient,
        upper_square=quotient.square[:size],
        upper_ratio=quotient.top[:size],
        lower_ratio=quotient.top[size:],
        root_years=rows[-4],
        gap=gap,
        side=side,
        density=rows[-1],
        gap_bits=gap.view(np.int64),
        side_bits=side.view(np.int64),
    )


def fill_ordinary(scratch: Scratch, columns: Columns, result: FloatArray) -> bool:
    """Price, delta, gamma, vega and theta of the ordinary options among some.

    Parameters
    ----------
    scratch : Scratch
        Of their number.
    columns : tuple of ndarray (n,)
        Forward, strike, years, volatility, sign; read only.
    result : ndarray (5, n)
        Written; undefined for an option that is not ordinary.

    Returns
    -------
    bool
        Whether every option is ordinary; `extraordinary` tells the others.

    Notes
    -----
    With S = 1 above the strike, -1 below, and x = S d1, y = S d2, both at least -1/2 s for a total
    deviation s: the time value is S F phi(d1) [M(y) - M(x)] in terms of the Mills ratio M, and the
    delta of a call (1 + S) / 2 - S phi(d1) M(x). Neither cancels in a tail. M is a quotient that
    holds down to WIDE_LOW, so no score has to be turned. ln(F/K) is wrong by a rounding of F/K,
    which moves a score by 1e-16 / s: nothing, as s is not small here.
    """
    forward, _, years, vol, sign = columns
    price, delta, gamma, vega, theta = result
    density, weight, side = scratch.density, scratch.weight, scratch.side
    upper_ratio, lower_ratio = scratch.upper_ratio, scratch.lower_ratio
    quotient = scratch.quotient
    _fill_scores(scratch, columns, price)
    np.square(quotient.score, quotient.square)
    np.multiply(scratch.upper_square, MINUS_HALF, density)
    np.exp(density, density)
    np.multiply(density, DENSITY_SCALE, density)
    np.multiply(forward, density, weight)
    fill_powers(quotient)
    divided(WIDE_MATRIX, quotient)

    np.multiply(sign, HALF, delta)
    np.add(delta, side, delta)
    np.multiply(scratch.gap, delta, scratch.gap)
    np.multiply(density, side, side)
    np.multiply(upper_ratio, side, upper_ratio)
    np.multiply(lower_ratio, side, lower_ratio)
    np.subtract(delta, upper_ratio, delta)
    np.subtract(lower_ratio, upper_ratio, price)
    np.multiply(price, forward, price)
    np.add(price, scratch.gap, price)

    np.multiply(weight, scratch.root_years, vega)
    np.multiply(forward, scratch.deviation, gamma)
    np.divide(density, gamma, gamma)
    np.multiply(vega, vol, theta)
    np.divide(theta, years, theta)
    np.multiply(theta, MINUS_HALF, theta)
    return _are_all_ordinary(scratch, sign)


def extraordinary(scratch: Scratch, sign: FloatArray) -> IntegerArray:
    """Where the options of the last pass are not ordinary, or hold a bad number.

    Any comparison with NaN is false, and a bad input leaves NaN, zero or a wrong sign in a tested
    row: a forward or strike that is not positive in the weight, the others in the deviation.
    """
    upper = scratch.upper
    is_ordinary = scratch.deviation >= np.minimum(NARROW, NARROW_SHARE * (1.0 + np.abs(upper)))
    is_ordinary &= (scratch.weight > 0.0) & (upper >= WIDE_LOW) & (scratch.lower >= WIDE_LOW)
    is_ordinary &= np.abs(sign) == 1.0
    return np.flatnonzero(~is_ordinary)


def _fill_scores(scratch: Scratch, columns: Columns, spare: FloatArray) -> None:
    """Write root, deviation, gap, side and scores.

    Signs are moved as bits: that is a vector loop in numpy, which `copysign` is not.
    """
    forward, strike, years, vol, _ = columns
    deviation, lower, side_bits = scratch.deviation, scratch.lower, scratch.side_bits
    np.subtract(forward, strike, scratch.gap)
    np.bitwise_and(scratch.gap_bits, SIGN_BIT, side_bits)
    np.bitwise_or(side_bits, HALF_BITS, side_bits)
    np.sqrt(years, scratch.root_years)
    np.multiply(vol, scratch.root_years, deviation)
    np.divide(forward, strike, spare)
    np.log(spare, spare)
    np.divide(spare, deviation, spare)
    np.absolute(spare, spare)
    np.multiply(deviation, scratch.side, lower)
    np.add(spare, lower, scratch.upper)
    np.subtract(spare, lower, lower)


def _are_all_ordinary(scratch: Scratch, sign: FloatArray) -> bool:
    """Whether no option of the pass needs more care; side is lost."""
    deviation, weight, upper, lower = np.minimum.reduce(scratch.tested, axis=1).tolist()
    if not (deviation >= NARROW and weight > 0.0 and upper >= WIDE_LOW and lower >= WIDE_LOW):
        return False
    np.bitwise_xor(sign.view(np.int64), ONE_BITS, scratch.side_bits)
    return int(np.bitwise_or.reduce(scratch.side_bits)) in {PLUS_ONLY, MINUS_TOO}
