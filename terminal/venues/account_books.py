"""Positions and cash as a venue keeps them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from terminal.core.units import BPS
from terminal.model.account import AccountSnapshot, Balance, FundingPaid, Position, Settled
from terminal.model.instrument import (
    CarryKind,
    Contract,
    Future,
    Instrument,
    Option,
    Payoff,
    Perpetual,
    Right,
    Spot,
    coin_settled,
)
from terminal.model.order import Side, signed

PREMIUM_FEE_CAP: Final = Decimal("0.125")
"""Most that an option fee may be of the premium."""

_STEP: Final = Decimal("0.00000001")
"""Fees and fundings are paid in whole steps of this."""

_ZERO: Final = Decimal(0)


class AccountBooks:
    """Signed positions by instrument and cash by currency; changed by fills and payments only.

    Parameters
    ----------
    positions : sequence of Position
        What is held at the start.
    balances : sequence of Balance
        Cash at the start.
    """

    def __init__(self, positions: Sequence[Position], balances: Sequence[Balance]) -> None:
        self.positions: dict[str, Position] = {}
        self.cash: dict[str, Decimal] = {}
        self.hold(positions, balances)

    def hold(self, positions: Sequence[Position], balances: Sequence[Balance]) -> None:
        """Take these positions and balances, in place of what is held of the same."""
        self.positions.update((each.key, each) for each in positions if each.qty)
        self.cash.update((each.currency, each.amount) for each in balances)

    def held(self, key: str) -> Decimal:
        """Signed contracts of an instrument."""
        position = self.positions.get(key)
        return position.qty if position else _ZERO

    def snapshot(self, venue: str) -> AccountSnapshot:
        """Everything held, in a fixed order."""
        return AccountSnapshot(
            venue,
            tuple(self.positions[key] for key in sorted(self.positions)),
            tuple(Balance(currency, self.cash[currency]) for currency in sorted(self.cash)),
        )

    def trade(
        self, instrument: Instrument, side: Side, qty: Decimal, price: Decimal, fee: Decimal
    ) -> None:
        """Book one execution of ``qty`` contracts (> 0); ``fee`` is in the fee currency."""
        contract = instrument.contract
        amount = signed(side, qty)
        self._pay(fee_currency(contract), -fee)
        if isinstance(instrument, Spot):
            self._pay(contract.base, amount * contract.multiplier)
            self._pay(contract.quote, -amount * contract.multiplier * price)
            return
        before = self.positions.get(contract.key) or Position(contract.key, _ZERO, price)
        closing = _closed(before.qty, amount)
        earned = _profit(contract, closing, before.entry, price)
        if isinstance(instrument, Option):
            self._pay(contract.settle, -amount * contract.multiplier * price)
        else:
            self._pay(contract.settle, earned)
        after = before.qty + amount
        if not after:
            self.positions.pop(contract.key, None)
            return
        entry = _entry(contract, before, amount, price)
        self.positions[contract.key] = Position(
            contract.key, after, entry, before.realised + earned
        )

    def fund(self, instrument: Perpetual, mark: Decimal, rate: float) -> FundingPaid | None:
        """Pay or receive one funding on the notional at ``mark``; None when nothing is held.

        Notes
        -----
        Longs pay a positive rate: on N of USD over the price in coin for an inverse contract, on
        q times the price for a linear one. A borrow fee is paid by longs and shorts alike.
        """
        contract = instrument.contract
        held = self.held(contract.key)
        if not held:
            return None
        units = held * contract.multiplier
        notional = units / mark if contract.payoff is Payoff.INVERSE else units * mark
        if instrument.carry is CarryKind.BORROW:
            notional = abs(notional)
        amount = (-notional * Decimal(repr(rate))).quantize(_STEP)
        self._pay(contract.settle, amount)
        return FundingPaid(contract.key, amount, contract.settle, rate)

    def settle(self, instrument: Option | Future, price: Decimal) -> Settled | None:
        """Close an expired position at the index ``price`` (USD); None when nothing is held."""
        contract = instrument.contract
        position = self.positions.pop(contract.key, None)
        if position is None:
            return None
        if isinstance(instrument, Option):
            paid = position.qty * contract.multiplier * _intrinsic(instrument, price)
        else:
            paid = _profit(contract, position.qty, position.entry, price)
        self._pay(contract.settle, paid)
        return Settled(contract.key, price)

    def _pay(self, currency: str, amount: Decimal) -> None:
        self.cash[currency] = self.cash.get(currency, _ZERO) + amount


def fee_currency(contract: Contract) -> str:
    """Currency that fees of a contract are paid in."""
    return contract.settle


def fee(
    instrument: Instrument, qty: Decimal, price: Decimal, *, maker: bool, index: Decimal
) -> Decimal:
    """Fee of an execution in the fee currency, positive when paid.

    Parameters
    ----------
    instrument : Instrument
    qty, price : Decimal
        Contracts (> 0) and price of the execution.
    maker : bool
    index : Decimal
        Index price of the underlying, USD: what an option's fee is a part of.

    Notes
    -----
    A fraction of notional; of the underlying's value for an option, at most an eighth of premium.
    """
    contract = instrument.contract
    rate = Decimal(repr((contract.maker_bps if maker else contract.taker_bps) * BPS))
    units = qty * contract.multiplier
    if isinstance(instrument, Option):
        per_coin = rate if coin_settled(contract) else rate * index
        return (units * min(per_coin, PREMIUM_FEE_CAP * price)).quantize(_STEP)
    notional = units / price if contract.payoff is Payoff.INVERSE else units * price
    return (notional * rate).quantize(_STEP)


def _closed(held: Decimal, amount: Decimal) -> Decimal:
    """Part of ``held`` that a trade of ``amount`` closes, with the sign of ``held``."""
    if held * amount >= 0:
        return _ZERO
    return held if abs(amount) >= abs(held) else -amount


def _profit(contract: Contract, qty: Decimal, entry: Decimal, price: Decimal) -> Decimal:
    """What ``qty`` signed contracts earn from ``entry`` to ``price``, settlement currency."""
    units = qty * contract.multiplier
    if contract.payoff is Payoff.INVERSE:
        return units * (1 / entry - 1 / price)
    return units * (price - entry)


def _entry(contract: Contract, before: Position, amount: Decimal, price: Decimal) -> Decimal:
    """Average entry after a trade; an inverse contract averages the coin it stands for."""
    after = before.qty + amount
    if before.qty * after < 0:
        return price
    if before.qty * amount < 0:
        return before.entry
    if contract.payoff is Payoff.INVERSE:
        return after / (before.qty / before.entry + amount / price)
    return (before.qty * before.entry + amount * price) / after


def _intrinsic(option: Option, index: Decimal) -> Decimal:
    """Payoff per coin in the settlement currency."""
    gain = index - option.strike if option.right is Right.CALL else option.strike - index
    paid = max(gain, _ZERO)
    return paid / index if coin_settled(option.contract) else paid
