"""The price that options and futures settle at: the mean index of the half hour before expiry."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise
from typing import Final

from terminal.core.units import MINUTE

WINDOW: Final = 30 * MINUTE
"""Deribit takes the time-weighted average of its index over the last half hour (docs.deribit.com,
Settlement); Binance, Bybit and OKX average the same half hour."""

INDEX_STEP: Final = Decimal("0.0001")

NEVER: Final = 2**63


class SettlementAverages:
    """Keeps what the indices were since the next averaging began; before that, nothing.

    ``opens_at`` is when it begins, UtcNs: until then nothing need be noted, so that a market far
    from any expiry pays for one comparison a price.
    """

    def __init__(self) -> None:
        self.opens_at = NEVER
        self._points: dict[str, list[tuple[int, float]]] = {}

    def plan(self, expiries: Iterable[int], now: int) -> None:
        """Find the next averaging, and forget what belongs to none."""
        self.opens_at = min((each for each in expiries if each > now), default=NEVER) - WINDOW
        if self.opens_at > now:
            self._points = {}
            return
        for base, points in self._points.items():
            earlier = sum(1 for at, _ in points if at <= self.opens_at)
            self._points[base] = points[max(earlier - 1, 0) :]  # the last tells where it began

    def note(self, base: str, at: int, price: float, before: float | None) -> None:
        """Note an index price.

        Parameters
        ----------
        base : str
        at : int
            UtcNs, ``opens_at`` or later and never earlier than the time noted last.
        price, before : float
            USD now, and what it was until now; None when it was not known.
        """
        points = self._points.get(base)
        if points is None:
            points = self._points[base] = []
            if before is not None:
                points.append((self.opens_at, before))
        points.append((at, price))

    def price(self, base: str, expiry: int, last: float) -> Decimal:
        """Settlement price of an expiry that has come, USD.

        Parameters
        ----------
        base : str
        expiry : int
            UtcNs.
        last : float
            Latest index, USD: the price if none was noted.

        Returns
        -------
        Decimal
            Time-weighted mean over the part of the window that is known, straight between two
            prices (a tape of bars has one a bar) and unchanged after the last.
        """
        known = [point for point in self._points.get(base, ()) if point[0] <= expiry]
        opens = expiry - WINDOW
        corners = [*_from(known, opens), (expiry, known[-1][1] if known else last)]
        span = corners[-1][0] - corners[0][0]
        if span <= 0:
            return _rounded(corners[-1][1])
        area = 0.0
        for (start, one), (end, other) in pairwise(corners):
            area += 0.5 * (one + other) * (end - start)
        return _rounded(area / span)


def _from(points: list[tuple[int, float]], opens: int) -> list[tuple[int, float]]:
    """Points since the window opened, the first where it did if the price then is known."""
    inside = [point for point in points if point[0] >= opens]
    outside = [point for point in points if point[0] < opens]
    if not outside or not inside:
        return [(opens, outside[-1][1])] if outside else inside
    (start, one), (end, other) = outside[-1], inside[0]
    share = (opens - start) / (end - start)
    return [(opens, one + share * (other - one)), *inside]


def _rounded(price: float) -> Decimal:
    return Decimal(repr(price)).quantize(INDEX_STEP)
