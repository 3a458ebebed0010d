"""Running totals of execution costs, and how well the predicted cost fits the paid one."""

import math

from msgspec import Struct

from terminal.core.units import BPS, HOUR
from terminal.model.tca import NO_MARKS, HedgeCost, Marks


class Calibration(Struct, frozen=True):
    """Sums of predicted x and paid y, bp, over hedges whose cost is known.

    Notes
    -----
    Least squares through the origin: no prediction, no cost. White's (1980) error with the
    n / (n - 1) correction, because the noise of the price grows with the time a hedge took.
    """

    count: int = 0
    xx: float = 0.0
    xy: float = 0.0
    xxyy: float = 0.0
    xxxy: float = 0.0
    xxxx: float = 0.0

    @property
    def slope(self) -> float | None:
        """Paid per predicted cost: 1 is honest, above it hedges cost more than was said."""
        return self.xy / self.xx if self.xx > 0.0 else None

    @property
    def error(self) -> float | None:
        """Standard error of the slope; None below two hedges."""
        slope = self.slope
        if slope is None or self.count < 2:
            return None
        meat = self.xxyy - 2.0 * slope * self.xxxy + slope * slope * self.xxxx
        return math.sqrt(max(meat, 0.0) * self.count / (self.count - 1)) / self.xx

    def __add__(self, other: "Calibration") -> "Calibration":
        """Both samples together."""
        return Calibration(
            self.count + other.count,
            self.xx + other.xx,
            self.xy + other.xy,
            self.xxyy + other.xxyy,
            self.xxxy + other.xxxy,
            self.xxxx + other.xxxx,
        )


def observed(x: float, y: float) -> Calibration:
    """One hedge: predicted and paid cost, bp."""
    xx, xy = x * x, x * y
    return Calibration(1, xx, xy, xy * xy, xx * xy, xx * xx)


class Tally(Struct, frozen=True, kw_only=True):
    """Costs of the finished hedges of one coin, venue, policy, hour, liquidity and profile, USD.

    Parts are of the hedges whose cost is known in every part; ``value`` is what these filled at
    their decision mids. ``unknown`` counts the filled hedges that are left out.
    """

    underlying: str = ""
    venue: str = ""
    rule: str = ""
    hour: int = 0  # UTC, of the decision
    liquidity: str = ""
    persona: str = ""
    hedges: int = 0
    unfilled: int = 0  # without any fill
    unknown: int = 0
    value: float = 0.0
    delay: float = 0.0
    spread: float = 0.0
    impact: float = 0.0
    fee: float = 0.0
    predicted: float = 0.0
    opportunity: float = 0.0  # where it is known
    notional: float = 0.0  # at fill prices, of every hedge
    maker_notional: float = 0.0
    marks: Marks = NO_MARKS
    fit: Calibration = Calibration()

    @property
    def cell(self) -> str:
        """Name of what is added up together."""
        parts = (self.underlying, self.venue, self.rule, f"{self.hour:02d}", self.liquidity)
        # Totals of before profiles were told go on under their old name.
        return "|".join((*parts, self.persona) if self.persona else parts)

    @property
    def total(self) -> float:
        """Delay, spread, impact and fee together, USD."""
        return self.delay + self.spread + self.impact + self.fee

    @property
    def maker_share(self) -> float | None:
        """Part of the notional that was filled as maker; None without fills."""
        return self.maker_notional / self.notional if self.notional else None

    def bps(self, usd: float) -> float | None:
        """Write an amount of USD as basis points of the value traded."""
        return usd / self.value / BPS if self.value else None

    def __add__(self, other: "Tally") -> "Tally":
        """Both together, under the names of the first."""
        first, second = self.marks, other.marks
        return Tally(
            underlying=self.underlying,
            venue=self.venue,
            rule=self.rule,
            hour=self.hour,
            liquidity=self.liquidity,
            persona=self.persona,
            hedges=self.hedges + other.hedges,
            unfilled=self.unfilled + other.unfilled,
            unknown=self.unknown + other.unknown,
            value=self.value + other.value,
            delay=self.delay + other.delay,
            spread=self.spread + other.spread,
            impact=self.impact + other.impact,
            fee=self.fee + other.fee,
            predicted=self.predicted + other.predicted,
            opportunity=self.opportunity + other.opportunity,
            notional=self.notional + other.notional,
            maker_notional=self.maker_notional + other.maker_notional,
            marks=(first[0] + second[0], first[1] + second[1], first[2] + second[2]),
            fit=self.fit + other.fit,
        )


def tally_of(hedge: HedgeCost) -> Tally:
    """One finished hedge as the total of itself."""
    paid, value = hedge.paid, hedge.value
    empty = Tally(
        underlying=hedge.underlying,
        venue=hedge.venue,
        rule=hedge.rule,
        hour=hedge.decided_at // HOUR % 24,
        liquidity=hedge.liquidity,
        persona=hedge.persona,
        hedges=1,
        unfilled=int(hedge.coins == 0.0),
        opportunity=hedge.opportunity or 0.0,
        notional=hedge.notional,
        maker_notional=hedge.maker_notional,
        marks=hedge.marks,
    )
    if hedge.coins == 0.0:
        return empty
    parts = (paid.delay, paid.spread, paid.impact, paid.fee)
    delay, spread, impact, fee = (each or 0.0 for each in parts)
    if value is None or None in parts:
        return empty + Tally(unknown=1)
    total = delay + spread + impact + fee
    known = Tally(
        value=value,
        delay=delay,
        spread=spread,
        impact=impact,
        fee=fee,
        predicted=hedge.predicted,
        fit=observed(hedge.predicted / value / BPS, total / value / BPS),
    )
    return empty + known
