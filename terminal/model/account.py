"""What is held: positions, balances, and the payments that change them."""

from decimal import Decimal

from msgspec import Struct

from terminal.model.order import Side


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
    """Cash of one currency.

    ``within`` is how far from exact a venue's figure may be: where it is worked out from rounded
    ones, or from replies of two moments.
    """

    currency: str
    amount: Decimal
    within: Decimal = Decimal(0)


class OpenOrder(Struct, frozen=True, kw_only=True):
    """An order that rests at a venue, whoever sent it.

    ``order_id`` is ours where the venue's client id is one that we make; empty otherwise.
    """

    venue_id: str  # the venue's own name of it
    key: str
    side: Side
    qty: Decimal  # contracts that may still fill, > 0
    limit: Decimal | None = None
    order_id: str = ""
    reduce_only: bool = False


class AccountSnapshot(Struct, frozen=True, tag=True):
    """Positions, balances and open orders as a venue states them; the venue is the truth.

    It is complete: what it does not name is zero there. ``orders`` is None where it says nothing
    of orders. ``asked_at`` is the engine time (UtcNs) at which the venue was asked, so that the
    statement is of a moment between then and its record; 0: it came unasked. ``stated_at`` is the
    venue's own time, for the screen; 0: not given.
    """

    venue: str
    positions: tuple[Position, ...]
    balances: tuple[Balance, ...]
    orders: tuple[OpenOrder, ...] | None = None
    asked_at: int = 0
    stated_at: int = 0


class FundingPaid(Struct, frozen=True, tag=True):
    """A funding payment, or a borrow fee; positive ``amount`` is received.

    ``payment_id`` is the same however often the payment is told; empty where whoever tells it
    tells it once. ``rate`` is None where the venue does not say it with the payment.
    """

    key: str
    amount: Decimal
    currency: str
    rate: float | None
    borrow: bool = False  # a fee for borrowing that both sides pay, as on Jupiter
    payment_id: str = ""


class Settled(Struct, frozen=True, tag=True):
    """An instrument that expired; ``price`` is the settlement price of the underlying, USD."""

    key: str
    price: Decimal
