"""What can be held and traded: spot, perpetuals, dated futures and options."""

from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct


class Payoff(StrEnum):
    """How one contract's profit follows the price."""

    LINEAR = "linear"
    INVERSE = "inverse"


class Right(StrEnum):
    """Right that an option gives its holder."""

    CALL = "call"
    PUT = "put"


class CarryKind(StrEnum):
    """What holding a perpetual brings or costs."""

    FUNDING = "funding"  # one side pays the other; longs pay a positive rate
    BORROW = "borrow"  # a fee that both sides pay


class FundedOn(StrEnum):
    """Price that the notional of a payment is taken at."""

    MARK = "mark"
    INDEX = "index"  # the oracle, where a venue pays on it


class TickStep(Struct, frozen=True):
    """Price step ``tick`` that holds from ``from_price`` upward."""

    from_price: Decimal
    tick: Decimal


class Contract(Struct, frozen=True, kw_only=True):
    """Terms shared by everything a venue lists.

    Quantities everywhere are signed numbers of contracts. ``multiplier`` says what one contract
    is: coins of ``base`` for a linear contract or an option, units of ``quote`` (USD) for an
    inverse contract.
    """

    venue: str
    symbol: str
    base: str
    quote: str
    settle: str
    payoff: Payoff
    multiplier: Decimal
    ticks: tuple[TickStep, ...]
    lot: Decimal
    min_qty: Decimal
    min_notional: Decimal  # USD
    maker_bps: float
    taker_bps: float

    @property
    def key(self) -> str:
        """Name unique across venues, ``BTC-PERPETUAL@deribit``."""
        return f"{self.symbol}@{self.venue}"


class Spot(Struct, frozen=True, tag=True):
    """The coin itself."""

    contract: Contract


class Perpetual(Struct, frozen=True, tag=True):
    """A future without expiry, tied to the index by funding."""

    contract: Contract
    funding_interval: int  # ns; 0 = accrues continuously
    carry: CarryKind = CarryKind.FUNDING
    funded_on: FundedOn = FundedOn.MARK


class Future(Struct, frozen=True, tag=True):
    """A dated future."""

    contract: Contract
    expiry: int  # UtcNs


class Option(Struct, frozen=True, tag=True):
    """A European option; its premium is in coin when the contract settles in its base coin."""

    contract: Contract
    expiry: int  # UtcNs
    strike: Decimal
    right: Right


Instrument: TypeAlias = Spot | Perpetual | Future | Option


def coin_settled(contract: Contract) -> bool:
    """Whether profit, premium and fees of this contract are paid in its base coin."""
    return contract.settle == contract.base


def coins(contract: Contract, qty: float, price: float) -> float:
    """Signed coins of the underlying that ``qty`` contracts stand for.

    Parameters
    ----------
    contract : Contract
    qty : float
        Signed contracts.
    price : float
        USD per coin, > 0; used by inverse contracts only.

    Returns
    -------
    float
        Coins.
    """
    units = qty * float(contract.multiplier)
    return units / price if contract.payoff is Payoff.INVERSE else units


def contracts_for(contract: Contract, amount: float, price: float) -> float:
    """Contracts, not rounded, that stand for ``amount`` coins; inverse of :func:`coins`."""
    units = amount * price if contract.payoff is Payoff.INVERSE else amount
    return units / float(contract.multiplier)


def tick_at(contract: Contract, price: Decimal) -> Decimal:
    """Price step that holds at ``price`` (venues widen the step as the price grows)."""
    tick = contract.ticks[0].tick
    for step in contract.ticks:
        if price >= step.from_price:
            tick = step.tick
    return tick
