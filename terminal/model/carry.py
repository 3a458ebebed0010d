"""What holding costs or earns: rates in common units, payments to come, payments made."""

from decimal import Decimal

from msgspec import Struct

from terminal.model.instrument import CarryKind


class Rates(Struct, frozen=True, gc=False):
    """One funding rate in the three units of the desk, fractions; longs pay a positive one."""

    quoted: float  # per ``interval``
    interval: int  # ns
    per_8h: float
    per_year: float  # of 365 days, not compounded


class CarryRow(Struct, frozen=True, kw_only=True):
    """Carry of one perpetual that is held. Money is positive when received.

    ``due`` is the payment of the next stamp; where funding accrues continuously, that of an hour.
    """

    key: str
    symbol: str
    venue: str
    underlying: str
    kind: CarryKind
    qty: Decimal  # contracts
    notional_usd: float | None  # signed as the position
    rates: Rates | None
    continuous: bool
    next_at: int  # UtcNs; 0: no stamp is known, or it accrues continuously
    settle: str  # currency of ``due``
    due: float | None
    due_usd: float | None
    day_usd: float | None
    year_usd: float | None
    note: str = ""  # why a number is missing, or what to think of it


class CarryQuote(Struct, frozen=True, kw_only=True):
    """Carry that one listed perpetual offers."""

    key: str
    symbol: str
    venue: str
    underlying: str
    settle: str
    kind: CarryKind
    rates: Rates | None  # None: the venue has told none
    continuous: bool
    next_at: int

    @property
    def long_year(self) -> float | None:
        """What a long earns a year, fraction of notional; negative is paid."""
        return None if self.rates is None else -self.rates.per_year

    @property
    def short_year(self) -> float | None:
        """What a short earns a year, fraction of notional; a borrow fee costs it too."""
        if self.rates is None:
            return None
        sign = -1.0 if self.kind is CarryKind.BORROW else 1.0
        return sign * self.rates.per_year


class CarryCoin(Struct, frozen=True, kw_only=True):
    """Carry of one coin in every column of the matrix, and where it is best and worst held."""

    underlying: str
    cells: tuple[CarryQuote | None, ...]  # one a column; None: not listed there
    best_long: CarryQuote | None
    worst_long: CarryQuote | None
    best_short: CarryQuote | None
    worst_short: CarryQuote | None


class FundingDay(Struct, frozen=True, kw_only=True):
    """Funding paid and received on one instrument in one UTC day."""

    day: int  # whole days since 1970-01-01
    key: str
    currency: str
    amount: Decimal  # positive: received
    usd: float | None  # at the prices of the payments; None: one had no price
    payments: int


class Realised(Struct, frozen=True, kw_only=True):
    """Funding ledger of the run. ``days`` and ``earlier`` sum to the account's, exactly."""

    days: tuple[FundingDay, ...] = ()  # latest first
    earlier: tuple[tuple[str, Decimal], ...] = ()  # by currency: days too old to be kept apart
    booked: tuple[tuple[str, Decimal], ...] = ()  # by currency: what the account's ledger says
    ties: bool = True


class CarryStamp(Struct, frozen=True, kw_only=True):
    """Something that happens at a known instant: a payment, or delta that expires."""

    at: int
    underlying: str  # empty: every coin
    what: str
    delta: float | None = None  # coin that disappears
    usd: float | None = None  # payment expected, positive when received


class CarryView(Struct, frozen=True, kw_only=True):
    """Everything about carry that a screen shows."""

    rows: tuple[CarryRow, ...] = ()
    columns: tuple[str, ...] = ()  # of the matrix: venue and currency of settlement
    coins: tuple[CarryCoin, ...] = ()
    realised: Realised = Realised()
    stamps: tuple[CarryStamp, ...] = ()  # by time
