"""Jupiter's positions in the values of this program: instrument, contracts, carry."""

from decimal import Decimal
from typing import Final

from msgspec import Struct

from terminal.core.units import HOUR
from terminal.model.account import Position
from terminal.model.instrument import CarryKind, Contract, Payoff, Perpetual, TickStep
from terminal.model.market import Funding
from terminal.model.order import Side
from terminal.venues.jupiter.accounts import MICRO, Custody, HeldPosition
from terminal.venues.jupiter.borrowing import hourly_rate
from terminal.venues.jupiter.program import Place

VENUE: Final = "jupiter"

LOT: Final = Decimal("0.000000001")
"""Coins of the finest token of the pool; positions are sized in USD and need not be whole lots."""


class Holding(Struct, frozen=True, kw_only=True):
    """One open position, and what it is worth and costs.

    ``price`` is the oracle's, None while it is unknown; ``why_no_price`` then says why.
    ``owed_usd`` is the fee that has run up since the position was last changed.
    """

    perpetual: Perpetual
    position: Position
    funding: Funding
    held: HeldPosition
    owed_usd: Decimal
    price: float | None
    why_no_price: str = ""

    @property
    def delta(self) -> float:
        """Coins, negative for a short; the same at every price."""
        return float(self.position.qty)

    @property
    def delta_usd(self) -> float | None:
        """Worth of the delta at the oracle's price, USD; None without a price."""
        return None if self.price is None else self.delta * self.price

    @property
    def borrow_usd_hour(self) -> float:
        """Fee of the next hour, USD, paid by either side: at least 0."""
        return float(self.held.size_usd) * self.funding.rate


def key_of(place: Place) -> str:
    """Our key of a place: long and short of one coin are two instruments, never netted."""
    return f"{place.symbol}@{VENUE}"


def perpetual(place: Place, fee_bps: float) -> Perpetual:
    """Instrument of a place.

    Notes
    -----
    Profit is size (p - entry) / entry, whatever token pays it out: linear in p, so a contract is
    one coin and the quote is USD. Collateral counts as the USD that it was worth when it was paid
    in, so that it adds no delta. The fee accrues by the second: there is no stamp to wait for.
    """
    settle = "USD" if place.side is Side.BUY else place.collateral
    contract = Contract(
        venue=VENUE,
        symbol=place.symbol,
        base=place.coin,
        quote="USD",
        settle=settle,
        payoff=Payoff.LINEAR,
        multiplier=Decimal(1),
        ticks=(TickStep(Decimal(0), MICRO),),
        lot=LOT,
        min_qty=LOT,
        min_notional=Decimal(0),
        maker_bps=fee_bps,
        taker_bps=fee_bps,
    )
    return Perpetual(contract, funding_interval=0, carry=CarryKind.BORROW)


def contracts(held: HeldPosition) -> Position:
    """Signed contracts of an open position.

    Notes
    -----
    Profit size (p - entry) / entry has the slope size / entry at every p: that many coins, for as
    long as nobody trades. Valued as a linear contract it earns exactly what the program pays.
    """
    coins = held.size_usd / held.entry
    qty = coins if held.place.side is Side.BUY else -coins
    return Position(key_of(held.place), qty, held.entry)


def carry(place: Place, collateral: Custody) -> Funding:
    """Borrow rate of a place; never negative, and both sides pay it.

    Notes
    -----
    A long borrows the coin and a short the stable coin that lies against it: the rate is that of
    the collateral's custody, as in Jupiter's published liquidation price.
    """
    return Funding(key_of(place), hourly_rate(collateral), HOUR, next_at=0)
