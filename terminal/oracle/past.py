"""The last day of prices and implied volatilities, a sample a minute."""

import math
from itertools import pairwise

from msgspec import Struct

from terminal.core.units import DAY, MINUTE, YEAR

STEP = MINUTE
KEEP = DAY // STEP
LEAST = 10
"""Returns below which a volatility says nothing."""


class Past(Struct, frozen=True):
    """Samples of one underlying, oldest first; ``vols`` may be None where no option says one."""

    at: int = 0  # of the newest
    prices: tuple[float, ...] = ()
    vols: tuple[float | None, ...] = ()

    def vol(self, steps: int) -> float | None:
        """Realised volatility over the last ``steps`` minutes, annual; None with too few of them.

        Notes
        -----
        sqrt(sum r^2 / n * YEAR / STEP) of log returns, without a mean.
        """
        prices = self.prices[-(steps + 1) :]
        returns = len(prices) - 1
        if returns < max(steps, LEAST):
            return None
        squares = sum(math.log(b / a) ** 2 for a, b in pairwise(prices))
        return math.sqrt(squares / returns * YEAR / STEP)

    def span(self) -> int:
        """Minutes that are covered."""
        return max(0, len(self.prices) - 1)

    def change(self, steps: int) -> tuple[float | None, float | None]:
        """Relative move of price and change of implied volatility over ``steps`` minutes."""
        if len(self.prices) <= steps:
            return None, None
        move = self.prices[-1] / self.prices[-1 - steps] - 1.0
        now, then = self.vols[-1], self.vols[-1 - steps]
        return move, None if now is None or then is None else now - then


def extended(past: Past, at: int, price: float, vol: float | None) -> Past:
    """The past with a sample more, and what is older than a day forgotten.

    A break of more than two steps begins anew: a return over a gap is no return of a minute.
    """
    if past.at and at - past.at > 2 * STEP:
        past = Past()
    keep = KEEP
    return Past(at, (*past.prices[-keep:], price), (*past.vols[-keep:], vol))
