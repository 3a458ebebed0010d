"""Undiscounted Black-76 over one block of options, every intermediate in memory made once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from terminal.pricing.mills import (
    LARGEST_CENTRE,
    POWER_ROWS,
    RATIO_MATRIX,
    ROOT_TWO_PI,
    Quotient,
    divided,
    fill_powers,
    mills_difference,
    quotient_in,
)
from terminal.pricing.rows import FloatArray

IntegerArray = npt.NDArray[np.int64]

# Options per pass: the fixed cost of sixty numpy calls is spread thin, the rows stay in cache.
# Rows a multiple of 4 KiB apart would get in each other's way there: no power of two.
BLOCK: Final = 2504
# Where the total deviation is below NARROW and below this share of 1 + |d1|, the difference of two
# Mills ratios would lose two digits and a Taylor series takes over.
NARROW: Final = 0.04
NARROW_SHARE: Final = 1e-2

# Constants as arrays of no dimension save numpy a conversion in each call.
ZERO: Final = np.array(0.0)
HALF: Final = np.array(0.5)
MINUS_HALF: Final = np.array(-0.5)
FARTHEST: Final = np.array(LARGEST_CENTRE)
DENSITY_SCALE: Final = np.array(1.0 / ROOT_TWO_PI)
SIGN_BIT: Final = np.array(np.iinfo(np.int64).min)
HALF_BITS: Final = np.array(0.5).view(np.int64)


class Block(NamedTuple):
    """What a pass over n options needs and leaves behind.

    Attributes
    ----------
    inputs : ndarray (5, n)
        Forward, strike, years, volatility, sign.
    gap : ndarray (n,)
        Forward less strike before `evaluate`, the intrinsic value after it.
    moneyness : ndarray (n,)
        ln(forward / strike).
    scores : ndarray (2, n)
        d1 and d2.
    halves : ndarray (2, n)
        1/2 with the signs of d1 and d2.
    tails : ndarray (2, n)
        Mills ratios of |d1| and |d2| with the signs of d1 and d2.
    density, weight : ndarray (n,)
        phi(d1), and forward times that.
    root_years, deviation, ratio, minus_half, nearer, spare : ndarray (n,)
        Square root of time, total deviation, moneyness / deviation, -deviation / 2, the smaller of
        forward and strike, scratch.
    quotient : Quotient
        Of |d1| and |d2| side by side; its top is the memory of `tails`.
    score_bits, half_bits, tail_bits : ndarray (2 n,) of int64
        The memory of scores, halves and tails.
    """

    inputs: FloatArray
    gap: FloatArray
    moneyness: FloatArray
    scores: FloatArray
    halves: FloatArray
    tails: FloatArray
    density: FloatArray
    weight: FloatArray
    root_years: FloatArray
    deviation: FloatArray
    ratio: FloatArray
    minus_half: FloatArray
    nearer: FloatArray
    spare: FloatArray
    quotient: Quotient
    score_bits: IntegerArray
    half_bits: IntegerArray
    tail_bits: IntegerArray


def blocks_of(count: int) -> Iterator[tuple[slice, Block]]:
    """Slices that cover `count` options in nearly equal parts, each with memory of its length."""
    passes = -(-count // BLOCK)
    size = -(-count // passes) if passes else 0
    block = None
    for start in range(0, count, size or 1):
        length = min(size, count - start)
        if block is None or block.gap.size != length:
            block = _make_block(length)
        yield slice(start, start + length), block


def _make_block(size: int) -> Block:
    """Memory for passes over `size` options, in one piece."""
    rows = np.empty((19 + 2 * (POWER_ROWS + 4), size))
    gap, moneyness, density, weight, root_years, deviation, ratio, minus_half, nearer, spare = rows[
        5:15
    ]
    sums = rows[19:27].reshape(4, 2 * size)
    return Block(
        inputs=rows[:5],
        gap=gap,
        moneyness=moneyness,
        scores=rows[15:17],
        halves=rows[17:19],
        tails=rows[19:21],
        density=density,
        weight=weight,
        root_years=root_years,
        deviation=deviation,
        ratio=ratio,
        minus_half=minus_half,
        nearer=nearer,
        spare=spare,
        quotient=quotient_in(rows[27:].reshape(POWER_ROWS, 2 * size), sums),
        score_bits=rows[15:17].reshape(-1).view(np.int64),
        half_bits=rows[17:19].reshape(-1).view(np.int64),
        tail_bits=sums[0].view(np.int64),
    )


def load(block: Block, columns: tuple[FloatArray, ...], part: slice) -> None:
    """Copy forward, strike, years, volatility and sign into the block; derive gap and moneyness."""
    for row, column in zip(block.inputs, columns, strict=True):
        row[:] = column[part]
    np.subtract(block.inputs[0], block.inputs[1], block.gap)
    fill_moneyness(block, block.inputs[0])


def fill_moneyness(block: Block, price: FloatArray) -> None:
    """Write ln(price / strike) into the block, its relative error tiny next to the strike too.

    Parameters
    ----------
    block : Block
        Its gap must hold price less strike.
    price : ndarray (n,)
        A forward, or a spot.

    Notes
    -----
    The logarithm is log1p(|gap| / smaller price) with the sign of the gap: a minute before expiry
    the logarithm of a rounded quotient is wrong in the tenth digit.
    """
    np.minimum(price, block.inputs[1], out=block.nearer)
    np.absolute(block.gap, block.moneyness)
    np.divide(block.moneyness, block.nearer, block.moneyness)
    np.log1p(block.moneyness, block.moneyness)
    np.copysign(block.moneyness, block.gap, block.moneyness)


def evaluate(block: Block, result: FloatArray) -> None:
    """Price, delta, gamma, vega, theta of a loaded block, limits and bad inputs settled.

    Parameters
    ----------
    block : Block
        Inputs, gap, moneyness and nearer are filled in; the rest is left behind.
    result : ndarray (5, n)
        Written.

    Notes
    -----
    The time value is F phi(d1) [M(-d2) - M(-d1)] in terms of the Mills ratio M, so tails keep
    their relative accuracy where N(d) differences would cancel.
    """
    forward, _, years, vol, sign = block.inputs
    value, delta, gamma, vega, theta = result
    density, weight, spare = block.density, block.weight, block.spare
    np.sqrt(years, block.root_years)
    np.multiply(vol, block.root_years, block.deviation)
    _fill_scores(block)
    _fill_tails(block)

    np.multiply(block.quotient.square[: value.size], MINUS_HALF, density)
    np.exp(density, density)
    np.multiply(density, DENSITY_SCALE, density)
    np.multiply(forward, density, weight)

    # N(d1) is 1/2 + halves[0] - density * tails[0]: the constants cancel exactly in the tail.
    np.multiply(sign, HALF, delta)
    np.add(delta, block.halves[0], delta)
    np.multiply(density, block.tails[0], spare)
    np.subtract(delta, spare, delta)

    _fill_value(block, value)

    np.multiply(weight, block.root_years, vega)
    np.multiply(forward, block.deviation, gamma)
    np.divide(density, gamma, gamma)
    np.multiply(weight, block.minus_half, theta)
    np.divide(theta, years, theta)
    if not _is_regular(sign, vega, theta):
        _settle_limits(block.inputs, result)


def discount_factor(rate: FloatArray, years: FloatArray, factor: FloatArray) -> None:
    """Write exp(-rate * years), 1 after expiry, NaN where the rate is not finite."""
    np.maximum(years, ZERO, out=factor)
    np.multiply(factor, rate, factor)
    np.negative(factor, factor)
    np.exp(factor, factor)
    np.add(factor, np.subtract(rate, rate), factor)


def _fill_scores(block: Block) -> None:
    """Write d1 and d2 from moneyness and total deviation."""
    np.divide(block.moneyness, block.deviation, block.ratio)
    np.multiply(block.deviation, MINUS_HALF, block.minus_half)
    np.subtract(block.ratio, block.minus_half, block.scores[0])
    np.add(block.ratio, block.minus_half, block.scores[1])


def _fill_tails(block: Block) -> None:
    """Write the tails and halves of both scores.

    Signs are moved as bits: that is a vector loop in numpy, which `copysign` is not.
    """
    quotient, bits = block.quotient, block.half_bits
    np.absolute(block.scores.reshape(-1), quotient.score)
    np.minimum(quotient.score, FARTHEST, out=quotient.score)
    np.square(quotient.score, quotient.square)
    fill_powers(quotient)
    divided(RATIO_MATRIX, quotient)
    np.bitwise_and(block.score_bits, SIGN_BIT, bits)
    np.bitwise_xor(block.tail_bits, bits, block.tail_bits)
    np.bitwise_or(bits, HALF_BITS, bits)


def _fill_value(block: Block, value: FloatArray) -> None:
    """Write time value plus intrinsic value; the gap becomes the latter."""
    spare = block.spare
    np.subtract(block.tails[1], block.tails[0], value)
    np.multiply(value, block.weight, value)
    np.subtract(block.halves[0], block.halves[1], spare)
    np.multiply(spare, block.nearer, spare)
    np.add(value, spare, value)
    if np.fmin.reduce(block.deviation) < NARROW:
        _refine_narrow(block, value)
    np.multiply(block.gap, block.inputs[4], block.gap)
    np.maximum(block.gap, ZERO, out=block.gap)
    np.add(value, block.gap, value)


def _refine_narrow(block: Block, value: FloatArray) -> None:
    """Replace time values that cancel because the total deviation is small."""
    share = block.spare
    np.add(block.quotient.score[: value.size], 1.0, share)
    np.multiply(share, NARROW_SHARE, share)
    narrow = np.flatnonzero(block.deviation < np.minimum(share, NARROW, out=share))
    centre = np.minimum(np.abs(block.ratio[narrow]), LARGEST_CENTRE)
    width = block.deviation[narrow]
    value[narrow] = block.weight[narrow] * mills_difference(centre, width)


def _is_regular(sign: FloatArray, vega: FloatArray, theta: FloatArray) -> bool:
    """Whether no option of the block can be at a limit or have a bad input.

    Vega is positive and theta negative only where forward, strike, years and volatility are
    positive and finite; any other input makes them NaN, zero or of the wrong sign.
    """
    return bool(
        np.minimum.reduce(vega) > 0.0
        and np.maximum.reduce(theta) < 0.0
        and np.logical_and.reduce(sign * sign == 1.0)
    )


def _settle_limits(inputs: FloatArray, result: FloatArray) -> None:
    """Write intrinsic values where no time or volatility is left, NaN where an input is bad."""
    forward, strike, years, vol, sign = inputs
    valid = np.isfinite(inputs).all(axis=0) & (np.abs(sign) == 1.0)
    valid &= (forward > 0.0) & (strike > 0.0) & (vol >= 0.0)
    settled = np.flatnonzero((years <= 0.0) | (vol * np.sqrt(years) == 0.0))
    signed_gap = sign[settled] * (forward[settled] - strike[settled])
    result[:, settled] = 0.0
    result[0, settled] = np.maximum(signed_gap, 0.0)
    result[1, settled] = sign[settled] * np.heaviside(signed_gap, 0.5)
    result[:, ~valid] = np.nan
