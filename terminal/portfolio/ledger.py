"""Positions and cash from fills, payments and snapshots; every function returns a new ledger.

Rounding is part of the contract, because two runs must agree to the last digit. Arithmetic is done
with 34 digits, ties to even, whatever the caller's decimal context says. Cash moves in whole steps
of ``CASH_STEP``, so that sums of cash are exact and do not depend on the order of fills; an average
entry keeps all 34 digits.
"""

from collections.abc import Mapping
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.errors import DataError, InvariantError
from terminal.model.account import AccountSnapshot, FundingPaid, Position
from terminal.model.instrument import Instrument, Option, Spot
from terminal.model.order import Fill, signed
from terminal.portfolio.fill_ids import FillIds, has_seen, remember
from terminal.portfolio.holding import average_entry, kind_of, payoff_at_expiry, profit

CASH_STEP = Decimal("1e-12")
"""Finer than any venue pays (Deribit: 1e-8 BTC, 1e-6 USDC)."""

DIGITS = 34
NOTHING = Decimal(0)


class Ledger(Struct, frozen=True):
    """What is held, and every cause that moved the cash.

    For each currency ``cash == adopted + trading of every kind + funding - fees``, exactly. One
    ledger is one account: two venues that hold the same currency need a ledger each.

    Attributes
    ----------
    positions : dict
        Derivatives by instrument key; a closed one stays with quantity 0 until it settles.
    spot : dict
        Coins bought and sold here, by instrument key. They are part of the cash of their base
        currency; the position says how much of it is a hedge and not collateral.
    cash : dict
        Amount by currency.
    fees, funding : dict
        Paid (positive) and received (positive), by currency.
    trading : dict
        Kind of instrument, then currency: realised profit, premiums, payouts, coins bought.
    adopted : dict
        Cash that snapshots brought: the opening balances, then what they put right.
    """

    positions: dict[str, Position] = {}
    spot: dict[str, Position] = {}
    cash: dict[str, Decimal] = {}
    fees: dict[str, Decimal] = {}
    funding: dict[str, Decimal] = {}
    trading: dict[str, dict[str, Decimal]] = {}
    adopted: dict[str, Decimal] = {}
    fill_ids: FillIds = FillIds()


class Difference(Struct, frozen=True):
    """Where this program and the venue did not agree. ``subject`` is position or balance."""

    subject: str
    name: str  # instrument key or currency
    ours: Decimal
    venue: Decimal


def held(ledger: Ledger, key: str) -> Decimal:
    """Signed contracts of one instrument; zero without a position."""
    position = ledger.positions.get(key) or ledger.spot.get(key)
    return position.qty if position else NOTHING


def book_fill(ledger: Ledger, instrument: Instrument, fill: Fill) -> Ledger:
    """Ledger after a fill; a fill that was booked before changes nothing.

    Parameters
    ----------
    ledger : Ledger
    instrument : Instrument
        Terms of ``fill.key``.
    fill : Fill

    Returns
    -------
    Ledger
        Futures and perpetuals: the closed part's profit moves cash. Options: the premium does.
        Spot: both currencies move.

    Raises
    ------
    InvariantError
        The instrument is not the one that was traded.
    DataError
        The fill's quantity or price is not positive, or its fee is not a number.
    """
    if has_seen(ledger.fill_ids, fill.fill_id):
        return ledger
    _check(instrument, fill)
    with localcontext(precise()):
        traded = _trade(ledger, instrument, signed(fill.side, fill.qty), fill.price)
        fee = fill.fee.quantize(CASH_STEP)
        return replace(
            traded,
            cash=_moved(traded.cash, {fill.fee_currency: -fee}),
            fees=_moved(traded.fees, {fill.fee_currency: fee}),
            fill_ids=remember(traded.fill_ids, fill.fill_id),
        )


def book_funding(ledger: Ledger, paid: FundingPaid) -> Ledger:
    """Ledger after a funding payment; one that was booked before, by its id, changes nothing.

    A payment without an id is booked as often as it comes: its caller feeds it once.
    """
    if paid.payment_id and has_seen(ledger.fill_ids, paid.payment_id):
        return ledger
    with localcontext(precise()):
        flow = {paid.currency: paid.amount.quantize(CASH_STEP)}
        ids = ledger.fill_ids
        return replace(
            ledger,
            cash=_moved(ledger.cash, flow),
            funding=_moved(ledger.funding, flow),
            fill_ids=remember(ids, paid.payment_id) if paid.payment_id else ids,
        )


def settle(ledger: Ledger, instrument: Instrument, price: Decimal) -> Ledger:
    """Ledger after an instrument expired.

    Parameters
    ----------
    ledger : Ledger
    instrument : Instrument
        A derivative.
    price : Decimal
        Settlement price of the underlying, USD, > 0.

    Returns
    -------
    Ledger
        Without the position: an option pays its intrinsic value, a future closes at the price. A
        position that is gone already changes nothing, so a repeated settlement does no harm.

    Raises
    ------
    InvariantError
        Spot never settles.
    DataError
        The price is not a positive number.
    """
    key = instrument.contract.key
    if isinstance(instrument, Spot):
        raise InvariantError(f"{key} is spot and never settles: check the venue's events")
    if not (price.is_finite() and price > 0):
        raise DataError(f"settlement price of {key} is {price}: it must be a positive number")
    position = ledger.positions.get(key)
    if position is None:
        return ledger
    with localcontext(precise()):
        if isinstance(instrument, Option):
            cash = position.qty * payoff_at_expiry(instrument, price)
        elif position.qty:
            cash = profit(instrument, position.qty, position.entry, price)
        else:
            cash = NOTHING
        after = _with_flow(ledger, instrument, {instrument.contract.settle: _step(cash)})
    rest = {each: value for each, value in ledger.positions.items() if each != key}
    return replace(after, positions=rest)


def adopt(
    ledger: Ledger, snapshot: AccountSnapshot, mine_in_cash: Mapping[str, Decimal] | None = None
) -> tuple[Ledger, tuple[Difference, ...]]:
    """Take over what the venue states, and say where it differs from the books.

    Parameters
    ----------
    ledger : Ledger
    snapshot : AccountSnapshot
        Complete: a position or balance that it does not name is zero at the venue.
    mine_in_cash : mapping, optional
        Part of the cash that is at this venue, by currency; all of it by default.

    Returns
    -------
    ledger : Ledger
        With the venue's quantities, entries and cash. ``realised`` stays ours, it counts what
        happened here; so do spot positions, which no venue tells apart from other coins.
    differences : tuple of Difference
        Quantities and amounts that did not agree, positions first, by name. On the first snapshot
        of a run that is everything.
    """
    mine = {key: each for key, each in ledger.positions.items() if _at(key, snapshot.venue)}
    theirs = {each.key: each for each in snapshot.positions}
    stated = {each.currency: each.amount for each in snapshot.balances}
    ours = ledger.cash if mine_in_cash is None else mine_in_cash
    with localcontext(precise()):
        missing = {
            currency: _step(stated.get(currency, NOTHING)) - ours.get(currency, NOTHING)
            for currency in sorted(ours.keys() | stated.keys())
        }
        corrections = {currency: amount for currency, amount in missing.items() if amount}
        cash = _moved(ledger.cash, corrections)
        adopted = _moved(ledger.adopted, corrections)
    differences = [
        Difference("position", key, _qty(mine.get(key)), _qty(theirs.get(key)))
        for key in sorted(mine.keys() | theirs.keys())
        if _qty(mine.get(key)) != _qty(theirs.get(key))
    ]
    differences += [
        Difference("balance", currency, ours.get(currency, NOTHING), _step(stated[currency]))
        if currency in stated
        else Difference("balance", currency, ours[currency], NOTHING)
        for currency in corrections
    ]
    positions = {key: each for key, each in ledger.positions.items() if key not in mine}
    for key, position in theirs.items():
        before = mine.get(key)
        realised = before.realised if before else NOTHING
        positions[key] = replace(position, realised=realised)
    after = replace(ledger, positions=positions, cash=cash, adopted=adopted)
    return after, tuple(differences)


def precise() -> Context:
    """Arithmetic of the books: 34 digits, ties to even, whatever the caller's context says."""
    return Context(
        prec=DIGITS,
        rounding=ROUND_HALF_EVEN,
        traps=[InvalidOperation, DivisionByZero, Overflow],
    )


def _step(amount: Decimal) -> Decimal:
    return amount.quantize(CASH_STEP)


def _at(key: str, venue: str) -> bool:
    return key.endswith(f"@{venue}")


def _qty(position: Position | None) -> Decimal:
    return position.qty if position else NOTHING


def _check(instrument: Instrument, fill: Fill) -> None:
    if instrument.contract.key != fill.key:
        raise InvariantError(
            f"fill {fill.fill_id} of {fill.key} was booked on {instrument.contract.key}"
        )
    sound = all(each.is_finite() for each in (fill.qty, fill.price, fill.fee))
    if not (sound and fill.qty > 0 and fill.price > 0):
        raise DataError(
            f"fill {fill.fill_id} of {fill.key}: {fill.qty} at {fill.price}, fee {fill.fee}; "
            "quantity and price must be positive numbers, ask the venue for the trade"
        )


def _trade(ledger: Ledger, instrument: Instrument, change: Decimal, price: Decimal) -> Ledger:
    """Move position and cash by ``change`` signed contracts at ``price``."""
    contract = instrument.contract
    shelf = ledger.spot if isinstance(instrument, Spot) else ledger.positions
    before = shelf.get(contract.key) or Position(contract.key, NOTHING, NOTHING)
    after = _position_after(instrument, before, change, price)
    shelf = {**shelf, contract.key: after}
    cost = _step(change * contract.multiplier * price)
    match instrument:
        case Spot():
            coins = _step(change * contract.multiplier)
            flow = {contract.base: coins, contract.quote: -cost}
            return replace(_with_flow(ledger, instrument, flow), spot=shelf)
        case Option():
            flow = {contract.settle: -cost}
        case _:
            flow = {contract.settle: after.realised - before.realised}
    return replace(_with_flow(ledger, instrument, flow), positions=shelf)


def _position_after(
    instrument: Instrument, before: Position, change: Decimal, price: Decimal
) -> Position:
    """Average-entry accounting: adding averages, reducing realises, a flip does both."""
    qty = before.qty + change
    if before.qty * change >= 0:
        entry = average_entry(instrument, (before.qty, before.entry), (change, price))
        return replace(before, qty=qty, entry=entry)
    flips = abs(change) > abs(before.qty)
    closed = before.qty if flips else -change
    gain = _step(profit(instrument, closed, before.entry, price))
    entry = price if flips else before.entry if qty else NOTHING
    return replace(before, qty=qty, entry=entry, realised=before.realised + gain)


def _with_flow(ledger: Ledger, instrument: Instrument, flow: Mapping[str, Decimal]) -> Ledger:
    """Move cash because of trading in one kind of instrument."""
    kind = kind_of(instrument)
    earned = _moved(ledger.trading.get(kind, {}), flow)
    return replace(ledger, cash=_moved(ledger.cash, flow), trading={**ledger.trading, kind: earned})


def _moved(amounts: dict[str, Decimal], flow: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Amounts by currency after a flow; the given map is left alone."""
    moved = dict(amounts)
    for currency, amount in flow.items():
        moved[currency] = moved.get(currency, NOTHING) + amount
    return moved
