"""Where the options that are open would pay their holders least: max pain."""

import math
from collections.abc import Iterable

from msgspec import Struct

from terminal.model.instrument import Right


class Open(Struct, frozen=True):
    """Coins that are open in the calls or puts of one strike, USD."""

    strike: float
    right: Right
    coins: float


class Pain(Struct, frozen=True):
    """The strike at which holders are paid least, and that payout, USD."""

    strike: float
    usd: float


def payout(held: Iterable[Open], price: float) -> float:
    """What the holders of open options are paid if they expire at a price, USD."""
    return math.fsum(
        each.coins
        * max(price - each.strike if each.right is Right.CALL else each.strike - price, 0.0)
        for each in held
    )


def max_pain(held: Iterable[Open]) -> Pain | None:
    """Strike at which the open options of one expiry pay least; None where nothing is open.

    Notes
    -----
    The payout is convex in the price and straight between strikes, so one of them is its least.
    Of several the lowest. That prices are drawn there is lore, not a law.
    """
    known = [each for each in held if each.coins > 0.0]
    strikes = sorted({each.strike for each in known})
    found = [Pain(strike, payout(known, strike)) for strike in strikes]
    return min(found, key=lambda each: each.usd, default=None)
