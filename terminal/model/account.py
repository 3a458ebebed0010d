"""What is held: positions, balances, and the payments that change them."""

from decimal import Decimal

from msgspec import Struct


class Position(Struct, frozen=True):
    """Signed contracts of one instrument, their average entry and what closing has earned.

    ``entry`` is in the instrument's price unit. ``realised`` is in its settlement currency and
    excludes fees and funding, which have ledgers of their own.
    """

    key: str
    qty: Decimal
    entry: Decimal
    realised: Decimal = Decimal(0)


class Balance(Struct, frozen=True):
    """Cash of one currency."""

    currency: str
    amount: Decimal


class AccountSnapshot(Struct, frozen=True, tag=True):
    """Positions and balances as a venue states them; the venue is the truth."""

    venue: str
    positions: tuple[Position, ...]
    balances: tuple[Balance, ...]


class FundingPaid(Struct, frozen=True, tag=True):
    """A funding payment, or a borrow fee; positive ``amount`` is received."""

    key: str
    amount: Decimal
    currency: str
    rate: float
    borrow: bool = False  # a fee for borrowing that both sides pay, as on Jupiter


class Settled(Struct, frozen=True, tag=True):
    """An instrument that expired; ``price`` is the settlement price of the underlying, USD."""

    key: str
    price: Decimal
