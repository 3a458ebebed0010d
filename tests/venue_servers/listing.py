"""What a local exchange lists: perpetuals and small option chains, in its own units."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from msgspec import Struct

SPOT = {"BTC": Decimal(90_000), "ETH": Decimal(3_000), "SOL": Decimal(150)}
VOLATILITY = {"BTC": 0.55, "ETH": 0.70, "SOL": 0.95}


class Unit(StrEnum):
    """What order amounts, positions and book quantities of an instrument are counted in."""

    USD = "usd"
    COIN = "coin"
    CONTRACT = "contract"


class Terms(Struct, frozen=True, kw_only=True):
    """One listed instrument.

    ``size`` is what one unit of an amount stands for: coins where ``unit`` is COIN or CONTRACT
    (1 for plain coin amounts), dollars where it is USD. ``grid`` holds (above this price, tick)
    steps, after the plain ``tick``. ``coin_price`` says that an option is priced in its coin.
    """

    name: str
    base: str
    quote: str
    settle: str
    unit: Unit
    size: Decimal = Decimal(1)
    tick: Decimal
    grid: tuple[tuple[Decimal, Decimal], ...] = ()
    lot: Decimal
    minimum: Decimal
    min_notional: Decimal = Decimal(0)
    strike: Decimal | None = None
    call: bool = True
    expiry_ms: int = 0
    coin_price: bool = False

    @property
    def is_option(self) -> bool:
        """Whether this is an option."""
        return self.strike is not None

    def tick_at(self, price: Decimal) -> Decimal:
        """Smallest price step where the price is."""
        tick = self.tick
        for above, step in self.grid:
            if price >= above:
                tick = step
        return tick

    def on_grid(self, price: Decimal) -> Decimal:
        """Nearest legal price, never below one tick."""
        tick = self.tick_at(price)
        steps = (price / tick).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
        return max(steps, Decimal(1)) * tick


class Expiry(Struct, frozen=True):
    """One expiry of a chain, at 08:00 UTC."""

    at: datetime

    @property
    def ms(self) -> int:
        """UTC milliseconds."""
        return int(self.at.timestamp() * 1000)

    def text(self, pattern: str) -> str:
        """Date as exchanges write it in names: upper case, pattern of strftime."""
        return self.at.strftime(pattern).upper()


def expiries(now_ms: int, days: tuple[int, ...] = (7, 35)) -> Iterator[Expiry]:
    """Expiries the given numbers of days ahead, at 08:00 UTC."""
    today = datetime.fromtimestamp(now_ms / 1000, UTC).replace(
        hour=8, minute=0, second=0, microsecond=0
    )
    for each in days:
        yield Expiry(today + timedelta(days=each))


def strikes(base: str) -> tuple[Decimal, ...]:
    """Strikes of a small chain around the starting price of a coin."""
    return tuple(SPOT[base] * each / 10 for each in (9, 10, 11))
