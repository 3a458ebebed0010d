"""What executing a hedge cost, and against which prices: transaction cost analysis.

Signs: a cost is positive when it was paid, whichever side was traded. A mark-out is the P&L of a
fill some time later: positive when the price went our way, negative when we were picked off.
"""

from decimal import Decimal

from msgspec import Struct

from terminal.core.units import BPS, SECOND
from terminal.model.order import Side

HORIZONS = (SECOND, 10 * SECOND, 60 * SECOND)
"""Time after a fill at which its mark-outs are taken, ns."""


class Shortfall(Struct, frozen=True, kw_only=True):
    """Implementation shortfall of what was filled, USD; None where it is unknown.

    ``delay + spread + impact == price`` and ``price + fee == total``. Delay is from the decision
    mid to the mid at which the order that filled was sent, the spread from there to the touch (a
    maker earns it), impact from the touch to the fill. ``price`` is the fill against the decision
    mid and may be known though its parts are not.
    """

    delay: float | None = 0.0
    spread: float | None = 0.0
    impact: float | None = 0.0
    price: float | None = 0.0
    fee: float | None = 0.0

    @property
    def total(self) -> float | None:
        """Price and fee together, USD."""
        return None if self.price is None or self.fee is None else self.price + self.fee

    def __add__(self, other: "Shortfall") -> "Shortfall":
        """Sum of two; unknown where either is."""
        return Shortfall(
            delay=_sum(self.delay, other.delay),
            spread=_sum(self.spread, other.spread),
            impact=_sum(self.impact, other.impact),
            price=_sum(self.price, other.price),
            fee=_sum(self.fee, other.fee),
        )


def _sum(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a + b


class Mark(Struct, frozen=True):
    """Mark-out of the fills whose later price is known: USD, and their notional, USD."""

    usd: float = 0.0
    notional: float = 0.0

    @property
    def bps(self) -> float | None:
        """Mark-out in basis points of notional; None while nothing is marked."""
        return self.usd / self.notional / BPS if self.notional else None

    def __add__(self, other: "Mark") -> "Mark":
        """Sum of two."""
        return Mark(self.usd + other.usd, self.notional + other.notional)


Marks = tuple[Mark, Mark, Mark]

NO_MARKS: Marks = (Mark(), Mark(), Mark())


class Sent(Struct, frozen=True):
    """An order of a hedge and the market at the moment it was sent; None without a sound book."""

    order_id: str
    at: int
    mid: float | None
    half_spread: float | None  # USD per coin


class HedgeCost(Struct, frozen=True, kw_only=True):
    """One hedge, from its proposal to its last mark-out. Times are engine time, 0 while not yet."""

    hedge_id: str
    underlying: str
    key: str
    rule: str  # policy that spoke
    by: str
    side: Side
    asked: Decimal  # contracts approved
    asked_coins: float
    decided_at: int
    approved_at: int
    decision_mid: float | None
    predicted_usd: float  # for what was approved, in the way it was to be executed
    expected_slip: float  # USD per coin that crossing was expected to fill beyond the mid
    orders: tuple[Sent, ...] = ()
    quoted_cost: float | None = None  # taker fee and half spread at the first order, fraction
    acked_at: int = 0
    first_fill_at: int = 0
    last_fill_at: int = 0
    ended_at: int = 0
    end: str = ""  # how it ended
    filled: Decimal = Decimal(0)
    coins: float = 0.0
    notional: float = 0.0  # USD at fill prices
    maker_notional: float = 0.0
    paid: Shortfall = Shortfall()
    fees: tuple[tuple[str, Decimal], ...] = ()  # by currency, exact
    opportunity: float | None = 0.0  # price move that what stayed unfilled missed, USD
    marks: Marks = NO_MARKS
    persona: str = ""  # profile in force when it was approved; empty in older records
    worse: bool = False  # a fill was worse than expected beyond the profile's limit

    @property
    def venue(self) -> str:
        """Venue traded on."""
        return self.key.rpartition("@")[2]

    @property
    def sent_at(self) -> int:
        """When the first order left."""
        return self.orders[0].at if self.orders else 0

    @property
    def arrival_mid(self) -> float | None:
        """Mid when the first order left."""
        return self.orders[0].mid if self.orders else None

    @property
    def fill_price(self) -> float | None:
        """Average price: USD over coins, which is also right for inverse contracts."""
        return self.notional / self.coins if self.coins else None

    @property
    def value(self) -> float | None:
        """What was filled at the decision mid, USD: the base of basis points."""
        return self.coins * self.decision_mid if self.coins and self.decision_mid else None

    @property
    def liquidity(self) -> str:
        """Who waited: ``maker``, ``taker``, ``mixed``, or ``none`` without a fill."""
        if not self.notional:
            return "none"
        if self.maker_notional == 0.0:
            return "taker"
        return "maker" if self.maker_notional == self.notional else "mixed"

    @property
    def predicted(self) -> float:
        """Predicted cost of what was filled, USD: the proposal's, in proportion to the size."""
        return self.predicted_usd * self.coins / self.asked_coins if self.asked_coins else 0.0

    def bps(self, usd: float | None) -> float | None:
        """Write an amount of USD as basis points of the value at the decision mid."""
        value = self.value
        return None if usd is None or value is None else usd / value / BPS
